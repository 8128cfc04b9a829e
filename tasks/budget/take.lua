-- Ask for one send.
-- KEYS limits, freeze, cut, pace, waiting, leases, critical leases, days
-- ARGV token, recipients, critical (1|0), lease (ms), window (ms), the worker's own rate, daily,
--      recipients and concurrency
-- Returns {1} to go; {0, what for, for how long (ms), text} to wait, and for the day
-- {…, daily, recipients, spent (1|0)}, its limits and whether it has no room for one recipient either;
-- {2, what for} where no wait would help.
local token, recipients, critical = ARGV[1], tonumber(ARGV[2]), ARGV[3] == '1'
local lease, window = tonumber(ARGV[4]), tonumber(ARGV[5])
local leases = critical and KEYS[7] or KEYS[6]
local size = window / parts
local part = math.floor(now / size)

-- The answer got lost: it is booked, and its lease starts anew.
local held = redis.call('ZSCORE', leases, token)
if held and tonumber(held) >= live then
  redis.call('ZADD', leases, stamp(now + lease, part_of(held, part)), token)
  redis.call('PEXPIRE', leases, '3600000')
  return {1}
end

local frozen = redis.call('HMGET', KEYS[2], 'until', 'reason')
if frozen[1] and tonumber(frozen[1]) > now then return wait('frozen', tonumber(frozen[1]), frozen[2]) end

-- The rolling window.
local l = limits(KEYS[1], KEYS[3], ARGV[6], ARGV[7], ARGV[8], ARGV[9])
local most_m, most_r = share(l.daily, critical), share(l.recipients, critical)
if recipients > most_r then return {2, 'recipients'} end
local m, r, oldest = counted(KEYS[8], part)
local over_m, over_r = m + 1 - most_m, r + recipients - most_r
if over_m > 0 or over_r > 0 then
  local spent = (over_m > 0 or r >= most_r) and 1 or 0
  local answer = wait(over_m > 0 and 'daily' or 'recipients', room(KEYS[8], oldest, part, size, over_m, over_r))
  answer[5], answer[6], answer[7] = l.daily, l.recipients, spent
  return answer
end

-- The rate and the requests in flight, one of which is for critical mail alone.
redis.call('ZREMRANGEBYSCORE', KEYS[6], '-inf', live - 1)
redis.call('ZREMRANGEBYSCORE', KEYS[7], '-inf', live - 1)
local what, time = 'rate', next_slot(KEYS[4], l.rate_now)
if time <= now and l.concurrency_now > 0 then
  local others, all = redis.call('ZCARD', KEYS[6]), l.concurrency_now
  local kept = (critical or all == 1) and 0 or 1
  if others + redis.call('ZCARD', KEYS[7]) >= all or others >= all - kept then
    what, time = 'concurrency', now + soon
  end
end
if critical and time > now then wait_in_front(KEYS[5], token, time) end
if not critical and time <= now and somebody_in_front(KEYS[5]) then
  what, time = l.rate_now > 0 and 'rate' or 'concurrency', now + soon
end
if time > now then return wait(what, time) end

if critical then redis.call('ZREM', KEYS[5], token) end
if l.rate_now > 0 then take_slot(KEYS[4], l.rate_now, token) end
redis.call('ZADD', leases, stamp(now + lease, part), token)
redis.call('PEXPIRE', leases, '3600000')
if not oldest then redis.call('HSET', KEYS[8], 'oldest', part) end
redis.call('HINCRBY', KEYS[8], 'messages', '1')
redis.call('HINCRBY', KEYS[8], 'recipients', ARGV[2])
local first = message + recipients
if redis.call('HINCRBY', KEYS[8], string.format('%.0f', part), first) == first then
  redis.call('PEXPIRE', KEYS[8], math.ceil(window + 2 * size))
end
return {1}
