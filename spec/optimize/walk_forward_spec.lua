-- Walk-forward: the right windows, the same trials as searches alone, the right sums over them.
--
-- Market "line": one asset, day i stands at 100 + i. A strategy that buys n shares at the first bar
-- of a slice of L sessions pays the second day's price and is marked at the last: it earns
-- n * (L - 2), on 100,000.

local json = require "backlua.json"
local child = require "spec.support.child"
local market = require "spec.support.market"
local opt = require "backlua.optimization"

local DAYS = 30

local log = math.log

local BUY = [[
    local s = { params = { n = 1 } }
    function s.initialize(ctx)
        ctx:set_commission(require("backlua.commission").none())
        ctx:set_slippage(require("backlua.slippage").none())
    end
    function s.handle_data(ctx)
        if ctx.portfolio.positions["A"].amount == 0 then
            ctx:order("A", ctx.params.n)
        end
    end
    return s
]]

local CROSS = require "spec.support.cross"

local function shares()
    return opt.ParameterSpace {
        opt.DiscreteParameter { name = "n", min_value = 1, max_value = 40 },
    }
end

local function averages()
    return opt.ParameterSpace { parameters = {
        opt.DiscreteParameter { name = "fast", min_value = 3, max_value = 15, step = 2 },
        opt.DiscreteParameter { name = "slow", min_value = 20, max_value = 60, step = 10 },
    } }
end

local function walk(settings, config, options)
    settings.window_config = opt.WindowConfig(config)
    settings.objective = settings.objective or "total_return"
    settings.param_space = settings.param_space or not settings.algorithm and shares() or nil
    options = options or {}
    options.strategy = options.strategy or BUY
    options.bundle = options.bundle or "line"
    return opt.WalkForwardOptimizer(settings):run(options)
end

local YEARS = { train_period_days = 252, validation_period_days = 63, test_period_days = 126 }

local function wave(settings, options)
    options = options or {}
    options.strategy, options.bundle = CROSS, "wave"
    options.start_date, options.end_date = "2012-01-01", "2015-12-31"
    settings.param_space = not settings.algorithm and averages() or nil
    return assert(walk(settings, YEARS, options))
end

-- Dates of the stages of each window as text.
local function spans(results)
    local lines = {}
    for i, w in ipairs(results.windows) do
        lines[i] = ("%s..%s %s..%s"):format(w.train.first, w.train.last, w.test.first, w.test.last)
    end
    return lines
end

setup(function()
    local prices = {}
    for i = 1, DAYS do
        prices[i] = 100 + i
    end
    market.daily("line", { A = market.path(prices) })
    market.synthetic("wave", { assets = 2 })
end)
teardown(market.clean)

