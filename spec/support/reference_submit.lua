-- The reference's orders: given, sized, put on the book, changed.

local amounts = require "spec.support.reference_amounts"
local links = require "spec.support.reference_links"
local prices = require "spec.support.reference_prices"
local sizes = require "spec.support.reference_size"

local sign, mark = sizes.sign, sizes.mark
local asked_units, is_target = sizes.asked_units, sizes.is_target
local is_priced, pending, size = sizes.is_priced, sizes.pending, sizes.size

local function first_state(order)
    if order.at_close then
        return "close"
    end
    return order.stop and "stop" or order.limit and "limit" or "market"
end

-- The order is on the book; amount is what it would trade now.
local function open_order(s, order, amount, row)
    order.side = sign(amount)
    prices.round(order)
    if order.trail or order.trail_percent then
        order.extreme = mark(s, order.symbol, row)
        order.stop = prices.trail(order, order.extreme)
    end
    order.state = first_state(order)
    s.orders[order.id] = order
end

local function reject(s, order, reason)
    s.orders[order.id] = order
    links.finish(s, order, "rejected", reason)
end

-- Size and book an order; false when it asks for nothing.
local function give(s, order, row, at_fill)
    local priced, price = is_priced(order), mark(s, order.symbol, row)
    local later = at_fill and order.kind ~= "amount"
    if later and not priced then
        open_order(s, order, 0, row)
        return true
    end
    local held = s.position[order.symbol]
    if not (order.reduce and order.kind:sub(1, 6) == "target" and order.number == 0) then
        held = held + pending(s, order.symbol, priced)
    end
    local needs_price = order.kind ~= "amount" and order.kind ~= "target" and order.number ~= 0
    if needs_price and not price then
        reject(s, order, "no_price")
        return true
    end
    local amount = size(s, order, price, s.value[row], held)
    if amount == 0 then
        local asked = asked_units(order, price and price * sizes.each(s, order.symbol),
            s.value[row])
        if is_target(order.kind) and (asked - held == 0 or held ~= 0) then
            return false -- the target is met
        end
        reject(s, order, "below_lot")
        return true
    end
    order.amount = later and 0 or amount
    if (order.trail or order.trail_percent) and not price then
        reject(s, order, "no_price")
        return true
    end
    order.sized = not later
    open_order(s, order, amount, row)
    return true
end

local COPIED = { "symbol", "kind", "number", "limit", "stop", "trail", "trail_percent", "offset",
    "at_close", "reduce", "last_row" }

local function new_order(s, row, request)
    local order = { id = #s.orders + 1, row = row, first_row = row + 1, filled = 0, amount = 0,
        open = true, status = "open", base = 0, charged = 0, value = 0, kids = {},
        tick = prices.tick_of(s, request.symbol) }
    for _, key in ipairs(COPIED) do
        order[key] = request[key]
    end
    order.is_stop = (request.stop or request.trail or request.trail_percent) ~= nil
    return order
end

local function expire_late(s, order)
    local next_bar = s.fill == "same_close" and s.row or s.row + 1
    if order.open and order.last_row and order.last_row < next_bar then
        links.cancel(s, order, "expired")
    end
end

-- More units, or a part of what is left; false when that is nothing.
local function change_amount(s, order, by)
    local lot = amounts.lot_of(s, order.symbol)
    local asked = by > 0 and order.amount + order.side * by or order.filled - order.side * by
    local rest = amounts.truncate(asked - order.filled, lot)
    if not order.sized or rest * order.side <= 0 then
        return false
    end
    order.amount = amounts.dust(order.filled + rest, asked, lot)
    return true
end

-- Changes of an order, false when it does not have what is to be changed.
local CHANGES = {}

function CHANGES.limit(_, order, to)
    order.limit = order.limit and to
    return order.limit
end

function CHANGES.stop(_, order, to)
    if order.state ~= "stop" or order.trail or order.trail_percent then
        return false
    end
    order.stop = to
    return true
end

local function change_trail(key)
    return function(_, order, to)
        if order.state ~= "stop" or not order[key] then
            return false
        end
        order[key] = to
        order.stop = prices.trail(order, order.extreme)
        return true
    end
end

CHANGES.trail, CHANGES.trail_percent = change_trail "trail", change_trail "trail_percent"
CHANGES.offset = change_trail "offset"
CHANGES.amount = change_amount

function CHANGES.last_row(_, order, to)
    order.last_row = to
    return true
end

local function change_last(s, request)
    local last = s.last
    if not last or not last.open then
        return
    elseif request.cancel then
        links.cancel(s, last, "cancelled")
    elseif CHANGES[request.change](s, last, request.to) then
        last.maker, last.first_row = false, s.row + 1
        prices.round(last)
        expire_late(s, last)
    end
end

-- A market order that nobody asked for.
local function force(s, row, symbol, amount)
    local order = new_order(s, row, { symbol = symbol, kind = "amount", number = amount })
    order.forced, order.sized, order.amount = "margin_call", true, amount
    open_order(s, order, amount, row)
    return order
end

local function submit(s, row, request)
    if request.cancel or request.change then
        return change_last(s, request)
    end
    local order = new_order(s, row, request)
    if order.number == 0 and (not is_target(order.kind) or not s.busy(order.symbol)) then
        return -- asks for nothing
    end
    if not give(s, order, row, request.at_fill) then
        return
    end
    expire_late(s, order)
    if request.oco and s.last then
        links.join(s, order, s.last)
    end
    if order.open and request.stop_loss then
        links.attach(s, order, request.stop_loss, true, row)
    end
    if order.open and request.take_profit then
        links.attach(s, order, request.take_profit, false, row)
    end
    s.last = order
end

return { submit = submit, force = force }
