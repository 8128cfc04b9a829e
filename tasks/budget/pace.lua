-- A pace: so many sends a minute, evenly, and never more in any minute. It keeps the time of the
-- latest slot that was given out; half a second of slots that nobody took may still be taken.
local slack = 500

-- The distance of two slots. Half a second's worth at once and this distance ever after make just the
-- rate in a minute.
local function distance(rate)
  if rate == 0 then return 0 end
  return (60000 + slack) / rate
end

-- The latest slot, if one is known. None is given out more than the slack before its time: one that
-- is later than that was given out before the clock was set back, and says nothing.
local function latest(key)
  local at = redis.call('HGET', key, 'at')
  return at and tonumber(at) <= now + 2 * slack and at
end

-- When the next slot may be taken.
local function next_slot(key, rate)
  local at = rate > 0 and latest(key)
  if not at then return now end
  return math.max(now, at + distance(rate) - slack)
end

-- Take a slot, and remember how it was before.
local function take_slot(key, rate, token)
  local at = latest(key)
  local slot = now
  if at then slot = math.max(now, at + distance(rate)) end
  redis.call('HSET', key, 'at', slot, 'before', at or '', 'last', token)
  redis.call('PEXPIRE', key, '120000')
end

-- Give a slot back, if nobody has taken one since.
local function return_slot(key, token)
  local had = redis.call('HMGET', key, 'last', 'before')
  if had[1] ~= token then return end
  if had[2] == '' then
    redis.call('DEL', key)
  else
    redis.call('HSET', key, 'at', had[2])
  end
end

-- Critical mail that waits goes next. Who does not come back for its turn is soon forgotten.
local function wait_in_front(key, token, time)
  redis.call('ZADD', key, math.ceil(time) + 500, token)
  redis.call('PEXPIRE', key, '120000')
end
local function somebody_in_front(key)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  return redis.call('ZCARD', key) > 0
end

-- How soon to ask again where nobody knows when it will be time.
local soon = 50

-- The answer to who has to wait.
local function wait(what, time, text)
  return {0, what, math.ceil(time - now), text or ''}
end
