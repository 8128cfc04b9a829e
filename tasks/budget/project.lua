-- Ask the ceiling over all accounts for one send.
-- KEYS pace, waiting
-- ARGV token, critical (1|0), rate
-- Returns what take.lua does.
local token, critical, rate = ARGV[1], ARGV[2] == '1', tonumber(ARGV[3])
if redis.call('HGET', KEYS[1], 'last') == token then return {1} end
local time = next_slot(KEYS[1], rate)
if critical and time > now then wait_in_front(KEYS[2], token, time) end
if not critical and time <= now and somebody_in_front(KEYS[2]) then time = now + soon end
if time > now then return wait('project', time) end
if critical then redis.call('ZREM', KEYS[2], token) end
take_slot(KEYS[1], rate, token)
return {1}
