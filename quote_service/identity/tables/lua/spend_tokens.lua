-- spend_tokens: take what was spent out of each bucket, and tell what is left.
--
-- KEYS   1..n  qs:rate:{key id}   hash   left_micro, at_us
-- ARGV   three for each key:
--        size_tokens    integer, 1 .. 1 000 000   what a full bucket holds
--        refill_per_s   integer, 1 .. 1 000 000   tokens a second
--        spent_tokens   integer, >= 0             already given away by the caller
-- REPLY  n integers: millionths of a token that are left; below 0 where more was given away than there was
--
-- Nothing is refused here: the callers spend first and settle later, and a debt is what makes all of them wait until it is
-- filled up again. It is never more than a full bucket, so that a limit made smaller is waited for once and not for ever.
-- The clock is that of Redis, since those of its callers differ. Millionths, because a reply has no fractions: one
-- microsecond at one token a second is one of them.
local MICRO = 1000000
local time = redis.call('TIME')
local now_us = time[1] * MICRO + time[2]
local lefts = {}
for place = 1, #KEYS do
  local size_micro = ARGV[place * 3 - 2] * MICRO
  local refill_per_s = tonumber(ARGV[place * 3 - 1])
  local stored = redis.call('HMGET', KEYS[place], 'left_micro', 'at_us')
  local left_micro = tonumber(stored[1]) or size_micro
  local elapsed_us = math.max(0, now_us - (tonumber(stored[2]) or now_us))
  left_micro = math.min(size_micro, left_micro + elapsed_us * refill_per_s)
  left_micro = math.max(-size_micro, left_micro - ARGV[place * 3] * MICRO)
  -- '%.0f': as text a number keeps 14 digits, and now_us has 16.
  redis.call('HSET', KEYS[place], 'left_micro', string.format('%.0f', left_micro), 'at_us', string.format('%.0f', now_us))
  -- A bucket that is not there is full: it may go when it would be full, from the deepest debt on.
  redis.call('PEXPIRE', KEYS[place], math.ceil(2 * size_micro / refill_per_s / 1000) + 1000)
  lefts[place] = left_micro
end
return lefts
