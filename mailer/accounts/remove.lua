-- Forget an account.
-- KEYS[1] record  KEYS[2] list  KEYS[3] default  KEYS[4] changes
-- ARGV    address
-- Returns 1, or 0 where there was none.
if redis.call('DEL', KEYS[1]) == 0 then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
if redis.call('GET', KEYS[3]) == ARGV[1] then redis.call('DEL', KEYS[3]) end
redis.call('INCR', KEYS[4])
return 1
