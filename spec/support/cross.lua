-- Source of a strategy with two parameters: long while a quick mean of the first asset is above a
-- slow one.
return [[
    local s = { params = { fast = 5, slow = 20 } }
    function s.initialize(ctx)
        ctx.asset = ctx:symbols()[1]
        ctx.fast = ctx:indicator("sma", ctx.asset, { n = ctx.params.fast })
        ctx.slow = ctx:indicator("sma", ctx.asset, { n = ctx.params.slow })
    end
    function s.handle_data(ctx)
        ctx:order_target_percent(ctx.asset, ctx.fast[-1] > ctx.slow[-1] and 1 or 0)
    end
    return s
]]
