-- What a walk-forward says of itself, against cases worked out by hand.
--
-- Market "moves": 20 sessions in four blocks of five. A price moves in the third session of a block
-- alone; whoever buys at the first bar has bought by then. Factors by block:
--
--           b1     b2     b3     b4
--     A    1.30   1.10   0.80   1.00
--     B    1.20   1.15   0.90   1.20
--     C    1.10   1.25   1.05   0.70

local market = require "spec.support.market"
local opt = require "backlua.optimization"
local stability = require "backlua.optimization.walk_stability"
local stages = require "backlua.optimization.walk_stages"

local log = math.log

local FACTORS = { A = { 1.3, 1.1, 0.8, 1 }, B = { 1.2, 1.15, 0.9, 1.2 },
    C = { 1.1, 1.25, 1.05, 0.7 } }

local PICK = require "spec.support.pick"

local function walk(settings, config, options)
    settings.window_config = opt.WindowConfig(config)
    settings.objective = settings.objective or "total_return"
    settings.param_space = settings.param_space or opt.ParameterSpace {
        opt.CategoricalParameter { name = "asset", choices = { "A", "B", "C" } } }
    local run = { strategy = PICK, bundle = "moves", lot = 1e-9, periods_per_year = 252,
        close_at_end = true }
    for name, value in pairs(options or {}) do
        run[name] = value
    end
    return assert(opt.WalkForwardOptimizer(settings):run(run))
end

setup(function()
    local assets, line = {}, {}
    for name, factors in pairs(FACTORS) do
        local prices, level = {}, 100
        for i = 1, 20 do
            level = i % 5 == 3 and level * factors[(i + 2) / 5] or level
            prices[i] = level
        end
        assets[name] = market.path(prices)
    end
    market.daily("moves", assets)
    for i = 1, 30 do
        line[i] = 100 + i
    end
    market.daily("line", { A = market.path(line) })
    local up, down = {}, {}
    for i = 1, 1000 do
        up[i], down[i] = 100 * 1.002 ^ i, 100 * 0.999 ^ i
    end
    market.daily("steady", { A = market.path(up), B = market.path(down) })
end)
teardown(market.clean)

describe("validation", function()
    local BLOCKS = { train_period_days = 5, validation_period_days = 5, test_period_days = 5 }

    -- In b1 A is best, then B, then C; in b2 it is the other way round. Window 2 trains on b2.
    it("chooses among the best k of train, and no others", function()
        local of = { { "A", 0.1, -0.2 }, { "B", 0.15, -0.1 }, { "C", 0.25, 0.05 } }
        for k, expected in ipairs(of) do
            local w = walk({ validate_best = k }, BLOCKS).windows[1]
            assert.equal(expected[1], w.params.asset)
            assert.near(FACTORS[expected[1]][1] - 1, w.train.score, 1e-9)
            assert.near(expected[2], w.validation.score, 1e-9)
            assert.near(expected[3], w.test.score, 1e-9)
            assert.equal(k, w.validation.trials)
            assert.equal(1, w.test.trials)
        end
    end)

    it("chooses what holds the constraints there, and says where nothing does", function()
        local limit = "no candidate held the constraints in validation in 1 of 2 windows"
        local held = walk({ validate_best = 3, constraints = { max_total_return = 0.22 } }, BLOCKS)
        assert.equal("B", held.windows[1].params.asset) -- C has 0.25, A had 0.3 in train
        local none = walk({ validate_best = 3, constraints = { min_total_return = 0.08 } }, BLOCKS)
        assert.same({ "C", "C" }, { none.windows[1].params.asset, none.windows[2].params.asset })
        assert.is_nil(table.concat(held.warnings, "\n"):find("held", 1, true))
        assert.truthy(table.concat(none.warnings, "\n"):find(limit, 1, true))
    end)

    it("prefers the better one of train among equals", function()
        -- nothing is traded in the one session of validation: all have 0
        local w = walk({ validate_best = 3 }, { train_period_days = 5, validation_period_days = 1,
            test_period_days = 9 }).windows[1]
        assert.equal("A", w.params.asset)
    end)
end)

