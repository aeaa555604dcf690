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

---Parameters that are searched together; the last turns fastest in a grid.
---Example: `opt.ParameterSpace { parameters = { opt.DiscreteParameter { name = "n", min_value = 5, max_value = 50 } } }`
---@param options { parameters: backlua.Parameter[] }|backlua.Parameter[]
---@return backlua.ParameterSpace
function optimization.ParameterSpace(options) end

---@alias backlua.ActiveIf table<string, any>

---@class backlua.DiscreteParameterOptions
---@field name string
---@field min_value integer
---@field max_value integer
---@field step? integer 1
---@field prior? "uniform"|"log-uniform" "uniform"
---@field active_if? backlua.ActiveIf only where others have these values: { mode = "fast" }

---Whole numbers min_value, min_value + step, .. max_value.
---@param options backlua.DiscreteParameterOptions
---@return backlua.Parameter
function optimization.DiscreteParameter(options) end

---@class backlua.ContinuousParameterOptions
---@field name string
---@field min_value number
---@field max_value number
---@field prior? "uniform"|"log-uniform"|"normal" "uniform"
---@field points? integer of a grid
---@field step? number min_value, min_value + step, .. only
---@field active_if? backlua.ActiveIf only where others have these values: { mode = "fast" }

---Numbers from min_value to max_value.
---@param options backlua.ContinuousParameterOptions
---@return backlua.Parameter
function optimization.ContinuousParameter(options) end

---@class backlua.CategoricalParameterOptions
---@field name string
---@field choices (string|number|boolean)[]
---@field ordered? boolean the order of choices means something, false
---@field active_if? backlua.ActiveIf only where others have these values: { mode = "fast" }

---One of several values.
---@param options backlua.CategoricalParameterOptions
---@return backlua.Parameter
function optimization.CategoricalParameter(options) end

---A parameter that has one value in all trials.
---@param options { name: string, value: string|number|boolean, active_if?: backlua.ActiveIf }
---@return backlua.Parameter
function optimization.FixedParameter(options) end

---A parameter that follows from the others.
---@param options { name: string, value: fun(params: table<string, any>): string|number|boolean }
---@return backlua.Parameter
function optimization.DerivedParameter(options) end

-- ---- objectives, windows, settings -----------------------------------------------------------

---What a trial is worth.
---Example: `opt.ObjectiveFunction { metric = "calmar_ratio" }`
---@param options { metric?: string, custom_function?: fun(result: backlua.Result): number, higher_is_better?: boolean }|string|fun(result: backlua.Result): number
---@return backlua.ObjectiveFunction
function optimization.ObjectiveFunction(options) end

---@class backlua.WindowOptions
---@field train_period_days? integer|string sessions, or a share like "20 %"
---@field validation_period_days? integer|string
---@field test_period_days? integer|string
---@field step_size_days? integer|string
---@field window_type? "rolling"|"expanding"|"anchored"
---@field purge_days? integer
---@field embargo_days? integer
---@field windows? table[] in place of periods: { train = { FIRST, LAST }, test = { FIRST, LAST } }
---@field mode? "walk"|"cpcv" cpcv: combinatorial purged cross-validation
---@field groups? integer of cpcv: groups of sessions, 6
---@field test_groups? integer of cpcv: groups tested in each split, 2
---@field shared_search? boolean of cpcv: one search over the whole run for all splits, false

---The windows of a walk-forward.
---@param options backlua.WindowOptions
---@return backlua.WindowConfig
function optimization.WindowConfig(options) end

---@class backlua.ConfigOptions
---@field enable_caching? boolean true
---@field cache_size_gb? number 2.0
---@field lru_maxsize? integer asset lists, 128
---@field enable_bundle_pooling? boolean true
---@field max_bundle_pool_size? integer 100
---@field permanent_windows? integer[] lengths whose indicators are never evicted, { 20, 50, 200 }
---@field tier2_maxsize? integer how many series of other lengths are kept, 256

---Settings of caches and bundle pool.
---@param options? backlua.ConfigOptions
---@return backlua.OptimizationConfig
function optimization.OptimizationConfig(options) end

-- ---- optimisers ------------------------------------------------------------------------------

---@class backlua.OptimizerOptions: backlua.RunOptions
---@field algorithm? backlua.Algorithm or param_space
---@field param_space? backlua.ParameterSpace a grid, without an algorithm
---@field parameter_space? backlua.ParameterSpace the same
---@field n_jobs? integer workers; -1: all cores
---@field worker_pool? backlua.PersistentWorkerPool
---@field config? backlua.OptimizationConfig
---@field objective? string|backlua.ObjectiveFunction|function|table "sharpe_ratio"; a list for a front
---@field constraint? fun(params: table<string, any>): boolean
---@field convention? backlua.Convention whose definitions metrics and objectives of trials follow, "own"
---@field constraints? table on results: { min_trades = 30, max_drawdown = -0.2, function(result) ... end }
---@field async? boolean no batches, not reproducible
---@field pruner? backlua.Pruner stops trials whose first blocks fall behind
---@field seed? integer 1
---@field max_trials? integer not more than the n_iter that an algorithm was given
---@field batch? integer 16
---@field study? string a name: trials are kept, a second run goes on
---@field trial_timeout? number seconds
---@field verbose? boolean a line of progress on stderr, false
---@field objective_function? string|backlua.ObjectiveFunction|function|table the guide's name of objective
---@field max_eval_time? number the guide's name of trial_timeout
---@field batch_size? integer the guide's name of batch
---@field backend? "multiprocessing" what it always is
---@field select? "peak"|"plateau" which trial is the best: of the highest score, or of the highest mean with its neighbours
---@field keep? "summary"|"returns"|"all" which returns of trials are kept, "returns"
---@field audit? "auto"|"none"|"all"|integer trials run again compiled and interpreted, "auto"
---@field progress? fun(state: table) only in :run

---@class backlua.ParallelOptimizer
local ParallelOptimizer = {}

---Search.
---Example: `local results, err = optimizer:run { strategy = "sma.lua", bundle = "demo" }`
---@param options? backlua.OptimizerOptions
---@return backlua.Results? results
---@return backlua.Error? err
function ParallelOptimizer:run(options) end

---A search for the best parameters of a strategy, on forked workers.
---@param options backlua.OptimizerOptions
---@return backlua.ParallelOptimizer
function optimization.ParallelOptimizer(options) end

---@class backlua.WalkForwardOptions: backlua.OptimizerOptions
---@field window_config backlua.WindowConfig
---@field max_trials_per_window? integer that count in a train: a grid all, else n_iter or 100
---@field validate_best? integer best of train that validation chooses from, 1

---@class backlua.WalkForwardOptimizer
local WalkForwardOptimizer = {}

---@param options? backlua.OptimizerOptions
---@return backlua.WalkResults? results
---@return backlua.Error? err
function WalkForwardOptimizer:run(options) end

---A search in each of many windows of time, tested on what follows them.
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

---Workers that stay for several optimisations.
---@param options? { n_jobs?: integer, processes?: integer }|integer
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
---@field efficiency? number profit per session of test over that of train
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
