---@meta
-- require "backlua.optimization": how far a result can be trusted. For editors; never executed.

---@class backlua.optimization
local optimization = {}

-- ---- what else could have happened -----------------------------------------------------------

---@class backlua.MonteCarloOptions
---@field n_simulations? integer 1000
---@field method? "bootstrap"|"permutation" "bootstrap"
---@field seed? integer 1
---@field confidence_level? number 0.95
---@field block_length? number mean, in sessions
---@field n_jobs? integer

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

---@class backlua.NoiseInfusionOptions
---@field n_simulations? integer 1000
---@field std_pct? number 0.01, standard deviation of a bar's factor
---@field noise_model? "gaussian"|"bootstrap" "gaussian"
---@field seed? integer
---@field confidence_level? number 0.95
---@field params? table<string, any> of the strategy

---@class backlua.NoiseInfusionSimulator
local NoiseInfusionSimulator = {}

---Run the strategy over its market and over disturbed ones.
---@param options backlua.OptimizerOptions
---@return table? noise verdict, score, metrics, table, summary, n_simulations, failed, result_hash, stats
---@return backlua.Error? err
function NoiseInfusionSimulator:run(options) end

---Does a strategy live on the exact prices of its history?
---@param options? backlua.NoiseInfusionOptions
---@return backlua.NoiseInfusionSimulator
function optimization.NoiseInfusionSimulator(options) end

---@class backlua.SensitivityOptions
---@field base_params table<string, any>
---@field n_points? integer 20
---@field perturbation_pct? number 0.5
---@field interaction_threshold? number share of the variance, 0.1
---@field interactions? boolean pairs of parameters, too, true

---@class backlua.SensitivityAnalyzer
local SensitivityAnalyzer = {}

---Vary each parameter, and each pair, around base_params.
---@param options? backlua.OptimizerOptions
---@return table? analysis base_score, parameters, interactions, summary, result_hash, stats
---@return backlua.Error? err
function SensitivityAnalyzer:run(options) end

---How much the score hangs on each parameter, alone and with another.
---@param options backlua.SensitivityOptions
---@return backlua.SensitivityAnalyzer
function optimization.SensitivityAnalyzer(options) end
