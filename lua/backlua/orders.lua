-- ctx's order methods. The amount is sized by the engine: see engine/sim/order.c.

local ffi = require "ffi"
local assets = require "backlua.assets"
local current = require "backlua.current"
local misuse = require "backlua.misuse"
local C = require("backlua.ffi").C

local lent = current.pointers
local sid_of = assets.sid_of
local error, next, type, tostring = error, next, type, tostring
local AT_FILL = C.BT_ORDER_SIZE_AT_FILL
local NAN = 0 / 0

local methods = {}

local OPTIONS = {
    size_at = { kind = "string", choices = { "decision", "fill" } },
    limit = {}, stop = {},
}

local function read_flags(name, given, level)
    if type(given) == "number" then
        error(("%s: options go into a table behind the amount, such as {size_at = \"fill\"},"
            .. " got %s"):format(name, tostring(given)), level + 1)
    end
    local values = require "backlua.options".check(name, OPTIONS, given, level + 1)
    if values.limit ~= nil or values.stop ~= nil then
        error(name .. ": limit and stop prices are not worked by this version; without them it is"
            .. " a market order", level + 1)
    end
    return values.size_at == "fill" and AT_FILL or 0
end

local function flags_of(name, given, level)
    if type(given) == "table" and given.size_at == "fill" and next(given) == "size_at"
        and next(given, "size_at") == nil then
        return AT_FILL
    end
    local flags = read_flags(name, given, level + 1)
    return flags
end

-- Called by the methods; the strategy is at level 3.
local function submit(self, name, asset, kind, amount, given)
    if self ~= current.context then
        misuse.wrong_self(self, name, 3)
    end
    local sid = sid_of[asset]
    if not sid then
        misuse.unknown_asset(asset, name, 3)
    elseif type(amount) ~= "number" then
        misuse.no_number(amount, name, "the amount", 3)
    end
    local flags = 0
    if given ~= nil then
        flags = flags_of(name, given, 3)
    end
    local id = C.bt_order_submit(lent.run, sid, kind, amount, NAN, NAN, flags)
    if id > 0 then
        return id
    elseif id < 0 then
        misuse.refused(name, 3)
    end
end

-- All take an asset or a symbol, a number and, if wanted, a table of options:
--     size_at   "decision" (default): sized now, at the last traded price;
--               "fill": sized by the price it is filled at
-- and return the order's id, or nil when there is nothing to do (an amount of zero, a target that
-- is met). Amounts are truncated toward zero to whole lots. What cannot be done (no cash, no
-- price) is an order with a reason, not an error.

--- Buy (> 0) or sell (< 0) units.
function methods:order(asset, amount, given)
    local id = submit(self, "order", asset, C.BT_ORDER_AMOUNT, amount, given)
    return id
end

--- Buy or sell for an amount of currency.
function methods:order_value(asset, value, given)
    local id = submit(self, "order_value", asset, C.BT_ORDER_VALUE, value, given)
    return id
end

--- Buy or sell for a fraction of the portfolio's value: 0.1 is a tenth.
function methods:order_percent(asset, percent, given)
    local id = submit(self, "order_percent", asset, C.BT_ORDER_PERCENT, percent, given)
    return id
end

--- Hold so many units: orders what is missing, open orders counted.
function methods:order_target(asset, target, given)
    local id = submit(self, "order_target", asset, C.BT_ORDER_TARGET, target, given)
    return id
end

--- Hold so much currency.
function methods:order_target_value(asset, target, given)
    local id = submit(self, "order_target_value", asset, C.BT_ORDER_TARGET_VALUE, target, given)
    return id
end

--- Hold a fraction of the portfolio's value.
function methods:order_target_percent(asset, target, given)
    local id = submit(self, "order_target_percent", asset, C.BT_ORDER_TARGET_PERCENT, target,
        given)
    return id
end

-- ---- looking at them -------------------------------------------------------------------------

local STATUS = {
    [C.BT_STATUS_OPEN] = "open", [C.BT_STATUS_FILLED] = "filled",
    [C.BT_STATUS_CANCELLED] = "cancelled", [C.BT_STATUS_REJECTED] = "rejected",
    [C.BT_STATUS_PARTIAL] = "partial",
}

local function finite(v)
    return v == v and v or nil
end

-- A copy of what the engine knows of an order.
local function snapshot(order)
    return {
        id = order.id, asset = assets.of(order.sid), sid = order.sid,
        status = STATUS[order.status], reason = ffi.string(C.bt_reason_name(order.reason)),
        amount = order.amount, filled = order.filled, open_amount = order.amount - order.filled,
        request = order.request, limit = finite(order.limit), stop = finite(order.stop),
        average_price = finite(order.average_price), commission = order.commission,
        created = tonumber(order.created) / 1e6,
        ended = order.ended ~= 0 and tonumber(order.ended) / 1e6 or nil,
    }
end

-- The id in an id or in a table that get_order gave; the strategy is at level 3.
local function need_id(name, order)
    local id = type(order) == "table" and order.id or order
    if type(id) ~= "number" or id % 1 ~= 0 or id < 1 or id > 0x7fffffff then
        error(("%s: the id that an order method returned is expected, got %s"):format(name,
            tostring(id)), 3)
    end
    return id
end

--- Cancel an order by its id, or by the table that get_order gave; nothing happens when it has
-- ended already.
function methods:cancel_order(order)
    if self ~= current.context then
        misuse.wrong_self(self, "cancel_order", 2)
    end
    if C.bt_order_cancel(lent.run, need_id("cancel_order", order)) ~= C.BT_OK then
        misuse.refused("cancel_order", 2)
    end
end

--- The order with an id as a table, nil when there is none: id, asset, sid, status ("open",
-- "filled", "cancelled", "rejected", "partial"), reason, amount (0 until it is sized), filled,
-- open_amount, request, average_price, commission, created and ended (unix seconds).
function methods:get_order(id)
    if self ~= current.context then
        misuse.wrong_self(self, "get_order", 2)
    end
    local order = C.bt_order_get(lent.run, need_id("get_order", id))
    return order ~= nil and snapshot(order) or nil
end

local function open_ids(sid)
    local most = lent.account.open_orders
    local ids = ffi.new("int32_t[?]", most + 1)
    return ids, C.bt_orders_open(lent.run, sid, ids, most)
end

--- Open orders, oldest first: of one asset an array; of all, arrays by asset, as in Zipline.
function methods:get_open_orders(asset)
    if self ~= current.context then
        misuse.wrong_self(self, "get_open_orders", 2)
    end
    local sid = asset == nil and -1 or sid_of[asset]
    if not sid then
        misuse.unknown_asset(asset, "get_open_orders", 2)
    end
    local ids, count = open_ids(sid)
    local list, by_asset = {}, {}
    for i = 0, count - 1 do
        local order = snapshot(C.bt_order_get(lent.run, ids[i]))
        local own = by_asset[order.asset] or {}
        by_asset[order.asset] = own
        own[#own + 1], list[i + 1] = order, order
    end
    return asset ~= nil and list or by_asset
end

return methods
