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

---@class backlua.GridOptions
---@field parameter_space? backlua.ParameterSpace what is searched
---@field param_space? backlua.ParameterSpace the same
---@field early_stopping_rounds? integer cells in a row that were no better, after which it ends (default none)
---@field objectives? integer scores that update takes when asked by hand (default 1)

---Every cell of the grid once, the last parameter turning fastest.
---Example: `opt.GridSearchAlgorithm { parameter_space = space }`
---@param options backlua.GridOptions|backlua.ParameterSpace
---@return backlua.Algorithm
function optimization.GridSearchAlgorithm(options) end

---@class backlua.RandomOptions
---@field parameter_space? backlua.ParameterSpace what is searched
---@field param_space? backlua.ParameterSpace the same
---@field n_iter? integer trials (default the optimiser's max_trials)
---@field max_retries? integer draws anew of a point that was there before (default 100)
---@field objectives? integer scores that update takes when asked by hand (default 1)
---@field seed? integer (default the optimiser's)

---Points drawn under the parameters' priors.
---Example: `opt.RandomSearchAlgorithm { parameter_space = space, n_iter = 200 }`
---@param options backlua.RandomOptions
---@return backlua.Algorithm
function optimization.RandomSearchAlgorithm(options) end

---@class backlua.SobolOptions
---@field parameter_space? backlua.ParameterSpace what is searched
---@field param_space? backlua.ParameterSpace the same
---@field n_iter? integer trials (default the optimiser's max_trials)
---@field objectives? integer scores that update takes when asked by hand (default 1)
---@field seed? integer (default the optimiser's)

---Points of Sobol's sequence, scrambled by the seed.
---@param options backlua.SobolOptions
---@return backlua.Algorithm
function optimization.SobolSearchAlgorithm(options) end

---@class backlua.LatinHypercubeOptions
---@field parameter_space? backlua.ParameterSpace what is searched
---@field param_space? backlua.ParameterSpace the same
---@field n_iter integer trials
---@field objectives? integer scores that update takes when asked by hand (default 1)
---@field seed? integer (default the optimiser's)

---Points such that each parameter meets every stratum of its range once.
---@param options backlua.LatinHypercubeOptions
---@return backlua.Algorithm
function optimization.LatinHypercubeAlgorithm(options) end

---@class backlua.BayesianOptions
---@field parameter_space? backlua.ParameterSpace what is searched
---@field param_space? backlua.ParameterSpace the same
---@field objectives? integer scores that update takes when asked by hand (default 1)
---@field n_iter? integer trials (default 50)
---@field acq_func? "EI"|"PI"|"LCB" improvement expected, its probability, or a bound (default "EI")
---@field kappa? number deviations of LCB (default 1.96)
---@field xi? number least improvement of EI and PI, in units of the score (default 0.01)
---@field n_initial_points? integer drawn before there is a model (default 10)
---@field initial_points? table<string, any>[] of other trials, known from the start
---@field initial_scores? number[] of initial_points
---@field convergence_threshold? number improvement of the score that counts (default 1e-4)
---@field convergence_patience? integer results in a row without an improvement that end it; 0: never (default 10)
---@field noisy? boolean scores do not repeat (default false)
---@field batch_strategy? "constant_liar"|"kriging_believer" score of running trials (default "constant_liar")
---@field seed? integer (default the optimiser's)
---@field random_state? integer the same

---Bayesian optimisation with a Gaussian process.
---Example: `opt.BayesianOptimizer { parameter_space = space, n_iter = 60 }`
---@param options backlua.BayesianOptions
---@return backlua.Algorithm
function optimization.BayesianOptimizer(options) end

---@class backlua.GeneticOptions
---@field parameter_space? backlua.ParameterSpace what is searched
---@field param_space? backlua.ParameterSpace the same
---@field objectives? integer scores that update takes when asked by hand (default 1)
---@field population_size? integer (default 50)
---@field max_generations? integer (default 100)
---@field selection? "tournament"|"roulette"|"rank" of parents (default "tournament")
---@field tournament_size? integer candidates of which the best is a parent (default 3)
---@field crossover_prob? number that two parents mix (default 0.8)
---@field mutation_prob? number of each gene (default 0.2)
---@field elite_size? integer carried over (default 10 % of the population)
---@field patience? integer generations without a better best (default no limit)
---@field target_fitness? number score to stop at (default none)
---@field diversity_threshold? number mean spread, a share of the ranges, below which half is drawn anew (default 0.01)
---@field seed? integer (default the optimiser's)

---A genetic algorithm.
---@param options backlua.GeneticOptions
---@return backlua.Algorithm
function optimization.GeneticAlgorithm(options) end

---@class backlua.CMAESOptions
---@field parameter_space? backlua.ParameterSpace what is searched
---@field param_space? backlua.ParameterSpace the same
---@field objectives? integer scores that update takes when asked by hand (default 1)
---@field n_iter? integer trials (default the optimiser's max_trials)
---@field population_size? integer trials a generation (default 4 + 3 ln(parameters))
---@field sigma0? number first deviation, a share of each range (default 1/6)
---@field restarts? "bipop"|"ipop"|"none" what follows when it has converged (default "bipop")
---@field seed? integer (default the optimiser's)

---CMA-ES, for spaces of numbers.
---@param options backlua.CMAESOptions
---@return backlua.Algorithm
function optimization.CMAESOptimizer(options) end

---@class backlua.TPEOptions
---@field parameter_space? backlua.ParameterSpace what is searched
---@field param_space? backlua.ParameterSpace the same
---@field objectives? integer scores that update takes when asked by hand (default 1)
---@field n_iter? integer trials (default 100)
---@field n_startup_trials? integer drawn before there is a model (default 10)
---@field n_candidates? integer of which the likeliest is asked (default 24)
---@field multivariate? boolean parameters together, not one by one (default true with one objective)
---@field group? boolean parameters that are active together are modelled together (default true)
---@field seed? integer (default the optimiser's)

---The tree-structured Parzen estimator.
---@param options backlua.TPEOptions
---@return backlua.Algorithm
function optimization.TPEOptimizer(options) end

---@class backlua.NSGA2Options
---@field parameter_space? backlua.ParameterSpace what is searched
---@field param_space? backlua.ParameterSpace the same
---@field objectives? integer scores that update takes when asked by hand (default 1)
---@field n_iter? integer trials (default 100)
---@field population_size? integer (default 50)
---@field crossover_prob? number that two parents mix (default 0.9)
---@field mutation_prob? number of each gene (default 1 / parameters)
---@field seed? integer (default the optimiser's)

---NSGA-II, for several objectives.
---@param options backlua.NSGA2Options
---@return backlua.Algorithm
function optimization.NSGA2Optimizer(options) end

---@class backlua.AutoOptions
---@field parameter_space? backlua.ParameterSpace what is searched
---@field param_space? backlua.ParameterSpace the same
---@field n_iter? integer trials (default 100)
---@field objectives? integer scores that update takes when asked by hand (default 1)
---@field seed? integer (default the optimiser's)

---The algorithm that suits a space and a number of trials.
---Example: `opt.AutoSearchAlgorithm { parameter_space = space, n_iter = 200 }`
---@param options backlua.AutoOptions
---@return backlua.Algorithm
function optimization.AutoSearchAlgorithm(options) end

-- ---- pruners ---------------------------------------------------------------------------------

---@class backlua.Pruner

---@class backlua.MedianPrunerOptions
---@field n_blocks? integer equal parts of the run's span (default 8)
---@field n_startup_trials? integer that run whole first (default 5)
---@field n_warmup_blocks? integer that every trial runs (default 1)

---Stops trials below the median of earlier ones, after each block of time.
---@param options? backlua.MedianPrunerOptions
---@return backlua.Pruner
function optimization.MedianPruner(options) end

---@class backlua.PercentilePrunerOptions
---@field n_blocks? integer equal parts of the run's span (default 8)
---@field n_startup_trials? integer that run whole first (default 5)
---@field n_warmup_blocks? integer that every trial runs (default 1)
---@field percentile? number of earlier trials that go on (default 25)

---Stops trials that are not among the best few per cent of earlier ones.
---@param options? backlua.PercentilePrunerOptions
---@return backlua.Pruner
function optimization.PercentilePruner(options) end

---@class backlua.SuccessiveHalvingPrunerOptions
---@field n_blocks? integer equal parts of the run's span (default 16)
---@field n_startup_trials? integer that run whole first (default 5)
---@field n_warmup_blocks? integer that every trial runs (default 1)
---@field reduction_factor? number one in so many goes on (default 4)

---Lets one in reduction_factor of the trials go on, rung by rung.
---@param options? backlua.SuccessiveHalvingPrunerOptions
---@return backlua.Pruner
function optimization.SuccessiveHalvingPruner(options) end

---@class backlua.HyperbandPrunerOptions
---@field n_blocks? integer equal parts of the run's span (default 27)
---@field n_startup_trials? integer that run whole first (default 5)
---@field n_warmup_blocks? integer that every trial runs (default 1)
---@field reduction_factor? number one in so many goes on (default 3)

---Successive halving in brackets that begin later and later.
---@param options? backlua.HyperbandPrunerOptions
---@return backlua.Pruner
function optimization.HyperbandPruner(options) end

---@class backlua.WilcoxonPrunerOptions
---@field n_blocks? integer equal parts of the run's span (default 16)
---@field n_startup_trials? integer that run whole first (default 1)
---@field n_warmup_blocks? integer that every trial runs (default 2)
---@field p_threshold? number below which a trial is stopped (default 0.1)

---Stops trials that are likely worse than the best one, block by block.
---@param options? backlua.WilcoxonPrunerOptions
---@return backlua.Pruner
function optimization.WilcoxonPruner(options) end
