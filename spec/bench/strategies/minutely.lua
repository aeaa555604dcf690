-- W5, minute: how many deviations three assets stand from their mean of 20 minutes; bought below
-- -2, sold above 2.

local reversion = { params = { count = 3, minutes = 20, deviations = 2 } }

function reversion.initialize(ctx)
    ctx.assets = ctx:symbols()
end

function reversion.handle_data(ctx, data)
    local p = ctx.params
    for i = 1, p.count do
        local asset = ctx.assets[i]
        local close = data:history(asset, "close", p.minutes, "1m", "array")
        local score = (close[-1] - close:mean()) / close:std()
        if score < -p.deviations then
            ctx:order_target_percent(asset, 1 / p.count)
        elseif score > p.deviations then
            ctx:order_target(asset, 0)
        end
    end
end

return reversion