describe("the windows of a walk-forward", function()
    -- Days from 2020-01-01 on, each a session.
    it("roll by a step", function()
        local r = assert(walk({}, { train_period_days = 10, test_period_days = 5 }))
        assert.same({
            "2020-01-01..2020-01-10 2020-01-11..2020-01-15",
            "2020-01-06..2020-01-15 2020-01-16..2020-01-20",
            "2020-01-11..2020-01-20 2020-01-21..2020-01-25",
            "2020-01-16..2020-01-25 2020-01-26..2020-01-30",
        }, spans(r))
        assert.is_nil(r.windows[1].validation)
    end)

    it("expand from the run's beginning", function()
        local r = assert(walk({}, { train_period_days = 10, test_period_days = 5,
            step_size_days = 8, window_type = "expanding" }))
        assert.same({
            "2020-01-01..2020-01-10 2020-01-11..2020-01-15",
            "2020-01-01..2020-01-18 2020-01-19..2020-01-23",
        }, spans(r))
        assert.equal(18, r.windows[2].train.sessions)
    end)

    it("leave sessions out between stages", function()
        local r = assert(walk({}, { train_period_days = 8, validation_period_days = 4,
            test_period_days = 4, step_size_days = 100, purge_days = 2 }))
        assert.same({ "2020-01-01..2020-01-08 2020-01-17..2020-01-20" }, spans(r))
        assert.equal("2020-01-11", r.windows[1].validation.first)
        assert.equal("2020-01-14", r.windows[1].validation.last)
        r = assert(walk({}, { train_period_days = 8, validation_period_days = 4,
            test_period_days = 4, step_size_days = 100, purge_days = 2, embargo_days = 3 }))
        assert.same({ "2020-01-01..2020-01-08 2020-01-20..2020-01-23" }, spans(r))
        assert.equal("2020-01-14", r.windows[1].validation.last)
    end)

    it("are shares of the run, or dates", function()
        local r = assert(walk({}, { train_period_days = "50 %", test_period_days = "20%" },
            { start_date = "2020-01-11" }))
        assert.same({ "2020-01-11..2020-01-20 2020-01-21..2020-01-24",
            "2020-01-15..2020-01-24 2020-01-25..2020-01-28" }, spans(r))
        r = assert(walk({}, { windows = {
            { train = { "2020-01-02", "2020-01-09" }, test = { "2020-01-12", "2020-01-20" } },
        } }))
        assert.same({ "2020-01-02..2020-01-09 2020-01-12..2020-01-20" }, spans(r))
        assert.equal(9, r.windows[1].test.sessions)
    end)

    it("say why there are none", function()
        local function message(config, settings)
            local ok, raised = pcall(walk, settings or {}, config)
            assert.is_false(ok)
            return raised
        end
        assert.truthy(message { train_period_days = 28, test_period_days = 5 }:find(
            "the run has 30 whole sessions, too few for a train period of 28", 1, true))
        assert.truthy(message { train_period_days = 5 }:find("test_period_days is required", 1,
            true))
        assert.truthy(message { train_period_days = "x %", test_period_days = 5 }:find(
            'a share of the run like "20 %", got', 1, true))
        assert.truthy(message { windows = { { train = { "2020-01-02", "2020-01-09" },
            test = { "2020-01-09", "2020-01-20" } } } }:find(
            "test begins 2020-01-09, train ends 2020-01-09", 1, true))
        assert.truthy(message { windows = { { train = { "2021-01-02", "2021-01-09" },
            test = { "2021-02-01", "2021-02-20" } } } }:find("holds no session", 1, true))
        -- Stitched out of order the first test would be lost.
        assert.truthy(message { windows = { { train = { "2020-01-02", "2020-01-09" },
            test = { "2020-01-20", "2020-01-24" } }, { train = { "2020-01-02", "2020-01-09" },
            test = { "2020-01-12", "2020-01-16" } } } }:find("windows[2].test begins 2020-01-12, "
            .. "windows[1].test 2020-01-20; windows stand in the order of their tests", 1, true))
        assert.truthy(message { train_period_days = 5, test_period_days = 5, purge_days = 90 }:find(
            "test of 5, purge_days of 90; shorten them", 1, true))
        local chosen = message({ train_period_days = 5, test_period_days = 5 },
            { validate_best = 2 })
        assert.truthy(chosen:find("validate_best = 2 chooses by validation, and there is none", 1,
            true))
    end)
end)

