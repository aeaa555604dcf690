-- The verdict on a study, where it is known what is true.

local luck_studies = require "spec.support.luck_studies"
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

local function many(count, n)
    local columns = {}
    for k = 1, count do
        columns[k] = noise(k * 7919 + 13, n)
    end
    return columns
end

setup(function()
    market.synthetic("wave", { assets = 2 })
end)
teardown(market.clean)

describe("luck of returns", function()
    it("is the probability of one Sharpe ratio when there was one trial", function()
        local x = noise(5, 500, 0.001)
        local l = stats.luck { x }
        assert.equal(stats.psr(x), l.psr)
        assert.equal(l.psr, l.dsr)
        assert.equal(l.psr, l.dsr_all)
        assert.near(stats.moments(x).sharpe * math.sqrt(252), l.sharpe, 1e-12)
        assert.equal(stats.min_track_record(x), l.min_track_record)
        assert.is_nil(l.pbo)
    end)

    it("deflates by the trials there were: all, and those ever tried", function()
        local columns = many(40, 500)
        local own, more = stats.luck(columns), stats.luck(columns, { tried = 400 })
        assert.equal(40, own.tried)
        assert.equal(400, more.tried)
        assert.near(10, more.effective / own.effective, 1e-9)
        assert.is_true(more.dsr < own.dsr)
        assert.is_true(own.dsr_all <= own.dsr)
        local best = columns[1]
        for _, x in ipairs(columns) do
            best = stats.moments(x).sharpe > stats.moments(best).sharpe and x or best
        end
        assert.near(stats.dsr(best, 40, 1 / 499), own.dsr_all, 1e-12)
        assert.equal(stats.pbo(columns, own.pbo_blocks).pbo, own.pbo)
    end)

    it("counts copies once and strangers each", function()
        local x = noise(3, 600)
        assert.near(1, stats.luck({ x, x, x, x }).effective, 0.2)
        local effective = stats.luck(many(50, 600)).effective
        assert.is_true(effective > 35 and effective <= 50, "effective " .. effective)
    end)

    it("finds what a field has in common, which a mean correlation does not", function()
        -- Each trial shares two thirds with its next: a moving sum of three strangers.
        local base, columns = many(62, 600), {}
        for k = 1, 60 do
            columns[k] = {}
            for t = 1, 600 do
                columns[k][t] = base[k][t] + base[k + 1][t] + base[k + 2][t]
            end
        end
        local effective = stats.luck(columns).effective
        assert.is_true(effective > 15 and effective < 50, "effective " .. effective)
        assert.is_true(stats.effective_trials(columns) > 55)
    end)

    it("says what drove it: the best, the choice among trials that are alike, or both", function()
        local alike, noisy = {}, {}
        local skill = noise(5, 800, 0.0012)
        for k = 1, 12 do
            local own = noise(k * 7919 + 13, 800)
            alike[k], noisy[k] = {}, own
            for t = 1, 800 do
                alike[k][t] = skill[t] + 0.02 * own[t]
            end
        end
        local l = stats.luck(alike)
        assert.is_true(l.dsr >= 0.95 and l.pbo > 0.2, l.sentence)
        assert.equal("luck", l.verdict)
        assert.equal("choice", l.driver)
        assert.truthy(l.sentence:find("^probably luck: what is best in one half .* %(PBO 0%.%d%d, "
            .. "above 0%.2%); so the choice among 12 trials %(correlation 1%.00%) is luck, but the "
            .. "strategy may not be: DSR [> ]*[01]%.%d%d, and what was chosen lost money outside "
            .. "its half in %d+ %%$"), l.sentence)
        local both = stats.luck(noisy)
        assert.equal(both.pbo > 0.2 and "both" or "best", both.driver)
        assert.truthy(both.sentence:find("that luck alone shows as the best of 12", 1, true))
        assert.is_nil(both.sentence:find("the strategy may not be", 1, true))
        assert.is_nil(stats.luck({ noise(5, 800, 0.002) }).driver)
    end)

    it("cannot be told of a best that does not vary, and says only that", function()
        local flat = {}
        for t = 1, 60 do
            flat[t] = 0
        end
        local l = stats.luck { flat, flat, flat }
        assert.equal("unknown", l.verdict)
        assert.is_nil(l.driver)
        assert.equal("cannot be told: the best trial's returns do not vary",
            require "backlua.optimization.luck".rows(l)[1][2])
    end)

    it("does not depend on the order of trials", function()
        local columns, turned = many(12, 300), {}
        for k = 1, 12 do
            turned[k] = columns[13 - k]
        end
        local a, b = stats.luck(columns), stats.luck(turned)
        assert.near(a.dsr, b.dsr, 1e-9)
        for _, key in ipairs { "psr", "pbo", "reality_check", "sharpe_low", "sharpe_high" } do
            assert.equal(a[key], b[key])
        end
    end)

    it("refuses what it cannot reckon with, at the caller's line", function()
        assert.has_error(function() stats.luck { { 1, 2 }, { 1 } } end,
            "luck: series 2 has 1 values, the first has 2; all need one length")
        assert.error_matches(function() stats.luck({ { 1, 2 } }, { best = 2 }) end,
            "luck: needs 2 periods and 1 trial at least and the best among them")
    end)
end)

