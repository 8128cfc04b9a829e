-- Say what came of looking an unknown mail up.
-- ARGV    absent (1|0), may resend (1|0), attempts allowed, how often it has to be absent, over how
--         long (ms), how often to look at most, next look (ms), token of this look (or ''), how long
--         ago it was made (ms)
-- Returns {1, 'unknown'} when it is to be looked up again, {1, 'retrying'} when it is to be sent once
-- more, {2, 'unknown'} when it is held; {0, state} when it is not being looked up.
local had = redis.call('HMGET', record, 'state', 'absent', 'absent_since', 'looked', 'resent', 'attempts', 'token')
local at = now - ARGV[9]
local state, absent, since = had[1], tonumber(had[2] or 0), tonumber(had[3] or at)
if ARGV[8] ~= '' and had[7] == ARGV[8] then return {state == 'unknown' and not had[2] and 2 or 1, state} end
if state ~= 'unknown' or not had[2] then return {0, state or ''} end
if ARGV[8] ~= '' then redis.call('HSET', record, 'token', ARGV[8]) end
local looked = tonumber(had[4] or 0) + 1
if ARGV[1] == '1' then absent = absent + 1 end
local gone = ARGV[1] == '1' and absent >= tonumber(ARGV[4]) and at - since >= tonumber(ARGV[5])
if not gone and looked < tonumber(ARGV[6]) then
  redis.call('HSET', record, 'absent', absent, 'looked', looked, 'next', ARGV[7])
  if ARGV[1] == '1' then redis.call('HSET', record, 'absent_since', since) end
  return {1, state}
end
local attempts = tonumber(had[6] or 0)
redis.call('HDEL', record, 'absent', 'absent_since', 'looked', 'next')
note(attempts, gone and 'it is not in Sent' or 'nothing was found out in Sent')
if ARGV[2] ~= '1' or had[5] or attempts >= tonumber(ARGV[3]) then return {2, state} end
redis.call('HSET', record, 'state', 'retrying', 'resent', 1, 'updated', now)
reopen()
return {1, 'retrying'}
