-- Earlier studies whose trials were made from the same inputs: none is computed twice.
--
-- What a trial is made from (strategy and the files it requires, bundle, dates, options, seed,
-- objective, build of the program) has a hash; a folder of that name in the cache folder holds an
-- empty file for each study of such trials. The studies are the memory; the folder only says where
-- to look, and may be lost at any time; names of studies that were removed stay in it.

local ffi = require "ffi"
local parameter = require "backlua.optimization.parameter"
local study_module = require "backlua.optimization.study"
local C = require("backlua.ffi").C

local memory = {}

local MOST, TRIALS_MOST = 64, 1e5 -- studies looked into, and trials after which no other is

-- Entries of a manifest that decide what a trial of given parameters comes to.
local INPUTS = { "strategy_sha256", "files", "bundle_sha256", "start_date", "end_date", "options",
    "periods_per_year", "risk_free", "benchmark_sha256", "seed", "objective", "constraints",
    "windows", "points", "noise", "engine", "luajit" }

local folder_buffer = ffi.new "char[4096]"

-- Whether an evaluator (evaluate.lua) calls functions of the user, which may look at anything.
function memory.has_functions(evaluator)
    for _, entry in ipairs(evaluator.constraints) do
        if entry.f then
            return true
        end
    end
    return evaluator.constraint ~= nil or next(evaluator.functions) ~= nil
        or #evaluator.derived > 0
end

-- Entries of a manifest that tell functions.
local FUNCTIONS = { "constraint_function", "objective_function", "constraints_functions",
    "derived_functions" }

-- The functions of an evaluator, and the names of what those among them compute that are derived
-- parameters.
local function all_functions(evaluator)
    local list, names = { evaluator.constraint }, {}
    for _, f in pairs(evaluator.functions) do
        list[#list + 1] = f
    end
    for _, entry in ipairs(evaluator.constraints) do
        list[#list + 1] = entry.f
    end
    for i, entry in ipairs(evaluator.derived) do
        list[#list + 1], names[i] = parameter.computed(entry), entry.name
    end
    return list, names
end

-- Functions as a text. In a script of the user's own there is none: they may look at anything. In a
-- config script it is what they are by themselves, or else all of the script.
local function functions_of(plan, settings, values)
    if not memory.has_functions(plan.evaluator) then
        return "none"
    elseif not settings.script then
        return nil
    end
    local list, parts = all_functions(plan.evaluator)
    if not require "backlua.optimization.told"(list, settings.script.space.env) then
        return values.config_sha256
    end
    for _, name in ipairs(FUNCTIONS) do
        parts[#parts + 1] = name .. "=" .. (values[name] or "")
    end
    return table.concat(parts, "\0")
end

local function has_own_costs(job)
    local function is_own(cost)
        return cost and cost.kind == "custom"
    end
    return is_own(job.commission) or is_own(job.slippage)
end

-- The hash of what the trials of a plan are made from; nil when that cannot be told.
local function key_of(plan, settings)
    local values = {}
    for _, entry in ipairs(plan.manifest) do
        values[entry[1]] = entry[2]
    end
    local functions = functions_of(plan, settings, values)
    if not plan.job or settings.unsafe or settings.pruner or not functions
        or has_own_costs(plan.job) then
        return nil
    end
    local parts = { "functions=" .. functions, "build=" .. ffi.string(C.bt_build_id()) }
    for _, name in ipairs(INPUTS) do
        parts[#parts + 1] = name .. "=" .. (values[name] or "")
    end
    return require "backlua.sha256"(table.concat(parts, "\0"))
end

-- The folder of a key, which may not be there; nil without a place for it.
local function folder_of(key)
    local status = C.bt_place(C.BT_PLACE_CACHE, "trials/" .. key, folder_buffer)
    return status == C.BT_OK and ffi.string(folder_buffer) or nil
end

local function is_off()
    return C.bt_config_get().enable_caching == 0
end

-- Note in a study's manifest what its trials are made from.
function memory.describe(plan, settings)
    plan.trials_key = key_of(plan, settings)
    if plan.trials_key then
        plan.manifest[#plan.manifest + 1] = { "trials_key", plan.trials_key }
    end
end

local function names_in(folder)
    local list, names = ffi.new "const char *const *[1]", {}
    for i = 0, C.bt_folder_list(folder, list) - 1 do
        names[i + 1] = ffi.string(list[0][i])
    end
    return names
end

-- Studies (bt_study *) of trials like those of a plan, but for the study of that name. The last by
-- name come first: where names end in dates those are the newest, which hold what the others had.
function memory.open(plan, name)
    local found, trials = {}, 0
    local folder = plan.trials_key and not is_off() and folder_of(plan.trials_key)
    local names = folder and names_in(folder) or {}
    for i = #names, 1, -1 do
        local wanted = names[i] ~= name and #found < MOST and trials < TRIALS_MOST
        local study = wanted and study_module.exists(names[i]) and study_module.read(names[i])
        if study and study_module.meta(study, "trials_key") == plan.trials_key then
            found[#found + 1] = study
            trials = trials + C.bt_study_count(study)
        elseif study then
            study_module.close(study)
        end
    end
    return found
end

-- Let go of studies (an array).
function memory.close(studies)
    for _, study in ipairs(studies) do
        study_module.close(study)
    end
end

-- Remember that the study of a name holds such trials.
function memory.add(plan, name)
    local folder = name and plan.trials_key and not is_off() and folder_of(plan.trials_key)
    if folder and C.bt_folder_make(folder) == C.BT_OK then
        C.bt_file_write(folder .. "/" .. name, "", 0, C.BT_WRITE_CACHED)
    end
end

return memory
