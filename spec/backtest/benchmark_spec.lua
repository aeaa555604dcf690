-- A run beside a benchmark: an asset of the bundle or a file. Figures by hand.

local backtest = require "spec.support.backtest"
local child = require "spec.support.child"
local market = require "spec.support.market"
local metrics = require "backlua.metrics"

local HOLD = [[
    function initialize(ctx) %s end
    function handle_data(ctx) if not ctx.done then ctx.done = true ctx:order("A", 10) end end]]

local function run(initialize, options)
    options = options or {}
    options.bundle, options.capital = options.bundle or "beside", 1000
    return assert(backtest.run(HOLD:format(initialize or ""), options))
end

local function near(expected, view)
    assert.equal(#expected, view.n)
    for i, value in ipairs(expected) do
        assert.near(value, view[i], 1e-14)
    end
end

local function write(text)
    local path = child.scratch() .. "/spy.csv"
    local file = assert(io.open(path, "w"))
    file:write(text)
    file:close()
    return path
end

describe("a benchmark", function()
    setup(function()
        market.daily("beside", {
            A = market.path { 100, 100, 110, 121, 121 },
            B = { { 50, 50, 50, 50, 9 }, { 55, 55, 55, 55, 9 }, { 44, 44, 44, 44, 9 },
                { 22, 22, 22, 22, 9 }, { 33, 33, 33, 33, 9 } },
            C = { { 10, 10, 10, 10, 9 }, { 11, 11, 11, 11, 9 }, false, { 12, 12, 12, 12, 9 },
                { 12, 12, 12, 12, 9 } },
            D = { false, false, { 8, 8, 8, 8, 9 }, { 10, 10, 10, 10, 9 }, { 5, 5, 5, 5, 9 } },
            E = { false, false, market.flat(1000), market.flat(1000), market.flat(1001) },
            F = market.path { 10, 11 },
        }, { { kind = "dividend", symbol = "B", day = 3, amount = 11 },
            { kind = "split", symbol = "B", day = 4, ratio = 2 } })
    end)
    teardown(market.clean)

    it("is followed with its dividends and splits", function()
        -- (44 + 11) / 55, 22 * 2 / 44, 33 / 22
        local b = run("ctx:set_benchmark('B')").benchmark
        near({ 0, 0.1, 0, 0, 0.5 }, b.returns)
        near({ 0, 0, 0.1, 0.1, 0 }, b.own_returns)
        assert.same({ "B", 5, 0 }, { b.name, b.n, b.gaps })
        near({ 1, 1.1, 1.1, 1.1, 1.65 }, b.value)
        assert.near(0.65, b.statistics.total_return, 1e-14)
    end)

    it("begins with the close before the run", function()
        local b = run("ctx:set_benchmark('B')", { start_date = "2020-01-02" }).benchmark
        near({ 0.1, 0, 0, 0.5 }, b.returns)
    end)

    it("leaves out what it has no value of, and says how much", function()
        local b = run("ctx:set_benchmark('C')").benchmark
        near({ 0, 0.1, 12 / 11 - 1, 0 }, b.returns)
        near({ 0, 0, 0.21, 0 }, b.own_returns) -- both over two days
        assert.equal(1, b.gaps)
        assert.equal(365 * 4 / 5, b.periods_per_year)
    end)

    it("that begins later counts from its first close on", function()
        local b = run("ctx:set_benchmark('D')").benchmark
        near({ 0.25, -0.5 }, b.returns)
        near({ 0.1, 0 }, b.own_returns)
    end)

    it("that begins later or ends earlier has years and periods of its own", function()
        local b = run("ctx:set_benchmark('E')").benchmark
        near({ 0, 0.001 }, b.returns)
        assert.same({ 3, 365 }, { b.gaps, b.periods_per_year }) -- each of them is a day
        -- two sessions of five; the run lasts from 14:30 on the 1st to 21:00 on the 5th
        local years = (4 + 6.5 / 24) / 365.25 * 2 / 5
        assert.near(1.001 ^ (1 / years) - 1, b.statistics.cagr, 1e-12)
        b = run("ctx:set_benchmark('F')").benchmark
        assert.same({ 2, 3, 365 }, { b.n, b.gaps, b.periods_per_year })
    end)

    it("that lacks sessions early on has longer periods, not fewer of them", function()
        local function periods(first)
            local path = write("date,close\n" .. first
                .. "2020-01-03,44\n2020-01-04,44\n2020-01-05,44\n")
            local b = run("", { benchmark = path }).benchmark
            return { b.n, b.gaps, b.periods_per_year }
        end
        -- of 5 sessions: 3 returns over all of them, 3 over the last 4, 2 over the last 2
        assert.same({ 3, 2, 365 * 3 / 5 }, periods "2019-12-31,40\n")
        assert.same({ 3, 2, 365 * 3 / 4 }, periods "2020-01-01,40\n")
        assert.same({ 3, 2, 365 }, periods "2020-01-02,40\n")
        assert.same({ 2, 3, 365 }, periods "")
    end)

    it("gives alpha, beta and kin, the functions of backlua.metrics", function()
        local r = run "ctx:set_benchmark('B')"
        for _, name in ipairs { "alpha", "beta", "correlation", "information_ratio",
            "tracking_error", "treynor_ratio", "up_capture", "down_capture" } do
            local expected = metrics[name](r.benchmark.own_returns, r.benchmark.returns,
                { periods_per_year = 365 })
            assert.is_true(r.statistics[name] == expected or expected ~= expected, name)
        end
        -- means 0.04 and 0.12; the products around them sum up to -0.024, the squares to 0.188
        assert.near(-0.024 / 0.188, r.statistics.beta, 1e-14)
        local beta = r:rolling_of("beta", 3)
        assert.near(metrics.beta({ 0.1, 0.1, 0 }, { 0, 0, 0.5 }), beta[5], 1e-12)
    end)

    it("is there for objectives of a search, as is the end of positions", function()
        local opt = require "backlua.optimization"
        local results = assert(opt.ParallelOptimizer {
            n_jobs = 1, bundle = "beside", benchmark = "B", close_at_end = true,
            strategy = "params = { units = 1 } function handle_data(ctx)"
                .. " if not ctx.done then ctx.done = true ctx:order('A', ctx.params.units) end end",
            objective = opt.ObjectiveFunction { metric = "custom", custom_function = function(r)
                return r.statistics.beta + #r.trades
            end },
            param_space = opt.ParameterSpace { parameters = {
                opt.DiscreteParameter { name = "units", min_value = 10, max_value = 20, step = 10 },
            } },
        }:run {})
        local run_alone = assert(backtest.run(HOLD:format "", { bundle = "beside",
            benchmark = "B", close_at_end = true, commission = require "backlua.commission"
                .per_share { cost = 0.001 }, slippage = require "backlua.slippage".fixed_bps {} }))
        for _, trial in ipairs(results.trials) do
            if trial.params.units == 10 then
                assert.equal(run_alone.statistics.beta + 1, trial.score)
            end
        end
        assert.equal(2, #results.trials)
    end)

    it("does not change the run", function()
        assert.equal(run().hash, run("ctx:set_benchmark('B')").hash)
        assert.is_nil(run().benchmark)
    end)

    it("may be a file of days and values", function()
        local path = write "Date,Open,Close\n2020-01-03,1,44\n2020-01-01,1,50\n"
        local file = io.open(path, "a")
        file:write "2020-01-02,1,\"55\"\r\n2019-12-31,1,40\n2020-01-05T00:00:00Z,1,66\n"
        file:close()
        local r = run("ctx:set_benchmark('B')", { benchmark = path }) -- the file counts
        near({ 0.25, 0.1, -0.2, 0.5 }, r.benchmark.returns)
        assert.same({ "spy.csv (Close)", 1 }, { r.benchmark.name, r.benchmark.gaps })
        assert.equal(64, #r.manifest.benchmark_sha256)
    end)

    it("is refused where it cannot be one", function()
        local begin = "date,close\n2020-01-01,1\n"
        local function refused(text)
            local result, err = backtest.run(HOLD:format "", { bundle = "beside",
                benchmark = text and write(text) or "Q" })
            assert.is_nil(result)
            return err.message
        end
        assert.truthy(refused():find("benchmark: no symbol 'Q' in bundle 'beside'", 1, true))
        assert.truthy(refused(begin .. "01/02/2020,2\n"):find(
            "spy.csv:3: '01/02/2020' is no date; it must be as in 2004-08-19", 1, true))
        assert.truthy(refused("date,close\n2020-01-01,-1\n"):find("spy.csv:2: '-1' is no value", 1,
            true))
        assert.truthy(refused("date,close\n2020-01-01,nan\n"):find("'nan' is no value above 0", 1,
            true))
        assert.truthy(refused(begin .. "2020-01-01,1\n"):find(
            "spy.csv:3: its day has a value already", 1, true))
        assert.truthy(refused("a,b,c\n"):find("spy.csv:1: no column close", 1, true))
        assert.truthy(refused("2020-01-01,1\n"):find("the first line must name the columns", 1,
            true))
        assert.truthy(refused(begin):find("fewer than two sessions", 1, true))
        assert.truthy(refused(""):find("fewer than two sessions", 1, true))
    end)

    it("cannot be a file for a strategy, nor an asset there is not", function()
        local function message(what)
            return backtest.error("function initialize(ctx)\nctx:set_benchmark(" .. what
                .. ")\nend", { bundle = "beside" })
        end
        assert.truthy(message "'spy.csv'":find(":2: set_benchmark: a strategy opens no file", 1,
            true))
        assert.truthy(message "'QQ'":find(":2: set_benchmark: no symbol 'QQ'", 1, true))
        assert.truthy(message "nil":find(":2: set_benchmark: an asset or a symbol is expected", 1,
            true))
    end)

    it("is asked for by a rolling beta", function()
        local r = run()
        assert.has_error(function() r:rolling_of("beta", 3) end,
            "rolling_of: beta needs a benchmark; ctx:set_benchmark(asset) or --benchmark sets one")
        assert.has_error(function() r:rolling_of("beat", 3) end,
            "rolling_of: no statistic 'beat'; did you mean 'beta'?")
        assert.equal(5, r:rolling_of("volatility", 2).n)
        assert.equal(183, r.rolling.window) -- of 365 sessions a year
    end)
end)
