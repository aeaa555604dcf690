-- pairs and next in an order that is the same everywhere: numbers ascending, then strings by
-- bytes, then false and true, then assets by id. LuaJIT's own order depends on a random hash seed
-- and on addresses, so a sum over pairs would differ from process to process.
--
-- Most tables in strategies are sequences or hold one key; for these the native order is already
-- ours, and the native `next` is what pairs returns. For others the keys are sorted once and
-- remembered until the set of keys changes. Checking that costs a few nanoseconds per key; all of
-- it compiles but the sort.

local iterate = require "backlua.iterate"

local ordered = {}

local next, rawget, type, getmetatable = next, rawget, type, getmetatable
local sort = table.sort

-- Sorted key arrays by table.
local remembered = setmetatable({}, { __mode = "k" })

-- Rank of a table key: assets have one, other tables have none.
local function no_rank()
    return nil
end
local rank_of = no_rank

-- Set the function that gives an asset's rank (its id) and nil for any other table.
function ordered.set_rank(rank)
    rank_of = rank
end

local function by_rank(a, b)
    return rank_of(a) < rank_of(b)
end

-- Tables made on each bar are walked once, and most hold a few names or assets. Up to SHORT keys of
-- one such kind are put in order by insertion, which compiles; table.sort does not.
local SHORT = 16

-- Where a key belongs among the keys of its kind: a name itself, an asset's rank; nil for others.
local function place_of(key, kind)
    if type(key) ~= kind then
        return nil
    elseif kind == "string" then
        return key
    end
    return kind == "table" and rank_of(key) or nil
end

-- The keys in order; nil when there are more than SHORT, or of another kind than names or assets.
local function short_keys(t)
    local keys, places, count = {}, {}, 0
    local kind = type((next(t)))
    for key in next, t do
        local place, i = place_of(key, kind), count
        if not place or count == SHORT then
            return nil
        end
        while i > 0 and places[i] > place do
            keys[i + 1], places[i + 1] = keys[i], places[i]
            i = i - 1
        end
        count = count + 1
        keys[i + 1], places[i + 1] = key, place
    end
    return keys
end

local KINDS = { "number", "string", "boolean", "table" }

local function split(t, level)
    local lists = { number = {}, string = {}, boolean = {}, table = {} }
    for key in next, t do
        local list = lists[type(key)]
        if not list or (list == lists.table and not rank_of(key)) then
            error("pairs: keys must be numbers, strings, booleans or assets, got a " .. type(key)
                .. "; keep such keys in an array of their own", level + 1)
        end
        list[#list + 1] = key
    end
    return lists
end

local function sorted_keys(t, level)
    local lists = split(t, level + 1)
    sort(lists.number)
    sort(lists.string)
    sort(lists.boolean, function(a)
        return a == false
    end)
    sort(lists.table, by_rank)
    local keys = {}
    for _, kind in ipairs(KINDS) do
        for _, key in ipairs(lists[kind]) do
            keys[#keys + 1] = key
        end
    end
    return keys
end

-- The same number of keys, all still there: the same set.
local function is_current(keys, t)
    local count = 0
    for _ in next, t do
        count = count + 1
    end
    if count ~= #keys then
        return false
    end
    for i = 1, count do
        if rawget(t, keys[i]) == nil then
            return false
        end
    end
    return true
end

local function keys_of(t, level)
    local keys = remembered[t]
    if not keys or not is_current(keys, t) then
        keys = short_keys(t) or sorted_keys(t, level + 1)
        remembered[t] = keys
    end
    return keys
end

-- Entries may be cleared on the way, as under native pairs: they are passed over.
local function skip(state, i)
    local keys = state.keys
    for j = i + 1, #keys do
        local value = rawget(state.t, keys[j])
        if value ~= nil then
            state.i = j
            return keys[j], value
        end
    end
    state.i = #keys
end

local function step(state)
    local i = state.i + 1
    local key = state.keys[i]
    if key == nil then
        return nil
    end
    local value = rawget(state.t, key)
    if value == nil then
        return skip(state, i)
    end
    state.i = i
    return key, value
end

-- True when native order is 1, 2, 3 ... or there is but one key of a kind that has an order.
local function is_in_order(t)
    local count, key = 0, nil
    for k in next, t do
        count = count + 1
        if k ~= count then
            if count > 1 or next(t, k) ~= nil then
                return false
            end
            key = k
        end
    end
    return key == nil or type(key) == "string" or type(key) == "number"
end

-- Ordered pairs. Views, frames and a metamethod __pairs are honoured; keys without an order raise.
function ordered.pairs(t)
    local walk = iterate.of(t)
    if walk then
        return walk(t)
    elseif type(t) ~= "table" then
        error("bad argument #1 to 'pairs' (table expected, got " .. (t == nil and "no value"
            or type(t)) .. ")", 2)
    end
    local meta = getmetatable(t)
    local own = type(meta) == "table" and rawget(meta, "__pairs")
    if own then
        return own(t)
    elseif is_in_order(t) then
        return next, t, nil
    end
    return step, { t = t, keys = keys_of(t, 2), i = 0 }, nil
end

local function position(keys, key)
    for i = 1, #keys do
        if keys[i] == key then
            return i
        end
    end
end

-- Where a walk by next stands: in the keys as they were at its start, so that entries may be
-- cleared on the way.
local function following(t, keys, at)
    for i = at + 1, #keys do
        local value = rawget(t, keys[i])
        if value ~= nil then
            return keys[i], value
        end
    end
end

-- One step of a walk over a thing of ours.
local function next_of(walk, t, key)
    local advance, state, start = walk(t)
    if key == nil then
        key = start
    end
    return advance(state, key)
end

--- Ordered next(t, key); raises when t is no table. Linear in the number of keys, but for the
-- first.
function ordered.next(t, key)
    local walk = iterate.of(t)
    if walk then
        return next_of(walk, t, key)
    end
    if type(t) ~= "table" then
        error("bad argument #1 to 'next' (table expected, got " .. type(t) .. ")", 2)
    elseif key == nil and is_in_order(t) then
        remembered[t] = nil
        return next(t)
    end
    local keys = key == nil and keys_of(t, 2) or remembered[t]
    local at = key == nil and 0 or keys and position(keys, key)
    if not at then
        return next(t, key)
    end
    return following(t, keys, at)
end

return ordered
