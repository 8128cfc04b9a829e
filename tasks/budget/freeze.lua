-- Freeze an account for a time; of two freezes the later one holds.
-- KEYS[1] the account's freeze
-- ARGV    for how long (ms), reason
-- Returns for how long it is frozen now (ms).
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local ends = now + ARGV[1]
local had = tonumber(redis.call('HGET', KEYS[1], 'until') or 0)
if had >= ends then return had - now end
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', ends), 'reason', ARGV[2])
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', ends))
return tonumber(ARGV[1])
