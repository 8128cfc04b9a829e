-- What the scripts of the ledger share; it stands before each of them. Times are in ms of Redis's
-- clock.
-- KEYS[1] the mail's record, [2] its shard's index of open mail, [3] that of failed and unknown
-- mail, [4] the mail's kept payload
local record, open_index, failed_index, kept = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

local _, id_from = string.find(record, ':mail:', 1, true)
local id = string.sub(record, id_from + 1)

-- Open mail may still go by itself.
local function is_open(state)
  return state == 'queued' or state == 'waiting' or state == 'retrying'
end

-- Put a mail that was not open among the open ones: for ever.
local function reopen()
  redis.call('ZREM', failed_index, id)
  redis.call('ZADD', open_index, now, id)
  redis.call('PERSIST', record)
  redis.call('PERSIST', kept)
end

-- Give a mail that is settled now its lifetime, and what is kept of it too. Failed and unknown mail
-- stands where people find it.
local function settle(state, lifetime)
  redis.call('ZREM', open_index, id)
  if state == 'failed' or state == 'unknown' then
    redis.call('ZADD', failed_index, string.format('%.0f', now + lifetime), id)
  end
  redis.call('PEXPIRE', record, lifetime)
  if state ~= 'sent' then redis.call('PEXPIRE', kept, lifetime) end
end

-- Nobody needs the payload any more.
local function let_go()
  redis.call('ZREM', failed_index, id)
  redis.call('UNLINK', kept)
end

-- Add to a mail's history, of which the latest part is kept.
local function note(attempt, text)
  local had = redis.call('HGET', record, 'history') or ''
  if #had > 8000 then had = string.match(string.sub(had, -6000), '\n(.*)$') or '' end
  local event = cjson.encode({now, attempt, string.sub(text, 1, 400)})
  redis.call('HSET', record, 'history', had == '' and event or had .. '\n' .. event)
end
