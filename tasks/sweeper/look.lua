-- How a task stands.
-- Returns {state, is it where that says (1|0), when it was archived (s, or '')}; the state is '' where
-- there is no task.
local state, listed = look()
local archived = state == 'archived' and redis.call('ZSCORE', sets.archived, id)
return {state, listed and 1 or 0, archived or ''}
