-- GeneticAlgorithm { parameter_space =, population_size = 50, max_generations = 100, ... }

local algorithm = require "backlua.optimization.algorithm"

--- A genetic algorithm. Numbers are crossed by BLX-0.5 and mutated by a tenth of their range (of
-- the logarithm under the log-uniform prior), choices swapped and redrawn; no individual is
-- evaluated twice.
-- @param given parameter_space; population_size (50); max_generations (100, the first included);
--   selection ("tournament", "roulette" in proportion to the score above the worst, "rank");
--   tournament_size (3); crossover_prob (0.8); mutation_prob (0.2, for each gene); elite_size
--   (10 % of the population, carried over); patience (generations without a better best; none);
--   target_fitness (score to stop at; none); diversity_threshold (0.01: mean spread, as a share of
--   the ranges, below which every other child is drawn anew); seed (the optimiser's)
-- Source: Eshelman, Schaffer 1993 (BLX).
local GeneticAlgorithm = algorithm.constructor("GeneticAlgorithm", "genetic", {
    population_size = { kind = "integer", default = 50 },
    max_generations = { kind = "integer", default = 100 },
    selection = { kind = "string", default = "tournament" },
    tournament_size = { kind = "integer", default = 3 },
    crossover_prob = { kind = "number", default = 0.8 },
    mutation_prob = { kind = "number", default = 0.2 },
    elite_size = { kind = "integer", min = 0 },
    patience = { kind = "integer", min = 1 },
    target_fitness = { kind = "number" },
    max_time_seconds = { refused = "measured time may not change what is tried, or no study could "
        .. "be repeated; limit max_generations, or the optimiser's max_trials" },
    diversity_threshold = { kind = "number", default = 0.01 },
    seed = { kind = "integer", min = 0, max = 2 ^ 53 },
})

return { public = GeneticAlgorithm }
