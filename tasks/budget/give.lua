-- End a send that did not leave: its lease, and what was booked for it.
-- KEYS pace, leases (of its kind), days
-- ARGV token, recipients, window (ms), its slot in the rate too (1|0)
-- Returns 1, or 0 where the lease had ended before, whether somebody has asked since or not.
local held = redis.call('ZSCORE', KEYS[2], ARGV[1])
if not held or tonumber(held) < live then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
if ARGV[4] == '1' then return_slot(KEYS[1], ARGV[1]) end
local part = math.floor(now / (ARGV[3] / parts))
local name = string.format('%.0f', part_of(held, part))
if redis.call('HEXISTS', KEYS[3], name) == 1 then
  redis.call('HINCRBY', KEYS[3], 'messages', '-1')
  redis.call('HINCRBY', KEYS[3], 'recipients', -ARGV[2])
  redis.call('HINCRBY', KEYS[3], name, -message - ARGV[2])
end
return 1
