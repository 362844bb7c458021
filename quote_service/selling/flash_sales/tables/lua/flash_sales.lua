-- One item of a flash sale: all of its keys lie in one slot, and each function is one atomic step.
-- An error does not take back what was written before it: every check stands before the first write, and reads every
-- key that is written after it.
--
--   KEYS  m u r x i q k  of one item, always all seven, always in this order (platform/redis_store/keys.py says what they hold).
--   A reservation is the text  id|customer|quantity|price|reserved_ms|expires_ms|epoch|number|fingerprint|key.

local function now_ms()
    local time = redis.call('TIME')
    return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local function whole(number)
    return string.format('%.0f', number)
end

-- The fields of a reservation in front of its key, by their place in the text. They are never searched for: the key
-- stands last, because a client chooses it, and it may hold bars and whatever looks like another field.
local FIELDS = '^([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|'
local CUSTOMER, QUANTITY, EXPIRES, FINGERPRINT = 2, 3, 6, 9

local function fields(text)
    return { string.match(text, FIELDS) }
end

-- What is refused by what there is stays refused under its key, whatever there is by then. What has not begun, or cannot be
-- said just now, may be asked again. More than so many are answered and not kept: nobody fills the memory with keys.
local FINAL = { ENDED = true, PRICE_CHANGED = true, LIMIT = true, SOLD_OUT = true }
local KEPT_MAX, KEPT_MS = 1000000, 24 * 3600 * 1000

local function verdict_text(verdict, detail, fingerprint)
    return table.concat({ verdict, detail or '0', fingerprint }, '|')
end

local function verdict_before(text, fingerprint)
    local verdict, detail, of = string.match(text, '^([^|]*)|([^|]*)|(.*)$')
    if of ~= fingerprint then return { 'MISMATCH' } end
    return { verdict, detail, 'KEPT' }
end

-- id, customer, quantity, key, fingerprint, price, epoch, the most that may wait in the stream
local function reserve(keys, args)
    local m, u, r, x, i, q, k = keys[1], keys[2], keys[3], keys[4], keys[5], keys[6], keys[7]
    local id, customer, asked, key, fingerprint, price_seen, epoch = unpack(args, 1, 7)
    local known = redis.call('HGET', i, customer .. '|' .. key)
    if known then
        if fields(known)[FINGERPRINT] ~= fingerprint then return { 'MISMATCH' } end
        return { 'REPLAYED', known }
    end
    local refused = redis.call('HGET', k, customer .. '|' .. key)
    if refused then return verdict_before(refused, fingerprint) end
    local held = redis.call('HMGET', m,
        'epoch', 'state', 'start_ms', 'end_ms', 'price_minor', 'limit', 'stock', 'hold_ms', 'allocated')
    if not held[1] or held[2] == 'recovering' or not held[7] then return { 'NOT_LOADED' } end
    -- Somebody has units: a part that is not there was lost, and writing it again would hide that (see lost_part).
    if tonumber(held[7]) < tonumber(held[9]) and redis.call('EXISTS', u, i, q) < 3 then return { 'NOT_LOADED' } end
    if held[1] ~= epoch then return { 'STALE', held[1] } end
    local now = now_ms()
    if held[2] ~= 'active' then return { 'NOT_ACTIVE' } end
    if now < tonumber(held[3]) then return { 'NOT_STARTED' } end
    if now >= tonumber(held[4]) then return { 'ENDED' } end
    if held[5] ~= price_seen then return { 'PRICE_CHANGED', held[5] } end
    local quantity, limit = tonumber(asked), tonumber(held[6])
    if not string.match(asked, '^%d+$') or quantity < 1 or quantity > limit then return { 'LIMIT', held[6] } end
    local owned = tonumber(redis.call('HGET', u, customer) or '0')
    if owned + quantity > limit then return { 'LIMIT', held[6] } end
    if tonumber(held[7]) < quantity then return { 'SOLD_OUT' } end
    if redis.call('XLEN', q) >= tonumber(args[8]) then return { 'BUSY' } end
    if redis.call('HEXISTS', r, id) == 1 or redis.call('ZSCORE', x, id) then return { 'BUSY' } end

    local hold_ms = tonumber(held[8])
    local expires = hold_ms > 0 and whole(now + hold_ms) or '0'
    redis.call('HINCRBY', m, 'stock', -quantity)
    local number = redis.call('HINCRBY', m, 'number', 1)
    local text = table.concat(
        { id, customer, asked, price_seen, whole(now), expires, epoch, number, fingerprint, key }, '|')
    redis.call('HINCRBY', u, customer, quantity)
    redis.call('HSET', r, id, text)
    redis.call('ZADD', x, hold_ms > 0 and expires or '+inf', id)
    redis.call('HSET', i, customer .. '|' .. key, text)
    redis.call('XADD', q, '*', 'e', text)
    return { 'RESERVED', text }
