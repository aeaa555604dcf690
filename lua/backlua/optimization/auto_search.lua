-- AutoSearchAlgorithm { parameter_space =, n_iter = 100, seed = }

local options = require "backlua.options"
local class = require "backlua.optimization.class"
local parameter_space = require "backlua.optimization.parameter_space"

local FEW, MANY, WIDE, SEVERAL = 250, 5000, 20, 1000

local MODULES = {
    grid = "grid_search", gp = "bayesian", tpe = "tpe", cmaes = "cmaes", genetic = "genetic",
    nsga2 = "nsga2",
}

local function check_space(value)
    if not parameter_space.is(value) then
        return "must be a ParameterSpace, got " .. class.shown(value)
    end
end

local SPEC = {
    parameter_space = { check = check_space }, param_space = { check = check_space },
    n_iter = { kind = "integer", min = 1, max = 2 ^ 31 - 2, default = 100 },
    seed = { kind = "integer", min = 0, max = 2 ^ 53 },
    objectives = { kind = "integer", min = 1, max = 4, default = 1 },
}

-- What a space is made of: { conditional, choices (without order), continuous, searched }.
local function traits(space)
    local found = { searched = 0 }
    for _, entry in ipairs(space.parameters) do
        found.conditional = found.conditional or entry.active_if ~= nil
        found.choices = found.choices or entry.type == "categorical" and not entry.ordered
        found.continuous = found.continuous or entry.type == "continuous" and not entry.step
        if entry.type ~= "fixed" and entry.type ~= "derived" then
            found.searched = found.searched + 1
        end
    end
    return found
end

-- The rule, on the space and the number of trials alone.
local function choose(space, n, objectives)
    local has = traits(space)
    if not has.continuous and space:cardinality() <= n then
        return "grid"
    elseif objectives > 1 then
        return n <= SEVERAL and "tpe" or "nsga2"
    elseif has.conditional then
        return "tpe"
    elseif n > MANY then
        return has.choices and "genetic" or "cmaes"
    elseif n <= FEW and has.searched <= WIDE then
        return "gp"
    end
    return has.choices and "tpe" or "cmaes"
end

local function settings_for(kind, values, space)
    local settings = {
        parameter_space = space, seed = values.seed, n_iter = values.n_iter,
        objectives = values.objectives,
    }
    if kind == "grid" then
        return { parameter_space = space, objectives = values.objectives }
    elseif kind == "gp" then
        settings.convergence_patience = 0
    elseif kind == "genetic" then
        local size = math.max(20, math.floor(math.sqrt(values.n_iter)))
        settings.n_iter, settings.population_size = nil, size
        settings.max_generations = math.floor((values.n_iter - size) / (size * 0.9)) + 1
    end
    return settings
end

-- What was asked for, by the algorithm that was chosen.
local asked = setmetatable({}, { __mode = "k" })

local function make(values)
    local space = values.parameter_space or values.param_space
    local kind = choose(space, values.n_iter, values.objectives)
    local constructor = require("backlua.optimization." .. MODULES[kind]).public
    local made = constructor(settings_for(kind, values, space))
    asked[made] = values
    return made
end

-- The algorithm itself, or, of one that was chosen here for another number of objectives, what
-- suits this number.
local function suited(object, objectives)
    local values = asked[object]
    if not values or values.objectives == objectives then
        return object
    end
    return make { parameter_space = object.parameter_space, n_iter = values.n_iter,
        seed = values.seed, objectives = objectives }
end

--- The algorithm that suits a space and a number of trials: the whole grid where it has no more
-- cells than that; TPE where parameters depend on others; up to 250 trials the Gaussian process (up
-- to 20 parameters); beyond, CMA-ES for numbers and TPE for choices without order, or a genetic
-- algorithm beyond 5,000. Never the clock: the same call chooses the same on any machine.
-- With several objectives TPE up to 1,000 trials, NSGA-II beyond.
-- @param given parameter_space, n_iter (100), seed (the optimiser's), objectives (1; an optimiser
--   counts its own)
-- @return an algorithm of the class chosen; its kind is in a study's manifest, under "search"
local function AutoSearchAlgorithm(given)
    local values = options.check("AutoSearchAlgorithm", SPEC,
        class.named(given, "parameter_space"), 2)
    if not (values.parameter_space or values.param_space) then
        error("AutoSearchAlgorithm: parameter_space is required", 2)
    end
    return (make(values))
end

return { public = AutoSearchAlgorithm, suited = suited }
