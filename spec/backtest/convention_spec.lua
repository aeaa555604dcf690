-- The option convention: statistics of a run by the definitions of other libraries, by hand.

local backtest = require "spec.support.backtest"
local market = require "spec.support.market"

-- All in at the second bar, out at the last: equity 1000, 1000, 1100, 1210, 1089. Returns of the
-- sessions 0, 0, 0.1, 0.1, -0.1: mean 0.02, variance (ddof 1) 0.007; one trade, pnl 89.
local STRATEGY = [[
    function initialize(ctx) ctx.bar = 0 end
    function handle_data(ctx)
        ctx.bar = ctx.bar + 1
        if ctx.bar == 1 then ctx:order("A", 10) end
        if ctx.bar == 4 then ctx:order("A", -10) end
    end]]
local DEVIATION, ANNUAL = math.sqrt(0.007), 1.089 ^ (4 / 5) - 1
local RISK_FREE = 1.1 ^ (1 / 4) - 1 -- a period, of 10 % a year

local function near(expected, got)
    assert.near(expected, got, 1e-12)
end

describe("a run under a convention", function()
    local by = {}

    setup(function()
        market.daily("climb", { A = market.path { 100, 100, 110, 121, 108.9 } })
        for _, convention in ipairs(require "backlua.conventions") do
            by[convention] = assert(backtest.run(STRATEGY, { bundle = "climb", capital = 1000,
                periods_per_year = 4, risk_free = 0.1, convention = convention }))
        end
    end)
    teardown(market.clean)

    it("is the same run: the metrics and the hash over them are our own", function()
        local own = by.own
        assert.equal(own.metrics, own.restated)
        near((0.02 - RISK_FREE) / DEVIATION * 2, own.metrics.sharpe_ratio)
        near((0.02 - RISK_FREE) / math.sqrt((2 * RISK_FREE ^ 2 + (0.1 + RISK_FREE) ^ 2) / 5) * 2,
            own.metrics.sortino_ratio)
        near(89, own.metrics.expectancy)
        assert.equal("own", own.manifest.convention)
        for convention, result in pairs(by) do
            assert.equal(own.hash, result.hash)
            assert.equal(convention, result.manifest.convention)
            for key, value in pairs(own.metrics) do
                assert.equal(value, result.metrics[key])
                assert.is_number(result.restated[key])
            end
            for _, key in ipairs { "exposure_gross", "turnover", "trades", "total_commission" } do
                assert.equal(own.metrics[key], result.restated[key])
            end
        end
    end)

    it("counts periods and asks no rate of Sortino's as empyrical", function()
        local m = by.empyrical.restated
        near((0.02 - RISK_FREE) / DEVIATION * 2, m.sharpe_ratio) -- the rate a year was turned
        near(0.02 * 4 / (math.sqrt(0.01 / 5) * 2), m.sortino_ratio)
        near(ANNUAL, m.cagr)
        near(ANNUAL / 0.1, m.calmar_ratio)
        near(1, m.win_rate)
    end)

    it("wins and loses sessions as quantstats", function()
        local m, s = by.quantstats.restated, by.quantstats.statistics
        near(2 / 3, m.win_rate)
        near(2, m.profit_factor)
        near(1 / 3, s.kelly) -- 2/3 - 1/3, won and lost being one size
        near(ANNUAL, m.cagr)
        assert.equal(2, s.winning_streak)
        near(89, m.expectancy)
    end)

    it("compounds as backtesting.py", function()
        local m = by["backtesting.py"].restated
        local g = 1.089 ^ (1 / 5)
        local volatility = math.sqrt((0.007 + g ^ 2) ^ 4 - g ^ 8)
        near(volatility, m.volatility)
        near((g ^ 4 - 1 - 0.1) / volatility, m.sharpe_ratio)
        near(ANNUAL / 0.1, m.calmar_ratio)
        near(1, m.cagr / by.own.metrics.cagr) -- elapsed time, both
        near(0.089, m.expectancy)
        assert.is_true(m.profit_factor ~= m.profit_factor)
    end)

    it("rolls and compares by it", function()
        near((0.1 - RISK_FREE) / 0 * 2, by.empyrical:rolling_of("sharpe_ratio", 2)[4])
        local rolled = by["backtesting.py"]:rolling_of("volatility", 5)
        near(by["backtesting.py"].restated.volatility, rolled[5])
        local beside = assert(backtest.run(STRATEGY, { bundle = "climb", capital = 1000,
            periods_per_year = 4, benchmark = "A", convention = "quantstats" }))
        near(2 / 3, beside.restated.win_rate)
        near(ANNUAL, beside.benchmark.statistics.cagr)
    end)

    it("is told the nearest name", function()
        local _, err = backtest.run(STRATEGY, { bundle = "climb", convention = "quantstat" })
        assert.truthy(err.message:find("did you mean 'quantstats'", 1, true), err.message)
    end)
end)
