-- Write down what a person found out about a mail that failed or is unknown.
-- ARGV    state (sent|failed), lifetime (ms)
-- Returns {1, state, queue}, or {0, state, queue} where there is nothing to settle; the state is ''
-- where there is no record.
local had = redis.call('HMGET', record, 'state', 'queue', 'settled', 'attempts')
local state, queue = had[1], had[2]
if not state then return {0, '', ''} end
if had[3] and state == ARGV[1] then return {1, state, queue} end
if state ~= 'failed' and state ~= 'unknown' then return {0, state, queue} end
redis.call('HDEL', record, 'next', 'absent', 'absent_since', 'looked', 'lost', 'archived', 'token',
  'kept')
if ARGV[1] == 'sent' then redis.call('HDEL', record, 'error') end
redis.call('HSET', record, 'state', ARGV[1], 'updated', now, 'settled', 1)
note(tonumber(had[4] or 0), 'settled by a person as ' .. ARGV[1])
settle(ARGV[1], ARGV[2])
let_go()
return {1, ARGV[1], queue}
