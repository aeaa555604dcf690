-- SobolSearchAlgorithm { parameter_space =, n_iter =, seed = }

local algorithm = require "backlua.optimization.algorithm"

--- Points of Sobol's sequence, scrambled by the seed: they fill the space more evenly than random
-- ones, for any number of trials. It does not look at scores.
-- @param given parameter_space, n_iter (trials that count: points that a constraint excludes do
--   not), seed (the optimiser's)
-- Source: Joe, Kuo 2008, direction numbers new-joe-kuo-6; Owen 1998 (scrambling).
local SobolSearchAlgorithm = algorithm.constructor("SobolSearchAlgorithm", "sobol", {
    n_iter = { kind = "integer", min = 1, max = 2 ^ 31 - 2 },
    seed = { kind = "integer", min = 0, max = 2 ^ 53 },
})

return { public = SobolSearchAlgorithm }
