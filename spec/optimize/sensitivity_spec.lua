-- What the score hangs on: a strategy whose score is a formula.
--
-- Market "line": one asset, day i stands at 100 + i, open to close the same. A strategy that buys n
-- shares at the first of 30 bars earns 28 n on 100,000.

local market = require "spec.support.market"
local opt = require "backlua.optimization"

local BUY = [[
    local s = { params = { a = 10, b = 4, x = 0.5, way = "up" } }
    function s.initialize(ctx)
        ctx:set_commission(require("backlua.commission").none())
        ctx:set_slippage(require("backlua.slippage").none())
    end
    function s.handle_data(ctx)
        local p = ctx.params
        assert(p.a % 1 == 0 and p.b % 1 == 0 and p.way == "up")
        if ctx.portfolio.positions["A"].amount == 0 then
            ctx:order("A", AMOUNT)
        end
    end
    return s
]]

local function analyze(amount, settings, n_jobs)
    settings.base_params = settings.base_params or { a = 10, b = 4, way = "up" }
    return assert(opt.SensitivityAnalyzer(settings):run { strategy = BUY:gsub("AMOUNT", amount, 1),
        bundle = "line", objective = "total_return", n_jobs = n_jobs })
end

setup(function()
    local prices = {}
    for i = 1, 30 do
        prices[i] = 100 + i
    end
    market.daily("line", { A = market.path(prices) })
end)
teardown(market.clean)

describe("sensitivity", function()
    it("is the share of the score that stays, by hand", function()
        -- a = 5, 8, 10, 13, 15 of 10 keep 1/2, 4/5, 1, 7/10, 1/2; nothing hangs on b
        local s = analyze("p.a * 8", { n_points = 5 })
        local values = {}
        for i, point in ipairs(s.parameters.a.curve) do
            values[i] = point.value
            assert.near(point.value * 8 * 28 / 100000, point.score, 1e-12)
        end
        assert.same({ 5, 8, 10, 13, 15 }, values)
        assert.near((0.5 + 0.8 + 1 + 0.7 + 0.5) / 5, s.parameters.a.stability, 1e-12)
        assert.equal("moderate", s.parameters.a.class)
        assert.equal(1, s.parameters.b.stability)
        assert.equal("robust", s.parameters.b.class)
        assert.near(80 * 28 / 100000, s.base_score, 1e-12)
    end)

    it("is told in words, with the scores of the pair that interacts most", function()
        local s = analyze("p.a * p.b", { n_points = 5 })
        local pair = s.interactions[1]
        assert.same({ { 5, 8, 10, 13, 15 }, { 2, 3, 4, 5, 6 } }, { pair.grid.x, pair.grid.y })
        assert.near(8 * 5 * 28 / 100000, pair.grid.score[2][4], 1e-12)
        assert.truthy(s.summary:find("score 0.0112 at the base\n", 1, true), s.summary)
        assert.truthy(s.summary:find "a +70 %%  moderate  ▁▃▅▇█ +5 %.%. 15\n")
        assert.truthy(s.summary:find("a and b: ", 1, true))
        assert.truthy(s.summary:find("best 0.0252 at a=15 b=6", 1, true))
    end)

    it("knows no unit of the score", function()
        local one, ten = analyze("p.a * 8", {}), analyze("p.a * 2", {})
        assert.near(one.parameters.a.stability, ten.parameters.a.stability, 1e-9)
    end)

    it("tells what interacts from what adds up", function()
        local sum = analyze("p.a * 8 + p.b * 20", {}).interactions[1]
        assert.same({ "a", "b" }, { sum[1], sum[2] })
        assert.near(0, sum.share, 1e-12)
        assert.is_false(sum.interacts)
        -- (a - 10)(b - 4), moved up to be a number of shares: nothing but interaction
        local product = analyze("300 + (p.a - 10) * (p.b - 4)", {}).interactions[1]
        assert.is_true(product.share > 0.9 and product.interacts)
    end)

    it("is the same for any number of workers, each point run once", function()
        local one, two = analyze("p.a * p.b", {}, 1), analyze("p.a * p.b", {}, 2)
        assert.equal(one.result_hash, two.result_hash)
        assert.same(one.parameters, two.parameters)
        assert.equal(0, one.stats.duplicates)
    end)

    it("says why it has no intervals of its own", function()
        assert.error_matches(function()
            opt.SensitivityAnalyzer { base_params = { a = 1 }, n_bootstrap = 100 }
        end, "n_bootstrap.*a curve of exact scores has no interval")
        assert.error_matches(function()
            opt.SensitivityAnalyzer { base_params = { a = 1 }, random_seed = 1 }
        end, "random_seed.*nothing is drawn here")
    end)

    it("refuses what is no set of parameters", function()
        assert.error_matches(function() opt.SensitivityAnalyzer { base_params = {} } end,
            "base_params must be a table of parameters by name")
    end)

    it("takes the guide's name of an objective, and lays out its trials itself", function()
        local function run(options)
            options.strategy, options.bundle = BUY:gsub("AMOUNT", "p.a * 8", 1), "line"
            return opt.SensitivityAnalyzer { base_params = { a = 10 } }:run(options)
        end
        local guide = assert(run { objective_function = "total_return", batch_size = 4 })
        assert.equal(assert(run { objective = "total_return" }).result_hash, guide.result_hash)
        for name, value in pairs { keep = "all", max_trials = 3, select = "plateau" } do
            assert.error_matches(function()
                run { [name] = value }
            end, name .. " is not an option here: which trials there are is settled")
        end
    end)
end)
