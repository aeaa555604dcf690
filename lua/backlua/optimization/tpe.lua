-- TPEOptimizer { parameter_space =, n_iter = 100, seed = }

local algorithm = require "backlua.optimization.algorithm"

--- The tree-structured Parzen estimator: any kind of parameter, cheap asks, hundreds to thousands
-- of trials, one objective or several.
-- @param given parameter_space; n_iter (100); n_startup_trials (10, drawn at random before the
--   model asks); n_candidates (24, drawn at each ask); multivariate (parameters are drawn together;
--   true with one objective, false with several); group (true: those that share a condition are
--   drawn apart from the others); seed (the optimiser's)
-- Source: Watanabe 2023, arXiv 2304.11127.
local TPEOptimizer = algorithm.constructor("TPEOptimizer", "tpe", {
    n_iter = { kind = "integer", min = 1, max = 2 ^ 31 - 2, default = 100 },
    seed = { kind = "integer", min = 0, max = 2 ^ 53 },
    n_startup_trials = { kind = "integer", default = 10 },
    n_candidates = { kind = "integer", default = 24 },
    multivariate = { kind = "boolean" },
    group = { kind = "boolean", default = true },
})

return { public = TPEOptimizer }
