-- The same averages from frames: tables whose columns are named by symbol.
--
--     backlua run examples/04_history_frame.lua -b demo
--
-- Look for: the result hash of 03_history_array.lua. One call asks for all stocks at once;
-- print(frame) shows head and tail, frame.n its rows, frame.time[i] a bar's close.

local sma_cross = { params = { fast = 20, slow = 100 } }

function sma_cross.initialize(ctx)
    ctx.assets, ctx.up = ctx:symbols(), {}
end

function sma_cross.handle_data(ctx, data)
    local frame = data:history {
        assets = ctx.assets, fields = "close", bar_count = ctx.params.slow, frequency = "1d",
    }
    for i, asset in ipairs(ctx.assets) do
        local close = frame[asset.symbol]
        local up = close:last(ctx.params.fast):mean() > close:mean()
        if up ~= (ctx.up[i] or false) then
            ctx.up[i] = up
            ctx:order_target_percent(asset, up and 1 / #ctx.assets or 0)
        end
    end
end

return sma_cross
