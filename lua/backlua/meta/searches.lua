---@meta
-- require "backlua.optimization": searches and pruners. For editors; never executed.

---@class backlua.optimization
local optimization = {}

-- ---- algorithms ------------------------------------------------------------------------------

---@class backlua.Algorithm
local Algorithm = {}

---The next point, or an array of n of them; nil when there is none.
---@param n? integer
---@return table<string, any>?
function Algorithm:suggest(n) end

---Tell what a point scored; with several objectives an array.
---@param params table<string, any>
---@param score number|number[]
---@param more? { violation?: number, steps?: integer }
function Algorithm:update(params, score, more) end

---True when there is nothing more to suggest and all of it has its score.
---@return boolean
function Algorithm:is_complete() end

---Every cell of the grid once.
---@param options { parameter_space: backlua.ParameterSpace, early_stopping_rounds?: integer }|backlua.ParameterSpace
---@return backlua.Algorithm
function optimization.GridSearchAlgorithm(options) end

---Points drawn under the parameters' priors.
---@param options { parameter_space: backlua.ParameterSpace, n_iter?: integer, seed?: integer, max_retries?: integer }
---@return backlua.Algorithm
function optimization.RandomSearchAlgorithm(options) end

---Points of Sobol's sequence, scrambled by the seed.
---@param options { parameter_space: backlua.ParameterSpace, n_iter?: integer, seed?: integer }
---@return backlua.Algorithm
function optimization.SobolSearchAlgorithm(options) end

---Points such that each parameter meets every stratum of its range once.
---@param options { parameter_space: backlua.ParameterSpace, n_iter: integer, seed?: integer }
---@return backlua.Algorithm
function optimization.LatinHypercubeAlgorithm(options) end

---@class backlua.BayesianOptions
---@field parameter_space? backlua.ParameterSpace
---@field param_space? backlua.ParameterSpace
---@field objectives? integer scores that update takes when asked by hand, 1
---@field n_iter? integer 50
---@field acq_func? "EI"|"PI"|"LCB" improvement expected, its probability, or a bound, "EI"
---@field kappa? number deviations of LCB, 1.96
---@field xi? number least improvement of EI and PI, in units of the score, 0.01
---@field n_initial_points? integer 10
---@field initial_points? table<string, any>[] of other trials, known from the start
---@field initial_scores? number[] of initial_points
---@field convergence_threshold? number improvement of the score that counts, 1e-4
---@field convergence_patience? integer results in a row without one that end it, 10; 0: never
---@field noisy? boolean scores do not repeat, false
---@field batch_strategy? "constant_liar"|"kriging_believer" score of running trials, "constant_liar"
---@field seed? integer the optimiser's
---@field random_state? integer the same

---Bayesian optimisation with a Gaussian process.
---@param options backlua.BayesianOptions
---@return backlua.Algorithm
function optimization.BayesianOptimizer(options) end

---@class backlua.GeneticOptions
---@field parameter_space? backlua.ParameterSpace
---@field param_space? backlua.ParameterSpace
---@field objectives? integer scores that update takes when asked by hand, 1
---@field population_size? integer 50
---@field max_generations? integer 100
---@field selection? "tournament"|"roulette"|"rank" "tournament"
---@field tournament_size? integer 3
---@field crossover_prob? number 0.8
---@field mutation_prob? number of each gene, 0.2
---@field elite_size? integer carried over, 10 % of the population
---@field patience? integer generations without a better best, no limit
---@field target_fitness? number score to stop at, none
---@field diversity_threshold? number mean spread, a share of the ranges, below which half is drawn anew, 0.01
---@field seed? integer the optimiser's

---A genetic algorithm.
---@param options backlua.GeneticOptions
---@return backlua.Algorithm
function optimization.GeneticAlgorithm(options) end

