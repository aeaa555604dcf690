-- Source of a strategy that puts all money on the asset its parameter names, free of cost.
return [[
    local s = { params = { asset = "A" } }
    function s.initialize(ctx)
        ctx:set_commission(require("backlua.commission").none())
        ctx:set_slippage(require("backlua.slippage").none())
    end
    function s.handle_data(ctx)
        if ctx.portfolio.positions[ctx.params.asset].amount == 0 then
            ctx:order_percent(ctx.params.asset, 1)
        end
    end
    return s
]]
