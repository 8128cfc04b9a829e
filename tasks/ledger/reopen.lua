-- Start a new round for a mail that failed: its attempts are forgotten.
-- KEYS[1] record
-- Returns 1 when the mail is queued now, 0 when it had not failed.
if redis.call('HGET', KEYS[1], 'state') ~= 'failed' then return 0 end
local t = redis.call('TIME')
redis.call('HSET', KEYS[1], 'state', 'queued', 'updated', t[1] * 1000 + math.floor(t[2] / 1000))
redis.call('HDEL', KEYS[1], 'attempts', 'age', 'deferred', 'token')
redis.call('PERSIST', KEYS[1])
return 1
