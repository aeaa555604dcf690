-- The manifest of a run as entries { key, value }: all that decides what its trials are. study.lua
-- compares it, manifest.lua shows it.

local ffi = require "ffi"
local fingerprint = require "backlua.optimization.fingerprint"
local objectives_module = require "backlua.optimization.objectives"
local parameter = require "backlua.optimization.parameter"
local pruner_module = require "backlua.optimization.pruner"
local result_constraints = require "backlua.optimization.result_constraints"
local sha256 = require "backlua.sha256"
local C = require("backlua.ffi").C

local manifest_entries = {}

-- Options that a backtest takes (job.lua), beside strategy, bundle and dates.
manifest_entries.RUN_OPTIONS = { "capital", "commission", "slippage", "fill", "intrabar", "lot",
    "on_insufficient", "leverage", "long_only", "adjust", "delisting", "history_start",
    "close_at_end", "benchmark", "periods_per_year", "risk_free", "convention", "unsafe" }

local function files_text(program)
    local lines = {}
    for i, file in ipairs(program.files) do
        lines[i] = file.name .. " " .. file.sha256
    end
    table.sort(lines)
    return table.concat(lines, "\n")
end

-- A cost model without its function, which has an entry of its own.
local function written(value)
    if type(value) ~= "table" then
        return value
    end
    local copy = {}
    for key, part in pairs(value) do
        copy[key] = type(part) ~= "function" and part or nil
    end
    return copy
end

local function options_text(settings)
    local given = {}
    for _, name in ipairs(manifest_entries.RUN_OPTIONS) do
        given[name] = written(settings[name])
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

-- Functions that were given; what there is none of has no entry.
local function function_entries(plan, settings)
    local evaluator, entries = plan.evaluator, {}
    local function add(key, functions, n)
        local hash = fingerprint(functions, n)
        entries[#entries + 1] = hash and { key, hash } or nil
    end
    local limits, derived, costs = {}, {}, plan.job or { commission = {}, slippage = {} }
    for i, entry in ipairs(evaluator.constraints) do
        limits[i] = entry.f
    end
    for i, entry in ipairs(evaluator.derived) do
        derived[i] = parameter.computed(entry)
    end
    add("constraint_function", { settings.constraint }, 1)
    add("objective_function", evaluator.functions, #plan.objectives.list)
    add("constraints_functions", limits, #evaluator.constraints)
    add("derived_functions", derived, #derived)
    add("cost_functions", { costs.commission.fee, costs.slippage.price }, 2)
    return entries
end

-- By which the ledger knows a search again (SHA-256).
local function identity_of(manifest)
    local parts = {}
    for _, entry in ipairs(manifest) do
        if not ELSEWHERE[entry[1]] then
            parts[#parts + 1] = entry[1] .. "=" .. entry[2]
        end
    end
    return sha256(table.concat(parts, "\0"))
end

-- Entries of a plan and its settings; the last one is its identity.
function manifest_entries.of(plan, settings)
    local manifest = {}
    for _, part in ipairs { config_entries(settings), job_entries(plan, settings),
        search_entries(plan, settings), function_entries(plan, settings),
        plan.entries or {}, engine_entries() } do
        for _, entry in ipairs(part) do
            manifest[#manifest + 1] = entry
        end
    end
    manifest[#manifest + 1] = { "identity", identity_of(manifest) }
    return manifest
end

return manifest_entries
