-- GridSearchAlgorithm { parameter_space = }

local algorithm = require "backlua.optimization.algorithm"

--- Every cell of the grid once, in order, the last parameter turning fastest. The grid is never
-- laid out in memory.
-- @param given parameter_space (also by itself); early_stopping_rounds (none: end after so many
--   cells in a row that were no better than the best before them)
local GridSearchAlgorithm = algorithm.constructor("GridSearchAlgorithm", "grid", {
    early_stopping_rounds = { kind = "integer", min = 1 },
})

return { public = GridSearchAlgorithm }
