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

    -- The same rows, by hand: draws of a chunk come from the seed times 1000003 plus its number.
    it("has a p-value: how often returns without a mean come to as much", function()
        local returns = noise(77, 300, 0.0002)
        local m = simulate({ n_simulations = 100, block_length = 3 }, { returns = returns })
        local mean, centred, above = stats.moments(returns).mean, {}, {}
        for i, x in ipairs(returns) do
            centred[i] = x - mean
        end
        for chunk = 1, 2 do
            local rows = stats.bootstrap_rows(#returns, 50, 3, 1000003 + chunk)
            for key, name in pairs { sharpe = "sharpe_ratio", total_return = "total_return",
                max_drawdown = "max_drawdown" } do
                local observed = m[name].observed / (key == "sharpe" and math.sqrt(252) or 1)
                for _, value in ipairs(stats.bootstrap(centred, rows, key)) do
                    above[name] = (above[name] or 0) + (value >= observed and 1 or 0)
                end
            end
        end
        for name, count in pairs(above) do
            assert.near((count + 1) / 101, m[name].p_value, 1e-15)
            assert.equal(m[name].p_value < 0.05, m[name].is_significant)
        end
        assert.is_true(above.sharpe_ratio > 0 and above.sharpe_ratio < 50)
    end)

    it("finds nothing significant in noise, as often as it says", function()
        local found = 0
        for seed = 1, 60 do
            local m = simulate({ n_simulations = 200, block_length = 1, n_jobs = 1 },
                { returns = noise(seed * 104729, 120) })
            found = found + (m.sharpe_ratio.is_significant and 1 or 0)
        end
        assert.is_true(found <= 9, found .. " of 60") -- 3 expected, standard deviation 1.7
        local sure = simulate({}, { returns = noise(5, 300, 0.004) })
        assert.near(1 / 1001, sure.sharpe_ratio.p_value, 1e-15)
        assert.is_true(sure.sharpe_ratio.is_robust and sure.total_return.is_robust)
        assert.is_false(simulate({}, { returns = noise(5, 300, -0.002) }).total_return.is_robust)
    end)

    it("draws the trades' win rate from them", function()
        local trades = {}
        for i = 1, 200 do
            trades[i] = { pnl = i % 4 == 0 and 50 or -10 }
        end
        local m = simulate({ block_length = 1 }, { returns = RETURNS, trades = trades })
        assert.equal(0.25, m.win_rate.observed)
        assert.near(math.sqrt(0.25 * 0.75 / 200), m.win_rate.std, 0.003)
        assert.is_nil(m.win_rate.p_value)
        assert.equal(simulate({ block_length = 1 }).hash, m.hash)
        assert.is_nil(simulate({}).win_rate)
    end)

    it("is told in words, with a histogram of each statistic", function()
        local text = simulate({}).summary
        assert.truthy(text:find("bootstrap, 1,000 simulations, blocks of ", 1, true), text)
        assert.truthy(text:find "sharpe_ratio +%d+%.%d+ +%-?%d+%.%d+ %.%. %d+%.%d+ +%d+ %%", text)
        assert.truthy(text:find "max_drawdown  ▁[^\n]*█[^\n]*  %-%d+%.%d %% to %-%d+%.%d %%", text)
    end)

    it("takes a result", function()
        local runner = require "backlua.run"
        local job = assert(runner.prepare { bundle = "wave", start_date = "2012-01-01",
            end_date = "2013-12-31", strategy = [[
                local s = {}
                function s.handle_data(ctx)
                    ctx:order_target_percent(ctx:symbols()[1], ctx:random() > 0.9 and 1 or 0)
                end
                return s]] })
        local result = assert(runner.execute(job))
        local m = simulate({}, result)
        assert.near(result.metrics.sharpe_ratio, m.sharpe_ratio.observed, 1e-9)
        assert.near(result.metrics.total_return, m.total_return.observed, 1e-9)
        assert.near(result.metrics.max_drawdown, m.max_drawdown.observed, 1e-9)
        assert.near(result.metrics.win_rate, m.win_rate.observed, 1e-12)
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
        local no_deeper = 0
        for _, drawdown in ipairs(m.max_drawdown.values) do
            no_deeper = no_deeper + (drawdown >= m.max_drawdown.observed and 1 or 0)
        end
        assert.near((no_deeper + 1) / 1001, m.max_drawdown.p_value, 1e-15)
        assert.truthy(m.summary:find("permutation, 1,000 simulations, 95 % bands", 1, true))
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
