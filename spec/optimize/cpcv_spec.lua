-- Combinatorial purged cross-validation against a case worked out by hand.
--
-- Market "choice": 12 sessions, assets A, B, C. A trial puts all money on one of them in the second
-- session of its run, so its returns are the asset's. Four groups of three sessions; prices move in
-- the last session of each group alone, so that it does not matter where a run begins, by
--
--           g1     g2     g3     g4
--     A    1.10   1.00   0.80   1.00
--     B    1.00   1.20   1.00   0.90
--     C    1.02   1.01   1.05   1.00
--
-- (group 1 moves after the purchase, in session 3). Two groups are tested. Total returns:
--
--     split  test   train: A      B      C     best    test: A     B       C      median
--     1      1 2      -0.2   -0.1    0.05    C         0.1    0.2    0.0302   0.1    below
--     2      1 3       0      0.08   0.01    B        -0.12   0      0.071    0
--     3      1 4      -0.2    0.2    0.0605  B         0.1   -0.1    0.02     0.02   below
--     4      2 3       0.1   -0.1    0.02    A        -0.2    0.2    0.0605   0.0605 below
--     5      2 4      -0.12   0      0.071   C         0      0.08   0.01     0.01
--     6      3 4       0.1    0.2    0.0302  B        -0.2   -0.1    0.05    -0.1
--
-- Group 1 is tested in splits 1 2 3, group 2 in 1 4 5, group 3 in 2 4 6, group 4 in 3 5 6, so
--
--     path 1  splits 1 1 2 3  C C B B   1.02 * 1.01 * 1 * 0.9 - 1 = -0.07282
--     path 2  splits 2 4 4 5  B A A C   0.8 - 1                  = -0.2
--     path 3  splits 3 5 6 6  B C B B   1.01 * 0.9 - 1           = -0.091
--
-- Path 2 has one return of -0.2 among 12, so mean -0.2 / 12, deviation 0.2 / sqrt(12): a Sharpe
-- ratio of -1 / sqrt(12) a session, of -sqrt(21) a year of 252.

local cpcv = require "backlua.optimization.cpcv"
local json = require "backlua.json"
local child = require "spec.support.child"
local market = require "spec.support.market"
local opt = require "backlua.optimization"

local log = math.log

local PICK = require "spec.support.pick"

local CROSS = require "spec.support.cross"

local FACTORS = { A = { 1.1, 1, 0.8, 1 }, B = { 1, 1.2, 1, 0.9 }, C = { 1.02, 1.01, 1.05, 1 } }

-- Prices of an asset: 100, times each group's factor in its third session.
local function prices_of(factors)
    local prices, level = {}, 100
    for i = 1, 12 do
        level = i % 3 == 0 and level * factors[i / 3] or level
        prices[i] = level
    end
    return market.path(prices)
end

local function picks()
    return opt.ParameterSpace {
        opt.CategoricalParameter { name = "asset", choices = { "A", "B", "C" } },
    }
end

local function cross_validate(config, settings, options)
    config.mode = "cpcv"
    settings = settings or {}
    settings.window_config = opt.WindowConfig(config)
    settings.objective = settings.objective or "total_return"
    settings.param_space = not settings.algorithm and (settings.param_space or picks()) or nil
    return opt.WalkForwardOptimizer(settings):run(options or { strategy = PICK,
        bundle = "choice", periods_per_year = 252, lot = 1e-9 })
end

local function averages()
    return opt.ParameterSpace { parameters = {
        opt.DiscreteParameter { name = "fast", min_value = 3, max_value = 15, step = 2 },
        opt.DiscreteParameter { name = "slow", min_value = 20, max_value = 60, step = 10 },
    } }
end

local function wave(settings, study, shared)
    settings.param_space = not settings.algorithm and averages() or nil
    return assert(cross_validate({ purge_days = 5, embargo_days = 5, shared_search = shared },
        settings, {
        strategy = CROSS, bundle = "wave", start_date = "2012-01-01", end_date = "2014-12-31",
        study = study }))
end

setup(function()
    local assets = {}
    for name, factors in pairs(FACTORS) do
        assets[name] = prices_of(factors)
    end
    market.daily("choice", assets)
    market.synthetic("wave", { assets = 1 })
end)
teardown(market.clean)

