-- How an account stands.
-- KEYS limits, freeze, cut, leases, critical leases, days
-- ARGV window (ms), the worker's own rate, daily, recipients and concurrency
-- Returns {rate, daily, recipients, concurrency, rate now, concurrency now, in flight, messages and
-- recipients of the window, frozen for how long (ms, 0 for not), why}.
local l = limits(KEYS[1], KEYS[3], ARGV[2], ARGV[3], ARGV[4], ARGV[5])
local m, r = counted(KEYS[6], math.floor(now / (ARGV[1] / parts)))
local flying = redis.call('ZCOUNT', KEYS[4], live, '+inf') + redis.call('ZCOUNT', KEYS[5], live, '+inf')
local frozen = redis.call('HMGET', KEYS[2], 'until', 'reason')
local ends = tonumber(frozen[1] or 0)
local left = ends - now
if left <= 0 then left, frozen[2] = 0, '' end
return {l.rate, l.daily, l.recipients, l.concurrency, math.floor(l.rate_now), l.concurrency_now, flying, m, r, left, frozen[2]}
