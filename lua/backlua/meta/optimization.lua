---@meta
-- require "backlua.optimization". For editors; never executed.

---@class backlua.optimization
local optimization = {}

---@class backlua.Parameter
---@class backlua.ObjectiveFunction
---@class backlua.WindowConfig
---@class backlua.OptimizationConfig

-- ---- parameters ------------------------------------------------------------------------------

---@class backlua.ParameterSpace
---@field parameters backlua.Parameter[]
local ParameterSpace = {}

---The parameter of a name, or nil.
---@param name string
---@return backlua.Parameter?
function ParameterSpace:get_parameter(name) end

---Cells of the grid over the space.
---@return number
function ParameterSpace:cardinality() end

---True when a table by name is a point of the space; else nil and what is wrong.
---@param params table<string, any>
---@return true?
---@return string? message
function ParameterSpace:validate_params(params) end

---@class backlua.SpaceOptions
---@field parameters backlua.Parameter[] made by the constructors below; the list may stand alone

---Parameters that are searched together; the last turns fastest in a grid.
---Example: `opt.ParameterSpace { parameters = { opt.DiscreteParameter { name = "n", min_value = 5, max_value = 50 } } }`
---@param options backlua.SpaceOptions|backlua.Parameter[]
---@return backlua.ParameterSpace
function optimization.ParameterSpace(options) end

---@alias backlua.ActiveIf table<string, any>

---@class backlua.DiscreteParameterOptions
---@field name string of the strategy's parameter
---@field min_value integer the first value
---@field max_value integer the last one, where the steps meet it
---@field step? integer (default 1)
---@field prior? "uniform"|"log-uniform" how searches draw (default "uniform")
---@field active_if? backlua.ActiveIf only where others have these values: { mode = "fast" }

---Whole numbers min_value, min_value + step, .. max_value.
---@param options backlua.DiscreteParameterOptions
---@return backlua.Parameter
function optimization.DiscreteParameter(options) end

---@class backlua.ContinuousParameterOptions
---@field name string of the strategy's parameter
---@field min_value number the least value
---@field max_value number the greatest
---@field prior? "uniform"|"log-uniform"|"normal" how searches draw (default "uniform")
---@field points? integer of a grid (default 10)
---@field step? number min_value, min_value + step, .. only
---@field active_if? backlua.ActiveIf only where others have these values: { mode = "fast" }

---Numbers from min_value to max_value.
---@param options backlua.ContinuousParameterOptions
---@return backlua.Parameter
function optimization.ContinuousParameter(options) end

---@class backlua.CategoricalParameterOptions
---@field name string of the strategy's parameter
---@field choices (string|number|boolean)[] its values
---@field ordered? boolean the order of choices means something (default false)
---@field active_if? backlua.ActiveIf only where others have these values: { mode = "fast" }

---One of several values.
---@param options backlua.CategoricalParameterOptions
---@return backlua.Parameter
function optimization.CategoricalParameter(options) end

---@class backlua.FixedParameterOptions
---@field name string of the strategy's parameter
---@field value string|number|boolean in all trials
---@field active_if? backlua.ActiveIf only where others have these values: { mode = "fast" }

---A parameter that has one value in all trials.
---@param options backlua.FixedParameterOptions
---@return backlua.Parameter
function optimization.FixedParameter(options) end

---@class backlua.DerivedParameterOptions
---@field name string of the strategy's parameter
---@field value fun(params: table<string, any>): string|number|boolean of the others

---A parameter that follows from the others.
---Example: `opt.DerivedParameter { name = "slow", value = function(p) return 3 * p.fast end }`
---@param options backlua.DerivedParameterOptions
---@return backlua.Parameter
function optimization.DerivedParameter(options) end

-- ---- objectives, windows, settings -----------------------------------------------------------

---@class backlua.ObjectiveOptions
---@field metric? string a key of result.metrics; sharpe, sortino and calmar are understood
---@field custom_function? fun(result: backlua.Result): number in place of a metric; NaN or an infinity makes the trial invalid
---@field higher_is_better? boolean (default true, but for volatility, max_drawdown_bars, turnover and costs)

---What a trial is worth.
---Example: `opt.ObjectiveFunction { metric = "calmar_ratio" }`
---@param options backlua.ObjectiveOptions|string|fun(result: backlua.Result): number
---@return backlua.ObjectiveFunction
function optimization.ObjectiveFunction(options) end

---@class backlua.WindowOptions
---@field train_period_days? integer|string sessions, or a share of the run like "20 %"
---@field validation_period_days? integer|string likewise (default 0)
---@field test_period_days? integer|string likewise
---@field step_size_days? integer|string from one window to the next (default test_period_days)
---@field window_type? "rolling"|"expanding"|"anchored" expanding, anchored: train always begins with the run (default "rolling")
---@field purge_days? integer sessions left out before validation and test (default 0)
---@field embargo_days? integer so many more before test (default 0)
---@field windows? table[] in place of periods: { train = { FIRST, LAST }, test = { FIRST, LAST } }
---@field mode? "walk"|"cpcv" cpcv: combinatorial purged cross-validation (default "walk")
---@field groups? integer of cpcv: groups of sessions (default 6)
---@field test_groups? integer of cpcv: groups tested in each split (default 2)
---@field shared_search? boolean of cpcv: one search over the whole run for all splits (default false)

