-- Statistics of returns: the published examples of the libraries whose definitions they are, and
-- figures short enough to work out by hand.
--
-- EP names empyrical-reloaded efe6066, tests/test_stats.py (fixtures in tests/conftest.py). Its
-- series begin with a NaN that it skips; where only its length counts (annual returns), a zero
-- stands in its place, which compounds alike. Its weekly and monthly series begin with a zero.

local metrics = require "backlua.metrics"

local function percent(list)
    local out = {}
    for i, v in ipairs(list) do
        out[i] = v / 100
    end
    return out
end

local function near(expected, actual, tolerance)
    local scale = math.max(1, math.abs(expected))
    assert.is_true(math.abs(expected - actual) <= (tolerance or 1e-8) * scale,
        ("expected %.17g, got %.17g"):format(expected, actual))
end

local function is_nan(v)
    assert.is_true(v ~= v, "a number: " .. tostring(v))
end

-- EP's mixed_returns without, and with a zero for, its leading NaN
local MIXED = percent { 1, 10, -4, 2, 3, 2, 1, -10 }
local MIXED9 = percent { 0, 1, 10, -4, 2, 3, 2, 1, -10 }
local POSITIVE = percent { 1, 2, 1, 1, 1, 1, 1, 1, 1 }
local NEGATIVE = percent { 0, -6, -7, -1, -9, -2, -6, -8, -5 }
local ALL_NEGATIVE = percent { -2, -6, -7, -1, -9, -2, -6, -8, -5 }
local FLAT = percent { 1, 1, 1, 1, 1, 1, 1, 1 }
local EP = { convention = "empyrical" }
local function ep(given)
    given.convention = "empyrical"
    return given
end

