-- What a result tells beyond its metrics. Figures by hand from the bars.

local backtest = require "spec.support.backtest"
local market = require "spec.support.market"

describe("a result", function()
    local result

    setup(function()
        market.daily("path", { A = market.path { 100, 100, 110, 99, 99 } })
        -- all in from the second bar: equity 1000, 1000, 1100, 990, 990; sold at 99 at the end
        result = assert(backtest.run([[
            function initialize(ctx) ctx.bar = 0 end
            function handle_data(ctx)
                ctx.bar = ctx.bar + 1
                if ctx.bar == 1 then ctx:order("A", 10) end
                if ctx.bar == 4 then ctx:order("A", -10) end
            end]], { bundle = "path", capital = 1000 }))
    end)
    teardown(market.clean)

    it("has the returns of the sessions", function()
        local r = result.daily.returns
        assert.equal(5, result.daily.n)
        assert.near(0.1, r[3], 1e-15)
        assert.near(-0.1, r[4], 1e-15)
        assert.equal(0, r[5])
    end)

    it("has months, years and drawdowns", function()
        assert.equal(1, #result.monthly)
        assert.near(-0.01, result.monthly[1].value, 1e-12)
        assert.near(-0.01, result.yearly[1].value, 1e-12)
        local d = result.drawdowns[1]
        assert.near(-0.1, d.depth, 1e-12)
        assert.same({ 3, 4 }, { d.start, d.trough })
        assert.is_nil(d.stop)
        assert.equal(result.equity.time[4], d.trough_time)
    end)

    it("counts the last hour of a day around the clock to that day's month and year", function()
        -- two bars a day from 2019-12-30 on; ten at 100 are 1,100 at midnight of New Year's Eve,
        -- where that session closes, and 1,210 a day later
        local day, half = 86400000000LL, 43200000000LL
        market.timed("clock", { A = market.path { 100, 100, 100, 110, 110, 121 } }, "12h",
            function(i)
                local open = 18260 * day + (i - 1) * half
                return open, open + half, 18260 + math.floor((i - 1) / 2)
            end)
        local clock = assert(backtest.run(backtest.handle "ctx:order('A', 10)",
            { bundle = "clock", capital = 1000 }))
        local months, years = clock.monthly, clock.yearly
        assert.same({ 2019, 12, 2020, 1 }, { months[1].year, months[1].month, months[2].year,
            months[2].month })
        assert.same({ 2019, 2020 }, { years[1].year, years[2].year })
        for _, value in ipairs { months[1].value, months[2].value, years[1].value,
            years[2].value } do
            assert.near(0.1, value, 1e-12)
        end
    end)

    it("has every statistic, the metrics among them", function()
        local s = result.statistics
        for key, value in pairs(result.metrics) do
            assert.is_true(s[key] == value or value ~= value, key)
        end
        assert.near(-10, s.average_loss, 1e-12)
        assert.near(-0.1, s.worst_period, 1e-12)
        assert.equal(1, s.losing_streak)
        assert.equal(1, s.trades)
        local own = require "backlua.metrics".sharpe_ratio(result.daily.returns,
            { periods_per_year = result.periods_per_year })
        assert.near(result.metrics.sharpe_ratio, own, 1e-12)
        assert.near(result.metrics.max_drawdown, require "backlua.metrics".max_drawdown(
            result.daily.returns), 1e-12)
    end)
end)
