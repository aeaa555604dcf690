-- LatinHypercubeAlgorithm { parameter_space =, n_iter =, seed = }

local algorithm = require "backlua.optimization.algorithm"

--- n_iter points such that each parameter's range, cut into n_iter strata, is met once in every
-- stratum. It does not look at scores.
-- @param given parameter_space, n_iter (points of the design, those that a constraint excludes
--   among them), seed (the optimiser's)
-- Source: McKay, Beckman, Conover 1979.
local LatinHypercubeAlgorithm = algorithm.constructor("LatinHypercubeAlgorithm", "lhs", {
    n_iter = { kind = "integer", min = 1, max = 2 ^ 31 - 2, required = true },
    seed = { kind = "integer", min = 0, max = 2 ^ 53 },
})

return { public = LatinHypercubeAlgorithm }
