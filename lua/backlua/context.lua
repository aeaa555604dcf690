-- `ctx`: what a strategy does. Zipline's methods under Zipline's names, in its order of arguments;
-- orders are in orders.lua, set_ methods in settings.lua.
--
-- ctx is an ordinary table, fresh in every run, so strategies keep what they like in it. Methods
-- work on the active run, never on what `self` holds; called on anything but the active ctx they
-- raise. Every misuse raises at the strategy's line.

local ffi = require "ffi"
local assets = require "backlua.assets"
local current = require "backlua.current"
local indicator = require "backlua.indicator"
local misuse = require "backlua.misuse"
local ordered = require "backlua.ordered"
local portfolio = require "backlua.portfolio"
local sandbox = require "backlua.sandbox"
local C = require("backlua.ffi").C

local lent = current.pointers
local need_self = misuse.need_self
local error, next, type = error, next, type

local context = {}
local methods = {}
context.methods = methods
context.meta = { __index = methods, __metatable = false }

for _, group in ipairs { require "backlua.orders", require "backlua.settings".methods,
    require "backlua.account".methods, require "backlua.schedule".methods,
    require "backlua.control".methods } do
    for name, method in pairs(group) do
        methods[name] = method
    end
end

-- ---- assets ----------------------------------------------------------------------------------

local function lookup(symbol, name)
    local sid = assets.sid_of[symbol]
    if not sid then
        misuse.unknown_asset(symbol, name, 3)
    end
    return assets.of(sid)
end

local function day_of(date, name)
    local at, timed = ffi.new "bt_time[1]", ffi.new "int32_t[1]"
    if type(date) ~= "string" or C.bt_date_parse(date, at, timed) ~= C.BT_OK then
        error(("%s: the date must be a text such as \"2012-05-18\", got %s"):format(name,
            type(date) == "string" and require "backlua.text.quote"(date) or tostring(date)), 3)
    end
    return math.floor(tonumber(at[0]) / 86400e6)
end

--- The asset of a symbol, as of the current session: the one that bore it then; else the one that
-- bears it in the end, or did last. With a date ("2021-05-03") strictly as of that.
function methods:symbol(symbol, date)
    need_self(self, "symbol")
    if date == nil then
        local asset = lookup(symbol, "symbol")
        return asset
    end
    local day = day_of(date, "symbol")
    local sid, other = assets.sid_at(tostring(symbol), day)
    if not sid then
        if other == "never" then
            misuse.unknown_asset(symbol, "symbol", 2)
        end
        error(("symbol: no asset was called %s on %s; %s was at another time"):format(
            require "backlua.text.quote"(symbol), date, other), 2)
    end
    return assets.of(sid)
end

--- Look symbols up as of a date ("2021-05-03") from now on, whatever the current session is; nil:
-- as of that again.
function methods:set_symbol_lookup_date(date)
    need_self(self, "set_symbol_lookup_date")
    assets.look_up_as_of(date ~= nil and day_of(date, "set_symbol_lookup_date") or nil)
end

--- An array of assets: of the symbols given (or of an array of them); without arguments all, in
-- the order of their ids.
function methods:symbols(...)
    need_self(self, "symbols")
    local list, count = {}, select("#", ...)
    if count == 0 then
        for sid = 0, lent.assets - 1 do
            list[sid + 1] = assets.of(sid)
        end
        return list
    end
    local names = { ... }
    if count == 1 and type(names[1]) == "table" and not assets.rank(names[1]) then
        names, count = names[1], #names[1]
    end
    for i = 1, count do
        list[i] = lookup(names[i], "symbols")
    end
    return list
end

--- The asset of an id, sid: 0 is the bundle's first.
function methods:sid(sid)
    need_self(self, "sid")
    if type(sid) ~= "number" or sid % 1 ~= 0 or sid < 0 or sid >= lent.assets then
        error(("sid: a whole number 0..%d is expected, got %s"):format(lent.assets - 1,
            tostring(sid)), 2)
    end
    return assets.of(sid)
end

