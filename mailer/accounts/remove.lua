-- Forget an account, if its credential is still that version. One that is left
-- alone becomes the default where there is none.
-- KEYS[1] record  KEYS[2] list  KEYS[3] default  KEYS[4] changes
-- ARGV    address, version (0 = whatever is there)
-- Returns 1, 0 where there was none, or -1 where another credential was stored
-- since.
local kind = redis.call('TYPE', KEYS[1]).ok
if ARGV[2] ~= '0' and kind ~= 'none' and (kind ~= 'hash' or redis.call('HGET', KEYS[1], 'version') ~= ARGV[2]) then
  return -1
end
-- Either may be gone without the other, by another hand than ours.
if redis.call('DEL', KEYS[1]) + redis.call('ZREM', KEYS[2], ARGV[1]) == 0 then return 0 end
if redis.call('GET', KEYS[3]) == ARGV[1] then redis.call('DEL', KEYS[3]) end
if redis.call('EXISTS', KEYS[3]) == 0 and redis.call('ZCARD', KEYS[2]) == 1 then
  redis.call('SET', KEYS[3], redis.call('ZRANGE', KEYS[2], 0, 0)[1])
end
redis.call('INCR', KEYS[4])
return 1