describe("the stitched account", function()
    local function of_a(options)
        return walk({ param_space = opt.ParameterSpace { opt.CategoricalParameter {
            name = "asset", choices = { "A", "B" } } }, constraint = function(p)
                return p.asset == "A"
            end }, { train_period_days = 5, test_period_days = 5 }, options)
    end

    it("multiplies the tests, and its metrics are those of that curve", function()
        local r = of_a()
        local oos = r.oos
        assert.equal(15, #oos.value) -- tests b2, b3, b4
        assert.near(1e5 * 1.1, oos.value[5], 1e-3)
        assert.near(1e5 * 1.1 * 0.8, oos.value[-1], 1e-3)
        assert.near(1.1 * 0.8 - 1, oos.metrics.total_return, 1e-9)
        assert.near(-0.2, oos.metrics.max_drawdown, 1e-9)
        local mean = -0.1 / 15
        local sharpe = mean / math.sqrt((0.05 - 15 * mean ^ 2) / 14) * math.sqrt(252)
        assert.near(sharpe, oos.metrics.sharpe_ratio, 1e-6)
        assert.near(sharpe * math.sqrt(15 / 252), oos.t, 1e-6)
        assert.near(1 / 3, oos.profitable, 1e-12) -- b2 of b2, b3, b4
        assert.is_nil(oos.largest_share)          -- there is no profit in all
    end)

    it("has all trades of the tests, each with its window", function()
        local trades = of_a().oos.trades
        assert.equal(3, #trades)
        for w, gain in ipairs { 0.1, -0.2, 0 } do
            assert.equal(w, trades[w].window)
            assert.near(gain, trades[w]["return"], 1e-9)
            assert.near(1e5 * gain, trades[w].pnl, 1e-3) -- of an account of its own
        end
    end)

    it("goes by efficiency: growth of test over that of train", function()
        local r = of_a()
        assert.near(log(1.1) / log(1.3), r.windows[1].efficiency, 1e-9)
        assert.near(log(0.8) / log(1.1), r.windows[2].efficiency, 1e-9)
        assert.is_nil(r.windows[3].efficiency) -- train lost
        assert.near((log(1.1) + log(0.8)) / (log(1.3) + log(1.1) + log(0.8)), r.efficiency, 1e-9)
    end)
end)

describe("efficiency", function()
    -- All money in from the second session on: of L sessions L - 1 grow by 0.2 %, no less in the
    -- tests than in trains up to nine times as long.
    it("is that of equals where a long train compounds as a short test does", function()
        local r = walk({ param_space = opt.ParameterSpace { opt.CategoricalParameter {
            name = "asset", choices = { "A", "B" } } } }, { train_period_days = 100,
            test_period_days = 100, window_type = "expanding" }, { bundle = "steady" })
        assert.equal(9, #r.windows)
        local test, train = 0, 0
        for i, w in ipairs(r.windows) do
            assert.equal("A", w.params.asset)
            assert.near((98 / 100) / ((100 * i - 2) / (100 * i)), w.efficiency, 1e-6)
            test, train = test + 98, train + 100 * i - 2
        end
        assert.near((test / 900) / (train / 4500), r.efficiency, 1e-6)
        assert.same({}, r.warnings)
    end)

    -- What a stage came to, by its growth and its volatility in a year.
    local function window(growth_a_year, volatility)
        local growth = math.exp(growth_a_year) - 1
        local stage = { sessions = 252, metrics = { total_return = growth, cagr = growth,
            volatility = volatility } }
        return { params = {}, train = stage, test = { sessions = 63, metrics = {
            total_return = math.exp(0.01) - 1, cagr = math.exp(0.04) - 1, volatility = 0.3 } } }
    end

    it("is not told where train grew by less than a tenth of its volatility", function()
        assert.near(0.01 / 63 / (0.021 / 252), stages.efficiency { window(0.021, 0.2) }, 1e-9)
        assert.is_nil(stages.efficiency { window(0.019, 0.2) })
        assert.near(4, stages.efficiency { window(0.01, 0.05) }, 1e-9) -- calmer: that counts
        assert.is_nil(stages.efficiency { window(0, 0) })
        assert.is_nil(stages.efficiency {})
        -- Together: 0.03 less 0.025 of two years, at a volatility of 0.2.
        assert.is_nil(stages.efficiency { window(0.03, 0.2), window(-0.025, 0.2) })
    end)
end)

describe("a slice of a walk-forward", function()
    -- Day i stands at 100 + i, so a mean of five days is the price two days ago.
    it("begins with indicators that are ready", function()
        local r = walk({ objective = function(result)
            local first = result.records[1].value
            return first == first and first or 0
        end, param_space = opt.ParameterSpace {
            opt.DiscreteParameter { name = "n", min_value = 5, max_value = 5 } } },
            { train_period_days = 10, test_period_days = 5 }, { bundle = "line", strategy = [[
                local s = { params = { n = 5 } }
                function s.initialize(ctx)
                    ctx.mean = ctx:indicator("sma", ctx:symbol "A", { n = ctx.params.n })
                end
                function s.handle_data(ctx, data)
                    local close = data:history("A", "close", ctx.params.n, "1d", "array")
                    local again = close:mean()
                    assert(again == ctx.mean[-1] or again ~= again)
                    ctx:record { mean = ctx.mean[-1] }
                end
                return s
            ]] })
        assert.equal(0, r.windows[1].train.score) -- there is nothing before the data
        assert.equal(109, r.windows[1].test.score)
        assert.equal(104, r.windows[2].train.score)
        assert.equal(114, r.windows[2].test.score)
    end)
end)

describe("a window without a test", function()
    -- Train of window 1 ends at 110, that of window 2 at 115.
    it("says whether train or the test itself failed", function()
        local r = walk({ param_space = opt.ParameterSpace {
            opt.DiscreteParameter { name = "n", min_value = 1, max_value = 2 } } },
            { train_period_days = 10, test_period_days = 5, step_size_days = 5 },
            { bundle = "line", strategy = [[
                return { params = { n = 1 }, handle_data = function(ctx, data)
                    if data:current("A", "close") > 111 then error "too high" end
                    ctx:order("A", ctx.params.n)
                end }
            ]] })
        assert.same({ "window 1 has no test: its trial failed",
            "window 2 has no test: no trial of its train came to a score" },
            { r.warnings[1], r.warnings[2] })
        assert.is_nil(r.oos)
        assert.is_nil(r.best)
    end)
end)

describe("stability", function()
    local function of(name, kind, values)
        local windows = {}
        for i, value in ipairs(values) do
            windows[i] = { params = value ~= "none" and { [name] = value } or nil }
        end
        return stability(windows, { { name = name, type = kind } })[name]
    end

    it("of numbers is their spread and the mean step", function()
        local s = of("n", "discrete", { 10, 20, 15, "none", 15 })
        assert.equal(15, s.mean)
        assert.near(math.sqrt(50 / 3), s.std, 1e-12)
        assert.near(math.sqrt(50 / 3) / 15, s.cv, 1e-12)
        assert.equal(5, s.drift) -- 10, 5 and 0
        assert.same({ 10, 20, 4 }, { s.min, s.max, s.n })
        assert.is_false(s.is_stable)
        assert.is_true(of("n", "discrete", { 20, 21, 20, 22 }).is_stable)
        assert.is_false(of("n", "continuous", { -1, 1 }).is_stable) -- mean 0, no coefficient
        assert.is_true(of("n", "continuous", { 0, 0 }).is_stable)
    end)

    it("of choices is the mode and how often it changes", function()
        local s = of("m", "categorical", { "a", "a", "b", "a" })
        assert.same({ "a", 0.75, 2, false }, { s.mode, s.share, s.changes, s.is_stable })
        s = of("m", "categorical", { false, false })
        assert.same({ false, 1, 0, true }, { s.mode, s.share, s.changes, s.is_stable })
        s = of("m", "categorical", { 2, "up", "up", true })
        assert.same({ "up", 0.5, 2 }, { s.mode, s.share, s.changes })
    end)
end)

describe("a warning of a fall", function()
    local function warned(name, higher, train, test, validation)
        local list, aggregate = {}, {}
        for stage, mean in pairs { train = train, test = test, validation = validation } do
            aggregate[stage] = { score = { mean = mean } }
        end
        stages.falls(aggregate, { objective_name = name, higher_is_better = higher }, list)
        return #list
    end

    it("comes at 30 % of the size of the score, whatever its sign", function()
        local cases = { { 1, 0.69, 1 }, { 1, 0.71, 0 }, { -1, -1.29, 0 }, { -1, -1.31, 1 },
            { -1, -0.5, 0 }, { 0.5, -0.1, 1 }, { 0, -0.01, 1 }, { 0, 0, 0 } }
        for _, case in ipairs(cases) do
            assert.equal(case[3], warned("sharpe_ratio", true, case[1], case[2]), case[1])
        end
    end)

    it("knows where less is better, and where a longer slice has more", function()
        assert.equal(1, warned("volatility", false, 0.2, 0.27))
        assert.equal(0, warned("volatility", false, 0.2, 0.1))
        assert.equal(0, warned("total_return", true, 0.5, 0.1))
        assert.equal(0, warned("trades", true, 50, 10))
    end)

    it("looks at validation, too", function()
        assert.equal(2, warned("sharpe_ratio", true, 1, 0.1, 1))
        assert.equal(1, warned("sharpe_ratio", true, 1, 0.1, 0.1))
    end)
end)
