-- A market in which a search's best can be told by arithmetic, for specs of optimisers.
--
-- One asset, "line", whose open, high, low and close are the same, day i costing 100 + i. A run
-- that buys `n` shares at the first bar without costs ends with n * (last price - second price).

local market = require "spec.support.market"
local opt = require "backlua.optimization"

local line = { DAYS = 30 }

-- Filled at the open of day 2 (102), marked at day 30 (130): 28 a share, on 100,000.
line.BUY = [[
    local s = { params = { n = 1, sign = 1 } }
    function s.initialize(ctx)
        ctx:set_commission(require("backlua.commission").none())
        ctx:set_slippage(require("backlua.slippage").none())
    end
    function s.handle_data(ctx)
        if ctx.portfolio.positions["A"].amount == 0 then
            ctx:order("A", ctx.params.n * ctx.params.sign)
        end
    end
    return s
]]

-- n = 1 .. max (40).
function line.space(max)
    return opt.ParameterSpace { parameters = {
        opt.DiscreteParameter { name = "n", min_value = 1, max_value = max or 40 },
    } }
end

-- Results of an optimiser of these settings, run with these options.
function line.run(settings, options)
    options = options or {}
    options.strategy = options.strategy or line.BUY
    options.bundle = options.bundle or "line"
    settings.objective = settings.objective or "total_return"
    return assert(opt.ParallelOptimizer(settings):run(options))
end

-- Make the bundles "line" and "wave", a synthetic one of two assets; market.clean removes them.
function line.make()
    local prices = {}
    for i = 1, line.DAYS do
        prices[i] = 100 + i
    end
    market.daily("line", { A = market.path(prices) })
    market.synthetic("wave", { assets = 2 })
end

return line
