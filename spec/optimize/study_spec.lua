-- Studies of optimisers: gone on with, kept returns, and what keeps one from going on.

local line = require "spec.support.line"
local market = require "spec.support.market"
local opt = require "backlua.optimization"

local BUY, DAYS, run, space = line.BUY, line.DAYS, line.run, line.space

setup(line.make)
teardown(market.clean)

describe("a study", function()
    it("goes on where it stopped, under its name", function()
        local whole = run { param_space = space(12) }
        run { param_space = space(12), study = "kept" }
        local again = run { param_space = space(12), study = "kept" }
        assert.equal(whole.result_hash, again.result_hash)
        assert.equal(12, again.stats.resumed)
        assert.equal(0, again.stats.computed)
        assert.equal("kept", again.study)
    end)

    it("keeps the returns of its trials, as floats or as they were", function()
        local single = assert(require "backlua.run".prepare { strategy = BUY, bundle = "line" })
        local result = assert(require "backlua.run".execute(single, { n = 7 }))
        local floats = run { param_space = space(8), study = "floats" }
        local doubles = run { param_space = space(8), keep = "all" }
        local none = run { param_space = space(8), keep = "summary" }
        local was = result.daily.returns
        assert.equal(DAYS, #was)
        for i = 1, DAYS do
            assert.equal(was[i], doubles:returns(7)[i])
            assert.near(was[i], floats:returns(7)[i], 1e-7 * math.abs(was[i]))
        end
        assert.near(1 + 7 * 28 / 100000, doubles:equity(7):last(1)[1], 1e-12)
        assert.is_nil(none:returns(7))
        assert.is_nil(doubles:returns(99))
        assert.equal(floats.result_hash, none.result_hash)
        result:free()
        require "backlua.run".release(single)
    end)

    it("keeps the returns that a function gives beside its score", function()
        local results = assert(opt.ParallelOptimizer { param_space = space(3), keep = "all",
            objective = function(p) return p.n, { p.n / 8, -p.n / 8 } end }:run())
        assert.same({ 3 / 8, -3 / 8 }, { results:returns(3)[1], results:returns(3)[2] })
        local _, err = opt.ParallelOptimizer { param_space = space(1),
            objective = function() return 1, { "x" } end }:run()
        assert.truthy(err.message:find("element 1 is no number", 1, true))
    end)

    it("refuses to go on when something changed, naming it", function()
        local changes = {
            { { param_space = space(13) }, {}, "the parameter space changed" },
            { { seed = 2 }, {}, "the seed changed" },
            { { objective = "sharpe" }, {}, "the objective changed" },
            { { max_trials = 3 }, {}, "the number of trials changed" },
            { {}, { strategy = BUY .. "\n" }, "the strategy changed" },
            { {}, { bundle = "wave" }, "the bundle changed" },
            { {}, { end_date = "2020-01-10" }, "the end date changed" },
            { {}, { capital = 5 }, "an option of the run changed" },
        }
        run { param_space = space(12), study = "fixed" }
        for _, change in ipairs(changes) do
            local settings = {
                param_space = space(12), study = "fixed", objective = "total_return",
            }
            local options = { strategy = BUY, bundle = "line" }
            for key, value in pairs(change[1]) do settings[key] = value end
            for key, value in pairs(change[2]) do options[key] = value end
            local results, err = opt.ParallelOptimizer(settings):run(options)
            assert.is_nil(results)
            assert.equal("usage", err.code)
            assert.truthy(err.message:find(change[3], 1, true), err.message)
        end
    end)

    it("refuses to go on with another function, naming it", function()
        local commission = require "backlua.commission"
        local floor = 0
        -- Settings whose functions compute what `change` says.
        local function settings(change)
            local share = change == "captured" and 3 or 2
            local function scored(result) return result.metrics.total_return * share end
            return {
                study = "functions", param_space = opt.ParameterSpace {
                    opt.DiscreteParameter { name = "n", min_value = 1, max_value = 3 },
                    opt.DerivedParameter { name = "sign", value = change == "derived"
                        and function() return -1 end or function() return 1 end },
                },
                constraint = change == "constraint" and function(p) return p.n < 2 end
                    or function(p) return p.n < 3 end,
                constraints = { change == "results" and function() return 1 end
                    or function() return floor end },
                objective = change == "objective" and function(result)
                    return -result.metrics.total_return
                end or function(result) return scored(result) end,
                commission = commission.custom { fee = change == "cost"
                    and function() return 2 end or function() return 1 end },
            }
        end
        run(settings())
        assert.equal(3, run(settings()).stats.resumed)
        for change, what in pairs { constraint = "the constraint's function",
            objective = "the objective's function", captured = "the objective's function",
            results = "the function of a constraint on results",
            derived = "the function of a derived parameter",
            cost = "the function of a cost model" } do
            local results, err = opt.ParallelOptimizer(settings(change)):run {
                strategy = BUY, bundle = "line" }
            assert.is_nil(results)
            assert.truthy(err.message:find(what .. " changed", 1, true), err.message)
            assert.is_nil(err.message:find("--continue-anyway", 1, true))
        end
    end)
end)
