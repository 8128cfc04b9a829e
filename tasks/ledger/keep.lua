-- Keep the payload of a mail that failed or is unknown, for as long as its record.
-- ARGV    payload
-- Returns for how long it is kept (ms); 0 where it is not.
local had = redis.call('HMGET', record, 'state', 'settled')
if had[2] or had[1] ~= 'failed' and had[1] ~= 'unknown' then return 0 end
local left = redis.call('PTTL', record)
if left <= 0 then return 0 end
redis.call('SET', kept, ARGV[1], 'PX', left)
redis.call('HSET', record, 'kept', 1)
return left
