-- The strategies that `backlua new` begins with, by name: { text, parameters = array of { name,
-- min, max, step } that its search covers }.

local templates = {}

templates.dma = { parameters = { { "fast", 5, 45, 5 }, { "slow", 60, 240, 20 } }, text = [[
-- Two moving averages: long while the fast one is above the slow one.
--
--     backlua run $FILE.lua -b $BUNDLE
--     backlua run $FILE.lua -b $BUNDLE --param fast=10

local $NAME = { params = { fast = 20, slow = 100 } }

function $NAME.initialize(ctx)
    ctx.asset = ctx:symbol "$A"
    ctx.fast = ctx:indicator("sma", ctx.asset, { n = ctx.params.fast })
    ctx.slow = ctx:indicator("sma", ctx.asset, { n = ctx.params.slow })
end

function $NAME.handle_data(ctx)
    local up = ctx.fast[-1] > ctx.slow[-1]
    ctx:order_target_percent(ctx.asset, up and 1 or 0, { size_at = "fill" })
end

return $NAME
]] }

templates.momentum = { parameters = { { "lookback", 20, 260, 20 }, { "hold", 1, 4, 1 } }, text = [[
-- Momentum: each month the symbols that have risen most, in equal parts.
--
--     backlua run $FILE.lua -b $BUNDLE
--     backlua run $FILE.lua -b $BUNDLE --param lookback=60

local date_rules = require "backlua.date_rules"

local $NAME = { params = { lookback = 120, hold = 2 } }

-- The assets that have risen, the most first.
local function ranked(ctx, data)
    local list = {}
    for _, asset in ipairs(ctx:symbols()) do
        local close = data:history(asset, "close", ctx.params.lookback, nil, "array")
        local gain = close[-1] / close[1] - 1
        if gain > 0 then
            list[#list + 1] = { asset = asset, gain = gain }
        end
    end
    table.sort(list, function(a, b) return a.gain > b.gain end)
    return list
end

local function rebalance(ctx, data)
    local wanted, hold = {}, ctx.params.hold
    for i, entry in ipairs(ranked(ctx, data)) do
        wanted[entry.asset] = i <= hold
    end
    for _, asset in ipairs(ctx:symbols()) do
        ctx:order_target_percent(asset, wanted[asset] and 1 / hold or 0)
    end
end

function $NAME.initialize(ctx)
    ctx:schedule_function(rebalance, date_rules.month_start())
end

return $NAME
]] }

templates.pairs = { parameters = { { "window", 20, 120, 20 }, { "entry", 1, 3, 1 } }, text = [[
-- A pair: short the dear one and long the cheap one while their ratio is far from its mean.
--
--     backlua run $FILE.lua -b $BUNDLE
--     backlua run $FILE.lua -b $BUNDLE --param window=40

local $NAME = { params = { window = 60, entry = 2 } }

function $NAME.initialize(ctx)
    ctx.a, ctx.b = ctx:symbol "$A", ctx:symbol "$B"
    ctx:set_margin { leverage = 2, borrow_rate = 0.01 }
    ctx.side = 0
end

-- How many deviations the ratio of the two prices is away from its mean; NaN without prices.
local function distance(ctx, data)
    local n = ctx.params.window
    local a = data:history(ctx.a, "price", n, nil, "array")
    local b = data:history(ctx.b, "price", n, nil, "array")
    local sum, squares = 0, 0
    for i = 1, n do
        local ratio = math.log(a[i] / b[i])
        sum, squares = sum + ratio, squares + ratio * ratio
    end
    local mean = sum / n
    local deviation = math.sqrt(math.max(squares / n - mean * mean, 0))
    return deviation > 0 and (math.log(a[-1] / b[-1]) - mean) / deviation or 0
end

function $NAME.handle_data(ctx, data)
    local z, side = distance(ctx, data), ctx.side
    if math.abs(z) > ctx.params.entry then
        side = z > 0 and -1 or 1
    elseif side * z > 0 then -- back at the mean
        side = 0
    end
    if side ~= ctx.side then
        ctx.side = side
        ctx:order_target_percent(ctx.a, 0.5 * side)
        ctx:order_target_percent(ctx.b, -0.5 * side)
    end
    ctx:record { z = z }
end

return $NAME
]] }

templates.mean_reversion = { parameters = { { "n", 2, 20, 3 }, { "low", 10, 40, 10 } }, text = [[
-- Mean reversion: bought when the relative strength is low, with a stop, sold when it is back.
--
--     backlua run $FILE.lua -b $BUNDLE
--     backlua run $FILE.lua -b $BUNDLE --param low=20

local $NAME = { params = { n = 5, low = 30, high = 55, stop = 0.08 } }

function $NAME.initialize(ctx)
    ctx.asset = ctx:symbol "$A"
    ctx.rsi = ctx:indicator("rsi", ctx.asset, { n = ctx.params.n })
end

function $NAME.handle_data(ctx, data)
    local held = ctx.portfolio.positions[ctx.asset].amount > 0
    local rsi = ctx.rsi[-1]
    if not held and rsi < ctx.params.low then
        local units = 0.95 * ctx.portfolio.portfolio_value / data:current(ctx.asset, "price")
        ctx:order_bracket(ctx.asset, units, { stop_loss = { percent = ctx.params.stop } })
    elseif held and rsi > ctx.params.high then
        ctx:close_position(ctx.asset)
    end
end

return $NAME
]] }

return templates
