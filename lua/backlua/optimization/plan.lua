-- From an optimiser's settings to all that a run needs: job, functions, search, manifest, key.

local algorithm = require "backlua.optimization.algorithm"
local config_module = require "backlua.optimization.optimization_config"
local errors = require "backlua.errors"
local manifest_entries = require "backlua.optimization.manifest_entries"
local memory = require "backlua.optimization.memory"
local objectives_module = require "backlua.optimization.objectives"
local parameter_space = require "backlua.optimization.parameter_space"
local pruner_module = require "backlua.optimization.pruner"
local result_constraints = require "backlua.optimization.result_constraints"
local sha256 = require "backlua.sha256"
local C = require("backlua.ffi").C

local plan_module = {}

local JOB_OPTIONS = { "strategy", "bundle", "start_date", "end_date", "seed",
    unpack(manifest_entries.RUN_OPTIONS) }

-- A strategy stands still when its bar counter does; a function has none.
local STALL_SECONDS = 60

-- Bytes of a number of a trial's kept returns.
local SERIES_WIDTH = { returns = 4, all = 8 }

local function usage(message)
    return errors.new("usage", message, { misuse = true })
end

-- ---- files -------------------------------------------------------------------------------------

local function is_code(text)
    return text:find "\n" or text:find "%f[%w]return%f[%W]" or text:find "%f[%w]function%f[%W]"
end

-- A strategy named in a config script is looked for beside it.
local function resolve(strategy, folder)
    if not folder or type(strategy) ~= "string" or strategy:find "\n"
        or strategy:sub(1, 1) == "/" then
        return strategy
    end
    local path = folder .. strategy
    if C.bt_path_kind(path) == C.BT_PATH_NONE and is_code(strategy) then
        return strategy
    end
    return path
end

