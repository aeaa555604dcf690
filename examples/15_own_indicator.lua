-- Indicators of your own, beside those of the engine.
--
--     backlua run examples/15_own_indicator.lua -b demo
--
-- Look for: `range`, once over the series from arrays of `ta`; a value that needed a later bar
-- would be an error. `streak`, once for each bar: the third argument is its value at the bar
-- before. `macd` has several outputs, each a handle of its own.

local ta = require "backlua.ta"

local strategy = { params = { n = 20 } }

-- The close's place between the lowest low and the highest high of n bars, 0 .. 1.
local function range(bars, options)
    local low, high = ta.min(bars.low, { n = options.n }), ta.max(bars.high, { n = options.n })
    local out = {}
    for i, close in ipairs(bars.close) do
        out[i] = (close - low[i]) / (high[i] - low[i])
    end
    return out
end

-- How many bars in a row closed above their open.
local function streak(bars, _, before)
    return bars.close[-1] > bars.open[-1] and (before == before and before or 0) + 1 or 0
end

function strategy.initialize(ctx)
    local asset = ctx:symbol "AAPL"
    ctx.asset = asset
    ctx.range = ctx:indicator(range, asset, { n = ctx.params.n })
    ctx.streak = ctx:indicator(streak, asset, { window = 1 })
    ctx.macd = ctx:indicator("macd", asset)
end

function strategy.handle_data(ctx)
    local rising = ta.crossed_above(ctx.macd.macd, ctx.macd.signal)
    if rising and ctx.range[-1] > 0.5 or ctx.streak[-1] >= 5 then
        ctx:order_target_percent(ctx.asset, 1)
    elseif ta.crossed_below(ctx.macd.macd, ctx.macd.signal) then
        ctx:order_target_percent(ctx.asset, 0)
    end
    ctx:record("range", ctx.range[-1])
end

return strategy
