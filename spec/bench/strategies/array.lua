-- SMA-400 over array views: two windows and their means for each asset and bar.

local commission = require "backlua.commission"
local slippage = require "backlua.slippage"

local sma = { params = { fast = 20, slow = 100, frequency = "1d" } }

local AT_FILL = { size_at = "fill" }

function sma.initialize(ctx)
    ctx:set_commission(commission.per_dollar { cost = 0.001 })
    ctx:set_slippage(slippage.none {})
    ctx.assets, ctx.up = ctx:symbols(), {}
    for i = 1, #ctx.assets do
        ctx.up[i] = false
    end
end

function sma.handle_data(ctx, data)
    local assets, were_up = ctx.assets, ctx.up
    local fast, slow, frequency = ctx.params.fast, ctx.params.slow, ctx.params.frequency
    for i = 1, #assets do
        local asset = assets[i]
        local up = data:history(asset, "close", fast, frequency, "array"):mean()
            > data:history(asset, "close", slow, frequency, "array"):mean()
        if up ~= were_up[i] then
            were_up[i] = up
            ctx:order_target_percent(asset, up and 1 / #assets or 0, AT_FILL)
        end
    end
end

return sma
