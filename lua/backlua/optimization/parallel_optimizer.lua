-- ParallelOptimizer { algorithm | param_space =, n_jobs =, worker_pool =, ... }:run { ... }

local ffi = require "ffi"
local algorithm = require "backlua.optimization.algorithm"
local class = require "backlua.optimization.class"
local config_module = require "backlua.optimization.optimization_config"
local errors = require "backlua.errors"
local objectives_module = require "backlua.optimization.objectives"
local options = require "backlua.options"
local parameter_space = require "backlua.optimization.parameter_space"
local pool_module = require "backlua.optimization.persistent_worker_pool"
local pruner_module = require "backlua.optimization.pruner"
local C = require("backlua.ffi").C

local methods = {}
local optimizer_class = class.new("ParallelOptimizer", methods)

-- ---- options -----------------------------------------------------------------------------------

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
    periods_per_year = {}, risk_free = {}, unsafe = {},
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

local function join(...)
    local all = {}
    for _, part in ipairs { ... } do
        for key, value in pairs(part) do
            all[key] = value
        end
    end
    return all
end

local CONSTRUCTOR = join(RUN, OWN)
local CALL = join(RUN, { progress = { kind = "function" }, study = OWN.study })

-- A positional first argument is the algorithm or the space.
local function as_options(given)
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
local function settle(values, what)
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
end

--- A search for the best parameters of a strategy, on forked workers.
-- @param given algorithm, or param_space for a grid (either also as the first entry); n_jobs
--   (1..1024, -1 for all cores; default: physical cores less one) or worker_pool; config
--   (OptimizationConfig); objective (a metric's key, an ObjectiveFunction, or a function; default
--   "sharpe_ratio"; without a strategy a function of the parameters; a list of 2..4 of them for a
--   front instead of a best); constraint (function of the parameters; what it refuses costs no
--   trial); constraints (on results, { min_trades = 30, max_drawdown = -0.2, function(result) ...
--   end }: min_ or max_ and a metric's key, or functions whose number must be 0 or less; a trial
--   that violates one is never the best); pruner (MedianPruner {} and others: trials whose first
--   blocks of time fall behind are stopped; an objective that is a function of the result is then
--   asked after each block, too, with result.metrics so far and nothing else; one that is a
--   function of the parameters gets a second argument, trial, and calls trial:report(score) after
--   each step until it returns true); async (false; true: a search that learns is asked whenever a
--   worker is idle and told as results come, so that no worker waits for a batch; another run asks
--   other trials, the result hash promises nothing); seed (1); max_trials (trials that the
--   constraint did not refuse); batch (16); study (a name: trials are kept and a second run goes
--   on); select ("peak": the best trial is that of the highest score; "plateau": that of the
--   highest mean of itself and its neighbours one step away, though no higher than its own score;
--   those that were not run count as the median); keep ("returns": those of each trial's sessions
--   as float32, in 64 MB, a fair sample of the trials when they are too many, which is what
--   results.luck reckons with; "all": of every trial, as double; "summary": none); trial_timeout
--   (seconds; none); and audit ("auto": a few trials of a study of a second or more are run again
--   compiled and interpreted; "none", "all", or a number
--   of trials, in full); verbose (false; true: a line of progress on stderr while it runs, unless
--   :run gets a progress). The options of :run may stand here, too. An objective that is a function
--   of the parameters may return an array of returns per period as a second value. The guide's
--   names are understood: parameter_space, objective_function, max_eval_time (trial_timeout),
--   batch_size (batch), backend ("multiprocessing").
local function ParallelOptimizer(given)
    local values = options.check("ParallelOptimizer", CONSTRUCTOR, as_options(given), 2)
    local message = settle(values, "ParallelOptimizer")
    if message then
        error(message, 2)
    end
    return optimizer_class.new(values)
end

-- ---- workers -----------------------------------------------------------------------------------

-- The crew of optimisers without a pool: one per process, kept for the next run.
local shared

local function shared_crew(n)
    if not shared or shared.n ~= n then
        if shared then
            C.bt_crew_close(ffi.gc(shared.crew, nil))
        end
        shared = { n = n, crew = pool_module.open(n) }
    end
    return shared.crew
end

-- Crew and the number of its workers to use; nil, message.
local function crew_for(settings)
    local pool = settings.worker_pool
    if not pool then
        local n = pool_module.jobs(settings.n_jobs)
        return shared_crew(n), n
    end
    local crew = pool_module.crew(pool)
    if not crew then
        return nil, "run: the worker_pool is closed"
    end
    return crew, settings.n_jobs and pool_module.jobs(settings.n_jobs) or pool.n_jobs
end

-- ---- a run -------------------------------------------------------------------------------------

local function address(pointer)
    return tonumber(ffi.cast("intptr_t", pointer))
end

local function as_best_text(progress)
    if progress.best_params then
        progress.best = {
            params = require "backlua.optimization.canonical"(progress.best_params),
            score = progress.best_score, text = progress.best_params,
        }
    end
    progress.best_params, progress.best_score = nil, nil
    return progress
