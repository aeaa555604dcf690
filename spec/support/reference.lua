-- A second opinion: the rules of the simulation written again, slowly and plainly.
--
-- Nothing here is shared with the engine. Everything is a Lua table, every bar walks every
-- asset, nothing is cached. Property specs run random order tapes through both and compare
-- cash, equity, fills, orders and trades to the last bit, so each formula below is written in
-- the order of operations that the design names.
--
--   reference.run{ symbols = {...}, rows = n, bars = {[symbol] = {[row] = {open=, high=, low=,
--       close=, volume=}}}, tape = {[row] = { {symbol=, kind=, number=, at_fill=}, ... }},
--       actions = {...} (reference_actions.lua, reference_endings.lua), capital=, fill=, lot=,
--       leverage=, margin=, reject=, long_only=, commission=, slippage=, intrabar=, tick=,
--       keep_delisted=, month = function(row), changes = {[row] = {type=, value=}},
--       multipliers, lot_sizes, ticks = {[symbol] = n} }
--
-- A request may also have limit, stop, trail, trail_percent, offset, at_close, reduce, last_row,
-- oco (true: with the last order), stop_loss and take_profit (fractions of the entry's price); or
-- be { cancel = true } or { limit_to = price } of the last order. rows count from 1.
-- Returns { cash, value (arrays by row), fills, orders, trades, ambiguous, calls (of margin) }, or
-- { refused = true } when a change of capital cannot be made.
--
-- How a bar meets an order's prices is in reference_prices.lua, what orders do to one another in
-- reference_links.lua, how they are given and sized in reference_submit.lua and reference_size.lua,
-- costs in reference_costs.lua, margin in reference_margin.lua.

local actions = require "spec.support.reference_actions"
local amounts = require "spec.support.reference_amounts"
local costs = require "spec.support.reference_costs"
local endings = require "spec.support.reference_endings"
local links = require "spec.support.reference_links"
local margin = require "spec.support.reference_margin"
local prices = require "spec.support.reference_prices"
local sizes = require "spec.support.reference_size"
local submit = require "spec.support.reference_submit"

local reference = {}

local INF = math.huge
local sign, phase_price, worth = sizes.sign, sizes.phase_price, sizes.worth
local pending, size, each, lot_of = sizes.pending, sizes.size, sizes.each, amounts.lot_of

local function move(s, symbol, units)
    local before = s.position[symbol]
    local after = before + units
    s.position[symbol] = after
    if before == 0 then
        s.held[#s.held + 1] = symbol
    elseif after == 0 then
        for i, held in ipairs(s.held) do
            if held == symbol then
                table.remove(s.held, i)
                break
            end
        end
    end
end

local function book_trades(s, fill)
    local lots = s.lots[fill.symbol]
    local left, side = math.abs(fill.amount), sign(fill.amount)
    local size_of_lot = lot_of(s, fill.symbol)
    local fee_each = fill.commission / left
    while left > 0 and lots[1] and sign(lots[1].amount) == -side do
        local lot = lots[1]
        local units = math.min(left, math.abs(lot.amount))
        local amount = sign(lot.amount) * units
        s.trades[#s.trades + 1] = {
            symbol = fill.symbol, entry_row = lot.row, exit_row = fill.row, amount = amount,
            entry_price = lot.price, exit_price = fill.price,
        }
        lot.amount = amounts.dust(lot.amount - amount, lot.amount, size_of_lot)
        left = amounts.dust(left - units, left, size_of_lot)
        if lot.amount == 0 then
            table.remove(lots, 1)
        end
    end
    if left > 0 then
        lots[#lots + 1] = { amount = side * left, price = fill.price, row = fill.row,
                            fee_each = fee_each }
    end
end

local function execute(s, order, row, units, price, raw)
    local size_of_fill = math.abs(units)
    local commission = costs.fee(s, order, size_of_fill, price, row)
    local worth_of_one = each(s, order.symbol)
    s.cash = s.cash - (units * worth_of_one * price + commission)
    costs.charged(s, order, size_of_fill, price, row, commission)
    local fill = { order = order.id, symbol = order.symbol, row = row, amount = units,
                   price = price, commission = commission,
                   slippage = math.abs(price - raw) * (size_of_fill * worth_of_one) }
    s.fills[#s.fills + 1] = fill
    s.used[order.symbol] = (s.used[order.symbol] or 0) + size_of_fill
    book_trades(s, fill)
    move(s, order.symbol, units)
    order.value = order.value + units * price
    order.average = order.filled == 0 and price or order.value / (order.filled + units)
    order.filled = amounts.dust(order.filled + units, order.filled, lot_of(s, order.symbol))
    links.filled(s, order, units)
end

-- How many of `opening` units can be paid for beside `closing` units of the same order.
local function affordable(s, order, row, phase, opening, closing, side, price)
    if s.leverage == INF or opening == 0 then
        return opening
    end
    local held, one = s.position[order.symbol], each(s, order.symbol)
    local short = side < 0
    for _, symbol in ipairs(s.held) do
        local covered = symbol == order.symbol and closing >= -held
        short = short or (s.position[symbol] < 0 and not covered)
    end
    local available
    if s.leverage == 1 and not short then
        available = s.cash + math.min(0, s.accrued or 0) - side * closing * one * price
    else
        local equity, gross = worth(s, row, phase)
        local value = phase_price(s, order.symbol, row, phase)
        equity = equity + side * closing * one * (value - price)
        available = s.leverage * equity - (gross - closing * one * math.abs(value))
    end
    local size_of_lot = lot_of(s, order.symbol)
    local lots = math.floor(opening / size_of_lot + 0.5)
    local function need(n)
        local units = n * size_of_lot
        return units * one * price + s.leverage * costs.fee(s, order, closing + units, price, row)
    end
    while lots > 0 and need(lots) > available do
        lots = lots - 1
    end
    return lots * size_of_lot
end

local function size_at_fill(s, order, raw, equity)
    local held = s.position[order.symbol]
    if not order.reduce then
        held = held + pending(s, order.symbol, order.limit ~= nil or order.stop ~= nil)
    end
    order.amount = size(s, order, raw, equity, held)
    order.sized = true
    if order.amount == 0 or order.amount * order.side < 0 then
        order.amount = 0
        links.finish(s, order, "ended")
        return false
    end
    order.side = sign(order.amount)
    return true
end

-- Cut the opening part to what is allowed and can be paid for; true when it was cut.
local function cut(s, order, row, phase, opening, closing, side, price)
    if opening == 0 then
        return opening, false
    elseif order.reduce or order.forced or s.long_only and side < 0 then
        return 0, true
    end
    local paid = affordable(s, order, row, phase, opening, closing, side, price)
    if paid < opening then
        return s.reject and 0 or paid, true
    end
    return opening, false
end

local function work(s, order, row, phase)
    local bar, raw = s.bars[order.symbol][row], order.raw
    local rest = amounts.rest(s, order)
    local side = sign(rest)
    local want = math.min(math.abs(rest), costs.room(s, order.symbol, bar))
    if want == 0 then
        return
    end
    local held = s.position[order.symbol]
    local closing = sign(held) == -side and math.min(want, math.abs(held)) or 0
    local price = costs.price(s, order, bar, row, raw, side, want)
    local opening, was_cut = cut(s, order, row, phase, want - closing, closing, side, price)
    if closing + opening > 0 then
        execute(s, order, row, side * (closing + opening), price, raw)
    end
    if was_cut then
        links.finish(s, order, "cut")
    elseif amounts.rest(s, order) == 0 then
        links.finish(s, order, "filled")
    end
end

local function reduces(s, order)
    local rest = amounts.rest(s, order)
    local held = s.position[order.symbol]
    if order.reduce or order.forced then
        return held * rest < 0
    end
    return math.abs(held + rest) < math.abs(held)
end

-- Orders that may trade in a phase, in submission order, each with its raw price.
local function due_orders(s, row, phase, newest)
    local due = {}
    for _, order in ipairs(s.orders) do
        local bar = s.bars[order.symbol][row]
        if order.open and order.state ~= "asleep" and order.row <= newest and bar
            and order.quoted ~= row then
            order.raw = prices.quote(s, order, bar, phase, row)
            if order.raw then
                order.quoted = row
                due[#due + 1] = order
            end
        end
    end
    return phase == "path" and links.settle(s, due, row) or due
end

local function run_phase(s, row, phase, newest)
    local due, equity = due_orders(s, row, phase, newest), worth(s, row, phase)
    local ready = {}
    for _, order in ipairs(due) do
        if order.sized or size_at_fill(s, order, order.raw, equity) then
            ready[#ready + 1] = order
        end
    end
    for pass = 1, 2 do
        for _, order in ipairs(ready) do
            if order.open and order.worked ~= row and (pass == 2 or reduces(s, order)) then
                order.worked = row
                work(s, order, row, phase)
            end
        end
    end
end

local function expire(s, row)
    for _, order in ipairs(s.orders) do
        if order.open and order.last_row and order.last_row <= row then
            links.cancel(s, order)
        end
    end
end

function reference.run(s)
    s.cash, s.orders, s.fills, s.trades = s.capital, {}, {}, {}
    s.waking, s.traded, s.ambiguous, s.calls, s.last = {}, {}, 0, 0, nil
    s.position, s.lots, s.held, s.value, s.cash_at = {}, {}, {}, {}, {}
    s.lot, s.leverage = s.lot or 1, s.leverage or 1
    for _, symbol in ipairs(s.symbols) do
        s.position[symbol], s.lots[symbol] = 0, {}
    end
    s.busy = function(symbol)
        local open = s.position[symbol] ~= 0
        for _, order in ipairs(s.orders) do
            open = open or (order.open and order.symbol == symbol)
        end
        return open
    end
    for row = 1, s.rows do
        s.used, s.row = {}, row
        margin.night(s, row)
        if not margin.change(s, row) then
            return { refused = true }
        end
        actions.enter(s, row, function(fill)
            book_trades(s, fill)
        end)
        endings.enter(s, row, function(symbol, units, price)
            book_trades(s, { symbol = symbol, row = row, amount = units, price = price,
                commission = 0 })
            move(s, symbol, units)
        end)
        run_phase(s, row, "open", row - 1)
        run_phase(s, row, "path", row - 1)
        if s.fill ~= "same_close" then
            run_phase(s, row, "close", row - 1)
        end
        links.wake(s, row)
        if s.fill ~= "same_close" then
            expire(s, row)
        end
        s.value[row] = worth(s, row, "close")
        for _, request in ipairs(s.tape[row] or {}) do
            submit.submit(s, row, request)
        end
        margin.call(s, row, function(symbol, amount)
            submit.force(s, row, symbol, amount)
        end)
        if s.fill == "same_close" then
            run_phase(s, row, "close", row)
            links.wake(s, row)
            expire(s, row)
            s.value[row] = worth(s, row, "close")
        end
        s.cash_at[row] = s.cash
    end
    return { cash = s.cash_at, value = s.value, fills = s.fills, orders = s.orders,
             trades = s.trades, ambiguous = s.ambiguous, calls = s.calls }
end

return reference