describe("published examples of empyrical:", function()
    it("annual return, volatility and Calmar by day, week and month", function()
        for periods, expected in pairs {
            [252] = { 1.9135925373194231, 0.9136465399704637, 19.135925373194233 },
            [52] = { 0.24690830513998208, 0.38851569394870583, 2.4690830513998208 },
            [12] = { 0.052242061386048144, 0.18663690238892558, 0.52242061386048144 },
        } do
            local given = { periods_per_year = periods }
            near(expected[1], metrics.annual_return(MIXED9, given))
            near(expected[1], metrics.cagr(MIXED9, given))
            near(expected[2], metrics.volatility(periods == 252 and MIXED or MIXED9, given))
            near(expected[3], metrics.calmar_ratio(MIXED9, given))
        end
        near(11.274002099240244, metrics.cagr(percent { 1 }))
        near(0.03, metrics.cagr(percent { 3, 3, 3 }, { periods_per_year = 1 }))
    end)

    it("maximum drawdown, the first period's loss included", function()
        near(-0.1, metrics.max_drawdown(MIXED))
        near(-0.36590730, metrics.max_drawdown(NEGATIVE))
        near(-0.378589157, metrics.max_drawdown(ALL_NEGATIVE))
        assert.equal(0, metrics.max_drawdown(POSITIVE))
    end)

    it("Sharpe", function()
        near(1.7238613961706866, metrics.sharpe_ratio(MIXED))
        near(52.915026221291804, metrics.sharpe_ratio(POSITIVE))
        near(-24.406808633910085, metrics.sharpe_ratio(NEGATIVE))
        is_nan(metrics.sharpe_ratio(percent { 1 }))
        assert.equal(math.huge, metrics.sharpe_ratio(FLAT, EP))
    end)

    it("downside risk and Sortino", function()
        near(0.60448325038829653, metrics.downside_risk(MIXED, EP))
        near(1.7161730681956295, metrics.downside_risk(MIXED, ep { required = 0.1 }))
        near(0.25888650451930134, metrics.downside_risk(MIXED9, ep { periods_per_year = 52 }))
        near(2.605531251673693, metrics.sortino_ratio(MIXED))
        near(-1.3934779588919977, metrics.sortino_ratio(MIXED, ep { required = 0.01 }))
        near(-13.532743075043401, metrics.sortino_ratio(NEGATIVE))
        near(1.1158901056866439, metrics.sortino_ratio(MIXED9, { periods_per_year = 52 }))
        assert.equal(math.huge, metrics.sortino_ratio(POSITIVE))
    end)

    it("Omega", function()
        near(0.83354263497557934, metrics.omega_ratio(MIXED, ep { required = 10 }))
        near(0.8125, metrics.omega_ratio(MIXED, ep { risk_free = 0.01 }))
        near(1.125, metrics.omega_ratio(POSITIVE, ep { risk_free = 0.011 }))
        near(0, metrics.omega_ratio(POSITIVE, ep { risk_free = 0.02 }))
        near(0, metrics.omega_ratio(NEGATIVE, ep { risk_free = 0.01 }))
        is_nan(metrics.omega_ratio(MIXED, ep { required = -10 }))
    end)

    it("excess Sharpe, which is the information ratio per period", function()
        local zeros = percent { 0, 0, 0, 0, 0, 0, 0, 0 }
        near(0.10859306069076737, metrics.information_ratio(MIXED, zeros, EP))
        near(-0.06515583641446039, metrics.information_ratio(MIXED, FLAT, EP))
        near(0.10859306069076737 * math.sqrt(252), metrics.information_ratio(MIXED, zeros))
    end)

    it("alpha and beta", function()
        local benchmark = percent { -6, -7, -1, -9, -2, -6, -8, -5 } -- negative_returns[1:]
        near(-0.9997853834885004, metrics.alpha(MIXED, benchmark))
        near(-0.71296296296296313, metrics.beta(MIXED, benchmark))
        near(0, metrics.alpha(MIXED, MIXED))
        near(1, metrics.beta(MIXED, MIXED))
        is_nan(metrics.beta(MIXED, FLAT))
    end)

    it("up and down capture", function()
        near(1, metrics.up_capture(MIXED, MIXED))
        near(1, metrics.down_capture(MIXED, MIXED))
        -- the leading NaN of mixed_returns drops the first pair
        local positive, negative = percent { 2, 1, 1, 1, 1, 1, 1, 1 },
            percent { -6, -7, -1, -9, -2, -6, -8, -5 }
        near(0.0076167762, metrics.up_capture(positive, MIXED), 1e-6)
        near(-0.0004336328, metrics.up_capture(negative, MIXED), 1e-6)
        near(0.99956025703798634, metrics.down_capture(negative, MIXED))
        near(-11.27400221, metrics.down_capture(positive, MIXED))
    end)

    it("stability and tail ratio", function()
        near(0.1529973665111273, metrics.stability(MIXED))
        near(1, metrics.stability(FLAT))
        near(0.9473684210526313, metrics.tail_ratio(MIXED), 0.05) -- given to one digit
        near(1, metrics.tail_ratio(percent { 1 }))
    end)

    it("value at risk", function()
        near(1.3, metrics.value_at_risk({ 1, 2 }, { tail = 0.3 }))
        local list = { 1, 81, 82, 83, 84, 85 }
        near(41, metrics.value_at_risk(list, { tail = 0.1 }))
        near(81, metrics.value_at_risk(list, { tail = 0.2 }))
        near(81.5, metrics.value_at_risk(list, { tail = 0.3 }))
        near(1, metrics.value_at_risk({ 1, 2 }, { tail = 0 }))
        near(2, metrics.value_at_risk({ 1, 2 }, { tail = 1 }))
    end)

    it("Ulcer index of 14 days (ChartSchool, cs-ui.xls; its peaks are those of the 14)", function()
        local close = { 199.29, 199.01, 198.29, 198.4, 200.84, 201.22, 200.5, 198.65, 197.25, 195.7,
            197.77, 195.69, 194.87, 195.08 }
        local returns = { 0 }
        for i = 2, #close do
            returns[i] = close[i] / close[i - 1] - 1
        end
        assert.near(0.01760895215, metrics.ulcer_index(returns), 1e-10)
    end)

    it("rolling Sharpe, alpha and beta", function()
        local sharpe = metrics.rolling_sharpe(NEGATIVE, 6)
        for i, expected in ipairs { -18.09162052, -26.79897486, -26.69138263, -25.72298838 } do
            near(expected, sharpe[i + 5])
        end
        is_nan(sharpe[5])
        assert.equal(9, #sharpe)
        -- the windows without the leading NaN
        local benchmark = percent { -6, -7, -1, -9, -2, -6, -8, -5 }
        local beta = metrics.rolling_beta(MIXED, benchmark, 6)
        local alpha = metrics.rolling("alpha", MIXED, 6, { benchmark = benchmark })
        for i, expected in ipairs { { -0.9828927, -0.76156584 }, { -0.93166924, -0.61682243 },
            { -0.99967288, -0.41311475 } } do
            near(expected[1], alpha[i + 5])
            near(expected[2], beta[i + 5])
        end
    end)
end)

-- Returns 0.1, -0.1, 0.1: mean 1/30, s = sqrt(1/75), product 1.089.
local THREE = { 0.1, -0.1, 0.1 }

describe("by hand:", function()
    it("growth, moments and drawdown of three returns", function()
        near(0.089, metrics.total_return(THREE), 1e-15)
        near(0.089, metrics.annual_return(THREE, { periods_per_year = 3 }), 1e-15)
        near(math.sqrt(1 / 75) * 2, metrics.volatility(THREE, { periods_per_year = 4 }), 1e-15)
        near(2 / 3, metrics.positive_periods(THREE), 1e-15)
        -- g1 of a third: m2 = 2/225, m3 = (2 (1/15)^3 - (2/15)^3)/3 = -2/3375
        -- m3/m2^1.5 = -1/sqrt 2, times sqrt(6)/1
        near(-math.sqrt(3), metrics.skewness(THREE), 1e-12)
        is_nan(metrics.kurtosis(THREE)) -- needs four
        near(-0.1, metrics.max_drawdown(THREE), 1e-15)
        assert.equal(1, metrics.max_drawdown_bars(THREE) - 1) -- peak at 1, open: to 3
        near(-0.1, metrics.average_drawdown(THREE), 1e-15)
        -- 0, -0.1, -0.01: the last is 0.99 of the peak
        near(math.sqrt((0.01 + 0.0001) / 3), metrics.ulcer_index(THREE), 1e-12)
        near(0.89, metrics.recovery_factor(THREE), 1e-12)
        near(1, metrics.gain_to_pain(THREE), 1e-12)
        near(-0.1, metrics.expected_shortfall(THREE), 1e-15)
    end)

    it("kurtosis is excess and unbiased", function()
        -- -1, 0, 0, 1: m2 = 1/2, m4 = 1/2, g2 = -1; (3/2)(5 (-1) + 6) = 1.5
        near(1.5, metrics.kurtosis { -1, 0, 0, 1 }, 1e-12)
        near(0, metrics.skewness { -1, 0, 0, 1 }, 1e-12)
    end)

    it("an annual risk-free rate is a geometric rate per period", function()
        local rate = 1.01 ^ 12 - 1
        near((1 / 30 - 0.01) / math.sqrt(1 / 75) * math.sqrt(12),
            metrics.sharpe_ratio(THREE, { risk_free = rate, periods_per_year = 12 }), 1e-10)
        near((1 / 30 - 0.01) / math.sqrt(1 / 75) * math.sqrt(252),
            metrics.sharpe_ratio(THREE, ep { risk_free = 0.01 }), 1e-10)
    end)

    it("against a benchmark of half its size", function()
        local half = { 0.05, -0.05, 0.05 }
        near(2, metrics.beta(THREE, half), 1e-12)
        near(0, metrics.alpha(THREE, half), 1e-12)
        near(1, metrics.correlation(THREE, half), 1e-12)
        near(1, metrics.r_squared(THREE, half), 1e-12)
        near(math.sqrt(1 / 300 * 4), metrics.tracking_error(THREE, half,
            { periods_per_year = 4 }), 1e-12)
        near(0.089 / 2, metrics.treynor_ratio(THREE, half, { periods_per_year = 3 }), 1e-12)
    end)

    it("a benchmark of another length is refused", function()
        assert.has_error(function()
            metrics.beta(THREE, { 1 })
        end)
    end)

    it("options in the place of an annual benchmark are refused where they are given", function()
        local ok, message = pcall(function()
            metrics.probabilistic_sharpe_ratio(THREE, { periods_per_year = 12 })
        end)
        assert.is_false(ok)
        assert.truthy(message:find("metrics_spec.lua:%d+: metrics.probabilistic_sharpe_ratio: the"
            .. " benchmark is an annual Sharpe ratio, a number before the options, got table"),
            message)
    end)

    it("a NaN makes a statistic NaN", function()
        local bad = { 0.1, 0 / 0, 0.1, -0.05, 0.2 }
        for key, value in pairs(metrics.summary(bad, { benchmark = bad })) do
            assert.is_true(value ~= value, key .. " is " .. value)
        end
    end)

    it("nothing has no statistics", function()
        for key, value in pairs(metrics.summary {}) do
            assert.is_true(value ~= value, key)
        end
    end)
end)

describe("serenity by hand:", function()
    it("is growth over ulcer and pitfall", function()
        -- under water 0, -0.1, -0.01; the worst of three is the tail, the deviation sqrt(1/75)
        local ulcer, pitfall = math.sqrt((0.01 + 0.0001) / 3), 0.1 / math.sqrt(1 / 75)
        near(0.089 / (ulcer * pitfall), metrics.serenity_index(THREE), 1e-12)
        near(0.089 / (ulcer * pitfall), metrics.serenity_index(THREE, { tail = 0.4 }), 1e-12)
        -- with half of them in the tail, its mean is that of -0.1 and -0.01
        near(0.089 / (ulcer * 0.055 / math.sqrt(1 / 75)),
            metrics.serenity_index(THREE, { tail = 0.5 }), 1e-12)
    end)
end)

describe("conventions:", function()
    it("quantstats: Gaussian value at risk, the mean below it", function()
        local given = { convention = "quantstats" }
        -- m = 1/30, s = sqrt(1/75), 5 % quantile of the normal -1.6448536269514722 (AS 241)
        local var = 1 / 30 - 1.6448536269514722 * math.sqrt(1 / 75)
        near(var, metrics.value_at_risk(THREE, given), 1e-12)
        near(var, metrics.expected_shortfall(THREE, given), 1e-12) -- nothing lies below
    end)

    it("quantstats: alpha without compounding, information ratio per period", function()
        local given = { convention = "quantstats", periods_per_year = 4 }
        local half = { 0.06, -0.04, 0.06 } -- half + 0.01: beta 2, alpha -0.02 a period
        near(-0.08, metrics.alpha(THREE, half, given), 1e-12)
        near(0.98 ^ 4 - 1, metrics.alpha(THREE, half, { periods_per_year = 4 }), 1e-12)
        near(0.089 / 2, metrics.treynor_ratio(THREE, half, given), 1e-12)
    end)

    it("quantstats: drawdowns over n - 1, sums of returns, zeros left out", function()
        local given = { convention = "quantstats" }
        near(math.sqrt((0.01 + 0.0001) / 2), metrics.ulcer_index(THREE, given), 1e-12)
        near(1, metrics.recovery_factor(THREE, given), 1e-12)
        near(0.5, metrics.win_rate({ 1, 0, -1 }, given))
        near(1 / 3, metrics.win_rate { 1, 0, -1 })
    end)

    it("backtesting.py: geometric means and compounding deviations", function()
        local given = { convention = "backtesting.py", periods_per_year = 3 }
        -- g^3 = 1.089; variance 1/75
        local g2 = 1.089 ^ (2 / 3)
        local volatility = math.sqrt((1 / 75 + g2) ^ 3 - g2 ^ 3)
        near(volatility, metrics.volatility(THREE, given), 1e-12)
        near(0.089 / volatility, metrics.sharpe_ratio(THREE, given), 1e-12)
        near(0.089 / math.sqrt(0.01 / 3 * 3), metrics.sortino_ratio(THREE, given), 1e-12)
        near(0.89, metrics.calmar_ratio(THREE, given), 1e-12)
    end)

    it("backtesting.py: beta of log returns, alpha of totals", function()
        local given = { convention = "backtesting.py" }
        local squared = { 1.1 ^ 2 - 1, 0.9 ^ 2 - 1, 1.1 ^ 2 - 1 } -- twice the log returns
        near(2, metrics.beta(squared, THREE, given), 1e-12)
        near(1.089 ^ 2 - 1 - 2 * 0.089, metrics.alpha(squared, THREE, given), 1e-12)
    end)

    it("the name is checked", function()
        assert.has_error(function()
            metrics.beta(THREE, THREE, { convention = "quantstat" })
        end, nil)
        local ok, message = pcall(metrics.cagr, THREE, { convention = "quantstat" })
        assert.is_false(ok)
        assert.truthy(message:find("did you mean 'quantstats'", 1, true), message)
    end)
end)

describe("round trips by hand:", function()
    -- 30, -10, 0, 20, -20: won 50 in 2, lost 30 in 2, mean 4
    local PNLS = { 30, -10, 0, 20, -20 }

    it("rates, factors and expectancies", function()
        local m = metrics.trade_summary(PNLS)
        near(0.4, m.win_rate, 1e-15)
        near(0.2, m.draw_rate, 1e-15)
        near(5 / 3, m.profit_factor, 1e-15)
        near(4, m.expectancy, 1e-15)
        near(4 / 15, m.expectancy_r, 1e-15)
        near(25 / 15, m.payoff_ratio, 1e-15)
        near(0.4 - 0.6 / (25 / 15), m.kelly, 1e-15)
        near(25, m.average_win, 1e-15)
        near(-15, m.average_loss, 1e-15)
        assert.equal(30, m.best_trade)
        assert.equal(-20, m.worst_trade)
        assert.equal(1, m.winning_streak)
        assert.equal(1, m.losing_streak)
        -- squares of 26, -14, -4, 16, -24: 676 + 196 + 16 + 256 + 576 = 1720
        near(math.sqrt(5) * 4 / math.sqrt(430), m.sqn, 1e-15)
        near(m.sqn, m.sqn_100, 1e-15)
    end)

    it("SQN counts at most a hundred trades when asked", function()
        local many = {}
        for i = 1, 400 do
            many[i] = i % 2 == 0 and 3 or -1
        end
        near(metrics.sqn(many) / 2, metrics.sqn_100(many), 1e-12)
        assert.equal(1, metrics.winning_streak(many))
    end)

    it("without a loss the profit factor is infinite, without anything undefined", function()
        assert.equal(math.huge, metrics.profit_factor { 1, 2 })
        is_nan(metrics.profit_factor { 0 })
        assert.equal(0, metrics.profit_factor({ 0 }, { convention = "quantstats" }))
        is_nan(metrics.kelly { 1, 2 })
    end)

    it("backtesting.py has profit factor and expectancy of the trades' returns", function()
        local given = { convention = "backtesting.py", returns = { 0.3, -0.2, 0, 0.1, -0.3 } }
        near(0.8, metrics.profit_factor(PNLS, given), 1e-12)
        near(-0.02, metrics.expectancy(PNLS, given), 1e-12)
    end)
end)

describe("curves:", function()
    it("drawdowns, the open one flagged", function()
        -- 0.9, 0.99, 1.0395, 0.83160, 0.91476: down from the start, back at 3, down again
        local list = metrics.drawdowns { -0.1, 0.1, 0.05, -0.2, 0.1 }
        assert.equal(2, #list)
        near(-0.1, list[1].depth, 1e-12)
        assert.same({ 0, 1, 3, 3 }, { list[1].start, list[1].trough, list[1].stop,
            list[1].bars })
        near(-0.2, list[2].depth, 1e-12)
        assert.same({ 3, 4, 2 }, { list[2].start, list[2].trough, list[2].bars })
        assert.is_nil(list[2].stop)
    end)

    it("values, returns and shares below the peak undo one another", function()
        local values = metrics.cumulative(THREE)
        near(1.089, values[3], 1e-15)
        local back = metrics.returns(values, 1)
        for i = 1, 3 do
            near(THREE[i], back[i], 1e-15)
        end
        assert.equal(2, #metrics.returns(values))
        near(-0.1, metrics.underwater(THREE)[2], 1e-15)
    end)

    it("weeks belong to the ISO year of their Thursday", function()
        -- Monday 2018-12-31 is in week 1 of 2019, Sunday 2018-12-30 in week 52 of 2018 (ISO 8601)
        local day = 86400
        local monday = 1546214400 -- 2018-12-31T00:00:00Z
        local weeks = metrics.aggregate({ monday - day, monday, monday + day },
            { 0.01, 0.1, 0.1 }, "week")
        assert.equal(2, #weeks)
        assert.same({ 2018, 52 }, { weeks[1].year, weeks[1].week })
        assert.same({ 2019, 1 }, { weeks[2].year, weeks[2].week })
        near(0.21, weeks[2].value, 1e-12)
    end)

    it("months and years compound", function()
        local at = { 1577836800, 1580428800, 1580515200, 1609459200 } -- from 2020-01-01 on
        local months = metrics.aggregate(at, { 0.1, 0.1, 0.5, 0.2 }, "month")
        assert.equal(3, #months)
        near(0.21, months[1].value, 1e-12)
        local years = metrics.aggregate(at, { 0.1, 0.1, 0.5, 0.2 }, "year")
        near(1.21 * 1.5 - 1, years[1].value, 1e-12)
        assert.equal(2021, years[2].year)
    end)
end)

describe("the odds", function()
    it("feed raw kurtosis, quantstats excess", function()
        local returns = {}
        for i = 1, 60 do
            returns[i] = 0.01 + ((i * 37) % 11 - 5) / 100
        end
        local own = metrics.probabilistic_sharpe_ratio(returns)
        local stats = require "backlua.stats"
        near(stats.psr(returns), own, 1e-12)
        local theirs = metrics.probabilistic_sharpe_ratio(returns, 0,
            { convention = "quantstats" })
        assert.is_true(theirs > own) -- field.md, trap 28: too sure of itself
    end)
end)

-- ---- families ----------------------------------------------------------------------------------

local function random_returns(seed)
    local dice = require "spec.support.random_market".dice(seed)
    local list = {}
    for i = 1, dice(5, 40) do
        list[i] = dice(-1000, 1050) / 8192
    end
    return list
end

local function map(list, f)
    local out = {}
    for i, v in ipairs(list) do
        out[i] = f(v)
    end
    return out
end

-- How a statistic answers when every return is doubled, or negated: a factor, or a partner.
local SCALES = { volatility = 2, downside_risk = 2, sharpe_ratio = 1, sortino_ratio = 1,
    best_period = 2, worst_period = 2, positive_periods = 1, skewness = 1, kurtosis = 1,
    value_at_risk = 2, expected_shortfall = 2, tail_ratio = 1, omega_ratio = 1, gain_to_pain = 1 }
local SIGNS = { volatility = 1, sharpe_ratio = -1, skewness = -1, kurtosis = 1 }
local TRADE_SCALES = { win_rate = 1, draw_rate = 1, profit_factor = 1, expectancy = 2,
    expectancy_r = 1, payoff_ratio = 1, kelly = 1, sqn = 1, sqn_100 = 1, average_win = 2,
    average_loss = 2, best_trade = 2, worst_trade = 2, winning_streak = 1, losing_streak = 1 }

local function same(expected, actual, what)
    if expected ~= expected then
        assert.is_true(actual ~= actual, what)
    else
        assert.equal(expected, actual, what)
    end
end

describe("families over 200 samples:", function()
    local function each(body)
        for seed = 1, 200 do
            body(random_returns(seed), "seed " .. seed .. ", ")
        end
    end

    it("doubling the returns", function()
        each(function(r, what)
            local double = map(r, function(v) return 2 * v end)
            for name, factor in pairs(SCALES) do
                same(metrics[name](r) * factor, metrics[name](double), what .. name)
            end
            for name, factor in pairs(TRADE_SCALES) do
                same(metrics[name](r) * factor, metrics[name](double), what .. name)
            end
        end)
    end)

    it("changing their sign", function()
        each(function(r, what)
            local minus = map(r, function(v) return -v end)
            for name, factor in pairs(SIGNS) do
                same(metrics[name](r) * factor, metrics[name](minus), what .. name)
            end
            same(-metrics.best_period(r), metrics.worst_period(minus), what)
            same(metrics.winning_streak(r), metrics.losing_streak(minus), what)
            same(-metrics.average_win(r), metrics.average_loss(minus), what)
        end)
    end)

    it("beta goes with the strategy and against the benchmark", function()
        each(function(r, what)
            local b = map(r, function(v) return v * v - 0.01 end)
            local double = map(r, function(v) return 2 * v end)
            local minus = map(b, function(v) return -v end)
            same(2 * metrics.beta(r, b), metrics.beta(double, b), what)
            same(-metrics.beta(r, b), metrics.beta(r, minus), what)
            same(-metrics.correlation(r, b), metrics.correlation(r, minus), what)
        end)
    end)
end)