---The windows of a walk-forward.
---Example: `opt.WindowConfig { train_period_days = 750, test_period_days = 250 }`
---@param options backlua.WindowOptions
---@return backlua.WindowConfig
function optimization.WindowConfig(options) end

---@class backlua.ConfigOptions
---@field enable_caching? boolean keep series and results of equal trials (default true)
---@field cache_size_gb? number of a worker's cache (default 2.0)
---@field lru_maxsize? integer asset lists that are kept (default 128)
---@field enable_bundle_pooling? boolean bundles stay open between runs (default true)
---@field max_bundle_pool_size? integer bundles that stay open (default 100)
---@field permanent_windows? integer[] lengths whose indicators are never evicted (default { 20, 50, 200 })
---@field tier2_maxsize? integer how many series of other lengths are kept (default 256)

---Settings of caches and bundle pool.
---@param options? backlua.ConfigOptions
---@return backlua.OptimizationConfig
function optimization.OptimizationConfig(options) end

-- ---- optimisers ------------------------------------------------------------------------------

---@class backlua.SearchOptions: backlua.BacktestOptions
---@field algorithm? backlua.Algorithm which search; or param_space
---@field param_space? backlua.ParameterSpace a grid, where there is no algorithm
---@field parameter_space? backlua.ParameterSpace the same
---@field n_jobs? integer workers, -1: one for each core (default cores less one)
---@field worker_pool? backlua.PersistentWorkerPool workers that stay, in place of n_jobs
---@field config? backlua.OptimizationConfig of caches and the pool of bundles
---@field objective? string|backlua.ObjectiveFunction|function|table what trials are scored by; a list gives a front (default "sharpe_ratio")
---@field constraint? fun(params: table<string, any>): boolean false leaves a point out
---@field convention? backlua.Convention whose definitions metrics and objectives of trials follow (default "own")
---@field constraints? table on results: { min_trades = 30, max_drawdown = -0.2, function(result) ... end }
---@field async? boolean no batches, not reproducible (default false)
---@field pruner? backlua.Pruner stops trials whose first blocks fall behind
---@field seed? integer of the search and of the runs (default 1)
---@field batch? integer trials that are asked for at once (default 16)
---@field study? string a name: trials are kept, a second run goes on
---@field trial_timeout? number seconds after which a trial is stopped (default none)
---@field verbose? boolean a line of progress on stderr (default false)
---@field objective_function? string|backlua.ObjectiveFunction|function|table the guide's name of objective
---@field max_eval_time? number the guide's name of trial_timeout
---@field batch_size? integer the guide's name of batch
---@field backend? "multiprocessing" what it always is
---@field keep? "summary"|"returns"|"all" which returns of trials are kept (default "returns")
---@field audit? "auto"|"none"|"all"|integer trials run again compiled and interpreted (default "auto")

---@class backlua.OptimizerOptions: backlua.SearchOptions
---@field max_trials? integer not more than the n_iter that an algorithm was given (default all of them)
---@field select? "peak"|"plateau" which trial is the best: of the highest score, or of the highest mean with its neighbours (default "peak")

---@class backlua.SearchRunOptions: backlua.BacktestOptions
---@field study? string a name: trials are kept, a second run goes on
---@field progress? fun(state: table) called now and then: done, total, rate, eta, best, ...

---@class backlua.ParallelOptimizer
local ParallelOptimizer = {}

---Search.
---Example: `local results, err = optimizer:run { strategy = "sma.lua", bundle = "demo" }`
---@param options? backlua.SearchRunOptions
---@return backlua.Results? results
---@return backlua.Error? err
function ParallelOptimizer:run(options) end

---A search for the best parameters of a strategy, on forked workers. What is not said here may be
---said to :run.
---Example: `opt.ParallelOptimizer { strategy = "sma.lua", bundle = "demo", param_space = space }`
---@param options backlua.OptimizerOptions
---@return backlua.ParallelOptimizer
function optimization.ParallelOptimizer(options) end

---@class backlua.WalkForwardOptions: backlua.SearchOptions
---@field window_config backlua.WindowConfig the windows
---@field max_trials_per_window? integer that count in a train: a grid all, else n_iter or 100
---@field validate_best? integer best of train that validation chooses from (default 1)

---@class backlua.WalkForwardOptimizer
local WalkForwardOptimizer = {}

---Search in each window.
---@param options? backlua.SearchRunOptions
---@return backlua.WalkResults? results
---@return backlua.Error? err
function WalkForwardOptimizer:run(options) end

---A search in each of many windows of time, tested on what follows them.
---Example: `opt.WalkForwardOptimizer { param_space = space, window_config = windows }`
---@param options backlua.WalkForwardOptions
---@return backlua.WalkForwardOptimizer
function optimization.WalkForwardOptimizer(options) end

---@class backlua.PersistentWorkerPool
local PersistentWorkerPool = {}

