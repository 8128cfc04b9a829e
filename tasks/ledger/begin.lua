-- Claim a mail for one attempt, just before its first byte leaves.
-- ARGV    token, lease (ms), account, may resend (1|0), lifetime of an unknown mail (ms),
--         attempts allowed, time for a last word (ms), can be looked up (1|0), look-up at (ms)
-- Returns {1, 'sending', deadline, attempts, age (ms), deferred (ms, or 0)} when this token may send;
-- else {0, state, time, attempts}, where 'sending' means that the claim of another attempt stands
-- until that time at least, and '' that there is no record; or {2, 'unknown', 0, attempts} when this
-- very call found that nobody knows whether the mail is out, {3, …} where it is to be looked up.
local had = redis.call('HMGET', record, 'state', 'token', 'deadline', 'resent', 'next', 'attempts', 'called',
  'queue', 'age', 'deferred', 'requeue')
local state, token, deadline = had[1], had[2], tonumber(had[3] or 0)
local attempts, called = tonumber(had[6] or 0), tonumber(had[7] or 0)
local function won(deadline)
  return {1, 'sending', deadline, attempts, tonumber(had[9] or 0), tonumber(had[10] or 0)}
end

if state == 'sending' and token == ARGV[1] then
  -- The answer got lost, so nothing has left under it: its time starts anew.
  deadline = now + ARGV[2]
  redis.call('HSET', record, 'deadline', deadline)
  return won(deadline)
end
if state == 'sending' then
  if now < deadline then return {0, state, deadline, attempts} end
  -- After an outage of Redis whoever sent it may live and be about to say so. It gets time for that
  -- while Redis answers; a call that was too long ago proves no such time.
  if now > called + ARGV[7] then
    called = now + ARGV[7]
    redis.call('HSET', record, 'called', called)
  end
  if now < called then return {0, state, called, attempts} end
  -- It is gone, and Gmail may have the mail.
  local why = 'unknown: the worker ended while it was sending'
  attempts = redis.call('HINCRBY', record, 'attempts', 1)
  redis.call('HSETNX', record, 'left', deadline)
  note(attempts, why)
  if ARGV[8] == '1' or ARGV[4] ~= '1' or had[4] or attempts >= tonumber(ARGV[6]) then
    redis.call('HSET', record, 'state', 'unknown', 'updated', now, 'error', why)
    redis.call('HDEL', record, 'deadline', 'next', 'called')
    settle('unknown', ARGV[5])
    if ARGV[8] == '0' then return {2, 'unknown', 0, attempts} end
    redis.call('HSET', record, 'absent', 0, 'next', ARGV[9])
    return {3, 'unknown', 0, attempts}
  end
  redis.call('HSET', record, 'resent', 1)
  redis.call('HDEL', record, 'called')
elseif not is_open(state) then
  -- A mail that was sent at once has no count of it.
  return {0, state or '', 0, state == 'sent' and math.max(attempts, 1) or attempts}
end

deadline = now + ARGV[2]
local fields = {'state', 'sending', 'token', ARGV[1], 'deadline', deadline, 'updated', now}
-- A queue's name says the account, as a rule.
if string.sub(had[8] or '', -1 - #ARGV[3]) ~= ':' .. ARGV[3] then
  fields[9], fields[10] = 'account', ARGV[3]
end
redis.call('HSET', record, unpack(fields))
if had[5] or had[11] then redis.call('HDEL', record, 'next', 'requeue') end
return won(deadline)
