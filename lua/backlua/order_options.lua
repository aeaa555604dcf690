-- The options of an order: from the table behind its amount to the engine's struct.
--
-- Orders with options may be given on every bar, so this compiles into the strategy's own loop:
-- known keys are read one by one, and unknown ones are looked for without a loop. What is wrong
-- with a value is said on a slow path.

local ffi = require "ffi"
local current = require "backlua.current"
local stranger = require "backlua.stranger"
local C = require("backlua.ffi").C

local order_options = {}

local lent = current.pointers
local bor, error, next, tostring, type = bit.bor, error, next, tostring, type
local NAN = 0 / 0

local KEYS = {
    size_at = true, limit = true, stop = true, trail = true, trail_percent = true,
    limit_offset = true, at = true, time_in_force = true, good_till = true, reduce_only = true,
    oco = true, stop_loss = true, take_profit = true,
}
local EXIT_KEYS = {
    price = true, percent = true, amount = true, limit = true, trail = true,
    trail_percent = true, limit_offset = true, time_in_force = true, good_till = true,
}
local CHANGE_KEYS = {
    amount = true, limit = true, stop = true, trail = true, trail_percent = true,
    limit_offset = true, time_in_force = true, good_till = true,
}

-- ---- what is wrong -----------------------------------------------------------------------------

local function shown(value)
    return type(value) == "string" and require "backlua.text.quote"(value)
        or type(value) == "table" and "a table" or tostring(value)
end

local function unknown_key(name, keys, key, level)
    local names = require "backlua.sorted_keys"(keys)
    local hint = require "backlua.text.nearest".hint(tostring(key), names)
    if hint == "" then
        hint = "; it takes " .. table.concat(names, ", ")
    end
    error(("%s: unknown option %s%s"):format(name, shown(key), hint), level + 1)
end

local function wrong_type(name, key, wanted, value, level)
    error(("%s: %s must be %s, got %s"):format(name, key, wanted, shown(value)), level + 1)
end

local function wrong_choice(name, key, choices, value, level)
    error(("%s: %s must be one of %s, got %s%s"):format(name, key, table.concat(choices, ", "),
        shown(value), require "backlua.text.nearest".hint(tostring(value), choices)), level + 1)
end

local function check_table(name, keys, given, level)
    if type(given) ~= "table" then
        error(("%s: options go into a table behind the amount, such as {limit = 10}, got %s")
            :format(name, shown(given)), level + 1)
    end
    local key = stranger(keys, given)
    if key ~= nil then
        unknown_key(name, keys, key, level + 1)
    end
end

local function number(name, key, value, level)
    if value == nil then
        return NAN
    elseif type(value) ~= "number" or value ~= value then
        wrong_type(name, key, "a number", value, level + 1)
    end
    return value
end

local function flag(name, key, value, level)
    if value ~= nil and type(value) ~= "boolean" then
        wrong_type(name, key, "true or false", value, level + 1)
    end
    return value
end

-- ---- time in force -----------------------------------------------------------------------------

local until_out = ffi.new "bt_time[1]"

local function end_of(name, good_till, level)
    if type(good_till) == "number" then
        return ffi.cast("bt_time", good_till * 1e6)
    elseif type(good_till) ~= "string" then
        wrong_type(name, "good_till", "a date such as \"2024-01-31\" or unix seconds", good_till,
            level + 1)
    end
    if C.bt_run_until(lent.run, good_till, until_out) ~= C.BT_OK then
        error(name .. ": " .. ffi.string(C.bt_error_message()), level + 1)
    end
    return until_out[0]
end

local function read_time(name, given, out, level)
    local tif, good_till = given.time_in_force, given.good_till
    if good_till ~= nil and (tif == nil or tif == "gtd") then
        out.tif = C.BT_TIF_GTD
        out["until"] = end_of(name, good_till, level + 1)
    elseif good_till ~= nil then
        error(name .. ": good_till goes with time_in_force = \"gtd\"", level + 1)
    elseif tif == "gtd" then
        error(name .. ": time_in_force \"gtd\" needs good_till", level + 1)
    elseif tif == "day" then
        out.tif = C.BT_TIF_DAY
    elseif tif == "gtc" then
        out.tif = C.BT_TIF_GTC
    elseif tif ~= nil then
        wrong_choice(name, "time_in_force", { "gtc", "day", "gtd" }, tif, level + 1)
    end
end

-- ---- orders ------------------------------------------------------------------------------------

local function read_prices(name, given, out, level)
    out.limit = number(name, "limit", given.limit, level + 1)
    out.stop = number(name, "stop", given.stop, level + 1)
    out.trail = number(name, "trail", given.trail, level + 1)
    out.trail_percent = number(name, "trail_percent", given.trail_percent, level + 1)
    out.limit_offset = number(name, "limit_offset", given.limit_offset, level + 1)
end

