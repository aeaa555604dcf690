-- GridSearchAlgorithm { parameter_space = }

local algorithm = require "backlua.optimization.algorithm"

--- Every cell of the grid once, in order, the last parameter turning fastest. The grid is never
-- laid out in memory.
-- @param given parameter_space (also by itself)
local GridSearchAlgorithm = algorithm.constructor("GridSearchAlgorithm", "grid", {})

return { public = GridSearchAlgorithm }
