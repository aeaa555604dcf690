-- Every entry with its exits: a stop below it, a target above it, one cancels the other.
--
--     backlua run examples/13_brackets.lua -b demo
--     backlua run examples/13_brackets.lua -b demo --param intrabar=optimistic
--     backlua run examples/13_brackets.lua -b demo --param stop=0.05 --param target=0.1
--
-- Look for: orders that ended as "linked" (the other exit traded), and the line "intrabar". A bar
-- that met a stop and a target does not say which was first; the pessimistic answer is the stop,
-- and what the optimistic one adds to the return is no skill. Exits far apart never meet in a bar.

local brackets = { params = { n = 50, stop = 0.02, target = 0.02, intrabar = "pessimistic" } }

function brackets.initialize(ctx)
    ctx:set_intrabar(ctx.params.intrabar)
    ctx.high = {}
    for _, asset in ipairs(ctx:symbols()) do
        ctx.high[asset] = ctx:indicator("max", asset, { n = ctx.params.n, field = "high" })
    end
end

function brackets.handle_data(ctx)
    local p = ctx.params
    for _, asset in ipairs(ctx:symbols()) do
        local high = ctx.high[asset][-1] -- NaN for the first n bars
        local flat = ctx.portfolio.positions[asset].amount == 0
        if flat and high == high and #ctx:open_orders(asset) == 0 then
            -- buy when it breaks its high of n bars, within a week or not at all
            ctx:order_percent(asset, 0.12, {
                stop = high, good_till = ctx:now() + 7 * 86400,
                stop_loss = { percent = p.stop }, take_profit = { percent = p.target },
            })
        end
    end
end

return brackets