---@class backlua.CMAESOptions
---@field parameter_space? backlua.ParameterSpace
---@field param_space? backlua.ParameterSpace
---@field objectives? integer scores that update takes when asked by hand, 1
---@field n_iter? integer trials, no end of its own
---@field population_size? integer trials a generation, 4 + 3 ln(parameters)
---@field sigma0? number first deviation, a share of each range, 1/6
---@field restarts? "bipop"|"ipop"|"none" what follows when it has converged, "bipop"
---@field seed? integer the optimiser's

---CMA-ES, for spaces of numbers.
---@param options backlua.CMAESOptions
---@return backlua.Algorithm
function optimization.CMAESOptimizer(options) end

---@class backlua.TPEOptions
---@field parameter_space? backlua.ParameterSpace
---@field param_space? backlua.ParameterSpace
---@field objectives? integer scores that update takes when asked by hand, 1
---@field n_iter? integer 100
---@field n_startup_trials? integer 10
---@field n_candidates? integer 24
---@field multivariate? boolean true with one objective
---@field group? boolean true
---@field seed? integer the optimiser's

---The tree-structured Parzen estimator.
---@param options backlua.TPEOptions
---@return backlua.Algorithm
function optimization.TPEOptimizer(options) end

---@class backlua.NSGA2Options
---@field parameter_space? backlua.ParameterSpace
---@field param_space? backlua.ParameterSpace
---@field objectives? integer scores that update takes when asked by hand, 1
---@field n_iter? integer 100
---@field population_size? integer 50
---@field crossover_prob? number 0.9
---@field mutation_prob? number 1 / parameters
---@field seed? integer the optimiser's

---NSGA-II, for several objectives.
---@param options backlua.NSGA2Options
---@return backlua.Algorithm
function optimization.NSGA2Optimizer(options) end

---The algorithm that suits a space and a number of trials.
---@param options { parameter_space: backlua.ParameterSpace, n_iter?: integer, seed?: integer, objectives?: integer }
---@return backlua.Algorithm
function optimization.AutoSearchAlgorithm(options) end

-- ---- pruners ---------------------------------------------------------------------------------

---@class backlua.Pruner

---@class backlua.MedianPrunerOptions
---@field n_blocks? integer equal parts of the run's span
---@field n_startup_trials? integer 5
---@field n_warmup_blocks? integer that every trial runs, 1

---Stops trials below the median of earlier ones, after each block of time.
---@param options? backlua.MedianPrunerOptions
---@return backlua.Pruner
function optimization.MedianPruner(options) end

---@class backlua.PercentilePrunerOptions
---@field n_blocks? integer equal parts of the run's span
---@field n_startup_trials? integer 5
---@field n_warmup_blocks? integer that every trial runs, 1
---@field percentile? number 25

---Stops trials that are not among the best few per cent of earlier ones.
---@param options? backlua.PercentilePrunerOptions
---@return backlua.Pruner
function optimization.PercentilePruner(options) end

---@class backlua.SuccessiveHalvingPrunerOptions
---@field n_blocks? integer equal parts of the run's span
---@field n_startup_trials? integer 5
---@field n_warmup_blocks? integer that every trial runs, 1
---@field reduction_factor? number 4

---Lets one in reduction_factor of the trials go on, rung by rung.
---@param options? backlua.SuccessiveHalvingPrunerOptions
---@return backlua.Pruner
function optimization.SuccessiveHalvingPruner(options) end

---@class backlua.HyperbandPrunerOptions
---@field n_blocks? integer equal parts of the run's span
---@field n_startup_trials? integer 5
---@field n_warmup_blocks? integer that every trial runs, 1
---@field reduction_factor? number 3

---Successive halving in brackets that begin later and later.
---@param options? backlua.HyperbandPrunerOptions
---@return backlua.Pruner
function optimization.HyperbandPruner(options) end

---@class backlua.WilcoxonPrunerOptions
---@field n_blocks? integer equal parts of the run's span
---@field n_startup_trials? integer 1
---@field n_warmup_blocks? integer that every trial runs, 1
---@field p_threshold? number 0.1

---Stops trials that are likely worse than the best one, block by block.
---@param options? backlua.WilcoxonPrunerOptions
---@return backlua.Pruner
function optimization.WilcoxonPruner(options) end
