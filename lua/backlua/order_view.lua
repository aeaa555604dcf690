-- What the engine knows of an order, as a table for a strategy.

local ffi = require "ffi"
local assets = require "backlua.assets"
local C = require("backlua.ffi").C

local band = bit.band

local order_view = {}

local STATUS = {
    [C.BT_STATUS_OPEN] = "open", [C.BT_STATUS_FILLED] = "filled",
    [C.BT_STATUS_CANCELLED] = "cancelled", [C.BT_STATUS_REJECTED] = "rejected",
    [C.BT_STATUS_PARTIAL] = "partial",
}
local TIME_IN_FORCE = {
    [C.BT_TIF_GTC] = "gtc", [C.BT_TIF_DAY] = "day", [C.BT_TIF_GTD] = "gtd",
}

-- Names of reasons by code.
local reasons = setmetatable({}, {
    __index = function(known, code)
        known[code] = ffi.string(C.bt_reason_name(code))
        return known[code]
    end,
})

local function has(v)
    return v == v
end

local function finite(v)
    return v == v and v or nil
end

--- "market", "limit", "stop", "stop_limit", "trailing_stop", "trailing_stop_limit" or
-- "market_on_close".
function order_view.type_of(order)
    if has(order.trail) or has(order.trail_percent) then
        return has(order.limit_offset) and "trailing_stop_limit" or "trailing_stop"
    elseif has(order.stop) then
        return has(order.limit) and "stop_limit" or "stop"
    elseif has(order.limit) then
        return "limit"
    end
    return band(order.flags, C.BT_ORDER_AT_CLOSE) ~= 0 and "market_on_close" or "market"
end

--- Fields beside those of every order, written into `t`: type, limit, stop, trail, trail_percent,
-- time_in_force, good_till, reduce_only, parent, oco.
function order_view.details(order, t)
    t.type = order_view.type_of(order)
    t.limit, t.stop = finite(order.limit), finite(order.stop)
    t.trail, t.trail_percent = finite(order.trail), finite(order.trail_percent)
    t.limit_offset = finite(order.limit_offset)
    t.time_in_force = TIME_IN_FORCE[order.tif]
    t.good_till = order["until"] ~= 0 and tonumber(order["until"]) / 1e6 or nil
    t.reduce_only = band(order.flags, C.BT_ORDER_REDUCE_ONLY) ~= 0
    t.parent = order.parent ~= 0 and order.parent or nil
    t.oco = order.oco ~= 0 and order.oco or nil
    return t
end

--- A copy of a bt_order. Strategies ask for these on every bar, so the table is made with places
-- for all its fields: one that grows is made several times.
function order_view.snapshot(order)
    return order_view.details(order, {
        id = order.id, asset = assets.of(order.sid), sid = order.sid,
        status = STATUS[order.status], reason = reasons[order.reason],
        amount = order.amount, filled = order.filled, open_amount = order.amount - order.filled,
        request = order.request, average_price = finite(order.average_price),
        commission = order.commission, created = tonumber(order.created) / 1e6,
        ended = order.ended ~= 0 and tonumber(order.ended) / 1e6 or nil,
        type = "", limit = 0, stop = 0, trail = 0, trail_percent = 0, limit_offset = 0,
        time_in_force = "", good_till = 0, reduce_only = false, parent = 0, oco = 0,
    })
end

return order_view
