-- The open mail of a shard that nobody has looked at for long, oldest first.
-- KEYS[1] the index of open mail
-- ARGV    for how long (ms), how many at most
local t = redis.call('TIME')
local before = t[1] * 1000 + math.floor(t[2] / 1000) - ARGV[1]
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', before), 'LIMIT', 0, ARGV[2])
