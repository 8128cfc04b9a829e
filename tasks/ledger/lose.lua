-- Settle an open mail that asynq will not bring any more: its task is gone, or a person archived it.
-- ARGV    for how long nothing may have happened to it (ms), error, error of one that was being
--         sent, lifetime (ms), the field that marks it (lost|archived), its payload (or '')
-- Returns {1, state} where it is settled now, {0, state} where it is not open, or something happened.
local had = redis.call('HMGET', record, 'state', 'enqueued', 'updated', 'deadline', 'attempts')
local state = had[1]
if not is_open(state) and state ~= 'sending' then
  redis.call('ZREM', open_index, id)
  return {0, state or ''}
end
if now - math.max(tonumber(had[2] or 0), tonumber(had[3] or 0), tonumber(had[4] or 0)) < tonumber(ARGV[1]) then
  return {0, state}
end
local to, why = 'failed', ARGV[2]
if state == 'sending' then
  to, why = 'unknown', ARGV[3]
  redis.call('HSETNX', record, 'left', had[4] or now)
else
  redis.call('HSET', record, ARGV[5], 1)
end
redis.call('HDEL', record, 'deadline', 'next', 'called', 'token', 'requeue')
redis.call('HSET', record, 'state', to, 'updated', now, 'error', why)
note(tonumber(had[5] or 0), why)
if ARGV[6] ~= '' then
  redis.call('SET', kept, ARGV[6])
  redis.call('HSET', record, 'kept', 1)
end
settle(to, ARGV[4])
return {1, to}
