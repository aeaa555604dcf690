--- Optimisation: require "backlua.optimization".
--
-- The classes of the guide as functions that take one table of named options (or the one argument
-- itself where there is one). An unknown option, a value out of range or a wrong object raises at
-- the caller's line; what the world does comes back from :run as nil, err.
--
-- Objects show their settings as fields. What they hold of the engine (addresses) stands in weak
-- tables of the class's own file, so that a config script in the sandbox finds no pointer.

local optimization = {}

local CLASSES = {
    ParameterSpace = "parameter_space",
    DiscreteParameter = "discrete_parameter",
    ContinuousParameter = "continuous_parameter",
    CategoricalParameter = "categorical_parameter",
    FixedParameter = "fixed_parameter",
    DerivedParameter = "derived_parameter",
    GridSearchAlgorithm = "grid_search",
    RandomSearchAlgorithm = "random_search",
    SobolSearchAlgorithm = "sobol_search",
    LatinHypercubeAlgorithm = "latin_hypercube",
    BayesianOptimizer = "bayesian",
    GeneticAlgorithm = "genetic",
    CMAESOptimizer = "cmaes",
    AutoSearchAlgorithm = "auto_search",
    TPEOptimizer = "tpe",
    NSGA2Optimizer = "nsga2",
    MedianPruner = "median_pruner",
    PercentilePruner = "percentile_pruner",
    SuccessiveHalvingPruner = "halving_pruner",
    HyperbandPruner = "hyperband_pruner",
    WilcoxonPruner = "wilcoxon_pruner",
    ObjectiveFunction = "objective_function",
    ParallelOptimizer = "parallel_optimizer",
    WalkForwardOptimizer = "walk_forward",
    WindowConfig = "window_config",
    MonteCarloSimulator = "monte_carlo",
    NoiseInfusionSimulator = "noise_infusion",
    SensitivityAnalyzer = "sensitivity",
    PersistentWorkerPool = "persistent_worker_pool",
    OptimizationConfig = "optimization_config",
    DataCache = "data_cache",
    BundleConnectionPool = "bundle_connection_pool",
}

-- A class takes one argument: a second one would be lost without a word. The call behind the check
-- is a tail call, so that the level of its errors is the caller's.
local function of_one_argument(name, make)
    return function(given, ...)
        if select("#", ...) > 0 then
            error(("%s: it takes one argument, got %d; put them into a table by name"):format(name,
                1 + select("#", ...)), 2)
        end
        return make(given)
    end
end

for name, file in pairs(CLASSES) do
    local public = require("backlua.optimization." .. file).public
    optimization[name] = type(public) == "function" and of_one_argument(name, public) or public
end

return setmetatable(optimization, {
    __metatable = false,
    __index = function(_, name)
        local names = require "backlua.sorted_keys"(CLASSES)
        local nearest = require "backlua.text.nearest"
        error(("backlua.optimization has no %s%s"):format(
            require "backlua.text.quote"(tostring(name)), nearest.hint(tostring(name), names)), 2)
    end,
})
