-- The reference's margin account: what a night costs, and what happens when equity no longer
-- carries what is held.
--
-- s.margin: { maintenance, cash_rate, debit_rate, borrow_rate }; s.session(row): its day.

local amounts = require "spec.support.reference_amounts"
local links = require "spec.support.reference_links"
local sizes = require "spec.support.reference_size"

local margin = {}

--- Before a row: shorts are borrowed, own cash earns, debt pays; on the values of the row before.
function margin.night(s, row)
    local m = s.margin
    local years = row > 1 and (s.session(row) - s.session(row - 1)) / 365 or 0
    if not m or years == 0 then
        return
    end
    local cash, shorts = s.cash, 0
    for _, symbol in ipairs(s.held) do
        local value = -(s.position[symbol] * sizes.each(s, symbol) * sizes.mark(s, symbol, row - 1))
        if value > 0 then
            shorts = shorts + value
            s.cash = s.cash - value * m.borrow_rate * years
        end
    end
    local own = cash - shorts
    if own > 0 then
        s.cash = s.cash + own * m.cash_rate * years
    elseif cash < 0 then
        s.cash = s.cash + cash * m.debit_rate * years
    end
end

--- Money that comes or goes before the orders of a row, at the values of the row before. False when
-- the account cannot bear it.
function margin.change(s, row)
    local change = s.changes and s.changes[row]
    if not change then
        return true
    end
    local equity = row > 1 and sizes.worth(s, row - 1, "close") or s.cash
    local amount = change.type == "target" and change.value - equity or change.value
    local owes = amount < 0 and s.leverage == 1 and s.cash + amount < 0
    s.cash = s.cash + amount
    return equity > 0 and equity + amount > 0 and not owes
end

-- Share of every position that may stay.
local function share_kept(s, equity, gross)
    local most = math.min(s.leverage, 1 / s.margin.maintenance)
    return math.max(0, math.min(1, most * equity / gross))
end

--- After the strategy has seen a row: everything else ends, and positions are cut by orders.
-- force(symbol, amount): give a market order for so much.
function margin.call(s, row, force)
    local maintenance = s.margin and s.margin.maintenance or 0
    local equity, gross = sizes.worth(s, row, "close")
    if maintenance == 0 or equity >= maintenance * gross then
        return
    end
    for _, order in ipairs(s.orders) do
        if order.open and not order.forced then
            links.cancel(s, order, "margin_call")
        end
    end
    local kept = share_kept(s, equity, gross)
    for _, symbol in ipairs(s.held) do
        local held = s.position[symbol]
        local target = amounts.truncate(held * kept, amounts.lot_of(s, symbol))
        local amount = target - held - sizes.pending(s, symbol, false)
        amount = amounts.truncate(amount, amounts.lot_of(s, symbol))
        if amount * held < 0 then
            force(symbol, amount)
        end
    end
    s.calls = s.calls + 1
end

return margin
