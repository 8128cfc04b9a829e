-- Store an account's credential.
-- KEYS[1] record  KEYS[2] list  KEYS[3] default  KEYS[4] changes
-- ARGV    address, becomes the default (1|0), then field, value, field, value, ...
-- Returns the credential's version.

-- Whether a text is a list of words as we write it. What is none is not kept.
local function isList(text)
  if string.sub(text, 1, 1) ~= '[' or string.find(text, '%c') then return false end
  local ok, words = pcall(cjson.decode, text)
  if not ok then return false end
  for _, word in ipairs(words) do
    if type(word) ~= 'string' then return false end
  end
  return true
end

local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= 'hash' and kind ~= 'none' then redis.call('DEL', KEYS[1]) end
local version = redis.call('INCR', KEYS[4])
redis.call('HDEL', KEYS[1], 'blocked', 'remedy', 'refreshed', 'expires')
local aliases = redis.call('HGET', KEYS[1], 'aliases')
if aliases and not isList(aliases) then redis.call('HDEL', KEYS[1], 'aliases') end
redis.call('HSET', KEYS[1], 'version', version, unpack(ARGV, 3))
redis.call('ZADD', KEYS[2], 0, ARGV[1])
if ARGV[2] == '1' or redis.call('EXISTS', KEYS[3]) == 0 then redis.call('SET', KEYS[3], ARGV[1]) end
return version
