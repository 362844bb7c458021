-- share_quotes: keep each quote unless its basket has been quoted already, and hand out the one that is kept.
--
-- KEYS   1..n   qs:q:{bits}   string   kept quotes
-- ARGV   1      milliseconds until they end
--        2..n+1               the quotes to keep
-- REPLY  n entries: nil where the quote was kept, else the one that was there before
local held = {}
for place = 1, #KEYS do
  held[place] = redis.call('SET', KEYS[place], ARGV[place + 1], 'PX', ARGV[1], 'NX', 'GET')
end
return held
