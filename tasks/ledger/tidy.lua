-- Drop those of a shard's failed and unknown mail whose records have had their time.
-- KEYS[1] the index of failed and unknown mail
-- ARGV    how many at most
-- Returns how many went.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local gone = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now), 'LIMIT', 0, ARGV[1])
if #gone == 0 then return 0 end
return redis.call('ZREM', KEYS[1], unpack(gone))
