-- One item of a flash sale at one instant: stock, entries that wait, how long the oldest of them has waited (ms).
--   KEYS  m q  of the item
local time = redis.call('TIME')
local oldest = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1]
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local since = oldest and tonumber(string.match(oldest[1], '^%d+')) or now
return { tonumber(redis.call('HGET', KEYS[1], 'stock') or '-1'), redis.call('XLEN', KEYS[2]), math.max(0, now - since) }
