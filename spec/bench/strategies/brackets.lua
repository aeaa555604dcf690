-- Order-rich: every week what rises is bought with a stop and a target, what does not is sold; see
-- spec/bench/brackets.c for the rules.

local commission = require "backlua.commission"
local slippage = require "backlua.slippage"

local brackets = { params = { share = 0.09, back = 20 } }

local EXITS = { stop_loss = { percent = 0.03 }, take_profit = { percent = 0.05 } }

function brackets.initialize(ctx)
    ctx:set_commission(commission.per_dollar { cost = 0.001 })
    ctx:set_slippage(slippage.none {})
    ctx.assets, ctx.bar = ctx:symbols(), 0
end

function brackets.handle_data(ctx, data)
    local back = ctx.params.back
    ctx.bar = ctx.bar + 1
    if ctx.bar % 5 ~= 0 or ctx.bar <= back then
        return
    end
    for i = 1, #ctx.assets do
        local asset = ctx.assets[i]
        local close = data:history(asset, "close", back + 1, "1d", "array")
        local wanted = close[-1] > close[1]
        local held = ctx.portfolio.positions[asset].amount > 0
        if held and not wanted then
            ctx:cancel_all_orders(asset)
            ctx:order_target(asset, 0)
        elseif wanted and not held then
            ctx:order_percent(asset, ctx.params.share, EXITS)
        end
    end
end

return brackets
