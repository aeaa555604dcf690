-- What trading costs: the same signal under a commission and slippage of your choice.
--
--     backlua run examples/09_costs.lua -b demo
--     backlua run examples/09_costs.lua -b demo --param bps=20
--     backlua run examples/09_costs.lua -b demo --fill same_close
--
-- Look for: commission and slippage in the table, and the fill policy beside them. A strategy
-- that decides on a close and buys at that same close is flagged: nobody can.

local commission = require "backlua.commission"
local slippage = require "backlua.slippage"

local reversal = { params = { n = 10, bps = 5 } }

function reversal.initialize(ctx)
    ctx:set_commission(commission.per_dollar { cost = 0.001 })
    ctx:set_slippage(slippage.fixed_bps { basis_points = ctx.params.bps, volume_limit = 0.1 })
end

function reversal.handle_data(ctx, data)
    for _, asset in ipairs(ctx:symbols()) do
        local close = data:history(asset, "close", ctx.params.n, "1d", "array")
        if data:can_trade(asset) then
            local cheap = close[-1] < close:mean() - 1.5 * close:std()
            local dear = close[-1] > close:mean()
            if cheap then
                ctx:order_target_percent(asset, 0.12)
            elseif dear then
                ctx:order_target(asset, 0)
            end
        end
        ctx:record { cash = ctx.portfolio.cash }
    end
end

return reversal
