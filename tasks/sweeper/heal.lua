-- Put a task where asynq finds it, if it is nowhere: an archived one into the archive, any other at
-- the head of its queue. What a lost task has left behind goes.
-- Returns 1 where the task had to be put back, else 0.
local state, listed = look()
if listed then return 0 end
if state == 'archived' then
  redis.call('ZADD', sets.archived, ARGV[2], id)
  return 1
end
redis.call('LREM', active, 0, id)
redis.call('ZREM', lease, id)
for _, set in pairs(sets) do
  redis.call('ZREM', set, id)
end
if state == '' then
  redis.call('DEL', task)
  if redis.call('LLEN', pending) <= tonumber(ARGV[4]) then redis.call('LREM', pending, 0, id) end
  return 0
end
redis.call('RPUSH', pending, id)
redis.call('HSET', task, 'state', 'pending')
return 1
