-- W6: a crossover of two averages that trades only where the average range of the last bars is
-- above a threshold of the price, in steps of a fraction of the equity.

local heavy = { params = { fast = 20, slow = 100, threshold = 0.02, window = 20, scaling = 10 } }

function heavy.initialize(ctx)
    local p = ctx.params
    ctx.assets, ctx.fast, ctx.slow, ctx.range, ctx.up = ctx:symbols(), {}, {}, {}, {}
    for i, asset in ipairs(ctx.assets) do
        ctx.fast[i] = ctx:indicator("sma", asset, { n = p.fast })
        ctx.slow[i] = ctx:indicator("sma", asset, { n = p.slow })
        ctx.range[i] = ctx:indicator("atr", asset, { n = p.window })
        ctx.up[i] = false
    end
end

function heavy.handle_data(ctx, data)
    local p, share = ctx.params, 1 / #ctx.assets
    for i = 1, #ctx.assets do
        local asset = ctx.assets[i]
        local lively = ctx.range[i][-1] > p.threshold * data:current(asset, "price")
        local up = ctx.fast[i][-1] > ctx.slow[i][-1] and lively
        if up ~= ctx.up[i] then
            ctx.up[i] = up
            ctx:order_target_percent(asset, up and share * p.scaling / 15 or 0)
        end
    end
end

return heavy
