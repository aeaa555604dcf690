-- A split and a dividend, held through: twelve days of ACME, with splits.csv and dividends.csv
-- beside its prices.
--
--     backlua ingest examples/data/acme --adjusted none -b acme
--     backlua run examples/18_splits_dividends.lua -b acme
--     backlua run examples/18_splits_dividends.lua -b acme --adjust none
--
-- Look for: 100 shares become 200 on the day of the split, the equity does not jump, and the
-- dividend is cash on its pay date. History shows the split as it was known then: the last close
-- before it is 106 until it happens and 53 from then on; with --adjust none it stays 106.

local hold = {}

function hold.initialize(ctx)
    ctx.asset = ctx:symbol "ACME"
end

function hold.handle_data(ctx, data)
    local position = ctx.portfolio.positions[ctx.asset]
    if position.amount == 0 and #ctx:open_orders(ctx.asset) == 0 then
        ctx:order(ctx.asset, 100)
    end
    local close = data:history(ctx.asset, "close", 2, "1d", "array")
    ctx:record { shares = position.amount, cash = ctx.portfolio.cash, before = close[1] }
end

function hold.analyze(_, result)
    for _, action in ipairs(result.actions) do
        print(("%-8s %s  %g -> %g shares, %g in cash"):format(action.kind, action.symbol,
            action.before, action.after, action.cash))
    end
end

return hold
