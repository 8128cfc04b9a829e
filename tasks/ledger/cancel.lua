-- Stop a mail that has not left.
-- ARGV    lifetime (ms)
-- Returns {1, 'cancelled', queue}, or {0, state, queue} when it is too late;
-- the state is '' for an ID that was never reserved.
local had = redis.call('HMGET', record, 'state', 'queue', 'attempts', 'kept')
local state, queue = had[1], had[2]
if not state then return {0, '', ''} end
if state == 'cancelled' then return {1, state, queue} end
if not is_open(state) then return {0, state, queue} end
redis.call('HDEL', record, 'next', 'requeue', 'kept')
redis.call('HSET', record, 'state', 'cancelled', 'updated', now)
note(tonumber(had[3] or 0), 'cancelled')
settle('cancelled', ARGV[1])
if had[4] then let_go() end
return {1, 'cancelled', queue}
