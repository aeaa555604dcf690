-- W5, hourly: once an hour the move of five assets over 1,200 minutes; in above 5 %, out below
-- -5 %.

local momentum = { params = { count = 5, minutes = 1200, threshold = 0.05 } }

function momentum.initialize(ctx)
    ctx.assets, ctx.bar = ctx:symbols(), 0
end

function momentum.handle_data(ctx, data)
    ctx.bar = ctx.bar + 1
    if ctx.bar % 60 ~= 0 then
        return
    end
    local p = ctx.params
    for i = 1, p.count do
        local asset = ctx.assets[i]
        local close = data:history(asset, "close", p.minutes, "1m", "array")
        local move = close[-1] / close[1] - 1
        if move > p.threshold then
            ctx:order_target_percent(asset, 1 / p.count)
        elseif move < -p.threshold then
            ctx:order_target(asset, 0)
        end
    end
end

return momentum