describe("the splits", function()
    it("of six groups, two of them tested, are 15, and make 5 paths", function()
        local groups = cpcv.groups(61, 6)
        assert.same({ from = 1, to = 10 }, groups[1])
        assert.same({ from = 51, to = 61 }, groups[6])
        local splits = cpcv.splits(groups, { test_groups = 2, purge_days = 0, embargo_days = 0 })
        local paths = cpcv.paths(splits)
        assert.equal(15, #splits)
        assert.equal(5, #paths)
        assert.same({ 1, 2 }, splits[1].tested)
        assert.same({ 5, 6 }, splits[15].tested)
        -- group 3 is tested in 1 3, 2 3, 3 4, 3 5, 3 6: splits 2, 6, 10, 11, 12
        for j, split in ipairs { 2, 6, 10, 11, 12 } do
            assert.equal(split, paths[j][3])
        end
    end)

    -- 14 sessions in groups 1..4, 5..8, 9..14; one session purged, two more behind
    it("train without what is purged on both sides and embargoed behind", function()
        local splits = cpcv.splits(cpcv.groups(14, 3),
            { test_groups = 1, purge_days = 1, embargo_days = 2 })
        assert.same({ 8, 9, 10, 11, 12, 13, 14 }, splits[1].train_sessions)
        assert.same({ 1, 2, 3, 12, 13, 14 }, splits[2].train_sessions)
        assert.same({ 1, 2, 3, 4, 5, 6, 7 }, splits[3].train_sessions)
        assert.same({ 5, 6, 7, 8 }, splits[2].test_sessions)
    end)
end)

local EXPECTED = {
    { { 1, 2 }, "C", 0.05, 0.0302, 0.1, true }, { { 1, 3 }, "B", 0.08, 0, 0, false },
    { { 1, 4 }, "B", 0.2, -0.1, 0.02, true }, { { 2, 3 }, "A", 0.1, -0.2, 0.0605, true },
    { { 2, 4 }, "C", 0.071, 0.01, 0.01, false }, { { 3, 4 }, "B", 0.2, -0.1, -0.1, false },
}

for _, shared in ipairs { false, true } do
    describe("a cross-validation with " .. (shared and "one search" or "a search for each split"),
        function()
            local function validate(config, settings)
                config.groups, config.test_groups, config.shared_search = 4, 2, shared
                return assert(cross_validate(config, settings))
            end

            it("finds what arithmetic says", function()
                local r = validate {}
                assert.equal(6, #r.splits)
                for i, e in ipairs(EXPECTED) do
                    local split = r.splits[i]
                    assert.same(e[1], split.tested)
                    assert.equal(e[2], split.params.asset)
                    assert.near(e[3], split.train.score, 1e-9)
                    assert.near(e[4], split.test.score, 1e-9)
                    assert.equal(6, split.train.sessions)
                    assert.equal(6, split.test.sessions)
                end
                assert.same({ first = "2020-01-04", last = "2020-01-06", sessions = 3 },
                    r.groups[2])
            end)

            it("stitches the tests to paths over all sessions", function()
                local r = validate {}
                assert.equal(3, #r.paths)
                local sources = { { 1, 1, 2, 3 }, { 2, 4, 4, 5 }, { 3, 5, 6, 6 } }
                for j, total in ipairs { -0.07282, -0.2, -0.091 } do
                    local path = r.paths[j]
                    assert.same(sources[j], path.splits)
                    assert.equal(12, #path.daily)
                    assert.near(total, path.metrics.total_return, 1e-9)
                    assert.near(1e5 * (1 + total), path.value[-1], 1e-3)
                    assert.equal(86400 * 11, path.time[-1] - path.time[1])
                end
                assert.near(-math.sqrt(21), r.paths[2].metrics.sharpe_ratio, 1e-6)
                local s, sum = r.sharpe, 0
                for _, path in ipairs(r.paths) do
                    sum = sum + path.metrics.sharpe_ratio
                end
                assert.equal(3, s.n)
                assert.near(sum / 3, s.mean, 1e-12)
                assert.is_true(s.min <= s.median and s.median <= s.max and s.std > 0)
            end)

            -- Split 2 trains on groups 2 and 4. Session 6 stands before group 3 and carries all
            -- that group 2 moves: without it nothing moves but B, by -0.1. Of equals the earlier
            -- trial wins.
            it("does not see what is purged", function()
                local split = validate({ purge_days = 1 }).splits[2]
                assert.equal("A", split.params.asset)
                assert.near(0, split.train.score, 1e-12)
                assert.equal(3, split.train.sessions) -- 5, 11 and 12: 4, 6 and 10 are purged
                assert.near(-0.12, split.test.score, 1e-9)
            end)

            it("takes less as better where it is", function()
                local r = validate({}, { objective = opt.ObjectiveFunction {
                    metric = "total_return", higher_is_better = false } })
                assert.equal("A", r.splits[1].params.asset)
                assert.near(-0.2, r.splits[1].train.score, 1e-9)
                assert.equal("B", r.splits[4].params.asset)
                assert.near(0.2, r.splits[4].test.score, 1e-9)
            end)

            it("is the same for any number of workers, and from its study", function()
                local first
                for jobs = 1, 3 do
                    local r = wave({ n_jobs = jobs }, nil, shared)
                    first = first or r
                    assert.equal(first.result_hash, r.result_hash)
                    assert.same(first.splits, r.splits)
                    assert.same(first.sharpe, r.sharpe)
                end
                assert.equal(15, #first.splits)
                assert.equal(5, #first.paths)
                local name = shared and "cv-shared" or "cv-each"
                wave({}, name, shared)
                local again = wave({}, name, shared)
                assert.equal(0, again.stats.computed)
                assert.equal(first.result_hash, again.result_hash)
                assert.same(first.splits, again.splits)
            end)
        end)
end

describe("a search for each split", function()
    it("tests once what it found, and counts growth of train against that of test", function()
        local r = assert(cross_validate { groups = 4, test_groups = 2 })
        assert.equal(6 * (3 + 1), r.stats.trials)
        for _, split in ipairs(r.splits) do
            assert.equal(3, split.train.trials)
            assert.equal(1, split.test.trials)
            assert.near(log(1 + split.test.score) / log(1 + split.train.score), split.efficiency,
                1e-9)
            local t = r.trials[split.trial]
            assert.same({ asset = split.params.asset, split = split.split, stage = "test" },
                t.params)
        end
        local test = 0.0302 + 0 - 0.1 - 0.2 + 0.01 - 0.1
        assert.near(log(1.0302 * 0.9 * 0.8 * 1.01 * 0.9) / log(1.05 * 1.08 * 1.2 * 1.1 * 1.071
            * 1.2), r.efficiency, 1e-9)
        assert.equal("B", r.parameter_stability.asset.mode)
        assert.equal(0.5, r.parameter_stability.asset.share)
        assert.near(r.aggregate.test.total_return.mean, test / 6, 1e-9)
        assert.truthy(table.concat(r.warnings):find("efficiency -0.60", 1, true))
        assert.is_nil(r.best)
    end)

    -- Path 2 holds B in group 1, A in groups 2 and 3, C in group 4. Nothing is sold, so a trade is
    -- one that is closed at the end of its group.
    it("gives each path its trades", function()
        local r = assert(cross_validate({ groups = 4, test_groups = 2 }, {}, { strategy = PICK,
            bundle = "choice", periods_per_year = 252, lot = 1e-9, close_at_end = true }))
        local trades = r.paths[2].trades
        assert.equal(4, #trades)
        for g, symbol in ipairs { "B", "A", "A", "C" } do
            assert.same({ symbol, g, r.paths[2].splits[g] },
                { trades[g].symbol, trades[g].group, trades[g].split })
        end
        assert.near(-0.2, trades[3]["return"], 1e-9)
    end)

    -- Each stretch of sessions is a run that closes what it holds: one trade.
    it("scores any metric, and a function of the joined result", function()
        local r = assert(cross_validate({ groups = 4, test_groups = 2 }, { objective = "trades" },
            { strategy = PICK, bundle = "choice", close_at_end = true }))
        assert.equal(1, r.splits[1].train.score) -- groups 3 and 4: one stretch
        assert.equal(2, r.splits[2].train.score) -- groups 2 and 4: two
        assert.equal(2, r.splits[1].test.score)  -- a tested group is a run of its own
        r = assert(cross_validate({ groups = 4, test_groups = 2 }, { objective = function(result)
            assert(#result.returns == 6)
            local last = result.parts[#result.parts]
            return result.metrics.total_return + 10 * #result.parts + last.bars / 100
        end }))
        assert.near(0.05 + 10 + 0.06, r.splits[1].train.score, 1e-9)
        assert.near(0.0302 + 20 + 0.03, r.splits[1].test.score, 1e-9)
    end)

    it("says where the parts of a run are to be looked for", function()
        local results, err = cross_validate({ groups = 4, test_groups = 2 }, {
            objective = function(result) return result.equity.value[1] end })
        assert.is_nil(results)
        assert.truthy(err.message:find("result.parts[i].equity", 1, true), err.message)
    end)
end)

describe("one search for all splits", function()
    it("holds each winner against the median of all trials in test", function()
        local r = assert(cross_validate { groups = 4, test_groups = 2, shared_search = true })
        for i, e in ipairs(EXPECTED) do
            assert.near(e[5], r.splits[i].test.median, 1e-9)
            assert.equal(e[6], r.splits[i].below_median)
        end
        assert.equal(0.5, r.below_median)
        assert.truthy(table.concat(r.warnings):find("at least half of the winners", 1, true))
        assert.equal(3, r.stats.trials)
    end)

    it("says when the search has seen the tested groups", function()
        local function warned(name)
            local r = wave({ max_trials_per_window = 20,
                algorithm = opt[name] { parameter_space = averages() }, keep = "returns" }, nil,
                true)
            assert.equal(20, r.stats.trials - r.stats.duplicates)
            return table.concat(r.warnings):find("learned from the whole run", 1, true) ~= nil
        end
        assert.is_true(warned "TPEOptimizer")
        assert.is_false(warned "RandomSearchAlgorithm")
    end)
end)

describe("stretches of time as one account", function()
    local runner, stretches = require "backlua.run", require "backlua.optimization.stretches"

    -- Sessions `from`..`to` of January 2020, an exclusive end.
    local function over(asset, ...)
        local job, spans = assert(runner.prepare { strategy = PICK, bundle = "choice", lot = 1e-9,
            periods_per_year = 252, close_at_end = true }), {}
        local sessions = require "backlua.optimization.run_sessions"
        for i, span in ipairs { ... } do
            local from, to = sessions.span(job, ("2020-01-%02d"):format(span[1]),
                ("2020-01-%02d"):format(span[2]))
            spans[i] = { start = from, stop = to }
        end
        local joined = assert(stretches(job, spans, function()
            return runner.execute(job, { asset = asset })
        end))
        runner.release(job)
        return joined
    end

    it("have the metrics of one curve, money that adds up", function()
        local joined = over("A", { 1, 3 }, { 7, 9 }) -- 1.1, then 0.8
        local m = joined.metrics
        assert.near(-0.12, m.total_return, 1e-9)
        assert.near(-0.2, m.max_drawdown, 1e-9)
        assert.equal(2, m.trades)
        assert.equal(0.5, m.win_rate)
        assert.near(0.5, m.profit_factor, 1e-9) -- 10,000 won, 20,000 lost
        assert.near(-5000, m.expectancy, 1e-3)
        -- one of three bars of each is spent in cash, another one ends in cash
        assert.near(1 / 3, m.exposure_time, 1e-12)
        -- six returns: 0 0 0.1 0 0 -0.2
        local mean = -0.1 / 6
        local deviation = math.sqrt((0.05 - 6 * mean ^ 2) / 5)
        assert.near(mean / deviation * math.sqrt(252), m.sharpe_ratio, 1e-6)
    end)

    it("have those of their run when there is one", function()
        local joined = over("B", { 1, 12 })
        local of_run = joined.parts[1].metrics
        for name, value in pairs(of_run) do
            if math.abs(value) < math.huge then
                assert.near(value, joined.metrics[name], 1e-12 * math.max(1, math.abs(value)), name)
            else
                assert.equal(tostring(value), tostring(joined.metrics[name]), name)
            end
        end
        joined:free()
    end)
end)

describe("a cross-validation that cannot be", function()
    local function message(config, settings)
        local ok, raised = pcall(cross_validate, config, settings)
        assert.is_false(ok)
        return raised
    end

    it("is refused with what to change", function()
        local cases = {
            { { train_period_days = 5 }, nil, "train_period_days has no say" },
            { { groups = 4, test_groups = 4 }, nil, "leave none to train" },
            { { groups = 30, test_groups = 5 }, nil, "make 142506 splits, more than 1000" },
            { { groups = 4, purge_days = 1, embargo_days = 2 }, nil, "2 are needed" },
            { { groups = 4 }, { validate_best = 2 }, "has no validation" },
            { { groups = 4, shared_search = true }, { keep = "summary" },
                "needs the returns of every trial" },
            { { groups = 4, shared_search = true }, { objective = "win_rate" },
                "objective win_rate is not reckoned" },
        }
        for _, case in ipairs(cases) do
            local raised = message(case[1], case[2])
            assert.truthy(raised:find(case[3], 1, true), raised)
        end
        local ok, raised = pcall(opt.WindowConfig, { train_period_days = 5, test_period_days = 5,
            groups = 4 })
        assert.is_false(ok)
        assert.truthy(raised:find('groups belongs to mode = "cpcv"', 1, true), raised)
    end)
end)

describe("backlua walkforward of a cross-validation", function()
    local home

    setup(function()
        home = child.scratch()
        child.write(home .. "/pick.lua", PICK)
        local config = [[
local opt = require "backlua.optimization"
return opt.WalkForwardOptimizer {
    strategy = "pick.lua", bundle = "choice", objective = "total_return", lot = 1e-9,
    param_space = opt.ParameterSpace {
        opt.CategoricalParameter { name = "asset", choices = { "A", "B", "C" } },
    },
    window_config = opt.WindowConfig { mode = "cpcv", groups = 4, test_groups = 2 },
}
]]
        child.write(home .. "/cv.lua", config)
        child.write(home .. "/shared.lua", (config:gsub("test_groups = 2",
            "%0, shared_search = true")))
    end)

    local function run(words)
        words.env = { BACKLUA_BUNDLES = market.folder, BACKLUA_HOME = home .. "/data" }
        return child.run(words)
    end

    it("prints splits and paths", function()
        local r = run { "walkforward", home .. "/cv.lua", "--study", "cv" }
        assert.equal(0, r.code, r.err)
        assert.truthy(r.out:find("cv.lua  6 splits  3 paths  24 trials", 1, true), r.out)
        assert.truthy(r.out:find("1  1 2     asset=C  0.0500   0.0302", 1, true), r.out)
        assert.truthy(r.out:find("Efficiency       -0.60 of train's growth", 1, true), r.out)
        r = run { "walkforward", home .. "/shared.lua", "--study", "shared" }
        assert.equal(0, r.code, r.err)
        assert.truthy(r.out:find("shared.lua  6 splits  3 paths  3 trials", 1, true), r.out)
        assert.truthy(r.out:find("50 % of the winners are below the median", 1, true), r.out)
    end)

    it("goes on from its study, says JSON, repeats a trial, and has a report", function()
        local r = run { "walkforward", home .. "/cv.lua", "--study", "cv", "--json" }
        assert.equal(0, r.code, r.err)
        local all = json.decode(r.out)
        assert.equal(24, all.stats.resumed)
        assert.equal(6, #all.splits)
        assert.equal(12, #all.paths[1].equity)
        assert.equal(3, all.sharpe.n)
        assert.near(-0.60, all.efficiency, 0.01)
        local resumed = run { "study", "resume", "cv" }
        assert.truthy(resumed.out:find(all.result_hash, 1, true), resumed.err)
        assert.equal(0, run({ "study", "replay", "cv", "1" }).code)
        assert.equal(0, run({ "report", "cv", "-o", home .. "/cv.html" }).code)
        local best = run { "study", "best", "cv" }
        assert.equal(2, best.code)
        assert.truthy(best.err:find("chooses nothing", 1, true), best.err)
        assert.truthy(run({ "study", "show", "cv" }).out:find("best +none"))
        best = run { "study", "best", "shared" }
        assert.truthy(best.out:find("-- Is it real? ", 1, true), best.out)
    end)
end)
