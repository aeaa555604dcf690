-- Once a month, an hour after the open: the strongest assets of the last half year, equal weights.
--
--     backlua run examples/11_schedule.lua -b demo
--     backlua run examples/11_schedule.lua -b demo --param hold=1
--     backlua run examples/11_schedule.lua -b demo --param months=12
--
-- Look for: no handle_data at all, the function that is scheduled does everything; on daily bars
-- the time of day leaves no choice. Turnover and trades are those of twelve days a year.

local date_rules = require "backlua.date_rules"
local time_rules = require "backlua.time_rules"

local momentum = { params = { months = 6, hold = 3 } }

local function strength(ctx, data, asset)
    local close = data:history(asset, "close", 21 * ctx.params.months + 1, "1d", "array")
    return close[-1] / close[1] - 1 -- NaN for an asset that is too young
end

local function is_stronger(a, b)
    return a.score > b.score
end

local function rebalance(ctx, data)
    local ranked = {}
    for _, asset in ipairs(ctx:symbols()) do
        local score = strength(ctx, data, asset)
        if score == score then
            ranked[#ranked + 1] = { asset = asset, score = score }
        end
    end
    table.sort(ranked, is_stronger)
    for i, entry in ipairs(ranked) do
        local weight = i <= ctx.params.hold and 1 / ctx.params.hold or 0
        ctx:order_target_percent(entry.asset, weight, { size_at = "fill" })
    end
    ctx:record { ranked = #ranked }
end

function momentum.initialize(ctx)
    ctx:schedule_function(rebalance, date_rules.month_start(),
        time_rules.market_open { hours = 1 })
end

return momentum
