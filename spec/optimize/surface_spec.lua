-- The classes of backlua.optimization: what they take, what they refuse and where they say so.

local opt = require "backlua.optimization"
local walk = require "spec.support.walk"

-- The message that f raises; its position must be the line of the call, `lines` below this one.
local function raises(f, ...)
    local ok, message = pcall(f)
    assert.is_false(ok, "nothing was raised")
    local line = debug.getinfo(f, "S").linedefined
    local at = tonumber(message:match "surface_spec%.lua:(%d+): ")
    assert.truthy(at and at >= line and at <= debug.getinfo(f, "S").lastlinedefined,
        "not raised at the caller's line: " .. message)
    for _, part in ipairs { ... } do
        assert.truthy(message:find(part, 1, true), message .. " lacks: " .. part)
    end
end

local function space()
    return opt.ParameterSpace { parameters = {
        opt.DiscreteParameter { name = "n", min_value = 1, max_value = 9, step = 2 },
        opt.ContinuousParameter { name = "x", min_value = 0, max_value = 1, points = 3 },
        opt.CategoricalParameter { name = "mode", choices = { "up", 2, true } },
    } }
end

describe("a class", function()
    it("takes one argument, and loses none in silence", function()
        raises(function()
            opt.RandomSearchAlgorithm(space(), 20)
        end, "RandomSearchAlgorithm: it takes one argument, got 2; put them into a table by name")
        raises(function() opt.PersistentWorkerPool(2, 3) end, "it takes one argument")
    end)
end)

describe("parameters", function()
    it("show their settings and cannot be changed", function()
        local p = opt.DiscreteParameter { name = "n", min_value = 1, max_value = 9 }
        assert.equal("n", p.name)
        assert.equal(1, p.step)
        raises(function() p.step = 3 end, "cannot be changed")
        assert.equal(1, p.step)
    end)

    it("name an unknown option's nearest", function()
        raises(function()
            opt.DiscreteParameter { name = "n", min_value = 1, max_valu = 9 }
        end, "unknown option 'max_valu'; did you mean 'max_value'?")
        raises(function() return opt.DiscreetParameter end, "did you mean 'DiscreteParameter'?")
    end)

    it("refuse ranges that make no sense, at their own line", function()
        raises(function()
            opt.DiscreteParameter { name = "n", min_value = 10, max_value = 100, step = 7 }
        end, "step 7 does not divide the range 10..100", "94 or 101")
        raises(function()
            opt.DiscreteParameter { name = "n", min_value = 1.5, max_value = 3 }
        end, "min_value must be an integer", "got 1.5")
        raises(function()
            opt.ContinuousParameter { name = "x", min_value = 1, max_value = 1 }
        end, "must be above min_value 1")
        raises(function()
            opt.ContinuousParameter { name = "x", min_value = 0, max_value = 1,
                prior = "log-uniform" }
        end, "min_value > 0, got 0")
        raises(function()
            opt.ContinuousParameter { name = "x", min_value = 0, max_value = 1, prior = "norml" }
        end, "did you mean 'normal'?")
        raises(function()
            opt.CategoricalParameter { name = "m", choices = { "a" } }
        end, "at least 2 choices, got 1")
        raises(function()
            opt.CategoricalParameter { name = "m", choices = { "1", 1 } }
        end, "'1' is there twice")
        raises(function()
            opt.CategoricalParameter { name = "m", choices = { "a", {} } }
        end, "strings, numbers and booleans")
        raises(function()
            opt.CategoricalParameter { name = "m m", choices = { "a", "b" } }
        end, "'m m' must be a Lua name")
    end)
end)

