-- Claim a mail for one attempt, just before its first byte leaves.
-- KEYS[1] record
-- ARGV    token, lease (ms), queue, payload hash, account, may resend (1|0),
--         lifetime of an unknown mail (ms), attempts allowed, time for a last word (ms)
-- Returns {1, 'sending', deadline, attempts} when this token may send; else {0, state, time,
-- attempts}, where 'sending' means that the claim of another attempt stands until that time at
-- least; or {2, 'unknown', 0, attempts} when this very call gave the mail up as unknown.
local had = redis.call('HMGET', KEYS[1], 'state', 'token', 'deadline', 'resent', 'next', 'attempts', 'called')
local state, token, deadline, resent, later = had[1], had[2], tonumber(had[3] or 0), had[4], had[5]
local attempts, called = tonumber(had[6] or 0), tonumber(had[7] or 0)
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)

if state == 'sending' and token == ARGV[1] then
  -- The answer got lost, so nothing has left under it: its time starts anew.
  deadline = now + ARGV[2]
  redis.call('HSET', KEYS[1], 'deadline', deadline)
  return {1, state, deadline, attempts}
end
if state == 'sending' then
  if now < deadline then return {0, state, deadline, attempts} end
  -- After an outage of Redis whoever sent it may live and be about to say so. It gets time for that
  -- while Redis answers; a call that was too long ago proves no such time.
  if now > called + ARGV[9] then
    called = now + ARGV[9]
    redis.call('HSET', KEYS[1], 'called', called)
  end
  if now < called then return {0, state, called, attempts} end
  -- It is gone, and Gmail may have the mail.
  attempts = redis.call('HINCRBY', KEYS[1], 'attempts', 1)
  if ARGV[6] ~= '1' or resent or attempts >= tonumber(ARGV[8]) then
    redis.call('HSET', KEYS[1], 'state', 'unknown', 'updated', now,
      'error', 'unknown: the worker ended while it was sending')
    redis.call('HDEL', KEYS[1], 'deadline', 'next', 'called')
    redis.call('PEXPIRE', KEYS[1], ARGV[7])
    return {2, 'unknown', 0, attempts}
  end
  redis.call('HSET', KEYS[1], 'resent', 1)
  redis.call('HDEL', KEYS[1], 'called')
elseif not state then
  -- Its record was lost.
  redis.call('HSET', KEYS[1], 'queue', ARGV[3], 'hash', ARGV[4], 'enqueued', now)
elseif state ~= 'queued' and state ~= 'waiting' and state ~= 'retrying' then
  return {0, state, 0, attempts}
end

deadline = now + ARGV[2]
redis.call('HSET', KEYS[1], 'state', 'sending', 'token', ARGV[1], 'deadline', deadline,
  'account', ARGV[5], 'updated', now)
if later then redis.call('HDEL', KEYS[1], 'next') end
return {1, 'sending', deadline, attempts}
