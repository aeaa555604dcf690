-- OptimizationConfig { enable_caching =, cache_size_gb =, ... }: see backlua.cache_settings.

local ffi = require "ffi"
local cache_settings = require "backlua.cache_settings"
local class = require "backlua.optimization.class"
local errors = require "backlua.errors"
local options = require "backlua.options"
local C = require("backlua.ffi").C

local config_class = class.new "OptimizationConfig"

-- Of the guide's engine, where they are settings of layers that are none here.
local SPEC = {
    thresholds = { refused = "it judges a change of the engine itself; `backlua bench` measures "
        .. "this one" },
    cache_size_limit = { refused = "one budget holds both tiers of the history cache: "
        .. "cache_size_gb" },
    enable_history_cache = { refused = "windows of history are views, there is nothing to switch; "
        .. "enable_caching switches what is derived from them" },
    enable_shared_bundle_context = { refused = "workers always share the mapped bundle" },
    enable_persistent_worker_pool = { refused = "give the optimisers a worker_pool, a "
        .. "PersistentWorkerPool" },
    enable_bohb = { refused = "a TPEOptimizer with a HyperbandPruner is that search" },
    enable_ray = { refused = "workers are processes of this machine" },
}
for name, entry in pairs(cache_settings.SPEC) do
    SPEC[name] = entry
end

--- Settings of caches and bundle pool, for an optimiser's `config`. Variables of the environment
-- (BACKLUA_CACHE_SIZE_GB and kin) win over it.
-- @param given enable_caching (true), cache_size_gb (2.0), lru_maxsize (128; asset lists),
--   enable_bundle_pooling (true), max_bundle_pool_size (100); of the history cache
--   permanent_windows ({20, 50, 200}: lengths whose indicators are never evicted) and tier2_maxsize
--   (256: how many series of other lengths are kept, the last used). What is left out is as a file
--   of settings (backlua.conf.lua) has it, where there is one
local function OptimizationConfig(given)
    local values = options.check("OptimizationConfig", SPEC, given, 2)
    for _, name in ipairs(cache_settings.NAMES) do
        if values[name] == nil then
            values[name] = cache_settings.get(C.bt_config_base(), name)
        end
    end
    return config_class.new(values)
end

-- Put a config (nil: leave things) in force; an error or nil.
local function apply(config)
    if not config then
        return nil
    end
    local c = ffi.new "bt_config"
    for _, name in ipairs(cache_settings.NAMES) do
        cache_settings.put(c, name, config[name])
    end
    local status = C.bt_config_set(c)
    return status ~= C.BT_OK and errors.native(status) or nil
end

-- The settings in force as one text.
local function text()
    local parts = {}
    for i, name in ipairs(cache_settings.NAMES) do
        parts[i] = name .. "=" .. cache_settings.text(cache_settings.get(C.bt_config_get(), name))
    end
    return table.concat(parts, " ")
end

return { public = OptimizationConfig, is = config_class.is, apply = apply, text = text }
