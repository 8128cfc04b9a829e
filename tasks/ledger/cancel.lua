-- Stop a mail that has not left.
-- KEYS[1] record
-- ARGV    lifetime (ms)
-- Returns {1, 'cancelled', queue}, or {0, state, queue} when it is too late;
-- the state is '' for an ID that was never reserved.
local had = redis.call('HMGET', KEYS[1], 'state', 'queue')
local state, queue = had[1], had[2]
if not state then return {0, '', ''} end
if state == 'cancelled' then return {1, state, queue} end
if state ~= 'queued' and state ~= 'waiting' and state ~= 'retrying' then return {0, state, queue} end
local t = redis.call('TIME')
redis.call('HSET', KEYS[1], 'state', 'cancelled', 'updated', t[1] * 1000 + math.floor(t[2] / 1000))
redis.call('HDEL', KEYS[1], 'next')
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return {1, 'cancelled', queue}
