-- handle.lua with one rare branch: the compiler's path through a bar is the same whichever of two
-- averages is the higher one. Same orders, same hash.

local commission = require "backlua.commission"
local slippage = require "backlua.slippage"

local sma = { params = { fast = 20, slow = 100 } }

local AT_FILL = { size_at = "fill" }

function sma.initialize(ctx)
    ctx:set_commission(commission.per_dollar { cost = 0.001 })
    ctx:set_slippage(slippage.none {})
    ctx.assets, ctx.fast, ctx.slow, ctx.side = ctx:symbols(), {}, {}, {}
    for i, asset in ipairs(ctx.assets) do
        ctx.fast[i] = ctx:indicator("sma", asset, { n = ctx.params.fast })
        ctx.slow[i] = ctx:indicator("sma", asset, { n = ctx.params.slow })
        ctx.side[i] = -1
    end
end

function sma.handle_data(ctx)
    local assets, fast, slow, sides = ctx.assets, ctx.fast, ctx.slow, ctx.side
    for i = 1, #assets do
        local gap = fast[i][-1] - slow[i][-1]
        if gap * sides[i] <= 0 then -- NaN while they warm up is not
            local side = gap > 0 and 1 or -1
            if side ~= sides[i] then
                sides[i] = side
                ctx:order_target_percent(assets[i], side > 0 and 1 / #assets or 0, AT_FILL)
            end
        end
    end
end

return sma
