-- How an account stands.
-- KEYS limits, freeze, cut, leases, critical leases, days
-- ARGV window (ms), the worker's own rate, daily, recipients and concurrency
-- Returns {rate, daily, recipients, concurrency, rate now, concurrency now, in flight, messages and
-- recipients of the window, frozen for how long (ms, 0 for not), why, and twice, for critical mail
-- then: the day is spent for how long (ms, 0 for not), of what}.
local l = limits(KEYS[1], KEYS[3], ARGV[2], ARGV[3], ARGV[4], ARGV[5])
local size = ARGV[1] / parts
local part = math.floor(now / size)
local m, r, oldest = counted(KEYS[6], part)
local flying = redis.call('ZCOUNT', KEYS[4], live, '+inf') + redis.call('ZCOUNT', KEYS[5], live, '+inf')
local frozen = redis.call('HMGET', KEYS[2], 'until', 'reason')
local ends = tonumber(frozen[1] or 0)
local left = ends - now
if left <= 0 then left, frozen[2] = 0, '' end

-- For how long a mail to one has no room.
local function spent(critical)
  local over_m, over_r = m + 1 - share(l.daily, critical), r + 1 - share(l.recipients, critical)
  if over_m <= 0 and over_r <= 0 then return 0, '' end
  local ends = room(KEYS[6], oldest, part, size, over_m, over_r)
  return math.ceil(ends - now), over_m > 0 and 'daily' or 'recipients'
end
local ordinary, ordinary_of = spent(false)
local critical, critical_of = spent(true)
return {l.rate, l.daily, l.recipients, l.concurrency, math.floor(l.rate_now), l.concurrency_now, flying, m, r, left, frozen[2],
  ordinary, ordinary_of, critical, critical_of}
