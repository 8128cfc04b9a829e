-- Write a credential's secrets anew, if they are still those that were read.
-- KEYS[1] record
-- ARGV    secrets that were read, secrets to write, then field, value, ...
-- Returns 1, or 0 where somebody else was first.
if redis.call('HGET', KEYS[1], 'sealed') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'sealed', ARGV[2], unpack(ARGV, 3))
return 1
