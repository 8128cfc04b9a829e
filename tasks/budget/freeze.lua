-- Freeze an account until a time; of two freezes the later one holds.
-- KEYS[1] the account's freeze
-- ARGV    until (ms), reason
-- Returns the time until which it is frozen now (ms).
local now = tonumber(redis.call('HGET', KEYS[1], 'until') or 0)
if now >= tonumber(ARGV[1]) then return now end
redis.call('HSET', KEYS[1], 'until', ARGV[1], 'reason', ARGV[2])
redis.call('PEXPIREAT', KEYS[1], ARGV[1])
return tonumber(ARGV[1])
