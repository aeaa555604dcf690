-- BundleConnectionPool.get_instance(): the bundles that are open.

local ffi = require "ffi"
local class = require "backlua.optimization.class"
local C = require("backlua.ffi").C

local methods = {}
local pool_class = class.new("BundleConnectionPool", methods)

local function read()
    local stats = ffi.new "bt_pool_stats"
    C.bt_pool_get_stats(stats)
    return stats
end

local function paths()
    local list = {}
    local path = C.bt_pool_path(0)
    while path ~= nil do
        list[#list + 1] = ffi.string(path)
        path = C.bt_pool_path(#list)
    end
    return list
end

--- pool_size (open bundles), max_pool_size, hits, misses, evictions.
function methods:get_pool_stats() -- luacheck: no unused args
    local stats = read()
    return {
        pool_size = stats.open, max_pool_size = stats.max_open, hits = stats.hits,
        misses = stats.misses, evictions = stats.evictions,
    }
end

--- The process's one pool, as it is now: bundle_connections (array of paths, the last used first),
-- max_pool_size, :get_pool_stats(). Its size is set by an OptimizationConfig; an argument raises.
-- A result reads from its bundle, which stays open, over max_pool_size, too, until the result is
-- collected as garbage.
local function get_instance(given)
    if given ~= nil then
        error("BundleConnectionPool.get_instance: it takes nothing; the size of the pool is "
            .. "max_bundle_pool_size of an OptimizationConfig", 2)
    end
    return pool_class.new { bundle_connections = paths(), max_pool_size = read().max_open }
end

return { public = { get_instance = get_instance } }
