-- Lower a limit that proved too high, at most once in a few seconds.
-- KEYS limits, cut, leases, critical leases, freeze
-- ARGV which (rate|concurrency), the worker's own rate, concurrency
-- Returns what holds now.
local which = ARGV[1]
local l = limits(KEYS[1], KEYS[2], ARGV[2], 0, 0, ARGV[3])
local limit, current = l[which], l[which .. '_now']
-- Frozen mail meets nothing: what is cut grows from the end of that.
local from = math.max(now, tonumber(redis.call('HGET', KEYS[5], 'until') or 0))
local function grow(failed)
  redis.call('HSET', KEYS[2], which, failed, which .. '_at', from)
  redis.call('PEXPIRE', KEYS[2], math.ceil(from - now) + 3600000)
  return math.floor(lowered(limit, failed, from))
end
local had = redis.call('HMGET', KEYS[2], which, which .. '_at')
if had[2] and now - had[2] < 3000 then
  -- The same trouble, of which Gmail may say now that it lasts longer.
  if from > now and from > tonumber(had[2]) then return grow(had[1]) end
  return math.floor(current)
end
if current == 0 then
  -- Without a limit there has to be something to begin with.
  current = 6000
  if which == 'concurrency' then
    current = redis.call('ZCOUNT', KEYS[3], live, '+inf') + redis.call('ZCOUNT', KEYS[4], live, '+inf')
  end
end
return grow(math.max(current, limit / 32, 2))