-- Have the files read that a program's texts require by a literal name, so that they are known
-- (and hashed) before anything runs.
local function scan_files(program)
    local find = require("backlua.strategy").file
    local texts, i = { program.text }, 1
    while texts[i] do
        for name in texts[i]:gmatch "require%s*%(?%s*[\"']([%w_%-%.]+)[\"']" do
            local known = #program.files
            pcall(find, program, name)
            if #program.files > known then
                texts[#texts + 1] = program.files[#program.files].text
            end
        end
        i = i + 1
    end
end

-- ---- identity ----------------------------------------------------------------------------------

local serial = 0

-- What workers were forked under. Functions may see anything, so with one of them each run is its
-- own.
local function key_of(plan, settings)
    local parts = { config_module.text(), tostring(settings.unsafe), plan.job and
        plan.job.info.path or "" }
    for _, entry in ipairs(plan.manifest) do
        if entry[1] ~= "created" then
            parts[#parts + 1] = entry[1] .. "=" .. entry[2]
        end
    end
    if memory.has_functions(plan.evaluator) then
        serial = serial + 1
        parts[#parts + 1] = "run " .. serial
    end
    return sha256(table.concat(parts, "\0"))
end

-- Whether workers can do without system calls of their own: all that they run is in the sandbox,
-- and the bundle is open before they are (without pooling each trial opens it).
local function is_fenced(plan, settings)
    local own = not settings.script and memory.has_functions(plan.evaluator)
    return not settings.unsafe and not own
        and C.bt_config_get().enable_bundle_pooling ~= 0
end

-- ---- parts -------------------------------------------------------------------------------------

local function set_search(plan, settings)
    local object = settings.algorithm and require "backlua.optimization.auto_search".suited(
        settings.algorithm, #plan.objectives.list)
    if not object then
        object = require("backlua.optimization.grid_search").public(settings.param_space)
    end
    plan.seed = object.seed or settings.seed
    plan.max_trials = settings.max_trials or object.n_iter or 0
    if plan.max_trials == 0 and algorithm.is_endless(object) then
        return usage("run: this search has no end of its own; give it n_iter, or the optimiser "
            .. "max_trials")
    end
    local err
    plan.search, err = algorithm.search(object, 0, plan.seed, plan.objectives.lower)
    plan.parameter_space = object.parameter_space
    plan.space_pointer = parameter_space.pointer(plan.parameter_space)
    plan.evaluator.derived = parameter_space.derived(plan.parameter_space)
    return err and usage("run: " .. err.message)
end

local function prepare_job(plan, settings)
    local given = {}
    for _, name in ipairs(JOB_OPTIONS) do
        given[name] = settings[name]
    end
    given.strategy = resolve(settings.strategy, settings.script and settings.script.folder)
    local name = settings.benchmark
    if type(name) == "string" and require "backlua.benchmark_file".is_path(name) then
        given.benchmark = resolve(name, settings.script and settings.script.folder)
    end
    local err
    plan.job, err = require("backlua.run").prepare(given)
    if plan.job then
        scan_files(plan.job.program)
        C.bt_portal_warm(plan.job.bundle) -- what workers share must be there before they are
    end
    return err
end

local function metric_without_strategy(made)
    for i in ipairs(made.list) do
        if not made.functions[i] then
            return true
        end
    end
    return false
end

local function set_objective(plan, settings)
    local made, message = objectives_module.from(settings.objective)
    local constraints
    if made then
        constraints, message = result_constraints.read(settings.constraints or {})
    end
    if not constraints then
        return usage(message)
    end
    plan.objectives = made
    plan.higher_is_better = not made.lower[1]
    plan.objective_name = table.concat(made.names, " ")
    local metrics = {}
    for i, objective in ipairs(made.list) do
        metrics[i] = objective.metric
    end
    plan.evaluator = {
        constraint = settings.constraint, space = settings.script and settings.script.space,
        functions = made.functions, metrics = metrics, constraints = constraints,
        series_width = SERIES_WIDTH[settings.keep],
    }
    if settings.strategy == nil and metric_without_strategy(made) then
        return usage("run: strategy is required, or an objective that is a function of the "
            .. "parameters")
    elseif settings.strategy == nil and result_constraints.has_limits(constraints) then
        return usage("run: constraints on metrics need a strategy; without one they are functions "
            .. "of the parameters")
    elseif type(settings.strategy) == "table" then
        return usage "run: strategy must be a path or a source text here, got a table"
    end
end

-- A walk-forward goes on with the best of each window.
local function one_objective(plan)
    if #plan.objectives.list > 1 then
        return usage "run: a walk-forward needs one best of each window: give it one objective"
    end
end

-- Bars of the shortest train of a walk, or of the whole run.
local function fewest_bars(plan)
    local job, least = plan.job, math.huge
    for _, window in ipairs(plan.evaluator.windows or { { train = {
        start = job.config.start, stop = job.config["end"] } } }) do
        least = math.min(least, C.bt_span_bars(job.bundle, window.train.start, window.train.stop))
    end
    return least
end

local function set_pruner(plan, settings)
    local pruner = settings.pruner
    if not pruner then
        return
    elseif #plan.objectives.list > 1 then
        return usage "run: a pruner looks at one objective, not several"
    elseif plan.cpcv then
        return usage("run: a pruner needs blocks of time that follow each other; train of a "
            .. "cross-validation's split is several stretches, each with an account of its own: "
            .. "leave the pruner out")
    end
    local bars = plan.job and fewest_bars(plan)
    if bars and bars < pruner.n_blocks then
        return usage(("run: n_blocks %d is more than the %d bars of %s"):format(pruner.n_blocks,
            bars, plan.evaluator.windows and "the shortest train" or "the run"))
    end
    plan.pruner = pruner_module.settings(pruner)
end

-- Give back what a plan holds.
function plan_module.release(plan)
    if plan.job then
        require("backlua.run").release(plan.job)
        plan.job = nil
    end
end

-- The plan of settings (optimizer_options.lua); nil, err, err.misuse when the caller erred.
-- extend(plan, settings): may change the plan before its manifest is written; an error or nil.
function plan_module.new(settings, extend)
    local plan = { async = settings.async, workers = settings.n_jobs, batch = settings.batch }
    local err = set_objective(plan, settings) or config_module.apply(settings.config)
    if not err and settings.strategy ~= nil then
        err = prepare_job(plan, settings)
    end
    err = err or set_search(plan, settings) or extend and one_objective(plan)
        or extend and extend(plan, settings) or set_pruner(plan, settings)
    if err then
        plan_module.release(plan)
        return nil, err
    end
    plan.evaluator.job = plan.job
    plan.manifest = manifest_entries.of(plan, settings)
    memory.describe(plan, settings)
    plan.key = key_of(plan, settings)
    plan.fenced = is_fenced(plan, settings)
    plan.stall_seconds = plan.job and STALL_SECONDS or 0
    plan.trial_seconds = settings.trial_timeout or 0
    return plan
end

return plan_module