describe("ParameterSpace", function()
    it("takes its parameters by name or as a list", function()
        local p = opt.DiscreteParameter { name = "n", min_value = 1, max_value = 9 }
        local q = opt.DiscreteParameter { name = "m", min_value = 1, max_value = 3 }
        assert.equal(27, opt.ParameterSpace { parameters = { p, q } }:cardinality())
        assert.equal(27, opt.ParameterSpace { p, q }:cardinality())
        assert.equal(45, space():cardinality())
        assert.equal("x", space():get_parameter "x".name)
        assert.is_nil(space():get_parameter "y")
    end)

    it("refuses what is no parameter, and a name used twice", function()
        local p = opt.DiscreteParameter { name = "n", min_value = 1, max_value = 9 }
        raises(function() opt.ParameterSpace { parameters = {} } end, "at least one parameter")
        raises(function() opt.ParameterSpace { parameters = { p, {} } } end, "[2] must be")
        raises(function() opt.ParameterSpace { parameters = { p, p } } end, "'n' is in the space")
        raises(function() opt.ParameterSpace() end, "parameters is required")
    end)

    it("says what is wrong with a point", function()
        local s = space()
        local function why(params)
            return select(2, s:validate_params(params))
        end
        assert.is_true(s:validate_params { n = 3, x = 0.5, mode = 2 })
        assert.truthy(why { n = 3, x = 0.5 }:find("'mode' is missing", 1, true))
        assert.truthy(why { n = 4, x = 0.5, mode = 2 }:find("steps of 2, got 4", 1, true))
        assert.truthy(why { n = 3, x = 1.5, mode = 2 }:find("0..1, got 1.5", 1, true))
        assert.truthy(why { n = 3, x = 0 / 0, mode = 2 }:find("must be a number", 1, true))
        assert.truthy(why { n = 3, x = 0, mode = "2" }:find("one of up, 2, true", 1, true))
        assert.truthy(why { n = 3, x = 0, mode = 2, nn = 1 }:find("did you mean 'n'", 1, true))
    end)
end)

describe("algorithms", function()
    it("take a space by name or by itself", function()
        local s = space()
        assert.equal(s, opt.GridSearchAlgorithm(s).parameter_space)
        assert.equal(s, opt.GridSearchAlgorithm { s }.parameter_space)
        assert.equal(s, opt.GridSearchAlgorithm { param_space = s }.parameter_space)
        assert.equal(9, opt.RandomSearchAlgorithm { parameter_space = s, n_iter = 9 }.n_iter)
    end)

    it("refuse anything else", function()
        raises(function() opt.GridSearchAlgorithm {} end, "parameter_space is required")
        raises(function() opt.GridSearchAlgorithm { 7 } end, "must be a ParameterSpace, got 7")
        raises(function()
            opt.RandomSearchAlgorithm { parameter_space = space(), n_iter = 0 }
        end, "n_iter must be an integer at least 1", "got 0")
        raises(function()
            opt.RandomSearchAlgorithm { parameter_space = space(), niter = 3 }
        end, "did you mean 'n_iter'?")
    end)
end)

describe("ObjectiveFunction", function()
    it("takes a metric or a function, by name or by itself", function()
        assert.equal("sharpe_ratio", opt.ObjectiveFunction "sharpe".metric)
        assert.equal("calmar_ratio", opt.ObjectiveFunction { "calmar" }.metric)
        assert.is_true(opt.ObjectiveFunction { metric = "max_drawdown" }.higher_is_better)
        assert.is_false(opt.ObjectiveFunction { metric = "volatility" }.higher_is_better)
        assert.is_true(opt.ObjectiveFunction {
            metric = "volatility", higher_is_better = true,
        }.higher_is_better)
        assert.equal("custom", opt.ObjectiveFunction(function() end).metric)
        assert.is_false(opt.ObjectiveFunction {
            function() end, higher_is_better = false,
        }.higher_is_better)
    end)

    it("refuses unknown metrics and contradictions", function()
        raises(function() opt.ObjectiveFunction "sharp_ratio" end, "did you mean 'sharpe_ratio'?")
        raises(function() opt.ObjectiveFunction {} end, "give a metric or a custom_function")
        raises(function() opt.ObjectiveFunction { metric = "custom" } end, "needs custom_function")
        raises(function()
            opt.ObjectiveFunction { metric = "sharpe", custom_function = function() end }
        end, "not both")
    end)
end)

