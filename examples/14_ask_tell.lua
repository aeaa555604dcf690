-- Any function of the parameters can be searched, with no strategy in sight: here a test function
-- with its minimum at 0, first by an optimiser on workers, then by hand.
--
--     backlua examples/14_ask_tell.lua
--
-- Look for: both find almost the same place, and the second loop is yours: call what you like
-- between suggest and update, on this machine or another, and answer in any order.

local opt = require "backlua.optimization"

local space = opt.ParameterSpace {
    parameters = {
        opt.ContinuousParameter { name = "x", min_value = -5, max_value = 10 },
        opt.ContinuousParameter { name = "y", min_value = 0, max_value = 15 },
    },
}

-- Branin's function, turned over: three tops of -0.3979.
local function score(p)
    local a = p.y - 5.1 / (4 * math.pi ^ 2) * p.x ^ 2 + 5 / math.pi * p.x - 6
    return -(a ^ 2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(p.x) + 10)
end

local function show(what, params, best)
    print(("%-10s x = %7.4f  y = %7.4f  score = %.4f"):format(what, params.x, params.y, best))
end

local results = assert(opt.ParallelOptimizer {
    algorithm = opt.BayesianOptimizer { parameter_space = space, n_iter = 40 },
    objective = score,
    batch = 4,
}:run())
show("optimiser", results.best.params, results.best.score)

local algorithm = opt.CMAESOptimizer { parameter_space = space, n_iter = 200, seed = 1 }
local best, where = -math.huge, nil
while not algorithm:is_complete() do
    for _, params in ipairs(algorithm:suggest(4)) do
        local s = score(params)
        algorithm:update(params, s)
        if s > best then
            best, where = s, params
        end
    end
end
show("by hand", where, best)
