-- Simulations of what else could have happened.

local market = require "spec.support.market"
local opt = require "backlua.optimization"
local stats = require "backlua.stats"

local function noise(seed, n, shift)
    local x, state = {}, seed
    for i = 1, n do
        state = (state * 16807) % 2147483647
        x[i] = (state / 2147483647 - 0.5) / 50 + (shift or 0)
    end
    return x
end

local RETURNS = noise(77, 300, 0.0008)

local function simulate(settings, what)
    return assert(opt.MonteCarloSimulator(settings):run(what or { returns = RETURNS }))
end

setup(function()
    market.synthetic("wave", { assets = 1 })
end)
teardown(market.clean)

describe("bootstrap", function()
    it("is the same for any number of workers and the same seed", function()
        local one = simulate { n_jobs = 1, n_simulations = 230 }
        assert.equal(one.hash, simulate({ n_jobs = 3, n_simulations = 230 }).hash)
        assert.is_not.equal(one.hash, simulate({ n_simulations = 230, seed = 2 }).hash)
        assert.equal(230, #one.sharpe_ratio.values)
    end)

    it("has bands around what was observed", function()
        local m = simulate {}
        assert.near(stats.moments(RETURNS).sharpe * math.sqrt(252), m.sharpe_ratio.observed, 1e-12)
        for _, name in ipairs { "sharpe_ratio", "total_return" } do
            local b = m[name]
            assert.is_true(b.low < b.observed and b.observed < b.high and b.std > 0, name)
        end
        assert.is_true(m.max_drawdown.high <= 0 and m.max_drawdown.low < m.max_drawdown.high)
        assert.equal(stats.block_length(RETURNS), m.block_length)
    end)

    it("covers the true Sharpe ratio about as often as it says", function()
        local covered = 0
        for seed = 1, 60 do
            local b = simulate({ n_simulations = 200, confidence_level = 0.9, block_length = 1,
                n_jobs = 1 }, { returns = noise(seed * 104729, 120) }).sharpe_ratio
            covered = covered + (b.low <= 0 and 0 <= b.high and 1 or 0)
        end
        -- 54 expected, standard deviation 2.3
        assert.is_true(covered >= 46 and covered <= 60, "covered " .. covered .. " of 60")
    end)

    it("takes a result", function()
        local runner = require "backlua.run"
        local job = assert(runner.prepare { bundle = "wave", start_date = "2012-01-01",
            end_date = "2013-12-31", strategy = [[
                local s = {}
                function s.handle_data(ctx)
                    ctx:order_target_percent(ctx:symbols()[1], 1)
                end
                return s]] })
        local result = assert(runner.execute(job))
        local m = simulate({}, result)
        assert.near(result.metrics.sharpe_ratio, m.sharpe_ratio.observed, 1e-9)
        assert.near(result.metrics.total_return, m.total_return.observed, 1e-9)
        assert.near(result.metrics.max_drawdown, m.max_drawdown.observed, 1e-9)
        result:free()
        runner.release(job)
    end)
end)

describe("permutation", function()
    local TRADES = {}
    for i = 1, 30 do
        TRADES[i] = { pnl = i % 3 == 0 and -900 or 600 }
    end

    it("gives what depends on the order, and nothing else", function()
        local m = simulate({ method = "permutation" }, { trades = TRADES, capital = 10000 })
        assert.is_nil(m.sharpe_ratio)
        assert.is_nil(m.total_return)
        assert.near(-900 / 11200, m.max_drawdown.observed, 1e-12)
        assert.equal(m.hash, simulate({ method = "permutation" },
            { trades = TRADES, initial_capital = 10000 }).hash)
        assert.is_true(m.max_drawdown.low < m.max_drawdown.observed)
    end)

    it("of three trades knows their orders (by hand)", function()
        local m = simulate({ method = "permutation", n_simulations = 400 },
            { trades = { { pnl = -100 }, { pnl = -90 }, { pnl = 200 } }, capital = 1000 })
        -- Returns -10 %, -10 %, +24.7 %: both losses in a row come to -19 %, one alone to -10 %.
        local apart = 0
        for _, drawdown in ipairs(m.max_drawdown.values) do
            local alone = math.abs(drawdown + 0.1) < 1e-12
            apart = apart + (alone and 1 or 0)
            assert.is_true(alone or math.abs(drawdown + 0.19) < 1e-12)
        end
        -- A third of the orders has the gain in the middle; 4 standard deviations are 38.
        assert.is_true(math.abs(apart - 400 / 3) < 38, "apart " .. apart)
    end)

    it("refuses what it cannot permute, at the caller's line", function()
        assert.error_matches(function()
            opt.MonteCarloSimulator { method = "permutation" }:run { trades = {} }
        end, "permutation needs at least two trades")
        assert.error_matches(function() opt.MonteCarloSimulator { n_simulations = 3 } end,
            "n_simulations")
    end)
end)
