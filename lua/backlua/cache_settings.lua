-- The settings of caches and bundle pool: what there is, for OptimizationConfig, files of settings
-- and `config show`, and the way to the engine's bt_config and back.

local sorted_keys = require "backlua.sorted_keys"
local C = require("backlua.ffi").C

local cache_settings = {}

local MOST, LONGEST = C.BT_PERMANENT_MAX, C.BT_HISTORY_MAX

local function check_windows(list)
    if #list > MOST or #sorted_keys(list) > #list then
        return ("must be a list of up to %d windows, got %d of them"):format(MOST,
            #sorted_keys(list))
    end
    for i = 1, #list do
        local n = list[i]
        if type(n) ~= "number" or n % 1 ~= 0 or n < 1 or n > LONGEST then
            return ("must be whole numbers, 1 to %d, got %s"):format(LONGEST, tostring(n))
        end
    end
end

cache_settings.SPEC = {
    enable_caching = { kind = "boolean" },
    cache_size_gb = { kind = "number", above = 0, max = 1024 },
    lru_maxsize = { kind = "integer", min = 1, max = 1000000 },
    enable_bundle_pooling = { kind = "boolean" },
    max_bundle_pool_size = { kind = "integer", min = 1, max = 1000000 },
    permanent_windows = { kind = "table", check = check_windows },
    tier2_maxsize = { kind = "integer", min = 1, max = 16384 },
}

-- In the order in which they are shown.
cache_settings.NAMES = { "enable_caching", "cache_size_gb", "lru_maxsize", "permanent_windows",
    "tier2_maxsize", "enable_bundle_pooling", "max_bundle_pool_size" }

--- A setting of a bt_config as a Lua value.
function cache_settings.get(config, name)
    if name == "permanent_windows" then
        local list = {}
        for i = 1, config.permanent_count do
            list[i] = config.permanent_windows[i - 1]
        end
        return list
    end
    local value = config[name]
    if cache_settings.SPEC[name].kind == "boolean" then
        return value ~= 0
    end
    return value
end

--- Put a checked Lua value into a bt_config.
function cache_settings.put(config, name, value)
    if name == "permanent_windows" then
        config.permanent_count = #value
        for i = 1, #value do
            config.permanent_windows[i - 1] = value[i]
        end
    elseif type(value) == "boolean" then
        config[name] = value and 1 or 0
    else
        config[name] = value
    end
end

--- A Lua value as the environment would have it: "true", "2", "20,50,200", "none".
function cache_settings.text(value)
    if type(value) ~= "table" then
        return type(value) == "number" and require "backlua.text.number".shortest(value)
            or tostring(value)
    end
    return #value > 0 and table.concat(value, ",") or "none"
end

return cache_settings