end

-- As `reserve`, and a refusal that is final is kept before anybody is shown.
local function reserve_once(keys, args)
    local shown = reserve(keys, args)
    if FINAL[shown[1]] and not shown[3] and redis.call('HLEN', keys[7]) < KEPT_MAX then
        redis.call('HSET', keys[7], args[2] .. '|' .. args[4], verdict_text(shown[1], shown[2], args[5]))
        redis.call('PEXPIRE', keys[7], KEPT_MS)
    end
    return shown
end

local function give_back(keys, id)
    local text = redis.call('HGET', keys[3], id)
    if not text then return 0 end
    -- The removal of the record is the release: whoever comes second finds nothing to give back.
    redis.call('HDEL', keys[3], id)
    redis.call('ZREM', keys[4], id)
    local held = fields(text)
    local customer, quantity = held[CUSTOMER], tonumber(held[QUANTITY])
    redis.call('HINCRBY', keys[1], 'stock', quantity)
    if redis.call('HINCRBY', keys[2], customer, -quantity) <= 0 then redis.call('HDEL', keys[2], customer) end
    return 1
end

-- reservation ids
local function release(keys, args)
    local released = 0
    for _, id in ipairs(args) do released = released + give_back(keys, id) end
    return released
end

-- reservation ids: they stay taken for good
local function settle(keys, args)
    local settled = 0
    for _, id in ipairs(args) do
        settled = settled + redis.call('HDEL', keys[3], id)
        redis.call('ZREM', keys[4], id)
    end
    return settled
end

-- group, how many entries, how many ids to settle; the entries, the ids to settle, the ids to release
local function finish(keys, args)
    local entries, settled = tonumber(args[2]), tonumber(args[3])
    for place = 4, 3 + entries do
        redis.call('XACK', keys[6], args[1], args[place])
        redis.call('XDEL', keys[6], args[place])
    end
    settle(keys, { unpack(args, 4 + entries, 3 + entries + settled) })
    return release(keys, { unpack(args, 4 + entries + settled) })
end

-- epoch: nothing of an earlier one is admitted from here on
local function fence(keys, args)
    local epoch = redis.call('HGET', keys[1], 'epoch')
    if epoch and tonumber(epoch) >= tonumber(args[1]) then return { 'STALE', epoch } end
    local stock = redis.call('HGET', keys[1], 'stock')
    redis.call('HSET', keys[1], 'epoch', args[1], 'state', 'recovering')
    return { 'FENCED', stock or '' }
end

local function is_fenced(keys, epoch)
    local held = redis.call('HMGET', keys[1], 'epoch', 'state')
    return held[1] == epoch and held[2] == 'recovering'
end

-- epoch
local function clear(keys, args)
    if not is_fenced(keys, args[1]) then return { 'STALE' } end
    redis.call('DEL', keys[2], keys[3], keys[4], keys[5])
    return { 'CLEARED' }
end

-- epoch, then records of three: i|r|u|k, field, value
local function fill(keys, args)
    if not is_fenced(keys, args[1]) then return { 'STALE' } end
    for place = 2, #args, 3 do
        local kind, field, value = args[place], args[place + 1], args[place + 2]
        if kind == 'u' then
            redis.call('HSET', keys[2], field, value)
        elseif kind == 'i' then
            redis.call('HSET', keys[5], field, value)
        elseif kind == 'k' then
            redis.call('HSET', keys[7], field, value)
            redis.call('PEXPIRE', keys[7], KEPT_MS)
        else
            local expires = fields(value)[EXPIRES]
            redis.call('HSET', keys[3], field, value)
            redis.call('ZADD', keys[4], expires == '0' and '+inf' or expires, field)
        end
    end
    return { 'FILLED' }
end

