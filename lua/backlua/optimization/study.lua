-- A run's study: made or gone on with, its manifest written or compared.
--
-- A manifest holds all that decides what the trials are: strategy, data, dates, options, space,
-- search, seed, batch, objective, engine. A study goes on only when none of it changed.

local ffi = require "ffi"
local errors = require "backlua.errors"
local C = require("backlua.ffi").C

local study = {}

-- In words, for what changed.
local NAMES = {
    config_sha256 = "the config script", strategy_sha256 = "the strategy",
    files = "a file that the strategy requires", bundle_sha256 = "the bundle",
    start_date = "the start date",
    end_date = "the end date", options = "an option of the run", space = "the parameter space",
    search = "the search", seed = "the seed", batch = "the batch size",
    max_trials = "the number of trials", objective = "the objective",
    higher_is_better = "the objective's direction", constraint = "the constraint",
    constraint_function = "the constraint's function",
    objective_function = "the objective's function",
    constraints = "a constraint on results",
    constraints_functions = "the function of a constraint on results",
    derived_functions = "the function of a derived parameter",
    cost_functions = "the function of a cost model", pruner = "the pruner",
    async = "whether it is asynchronous",
    keep = "what is kept of a trial", periods_per_year = "the periods of a year",
    risk_free = "the risk-free rate", windows = "the windows", cpcv = "the splits",
    engine = "the engine", luajit = "LuaJIT",
}

-- What may change in a study that goes on anyway: what a trial is made from, not which are asked.
local FORGIVABLE = {
    config_sha256 = true, strategy_sha256 = true, files = true, bundle_sha256 = true, engine = true,
    luajit = true, cost_functions = true, derived_functions = true,
}

-- Written, but free to differ when a study goes on: names of what a hash decides about.
local FREE = { created = true, trials_key = true, config = true, strategy = true, bundle = true,
    identity = true, given_bundle = true, given_start_date = true, given_end_date = true }

local out = ffi.new "bt_study *[1]"

local function collected(pointer)
    return ffi.gc(pointer, C.bt_study_close)
end

-- Value of a manifest key of a bt_study, or nil.
function study.meta(pointer, key)
    local value = C.bt_study_meta(pointer, key)
    return value ~= nil and ffi.string(value) or nil
end

local function shorten(text)
    if #text == 64 and not text:find "%X" then -- a hash
        return text:sub(1, 12)
    end
    return #text > 60 and text:sub(1, 57) .. "..." or text
end

-- The first key in which a manifest (array of { key, value }) differs from the study's, the study's
-- value and the manifest's; nil when none does.
local function first_change(pointer, manifest)
    for _, entry in ipairs(manifest) do
        local key, value = entry[1], entry[2]
        local stored = study.meta(pointer, key)
        if stored ~= value and not FREE[key] then
            return key, stored, value
        end
    end
end

-- An error when a manifest differs from the study's; else nil. cannot: what then is impossible,
-- and remedy: what to do beside restoring the input.
function study.compare(pointer, manifest, cannot, remedy)
    local key, was, is = first_change(pointer, manifest)
    return key and errors.new("usage", ("study '%s' cannot %s: %s changed (%s: was %s, is %s); "
        .. "restore it, or %s"):format(ffi.string(C.bt_study_name(pointer)), cannot,
        NAMES[key] or key, key, shorten(was or "absent"), shorten(is), remedy)) or nil
end

-- Whether the study's search is a config script, which the command line can let go on.
local function is_config(pointer)
    return study.meta(pointer, "config") ~= nil
end

-- Whether trials of a manifest would be taken over from a study (memory.lua).
local function serves(pointer, manifest)
    for _, entry in ipairs(manifest) do
        if entry[1] == "trials_key" then
            return study.meta(pointer, "trials_key") == entry[2]
        end
    end
    return false
end

local function compare_to_go_on(pointer, manifest)
    local remedy = "start a study of another name" .. (serves(pointer, manifest)
        and ", which takes over the trials that are in both" or "")
    local changed = first_change(pointer, manifest)
    if changed and FORGIVABLE[changed] and is_config(pointer) then
        remedy = remedy .. ", or let it go on with --continue-anyway, which its hash tells"
    end
    return study.compare(pointer, manifest, "go on", remedy)
end

local function write(pointer, manifest)
    for _, entry in ipairs(manifest) do
        if C.bt_study_set_meta(pointer, entry[1], entry[2]) ~= C.BT_OK then
            return errors.native()
        end
    end
end

-- Trials from here on are of another epoch of the study's hash: nil, or an error.
local function begin_epoch(pointer, changes)
    local last = ffi.new "bt_trial"
    local count = C.bt_study_count(pointer)
    if count > 0 then
        C.bt_study_trial(pointer, count - 1, last)
    end
    local before = study.meta(pointer, "epochs")
    changes[#changes + 1] = { "epochs", (before and before .. "," or "") .. last.number + 1 }
    return write(pointer, changes)
end

-- As compare_to_go_on, but a change of what trials are made from begins an epoch.
local function compare_or_begin(pointer, manifest)
    local forgiven, rest = {}, {}
    for _, entry in ipairs(manifest) do
        local changed = study.meta(pointer, entry[1]) ~= entry[2]
        local list = changed and FORGIVABLE[entry[1]] and forgiven or rest
        list[#list + 1] = entry
    end
    local err = compare_to_go_on(pointer, rest)
    return err or #forgiven > 0 and begin_epoch(pointer, forgiven) or nil
end

-- Names of all studies, sorted.
function study.names()
    local list, names = ffi.new "const char *const *[1]", {}
    for i = 0, C.bt_study_list(list) - 1 do
        names[i + 1] = ffi.string(list[0][i])
    end
    return names
end

-- Whether there is a study of a name.
function study.exists(name)
    return C.bt_study_exists(name) == 1
end

-- Where a study's files stand now, for those who go on with it by its name.
local function note_place(pointer, manifest)
    local moved = false
    for _, entry in ipairs(manifest) do
        local key, value = entry[1], entry[2]
        if (key == "config" or key == "strategy") and study.meta(pointer, key) ~= value then
            C.bt_study_set_meta(pointer, key, value)
            moved = true
        end
    end
    return moved and C.bt_study_flush(pointer) ~= C.BT_OK and errors.native() or nil
end

-- The study of a run (bt_study *, collected): in memory without a name, gone on with when there is
-- one of that name, else new. anyway: also from a changed strategy, bundle or program. nil, err.
function study.open(name, manifest, anyway)
    local goes_on = name and study.exists(name)
    local status = goes_on and C.bt_study_resume(name, out) or C.bt_study_create(name, out)
    if status ~= C.BT_OK then
        return nil, errors.native(status)
    end
    local pointer = collected(out[0])
    local adopt = not goes_on and write or anyway and compare_or_begin or compare_to_go_on
    local err = adopt(pointer, manifest) or goes_on and note_place(pointer, manifest)
    if err then
        study.close(pointer)
        return nil, err
    end
    return pointer
end

-- A study for reading; nil, err.
function study.read(name)
    local status = C.bt_study_open(name, out)
    if status ~= C.BT_OK then
        return nil, errors.native(status)
    end
    return collected(out[0])
end

-- A study for a list: manifest, numbers, states and scores; nil, err.
function study.glance(name)
    local status = C.bt_study_glance(name, out)
    if status ~= C.BT_OK then
        return nil, errors.native(status)
    end
    return collected(out[0])
end

-- Let go of a study now, not when it is collected.
function study.close(pointer)
    C.bt_study_close(ffi.gc(pointer, nil))
end

return study
