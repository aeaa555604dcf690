-- ctx's methods for limits that a strategy sets on itself. They are called in initialize.
--
-- Each takes a last table, given, with on_error: "fail" (default) ends the run at the line that
-- gives the order, "log" rejects the order with the reason `control`. Names follow Zipline's.

local assets = require "backlua.assets"
local current = require "backlua.current"
local misuse = require "backlua.misuse"
local options = require "backlua.options"
local C = require("backlua.ffi").C

local lent = current.pointers
local need_self, need_asset = misuse.need_self, misuse.need_asset
local INFINITE = math.huge

local control = { methods = {} }
local methods = control.methods

local ON_ERROR = { kind = "string", choices = { "fail", "log" }, default = "fail" }
local LIMIT = { kind = "number", min = 0 }

local SIZE = { asset = {}, max_shares = LIMIT, max_notional = LIMIT, on_error = ON_ERROR }
local PLAIN = { on_error = ON_ERROR }

-- Add a control; the strategy is at level 3.
local function add(name, kind, sid, units, value, on_error)
    local fails = on_error == "fail" and 1 or 0
    if C.bt_run_add_control(lent.run, kind, sid, units, value, fails) ~= C.BT_OK then
        misuse.refused(name, 3)
    end
end

local function set_size(self, name, kind, given)
    if self ~= current.context then
        misuse.wrong_self(self, name, 3)
    end
    local values = options.check(name, SIZE, given, 3)
    if not values.max_shares and not values.max_notional then
        error(name .. ": give max_shares, max_notional or both", 3)
    end
    local sid = values.asset ~= nil and assets.sid_of[values.asset] or -1
    if values.asset ~= nil and sid < 0 then
        misuse.unknown_asset(values.asset, name, 3)
    end
    if C.bt_run_add_control(lent.run, kind, sid, values.max_shares or INFINITE,
        values.max_notional or INFINITE, values.on_error == "fail" and 1 or 0) ~= C.BT_OK then
        misuse.refused(name, 3)
    end
end

--- No order beyond so much: set_max_order_size{max_shares = 500, max_notional = 1e5}, of each asset
-- or of one ({asset = "AAPL", ...}).
function methods:set_max_order_size(given)
    set_size(self, "set_max_order_size", C.BT_CONTROL_ORDER_SIZE, given)
end

--- No position beyond so much, open orders counted; an order that reduces one is always good.
function methods:set_max_position_size(given)
    set_size(self, "set_max_position_size", C.BT_CONTROL_POSITION_SIZE, given)
end

--- At most count orders a session, of all assets together.
function methods:set_max_order_count(count, given)
    need_self(self, "set_max_order_count")
    local values = options.check("set_max_order_count", PLAIN, given)
    if type(count) ~= "number" then
        misuse.no_number(count, "set_max_order_count", "the count", 2)
    end
    add("set_max_order_count", C.BT_CONTROL_ORDER_COUNT, -1, count, INFINITE, values.on_error)
end

--- Assets that must not be ordered: list, an array of assets or symbols. Raises for an unknown one.
function methods:set_do_not_order_list(list, given)
    need_self(self, "set_do_not_order_list")
    local values = options.check("set_do_not_order_list", PLAIN, given)
    if type(list) ~= "table" then
        error("set_do_not_order_list: an array of assets is expected, got " .. tostring(list), 2)
    end
    for _, asset in ipairs(list) do
        local sid = need_asset(asset, "set_do_not_order_list")
        add("set_do_not_order_list", C.BT_CONTROL_DO_NOT_ORDER, sid, 0, 0, values.on_error)
    end
end

--- No short positions. Orders that would open one are rejected or cut (long_only); with
-- {on_error = "fail"} giving one is an error.
function methods:set_long_only(given)
    need_self(self, "set_long_only")
    local values = options.check("set_long_only", { on_error = { kind = "string",
        choices = { "fail", "log" }, default = "log" } }, given)
    if C.bt_run_set_long_only(lent.run, 1) ~= C.BT_OK then
        misuse.refused("set_long_only", 2)
    end
    require("backlua.settings").changed.long_only = true
    if values.on_error == "fail" then
        add("set_long_only", C.BT_CONTROL_LONG_ONLY, -1, 0, 0, "fail")
    end
end

-- A limit to gross exposure, in times the portfolio's value; a status.
function control.limit_leverage(leverage, on_error)
    return C.bt_run_add_control(lent.run, C.BT_CONTROL_LEVERAGE, -1, INFINITE, leverage,
        on_error == "fail" and 1 or 0)
end

local POLICIES = { never = 0, end_of_day = 1 }

--- When an order without a time in force of its own ends. policy: "never" (default), or
-- "end_of_day": with the session in which it may trade first. Raises for another word.
function methods:set_cancel_policy(policy)
    need_self(self, "set_cancel_policy")
    local on = POLICIES[policy]
    if not on then
        error(("set_cancel_policy: \"never\" or \"end_of_day\" is expected, got %s"):format(
            tostring(policy)), 2)
    elseif C.bt_run_set_day_orders(lent.run, on) ~= C.BT_OK then
        misuse.refused("set_cancel_policy", 2)
    end
end

return control
