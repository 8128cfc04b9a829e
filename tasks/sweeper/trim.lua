-- Take tasks out of a queue's archive, as far as they are still there.
-- KEYS[1] the archive, [2…] the tasks
-- ARGV    their IDs
-- Returns how many went.
local gone = 0
for i, id in ipairs(ARGV) do
  if redis.call('ZREM', KEYS[1], id) == 1 then
    redis.call('UNLINK', KEYS[i + 1])
    gone = gone + 1
  end
end
return gone