--- A handle over an indicator of an asset: ctx:indicator("sma", asset, {n = 20, field = "close"});
-- h[-1] is its value at the current bar, h[-2] at the bar before, NaN while it warms up. One with
-- several outputs gives a table of handles by name: ctx:indicator("macd", asset).signal[-1]. One of
-- two series takes { other = asset, other_field = field }; frequency and adjust are those of
-- data:history, and so are its prices: in the terms of now. Parameters, in options, have defaults;
-- require "backlua.ta".info(name) has all that is known. In place of the name a function of your
-- own, see own_indicator.lua. Raises at the strategy's line.
function methods:indicator(name, asset, options)
    need_self(self, "indicator")
    local handle = indicator.open(name, asset, options)
    return handle
end

-- ---- records ---------------------------------------------------------------------------------

-- The strategy is at `level`.
local function record_one(name, value, level)
    if type(name) ~= "string" then
        error("record: names must be strings, got a " .. type(name), level)
    elseif type(value) == "boolean" then
        value = value and 1 or 0
    elseif type(value) ~= "number" then
        misuse.no_number(value, "record", name, level)
    end
    if C.bt_run_record(lent.run, name, value) ~= C.BT_OK then
        misuse.refused("record", level)
    end
end

-- The names of the last table that was recorded, in order, and which they are. The next table
-- mostly has the same ones, and sorting them would leave compiled code on every bar.
local names, known, count

local function record_new(values)
    names, known, count = {}, {}, 0
    for name, value in ordered.pairs(values) do
        record_one(name, value, 5)
        count = count + 1
        names[count], known[name] = name, true
    end
end

local function record_all(values)
    local n = 0
    for name in next, values do
        n = known[name] and n + 1 or count + 1
        if n > count then
            record_new(values)
            return
        end
    end
    if n < count then
        record_new(values)
        return
    end
    for i = 1, n do
        record_one(names[i], values[names[i]], 4)
    end
end

--- Record values at the current bar: ctx:record{ spread = 1.2 } or ctx:record("spread", 1.2). One
-- value per name and bar; true and false count as 1 and 0.
function methods:record(values, value)
    need_self(self, "record")
    if type(values) ~= "table" then
        record_one(values, value, 3)
        return
    end
    local first, number = next(values)
    if first ~= nil and next(values, first) == nil then -- one value: nothing to put in order
        record_one(first, number, 3)
        return
    end
    record_all(values)
end

-- ---- chance and time ---------------------------------------------------------------------------

--- A random number of the run's own stream, the same in every run of the same seed and parameters:
-- random() in [0, 1), random(high) and random(low, high) whole numbers, ends included.
function methods:random(low, high)
    need_self(self, "random")
    local number = sandbox.random(low, high, 3)
    return number
end

--- A normally distributed number of the same stream; mean 0 and deviation 1 unless given.
function methods:random_normal(mean, deviation)
    need_self(self, "random_normal")
    if mean ~= nil and type(mean) ~= "number" then
        misuse.no_number(mean, "random_normal", "the mean", 2)
    elseif deviation ~= nil and type(deviation) ~= "number" then
        misuse.no_number(deviation, "random_normal", "the deviation", 2)
    end
    return (mean or 0) + (deviation or 1) * C.bt_run_random_normal(lent.run)
end

-- Modules that few strategies need: looked up once, since require is not compiled.
local datetime, date

--- Close of the current bar in unix seconds (UTC).
function methods:now()
    need_self(self, "now")
    return tonumber(lent.account.now) / 1e6
end

--- The same as a table: year, month, day, hour, min, sec, wday (1 is Sunday), yday, in UTC.
-- tostring of it is "2004-08-19T20:00:00Z".
function methods:get_datetime()
    need_self(self, "get_datetime")
    datetime = datetime or require "backlua.datetime"
    return datetime(tonumber(lent.account.now) / 1e6)
end

--- Print a line that begins with the bar's date.
function methods:log(...)
    need_self(self, "log")
    date = date or require "backlua.text.date"
    sandbox.print("[" .. date.day(tonumber(lent.account.now) / 1e6) .. "]", ...)
end

-- ---- a run's own -------------------------------------------------------------------------------

-- A fresh ctx with a run's parameters.
function context.new(params)
    local folio, account, metrics = portfolio.new()
    names, known, count = {}, {}, 0
    return setmetatable({ params = params, portfolio = folio, account = account,
        metrics = metrics }, context.meta)
end

return context
