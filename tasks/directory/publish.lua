-- Publishes what one worker has, and removes what nobody has any more.
--
-- KEYS[1]  entries, hash: name → JSON
-- KEYS[2]  published, zset: name → ms since 1970
-- ARGV[1]  for how long an entry is kept that nobody publishes, in ms
-- ARGV[2]  the most entries that are kept
-- ARGV[3…] name, JSON, name, JSON, ...
--
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

for i = 3, #ARGV, 2 do
  redis.call('ZADD', KEYS[2], now, ARGV[i])
  -- Most publications change nothing: those cost the AOF no JSON.
  if redis.call('HGET', KEYS[1], ARGV[i]) ~= ARGV[i + 1] then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  end
end

local function remove(names)
  for _, name in ipairs(names) do
    redis.call('ZREM', KEYS[2], name)
    redis.call('HDEL', KEYS[1], name)
  end
end

remove(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', string.format('(%.0f', now - ARGV[1])))

local over = redis.call('ZCARD', KEYS[2]) - ARGV[2]
if over > 0 then
  remove(redis.call('ZRANGE', KEYS[2], 0, over - 1))
end

-- Set, not raised: after a failover to a server whose clock is behind, a
-- maximum would stand still, and what is published now would not be fresh.
redis.call('ZADD', KEYS[2], now, 'newest')
return redis.status_reply('OK')
