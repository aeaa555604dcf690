-- B6: few backtests of one year each, every optimisation on (caches, pooling, a pool that stays)
-- against all off (each trial opens the bundle and makes its columns, workers forked for the run).
-- What the guide's system loses there must not be lost here: the bound is on the upper end of a
-- 95 % interval of the paired ratio.

local clock = require "spec.bench.clock"
local data = require "spec.bench.data"
local measure = require "spec.bench.measure"
local opt = require "backlua.optimization"
local rows = require "spec.bench.rows"

local ROUNDS = tonumber(os.getenv "BENCH_ROUNDS") or 21
local GRIDS = { { 1, 1 }, { 5, 1 }, { 5, 5 }, { 10, 5 } }

local ON = opt.OptimizationConfig {}
local OFF = opt.OptimizationConfig { enable_caching = false, enable_bundle_pooling = false }

-- Searches beside the grid, over one and the same space.
local SEARCHES = { "RandomSearchAlgorithm", "SobolSearchAlgorithm", "TPEOptimizer",
    "BayesianOptimizer", "GeneticAlgorithm", "CMAESOptimizer", "NSGA2Optimizer" }

local function algorithm_of(name, space, trials)
    if name == "GeneticAlgorithm" then
        return opt[name] { parameter_space = space, population_size = 10, max_generations = 100 }
    end
    return opt[name] { parameter_space = space, n_iter = trials }
end

local function optimizer(grid, pool, config)
    local parameters = {
        opt.DiscreteParameter { name = "fast", min_value = 5,
            max_value = 3 + 2 * math.max(2, grid[1]), step = 2 },
        opt.DiscreteParameter { name = "slow", min_value = 50,
            max_value = 40 + 10 * math.max(2, grid[2]), step = 10 },
    }
    local space = opt.ParameterSpace { parameters = parameters }
    return opt.ParallelOptimizer {
        param_space = not grid.search and space or nil, worker_pool = pool,
        algorithm = grid.search and algorithm_of(grid.search, space, grid[1] * grid[2]) or nil,
        config = config, max_trials = grid[1] * grid[2], capital = 1000000,
    }
end

local function search(grid, pool, config)
    local results, err = optimizer(grid, pool, config):run {
        strategy = "spec/bench/strategies/handle.lua", bundle = data.sma400(),
        start_date = "2010-01-01", end_date = "2010-12-31",
    }
    assert(results, err and err.message)
    return results.result_hash
end

local kept = opt.PersistentWorkerPool { n_jobs = 2 }

local function with_all(grid)
    return search(grid, kept, ON)
end

local function without(grid)
    local pool = opt.PersistentWorkerPool { n_jobs = 2 }
    local hash = search(grid, pool, OFF)
    pool:close()
    return hash
end

for _, name in ipairs(SEARCHES) do
    GRIDS[#GRIDS + 1] = { 5, 5, search = name }
    GRIDS[#GRIDS + 1] = { 10, 5, search = name }
end

for _, grid in ipairs(GRIDS) do
    assert(with_all(grid) == without(grid), "bench: the two sides disagree")
    local measured = measure.alternate(ROUNDS,
        function() return clock.wall(function() with_all(grid) end) * 1e3 end,
        function() return clock.wall(function() without(grid) end) * 1e3 end)
    local n = grid[1] * grid[2]
    rows.add(measured, {
        id = "B6-" .. n .. (grid.search and "-" .. grid.search or ""), unit = "ms",
        what = n .. " backtests of 1 year, all on / all off",
        judged = measure.upper(measured.ratios),
    })
end
kept:close()
