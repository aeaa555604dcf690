-- The same averages from windows of history, as arrays.
--
--     backlua run examples/03_history_array.lua -b demo
--
-- Look for: the result hash. 01_sma_cross.lua reads indicators, 04_history_frame.lua asks for
-- frames, and all three have the same: the form changes what you may write, not what the numbers
-- are. An array is a view, not a copy; it counts from 1, and -1 is its newest bar.

local sma_cross = { params = { fast = 20, slow = 100 } }

function sma_cross.initialize(ctx)
    ctx.assets, ctx.up = ctx:symbols(), {}
end

function sma_cross.handle_data(ctx, data)
    for i, asset in ipairs(ctx.assets) do
        local close = data:history(asset, "close", ctx.params.slow, "1d", "array")
        local up = close:last(ctx.params.fast):mean() > close:mean()
        if up ~= (ctx.up[i] or false) then
            ctx.up[i] = up
            ctx:order_target_percent(asset, up and 1 / #ctx.assets or 0)
        end
    end
end

return sma_cross
