-- Lower a limit that proved too high, at most once in a few seconds.
-- KEYS limits, cut, leases, critical leases
-- ARGV which (rate|concurrency), the worker's own rate, concurrency
-- Returns what holds now.
local which = ARGV[1]
local l = limits(KEYS[1], KEYS[2], ARGV[2], 0, 0, ARGV[3])
local limit, current = l[which], l[which .. '_now']
local at = redis.call('HGET', KEYS[2], which .. '_at')
if at and now - at < 3000 then return math.floor(current) end
if current == 0 then
  -- Without a limit there has to be something to begin with.
  current = 6000
  if which == 'concurrency' then
    current = redis.call('ZCOUNT', KEYS[3], live, '+inf') + redis.call('ZCOUNT', KEYS[4], live, '+inf')
  end
end
local failed = math.max(current, limit / 32, 2)
redis.call('HSET', KEYS[2], which, failed, which .. '_at', now)
redis.call('PEXPIRE', KEYS[2], '3600000')
return math.floor(lowered(limit, failed, now))