end

-- The line that verbose asks for, as a callback; ended by finish().
local function progress_line()
    local line = require "backlua.text.progress".new { unit = "trials" }
    return function(state)
        line:update { done = state.done, total = state.total, rate = state.rate, eta = state.eta }
    end, function()
        line:finish()
    end
end

local function spec_of(plan, settings, crew, workers, study)
    local callback = settings.progress
    return {
        space = address(plan.space_pointer), search = address(plan.search),
        study = address(study), crew = address(crew), workers = workers, key = plan.key,
        batch = plan.batch, max_trials = plan.max_trials,
        stall_seconds = plan.stall_seconds, job_seconds = plan.trial_seconds,
        lower_is_better = plan.objectives.lower, fenced = plan.fenced, pruner = plan.pruner,
        async = plan.async,
        evaluate = require "backlua.evaluate"(plan.evaluator),
        progress = callback and function(progress)
            function progress.trials(known)
                return require "backlua.optimization.results".behind(study, known or 0)
            end
            callback(as_best_text(progress))
        end,
    }
end

local function first_message(study)
    local results = require "backlua.optimization.results"
    for i = 0, C.bt_study_count(study) - 1 do
        local t = results.at(study, i)
        if t.message ~= "" then
            return ("; trial %d (%s): %s"):format(t.trial, t.state, t.message)
        end
    end
    return ""
end

-- Results, or nil and why there are none.
local function outcome(study, stats, plan)
    local results_module = require "backlua.optimization.results"
    local evaluator = plan.evaluator
    local results = results_module.new(study, {
        derive = #evaluator.derived > 0 and function(params)
            require "backlua.optimization.derive"(evaluator.derived, evaluator.space, params)
        end or nil,
        stats = stats,
        manifest = require "backlua.optimization.manifest"(plan.manifest, stats.cache),
    })
    if results.best or results.front[1] then
        return results
    elseif stats.interrupted then
        return nil, errors.new("interrupt", "interrupted before a trial was done",
            { results = results })
    elseif stats.trials == stats.infeasible then
        return nil, errors.new("usage", "the constraint refused every point of the space",
            { results = results })
    end
    return nil, errors.new("strategy", ("no trial of %d came to a score%s"):format(
        stats.trials - stats.infeasible, first_message(study)), { results = results })
end

local BUDGET = { summary = 0, returns = C.BT_KEEP_BYTES, all = math.huge }

-- In workers of its own: those of a pool stay as they are.
local function audit(plan, settings, workers, study, stats)
    local crew
    local function run_again(again, into)
        crew = crew or pool_module.open(workers)
        return require "backlua.optimization.engine_loop"(spec_of(again, {}, crew, workers, into))
    end
    local found, err = require "backlua.optimization.audit".run(plan, study, stats, run_again,
        settings.audit)
    if crew then
        C.bt_crew_close(ffi.gc(crew, nil))
    end
    return found, err
end

local function optimize(plan, settings, crew, workers)
    local study_module = require "backlua.optimization.study"
    local study, err = study_module.open(settings.study, plan.manifest,
        settings.continue_anyway)
    if not study then
        return nil, err
    end
    err = plan.async and require "backlua.optimization.async"(plan, study)
    if err then
        study_module.close(study)
        return nil, err
    end
    C.bt_study_keep(study, BUDGET[settings.keep])
    local memory = require "backlua.optimization.memory"
    local spec, earlier = spec_of(plan, settings, crew, workers, study),
        memory.open(plan, settings.study)
    spec.memory, spec.series_width = {}, plan.evaluator.series_width
    for i, other in ipairs(earlier) do
        spec.memory[i] = address(other)
    end
    memory.add(plan, settings.study)
    local status, stats = require "backlua.optimization.engine_loop"(spec)
    memory.close(earlier)
    require "backlua.optimization.luck".count(study)
    if status ~= C.BT_OK then
        err = errors.native(status)
        study_module.close(study)
        return nil, err
    end
    err = require "backlua.optimization.luck".choose(study, settings.select)
    if not err and not stats.interrupted then
        stats.audit, err = audit(plan, settings, workers, study, stats)
    end
    C.bt_study_unlock(study)
    if err then
        study_module.close(study)
        return nil, err
    end
    return outcome(study, stats, plan)
end

-- Everything after the options were checked: results; nil, err; or an error raised by a progress
-- callback. more: what a kind of optimiser adds: extend (plan.lua), and conclude(plan, results),
-- which gives results, or nil, err, while the plan still holds its bundle.
local function run(settings, more)
    more = more or {}
    local plan_module = require "backlua.optimization.plan"
    local crew, workers = crew_for(settings)
    if not crew then
        return nil, errors.new("usage", workers, { misuse = true })
    end
    local plan, err = plan_module.new(settings, more.extend)
    if not plan then
        return nil, err
    end
    local ok, results, finish
    if settings.verbose and not settings.progress then
        settings.progress, finish = progress_line()
    end
    ok, results, err = pcall(optimize, plan, settings, crew, workers)
    if finish then
        finish()
    end
    if ok and results and more.conclude then
        ok, results, err = pcall(more.conclude, plan, results)
    end
    plan_module.release(plan)
    if not ok then
        error(results, 0)
    end
    return results, err
