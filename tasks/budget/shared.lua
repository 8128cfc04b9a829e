-- What the scripts of an account share; it stands before each of them. Times are in ms of Redis's
-- clock, and compared here: nothing depends on when a key goes.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000

-- The window of the daily counts is rounded up by one of so many parts.
local parts = 96

-- How much of what failed is tried so many seconds after a cut: half of it, soon most of it, in a
-- minute all of it, then ever more.
local function regrown(seconds)
  if seconds < 0 then return 0.5 end -- It begins at the end of a freeze.
  if seconds < 10 then return 0.5 + 0.04 * seconds end
  if seconds < 70 then return 0.9 + (seconds - 10) / 600 end
  return 2 ^ ((seconds - 70) / 120)
end

-- A limit as it is after a cut at which `failed` was too much. 0 is no limit.
local function lowered(limit, failed, at)
  if not failed then return limit end
  local left = failed * regrown((now - at) / 1000)
  if left >= (limit > 0 and limit or 1000000) then return limit end
  return left
end

-- The limits of an account: what is set for it, else the worker's own; and what a cut leaves.
-- Who has no limit of its rate has none of its requests in flight, unless it is set.
local function limits(key, cut, rate, daily, recipients, concurrency)
  local set = redis.call('HMGET', key, 'rate', 'daily', 'recipients', 'concurrency')
  local l = {
    rate = tonumber(set[1] or rate), daily = tonumber(set[2] or daily),
    recipients = tonumber(set[3] or recipients), concurrency = tonumber(set[4] or concurrency),
  }
  if l.rate == 0 and not set[4] then l.concurrency = 0 end
  local was = redis.call('HMGET', cut, 'rate', 'rate_at', 'concurrency', 'concurrency_at')
  l.rate_now = lowered(l.rate, was[1], was[2])
  l.concurrency_now = math.floor(lowered(l.concurrency, was[3], was[4]))
  return l
end

-- A lease's score is its end, and the part of the window that its send is counted in. Those below
-- `live` have ended.
local live = (math.floor(now) + 1) * 1024
local function stamp(time, part)
  return math.ceil(time) * 1024 + part % 1024
end
local function part_of(score, part)
  return part - (part - score % 1024) % 1024
end

-- A part of the window holds its messages and its recipients in one number.
local message = 2 ^ 26
