-- W4 and W7: two simple moving averages of each of the first `count` assets, all or nothing of 100
-- shares, two values recorded.

local sma = { params = { count = 10, fast = 50, slow = 200 } }

function sma.initialize(ctx)
    ctx.assets = {}
    for i, asset in ipairs(ctx:symbols()) do
        if i <= ctx.params.count then
            ctx.assets[i] = asset
        end
    end
end

function sma.handle_data(ctx, data)
    local fast, slow, held = ctx.params.fast, ctx.params.slow, 0
    for i = 1, #ctx.assets do
        local asset = ctx.assets[i]
        local fast_mean = data:history(asset, "close", fast, "1d", "array"):mean()
        local slow_mean = data:history(asset, "close", slow, "1d", "array"):mean()
        local up = fast_mean > slow_mean
        held = held + (up and 1 or 0)
        ctx:order_target(asset, up and 100 or 0)
    end
    ctx:record("held", held)
    ctx:record("value", ctx.portfolio.portfolio_value)
end

return sma
