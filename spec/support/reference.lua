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
--       keep_delisted=, close_at_end=, month, session = function(row), changes = {[row] = {type=,
--       value=}}, multipliers, lot_sizes, ticks = {[symbol] = n} }
--
-- A request may also have limit, stop, trail, trail_percent, offset, at_close, reduce, last_row,
-- oco (true: with the last order), stop_loss and take_profit (tables with one of price, percent,
-- amount, trail, trail_percent, and limit, offset, last_row); or be { cancel = true } or { change
-- = key, to = number } of the last order. rows count from 1; without session each is one.
-- Returns { cash, value, held (arrays by row, the last of amounts by symbol), fills, orders,
-- trades, ambiguous, calls (of margin) }, or { refused = true }: a change of capital was too much.
--
-- How a bar meets an order's prices is in reference_prices.lua, what orders do to one another in
-- reference_links.lua, how they are given and sized in reference_submit.lua and reference_size.lua,
-- costs in reference_costs.lua, margin in reference_margin.lua, round trips in
-- reference_trades.lua, the last bar in reference_last.lua.

local actions = require "spec.support.reference_actions"
local amounts = require "spec.support.reference_amounts"
local costs = require "spec.support.reference_costs"
local endings = require "spec.support.reference_endings"
local last = require "spec.support.reference_last"
local links = require "spec.support.reference_links"
local margin = require "spec.support.reference_margin"
local prices = require "spec.support.reference_prices"
local sizes = require "spec.support.reference_size"
local submit = require "spec.support.reference_submit"
local trades = require "spec.support.reference_trades"

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

local function execute(s, order, row, phase, units, price, raw)
    local size_of_fill = math.abs(units)
    local commission = costs.fee(s, order, size_of_fill, price, row)
    local worth_of_one = each(s, order.symbol)
    s.cash = s.cash - (units * worth_of_one * price + commission)
    costs.charged(s, order, size_of_fill, price, row, commission)
    local fill = { order = order.id, symbol = order.symbol, row = row, phase = phase,
                   amount = units, price = price, commission = commission,
                   slippage = math.abs(price - raw) * (size_of_fill * worth_of_one) }
    s.fills[#s.fills + 1] = fill
    s.used[order.symbol] = (s.used[order.symbol] or 0) + size_of_fill
    trades.fill(s, fill)
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

-- Why an order that has nothing to do now ends.
local function nothing_to_do(s, order, held, raw, equity)
    local price = raw * each(s, order.symbol)
    local asked = sizes.asked_units(order, price, equity)
    local met = order.amount ~= 0 or sizes.is_target(order.kind)
        and (asked - held == 0 or held ~= 0)
    order.amount = 0
    links.finish(s, order, met and "cancelled" or "rejected", met and "at_target" or "below_lot")
end

local function size_at_fill(s, order, raw, equity)
    local held = s.position[order.symbol]
    if not order.reduce then
        held = held + pending(s, order.symbol, order.limit ~= nil or order.stop ~= nil)
    end
    order.amount = size(s, order, raw, equity, held)
    order.sized = true
    if order.amount == 0 or order.amount * order.side < 0 then
        nothing_to_do(s, order, held, raw, equity)
        return false
    end
    order.side = sign(order.amount)
    return true
end

-- Cut the opening part to what is allowed and can be paid for; why, when it was cut.
local function cut(s, order, row, phase, opening, closing, side, price)
    if opening == 0 then
        return opening
    elseif order.reduce or order.forced then
        return 0, "no_position"
    elseif s.long_only and side < 0 then
        return 0, "long_only"
    end
    local paid = affordable(s, order, row, phase, opening, closing, side, price)
    if paid < opening then
        return s.reject and 0 or paid, s.reject and "no_cash" or "reduced_cash"
    end
    return opening
end

local function end_cut(s, order, reason)
    local traded = order.filled ~= 0
    local none = reason == "no_position" and "cancelled" or "rejected"
    if reason == "reduced_cash" and not traded then
        reason = "no_cash"
    end
    links.finish(s, order, traded and "partial" or none, reason)
end

local function work(s, order, row, phase)
    local bar, raw = s.bars[order.symbol][row], order.raw
    local rest = amounts.rest(s, order)
    local side = sign(rest)
    local want = math.min(math.abs(rest), costs.room(s, order.symbol, bar))
    if want == 0 then
        order.starved = true
        return
    end
    local held = s.position[order.symbol]
    local closing = sign(held) == -side and math.min(want, math.abs(held)) or 0
    local price = costs.price(s, order, bar, row, raw, side, want)
    local opening, why = cut(s, order, row, phase, want - closing, closing, side, price)
    if closing + opening > 0 then
        execute(s, order, row, phase, side * (closing + opening), price, raw)
    end
    if why then
        end_cut(s, order, why)
    elseif amounts.rest(s, order) == 0 then
        links.finish(s, order, "filled", "filled")
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
            links.cancel(s, order, "expired")
        end
    end
end

-- What is held at the end of a row, by symbol.
local function note(s, row)
    s.cash_at[row], s.held_at[row] = s.cash, {}
    for symbol, amount in pairs(s.position) do
        s.held_at[row][symbol] = amount ~= 0 and amount or nil
    end
end

local function close_all(s, row)
    last.close(s, function(symbol, amount)
        local order = submit.force(s, row, symbol, amount)
        order.forced, order.state = "closed", "now"
    end)
    run_phase(s, row, "close", row)
    s.value[row] = worth(s, row, "close")
end

function reference.run(s)
    s.cash, s.orders, s.fills, s.trades = s.capital, {}, {}, {}
    s.waking, s.traded, s.ambiguous, s.calls, s.last = {}, {}, 0, 0, nil
    s.position, s.lots, s.held, s.value, s.cash_at = {}, {}, {}, {}, {}
    s.held_at = {}
    s.lot, s.leverage = s.lot or 1, s.leverage or 1
    s.session = s.session or function(row) return row end
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
            trades.leave(s, fill)
        end)
        endings.enter(s, row, function(symbol, units, price)
            trades.fill(s, { symbol = symbol, row = row, phase = "open", amount = units,
                price = price, commission = 0 })
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
        if s.close_at_end and row == s.rows then
            close_all(s, row)
        end
        note(s, row)
    end
    last.finish(s)
    return { cash = s.cash_at, value = s.value, held = s.held_at, fills = s.fills,
             orders = s.orders, trades = s.trades, ambiguous = s.ambiguous, calls = s.calls }
end

return reference
