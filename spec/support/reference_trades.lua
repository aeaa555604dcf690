-- The reference's round trips: first in, first out, with the costs of both sides and how each stood
-- on its way.

local actions = require "spec.support.reference_actions"
local amounts = require "spec.support.reference_amounts"

local trades = {}

local function sign(x)
    return x > 0 and 1 or x < 0 and -1 or 0
end

-- Units of an asset that one of a row became by another row.
local function ratio_after(s, symbol, row, last)
    local ratio = 1
    for r = row + 1, last do
        for _, a in ipairs(actions.on(s, r, "split")) do
            ratio = a.symbol == symbol and ratio * a.ratio or ratio
        end
    end
    return ratio
end

-- The worst and the best that a trip stood at before costs: every bar from its entry to its exit
-- counts whole, but for that of an entry at the close and that of an exit at the open.
local function excursion(s, t, each)
    local low, high = math.min(t.entry_price, t.exit_price), math.max(t.entry_price, t.exit_price)
    local first = t.entry_row + (t.entry_phase == "close" and 1 or 0)
    local at_open = t.exit_phase == "open" or t.exit_phase == "before"
    for row = first, t.exit_row - (at_open and 1 or 0) do
        local bar = s.bars[t.symbol][row]
        local units = 1 / ratio_after(s, t.symbol, row,
            t.exit_row - (t.exit_phase == "before" and 1 or 0))
        low = bar and math.min(low, bar.low * units) or low
        high = bar and math.max(high, bar.high * units) or high
    end
    local units = t.amount * each
    local at_low, at_high = units * (low - t.entry_price), units * (high - t.entry_price)
    t.mae, t.mfe = math.min(at_low, at_high), math.max(at_low, at_high)
end

local function book(s, fill, lot, amount, commission)
    local each = actions.each(s, fill.symbol)
    local t = {
        symbol = fill.symbol, entry_row = lot.row, exit_row = fill.row, amount = amount,
        entry_phase = lot.phase, exit_phase = fill.phase, entry_price = lot.price,
        exit_price = fill.price, commission = commission, bars = fill.row - lot.row,
        pnl = amount * each * (fill.price - lot.price) - commission,
    }
    excursion(s, t, each)
    s.trades[#s.trades + 1] = t
end

-- Units that a fill closes, signed like it, against the oldest lots; fee: what closing them costs.
-- Costs go with the units, the last ones take what is left.
local function close(s, fill, units, fee)
    local lots, rest, left_fee = s.lots[fill.symbol], -units, fee
    local size = amounts.lot_of(s, fill.symbol)
    while rest ~= 0 and lots[1] do
        local lot = lots[1]
        local eaten = math.abs(lot.amount) < math.abs(rest) and lot.amount or rest
        local left = amounts.dust(rest - eaten, rest, size)
        local part = left == 0 and left_fee or fee * (eaten / -units)
        local stays = amounts.dust(lot.amount - eaten, lot.amount, size)
        local whole = stays == 0 or math.abs(eaten) >= math.abs(lot.amount)
        local entry = whole and lot.fee or lot.fee * (eaten / lot.amount)
        book(s, fill, lot, eaten, entry + part)
        lot.amount, lot.fee = stays, lot.fee - entry
        if whole then
            table.remove(lots, 1)
        end
        left_fee, rest = left_fee - part, left
    end
end

--- A fill of { symbol, row, phase, amount, price, commission } closes lots, then opens one.
function trades.fill(s, fill)
    local held, closes = s.position[fill.symbol], 0
    if held ~= 0 and sign(held) ~= sign(fill.amount) then
        closes = math.abs(held) < math.abs(fill.amount) and -held or fill.amount
    end
    local opens = amounts.dust(fill.amount - closes, fill.amount, amounts.lot_of(s, fill.symbol))
    local fee = opens == 0 and fill.commission or fill.commission * (closes / fill.amount)
    close(s, fill, closes, fee)
    if opens ~= 0 then
        table.insert(s.lots[fill.symbol], { amount = opens, price = fill.price, row = fill.row,
            phase = fill.phase, fee = fill.commission - fee })
    end
end

--- Units leave the oldest lots without an order and without costs.
function trades.leave(s, fill)
    close(s, fill, fill.amount, 0)
end

return trades
