-- The reference's costs: commission and slippage, one formula per model.

local actions = require "spec.support.reference_actions"
local amounts = require "spec.support.reference_amounts"

local each, lot_of = actions.each, amounts.lot_of

local costs = {}

local INF = math.huge

local function rate_fee(s, order, units, price, row)
    local model, value = s.commission, math.abs(units * each(s, order.symbol) * price)
    if model.kind == "per_share" then
        return units * model.cost
    elseif model.kind == "per_dollar" then
        return value * model.cost
    elseif model.kind == "maker_taker" then
        return value * (order.maker and model.maker or model.taker)
    end
    local before, sum = s.traded[s.month(row)] or 0, 0 -- tiered
    for i, tier in ipairs(model.tiers) do
        local upper = model.tiers[i + 1] and model.tiers[i + 1].from or INF
        local low, high = math.max(before, tier.from), math.min(before + value, upper)
        if high > low then
            sum = sum + (high - low) * tier.rate
        end
    end
    return sum
end

-- What a function of the strategy is told of a fill.
local function question(s, order, row, units, price)
    local bar = s.bars[order.symbol][row]
    return { order = order.id, amount = order.side * units, price = price, open = bar.open,
        high = bar.high, low = bar.low, close = bar.close, volume = bar.volume,
        limit = order.limit, stop = order.stop, taken = s.used[order.symbol] or 0,
        filled = order.filled, paid = order.charged, maker = order.maker or false,
        asset = { symbol = order.symbol } }
end

--- The fee of `units` more at `price`: minima and prices per trade are asked once per order.
function costs.fee(s, order, units, price, row)
    local model = s.commission
    if units == 0 or model.kind == "none" then
        return 0
    elseif model.kind == "per_trade" then
        return order.charged > 0 and 0 or model.cost
    elseif model.kind == "custom" then
        return model.fee(question(s, order, row, units, price))
    end
    local minimum, base = model.minimum or 0, rate_fee(s, order, units, price, row)
    local owed = order.base + base
    if owed <= minimum then
        return minimum - order.charged
    end
    return order.base < minimum and owed - order.charged or base
end

--- It was charged: what the next fee counts from.
function costs.charged(s, order, units, price, row, fee)
    local model = s.commission
    if model.kind ~= "none" and model.kind ~= "per_trade" and model.kind ~= "custom" then
        order.base = order.base + rate_fee(s, order, units, price, row)
    end
    order.charged = order.charged + fee
    if model.kind == "tiered" then
        local month = s.month(row)
        s.traded[month] = (s.traded[month] or 0) + units * each(s, order.symbol) * price
    end
end

-- Mean volume and deviation of returns over the 20 bars before a row, in its units; nil when too
-- few.
local function history(s, symbol, row)
    local closes, volumes, price, volume_factor = {}, {}, 1, 1
    for r = row - 1, 1, -1 do
        local bar = s.bars[symbol][r]
        local by_price, by_volume = actions.factors(s, symbol, r + 1)
        price, volume_factor = price * by_price, volume_factor * by_volume
        if bar and #closes <= 20 then
            closes[#closes + 1], volumes[#volumes + 1] = bar.close * price,
                bar.volume * volume_factor
        end
    end
    local n, volume, mean, squares = #closes - 1, 0, 0, 0
    if n < 2 then
        return nil
    end
    for i = 1, n do
        volume = volume + volumes[i]
        mean = mean + (closes[i] / closes[i + 1] - 1)
    end
    mean = mean / n
    for i = 1, n do
        local d = closes[i] / closes[i + 1] - 1 - mean
        squares = squares + d * d
    end
    return volume / n, math.sqrt(squares / (n - 1))
end

local function moved(s, order, bar, row, raw, side, units)
    local model = s.slippage
    if model.kind == "custom" then
        return model.price(question(s, order, row, units, raw))
    elseif model.kind == "spread" then
        return raw + side * (model.spread / 2)
    elseif model.kind == "share" then
        local share = (s.used[order.symbol] or 0) + units
        share = bar.volume > 0 and share / bar.volume or 0
        if (model.volume_limit or 0) > 0 then
            share = math.min(share, model.volume_limit)
        end
        return raw * (1 + side * (model.impact * (share * share)))
    elseif model.kind == "volatility" then
        local volume, deviation = history(s, order.symbol, row)
        local impact = volume and model.impact * deviation * math.sqrt(units / volume)
        if not impact or impact ~= impact or impact == INF then
            impact = 0
        end
        return raw * (1 + side * impact)
    end
    return raw * (1 + side * ((model.bps or 0) / 1e4))
end

--- The price of a fill: inside the bar, and not worse than a limit.
function costs.price(s, order, bar, row, raw, side, units)
    local price = moved(s, order, bar, row, raw, side, units)
    price = math.min(price, math.max(bar.high, raw))
    price = math.max(price, math.min(bar.low, raw))
    if order.state == "limit" then
        price = side > 0 and math.min(price, order.limit) or math.max(price, order.limit)
    end
    return price
end

--- Units of a bar that are left for an asset's orders.
function costs.room(s, symbol, bar)
    local limit = s.slippage.volume_limit or 0
    if limit == 0 then
        return bar.volume > 0 and INF or 0
    end
    local lot = lot_of(s, symbol)
    local cap = math.floor(limit * bar.volume / lot) * lot
    return math.max(0, cap - (s.used[symbol] or 0))
end

return costs