end

-- A trial of a study run again: { stored =, again = }, trials that are equal to the bit; nil, err,
-- of code "usage" when an input changed, "reproduce" when only the outcome did.
local function repeat_trial(plan, settings, crew, number)
    local study_module, replay = require "backlua.optimization.study",
        require "backlua.optimization.replay"
    local study, err = study_module.read(settings.study)
    err = err or study_module.compare(study, plan.manifest, "be repeated",
        "take this run for another study")
    local stored, text
    if not err then
        stored, text = replay.stored(study, number)
    end
    if not stored then
        return nil, err or text
    end
    local trials
    trials, err = replay.run(plan, { text }, function(again, into)
        return require "backlua.optimization.engine_loop"(spec_of(again, settings, crew, 1, into))
    end, { pruner = replay.pruner(plan, stored) })
    if not trials then
        return nil, err
    end
    local name, was, is = replay.difference(stored, trials[1])
    if name then
        return nil, replay.failure(number, name, was, is)
    end
    return { stored = stored, again = trials[1] }
end

local function replay_settings(settings, number, more)
    local plan_module = require "backlua.optimization.plan"
    local crew = crew_for(settings)
    local plan, err = plan_module.new(settings, more and more.extend)
    if not plan then
        return nil, err
    end
    local found
    found, err = repeat_trial(plan, settings, crew, number)
    plan_module.release(plan)
    return found, err
end

-- Results of a study as it stands, none of its trials run; nil, err when an input changed.
local function read_study(plan, settings, more)
    local study_module = require "backlua.optimization.study"
    local study, err = study_module.read(settings.study)
    err = err or study_module.compare(study, plan.manifest, "be read",
        "restore it, or walk again under another name")
    if err then
        return nil, err
    end
    local trials = C.bt_study_count(study)
    local results
    results, err = outcome(study, { trials = trials, infeasible = 0 }, plan)
    if not results then
        return nil, err
    end
    return more.conclude(plan, results)
end

local function settings_of(self, values)
    return join(optimizer_class.fields(self), values)
end

--- Search. given, options: strategy (a path or a source text), bundle, start_date, end_date,
-- capital, commission, slippage, fill, intrabar, lot, on_insufficient, leverage, long_only, adjust,
-- delisting, close_at_end, benchmark, history_start, periods_per_year, risk_free, unsafe; study;
-- and progress, a function called now and then with
-- { done, total, rate, eta, elapsed, best = { params, score, text }, failed, infeasible,
-- duplicates, saved, workers, trials }, trials(n) being an array of the trials told so far without
-- the first n. They win over those of the constructor.
-- @return results (backlua.optimization.results), or nil and an error with code and message: a
--   bundle or strategy that cannot be read, a study in use, no trial that came to a score
function methods:run(given)
    if not optimizer_class.is(self) then
        error("run: call it with a colon, optimizer:run { ... }", 2)
    end
    local values = options.check("run", CALL, given, 2)
    local results, err = run(settings_of(self, values))
    if not results and err.misuse then
        error(err.message, 2)
    end
    return results, err
end

-- Settings of an optimiser that a config script gave, with changes: n_jobs, study, progress,
-- trial_timeout, unsafe, script (script.lua), over (overrides.lua). nil, err: misuse is an error of
-- usage here.
local function script_settings(fields, changes)
    local settings = join(fields, changes, changes.over)
    settings.unsafe = changes.unsafe
    if fields.unsafe and not changes.unsafe then
        return nil, errors.new("usage", changes.script.shown
            .. " sets unsafe: only the command line may, with --unsafe")
    end
    return settings
end

local function run_script(fields, changes, more)
    local settings, err = script_settings(fields, changes)
    if not settings then
        return nil, err
    end
    return run(settings, more)
end

local function replay_script(fields, changes, number, more)
    local settings, err = script_settings(fields, changes)
    if not settings then
        return nil, err
    end
    return replay_settings(settings, number, more)
end

local function read_script(fields, changes, more)
    local settings, err = script_settings(fields, changes)
    local plan
    if settings then
        plan, err = require "backlua.optimization.plan".new(settings, more.extend)
    end
    if not plan then
        return nil, err
    end
    local results
    results, err = read_study(plan, settings, more)
    require "backlua.optimization.plan".release(plan)
    return results, err
end

return {
    public = ParallelOptimizer, is = optimizer_class.is,
    run = function(self, changes)
        return run_script(optimizer_class.fields(self), changes)
    end,
    replay = function(self, changes, number)
        return replay_script(optimizer_class.fields(self), changes, number)
    end,
    fields = optimizer_class.fields,
    -- For other kinds of optimisers.
    constructor = CONSTRUCTOR,
    own = OWN, of_run = RUN, of_call = CALL, join = join, settle = settle,
    run_settings = run, run_script = run_script, replay_script = replay_script,
    read_script = read_script,
}
