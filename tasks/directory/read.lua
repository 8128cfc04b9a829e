-- Reads what counts.
--
-- KEYS[1]  entries, hash: name → JSON
-- KEYS[2]  published, zset: name → ms since 1970
-- ARGV[1]  how long before the newest publication one may lie that counts, in ms
--
-- Returns nothing where nothing was ever published, else "newest" and its time,
-- and then name, time and JSON of each entry.

local newest = redis.call('ZSCORE', KEYS[2], 'newest')
if not newest then
  return {}
end

local answer = {'newest', newest}
local from = string.format('%.0f', newest - ARGV[1])
local fresh = redis.call('ZRANGEBYSCORE', KEYS[2], from, '+inf', 'WITHSCORES')
for i = 1, #fresh, 2 do
  local value = redis.call('HGET', KEYS[1], fresh[i])
  if value then
    answer[#answer + 1] = fresh[i]
    answer[#answer + 1] = fresh[i + 1]
    answer[#answer + 1] = value
  end
end
return answer
