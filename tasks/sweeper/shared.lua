-- What the scripts on a task share; it stands before each of them.
-- KEYS[1] the task, [2] pending, [3] active, [4] lease, [5] scheduled, [6] retry, [7] archived
-- ARGV[1] its ID, [2] now (s), [3] since when a lease has to be over for nobody to come for it (s),
--         [4] how long a list of pending tasks may be to be searched
local task, pending, active, lease = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local sets = {scheduled = KEYS[5], retry = KEYS[6], archived = KEYS[7]}
local id = ARGV[1]

local function has(list)
  return redis.call('LPOS', list, id) ~= false
end

-- The task's state, and whether it is where that says. One without a message is none.
local function look()
  local state = redis.call('HGET', task, 'state')
  if not state or redis.call('HSTRLEN', task, 'msg') == 0 then return '', false end
  if sets[state] then return state, redis.call('ZSCORE', sets[state], id) ~= false end
  if state == 'active' then
    local ends = redis.call('ZSCORE', lease, id)
    if not ends then return state, false end
    -- asynq brings back what is active with a lease that is over. What is not among the active it can't.
    return state, tonumber(ends) > tonumber(ARGV[3]) or has(active)
  end
  if state == 'pending' then
    return state, redis.call('LLEN', pending) > tonumber(ARGV[4]) or has(pending)
  end
  return state, true
end
