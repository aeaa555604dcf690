-- ctx's order methods. The amount is sized by the engine: see engine/sim/order.c.
--
--     asset     what ctx:symbol gave, or a symbol
--     amount, value, percent, target   units, currency, share of the portfolio; what to hold
--     given, changes, styles           options by name, as in order_options.lua: limit, stop, ...

local ffi = require "ffi"
local current = require "backlua.current"
local misuse = require "backlua.misuse"
local C = require("backlua.ffi").C

local lent = current.pointers
local id_of = require("backlua.assets").id
local error, tostring, type = error, tostring, type
local NAN = 0 / 0

local methods = {}

-- Modules that a run needs only when it has orders with options, or looks at orders.
local order_options
local function options_module()
    order_options = order_options or require "backlua.order_options"
    return order_options
end

local order_view
local function snapshot(order)
    order_view = order_view or require "backlua.order_view"
    return order_view.snapshot(order)
end

-- Filled by each order that has options, then read by the engine.
local chosen = ffi.new "bt_order_options"

local function need_self(self, name, level)
    if self ~= current.context then
        misuse.wrong_self(self, name, level + 1)
    end
end

-- The exits of a bracket; the strategy is at `level`.
local function attach(name, id, given, stops, level)
    options_module().read_exit(name, given, chosen, stops, level + 1)
    if C.bt_order_attach(lent.run, id, chosen) < 0 then
        misuse.refused(name, level + 1)
    end
end

-- A rejected entry has no exits.
local function attach_exits(name, id, given, level)
    if C.bt_order_get(lent.run, id).status ~= C.BT_STATUS_OPEN then
        return
    end
    if given.stop_loss ~= nil then
        attach(name, id, given.stop_loss, true, level + 1)
    end
    if given.take_profit ~= nil then
        attach(name, id, given.take_profit, false, level + 1)
    end
end

local function place(name, sid, kind, amount, given, flags, level)
    options_module().read(name, given, chosen, level + 1)
    chosen.flags = bit.bor(chosen.flags, flags)
    local id = C.bt_order_place(lent.run, sid, kind, amount, chosen)
    if id > 0 and (given.stop_loss ~= nil or given.take_profit ~= nil) then
        attach_exits(name, id, given, level + 1)
    end
    return id
end

-- Options that only say when an order is sized are the usual ones: they need neither the options'
-- module nor its compiled code.
local function sizes_at_fill(given)
    return type(given) == "table" and given.size_at == "fill" and next(given) == "size_at"
        and next(given, "size_at") == nil
end

-- Called by the methods; the strategy is at level 3.
local function submit(self, name, asset, kind, amount, given)
    if self ~= current.context then
        misuse.wrong_self(self, name, 3)
    end
    local sid = id_of(asset)
    if not sid then
        misuse.unknown_asset(asset, name, 3)
    elseif type(amount) ~= "number" then
        misuse.no_number(amount, name, "the amount", 3)
    end
    local id
    if given == nil then
        id = C.bt_order_submit(lent.run, sid, kind, amount, NAN, NAN, 0)
    elseif sizes_at_fill(given) then
        id = C.bt_order_submit(lent.run, sid, kind, amount, NAN, NAN, C.BT_ORDER_SIZE_AT_FILL)
    else
        id = place(name, sid, kind, amount, given, 0, 3)
    end
    if id > 0 then
        return id
    elseif id < 0 then
        misuse.refused(name, 3)
    end
end

