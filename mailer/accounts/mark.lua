-- Say whether an account can send, as one of its credentials turned out.
-- KEYS[1] record  KEYS[2] changes
-- ARGV    version, why it can't (or ''), remedy
-- Returns 1, or 0 where another credential was stored since.
local had = redis.call('HMGET', KEYS[1], 'version', 'blocked')
if had[1] ~= ARGV[1] then return 0 end
if (had[2] or '') == ARGV[2] then return 1 end
if ARGV[2] == '' then
  redis.call('HDEL', KEYS[1], 'blocked', 'remedy')
else
  redis.call('HSET', KEYS[1], 'blocked', ARGV[2], 'remedy', ARGV[3])
end
redis.call('INCR', KEYS[2])
return 1
