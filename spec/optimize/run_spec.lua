-- Optimising for real: one result whatever runs it, and the right one (spec/support/line.lua).

local line = require "spec.support.line"
local market = require "spec.support.market"
local opt = require "backlua.optimization"

local BUY, run, space = line.BUY, line.run, line.space

setup(line.make)
teardown(market.clean)

describe("an optimisation", function()
    it("finds what arithmetic says", function()
        local results = run { param_space = space(), n_jobs = 2 }
        assert.equal(40, #results.trials)
        for i, t in ipairs(results.trials) do
            assert.equal(i, t.trial)
            assert.equal("done", t.state)
            assert.same({ n = i }, t.params)
            assert.near(i * 28 / 100000, t.score, 1e-15)
            assert.equal(t.score, t.metrics.total_return)
            assert.equal(64, #t.hash)
        end
        assert.same({ n = 40 }, results.best.params)
        assert.equal(40, results.best.trial)
        assert.equal(results.trials[40].score, results.best.score)
        assert.equal(40, results.stats.computed)
        assert.is_false(results.stats.interrupted)
        assert.is_nil(results.study)
    end)

    it("has the hashes of single runs", function()
        local backlua = require "backlua"
        local results = run { param_space = space(5), n_jobs = 1 }
        for n = 1, 5 do
            local single = assert(backlua.run {
                strategy = BUY, bundle = "line", params = { n = n },
            })
            assert.equal(single.hash, results.trials[n].hash)
            assert.equal(single.metrics.sharpe_ratio, results.trials[n].metrics.sharpe_ratio)
        end
    end)

    it("charges what a cost model of the script's own says", function()
        local fee = 7
        local results = run({ param_space = space(3), n_jobs = 2,
            commission = require "backlua.commission".custom { fee = function() return fee end },
        }, { strategy = (BUY:gsub("ctx:set_commission%b()", "")) })
        for n = 1, 3 do
            assert.near((n * 28 - 7) / 100000, results.trials[n].score, 1e-12)
        end
        local shown = require "backlua.report.assumptions".view_of(results.manifest.options)
        assert.equal("custom: a function of the search's script", shown.manifest.commission)
        assert.truthy(shown.manifest.slippage:find "^fixed_bps")
    end)

    it("minimises when told to", function()
        local results = run {
            param_space = space(), n_jobs = 2,
            objective = opt.ObjectiveFunction { metric = "total_return", higher_is_better = false },
        }
        assert.same({ n = 1 }, results.best.params)
    end)

    it("passes strings, booleans and numbers as they are", function()
        local results = run({
            n_jobs = 2, objective = opt.ObjectiveFunction(function(result)
                return result.records[1].value
            end),
            param_space = opt.ParameterSpace {
                opt.CategoricalParameter { name = "mode", choices = { "a\"b\\\n\1", true, 2.5 } },
                opt.ContinuousParameter {
                    name = "x", min_value = 0.1, max_value = 0.3, points = 3,
                },
            },
        }, {
            strategy = [[
                local codes = { string = 1, boolean = 2, number = 3 }
                return { params = { mode = "x", x = 0 }, handle_data = function(ctx)
                    local mode = ctx.params.mode
                    ctx:record { code = codes[type(mode)] * 10
                        + (mode == "a\"b\\\n\1" and 1 or mode == true and 2 or mode == 2.5 and 3
                            or 0) + ctx.params.x }
                end }
            ]],
        })
        local codes = { [1] = 11, [2] = 22, [3] = 33 }
        local values = { "a\"b\\\n\1", true, 2.5 }
        for i, t in ipairs(results.trials) do
            local choice = math.ceil(i / 3)
            assert.equal(values[choice], t.params.mode)
            assert.equal(codes[choice] + t.params.x, t.score)
        end
        assert.equal(0.1, results.trials[1].params.x)
        assert.equal(0.3, results.trials[3].params.x)
    end)
end)

-- ---- one result --------------------------------------------------------------------------------

local function sma(form)
    return ([[
        local s = { params = { fast = 5, slow = 50 } }
        function s.initialize(ctx) ctx.asset = ctx:symbols()[1] end
        function s.handle_data(ctx, data)
            local slow = data:history(ctx.asset, "close", ctx.params.slow, "1d", "array")
            local fast = %s
            ctx:order_target_percent(ctx.asset, fast > slow:mean() and ctx:random() or 0)
        end
        return s
    ]]):format(form)
end

local ARRAY = sma 'data:history(ctx.asset, "close", ctx.params.fast, "1d", "array"):mean()'
local FRAME = sma 'data:history(ctx.asset, "close", ctx.params.fast, "1d").close:mean()'

local function sma_space()
    return opt.ParameterSpace {
        opt.DiscreteParameter { name = "fast", min_value = 2, max_value = 8, step = 2 },
        opt.DiscreteParameter { name = "slow", min_value = 10, max_value = 50, step = 10 },
    }
end

local function hash_of(settings, strategy)
    settings.param_space = sma_space()
    settings.constraint = settings.constraint or function(p) return p.fast * 3 < p.slow end
    local results = run(settings, {
        strategy = strategy or ARRAY, bundle = "wave", end_date = "2001-12-31",
    })
    assert.is_true(results.stats.infeasible > 0)
    return results.result_hash, results
end

describe("one result hash", function()
    local want

    setup(function()
        want = hash_of { n_jobs = 1 }
    end)

    it("for 2, 3 and 8 workers", function()
        for _, n in ipairs { 2, 3, 8 } do
            assert.equal(want, (hash_of { n_jobs = n }))
        end
    end)

    it("with caching off, pooling off, and small budgets", function()
        for _, config in ipairs {
            { enable_caching = false }, { enable_bundle_pooling = false },
            { enable_caching = false, enable_bundle_pooling = false },
            { cache_size_gb = 0.0001, lru_maxsize = 1, max_bundle_pool_size = 1 },
            { tier2_maxsize = 1, permanent_windows = {} },
        } do
            assert.equal(want, (hash_of { n_jobs = 2, config = opt.OptimizationConfig(config) }))
        end
        hash_of { n_jobs = 1, config = opt.OptimizationConfig() }
    end)

    it("for array and frame", function()
        local _, array = hash_of { n_jobs = 2 }
        local _, frame = hash_of({ n_jobs = 2 }, FRAME)
        for i, t in ipairs(array.trials) do
            assert.equal(t.hash, frame.trials[i].hash)
            assert.equal(tostring(t.score), tostring(frame.trials[i].score)) -- NaN, too
        end
        assert.equal(array.result_hash, frame.result_hash)
    end)

    it("from a pool that has served others before", function()
        local pool = opt.PersistentWorkerPool { n_jobs = 2 }
        for i = 1, 3 do
            assert.equal(want, (hash_of { worker_pool = pool }))
            run({ param_space = space(i), worker_pool = pool })
        end
        local stats = pool:get_statistics()
        assert.equal(6, stats.batch_count)
        assert.is_true(stats.total_tasks >= 6)
        pool:close()
    end)

    it("whatever the batch and the order of the trials' ends", function()
        assert.equal(want, (hash_of { n_jobs = 3, batch = 1 }))
    end)

    it("that changes with the seed", function()
        assert.not_equal(want, (hash_of { n_jobs = 1, seed = 2 }))
    end)
end)

-- ---- pools -------------------------------------------------------------------------------------

describe("PersistentWorkerPool", function()
    it("keeps its workers for the same job and picks up a changed one", function()
        local pool = opt.PersistentWorkerPool { n_jobs = 1 }
        run { param_space = space(3), worker_pool = pool }
        run { param_space = space(3), worker_pool = pool }
        assert.equal(1, pool:get_statistics().forks)
        local changed = BUY:gsub("ctx.params.n %*", "2 * ctx.params.n *")
        local results = run({ param_space = space(3), worker_pool = pool }, { strategy = changed })
        assert.near(2 * 28 / 100000, results.trials[1].score, 1e-15)
        assert.equal(2, pool:get_statistics().forks)
        assert.equal(3, pool:get_statistics().batch_count)
        local stats = pool:get_statistics()
        assert.equal(9, stats.total_tasks)
        assert.equal(1, #stats.workers)
        local worker = stats.workers[1]
        assert.same({ 9, 2, 0 }, { worker.total_tasks, worker.forks, worker.respawns })
        assert.is_true(worker.pid > 1 and worker.worked_seconds > 0)
        assert.is_true(worker.uptime_seconds <= stats.uptime_seconds)
        pool:close()
    end)

    it("collects garbage before it forks, and not where its workers stay", function()
        local pool = opt.PersistentWorkerPool { n_jobs = 1 }
        local function survives(changed)
            local kept = setmetatable({ {} }, { __mode = "v" })
            collectgarbage "stop"
            run({ param_space = space(1), worker_pool = pool }, changed)
            collectgarbage "restart"
            return kept[1] ~= nil
        end
        assert.is_false(survives())
        assert.is_true(survives())
        assert.is_false(survives { strategy = BUY .. "\n" })
        pool:close()
    end)

    it("picks up a bundle that was made anew under its name", function()
        local pool = opt.PersistentWorkerPool { n_jobs = 1 }
        market.daily("moving", { A = market.path { 10, 10, 10 } })
        local before = run({ param_space = space(1), worker_pool = pool }, { bundle = "moving" })
        market.daily("moving", { A = market.path { 10, 10, 20 } })
        local after = run({ param_space = space(1), worker_pool = pool }, { bundle = "moving" })
        assert.near(0, before.best.score, 1e-15)
        assert.near(10 / 100000, after.best.score, 1e-15)
        pool:close()
    end)
end)

-- ---- constraints, objectives, searches ---------------------------------------------------------

describe("a constraint", function()
    it("costs no trial and does not count", function()
        local results = run {
            param_space = space(40), max_trials = 5, n_jobs = 2,
            constraint = function(p) return p.n % 4 == 0 end,
        }
        assert.equal(20, #results.trials)
        assert.equal(15, results.stats.infeasible)
        assert.equal("infeasible", results.trials[3].state)
        assert.equal("", results.trials[3].hash)
        assert.same({ n = 20 }, results.best.params)
    end)

    it("that fails ends the run with its own line", function()
        local results, err = opt.ParallelOptimizer {
            space(3), constraint = function(p) return p.n < p.m end,
        }:run { strategy = BUY, bundle = "line" }
        assert.is_nil(results)
        assert.equal("usage", err.code)
        assert.truthy(err.message:find "constraint: .*run_spec.lua:%d+: attempt to compare")
    end)

    it("that lets nothing pass is told", function()
        local results, err = opt.ParallelOptimizer {
            space(3), constraint = function() return false end,
        }:run { strategy = BUY, bundle = "line" }
        assert.is_nil(results)
        assert.truthy(err.message:find "^the constraint refused all 3 points that were asked;")
    end)
end)

-- Collected in a worker, a file of the parent would close what has its number there: the socket.
local LEAVES_FILES = [[
    local opt = require "backlua.optimization"
    for _ = 1, 6 do
        io.open("/dev/null"):read(0)
    end
    local results, err = opt.ParallelOptimizer { n_jobs = 2,
        param_space = opt.ParameterSpace { parameters = {
            opt.DiscreteParameter { name = "n", min_value = 1, max_value = 8 } } },
        objective = function(p) collectgarbage() return p.n end }:run()
    print(results and results.best.score or err.message)
]]

describe("an objective", function()
    it("may come after files that nobody closed", function()
        local child = require "spec.support.child"
        local path = child.scratch() .. "/leaves.lua"
        child.write(path, LEAVES_FILES)
        local r = child.run { path }
        assert.equal("8\n", r.out, r.err)
    end)

    it("may be any function of the result", function()
        local results = run {
            param_space = space(9), n_jobs = 2,
            objective = function(result)
                return -math.abs(result.fills[1].amount - 6) + result.metrics.trades
            end,
        }
        assert.same({ n = 6 }, results.best.params)
        assert.equal("custom", results.manifest.objective)
    end)

    it("without a strategy is a function of the parameters", function()
        local optimizer = opt.ParallelOptimizer {
            param_space = opt.ParameterSpace {
                opt.ContinuousParameter { name = "x", min_value = -2, max_value = 2, points = 5 },
                opt.ContinuousParameter { name = "y", min_value = -2, max_value = 2, points = 5 },
            },
            objective = opt.ObjectiveFunction {
                function(p) return (p.x - 1) * (p.x - 1) + p.y * p.y end, higher_is_better = false,
            },
            n_jobs = 2,
        }
        local results = assert(optimizer:run())
        assert.same({ x = 1, y = 0 }, results.best.params)
        assert.equal(0, results.best.score)
        assert.equal(25, results.stats.trials)
    end)

    it("that is no finite number makes the trial invalid, never the best", function()
        local values = { 0 / 0, math.huge, -math.huge, 3 }
        local optimizer = opt.ParallelOptimizer {
            space(4), objective = function(p) return values[p.n] end,
        }
        local results = assert(optimizer:run())
        assert.same({ n = 4 }, results.best.params)
        for i, why in ipairs { "nan", "inf", "-inf" } do
            assert.equal("invalid", results.trials[i].state)
            assert.equal("the objective is " .. why, results.trials[i].message)
        end
        assert.equal(3, results.stats.failed)
    end)

    it("that asks a result for a key it has not is told where keys are", function()
        local _, err = opt.ParallelOptimizer { space(2), objective = opt.ObjectiveFunction {
            custom_function = function(result) return result.metrics.shrpe_ratio end } }
            :run { strategy = "params = { n = 1 } function handle_data() end", bundle = "line" }
        assert.truthy(err.message:find("got nil; is a key of result.metrics misspelled?", 1, true),
            err.message)
    end)

    it("that raises or returns something else fails the trial with the reason", function()
        local optimizer = opt.ParallelOptimizer {
            space(5), objective = function(p)
                if p.n == 5 then
                    error {}
                elseif p.n < 4 then
                    return p.n == 1 and p.m.x or p.n == 2 and "two" or 3
                end
            end,
        }
        local results = assert(optimizer:run())
        assert.truthy(results.trials[4].message:find "must return a number, got nil$")
        assert.equal("objective: error(table): raise a text, or a table with a message",
            results.trials[5].message)
        assert.equal("failed", results.trials[1].state)
        assert.truthy(results.trials[1].message:find "run_spec.lua:%d+: attempt to index")
        assert.truthy(results.trials[2].message:find "must return a number, got a string")
        assert.equal(3, results.best.score)
    end)
end)

describe("random search", function()
    it("draws n_iter points that count, the same for any number of workers", function()
        local function search(n)
            return assert(opt.ParallelOptimizer {
                algorithm = opt.RandomSearchAlgorithm { parameter_space = space(40), n_iter = 12 },
                objective = function(p) return p.n end, seed = 5, n_jobs = n,
                constraint = function(p) return p.n > 10 end,
            }:run())
        end
        local one, three = search(1), search(3)
        assert.equal(12, one.stats.trials - one.stats.infeasible)
        assert.equal(one.result_hash, three.result_hash)
        local seen = {}
        for _, t in ipairs(one.trials) do
            assert.is_nil(seen[t.params.n])
            seen[t.params.n] = true
        end
    end)
end)

-- ---- what goes wrong ---------------------------------------------------------------------------

describe("a strategy", function()
    it("that fails for some parameters fails those trials", function()
        local results = run({ param_space = space(6), n_jobs = 2 }, {
            strategy = BUY:gsub("ctx:order",
                'if ctx.params.n == 3 then error "three" end ctx:order'),
        })
        assert.equal("failed", results.trials[3].state)
        assert.truthy(results.trials[3].message:find "three")
        assert.truthy(results.trials[3].message:find "2020%-01%-01")
        assert.equal(1, results.stats.failed)
        assert.same({ n = 6 }, results.best.params)
    end)

    it("that always fails gives nil and the first reason", function()
        local results, err = opt.ParallelOptimizer(space(6)):run {
            strategy = "return { params = { n = 1 }, handle_data = function() error 'no' end }",
            bundle = "line",
        }
        assert.is_nil(results)
        assert.equal("strategy", err.code)
        assert.truthy(err.message:find "no trial of 6 came to a score; trial 1 %(failed%)")
    end)

    it("without one of the parameters ends the run at once, with a suggestion", function()
        local results, err = opt.ParallelOptimizer {
            opt.ParameterSpace {
                opt.DiscreteParameter { name = "sgn", min_value = 1, max_value = 1000 },
            },
        }:run { strategy = BUY, bundle = "line" }
        assert.is_nil(results)
        assert.equal("name", err.code)
        assert.truthy(err.message:find("unknown parameter 'sgn'; did you mean 'sign'?", 1, true))
    end)

    it("that never ends is stopped by the trial's own limit", function()
        local results = run({ param_space = space(3), n_jobs = 2, trial_timeout = 0.5 }, {
            strategy = BUY:gsub("ctx:order", "while ctx.params.n == 2 do end ctx:order"),
        })
        assert.equal("timeout", results.trials[2].state)
        assert.equal("done", results.trials[3].state)
        assert.same({ n = 3 }, results.best.params)
    end)

    it("prints to its trial's log", function()
        local results = run({ param_space = space(3), n_jobs = 2 }, {
            strategy = BUY:gsub("ctx:order", "print('n is', ctx.params.n) ctx:order"),
        })
        for n = 1, 3 do
            assert.equal(("n is\t%d\n"):format(n), results:log(n))
        end
        results = run({ param_space = space(1), n_jobs = 1 }, {
            strategy = BUY:gsub("ctx:order",
                "for i = 1, 3000 do print(('x'):rep(99)) end ctx:order"),
        })
        assert.is_true(#results:log(1) < 66000)
        assert.truthy(results:log(1):find "the log ends here: 64 KiB")
    end)
end)

describe("progress", function()
    it("is called with what there is to know", function()
        local states = {}
        run({ param_space = space(40), n_jobs = 2 }, {
            progress = function(state) states[#states + 1] = state end,
        })
        local last = states[#states]
        assert.equal(40, last.done)
        assert.equal(40, last.total)
        assert.same({ n = 40 }, last.best.params)
        assert.equal("n=40", last.best.text)
    end)

    it("that raises ends the run with its error", function()
        local ok, message = pcall(run, { param_space = space(40) }, {
            progress = function() error "enough" end,
        })
        assert.is_false(ok)
        assert.truthy(message:find "enough")
        assert.equal(3, #run({ param_space = space(3) }).trials) -- all is well afterwards
    end)
end)
