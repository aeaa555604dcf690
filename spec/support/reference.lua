-- A second opinion: the rules of the simulation written again, slowly and plainly.
--
-- Nothing here is shared with the engine. Everything is a Lua table, every bar walks every
-- asset, nothing is cached. Property specs run random order tapes through both and compare
-- cash, equity, fills, orders and trades to the last bit, so each formula below is written in
-- the order of operations that the design names.
--
--   reference.run{ symbols = {...}, rows = n, bars = {[symbol] = {[row] = {open=, high=, low=,
--       close=, volume=}}}, tape = {[row] = { {symbol=, kind=, number=, at_fill=}, ... }},
--       capital=, fill=, lot=, leverage=, reject=, long_only=, commission=, slippage= }
--
-- rows count from 1. Returns { cash, value (arrays by row), fills, orders, trades }.

local reference = {}

local INF = math.huge

local function truncate(x, lot)
    local q = math.abs(x) / lot
    local nearest = math.floor(q + 0.5)
    local units = math.abs(q - nearest) <= 1e-9 * math.max(1, q) and nearest or math.floor(q)
    return (x < 0 and -1 or 1) * units * lot
end

local function sign(x)
    return x > 0 and 1 or x < 0 and -1 or 0
end

-- The fee of `units` more at `price`: minima and prices per trade are asked once per order.
local function fee_of(s, order, units, price)
    local model = s.commission
    if units == 0 or model.kind == "none" then
        return 0
    elseif model.kind == "per_trade" then
        return order.charged > 0 and 0 or model.cost
    elseif model.kind == "per_dollar" then
        return math.abs(units * price) * model.cost
    end
    local minimum, base = model.minimum or 0, units * model.cost
    local owed = order.base + base
    if owed <= minimum then
        return minimum - order.charged
    end
    return order.base < minimum and owed - order.charged or base
end

local function mark(s, symbol, row)
    for r = row, 1, -1 do
        local bar = s.bars[symbol][r]
        if bar then
            return bar.close
        end
    end
    return nil
end

local function phase_price(s, symbol, row, phase)
    local bar = s.bars[symbol][row]
    if not bar then
        return mark(s, symbol, row)
    end
    return phase == "open" and bar.open or bar.close
end

-- cash + positions at the prices of a phase, and gross exposure; holdings in the order in which
-- they were opened.
local function worth(s, row, phase)
    local net, gross = 0, 0
    for _, symbol in ipairs(s.held) do
        local value = s.position[symbol] * phase_price(s, symbol, row, phase)
        net, gross = net + value, gross + math.abs(value)
    end
    return net + s.cash, gross
end

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

local function asked_units(order, price, equity)
    local kind, number = order.kind, order.number
    if number == 0 or kind == "amount" or kind == "target" then
        return number
    elseif kind == "value" or kind == "target_value" then
        return number / price
    end
    return number * math.max(0, equity) / price
end

local function is_target(kind)
    return kind:sub(1, 6) == "target"
end

local function pending(s, symbol)
    local sum = 0
    for _, order in ipairs(s.orders) do
        if order.symbol == symbol and order.open and order.sized then
            sum = sum + (order.amount - order.filled)
        end
    end
    return sum
end

local function finish(order, status)
    order.open = false
    order.status = status
end

-- Units of an order that holds `held` already (position and what open orders will still trade).
local function size(s, order, price, equity, held)
    local asked = asked_units(order, price, equity)
    return truncate(is_target(order.kind) and asked - held or asked, s.lot)
end

local function submit(s, row, request)
    local order = {
        id = #s.orders + 1, symbol = request.symbol, kind = request.kind, row = row,
        number = request.number, filled = 0, amount = 0, open = true, status = "open",
        base = 0, charged = 0,
    }
    local held = s.position[order.symbol] + pending(s, order.symbol)
    if order.number == 0 and (not is_target(order.kind) or not s.busy(order.symbol)) then
        return -- asks for nothing
    end
    if request.at_fill and order.kind ~= "amount" then
        s.orders[order.id] = order
        return
    end
    local price = mark(s, request.symbol, row)
    local needs_price = order.kind ~= "amount" and order.kind ~= "target" and order.number ~= 0
    if needs_price and not price then
        s.orders[order.id] = order
        return finish(order, "rejected")
    end
    order.amount = size(s, order, price, s.value[row], held)
    if order.amount == 0 then
        local asked = asked_units(order, price, s.value[row])
        if is_target(order.kind) and (asked - held == 0 or held ~= 0) then
            return -- the target is met
        end
        finish(order, "rejected")
    end
    order.sized = true
    s.orders[order.id] = order
end

