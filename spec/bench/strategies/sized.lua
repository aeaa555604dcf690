-- SMA-400 over indicator handles, with a third parameter that no series depends on: a grid has as
-- many combinations as it likes over few series.

local commission = require "backlua.commission"
local slippage = require "backlua.slippage"

local sma = { params = { fast = 20, slow = 100, size = 1 } }

local AT_FILL = { size_at = "fill" }

function sma.initialize(ctx)
    ctx:set_commission(commission.per_dollar { cost = 0.001 })
    ctx:set_slippage(slippage.none {})
    ctx.assets, ctx.fast, ctx.slow, ctx.up = ctx:symbols(), {}, {}, {}
    for i, asset in ipairs(ctx.assets) do
        ctx.fast[i] = ctx:indicator("sma", asset, { n = ctx.params.fast })
        ctx.slow[i] = ctx:indicator("sma", asset, { n = ctx.params.slow })
        ctx.up[i] = false
    end
end

function sma.handle_data(ctx)
    local assets, fast, slow, were_up = ctx.assets, ctx.fast, ctx.slow, ctx.up
    local size = ctx.params.size
    for i = 1, #assets do
        local up = fast[i][-1] > slow[i][-1]
        if up ~= were_up[i] then
            were_up[i] = up
            ctx:order_target_percent(assets[i], up and size / #assets or 0, AT_FILL)
        end
    end
end

return sma