local function run_id()
    return string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or ''
end

local function last_id(key)
    local info = redis.call('XINFO', 'STREAM', key)
    for place = 1, #info, 2 do
        if info[place] == 'last-generated-id' then return info[place + 1] end
    end
    return '0-0'
end

-- epoch, group, stock; then names and values of what stands in m
local function open(keys, args)
    if not is_fenced(keys, args[1]) then return { 'STALE' } end
    redis.pcall('XGROUP', 'CREATE', keys[6], args[2], '0', 'MKSTREAM') -- refused where there is one already
    redis.call('HSET', keys[1], 'stock', args[3], 'number', '0', unpack(args, 4))
    return { 'OPENED', last_id(keys[6]), run_id() }
end

-- epoch, revision, allocated; then names and values of what stands in m
local function sync(keys, args)
    local held = redis.call('HMGET', keys[1], 'epoch', 'state', 'revision', 'allocated', 'stock')
    if held[1] ~= args[1] or held[2] == 'recovering' then return { 'STALE' } end
    if tonumber(held[3]) >= tonumber(args[2]) then return { 'KNOWN' } end
    local stock = tonumber(held[5]) + tonumber(args[3]) - tonumber(held[4])
    if stock < 0 then return { 'TOO_LOW', held[5] } end
    redis.call('HSET', keys[1], 'revision', args[2], 'allocated', args[3], 'stock', whole(stock), unpack(args, 4))
    return { 'SYNCED', whole(stock) }
end

local function group_of(key, name)
    for _, group in ipairs(redis.call('XINFO', 'GROUPS', key)) do
        local shown = {}
        for place = 1, #group, 2 do shown[group[place]] = group[place + 1] end
        if shown['name'] == name then return shown end
    end
    return nil
end

local function is_not_after(one, other)
    local ms, sequence = string.match(one, '^(%d+)-(%d+)')
    local other_ms, other_sequence = string.match(other, '^(%d+)-(%d+)')
    ms, other_ms = tonumber(ms), tonumber(other_ms)
    return ms < other_ms or (ms == other_ms and tonumber(sequence) <= tonumber(other_sequence))
end

-- Which part of an item that is open has gone by itself, as far as the others show it; '' where none has.
local function lost_part(keys, stock, allocated, group_name)
    local u, r, x, i, q = keys[2], keys[3], keys[4], keys[5], keys[6]
    if redis.call('EXISTS', q) == 0 then return 'stream' end
    local group = group_of(q, group_name)
    if not group then return 'group' end
    local oldest = redis.call('XRANGE', q, '-', '+', 'COUNT', 1)[1]
    -- Read by the group, and with no recorder: the group was made again behind it, and nobody will ever read it.
    if oldest and group['pending'] == 0 and is_not_after(oldest[1], group['last-delivered-id']) then return 'entries' end
    local has_customers = redis.call('EXISTS', u) == 1
    if tonumber(stock) < tonumber(allocated) and not has_customers then return 'customers' end
    if has_customers and redis.call('EXISTS', i) == 0 then return 'keys' end
    if redis.call('EXISTS', r) ~= redis.call('EXISTS', x) then return 'holds' end
    return ''
end

-- group
local function figures(keys, args)
    local held = redis.call('HMGET', keys[1], 'epoch', 'state', 'revision', 'stock', 'number', 'allocated')
    if not held[1] then return { 'NOT_LOADED', run_id() } end
    local waiting, last, lost = 0, '0-0', ''
    if redis.call('EXISTS', keys[6]) == 1 then waiting, last = redis.call('XLEN', keys[6]), last_id(keys[6]) end
    if held[2] ~= 'recovering' and held[4] and held[6] then lost = lost_part(keys, held[4], held[6], args[1]) end
    return { 'LOADED', run_id(), held[1], held[2], held[3] or '0', held[4] or '0', held[5] or '0', held[6] or '0',
        waiting, last, redis.call('HLEN', keys[3]), lost }
end

-- for how many milliseconds all of it is still kept
local function retire(keys, args)
    for _, key in ipairs(keys) do redis.call('PEXPIRE', key, args[1]) end
    return 1
end

local functions = {
    reserve = reserve_once, release = release, settle = settle, finish = finish, fence = fence, clear = clear, fill = fill,
    open = open, sync = sync, figures = figures, retire = retire,
}
