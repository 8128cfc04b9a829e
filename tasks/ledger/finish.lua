-- End an attempt, or say what a mail waits for.
-- ARGV    token, state to go to, attempts used (0|1), added age (ms), next (ms, or ''),
--         error, Gmail ID, thread ID, may resend (1|0), lifetime of a settled mail (ms),
--         queue, payload hash, was claimed (1|0), deferred (1|0), lifetime of an unknown mail (ms),
--         can be looked up (1|0)
-- Returns {1, state} when it is written (or was, by the same token), else
-- {0, state} with the state that stands; '' where a mail without a record would wait.
local had = redis.call('HMGET', record, 'state', 'token', 'resent', 'gmail_id', 'deferred', 'deadline', 'attempts', 'kept')
local state, token, resent, gmail_id, deferred = had[1], had[2], had[3], had[4], had[5]
local to, lifetime = ARGV[2], ARGV[10]
local mine = token == ARGV[1]
local gone = {'deadline', 'next', 'error', 'called'}
local fields = {'updated', now}
local function set(name, value)
  fields[#fields + 1] = name
  fields[#fields + 1] = value
end
local used, why = ARGV[3] == '1', ARGV[6]
local abandoned = state == 'sending' and not mine and now >= tonumber(had[6] or 0)

if to == 'sent' then
  -- The truth is taken from any attempt and over any state.
  if state == 'sent' then
    -- What a person settled had no receipt: this is no second copy's.
    local field = gmail_id and 'also_sent' or 'gmail_id'
    if gmail_id ~= ARGV[7] then redis.call('HSET', record, field, ARGV[7]) end
    if not gmail_id and ARGV[8] ~= ARGV[7] then redis.call('HSET', record, 'thread_id', ARGV[8]) end
    return {1, state}
  end
  used = used and mine and state == 'sending' -- Else whoever took over has counted the attempt.
else
  -- What a mail waits for is no reason to take it for one that was never sent.
  if not state and to == 'waiting' then return {0, ''} end
  if mine and state ~= 'sending' and state ~= 'waiting' then return {1, state} end
  if abandoned and (to == 'failed' or to == 'expired') then
    -- It can't be sent any more, and Gmail may have it from whoever was sending it.
    to, lifetime, used, why = 'unknown', ARGV[15], true, 'unknown: the worker ended while it was sending'
  elseif state and not mine and (state == 'sending' or ARGV[13] == '1') then
    -- Another attempt is live, or took over from this one. Putting back has to end some day all the same.
    if state == 'sending' and ARGV[14] == '1' then redis.call('HSETNX', record, 'deferred', now) end
    return {0, state}
  elseif state and state ~= 'sending' and not is_open(state) then
    return {0, state}
  end
end

if to == 'unknown' then
  if not abandoned and ARGV[16] == '1' then
    set('absent', 0)
  elseif ARGV[9] == '1' and not resent then
    to = 'retrying'
    set('resent', 1)
  end
end
if not is_open(to) then gone[#gone + 1] = 'requeue' end
set('state', to)
if not state then
  set('queue', ARGV[11])
  if ARGV[12] ~= '' then set('hash', ARGV[12]) end
  set('enqueued', now)
end
-- Waiting after a claim says that the account is at fault, and not the mail.
if used or (to == 'waiting' and ARGV[13] == '1') then gone[#gone + 1] = 'deferred' end
if ARGV[14] == '1' and not deferred then set('deferred', now) end
if why ~= '' then set('error', why) end
if to == 'sent' then
  set('gmail_id', ARGV[7])
  -- The first mail of a thread gives it its ID, and needs no second copy of it.
  if ARGV[8] ~= ARGV[7] then set('thread_id', ARGV[8]) end
  for _, name in ipairs({'age', 'token', 'left', 'kept', 'absent', 'absent_since', 'looked', 'lost', 'archived'}) do
    gone[#gone + 1] = name
  end
else
  set('token', ARGV[1])
end
-- Of unknown mail it is the time of its look-up: what is held has none.
if ARGV[5] ~= '' and (is_open(to) or to == 'unknown' and ARGV[16] == '1') then set('next', ARGV[5]) end

-- HDEL comes first: Redis goes on with a script that began with it when its memory is full.
redis.call('HDEL', record, unpack(gone))
redis.call('HSET', record, unpack(fields))
local attempts = tonumber(had[7] or 0)
-- Who has a Gmail ID and no attempts needed one.
if used and not (to == 'sent' and attempts == 0) then attempts = redis.call('HINCRBY', record, 'attempts', 1) end
if ARGV[4] ~= '0' and to ~= 'sent' then redis.call('HINCRBY', record, 'age', ARGV[4]) end
if to == 'sent' then
  settle(to, lifetime)
  if had[8] or state == 'failed' or state == 'unknown' then let_go() end
  return {1, to}
end
if ARGV[2] == 'unknown' or abandoned then redis.call('HSETNX', record, 'left', had[6] or now) end
if used or not is_open(to) then note(attempts, why) end
if is_open(to) then
  if not state then redis.call('ZADD', open_index, now, id) end
else
  settle(to, lifetime)
end
return {1, to}
