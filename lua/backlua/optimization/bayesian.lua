-- BayesianOptimizer { parameter_space =, n_iter = 50, acq_func = "EI", ... }

local algorithm = require "backlua.optimization.algorithm"

--- Bayesian optimisation with a Gaussian process (Matern 5/2, a length for each parameter, fitted
-- as trials come in): the best use of few trials, up to about 250, on smooth objectives. Integers
-- and choices are asked on their own levels; where trials fail is learned and avoided.
-- @param given parameter_space; n_iter (50); acq_func ("EI" expected improvement, "PI" its
--   probability, "LCB" confidence bound); kappa (1.96, deviations of LCB); xi (0.01, the least
--   improvement that counts under EI and PI, in units of the score); n_initial_points (10, evenly
--   spread); initial_points and initial_scores (arrays of params and of what they scored in other
--   trials; the model knows them from the start); convergence_threshold (1e-4, in units of the
--   score) and convergence_patience (10; 0: never stop early): it ends when so many results in a
--   row (or batches, when asked in batches) did not improve the best by more;
--   noisy (false; true fits the noise of scores that do not repeat); batch_strategy
--   ("constant_liar" or "kriging_believer": what trials that still run are taken for); seed or
--   random_state (the optimiser's seed)
-- Sources: Jones, Schonlau, Welch 1998 (EI); Ament et al. 2023, arXiv 2310.20708 (its logarithm).
local BayesianOptimizer = algorithm.constructor("BayesianOptimizer", "gp", {
    n_iter = { kind = "integer", min = 1, max = 2 ^ 31 - 2, default = 50 },
    seed = { kind = "integer", min = 0, max = 2 ^ 53 },
    random_state = { kind = "integer", min = 0, max = 2 ^ 53 },
    acq_func = { kind = "string", default = "EI" },
    kappa = { kind = "number", default = 1.96 },
    xi = { kind = "number", default = 0.01 },
    n_initial_points = { kind = "integer", default = 10 },
    convergence_threshold = { kind = "number", default = 1e-4 },
    convergence_patience = { kind = "integer", default = 10 },
    initial_points = { kind = "table" },
    initial_scores = { kind = "table" },
    noisy = { kind = "boolean", default = false },
    batch_strategy = { kind = "string", default = "constant_liar" },
})

return { public = BayesianOptimizer }
