-- Extends the life of a blob, and never shortens it.
--
-- KEYS[1]  the blob
-- ARGV[1]  until when it is needed, in ms since 1970
--
-- Returns "extended" where the blob now lives at least that long, "missing"
-- where there is none, "past" where that time has gone by on Redis's clock.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if tonumber(ARGV[1]) <= now then
  return 'past'
end

local ttl = redis.call('PTTL', KEYS[1])
if ttl == -2 then
  return 'missing'
end
-- -1: somebody made it last for ever, and that is not for us to shorten.
if ttl ~= -1 and now + ttl < tonumber(ARGV[1]) then
  redis.call('PEXPIREAT', KEYS[1], ARGV[1])
end
return 'extended'
