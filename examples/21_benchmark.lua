-- Beside a benchmark: what a rule earns that holding the asset would not have earned.
--
--     backlua run examples/21_benchmark.lua -b demo
--     backlua run examples/21_benchmark.lua -b demo --metrics all
--     backlua run examples/21_benchmark.lua -b demo --why AAPL 2011-04-01
--
-- Look for: the column "benchmark", alpha and beta; the trade that stood worst on its way and what
-- it came to; with --why the fill of a day with the cash before and after it.

local momentum = { params = { months = 6 } }

function momentum.initialize(ctx)
    ctx.asset = ctx:symbol "AAPL"
    ctx:set_benchmark(ctx.asset)
    ctx:set_close_at_end(true) -- so that every trade has its end
    ctx:schedule_function(momentum.decide, require "backlua.date_rules".month_start())
end

function momentum.decide(ctx, data)
    local close = data:history(ctx.asset, "close", ctx.params.months * 21, "1d", "array")
    ctx:order_target_percent(ctx.asset, close[-1] > close[1] and 1 or 0)
end

function momentum.analyze(_, result)
    local worst = result.trades[1]
    for _, trade in ipairs(result.trades) do
        worst = trade.mae < worst.mae and trade or worst
    end
    if worst then
        print(("at worst a trade stood at %.0f; it came to %.0f"):format(worst.mae, worst.pnl))
    end
end

return momentum