describe("ParallelOptimizer", function()
    it("takes one of algorithm and space, also as its first entry", function()
        local s = space()
        assert.equal(s, opt.ParallelOptimizer(s).param_space)
        assert.equal(s, opt.ParallelOptimizer { s, n_jobs = 2 }.param_space)
        local grid = opt.GridSearchAlgorithm(s)
        assert.equal(grid, opt.ParallelOptimizer { algorithm = grid }.algorithm)
        raises(function() opt.ParallelOptimizer {} end, "give an algorithm or a param_space")
        raises(function()
            opt.ParallelOptimizer { algorithm = grid, param_space = s }
        end, "not both")
    end)

    it("checks every option when it is made", function()
        local s = space()
        raises(function() opt.ParallelOptimizer { s, n_job = 2 } end, "did you mean 'n_jobs'?")
        raises(function() opt.ParallelOptimizer { s, n_jobs = 0 } end, "1..1024, or -1", "got 0")
        raises(function() opt.ParallelOptimizer { s, n_jobs = 1.5 } end, "got 1.5")
        raises(function() opt.ParallelOptimizer { s, seed = -1 } end, "seed", "got -1")
        raises(function() opt.ParallelOptimizer { s, objective = "shrp" } end, "is not a metric")
        raises(function() opt.ParallelOptimizer { s, constraint = 3 } end, "must be a function")
        raises(function() opt.ParallelOptimizer { s, worker_pool = {} } end,
            "must be a PersistentWorkerPool")
        raises(function() opt.ParallelOptimizer { s, config = {} } end,
            "must be an OptimizationConfig")
        raises(function() opt.ParallelOptimizer { s, trial_timeout = 0 } end, "above 0")
        raises(function() opt.ParallelOptimizer { s, max_trials = 0 } end, "at least 1")
        raises(function() opt.ParallelOptimizer { s, batch = 0 } end, "at least 1")
    end)

    it("asks no more trials than its algorithm was made for", function()
        local twenty = opt.TPEOptimizer { space(), n_iter = 20 }
        raises(function() opt.ParallelOptimizer { twenty, max_trials = 30 } end,
            "max_trials is 30, but the algorithm ends after n_iter = 20; give n_iter = 30")
        raises(function()
            opt.WalkForwardOptimizer { algorithm = twenty, max_trials_per_window = 30,
                window_config = opt.WindowConfig { train_period_days = 100,
                    test_period_days = 20 } }
        end, "max_trials_per_window is 30", "n_iter = 20")
        opt.ParallelOptimizer { twenty, max_trials = 20 }
        opt.ParallelOptimizer { opt.TPEOptimizer(space()), max_trials = 3000 }
    end)

    it("says of a walk-forward what stands for max_trials and select", function()
        local windows = opt.WindowConfig { train_period_days = 100, test_period_days = 20 }
        raises(function()
            opt.WalkForwardOptimizer { space(), window_config = windows, max_trials = 9 }
        end, "max_trials is not an option here: it is max_trials_per_window")
        raises(function()
            opt.WalkForwardOptimizer { space(), window_config = windows, select = "plateau" }
        end, "select is not an option here", "validate_best")
    end)

    it("takes windows by dates of one form, in order", function()
        local function window(first, last)
            return function()
                opt.WindowConfig { windows = { { train = { "2012-01-02", "2013-12-31" },
                    test = { first, last } } } }
            end
        end
        raises(window("soon", "2014-12-31"), "windows [1].test must be { FIRST, LAST }, dates like "
            .. "2012-01-31, got 'soon'")
        raises(window("2014-1-2", "2014-12-31"), "dates like 2012-01-31, got '2014-1-2'")
        raises(window("2014-02-30", "2014-12-31"), "got '2014-02-30'")
        raises(window("2014-01-02", nil), "got nil")
        raises(window("2014-12-31", "2014-01-02"),
            "ends 2014-01-02, before it begins on 2014-12-31; swap them")
        window("2014-01-02", "2014-12-31")()
    end)

    it("checks what run is given at the caller's line", function()
        local o = opt.ParallelOptimizer(space())
        raises(function() o:run { strtegy = "x" } end, "did you mean 'strategy'?")
        raises(function() o:run {} end, "strategy is required")
        raises(function() o:run { strategy = {} } end, "a path or a source text")
        raises(function() o:run { strategy = "return {}", bundle = 7 } end, "must be a string")
        raises(function() o:run { strategy = "return {}" } end, "bundle is required")
        raises(function() o:run { strategy = "return {}", bundle = "b", capital = -1 } end,
            "capital", "got -1")
        raises(function() o.run {} end, "call it with a colon")
    end)

    it("gives nil and an error for what the world does", function()
        local o = opt.ParallelOptimizer(space())
        local results, err = o:run { strategy = "no/such/file.lua", bundle = "b" }
        assert.is_nil(results)
        assert.equal("usage", err.code)
        assert.truthy(err.message:find "no such file")
        results, err = o:run { strategy = "return { handle_data = 1", bundle = "b" }
        assert.is_nil(results)
        assert.equal("strategy", err.code)
        results, err = o:run { strategy = "return {}", bundle = "no-such-bundle" }
        assert.is_nil(results)
        assert.equal("data", err.code)
    end)
end)