describe("a walk-forward", function()
    it("finds what arithmetic says", function()
        local r = assert(walk({}, { train_period_days = 10, test_period_days = 5 }))
        for _, w in ipairs(r.windows) do
            assert.same({ n = 40 }, w.params)
            assert.near(40 * 8 / 1e5, w.train.score, 1e-15)
            assert.near(40 * 3 / 1e5, w.test.score, 1e-15)
            assert.equal(40, w.train.trials)
            assert.near((log(1.0012) / 5) / (log(1.0032) / 10), w.efficiency, 1e-12)
        end
        assert.near(2 * log(1.0012) / log(1.0032), r.efficiency, 1e-12)
        assert.equal(20, #r.oos.value)
        assert.near(1e5 * 1.0012 ^ 4, r.oos.value[-1], 1e-6)
        assert.near(1.0012 ^ 4 - 1, r.oos.metrics.total_return, 1e-12)
        assert.equal(1, r.oos.profitable)
        assert.near(0.25, r.oos.largest_share, 1e-12)
        assert.same({ n = 40 }, r.best.params)
        assert.is_true(r.parameter_stability.n.is_stable)
        assert.equal(0, r.parameter_stability.n.drift)
        assert.equal(4 * 41, r.stats.trials)
        assert.same({}, r.warnings)
    end)

    it("counts an overlapped session for the newer window", function()
        local r = assert(walk({}, { train_period_days = 10, test_period_days = 5,
            step_size_days = 3 }))
        assert.equal(6, #r.windows)
        assert.equal(5 * 3 + 5, #r.oos.value)
        for i = 2, #r.oos.time do
            assert.equal(86400, r.oos.time[i] - r.oos.time[i - 1])
        end
        -- three sessions of a window: bought on the second, 40 earned on the third
        assert.near(1e5 * 1.0004 ^ 5 * 1.0012, r.oos.value[-1], 1e-6)
    end)

    it("trains as a search alone does on those dates", function()
        local r = wave { n_jobs = 2 }
        local w = r.windows[2]
        local alone = assert(opt.ParallelOptimizer { param_space = averages(),
            objective = "total_return" }:run { strategy = CROSS, bundle = "wave",
            start_date = w.train.first, end_date = w.train.last })
        assert.equal(alone.best.score, w.train.score)
        assert.same(alone.best.params, w.params)
        local hashes, checked = {}, 0
        for _, t in ipairs(alone.trials) do
            hashes[t.params.fast .. "/" .. t.params.slow] = t.hash
        end
        for _, t in ipairs(r.trials) do
            if t.params.window == 2 and t.params.stage == "train" then
                assert.equal(hashes[t.params.fast .. "/" .. t.params.slow], t.hash)
                checked = checked + 1
            end
        end
        assert.equal(35, checked)
    end)

    it("is the same for any number of workers and any search", function()
        for _, algorithm in ipairs { "RandomSearchAlgorithm", "TPEOptimizer" } do
            local hash
            for jobs = 1, 3 do
                local r = wave { n_jobs = jobs, max_trials_per_window = 24,
                    algorithm = opt[algorithm] { parameter_space = averages() } }
                hash = hash or r.result_hash
                assert.equal(hash, r.result_hash)
                assert.equal(24, r.windows[1].train.trials)
            end
        end
    end)

    it("is the same when it is taken from a study", function()
        local first = wave({}, { study = "walk" })
        local again = wave({}, { study = "walk" })
        assert.equal(first.result_hash, again.result_hash)
        assert.equal(0, again.stats.computed)
        assert.equal(first.oos.value[-1], again.oos.value[-1])
    end)

    it("lets validation choose among the best of train", function()
        local one, three = wave { validate_best = 1 }, wave { validate_best = 3 }
        local better = 0
        for i, w in ipairs(three.windows) do
            local validated = {}
            for _, t in ipairs(three.trials) do
                if t.params.window == i and t.params.stage == "validation" then
                    validated[#validated + 1] = t.score
                end
            end
            assert.equal(3, #validated)
            assert.equal(math.max(unpack(validated)), w.validation.score)
            assert.is_true(w.train.score <= one.windows[i].train.score)
            better = better + (w.validation.score > one.windows[i].validation.score and 1 or 0)
        end
        assert.is_true(better > 0)
    end)

    it("warns of scores that fall, negative ones too", function()
        -- trained on days that rise, tested on days that fall
        local prices = {}
        for i = 1, 20 do
            prices[i] = i <= 10 and 100 + i or 110 - 2 * (i - 10)
        end
        market.daily("tent", { A = market.path(prices) })
        local r = assert(walk({ objective = "cagr" }, { train_period_days = 10,
            test_period_days = 10 }, { bundle = "tent" }))
        assert.truthy(table.concat(r.warnings):find("the score falls from %S+ in train to %-"))
        assert.truthy(table.concat(r.warnings):find("efficiency", 1, true))
        assert.equal(0, r.oos.profitable)
        assert.is_nil(r.oos.largest_share)
    end)

    it("refuses names of its own, and a run without a strategy", function()
        local function message(settings, options)
            settings.window_config = opt.WindowConfig { train_period_days = 5,
                test_period_days = 5 }
            local ok, raised = pcall(function()
                return opt.WalkForwardOptimizer(settings):run(options)
            end)
            assert.is_false(ok)
            return raised
        end
        assert.truthy(message({ param_space = opt.ParameterSpace {
            opt.DiscreteParameter { name = "window", min_value = 1, max_value = 3 } } },
            { strategy = BUY, bundle = "line" }):find("cannot be called 'window'", 1, true))
        assert.truthy(message({ param_space = shares(), objective = function() return 1 end },
            {}):find("strategy is required", 1, true))
        assert.has_error(function()
            opt.WalkForwardOptimizer { param_space = shares() }
        end)
    end)
end)

describe("backlua walkforward", function()
    local home

    local CONFIG = [[
local opt = require "backlua.optimization"
return opt.WalkForwardOptimizer {
    strategy = "buy.lua", bundle = "line", objective = "total_return",
    param_space = opt.ParameterSpace {
        opt.DiscreteParameter { name = "n", min_value = 1, max_value = 8 },
    },
    window_config = opt.WindowConfig { train_period_days = 10, test_period_days = 5 },
}
]]

    setup(function()
        home = child.scratch()
        child.write(home .. "/buy.lua", BUY)
        child.write(home .. "/walk.lua", CONFIG)
    end)

    local function run(words)
        words.env = { BACKLUA_BUNDLES = market.folder, BACKLUA_HOME = home .. "/data" }
        return child.run(words)
    end

    it("prints windows, what came out of sample, and the best of the newest window", function()
        local r = run { "walkforward", home .. "/walk.lua", "--study", "w" }
        assert.equal(0, r.code, r.err)
        assert.truthy(r.out:find("walk.lua  4 windows  36 trials", 1, true), r.out)
        assert.truthy(r.out:find("2020-01-01..2020-01-10  2020-01-11..2020-01-15  n=8", 1, true))
        -- 8 shares earn 24 of 100,000 in each test
        assert.truthy(r.out:find("Out of sample  0.10 %, Sharpe", 1, true), r.out)
        assert.truthy(r.out:find("Efficiency     0.75 of train's growth", 1, true), r.out)
        local file = assert(io.open(home .. "/walk.best.lua"))
        assert.truthy(file:read "*a":find("n = 8", 1, true))
        file:close()
    end)

    it("goes on from its study, and says JSON", function()
        local r = run { "walkforward", home .. "/walk.lua", "--study", "w", "--json" }
        assert.equal(0, r.code, r.err)
        local all = json.decode(r.out)
        assert.equal(36, all.stats.resumed)
        assert.equal(4, #all.windows)
        assert.equal(20, #all.oos.equity)
        assert.near(2 * log(1 + 24e-5) / log(1 + 64e-5), all.efficiency, 1e-12)
        local resumed = run { "study", "resume", "w" }
        assert.equal(0, resumed.code, resumed.err)
        assert.truthy(resumed.out:find(all.result_hash, 1, true))
    end)

    -- Each window tests n = 8; no trial of its train or of another window may be taken for it.
    it("has for its study's best what the newest window tested", function()
        local r = run { "study", "best", "w" }
        assert.equal(0, r.code, r.err)
        assert.truthy(r.out:find("return {\n    n = 8,\n}", 1, true), r.out)
        assert.is_nil(r.out:find("Is it real", 1, true))
        local shown = run { "study", "show", "w" }
        assert.truthy(shown.out:find("{n=8}, as window 4 tested it", 1, true), shown.out)
        assert.truthy(shown.out:find("backlua study resume w tells", 1, true))
        assert.truthy(run({ "study", "list" }).out:find "w +36")
    end)

    it("names the command for another config", function()
        local r = run { "optimize", home .. "/walk.lua" }
        assert.equal(2, r.code)
        assert.truthy(r.err:find("run: backlua walkforward", 1, true), r.err)
    end)
end)
