-- Claim a mail for one attempt, just before its first byte leaves.
-- KEYS[1] record
-- ARGV    token, lease (ms), queue, payload hash, account, may resend (1|0),
--         lifetime of an unknown mail (ms)
-- Returns {1, 'sending', deadline} when this token may send, else {0, state,
-- deadline}: 'sending' before its deadline means that another attempt is live.
local had = redis.call('HMGET', KEYS[1], 'state', 'token', 'deadline', 'resent', 'next')
local state, token, deadline, resent, later = had[1], had[2], tonumber(had[3] or 0), had[4], had[5]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)

if state == 'sending' then
  if token == ARGV[1] then return {1, state, deadline} end
  if now < deadline then return {0, state, deadline} end
  -- Whoever was sending is gone, and Gmail may have the mail.
  redis.call('HINCRBY', KEYS[1], 'attempts', 1)
  if ARGV[6] ~= '1' or resent then
    redis.call('HSET', KEYS[1], 'state', 'unknown', 'updated', now,
      'error', 'unknown: the worker ended while it was sending')
    redis.call('HDEL', KEYS[1], 'deadline', 'next')
    redis.call('PEXPIRE', KEYS[1], ARGV[7])
    return {0, 'unknown', 0}
  end
  redis.call('HSET', KEYS[1], 'resent', 1)
elseif not state then
  -- Another program queued it without a reservation.
  redis.call('HSET', KEYS[1], 'queue', ARGV[3], 'hash', ARGV[4], 'enqueued', now)
elseif state ~= 'queued' and state ~= 'waiting' and state ~= 'retrying' then
  return {0, state, 0}
end

deadline = now + ARGV[2]
redis.call('HSET', KEYS[1], 'state', 'sending', 'token', ARGV[1], 'deadline', deadline,
  'account', ARGV[5], 'updated', now)
if later then redis.call('HDEL', KEYS[1], 'next') end
return {1, 'sending', deadline}
