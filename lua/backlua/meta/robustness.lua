---@meta
-- require "backlua.optimization": how far a result can be trusted. For editors; never executed.

---@class backlua.optimization
local optimization = {}

-- ---- what else could have happened -----------------------------------------------------------

---@class backlua.MonteCarloOptions
---@field n_simulations? integer (default 1000)
---@field method? "bootstrap"|"permutation" of returns in blocks, or of round trips (default "bootstrap")
---@field seed? integer of what is drawn (default 1)
---@field confidence_level? number of the intervals (default 0.95)
---@field block_length? number mean, in sessions (default chosen from the data)
---@field n_jobs? integer workers, -1: one for each core

---@class backlua.MonteCarloSimulator
local MonteCarloSimulator = {}

---Simulate.
---@param what backlua.Result|{ returns: backlua.Series, periods_per_year?: number, trades?: table[] }|{ trades: table[], capital?: number }
---@return table? simulated by statistic: observed, mean, std, median, low, high, percentile, p_value, is_significant, is_robust, values; summary: a text
---@return backlua.Error? err
function MonteCarloSimulator:run(what) end

---What else could have happened to a strategy that trades as it does.
---@param options? backlua.MonteCarloOptions
---@return backlua.MonteCarloSimulator
function optimization.MonteCarloSimulator(options) end

---What those that lay out their trials themselves are told to run.
---@class backlua.LaidOutOptions: backlua.BacktestOptions
---@field n_jobs? integer workers, -1: one for each core (default cores less one)
---@field worker_pool? backlua.PersistentWorkerPool workers that stay, in place of n_jobs
---@field config? backlua.OptimizationConfig of caches and the pool of bundles
---@field objective? string|backlua.ObjectiveFunction|function|table what trials are scored by (default "sharpe_ratio")
---@field constraints? table on results: { min_trades = 30, max_drawdown = -0.2, function(result) ... end }
---@field async? boolean no batches, not reproducible (default false)
---@field seed? integer of the runs (default 1)
---@field batch? integer trials that are asked for at once (default 16)
---@field study? string a name: trials are kept, a second run goes on
---@field trial_timeout? number seconds after which a trial is stopped (default none)
---@field audit? "auto"|"none"|"all"|integer trials run again compiled and interpreted (default "auto")
---@field verbose? boolean a line of progress on stderr (default false)
---@field objective_function? string|backlua.ObjectiveFunction|function|table the guide's name of objective
---@field max_eval_time? number the guide's name of trial_timeout
---@field batch_size? integer the guide's name of batch
---@field backend? "multiprocessing" what it always is

---@class backlua.NoiseInfusionOptions
---@field n_simulations? integer disturbed markets (default 1000)
---@field std_pct? number standard deviation of a bar's factor (default 0.01)
---@field noise_model? "gaussian"|"bootstrap" drawn, or from the market's own returns (default "gaussian")
---@field seed? integer of what is drawn (default 1)
---@field confidence_level? number of the intervals (default 0.95)
---@field params? table<string, any> of the strategy

---@class backlua.NoiseInfusionSimulator
local NoiseInfusionSimulator = {}

---Run the strategy over its market and over disturbed ones.
---@param options backlua.LaidOutOptions
---@return table? noise verdict, score, metrics, table, summary, n_simulations, failed, result_hash, stats
---@return backlua.Error? err
function NoiseInfusionSimulator:run(options) end

---Does a strategy live on the exact prices of its history?
---@param options? backlua.NoiseInfusionOptions
---@return backlua.NoiseInfusionSimulator
function optimization.NoiseInfusionSimulator(options) end

---@class backlua.SensitivityOptions
---@field base_params table<string, any> what is varied around
---@field n_points? integer values of each parameter (default 20)
---@field perturbation_pct? number how far to each side, a share of the value (default 0.5)
---@field interaction_threshold? number share of the variance (default 0.1)
---@field interactions? boolean pairs of parameters, too (default true)

---@class backlua.SensitivityAnalyzer
local SensitivityAnalyzer = {}

---Vary each parameter, and each pair, around base_params.
---@param options? backlua.LaidOutOptions
---@return table? analysis base_score, parameters, interactions, summary, result_hash, stats
---@return backlua.Error? err
function SensitivityAnalyzer:run(options) end

---How much the score hangs on each parameter, alone and with another.
---@param options backlua.SensitivityOptions
---@return backlua.SensitivityAnalyzer
function optimization.SensitivityAnalyzer(options) end