describe("keys of the guide's engine", function()
    it("are understood where they mean something", function()
        local s = space()
        local o = opt.ParallelOptimizer { parameter_space = s, max_eval_time = 7, batch_size = 5,
            objective_function = "calmar", backend = "multiprocessing", verbose = true }
        assert.equal(s, o.param_space)
        assert.same({ 7, 5, "calmar", true }, { o.trial_timeout, o.batch, o.objective, o.verbose })
        assert.is_nil(o.max_eval_time)
        assert.equal(16, opt.ParallelOptimizer(s).batch)
        assert.equal(2, opt.PersistentWorkerPool { processes = 2 }.n_jobs)
        raises(function() opt.ParallelOptimizer { s, batch = 4, batch_size = 4 } end,
            "batch and batch_size are one option")
        raises(function() opt.ParallelOptimizer { s, max_eval_time = 0 } end, "max_eval_time",
            "got 0")
        raises(function() opt.PersistentWorkerPool { processes = 2, n_jobs = 2 } end,
            "are one option")
    end)

    it("are refused with what to use here, where they do not", function()
        local s = space()
        local cases = {
            ParallelOptimizer = { backend = "must be \"multiprocessing\"", maxtasksperchild =
                "need no replacing", checkpoint_dir = "give a study", checkpoint_frequency =
                "give a study", search_algorithm = "it is algorithm", backtest_function =
                "give a strategy", search_algorithm_factory = "give an algorithm" },
            OptimizationConfig = { thresholds = "backlua bench", cache_size_limit =
                "cache_size_gb", enable_history_cache = "enable_caching",
                enable_shared_bundle_context =
                "always share", enable_persistent_worker_pool = "PersistentWorkerPool",
                enable_bohb = "HyperbandPruner", enable_ray = "of this machine" },
            PersistentWorkerPool = { initializer = "before the first run", initargs = "forked",
                maxtasksperchild = "need no replacing", context = "always forked" },
            WindowConfig = { train_period = "train_period_days", validation_period =
                "validation_period_days", test_period = "test_period_days", step_size =
                "step_size_days" },
            GeneticAlgorithm = { max_time_seconds = "max_generations" },
        }
        for class, keys in pairs(cases) do
            for key, text in pairs(keys) do
                local given = { [key] = "ray" }
                if class == "ParallelOptimizer" or class == "GeneticAlgorithm" then
                    given[1] = s
                end
                raises(function() opt[class](given) end, class .. ": " .. key, text)
            end
        end
        raises(function() opt.DataCache.get_instance { max_memory_gb = 1 } end, "cache_size_gb")
        raises(function() opt.BundleConnectionPool.get_instance { max_pool_size = 5 } end,
            "max_bundle_pool_size")
        raises(function() opt.ParallelOptimizer { s, maxtaskperchild = 1 } end,
            "unknown option 'maxtaskperchild'")
    end)

    it("verbose writes a line of progress to stderr", function()
        local child = require "spec.support.child"
        local folder = child.scratch()
        child.write(folder .. "/v.lua", [[
            local opt = require "backlua.optimization"
            assert(opt.ParallelOptimizer { opt.ParameterSpace {
                opt.DiscreteParameter { name = "n", min_value = 1, max_value = 20 } },
                objective = function(p) return p.n end, verbose = arg[1] == "yes" }:run())
        ]])
        local r = child.run { folder .. "/v.lua", "yes" }
        assert.truthy(r.err:find("20/20 trials", 1, true), r.err)
        assert.equal("", child.run({ folder .. "/v.lua", "no" }).err)
        child.clean()
    end)
end)