-- All take an asset or a symbol, a number and, if wanted, a table of options:
--     size_at         "decision" (default): sized now, at the last traded price;
--                     "fill": sized as it trades, by the price there before slippage, which may
--                     depend on the size
--     limit           not worse than this price
--     stop            waits until this price is met; with limit it then waits for that
--     trail           stop that follows the price at a distance in currency
--     trail_percent   the same as a fraction: 0.05
--     limit_offset    makes a trailing stop a stop-limit: currency beyond the stop
--     at              "close": trades at the close of the next session end
--     time_in_force   "gtc" (default), "day" (the session of the next bar), "gtd"
--     good_till       the last day of "gtd": a date, whole, or unix seconds, exclusive
--     reduce_only     true: never opens or turns a position
--     oco             an order (id or table) that ends when this one trades, and the reverse
--     stop_loss       exit of a bracket: a price, or a table with one of price, percent (of the
--                     entry's price: 0.05), amount (currency away), trail, trail_percent; also
--                     limit (placed like the stop: a price, or as far from the entry's) or
--                     limit_offset, time_in_force, good_till
--     take_profit     likewise: a price, or a table with one of price, percent, amount
-- and return the order's id, or nil when there is nothing to do (an amount of zero, a target that
-- is met). Amounts are truncated toward zero to whole lots. What cannot be done (no cash, no
-- price) is an order with a reason, not an error.
--
-- An order is worked from the next bar on. A stop or limit is tested against the open, where a gap
-- fills it at the open, then against the bar's range, where it fills at its own price. Exits of a
-- bracket are worked from the bar after the entry's fill; they close what the entry filled, one
-- takes from the other what it trades, and both end with the position.

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

--- Buy or sell with exits: order(asset, amount, options) where stop_loss or take_profit is a must.
-- Returns the entry's id; raises at the caller's line when both are missing.
function methods:order_bracket(asset, amount, given)
    if type(given) ~= "table" or given.stop_loss == nil and given.take_profit == nil then
        error("order_bracket: stop_loss or take_profit is required, such as"
            .. " {stop_loss = {percent = 0.05}}", 2)
    end
    local id = submit(self, "order_bracket", asset, C.BT_ORDER_AMOUNT, amount, given)
    return id
end

--- Orders of one amount of which one cancels the others: order_oco(asset, 100, { {limit = 9},
-- {stop = 11} }). Returns their ids; raises at the caller's line for fewer than two.
function methods:order_oco(asset, amount, styles)
    if type(styles) ~= "table" or #styles < 2 then
        error("order_oco: two or more tables of options are expected, such as {{limit = 9},"
            .. " {stop = 11}}", 2)
    end
    local ids = {}
    for i = 1, #styles do
        local given = {}
        for key, value in pairs(styles[i]) do
            given[key] = value
        end
        given.oco = given.oco or ids[1]
        ids[#ids + 1] = submit(self, "order_oco", asset, C.BT_ORDER_AMOUNT, amount, given)
    end
    return ids
end

--- Close the position in an asset, whatever its size is then: at the next bar, or when the options'
-- price is met. Returns the id; nil when nothing is held.
function methods:close_position(asset, given)
    need_self(self, "close_position", 2)
    local sid = id_of(asset)
    if not sid then
        misuse.unknown_asset(asset, "close_position", 2)
    end
    local flags = C.BT_ORDER_REDUCE_ONLY + C.BT_ORDER_SIZE_AT_FILL
    local id = place("close_position", sid, C.BT_ORDER_TARGET, 0, given or {}, flags, 2)
    if id < 0 then
        misuse.refused("close_position", 2)
    end
    return id > 0 and id or nil
end

-- ---- looking at them -------------------------------------------------------------------------

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
-- ended already. Exits of an entry that has not traded end with it.
function methods:cancel_order(order)
    need_self(self, "cancel_order", 2)
    if C.bt_order_cancel(lent.run, need_id("cancel_order", order)) ~= C.BT_OK then
        misuse.refused("cancel_order", 2)
    end
end

--- Change an open order from the next bar on: modify_order(id, {amount=, limit=, stop=, trail=,
-- trail_percent=, limit_offset=, time_in_force=, good_till=}). It keeps its id, its place and what
-- it has paid. amount counts what is filled. Returns true; false when a limit of the strategy's own
-- with on_error = "log" left it as it is. A price that the order does not have raises, as does that
-- of an exit relative to an entry that has not traded.
function methods:modify_order(order, changes)
    need_self(self, "modify_order", 2)
    local id = need_id("modify_order", order)
    local amount = options_module().read_change("modify_order", changes, chosen, 2)
    local changed = C.bt_order_modify(lent.run, id, amount, chosen)
    if changed < 0 then
        misuse.refused("modify_order", 2)
    end
    return changed > 0
end

--- The order with an id as a table, nil when there is none: id, asset, sid, type ("market",
-- "limit", "stop", "stop_limit", "trailing_stop", "trailing_stop_limit", "market_on_close"), status
-- ("open", "filled", "cancelled", "rejected", "partial"), reason, amount (0 until it is sized),
-- filled, open_amount, request, limit (a trailing one has it from when it is met), stop (where a
-- trailing one stands), trail, trail_percent, limit_offset, time_in_force, good_till, reduce_only,
-- parent (the entry's id), oco (id of its group), average_price, commission, created and ended
-- (unix seconds). Over a split of an open order amount, filled, open_amount and average_price are
-- in new units, fractions of what has traded included; its fills stay as they happened, request as
-- it was asked.
function methods:get_order(id)
    need_self(self, "get_order", 2)
    local order = C.bt_order_get(lent.run, need_id("get_order", id))
    return order ~= nil and snapshot(order) or nil
end

-- Room for ids, kept from call to call.
local ids_room, ids = 64, ffi.new("int32_t[?]", 64)

local function open_ids(sid)
    local most = lent.account.open_orders
    if most > ids_room then
        ids_room = 2 * most
        ids = ffi.new("int32_t[?]", ids_room)
    end
    return ids, C.bt_orders_open(lent.run, sid, ids, most)
end

-- Sid of an asset, -1 for all; the strategy is at level 3.
local function sid_or_all(name, asset)
    local sid = asset == nil and -1 or id_of(asset)
    if not sid then
        misuse.unknown_asset(asset, name, 3)
    end
    return sid
end

local function open_list(sid)
    local found, count = open_ids(sid)
    local list = {}
    for i = 1, count do
        list[i] = snapshot(C.bt_order_get(lent.run, found[i - 1]))
    end
    return list
end

--- Open orders as an array, oldest first: of one asset, or of all.
function methods:open_orders(asset)
    need_self(self, "open_orders", 2)
    return (open_list(sid_or_all("open_orders", asset)))
end

--- Open orders, oldest first: of one asset an array; of all, arrays by asset, as in Zipline.
function methods:get_open_orders(asset)
    need_self(self, "get_open_orders", 2)
    local list, by_asset = open_list(sid_or_all("get_open_orders", asset)), {}
    if asset ~= nil then
        return list
    end
    for _, order in ipairs(list) do
        local own = by_asset[order.asset] or {}
        by_asset[order.asset] = own
        own[#own + 1] = order
    end
    return by_asset
end

--- Cancel the open orders of one asset, or all; returns how many there were.
function methods:cancel_all_orders(asset)
    need_self(self, "cancel_all_orders", 2)
    local found, count = open_ids(sid_or_all("cancel_all_orders", asset))
    for i = 0, count - 1 do
        C.bt_order_cancel(lent.run, found[i])
    end
    return count
end

return methods
