-- Two moving averages of each stock: hold an equal share of it while the fast one is above.
--
--     backlua run examples/01_sma_cross.lua -b demo
--     backlua run examples/01_sma_cross.lua -b demo --param fast=10 --param slow=200
--
-- Look for: the costs, which are never hidden, and the table of orders that were not simply
-- filled. An indicator is computed once per stock; [-1] reads it at the current bar, [-2] at the
-- bar before. While it warms up it is NaN, and a comparison with NaN is false.

local sma_cross = { params = { fast = 20, slow = 100 } }

function sma_cross.initialize(ctx)
    ctx.assets, ctx.fast, ctx.slow, ctx.up = ctx:symbols(), {}, {}, {}
    for i, asset in ipairs(ctx.assets) do
        ctx.fast[i] = ctx:indicator("sma", asset, { n = ctx.params.fast })
        ctx.slow[i] = ctx:indicator("sma", asset, { n = ctx.params.slow })
        ctx.up[i] = false
    end
end

function sma_cross.handle_data(ctx)
    for i, asset in ipairs(ctx.assets) do
        local up = ctx.fast[i][-1] > ctx.slow[i][-1]
        if up ~= ctx.up[i] then
            ctx.up[i] = up
            ctx:order_target_percent(asset, up and 1 / #ctx.assets or 0)
        end
    end
end

return sma_cross
