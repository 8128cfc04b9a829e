-- Note that open mail was looked at, as far as it is still there.
-- KEYS[1] the index of open mail
-- ARGV    IDs
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local scores = {}
for _, id in ipairs(ARGV) do
  scores[#scores + 1] = now
  scores[#scores + 1] = id
end
return redis.call('ZADD', KEYS[1], 'XX', unpack(scores))
