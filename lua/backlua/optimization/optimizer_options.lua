-- Options of optimisers: their own, those of the backtests they run, the guide's names for them.

local algorithm = require "backlua.optimization.algorithm"
local class = require "backlua.optimization.class"
local config_module = require "backlua.optimization.optimization_config"
local objectives_module = require "backlua.optimization.objectives"
local options = require "backlua.options"
local parameter_space = require "backlua.optimization.parameter_space"
local pool_module = require "backlua.optimization.persistent_worker_pool"
local pruner_module = require "backlua.optimization.pruner"

local optimizer_options = {}

local function instance(is, noun)
    return {
        check = function(value)
            if not is(value) then
                return ("must be %s, got %s"):format(noun, class.shown(value))
            end
        end,
    }
end

local function check_objective(value)
    local made, message = objectives_module.from(value)
    return not made and message:gsub("^%w+: ", "") or nil
end

local function check_constraints(value)
    if type(value) ~= "table" then
        return "must be a table, got " .. class.shown(value)
    end
    local list, message = require("backlua.optimization.result_constraints").read(value)
    return not list and message or nil
end

local function check_text(value)
    if type(value) ~= "string" then
        return "must be a text, got " .. class.shown(value)
    end
end

local function check_backend(value)
    if value ~= "multiprocessing" then
        return "must be \"multiprocessing\", which it always is: workers are forked processes of "
            .. "this machine; got " .. class.shown(value)
    end
end

local function check_audit(value)
    local is_count = type(value) == "number" and value >= 1 and value % 1 == 0
    if not is_count and value ~= "auto" and value ~= "none" and value ~= "all" then
        return "must be 'auto', 'none', 'all' or a number of trials, got " .. class.shown(value)
    end
end

-- Of a run; they may also stand in the constructor. The backtest checks those without an entry.
local RUN = {
    strategy = {}, bundle = {}, start_date = {}, end_date = {},
    capital = {}, commission = {}, slippage = {}, fill = {}, intrabar = {}, lot = {},
    on_insufficient = {}, leverage = {}, long_only = {}, adjust = {}, delisting = {},
    close_at_end = {}, benchmark = {}, history_start = {},
    periods_per_year = {}, risk_free = {}, convention = {}, unsafe = {},
}

local OWN = {
    algorithm = instance(algorithm.is, "a search algorithm"),
    param_space = instance(parameter_space.is, "a ParameterSpace"),
    parameter_space = instance(parameter_space.is, "a ParameterSpace"),
    n_jobs = { check = pool_module.check_jobs },
    worker_pool = instance(pool_module.is, "a PersistentWorkerPool"),
    config = instance(config_module.is, "an OptimizationConfig"),
    objective = { check = check_objective },
    constraint = { kind = "function" },
    constraints = { check = check_constraints },
    async = { kind = "boolean", default = false },
    pruner = instance(pruner_module.is, "a pruner, for instance MedianPruner {}"),
    seed = { kind = "integer", min = 0, max = 2 ^ 53, default = 1 },
    max_trials = { kind = "integer", min = 1, max = 2 ^ 31 - 2 },
    batch = { kind = "integer", min = 1, max = 4096 },
    study = { check = check_text },
    keep = { kind = "string", choices = { "summary", "returns", "all" }, default = "returns" },
    select = { kind = "string", choices = { "peak", "plateau" }, default = "peak" },
    trial_timeout = { kind = "number", above = 0, max = 1e7 },
    audit = { check = check_audit, default = "auto" },
    verbose = { kind = "boolean", default = false },
    backend = { check = check_backend },
}

-- Names of the guide's engine for options of ours.
local ALIASES = { param_space = "parameter_space", trial_timeout = "max_eval_time",
    batch = "batch_size", objective = "objective_function" }
for name, alias in pairs(ALIASES) do
    OWN[alias] = OWN[name]
end

local REFUSED = {
    maxtasksperchild = "each trial begins with a state of its own, so workers need no replacing; "
        .. "those that die are",
    checkpoint_dir = "give a study, a name: every trial is saved as it ends",
    checkpoint_frequency = "give a study, a name: every trial is saved as it ends",
    search_algorithm = "it is algorithm",
    backtest_function = "give a strategy, or as objective a function of the parameters",
    search_algorithm_factory = "give an algorithm: each window gets a search of its own from it",
}
for name, text in pairs(REFUSED) do
    OWN[name] = { refused = text }
end

local BATCH = 16

-- Tables of keys joined into a new one; later ones win.
function optimizer_options.join(...)
    local all = {}
    for _, part in ipairs { ... } do
        for key, value in pairs(part) do
            all[key] = value
        end
    end
    return all
end

optimizer_options.constructor = optimizer_options.join(RUN, OWN)
optimizer_options.call = optimizer_options.join(RUN, {
    progress = { kind = "function" }, study = OWN.study,
})

-- Of those that lay out their trials themselves, told to :run.
optimizer_options.laid_out = optimizer_options.join(optimizer_options.constructor)
for _, name in ipairs { "algorithm", "param_space", "parameter_space", "constraint", "max_trials",
    "pruner", "select", "keep" } do
    optimizer_options.laid_out[name] = { refused = "which trials there are is settled" }
end

-- Options of such a run, checked and settled; a parameter of this name numbers the trials, of which
-- its space has two at least. Raises at the caller of the function that calls this.
function optimizer_options.lay_out(given, name, first, last)
    local values = options.check("run", optimizer_options.laid_out, given, 3)
    local opt = require "backlua.optimization"
    values.param_space = opt.ParameterSpace { opt.DiscreteParameter { name = name,
        min_value = first, max_value = math.max(last, first + 1) } }
    values.max_trials = last - first + 1
    values.select, values.keep = "peak", "summary"
    local message = optimizer_options.settle(values, "run")
    if message then
        error(message, 3)
    end
    return values
end

-- What a constructor was given, as options: a positional first argument is the algorithm or the
-- space.
function optimizer_options.of(given)
    local first = given
    if type(given) == "table" and getmetatable(given) ~= false then
        first = given[1]
    end
    local key = algorithm.is(first) and "algorithm" or "param_space"
    return class.named(given, key)
end

local function settle_aliases(values, what)
    for name, alias in pairs(ALIASES) do
        if values[name] ~= nil and values[alias] ~= nil then
            return ("%s: %s and %s are one option; give one of them"):format(what, name, alias)
        end
        values[name] = values[name] == nil and values[alias] or values[name]
        values[alias] = nil
    end
end

-- Options of a constructor as the rest knows them; a message when they do not go together.
function optimizer_options.settle(values, what)
    local message = settle_aliases(values, what)
    values.batch = values.batch or BATCH
    if message then
        return message
    elseif not values.algorithm and not values.param_space then
        return what .. ": give an algorithm or a param_space"
    elseif values.algorithm and values.param_space then
        return what .. ": give an algorithm or a param_space, not both; the algorithm has its own "
            .. "space"
    elseif values.select == "plateau" and type(values.objective) == "table"
        and #values.objective > 1 then
        return what .. ": select = \"plateau\" needs one objective; several have a front"
    end
    local name = values.max_trials and "max_trials" or "max_trials_per_window"
    message = algorithm.contradicts(values.algorithm, name, values[name])
    return message and ("%s: %s"):format(what, message)
end

return optimizer_options
