-- Slippage and commission as Lua functions beside the engine's own models of the same numbers: two
-- orders a bar over 25 years, CPU time.

local commission = require "backlua.commission"
local data = require "spec.bench.data"
local grid = require "spec.bench.grid"
local measure = require "spec.bench.measure"
local rows = require "spec.bench.rows"
local slippage = require "backlua.slippage"

local ROUNDS = tonumber(os.getenv "BENCH_ROUNDS") or 15

local STRATEGY = [[
local bar = 0
function initialize(ctx)
    ctx.list, bar = ctx:symbols(), 0
end
function handle_data(ctx)
    bar = bar + 1
    ctx:order(ctx.list[1], bar % 2 == 0 and 10 or -10)
    ctx:order(ctx.list[2], bar % 2 == 0 and 10 or -10)
end]]

local bundle = data.sma400()

-- Milliseconds of a backtest under some costs, and its last equity.
local function variant(costs)
    local job = grid.job(STRATEGY, bundle, { leverage = "unlimited", slippage = costs.slippage,
        commission = costs.commission })
    local equity
    grid.run(job, { {} }, function(_, result)
        equity = result.equity.value[-1]
    end)
    return function()
        return measure.cpu(function()
            grid.run(job, { {} })
        end) * 1e3
    end, equity
end

local native, expected = variant {
    slippage = slippage.fixed_bps { basis_points = 5, volume_limit = 0 },
    commission = commission.per_dollar { cost = 0.001 },
}
local lua, got = variant {
    slippage = slippage.custom { volume_limit = 0, price = function(fill)
        return fill.price * (1 + (fill.amount > 0 and 1 or -1) * (5 / 1e4))
    end },
    commission = commission.custom { fee = function(fill)
        return math.abs(fill.amount * fill.price) * 0.001
    end },
}
assert(expected == got, "bench: the Lua functions cost something else")

rows.add(measure.alternate(ROUNDS, lua, native), {
    id = "lua-costs", what = "slippage and commission in Lua / built in", unit = "ms",
})