local function book_trades(s, fill)
    local lots = s.lots[fill.symbol]
    local left, side = math.abs(fill.amount), sign(fill.amount)
    local fee_each = fill.commission / left
    while left > 0 and lots[1] and sign(lots[1].amount) == -side do
        local lot = lots[1]
        local units = math.min(left, math.abs(lot.amount))
        local amount = sign(lot.amount) * units
        s.trades[#s.trades + 1] = {
            symbol = fill.symbol, entry_row = lot.row, exit_row = fill.row, amount = amount,
            entry_price = lot.price, exit_price = fill.price,
        }
        lot.amount = lot.amount - amount
        left = left - units
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
    local commission = fee_of(s, order, size_of_fill, price)
    s.cash = s.cash - (units * price + commission)
    order.charged = order.charged + commission
    if s.commission.kind == "per_share" then
        order.base = order.base + size_of_fill * s.commission.cost
    end
    local fill = { order = order.id, symbol = order.symbol, row = row, amount = units,
                   price = price, commission = commission,
                   slippage = math.abs(price - raw) * size_of_fill }
    s.fills[#s.fills + 1] = fill
    book_trades(s, fill)
    move(s, order.symbol, units)
    order.filled = order.filled + units
end

-- How many of `opening` units can be paid for beside `closing` units of the same order.
local function affordable(s, order, row, phase, opening, closing, side, price)
    if s.leverage == INF or opening == 0 then
        return opening
    end
    local held = s.position[order.symbol]
    local short = side < 0
    for _, symbol in ipairs(s.held) do
        local covered = symbol == order.symbol and closing >= -held
        short = short or (s.position[symbol] < 0 and not covered)
    end
    local available
    if s.leverage == 1 and not short then
        available = s.cash - side * closing * price
    else
        local equity, gross = worth(s, row, phase)
        local value = phase_price(s, order.symbol, row, phase)
        equity = equity + side * closing * (value - price)
        available = s.leverage * equity - (gross - closing * math.abs(value))
    end
    local lots = math.floor(opening / s.lot + 0.5)
    local function need(n)
        local units = n * s.lot
        return units * price + s.leverage * fee_of(s, order, closing + units, price)
    end
    while lots > 0 and need(lots) > available do
        lots = lots - 1
    end
    return lots * s.lot
end

local function slipped(s, bar, raw, side)
    local price = raw * (1 + side * ((s.slippage.bps or 0) / 1e4))
    if side > 0 then
        return math.min(price, math.max(bar.high, raw))
    end
    return math.max(price, math.min(bar.low, raw))
end

local function volume_room(s, symbol, bar)
    local limit = s.slippage.volume_limit or 0
    if limit == 0 then
        return bar.volume > 0 and INF or 0
    end
    local cap = math.floor(limit * bar.volume / s.lot) * s.lot
    return math.max(0, cap - (s.used[symbol] or 0))
end

local function size_at_fill(s, order, raw, equity)
    order.amount = size(s, order, raw, equity,
        s.position[order.symbol] + pending(s, order.symbol))
    order.sized = true
    if order.amount == 0 then
        finish(order, "ended")
    end
    return order.amount ~= 0
end

local function work(s, order, row, phase)
    local bar = s.bars[order.symbol][row]
    local raw = phase == "open" and bar.open or bar.close
    local rest = order.amount - order.filled
    local side = sign(rest)
    local room = volume_room(s, order.symbol, bar)
    if room == 0 then
        return
    end
    local want = math.min(math.abs(rest), room)
    local held = s.position[order.symbol]
    local closing = sign(held) == -side and math.min(want, math.abs(held)) or 0
    local price = slipped(s, bar, raw, side)
    local opening = want - closing
    if s.long_only and side < 0 and opening > 0 then
        opening = 0
        order.cut = true
    end
    local paid = affordable(s, order, row, phase, opening, closing, side, price)
    if paid < opening then
        order.cut = true
        paid = s.reject and 0 or paid
    end
    if closing + paid > 0 then
        execute(s, order, row, side * (closing + paid), price, raw)
    end
    s.used[order.symbol] = (s.used[order.symbol] or 0) + closing + paid
    if order.cut then
        finish(order, order.filled == 0 and "rejected" or "filled")
    elseif order.filled == order.amount then
        finish(order, "filled")
    end
end

local function reduces(s, order)
    local rest = order.amount - order.filled
    local held = s.position[order.symbol]
    return math.abs(held + rest) < math.abs(held)
end

local function run_phase(s, row, phase, newest)
    local due, equity = {}, worth(s, row, phase)
    for _, order in ipairs(s.orders) do
        if order.open and order.row <= newest and s.bars[order.symbol][row] then
            local raw = phase_price(s, order.symbol, row, phase)
            if order.sized or size_at_fill(s, order, raw, equity) then
                due[#due + 1] = order
            end
        end
    end
    for pass = 1, 2 do
        for _, order in ipairs(due) do
            if order.worked ~= row and (pass == 2 or reduces(s, order)) then
                order.worked = row
                work(s, order, row, phase)
            end
        end
    end
end

function reference.run(s)
    s.cash, s.orders, s.fills, s.trades = s.capital, {}, {}, {}
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
        s.used = {}
        if s.fill == "next_open" then
            run_phase(s, row, "open", row - 1)
        elseif s.fill == "next_close" then
            run_phase(s, row, "close", row - 1)
        end
        s.value[row] = worth(s, row, "close")
        for _, request in ipairs(s.tape[row] or {}) do
            submit(s, row, request)
        end
        if s.fill == "same_close" then
            run_phase(s, row, "close", row)
            s.value[row] = worth(s, row, "close")
        end
        s.cash_at[row] = s.cash
    end
    return { cash = s.cash_at, value = s.value, fills = s.fills, orders = s.orders,
             trades = s.trades }
end

return reference
