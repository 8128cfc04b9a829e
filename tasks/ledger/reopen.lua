-- Start a new round for a mail that failed, or is unknown: its attempts are forgotten.
-- ARGV    unknown mail too (1|0), its task has to be queued (1|0)
-- Returns {1, 'queued', queue} when it is queued now, or was by the same wish, whose task has not
-- been queued yet; {0, state, queue} when it had not failed; the state is '' where there is no record.
local had = redis.call('HMGET', record, 'state', 'queue', 'requeue', 'attempts')
local state, queue = had[1], had[2]
if not state then return {0, '', ''} end
if state == 'queued' and had[3] then return {1, state, queue} end
if state ~= 'failed' and not (state == 'unknown' and ARGV[1] == '1') then return {0, state, queue} end
redis.call('HSET', record, 'state', 'queued', 'updated', now)
redis.call('HDEL', record, 'attempts', 'age', 'deferred', 'token', 'next', 'lost', 'archived', 'settled', 'absent',
  'absent_since', 'looked')
-- Who asks for an unknown mail allows for one copy more. Else what Gmail may have counts as before.
if state == 'unknown' then redis.call('HDEL', record, 'resent', 'left') end
if ARGV[2] == '1' then redis.call('HSET', record, 'requeue', 1) end
note(tonumber(had[4] or 0), 'a new round was asked for')
reopen()
return {1, 'queued', queue}
