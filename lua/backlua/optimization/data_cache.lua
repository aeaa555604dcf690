-- DataCache.get_instance(): the cache of derived columns, shared by all workers.

local ffi = require "ffi"
local class = require "backlua.optimization.class"
local C = require("backlua.ffi").C

local methods = {}
local cache_class = class.new("DataCache", methods)
local instance = cache_class.new {}

local MEGABYTE = 2 ^ 20

local function table_of(stats)
    local asked = stats.hits + stats.misses
    return {
        hits = stats.hits, misses = stats.misses, entries = stats.entries,
        evictions = stats.evictions,
        max_entries = stats.max_entries > 0 and stats.max_entries or nil,
        hit_rate = asked > 0 and stats.hits / asked or 0,
        memory_usage_mb = stats.bytes / MEGABYTE,
        max_memory_mb = stats.budget_bytes / MEGABYTE,
    }
end

local function part(layer, tier)
    local stats = ffi.new "bt_cache_stats"
    C.bt_cache_get_part(layer, tier, stats)
    return table_of(stats)
end

--- Counts since the start or the last clear, summed over the workers: hits, misses, hit_rate
-- (fraction; 0 before anything was asked for), entries, evictions, memory_usage_mb, max_memory_mb.
-- The same of each part: `layers` by name (indicators, sums, adjusted, resampled: columns made of a
-- bundle's), `tiers` 1 (what all windows share, and indicators over permanent_windows, 20, 50 and
-- 200 bars) and 2 (indicators of other lengths: max_entries of them, tier2_maxsize, the last used),
-- and `assets`, the cache of asset lists (max_entries: lru_maxsize). Plain windows are pointers
-- into the data: no layer has anything to do for them.
function methods:get_stats() -- luacheck: no unused args
    local stats, assets = part(-1, 0), ffi.new "bt_cache_stats"
    stats.layers, stats.tiers = {}, { part(-1, 1), part(-1, 2) }
    local i, name = 0, C.bt_cache_layer(0)
    while name ~= nil do
        stats.layers[ffi.string(name)] = part(i, 0)
        i, name = i + 1, C.bt_cache_layer(i + 1)
    end
    C.bt_asset_cache_get_stats(assets)
    stats.assets = table_of(assets)
    return stats
end

--- Drop what is cached. Nothing but speed changes.
function methods:clear() -- luacheck: no unused args
    C.bt_cache_clear()
end

-- What a part was asked: since `before`, an earlier one of it, or in all. A cache that was made
-- anew in between began at zero.
local function asked(now, before)
    local counts = {}
    for _, name in ipairs { "hits", "misses", "evictions" } do
        local was = before and before[name] or 0
        counts[name] = now[name] >= was and now[name] - was or now[name]
    end
    local all = counts.hits + counts.misses
    counts.hit_rate = all > 0 and counts.hits / all or 0
    return counts
end

--- Hits, misses, evictions and hit rates by layer and tier and of asset lists, for manifests: of
-- this process and its workers so far, or since `before`, an earlier answer.
local function rates(before)
    local now, was = instance:get_stats(), before or { layers = {}, tiers = {} }
    local told = { layers = {}, tiers = {}, assets = asked(now.assets, was.assets),
        memory_usage_mb = now.memory_usage_mb }
    for name, layer in pairs(now.layers) do
        told.layers[name] = asked(layer, was.layers[name])
    end
    for i, tier in ipairs(now.tiers) do
        told.tiers[i] = asked(tier, was.tiers[i])
    end
    return told
end

--- The process's one cache. Its size is set by an OptimizationConfig; an argument raises.
local function get_instance(given)
    if given ~= nil then
        error("DataCache.get_instance: it takes nothing; the size of the cache is cache_size_gb of "
            .. "an OptimizationConfig", 2)
    end
    return instance
end

return { public = { get_instance = get_instance }, rates = rates }
