-- CMAESOptimizer { parameter_space =, n_iter =, population_size = 0, sigma0 = 1/6, ... }

local algorithm = require "backlua.optimization.algorithm"

--- CMA-ES: a normal distribution over the numbers of the space that moves uphill and learns which
-- parameters go together; for numeric spaces and some hundreds of trials or more. Whole numbers
-- keep a margin, choices are drawn by how well they did.
-- @param given parameter_space (at least one number in it); n_iter (trials; no end of its own);
--   population_size (trials a generation; 0: 4 + 3 ln(parameters)); sigma0 (1/6, the first
--   deviation as a share of each range); restarts ("bipop", "ipop", "none": what follows when it
--   has converged); seed (the optimiser's)
-- Sources: Hansen 2016, arXiv 1604.00772; Hamano et al. 2022, arXiv 2205.13482 (margin); Hansen
-- 2009 (BIPOP).
local CMAESOptimizer = algorithm.constructor("CMAESOptimizer", "cmaes", {
    n_iter = { kind = "integer", min = 1, max = 2 ^ 31 - 2 },
    population_size = { kind = "integer", default = 0 },
    sigma0 = { kind = "number", default = 1 / 6 },
    restarts = { kind = "string", default = "bipop" },
    seed = { kind = "integer", min = 0, max = 2 ^ 53 },
})

return { public = CMAESOptimizer }
