-- Store an account's credential.
-- KEYS[1] record  KEYS[2] list  KEYS[3] default  KEYS[4] changes
-- ARGV    address, becomes the default (1|0), then field, value, field, value, ...
-- Returns the credential's version.
local version = redis.call('INCR', KEYS[4])
redis.call('HDEL', KEYS[1], 'blocked', 'remedy', 'refreshed', 'expires')
redis.call('HSET', KEYS[1], 'version', version, unpack(ARGV, 3))
redis.call('ZADD', KEYS[2], 0, ARGV[1])
if ARGV[2] == '1' or redis.call('EXISTS', KEYS[3]) == 0 then redis.call('SET', KEYS[3], ARGV[1]) end
return version
