-- From an optimiser's settings to all that a run needs: job, functions, search, manifest, key.

local ffi = require "ffi"
local algorithm = require "backlua.optimization.algorithm"
local config_module = require "backlua.optimization.optimization_config"
local errors = require "backlua.errors"
local memory = require "backlua.optimization.memory"
local objectives_module = require "backlua.optimization.objectives"
local parameter_space = require "backlua.optimization.parameter_space"
local pruner_module = require "backlua.optimization.pruner"
local result_constraints = require "backlua.optimization.result_constraints"
local C = require("backlua.ffi").C

local plan_module = {}

-- Options that a backtest takes (job.lua), beside strategy, bundle and dates.
local RUN_OPTIONS = { "capital", "commission", "slippage", "fill", "intrabar", "lot",
    "on_insufficient", "leverage", "long_only", "adjust", "delisting", "history_start",
    "close_at_end", "benchmark", "periods_per_year", "risk_free", "convention", "unsafe" }

local JOB_OPTIONS = { "strategy", "bundle", "start_date", "end_date", "seed", unpack(RUN_OPTIONS) }

-- A strategy stands still when its bar counter does; a function has none.
local STALL_SECONDS = 60

-- Bytes of a number of a trial's kept returns.
local SERIES_WIDTH = { returns = 4, all = 8 }

local hash_buffer = ffi.new "char[65]"

local function sha256(text)
    C.bt_sha256(text, #text, hash_buffer)
    return ffi.string(hash_buffer)
end

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

local function files_text(program)
    local lines = {}
    for i, file in ipairs(program.files) do
        lines[i] = file.name .. " " .. file.sha256
    end
    table.sort(lines)
    return table.concat(lines, "\n")
end

-- ---- manifest ----------------------------------------------------------------------------------

local function options_text(settings)
    local given = {}
    for _, name in ipairs(RUN_OPTIONS) do
        given[name] = settings[name]
    end
    return require "backlua.text.json".encode(given)
end

local function job_entries(plan, settings)
    local job = plan.job
    if not job then
        return { { "strategy", "" } }
    end
    local program = job.program
    return {
        { "strategy", program.name },
        { "strategy_sha256", program.sha256 },
        { "files", files_text(program) },
        { "bundle", job.info.name },
        { "bundle_sha256", job.info.sha256 },
        { "start_date", settings.start_date or "" },
        { "end_date", settings.end_date or "" },
        { "options", options_text(settings) },
        { "periods_per_year", ("%.17g"):format(settings.periods_per_year
            or job.info.periods_per_year) },
        { "risk_free", ("%.17g"):format(settings.risk_free or 0) },
        job.benchmark and job.benchmark.sha256 and { "benchmark_sha256", job.benchmark.sha256 },
    }
end

local function config_entries(settings)
    local script = settings.script
    if not script then
        return {}
    end
    return { { "config", script.path }, { "config_sha256", script.sha256 },
        unpack(require "backlua.optimization.overrides".entries(settings.over or {})) }
end

local function engine_entries()
    return {
        { "engine", ffi.string(C.bt_version()) },
        { "luajit", jit.version },
        { "created", require "backlua.text.date".time(os.time()) },
    }
end

local function space_text(plan)
    local text = ffi.string(C.bt_space_text(plan.space_pointer))
    for _, entry in ipairs(plan.evaluator.derived) do
        text = text .. ";" .. entry.name .. ":derived"
    end
    return text
end

local function search_entries(plan, settings)
    return {
        { "space", space_text(plan) },
        { "search", ffi.string(C.bt_search_options_text(plan.search)) },
        { "seed", ("%.0f"):format(plan.seed) },
        { "batch", tostring(settings.batch) },
        { "max_trials", ("%.0f"):format(plan.max_trials) },
        { "objective", plan.objective_name },
        { "higher_is_better", objectives_module.directions(plan.objectives) },
        { "constraint", settings.constraint and "function" or "none" },
        { "constraints", result_constraints.text(plan.evaluator.constraints) },
        { "pruner", pruner_module.text(settings.pruner) },
        { "async", plan.async and "1" or "0" },
        { "keep", settings.keep },
    }
end

-- Not of the search itself: a study that goes on, elsewhere or longer, is the same one.
local ELSEWHERE = { config = true, config_sha256 = true, strategy = true, bundle = true,
    given_bundle = true, given_start_date = true, given_end_date = true,
    max_trials = true, keep = true, engine = true, luajit = true, created = true }

local function text_of_function(f)
    local ok, code = pcall(string.dump, f or 0, true)
    return ok and sha256(code) or ""
end

-- By which the ledger knows a search again (SHA-256).
local function identity_of(plan, settings, manifest)
    local parts = { text_of_function(settings.constraint),
        text_of_function(plan.evaluator.objective) }
    for _, entry in ipairs(manifest) do
        if not ELSEWHERE[entry[1]] then
            parts[#parts + 1] = entry[1] .. "=" .. entry[2]
        end
    end
    return sha256(table.concat(parts, "\0"))
end

local function manifest_of(plan, settings)
    local manifest = {}
    for _, part in ipairs { config_entries(settings), job_entries(plan, settings),
        search_entries(plan, settings), plan.entries or {}, engine_entries() } do
        for _, entry in ipairs(part) do
            manifest[#manifest + 1] = entry
        end
    end
    manifest[#manifest + 1] = { "identity", identity_of(plan, settings, manifest) }
    return manifest
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
    local object = settings.algorithm
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
    plan.manifest = manifest_of(plan, settings)
    memory.describe(plan, settings)
    plan.key = key_of(plan, settings)
    plan.fenced = is_fenced(plan, settings)
    plan.stall_seconds = plan.job and STALL_SECONDS or 0
    plan.trial_seconds = settings.trial_timeout or 0
    return plan
end

return plan_module
