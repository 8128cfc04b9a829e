-- Reserve an ID before its task is queued.
-- KEYS[1] record
-- ARGV    queue, payload hash, process at (ms, or '')
-- Returns {1} when the ID is now ours, {0, state, queue, next (ms, or '')} when
-- the same payload has it already, {-1, state, queue} when another payload has it.
local had = redis.call('HMGET', KEYS[1], 'state', 'queue', 'hash', 'next')
if had[1] then
  if had[3] == ARGV[2] then return {0, had[1], had[2], had[4] or ''} end
  return {-1, had[1], had[2]}
end
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('HSET', KEYS[1], 'state', 'queued', 'queue', ARGV[1], 'hash', ARGV[2], 'enqueued', now)
if ARGV[3] ~= '' then redis.call('HSET', KEYS[1], 'next', ARGV[3]) end
return {1}
