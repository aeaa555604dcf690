-- The reference's groups and brackets: what orders do to one another.
--
-- A group is a list that its open members share; the exits of a bracket are a group of their own
-- kind.

local amounts = require "spec.support.reference_amounts"
local prices = require "spec.support.reference_prices"

local links = {}

--- Does an order share its group with another open one?
function links.grouped(order)
    local others = 0
    for _, member in ipairs(order.group or {}) do
        others = others + (member ~= order and member.open and 1 or 0)
    end
    return order.open and others > 0
end

local function others_of(order)
    local list = {}
    for _, member in ipairs(order.group or {}) do
        if member ~= order and member.open then
            list[#list + 1] = member
        end
    end
    return list
end

--- End an order; the exits of an entry that never traded end with it.
function links.finish(s, order, status, reason)
    order.open, order.status = false, status
    order.reason = reason == "filled" and order.forced or reason
    for _, kid in ipairs(order.kids or {}) do
        if kid.open and order.filled == 0 then
            links.finish(s, kid, "cancelled", "no_entry")
        end
    end
end

function links.cancel(s, order, reason)
    links.finish(s, order, order.filled == 0 and "cancelled" or "partial", reason)
end

--- The order given last shares a group: with an open one; in vain with one that has traded.
function links.join(s, order, other)
    if not order.open then
        return
    elseif other.open then
        other.group = links.grouped(other) and other.group or { other }
        table.insert(other.group, order)
        order.group = other.group
    elseif other.filled ~= 0 then
        links.cancel(s, order, "linked")
    end
end

--- An exit of an entry, a stop or a target, at a price, or at a fraction of the entry's price or
-- an amount away from it; or a stop that trails.
function links.attach(s, entry, exit, stops, row)
    local kid = {
        id = #s.orders + 1, symbol = entry.symbol, kind = "amount", row = row, number = 0,
        filled = 0, amount = 0, open = true, base = 0, charged = 0, value = 0, kids = {},
        reduce = true, parent = entry, state = "asleep", is_stop = stops, side = -entry.side,
        percent = exit.percent, away = exit.amount, trail = exit.trail, last_row = exit.last_row,
        trail_percent = exit.trail_percent, offset = exit.offset,
        tick = prices.tick_of(s, entry.symbol),
    }
    kid[stops and "stop" or "limit"] = exit.price
    if exit.price then
        kid.limit = exit.limit or kid.limit
    else
        kid.beyond = exit.limit
    end
    entry.kids[#entry.kids + 1] = kid
    kid.group = entry.kids
    s.orders[kid.id] = kid
end

local function resize(s, order, units)
    local sum = order.filled + (amounts.rest(s, order) + units)
    order.amount = amounts.dust(sum, sum, amounts.lot_of(s, order.symbol))
end

-- The other exits have so much less to close.
local function shrink(s, order, units)
    for _, other in ipairs(others_of(order)) do
        local left = amounts.rest(s, other) - units
        if left * other.side > 0 then
            resize(s, other, -units)
        else
            links.cancel(s, other, "linked")
        end
    end
end

local function feed(s, order, units)
    local awake = false
    for _, kid in ipairs(order.kids) do
        if kid.open and kid.state ~= "asleep" then
            resize(s, kid, -units)
            awake = true
        end
    end
    if not awake then
        s.waking[#s.waking + 1] = order
    end
end

-- Exits of an asset, but for one, whose position is gone, or has turned.
function links.end_exits(s, symbol, but)
    local position = s.position[symbol]
    for _, order in ipairs(s.orders) do
        if order.open and order ~= but and order.parent and order.symbol == symbol
            and order.state ~= "asleep" and position * order.side >= 0 then
            links.cancel(s, order, "no_position")
        end
    end
end

--- An order has traded.
function links.filled(s, order, units)
    if order.parent then
        shrink(s, order, units)
        if order.parent.open then
            links.cancel(s, order.parent, "linked")
        end
    else
        for _, other in ipairs(others_of(order)) do
            links.cancel(s, other, "linked")
        end
    end
    if #order.kids > 0 then
        feed(s, order, units)
    end
    if s.position[order.symbol] * units >= 0 then
        links.end_exits(s, order.symbol, order)
    end
end

-- Where an exit that is relative to its entry stands: a stop and its limit lose, a target wins.
local function place(kid, entry, far)
    local away = kid.is_stop and kid.side or -kid.side
    if kid.percent then
        return far and entry.average * (1 + away * far)
    end
    return kid.away and far and entry.average + away * far
end

local function wake(s, kid, entry, row)
    kid.side = entry.filled > 0 and -1 or 1
    kid.sized, kid.first_row, kid.amount = true, row + 1, -entry.filled
    local key = kid.is_stop and "stop" or "limit"
    kid[key] = place(kid, entry, kid.percent or kid.away) or kid[key]
    kid.limit = place(kid, entry, kid.beyond) or kid.limit
    if kid.trail or kid.trail_percent then
        local close = s.bars[kid.symbol][row].close
        kid.extreme = kid.side < 0 and math.max(entry.average, close)
            or math.min(entry.average, close)
        kid.stop = prices.trail(kid, kid.extreme)
    end
    kid.state = key
    prices.round(kid)
    if s.position[kid.symbol] * kid.side >= 0 then
        links.cancel(s, kid, "no_position")
    end
end

--- The bar is over: exits of what it filled are worked from the next one on.
function links.wake(s, row)
    for _, entry in ipairs(s.waking) do
        for _, kid in ipairs(entry.kids) do
            if kid.open and kid.state == "asleep" then
                wake(s, kid, entry, row)
            end
        end
    end
    s.waking = {}
end

-- Groups with more than one order in `due`, counted, and the order of each that trades.
local function champions(s, due, row)
    local best, counted = {}, {}
    for _, order in ipairs(due) do
        local group = links.grouped(order) and order.group
        local other = group and best[group]
        if other and not counted[group] then
            counted[group] = true
            s.ambiguous = s.ambiguous + 1
        end
        if group and (not other or prices.turn(s, order, s.bars[order.symbol][row])
            < prices.turn(s, other, s.bars[other.symbol][row])) then
            best[group] = order
        end
    end
    return best
end

--- Of orders that may trade on one path, one of each group: the best, the older of equals.
function links.settle(s, due, row)
    local best, kept = champions(s, due, row), {}
    for _, order in ipairs(due) do
        local group = links.grouped(order) and order.group
        if not group or best[group] == order then
            kept[#kept + 1] = order
        end
    end
    return kept
end

return links