local function flags_of(name, given, level)
    local flags, size_at, at = 0, given.size_at, given.at
    if size_at == "fill" then
        flags = C.BT_ORDER_SIZE_AT_FILL
    elseif size_at ~= nil and size_at ~= "decision" then
        wrong_choice(name, "size_at", { "decision", "fill" }, size_at, level + 1)
    end
    if at == "close" then
        flags = bor(flags, C.BT_ORDER_AT_CLOSE)
    elseif at ~= nil then
        wrong_choice(name, "at", { "close" }, at, level + 1)
    end
    if flag(name, "reduce_only", given.reduce_only, level + 1) then
        flags = bor(flags, C.BT_ORDER_REDUCE_ONLY)
    end
    return flags
end

local function group_of(name, oco, level)
    local id = type(oco) == "table" and oco.id or oco
    if id == nil then
        return 0
    elseif type(id) ~= "number" or id % 1 ~= 0 or id < 1 or id > 0x7fffffff then
        wrong_type(name, "oco", "the id of an order", oco, level + 1)
    end
    return id
end

--- Read the options of an order into a bt_order_options; the strategy is at `level`.
function order_options.read(name, given, out, level)
    check_table(name, KEYS, given, level + 1)
    read_prices(name, given, out, level + 1)
    out.flags = flags_of(name, given, level + 1)
    out.oco = group_of(name, given.oco, level + 1)
    out.tif, out["until"] = C.BT_TIF_UNSAID, 0
    read_time(name, given, out, level + 1)
end

--- Read what modify_order changes; returns the amount, NaN to keep it.
function order_options.read_change(name, given, out, level)
    check_table(name, CHANGE_KEYS, given, level + 1)
    read_prices(name, given, out, level + 1)
    out.flags, out.oco, out.tif, out["until"] = 0, 0, C.BT_TIF_UNSAID, 0
    read_time(name, given, out, level + 1)
    local amount = number(name, "amount", given.amount, level + 1)
    return amount -- no tail call: the levels count this frame
end

-- ---- exits of a bracket ------------------------------------------------------------------------

local function clear(out)
    out.limit, out.stop, out.trail, out.trail_percent = NAN, NAN, NAN, NAN
    out.limit_offset, out.flags, out.oco, out.tif = NAN, 0, 0, C.BT_TIF_GTC
    out["until"] = 0
end

-- The one of price, percent and amount that is given, and the flag that says which.
local function place_of(name, given, level)
    local price, percent, amount = given.price, given.percent, given.amount
    local many = (price and 1 or 0) + (percent and 1 or 0) + (amount and 1 or 0)
    if many > 1 then
        error(name .. ": give one of price, percent (a fraction of the entry's price) and amount"
            .. " (currency away from it)", level + 1)
    elseif percent then
        return number(name, "percent", percent, level + 1), C.BT_ORDER_FRACTION
    elseif amount then
        return number(name, "amount", amount, level + 1), C.BT_ORDER_DISTANCE
    end
    return number(name, "price", price, level + 1), 0
end

-- What the only key of most exits means, by its name.
local PLACE_FLAGS = { price = 0, percent = C.BT_ORDER_FRACTION, amount = C.BT_ORDER_DISTANCE }

local function read_exit_table(name, given, out, stops, level)
    local key = next(given)
    local only = PLACE_FLAGS[key]
    if only and next(given, key) == nil then
        out.flags = only
        out[stops and "stop" or "limit"] = number(name, key, given[key], level + 1)
        return
    end
    check_table(name, EXIT_KEYS, given, level + 1)
    local place, flags = place_of(name, given, level + 1)
    read_prices(name, given, out, level + 1)
    out.flags = flags
    if stops then
        out.stop = place
    elseif place ~= place then
        error(name .. ": price, percent or amount is required", level + 1)
    elseif out.limit == out.limit or out.trail == out.trail
        or out.trail_percent == out.trail_percent then
        error(name .. ": a target is a limit; it takes price, percent or amount only", level + 1)
    else
        out.limit = place
    end
    read_time(name, given, out, level + 1)
end

-- Names of exits for messages, by the name of the method: joined once, not at each order.
local exit_names = { [true] = {}, [false] = {} }

local function exit_name(name, stops)
    local known = exit_names[stops][name]
    if not known then
        known = name .. (stops and ": stop_loss" or ": take_profit")
        exit_names[stops][name] = known
    end
    return known
end

--- Read stop_loss (stops) or take_profit: a price, or a table that says more.
function order_options.read_exit(name, given, out, stops, level)
    clear(out)
    if type(given) == "number" then
        if stops then
            out.stop = given
        else
            out.limit = given
        end
        return
    end
    if type(given) ~= "table" then
        wrong_type(name, stops and "stop_loss" or "take_profit",
            "a price or a table such as {percent = 0.05}", given, level + 1)
    end
    read_exit_table(exit_name(name, stops), given, out, stops, level + 1)
end

--- Keys of the options of an order, sorted.
function order_options.names()
    return require "backlua.sorted_keys"(KEYS)
end

return order_options
