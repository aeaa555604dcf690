-- ctx.metrics: what the result's would be if the run ended here. By hand first, then every bar of
-- random runs against the results of runs that end there.

local backtest = require "spec.support.backtest"
local child = require "spec.support.child"
local market = require "spec.support.market"
local metric_keys = require "backlua.metric_keys"
local random_market = require "spec.support.random_market"
local tapes = require "spec.support.random_tape"

local CASES = math.max(10, math.floor((tonumber(os.getenv "PROPERTY_CASES") or 200) / 20))

local function same(where, expected, got)
    for _, key in ipairs(metric_keys()) do
        local a, b = expected[key], got[key]
        assert(a == b or a ~= a and b ~= b, ("%s: %s is %.17g in the result, was %.17g"):format(
            where, key, a, b))
    end
end

local function seen(ctx)
    local copy = {}
    for key, value in pairs(ctx.metrics) do
        copy[key] = value
    end
    return copy
end

describe("ctx.metrics", function()
    setup(function()
        market.daily("path", { A = market.path { 100, 100, 110, 99, 99 } })
    end)
    teardown(market.clean)

    it("are those of the bars so far", function()
        -- 10 at 100: equity 1000, 1000, 1100, 990
        assert(backtest.run([[
            function initialize(ctx)
                ctx.bar = 0
                print(ctx.metrics.trades, ctx.metrics.total_return)
            end
            function handle_data(ctx)
                local m = ctx.metrics
                ctx.bar = ctx.bar + 1
                if ctx.bar == 1 then ctx:order("A", 10) end
                if ctx.bar == 4 then ctx:order("A", -10) end
                print(("%.6g %.6g %g %g %g"):format(m.total_return, m.max_drawdown,
                    m.max_drawdown_bars, m.exposure_time, m.trades))
            end
            function analyze(ctx, result)
                print(ctx.metrics.trades, ctx.metrics.sharpe == result.metrics.sharpe_ratio)
            end]], { bundle = "path", capital = 1000 }))
        assert.same({ "0\tnan", "0 0 0 0 0", "0 0 0 0.5 0", "0.1 0 0 0.666667 0",
            "-0.01 -0.1 1 0.75 0", "-0.01 -0.1 2 0.6 1", "1\ttrue" }, backtest.printed)
    end)

    it("are, to the bit, those of a run that ends there, in " .. CASES .. " cases", function()
        local home, traded = child.scratch(), 0
        for seed = 1, CASES do
            local dice = random_market.dice(7000 + seed)
            local m, rules = random_market.random(seed % 4 + 1), tapes.rules(dice)
            rules.fill = rules.fill ~= "same_close" and rules.fill or "next_open"
            random_market.ingest(m, "m" .. seed, home)
            local bundle, tape = home .. "/m" .. seed, tapes.draw(dice, m)
            local at, kept = {}, {}
            for row = 1, m.rows do
                at[row] = row % 3 ~= 1 and function(ctx) kept[row] = seen(ctx) end or nil
            end
            local whole = tapes.run(tape, rules, bundle, random_market.day, { at = at })
            for row in pairs(kept) do
                local part = tapes.run(tape, rules, bundle, random_market.day, { last = row })
                same(("seed %d, row %d"):format(seed, row), part.metrics, kept[row])
            end
            traded = traded + whole.metrics.trades
        end
        assert.is_true(traded > 5 * CASES, "too few trades to mean anything: " .. traded)
    end)

    it("are so with bars of minutes, deposits and margin calls", function()
        market.minutes("two-days", 3, { A = market.path { 10, 9, 11, 5, 12, 8 } })
        local calls
        local function run(last, keep)
            local bar = 0
            return assert(backtest.run({
                initialize = function(ctx)
                    ctx:set_margin { initial = 0.5, maintenance = 0.45 }
                    ctx:set_capital_changes { ["2020-01-02"] = 100 }
                end,
                handle_data = function(ctx)
                    bar = bar + 1
                    if bar == 1 then ctx:order_target_percent("A", 1.9) end
                    keep[bar], calls = seen(ctx), ctx.account.margin_calls
                end,
            }, { bundle = "two-days", capital = 1000, end_date = last }))
        end
        local kept = {}
        local whole = run(nil, kept)
        assert.is_true(calls > 0)
        for bar = 1, whole.bars - 1 do
            local time = os.date("!%Y-%m-%dT%H:%M:%SZ", whole.equity.time[bar] + 1)
            same("bar " .. bar, run(time, {}).metrics, kept[bar])
        end
        same("the last bar", whole.metrics, kept[whole.bars])
    end)

    it("names the nearest field and can only be read", function()
        assert.truthy(backtest.error(backtest.handle "print(ctx.metrics.sharp_ratio)",
            { bundle = "path" }):find("metrics has no field 'sharp_ratio'; did you mean"
            .. " 'sharpe_ratio'?", 1, true))
        assert.truthy(backtest.error(backtest.handle "ctx.metrics.trades = 1",
            { bundle = "path" }):find("(text):3: metrics is read-only", 1, true))
    end)
end)