---End the workers.
function PersistentWorkerPool:close() end

---The same as close.
function PersistentWorkerPool:terminate() end

---Wait for the workers' end, which close has done; raises while the pool is open.
function PersistentWorkerPool:join() end

---End the workers; the next run forks new ones.
function PersistentWorkerPool:reset_workers() end

---What the pool and each of its workers have done.
---@return { batch_count: integer, total_tasks: integer, average_tasks_per_batch: number, processes: integer, forks: integer, respawns: integer, uptime_seconds: number, workers: { pid?: integer, total_tasks: integer, worked_seconds: number, forks: integer, respawns: integer, uptime_seconds: number }[] }
function PersistentWorkerPool:get_statistics() end

---@class backlua.PoolOptions
---@field n_jobs? integer 1..1024, -1: one for each core (default cores less one)
---@field processes? integer the same

---Workers that stay for several optimisations.
---Example: `pool = opt.PersistentWorkerPool { n_jobs = 4 }`
---@param options? backlua.PoolOptions|integer
---@return backlua.PersistentWorkerPool
function optimization.PersistentWorkerPool(options) end

-- ---- results ---------------------------------------------------------------------------------

---@class backlua.Trial
---@field trial integer its number, from 1
---@field params table<string, any> derived ones included
---@field state "done"|"invalid"|"failed"|"crashed"|"timeout"|"infeasible"|"pruned"|"violated"
---@field score number of the objective; NaN without one
---@field metrics table<string, number>
---@field hash string of its backtest, "" when it has none
---@field seconds number
---@field started? number unix seconds
---@field worker? integer process id
---@field attempts integer
---@field message string why it came to nothing, "" otherwise
---@field scores? number[] of several objectives
---@field violation? number of constraints on results
---@field steps? number[] scores after 1, 2, .. blocks, under a pruner
---@field signal? integer that its worker died of
---@field duplicate_of? integer the trial with the same parameters

---What a search came to.
---@class backlua.Results
---@field best { trial: integer, params: table<string, any>, score: number, metrics: table<string, number> }? nil with several objectives
---@field front { trial: integer, params: table<string, any>, scores: number[], metrics: table<string, number> }[] not dominated
---@field trials backlua.Trial[] in the order of their numbers
---@field stats table trials, computed, duplicates, infeasible, failed, resumed, seconds, workers, policy, ...
---@field luck table how likely the best is luck
---@field result_hash string the same for any number of workers
---@field study? string nil for one in memory
---@field manifest table what it takes to repeat it
local Results = {}

---What a trial printed.
---Example: `results:log(results.best.trial)`
---@param trial integer
---@return string
function Results:log(trial) end

---Returns of a trial by session, as far as kept.
---Example: `results:returns(1):mean()`
---@param trial integer
---@return backlua.View?
function Results:returns(trial) end

---Equity of a trial at its sessions' ends, beginning with 1.
---Example: `plot(results:equity(1))`
---@param trial integer
---@return backlua.View?
function Results:equity(trial) end

---What a walk-forward came to; groups, splits, paths, sharpe and below_median of mode "cpcv" only.
---@class backlua.WalkResults: backlua.Results
---@field windows table[] { window, params, efficiency, train, validation, test }
---@field oos? table the tests one after another: time, value, returns, daily, trades, metrics, t
---@field efficiency? number growth per session of test over that of train
---@field parameter_stability table<string, table> mean, std, min, max, cv, is_stable, drift; or mode, share, changes
---@field aggregate table<string, table> by stage: score, sharpe_ratio, total_return, max_drawdown
---@field warnings string[]
---@field groups? { first: string, last: string, sessions: integer }[] of mode "cpcv", as below
---@field splits? table[] { split, tested (groups), trial, params, train, test, efficiency }
---@field paths? table[] { path, splits (by group), time, value, daily, trades, metrics }
---@field sharpe? table mean, std, min, max, median, n over the paths
---@field below_median? number share of splits whose winner is below the median out of sample

-- ---- caches ----------------------------------------------------------------------------------

---@class backlua.DataCache
local DataCache = {}

---Counts summed over the workers; assets: those of the asset lists.
---@return { hits: integer, misses: integer, hit_rate: number, entries: integer, memory_usage_mb: number, max_memory_mb: number, assets: table }
function DataCache:get_stats() end

---Drop what is cached.
function DataCache:clear() end

optimization.DataCache = {}

---The one of the process.
---@return backlua.DataCache
function optimization.DataCache.get_instance() end

---Bundles stay open between runs. One that a run or its result uses does so over max_pool_size,
---too: a result reads from its bundle until it is collected as garbage.
---@class backlua.BundleConnectionPool
---@field bundle_connections string[] paths of open bundles, the last used first
---@field max_pool_size integer bundles
local BundleConnectionPool = {}

---Counts of this process.
---@return { pool_size: integer, max_pool_size: integer, hits: integer, misses: integer, evictions: integer }
function BundleConnectionPool:get_pool_stats() end

optimization.BundleConnectionPool = {}

---The one of the process.
---@return backlua.BundleConnectionPool
function optimization.BundleConnectionPool.get_instance() end
