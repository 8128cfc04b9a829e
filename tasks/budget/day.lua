-- What went out in the rolling window, part by part, and when there is room in it again.
local function unpacked(held)
  held = tonumber(held or 0)
  local m = math.floor(held / message)
  return m, held - m * message
end

-- The counts of the window that ends now, after what has left it is gone: messages, recipients, and
-- the oldest part that there may be.
local function counted(key, part)
  local had = redis.call('HMGET', key, 'messages', 'recipients', 'oldest')
  if not had[3] then return 0, 0 end
  local m, r, oldest, first = tonumber(had[1]), tonumber(had[2]), tonumber(had[3]), part - parts
  if first <= oldest then return m, r, oldest end
  if first > oldest + parts then
    redis.call('DEL', key)
    return 0, 0
  end
  local gone = {}
  for p = oldest, first - 1 do gone[#gone + 1] = string.format('%.0f', p) end
  for _, held in ipairs(redis.call('HMGET', key, unpack(gone))) do
    local pm, pr = unpacked(held)
    m, r = m - pm, r - pr
  end
  redis.call('HDEL', key, unpack(gone))
  redis.call('HSET', key, 'messages', m, 'recipients', r, 'oldest', first)
  return m, r, first
end

-- What mail may use of a limit: a tenth is for critical mail alone.
local function share(limit, critical)
  if limit == 0 then return math.huge end
  if critical then return limit end
  return limit - math.floor(limit / 10)
end

-- When as many messages and recipients have left the window as are too many now.
local function room(key, oldest, part, size, over_m, over_r)
  local names = {}
  for p = oldest, math.max(oldest, part) do names[#names + 1] = string.format('%.0f', p) end
  local last = part
  for i, one in ipairs(redis.call('HMGET', key, unpack(names))) do
    local pm, pr = unpacked(one)
    over_m, over_r = over_m - pm, over_r - pr
    if over_m <= 0 and over_r <= 0 then
      last = oldest + i - 1
      break
    end
  end
  return (last + 1) * size + parts * size
end
