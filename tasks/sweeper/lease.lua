-- Keep the lease, or give it back.
-- KEYS[1] the lease
-- ARGV    the holder's token, for how long (ms; 0 gives it back)
-- Returns 1 where it was this holder's, else 0.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then
  redis.call('DEL', KEYS[1])
else
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 1
