-- DataCache.get_instance(): the cache of derived columns, shared by all workers.

local ffi = require "ffi"
local class = require "backlua.optimization.class"
local C = require("backlua.ffi").C

local methods = {}
local cache_class = class.new("DataCache", methods)
local instance = cache_class.new {}

local MEGABYTE = 2 ^ 20

local function read(get)
    local stats = ffi.new "bt_cache_stats"
    get(stats)
    local asked = stats.hits + stats.misses
    return {
        hits = stats.hits, misses = stats.misses, entries = stats.entries,
        hit_rate = asked > 0 and stats.hits / asked or 0,
        memory_usage_mb = stats.bytes / MEGABYTE,
        max_memory_mb = stats.budget_bytes / MEGABYTE,
    }
end

--- Counts since the start or the last clear, summed over the workers: hits, misses, hit_rate
-- (fraction; 0 before anything was asked for), entries, memory_usage_mb, max_memory_mb; and
-- `assets` with the same of the cache of asset lists.
function methods:get_stats() -- luacheck: no unused args
    local stats = read(C.bt_cache_get_stats)
    stats.assets = read(C.bt_asset_cache_get_stats)
    return stats
end

--- Drop what is cached. Nothing but speed changes.
function methods:clear() -- luacheck: no unused args
    C.bt_cache_clear()
end

--- The process's one cache.
local function get_instance()
    return instance
end

return { public = { get_instance = get_instance } }