describe("the plateau score", function()
    -- A grid of 3 by 3 around a best of 10; the median of the nine is 5.
    local function grid(rows)
        local params, scores = {}, {}
        for i = 1, 3 do
            for j = 1, 3 do
                params[#params + 1] = { a = i * 10, b = 0.1 * j }
                scores[#params] = rows[i][j]
            end
        end
        return params, scores
    end

    it("is the mean height of the neighbours between median and best, by hand", function()
        local l = stats.parameters(grid { { 0, 7.5, 0 }, { 5, 10, 10 }, { 9, 2, 4 } })
        -- along a: 7.5 and 2, heights 0.5 and 0; along b: 5 and 10, heights 0 and 1
        assert.near(0.375, l.plateau, 1e-12)
        assert.equal(4, l.plateau_neighbours)
        assert.near(0.25, l.plateau_by_parameter.a, 1e-12)
        assert.near(0.5, l.plateau_by_parameter.b, 1e-12)
    end)

    it("counts what was not run next to the best, and guesses nothing of it", function()
        local params, scores = grid { { 0, 7.5, 0 }, { 5, 10, 10 }, { 9, 2, 4 } }
        table.remove(params, 6) -- a = 20, b = 0.3: next to the best
        table.remove(scores, 6)
        local l = stats.parameters(params, scores)
        -- the median of eight is 4.5: heights 3/5.5, 0.5/5.5 and 0
        assert.near(3.5 / 5.5 / 3, l.plateau, 1e-12)
        assert.equal(3, l.plateau_neighbours)
        assert.equal(1, l.plateau_missing)
        assert.equal(0, stats.parameters(grid { { 0, 7, 0 }, { 5, 10, 9 }, { 9, 2, 4 } })
            .plateau_missing)
    end)

    it("knows no unit, of parameters or of scores", function()
        local rows = { { 0, 7.5, 0 }, { 5, 10, 10 }, { 9, 2, 4 } }
        local params, scores = grid(rows)
        local before = stats.parameters(params, scores)
        for i = 1, #params do
            params[i] = { a = params[i].a ^ 3 * 1e6, b = params[i].b - 5 }
            scores[i] = scores[i] * 0.001 - 3
        end
        local after = stats.parameters(params, scores)
        assert.near(before.plateau, after.plateau, 1e-9)
        assert.same(before.importance, (function()
            for name, value in pairs(after.importance) do
                assert.near(before.importance[name], value, 1e-9)
            end
            return before.importance
        end)())
    end)

    it("counts a neighbour without a score as 0, and not one of another choice", function()
        local l = stats.parameters({ { n = 1, way = "up" }, { n = 2, way = "up" },
            { n = 3, way = "up" }, { n = 2, way = "down" } }, { 0 / 0, 4, 4, 0 })
        assert.equal(2, l.plateau_neighbours)
        assert.near(0.5, l.plateau, 1e-12)
    end)

    it("takes near trials where a search left no neighbours", function()
        local params, scores = {}, {}
        for i = 1, 100 do
            params[i] = { x = i * 0.37 % 1, y = i * 0.73 % 1 }
            scores[i] = -(params[i].x - 0.5) ^ 2 - (params[i].y - 0.5) ^ 2
        end
        local l = stats.parameters(params, scores)
        assert.is_true(l.plateau > 0.8 and l.plateau_neighbours >= 4, tostring(l.plateau))
    end)
end)

describe("importance", function()
    it("is each parameter's share of the variance: 2 x + y on a square has 4/5 and 1/5", function()
        local params, scores = {}, {}
        for x = 0, 19 do
            for y = 0, 19 do
                params[#params + 1] = { x = x, y = y, idle = (x * 7 + y * 3) % 5 }
                scores[#params] = 2 * x + y
            end
        end
        local share = stats.parameters(params, scores).importance
        assert.near(0.8, share.x, 0.04)
        assert.near(0.2, share.y, 0.04)
        assert.is_true(share.idle < 0.02)
        assert.same(share, stats.parameters(params, scores).importance)
    end)

    -- Of a whole grid, by hand from the means of rows and columns. With x of variance X and y of Y:
    -- x + y has X and Y of X + Y; x y, means a and b, has X b^2, Y a^2 and, of both, X Y; of
    -- (x - a)(y - b) neither explains anything alone. n values 0 .. n - 1 have (n^2 - 1) / 12.
    local function on_grid(columns, rows, f)
        local params, scores = {}, {}
        for x = columns - 1, 0, -1 do
            for y = 0, rows - 1 do
                params[#params + 1] = { x = x, y = y }
                scores[#params] = f(x, y)
            end
        end
        return stats.parameters(params, scores).importance
    end

    local function plus(x, y) return x + y end
    local function times(x, y) return x * y end

    it("is exact on whole grids, however small", function()
        for _, case in ipairs {
            { 2, 2, plus, 1 / 2, 1 / 2 },                    -- 1/4, 1/4
            { 3, 3, plus, 1 / 2, 1 / 2 },                    -- 2/3, 2/3
            { 5, 4, plus, 8 / 13, 5 / 13 },                  -- 2, 5/4
            { 2, 2, times, 1 / 3, 1 / 3 },                   -- 1/16, 1/16, 1/16
            { 3, 3, times, 3 / 8, 3 / 8 },                   -- 2/3, 2/3, 4/9
            { 5, 4, times, 9 / 24, 10 / 24 },                -- 9/2, 5, 5/2
            { 2, 2, function(x, y) return (x - 1 / 2) * (y - 1 / 2) end, 0, 0 },
            { 3, 3, function(x, y) return (x - 1) * (y - 1) end, 0, 0 },
            { 5, 4, function(x, y) return (x - 2) * (y - 3 / 2) end, 0, 0 },
            { 5, 4, function() return 0.1 end, 0, 0 },
        } do
            local share = on_grid(case[1], case[2], case[3])
            assert.near(case[4], share.x, 1e-12)
            assert.near(case[5], share.y, 1e-12)
        end
    end)

    it("leaves to both what neither explains alone", function()
        local params, scores = {}, {}
        for x = 0, 15 do
            for y = 0, 15 do
                params[#params + 1] = { x = x, y = y }
                scores[#params] = (x < 8) == (y < 8) and 1 or 0
            end
        end
        local share = stats.parameters(params, scores).importance
        assert.is_true(share.x + share.y < 0.1, share.x + share.y)
    end)

    it("says to people what is left for them together", function()
        local function told(importance)
            for _, row in ipairs(require "backlua.optimization.luck".rows {
                sentence = "", importance = importance }) do
                if row[1] == "Importance" then
                    return row[2]
                end
            end
        end
        assert.equal("b 30 %, a 12 % of the variance alone; 58 % together, or noise",
            told { a = 0.12, b = 0.3 })
        assert.equal("a 0 %, b 0 % of the variance alone; 100 % together, or noise",
            told { a = 0, b = 0 })
        assert.equal("a 80 %, b 20 % of the variance", told { a = 0.8, b = 0.2 })
        assert.equal("a 70 % of the variance", told { a = 0.7 })
    end)

    -- 200 trials at random; f(a, b, c) of numbers 0 .. 1 and a deviate of variance 1.
    local function at_random(seed, f)
        local params, scores = {}, {}
        local function draw()
            seed = (seed * 1103515245 + 12345) % 2147483648
            return seed / 2147483648
        end
        for i = 1, 200 do
            local p = { a = draw(), b = draw(), c = draw() }
            local deviate = -6
            for _ = 1, 12 do deviate = deviate + draw() end
            params[i], scores[i] = p, f(p.a, p.b, deviate)
        end
        return stats.parameters(params, scores).importance
    end

    -- a + 2 b: 1/12 and 4/12. a b: 1/48 and 1/48 alone, 1/144 both.
    it("is near what it should be where trials are no grid", function()
        for seed = 1, 5 do
            local share = at_random(seed, function(a, b) return a + 2 * b end)
            assert.near(1 / 5, share.a, 0.07)
            assert.near(4 / 5, share.b, 0.07)
            assert.is_true(share.c < 0.01)
            share = at_random(seed, function(a, b) return a * b end)
            assert.near(3 / 7, share.a, 0.15)
            assert.near(3 / 7, share.b, 0.15)
            assert.is_true(share.c < 0.01)
            share = at_random(seed, function(a, b, c) return a + 2 * b + c / 2 end)
            assert.is_true(share.b > 0.4 and share.c < 0.05, share.c)
        end
    end)

    it("is nothing where scores are noise, whatever the sample seems to say", function()
        for seed = 1, 5 do
            local share = at_random(seed, function(_, _, c) return c end)
            assert.same({ a = 0, b = 0, c = 0 }, share)
        end
    end)

    it("sees choices whatever their names", function()
        local params, scores = {}, {}
        for i = 1, 120 do
            params[i] = { way = ({ "b", "a", "c", "d" })[i % 4 + 1], n = i % 5 }
            scores[i] = i % 4 == 2 and 1 or 0
        end
        local share = stats.parameters(params, scores).importance
        assert.is_true(share.way > 0.95 and share.n < 0.02)
    end)
end)

-- ---- with a study ------------------------------------------------------------------------------

local CROSS = require "spec.support.cross"

local function search(settings, last)
    settings.param_space = opt.ParameterSpace { parameters = {
        opt.DiscreteParameter { name = "fast", min_value = 3, max_value = last or 9 },
        opt.DiscreteParameter { name = "slow", min_value = 20, max_value = 40, step = 10 },
    } }
    settings.bundle = settings.bundle or "wave"
    return assert(opt.ParallelOptimizer(settings):run { strategy = CROSS,
        start_date = "2012-01-01", end_date = "2013-12-31" })
end

describe("results.luck", function()
    it("is the same for any number of workers, for a study that goes on and one on disk", function()
        local one = search { n_jobs = 1 }.luck
        assert.equal("luck", one.verdict)
        assert.truthy(one.sentence:find "^probably luck: ")
        assert.is_true(one.importance.fast >= 0 and one.plateau >= 0)
        search({ n_jobs = 2, study = "luck" }, 9)
        local pointer = assert(require "backlua.optimization.study".read "luck")
        for _, other in ipairs { search { n_jobs = 3 }.luck, search { study = "luck" }.luck,
            require "backlua.optimization.luck".of_study(pointer) } do
            assert.same(one, other)
        end
    end)

    it("agrees with the statistics over the kept returns, to the bit", function()
        local results = search { keep = "all" }
        local columns = {}
        for i, t in ipairs(results.trials) do
            columns[i] = results:returns(t.trial)
        end
        local l = results.luck
        local again = stats.luck(columns, { best = results.best.trial, tried = l.tried,
            periods_per_year = 252 })
        for _, key in ipairs { "psr", "dsr", "pbo", "reality_check", "sharpe", "effective" } do
            assert.equal(l[key], again[key])
        end
        assert.near(results.best.metrics.sharpe_ratio, l.sharpe, 1e-12)
    end)

    it("counts the trials of all studies on the bundle, and the same search once", function()
        market.synthetic("ledger", { assets = 2, seed = 5 })
        assert.equal(21, search({ bundle = "ledger" }, 9).luck.tried)
        assert.equal(21, search({ bundle = "ledger", study = "twice" }, 9).luck.tried)
        local more = search({ bundle = "ledger", study = "more" }, 12)
        assert.equal(21 + 30, more.luck.tried)
        require("backlua.ffi").C.bt_study_remove "more"
        assert.equal(21 + 30, search({ bundle = "ledger" }, 9).luck.tried)
        local function mean(result) return result.metrics.total_return end
        local function worst(result) return result.metrics.max_drawdown end
        assert.equal(21 + 30 + 21, search({ bundle = "ledger", objective = mean }, 9).luck.tried)
        assert.equal(21 + 30 + 42, search({ bundle = "ledger", objective = worst }, 9).luck.tried)
        assert.equal(21 + 30 + 42, search({ bundle = "ledger", objective = mean }, 9).luck.tried)
    end)

    it("says that it cannot tell when no returns were kept", function()
        local l = search { keep = "summary" }.luck
        assert.equal("unknown", l.verdict)
        assert.equal("cannot be told: no returns were kept", l.sentence)
        assert.truthy(l.importance)
    end)
end)

-- Scores of a line of nine, by hand: the peak is 9 among 0, the plateau 7, 8, 7. Median 2. Means of
-- heights with the neighbours: at the peak (0 + 1 + 0) / 3, at the 8 (5 + 6 + 5) / 7 / 3 = 0.76.
describe("select", function()
    local LINE = { 0, 9, 0, 2, 1, 7, 8, 7, 2 }

    local function walk(settings)
        settings.param_space = settings.param_space or opt.ParameterSpace { parameters = {
            opt.DiscreteParameter { name = "n", min_value = 1, max_value = #LINE } } }
        settings.objective = settings.objective or function(p) return LINE[p.n] end
        return assert(opt.ParallelOptimizer(settings):run())
    end

    it("is the peak, or the plateau when it is asked", function()
        assert.equal(2, walk({}).best.params.n)
        local r = walk { select = "plateau" }
        assert.equal(7, r.best.params.n)
        assert.equal(8, r.best.score)
        assert.equal(7, r.luck.chosen)
        assert.is_nil(walk({}).luck.chosen)
        assert.equal(walk({}).result_hash, r.result_hash)
    end)

    it("is kept with the study, and taken back", function()
        assert.equal(7, walk({ select = "plateau", study = "select" }).best.params.n)
        local pointer = assert(require "backlua.optimization.study".read "select")
        assert.equal(7, require "backlua.optimization.results".best(pointer).params.n)
        assert.equal(2, walk({ study = "select" }).best.params.n)
    end)

    it("takes what was not run for no plateau", function()
        local lonely = walk { select = "plateau",
            constraint = function(p) return p.n ~= 6 and p.n ~= 8 end }
        -- 9 stands between two that were run, 8 between two that were not
        assert.equal(2, lonely.best.params.n)
    end)

    it("is for one objective", function()
        assert.error_matches(function()
            opt.ParallelOptimizer { select = "plateau", objective = { "sharpe_ratio", "cagr" },
                param_space = opt.ParameterSpace { parameters = {
                    opt.DiscreteParameter { name = "n", min_value = 1, max_value = 2 } } } }
        end, "select = \"plateau\" needs one objective; several have a front")
    end)
end)

-- The full counts: make bench-luck.
describe("the verdict", function()
    it("is luck for noise", function()
        assert.is_true(luck_studies.count("independent", 3, 1, 1) >= 3)
        assert.is_true(luck_studies.count("rules", 3, 1, 1) >= 3)
    end)

    it("is not luck for most planted Sharpe ratios of 1.5", function()
        assert.is_true(luck_studies.count("planted", 8, 1, 1) <= 3)
    end)
end)
