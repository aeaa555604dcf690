-- NSGA2Optimizer { parameter_space =, n_iter = 100, population_size = 50, ... }

local algorithm = require "backlua.optimization.algorithm"

--- NSGA-II: a genetic algorithm for several objectives at once.
-- @param given parameter_space; n_iter (100); population_size (50); crossover_prob (0.9);
--   mutation_prob (for each parameter; 1 / parameters); seed (the optimiser's)
-- Source: Deb, Pratap, Agarwal, Meyarivan 2002.
local NSGA2Optimizer = algorithm.constructor("NSGA2Optimizer", "nsga2", {
    n_iter = { kind = "integer", min = 1, max = 2 ^ 31 - 2, default = 100 },
    population_size = { kind = "integer", default = 50 },
    crossover_prob = { kind = "number", default = 0.9 },
    mutation_prob = { kind = "number", min = 0 },
    seed = { kind = "integer", min = 0, max = 2 ^ 53 },
})

return { public = NSGA2Optimizer }
