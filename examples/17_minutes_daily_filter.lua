-- Bars of minutes, traded only where the days before point upwards.
--
--     backlua ingest --synthetic mag7 --seed 7 --minutes 20000 -b minutes
--     backlua run examples/17_minutes_daily_filter.lua -b minutes
--     backlua run examples/17_minutes_daily_filter.lua -b minutes --param days=2
--
-- Look for: "1d" in a bundle of minutes gives days that are over, never the one that has begun.
-- Everything is sold ten minutes before the close, so nothing is held over night; turnover and
-- costs are what that takes.

local date_rules = require "backlua.date_rules"
local time_rules = require "backlua.time_rules"

local breakout = { params = { days = 5, minutes = 60 } }

local function sell_all(ctx)
    for _, asset in ipairs(ctx:symbols()) do
        ctx:order_target(asset, 0)
    end
    ctx.closing = true
end

function breakout.initialize(ctx)
    ctx.high, ctx.up = {}, {} -- nothing is known before the first day is over
    for i, asset in ipairs(ctx:symbols()) do
        ctx.high[i] = ctx:indicator("max", asset, { n = ctx.params.minutes, field = "high" })
    end
    ctx:schedule_function(sell_all, date_rules.every_day(),
        time_rules.market_close { minutes = 10 })
end

function breakout.before_trading_start(ctx, data)
    ctx.closing, ctx.up = false, {}
    for i, asset in ipairs(ctx:symbols()) do
        local days = data:history(asset, "close", ctx.params.days, "1d", "array")
        ctx.up[i] = days[-1] > days:mean()
    end
end

function breakout.handle_data(ctx, data)
    for i, asset in ipairs(ctx:symbols()) do
        local broke = data:current(asset, "close") > ctx.high[i][-2] -- the high before this bar
        if broke and ctx.up[i] and not ctx.closing then
            ctx:order_target_percent(asset, 1 / 8)
        end
    end
end

return breakout
