-- Reserve an ID before its task is queued.
-- ARGV    queue, payload hash, process at (ms, or '')
-- Returns {1} when the ID is now ours, {0, state, queue, next (ms, or '')} when
-- the same payload has it already, {-1, state, queue} when another payload has it.
local had = redis.call('HMGET', record, 'state', 'queue', 'hash', 'next', 'lost')
if had[1] then
  -- A record that was lost while the mail was sent does not know which payload it was.
  if had[3] and had[3] ~= ARGV[2] then return {-1, had[1], had[2]} end
  if not had[5] then return {0, had[1], had[2], had[4] or ''} end
  -- Its task was deleted, or never came: who asks for the mail again means it.
  redis.call('HDEL', record, 'lost', 'error', 'attempts', 'age', 'deferred', 'token', 'next')
  reopen()
else
  redis.call('ZADD', open_index, now, id)
end
redis.call('HSET', record, 'state', 'queued', 'queue', ARGV[1], 'hash', ARGV[2], 'enqueued', now)
if ARGV[3] ~= '' then redis.call('HSET', record, 'next', ARGV[3]) end
return {1}
