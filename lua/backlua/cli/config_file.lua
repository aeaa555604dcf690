-- Settings that stand in files: ./backlua.conf.lua, and the user's own
-- $XDG_CONFIG_HOME/backlua/config.lua, which it wins over.
--
--     return { bundle = "demo", capital = 50000, fill = "next_close", cache_size_gb = 1 }
--
-- A file returns a table. It runs with nothing in reach, not even print, and for a limited number
-- of instructions: it is data that may reckon.
--
-- Order: flags, environment, script, ./backlua.conf.lua, the user's file, defaults.

local cache_settings = require "backlua.cache_settings"
local ffi = require "ffi"
local options = require "backlua.options"
local C = require("backlua.ffi").C

local config_file = { PROJECT = "./backlua.conf.lua" }

local TEXT_MAX, INSTRUCTIONS = 65536, 1e6

-- Beside the caches: options of run and check, and of optimize and walkforward.
local SPEC = {
    bundle = { kind = "string" },
    capital = { kind = "number", above = 0, max = 1e15 },
    fill = { kind = "string", choices = { "next_open", "next_close", "same_close" } },
    adjust = { kind = "string", choices = { "all", "splits", "none" } },
    lot = { kind = "number", above = 0, max = 1e9 },
    seed = { kind = "integer", min = 0, max = 2 ^ 53 },
    periods_per_year = { kind = "number", above = 0, max = 1e6 },
    jobs = { kind = "integer", min = 1, max = 1024 },
    color = { kind = "string", choices = { "auto", "never" } },
}
for name, entry in pairs(cache_settings.SPEC) do
    SPEC[name] = entry
end

config_file.names = require "backlua.sorted_keys"(SPEC)

local function usage(message)
    return { code = "usage", message = message }
end

--- The folder that a variable names; nil when it is not set or relative, which counts as not set.
function config_file.folder(variable)
    local value = os.getenv(variable)
    return value and value:sub(1, 1) == "/" and value or nil
end

--- Path of the user's file, nil when there is no home folder.
function config_file.user_path()
    local base, home = config_file.folder "XDG_CONFIG_HOME", config_file.folder "HOME"
    base = base or home and home .. "/.config"
    return base and base .. "/backlua/config.lua"
end

-- ---- reading -----------------------------------------------------------------------------------

local function stop()
    error("it does not end", 0)
end

-- The chunk's value; it is interpreted, for the hook to count.
local function execute(chunk)
    jit.off(chunk, true)
    debug.sethook(stop, "", INSTRUCTIONS)
    local ok, value = pcall(setfenv(chunk, {}))
    debug.sethook()
    return ok, value
end

local function read_text(path)
    local file, message = io.open(path, "rb")
    if not file then
        return nil, { code = "io", message = "cannot read " .. message }
    end
    local text = file:read(TEXT_MAX + 1) or ""
    file:close()
    if #text > TEXT_MAX then
        return nil, usage(("%s is longer than %d bytes: no settings"):format(path, TEXT_MAX))
    end
    return text
end

-- The checked values of a file; an empty table when there is none; nil and a failure.
local function read(path)
    if C.bt_path_kind(path) == C.BT_PATH_NONE then
        return {}
    end
    local text, err = read_text(path)
    if not text then
        return nil, err
    end
    local chunk, message = load(text, "@" .. path, "t")
    if not chunk then
        return nil, usage(message:find(path, 1, true) and message or path .. ": " .. message)
    end
    local ok, value = execute(chunk)
    if not ok then
        return nil, usage(("%s: %s"):format(path, (tostring(value):gsub("^.-:(%d+): ",
            "line %1: "))))
    elseif type(value) ~= "table" then
        return nil, usage(("%s must return a table of settings, got %s"):format(path,
            type(value)))
    end
    local values
    values, message = options.read(path, SPEC, value)
    if not values then
        return nil, usage(message)
    end
    return values
end

local loaded

--- Read both files, once, and hand the caches' settings to the engine as its defaults. An error
-- names file and key. Returns true, or nil and a failure.
function config_file.load()
    if loaded then
        return true
    end
    local found = {}
    for _, path in ipairs { config_file.PROJECT, config_file.user_path() } do
        local values, err = read(path)
        if not values then
            return nil, err
        end
        found[#found + 1] = { path = path, values = values }
    end
    loaded = found
    local base = ffi.new("bt_config", C.bt_config_base()[0])
    for _, name in ipairs(cache_settings.NAMES) do
        local value = config_file.value(name)
        if value ~= nil then
            cache_settings.put(base, name, value)
        end
    end
    C.bt_config_set_base(base)
    require "backlua.text.color".disabled = require "backlua.text.color".disabled
        or config_file.value "color" == "never"
    return true
end

--- The value of a setting in the files and the path of the file, nil when in none.
function config_file.value(name)
    for _, file in ipairs(loaded or {}) do
        if file.values[name] ~= nil then
            return file.values[name], file.path
        end
    end
end

--- Fill what is missing in args from the files, for some names.
function config_file.fill(args, names)
    for _, name in ipairs(names) do
        if args[name] == nil then
            args[name] = config_file.value(name)
        end
    end
end

return config_file
