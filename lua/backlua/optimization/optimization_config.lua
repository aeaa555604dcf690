-- OptimizationConfig { enable_caching =, cache_size_gb =, lru_maxsize =, enable_bundle_pooling =,
-- max_bundle_pool_size = }

local ffi = require "ffi"
local class = require "backlua.optimization.class"
local errors = require "backlua.errors"
local options = require "backlua.options"
local C = require("backlua.ffi").C

local config_class = class.new "OptimizationConfig"

local SPEC = {
    enable_caching = { kind = "boolean" },
    cache_size_gb = { kind = "number", above = 0, max = 1024 },
    lru_maxsize = { kind = "integer", min = 1, max = 1000000 },
    enable_bundle_pooling = { kind = "boolean" },
    max_bundle_pool_size = { kind = "integer", min = 1, max = 1000000 },
    -- Of the guide's engine, where they are settings of layers that are none here.
    thresholds = { refused = "it judges a change of the engine itself; `backlua bench` measures "
        .. "this one" },
    cache_size_limit = { refused = "windows of history are views, nothing is cached; cache_size_gb "
        .. "bounds what is derived from them" },
    tier2_maxsize = { refused = "one budget holds both tiers: cache_size_gb" },
    permanent_windows = { refused = "windows of history are views of any length; indicators over "
        .. "20, 50 and 200 bars are kept apart without being told" },
    enable_history_cache = { refused = "windows of history are views, there is nothing to switch; "
        .. "enable_caching switches what is derived from them" },
    enable_shared_bundle_context = { refused = "workers always share the mapped bundle" },
    enable_persistent_worker_pool = { refused = "give the optimisers a worker_pool, a "
        .. "PersistentWorkerPool" },
    enable_bohb = { refused = "a TPEOptimizer with a HyperbandPruner is that search" },
    enable_ray = { refused = "workers are processes of this machine" },
}

--- Settings of caches and bundle pool, for an optimiser's `config`. Variables of the environment
-- (BACKLUA_CACHE_SIZE_GB and kin) win over it.
-- @param given enable_caching (true), cache_size_gb (2.0), lru_maxsize (128),
--   enable_bundle_pooling (true), max_bundle_pool_size (100); what is left out is as a file of
--   settings (backlua.conf.lua) has it, where there is one
local function OptimizationConfig(given)
    local values, base = options.check("OptimizationConfig", SPEC, given, 2), C.bt_config_base()
    for name, entry in pairs(SPEC) do
        if values[name] == nil and not entry.refused then
            values[name] = base[name]
            if entry.kind == "boolean" then
                values[name] = base[name] ~= 0
            end
        end
    end
    return config_class.new(values)
end

-- Put a config (nil: leave things) in force; an error or nil.
local function apply(config)
    if not config then
        return nil
    end
    local c = ffi.new("bt_config", {
        enable_caching = config.enable_caching and 1 or 0,
        enable_bundle_pooling = config.enable_bundle_pooling and 1 or 0,
        cache_size_gb = config.cache_size_gb,
        lru_maxsize = config.lru_maxsize,
        max_bundle_pool_size = config.max_bundle_pool_size,
    })
    local status = C.bt_config_set(c)
    return status ~= C.BT_OK and errors.native(status) or nil
end

-- The settings in force as one text.
local function text()
    local c = C.bt_config_get()
    return ("caching=%d pooling=%d gb=%.17g lru=%d pool=%d"):format(c.enable_caching,
        c.enable_bundle_pooling, c.cache_size_gb, c.lru_maxsize, c.max_bundle_pool_size)
end

return { public = OptimizationConfig, is = config_class.is, apply = apply, text = text }
