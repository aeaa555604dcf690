-- A bundle to look at: its facts, and its columns without a backtest.
--
--     b = bundle "demo"
--     b.symbols                        { "AAPL", ... }
--     b:history("AAPL", "close", 250)  the last 250 bars as a view
--     b:bars("AAPL", 5)                the last five, as records
--
-- Columns are as quoted: nothing is adjusted, since there is no now. What is given is a copy and
-- outlives the bundle.

local ffi = require "ffi"
local bundle_fields = require "backlua.bundle_fields"
local errors = require "backlua.errors"
local native = require "backlua.ffi"

local C = native.C
local SERIES, DATA = native.hidden.series, native.hidden.data

local bundle = {}
local methods = {}

local owned = setmetatable({}, { __mode = "k" })

-- ---- columns -----------------------------------------------------------------------------------

-- Through a run that never steps: its portal reads columns.
local function with_portal(path, use)
    local held, run = ffi.new "bt_bundle *[1]", ffi.new "bt_run *[1]"
    local config = ffi.new "bt_run_config"
    local start, stop = ffi.new "bt_time[1]", ffi.new "bt_time[1]"
    if C.bt_bundle_acquire(path, held) ~= C.BT_OK then
        error(errors.native(), 0)
    end
    C.bt_run_config_init(config)
    config.adjust = C.bt_adjust_find "none"
    config.bundle = held[0]
    local status = C.bt_span(held[0], nil, nil, start, stop)
    config.start, config["end"] = start[0], stop[0]
    if status == C.BT_OK then
        status = C.bt_run_open(config, run)
    end
    local ok, result
    if status == C.BT_OK then
        ok, result = pcall(use, C.bt_run_portal(run[0]), held[0])
        C.bt_run_close(run[0])
    else
        ok, result = false, errors.native(status)
    end
    C.bt_bundle_release(held[0])
    if not ok then
        error(result, 0)
    end
    return result
end

local function copy_column(portal, sid, field, n)
    if C.bt_portal_column(portal, sid, field) ~= C.BT_OK then
        error(errors.native(), 0)
    end
    local vector = require "backlua.vector"
    local from = portal.rows - n
    return vector.copy(portal[SERIES][sid * portal.fields + field][DATA] + from, n)
end

local function copy_times(portal, n)
    C.bt_portal_times(portal)
    local data = portal[native.hidden.time_series][DATA]
    return require "backlua.vector".copy(data + (portal.rows - n), n)
end

-- ---- what is asked for -------------------------------------------------------------------------

local function need(self, name)
    local facts = owned[self]
    if not facts then
        error(("bundle: call it with a colon, b:%s(...)"):format(name), 3)
    end
    return facts
end

-- Sid of a symbol; raises at the caller of the caller's line.
local function sid_of(facts, symbol, name)
    for i, known in ipairs(facts.symbols) do
        if known == symbol then
            return i - 1
        end
    end
    error(("%s: no symbol %s in bundle %s%s"):format(name,
        require "backlua.text.quote"(tostring(symbol)), facts.name,
        require "backlua.text.nearest".hint(tostring(symbol), facts.symbols)), 3)
end

local function count_of(facts, n, name, default)
    n = n or default
    if type(n) ~= "number" or n % 1 ~= 0 or n < 1 then
        error(("%s: a number of bars is expected, got %s"):format(name, tostring(n)), 3)
    end
    return math.min(n, facts.rows)
end

local function field_of(held, name)
    local id = type(name) == "string" and C.bt_bundle_find_field(held, name) or -1
    if id < 0 then
        local names = bundle_fields(held, 0)
        local hint = require "backlua.text.nearest".hint(tostring(name), names)
        error(errors.new("name", ("history: no field %s%s"):format(
            require "backlua.text.quote"(tostring(name)),
            hint ~= "" and hint or "; there are " .. table.concat(names, ", "))), 0)
    end
    return id
end

--- A field of an asset over the last n sessions (default: all), as a view; NaN where there is no
-- bar. Raises for an unknown symbol or field.
function methods:history(symbol, field, n)
    local facts = need(self, "history")
    local sid = sid_of(facts, symbol, "history")
    n = count_of(facts, n, "history", facts.rows)
    return with_portal(facts.path, function(portal, held)
        return copy_column(portal, sid, field_of(held, field or "close"), n)
    end)
end

--- Close times of the last n sessions (default: all) in unix seconds, as a view.
function methods:time(n)
    local facts = need(self, "time")
    n = count_of(facts, n, "time", facts.rows)
    return with_portal(facts.path, function(portal)
        return copy_times(portal, n)
    end)
end

local SHOWN = { "open", "high", "low", "close", "volume" }

--- The last n bars of an asset (default 10) as records: time, open, high, low, close, volume.
function methods:bars(symbol, n)
    local facts = need(self, "bars")
    local sid = sid_of(facts, symbol, "bars")
    n = count_of(facts, n, "bars", 10)
    return with_portal(facts.path, function(portal)
        local times, list = copy_times(portal, n), {}
        for i = 1, n do
            list[i] = { time = times[i] }
        end
        for id, name in ipairs(SHOWN) do
            local column = copy_column(portal, sid, C.bt_field_find(name), n)
            for i = 1, n do
                list[i][SHOWN[id]] = column[i]
            end
        end
        return list
    end)
end

-- ---- the object --------------------------------------------------------------------------------

local function describe(facts)
    local date, number = require "backlua.text.date", require "backlua.text.number"
    local shown = math.min(#facts.symbols, 12)
    local assets = number.count(facts.assets) .. (facts.assets == 1 and " asset" or " assets")
    return ("bundle %s  %s, %s, %s bars, %s..%s\n%s%s"):format(facts.name, facts.frequency,
        assets, number.count(facts.bars), date.day(facts.first_close),
        date.day(facts.last_close), table.concat(facts.symbols, " ", 1, shown),
        #facts.symbols > shown and (" and %d more"):format(#facts.symbols - shown) or "")
end

local meta = {
    __metatable = false,
    __index = function(self, key)
        local value = methods[key]
        if value == nil then
            value = owned[self][key]
        end
        if value == nil then
            local names = bundle.names(self)
            error(("bundle has no %s%s"):format(require "backlua.text.quote"(tostring(key)),
                require "backlua.text.nearest".hint(tostring(key), names)), 2)
        end
        return value
    end,
    __newindex = function()
        error("bundle: it is read-only", 2)
    end,
    __tostring = function(self)
        return describe(owned[self])
    end,
}

--- True for a bundle made here.
function bundle.is(value)
    return owned[value] ~= nil
end

--- Fields and methods of a bundle, for completion.
function bundle.names(self)
    local names = {}
    for _, group in ipairs { methods, owned[self] } do
        for name in pairs(group) do
            names[#names + 1] = name
        end
    end
    return names
end

--- The bundle of a name or path. Raises an error with code and message when there is none.
function bundle.open(name)
    local facts, err = require("backlua.job").bundle_facts(name)
    if not facts then
        error(err, 0)
    end
    local self = setmetatable({}, meta)
    owned[self] = facts
    return self
end

return bundle
