-- RandomSearchAlgorithm { parameter_space =, n_iter =, seed = }

local algorithm = require "backlua.optimization.algorithm"

--- Points drawn under the parameters' priors, none twice while there are others; a space without
-- continuous parameters ends when all its points were drawn.
-- @param given parameter_space, n_iter (trials that count: points that a constraint excludes do
--   not), seed (the optimiser's), max_retries (100: draws anew of a point that was there before; a
--   space without continuous parameters needs none, its points come in a random order)
local RandomSearchAlgorithm = algorithm.constructor("RandomSearchAlgorithm", "random", {
    n_iter = { kind = "integer", min = 1, max = 2 ^ 31 - 2 },
    seed = { kind = "integer", min = 0, max = 2 ^ 53 },
    max_retries = { kind = "integer", min = 0 },
})

return { public = RandomSearchAlgorithm }