describe("the guide's other names", function()
    it("exist with their defaults", function()
        local config = opt.OptimizationConfig()
        assert.same({ true, 2.0, 128, true, 100 }, { config.enable_caching, config.cache_size_gb,
            config.lru_maxsize, config.enable_bundle_pooling, config.max_bundle_pool_size })
        raises(function() opt.OptimizationConfig { cache_size_gb = 0 } end, "above 0", "got 0")
        raises(function() opt.OptimizationConfig { lru_maxsiz = 1 } end,
            "did you mean 'lru_maxsize'?")
        local stats = opt.DataCache.get_instance():get_stats()
        assert.is_true(stats.hit_rate >= 0 and stats.hit_rate <= 1)
        assert.is_true(stats.memory_usage_mb >= 0)
        opt.DataCache.get_instance():clear()
        local pool = opt.BundleConnectionPool.get_instance()
        assert.equal(100, pool.max_pool_size)
        assert.is_table(pool.bundle_connections)
        assert.equal(#pool.bundle_connections, pool:get_pool_stats().pool_size)
    end)

    it("PersistentWorkerPool counts and closes", function()
        local pool = opt.PersistentWorkerPool { n_jobs = 3 }
        assert.equal(3, pool.n_jobs)
        assert.equal(3, opt.PersistentWorkerPool(3).n_jobs)
        assert.is_true(opt.PersistentWorkerPool().n_jobs >= 1)
        local stats = pool:get_statistics()
        assert.same({ 0, 0, 0 }, { stats.batch_count, stats.total_tasks, stats.processes })
        pool:close()
        pool:close()
        raises(function() pool:get_statistics() end, "closed")
        raises(function()
            opt.ParallelOptimizer { space(), worker_pool = pool, objective = function() end }:run()
        end, "the worker_pool is closed")
        raises(function() opt.PersistentWorkerPool { n_jobs = 2000 } end, "1..1024")
    end)

    it("PersistentWorkerPool has the words of Python's pools", function()
        local pool = opt.PersistentWorkerPool { n_jobs = 1 }
        local function search()
            assert(opt.ParallelOptimizer { space(), worker_pool = pool,
                objective = function(p) return p.x end }:run())
            return pool:get_statistics()
        end
        local first = search()
        assert.same({ 1, 1 }, { first.batch_count, first.forks })
        pool:reset_workers()
        assert.is_false(require "spec.support.background".alive(first.workers[1].pid))
        assert.same({ 0, 0 }, { pool:get_statistics().batch_count,
            pool:get_statistics().processes })
        assert.equal(1, search().batch_count)
        raises(function() pool:join() end, "call close first")
        pool:terminate()
        pool:join()
        raises(function() pool:get_statistics() end, "closed")
        raises(function() pool:reset_workers() end, "closed")
    end)
end)

describe("a config script", function()
    it("can reach no pointer and no way out through any object", function()
        local objects = {
            opt, space(), opt.GridSearchAlgorithm(space()), opt.PersistentWorkerPool(1),
            opt.ParallelOptimizer(space()), opt.OptimizationConfig(),
            opt.ObjectiveFunction "sharpe", opt.DataCache.get_instance(),
            opt.BundleConnectionPool.get_instance(), space().parameters[1],
        }
        local found = 0
        walk(objects, function(value, path)
            found = found + 1
            assert.not_equal("cdata", type(value), path)
            assert.not_equal("userdata", type(value), path)
        end)
        assert.is_true(found > 20)
        for _, object in ipairs(objects) do
            assert.is_false(getmetatable(object))
        end
    end)
end)
