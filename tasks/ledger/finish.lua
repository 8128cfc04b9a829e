-- End an attempt, or say what a mail waits for.
-- KEYS[1] record
-- ARGV    token, state to go to, attempts used (0|1), added age (ms), next (ms, or ''),
--         error, Gmail ID, thread ID, may resend (1|0), lifetime (ms, 0: none),
--         queue, payload hash, was claimed (1|0), deferred (1|0)
-- Returns {1, state} when it is written (or was, by the same token), else
-- {0, state} with the state that stands.
local had = redis.call('HMGET', KEYS[1], 'state', 'token', 'resent', 'gmail_id', 'deferred')
local state, token, resent, gmail_id, deferred = had[1], had[2], had[3], had[4], had[5]
local to = ARGV[2]
local mine = token == ARGV[1]

if to == 'sent' then
  -- The truth is taken from any attempt and over any state.
  if state == 'sent' then
    if gmail_id ~= ARGV[7] then redis.call('HSET', KEYS[1], 'also_sent', ARGV[7]) end
    return {1, state}
  end
else
  if mine and state ~= 'sending' and state ~= 'waiting' then return {1, state} end
  -- Another attempt is live, or took over from this one.
  if not mine and (state == 'sending' or ARGV[13] == '1') then return {0, state or ''} end
  if state == 'sent' or state == 'failed' or state == 'unknown' or state == 'expired' or state == 'cancelled' then
    return {0, state}
  end
end

local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local gone = {'deadline', 'next', 'error'}
local fields = {'token', ARGV[1], 'updated', now}
local function set(name, value)
  fields[#fields + 1] = name
  fields[#fields + 1] = value
end

if to == 'unknown' and ARGV[9] == '1' and not resent then
  to = 'retrying'
  set('resent', 1)
end
set('state', to)
if not state then
  set('queue', ARGV[11])
  set('hash', ARGV[12])
  set('enqueued', now)
end
if ARGV[3] == '1' then gone[#gone + 1] = 'deferred' end
if ARGV[14] == '1' and (ARGV[3] == '1' or not deferred) then set('deferred', now) end
if ARGV[6] ~= '' then set('error', ARGV[6]) end
if to == 'sent' then
  set('gmail_id', ARGV[7])
  if ARGV[8] ~= '' then set('thread_id', ARGV[8]) end
  gone[#gone + 1] = 'age'
end
local open = to == 'waiting' or to == 'retrying'
if open and ARGV[5] ~= '' then set('next', ARGV[5]) end

redis.call('HDEL', KEYS[1], unpack(gone))
redis.call('HSET', KEYS[1], unpack(fields))
if ARGV[3] == '1' then redis.call('HINCRBY', KEYS[1], 'attempts', 1) end
if ARGV[4] ~= '0' and to ~= 'sent' then redis.call('HINCRBY', KEYS[1], 'age', ARGV[4]) end
if open then
  redis.call('PERSIST', KEYS[1])
elseif ARGV[10] ~= '0' then
  redis.call('PEXPIRE', KEYS[1], ARGV[10])
end
return {1, to}
