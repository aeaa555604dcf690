-- A trial of a study run again, and held against what the study says of it.
--
-- All inputs are compared first (study.lua), so a difference in the outcome is one of the machine.

local ffi = require "ffi"
local ask_tell = require "backlua.optimization.ask_tell"
local canonical = require "backlua.optimization.canonical"
local errors = require "backlua.errors"
local results_module = require "backlua.optimization.results"
local study_module = require "backlua.optimization.study"
local C = require("backlua.ffi").C

local replay = {}

local out = ffi.new "bt_search_options *[1]"

-- ---- running -----------------------------------------------------------------------------------

-- A search that hands out the points of some canonical texts; nil, err.
local function listed(plan, texts)
    local status = C.bt_search_options_new("listed", #texts, plan.seed, out)
    if status ~= C.BT_OK then
        return nil, errors.native(status)
    end
    local search = ffi.gc(out[0], C.bt_search_options_free)
    local point = ffi.gc(C.bt_point_new(plan.space_pointer), C.bt_point_free)
    local unknown = ffi.new "bt_verdict"
    for _, text in ipairs(texts) do
        local ok, message = ask_tell.fill(point, plan.parameter_space, canonical(text))
        if not ok then
            return nil, errors.new("usage", message)
        end
        C.bt_search_options_known(search, point, unknown)
    end
    return search
end

-- Run the trials of canonical texts under a plan (plan.lua) in workers; they forget what they know.
-- options: { evaluator =, key =, pruner = (nil: none) } in place of the plan's; ahead (how many of
-- them a worker gets at once), meanwhile (function called once, when workers have them). The array
-- of trials (results.lua) in that order; nil, err.
function replay.run(plan, texts, run, options)
    local search, err = listed(plan, texts)
    if not search then
        return nil, err
    end
    local study
    study, err = study_module.open(nil, {})
    if not study then
        return nil, err
    end
    C.bt_study_keep(study, 0)
    local again = setmetatable({ search = search, max_trials = 0, key = options.key,
        evaluator = options.evaluator, pruner = options.pruner or false, ahead = options.ahead,
        meanwhile = options.meanwhile }, { __index = plan })
    local status = run(again, study)
    local trials = {}
    for i = 1, status == C.BT_OK and C.bt_study_count(study) or 0 do
        trials[i] = results_module.at(study, i - 1)
    end
    if status ~= C.BT_OK then
        return nil, errors.native(status)
    end
    return trials
end

-- ---- comparing ---------------------------------------------------------------------------------

local function same(a, b)
    return a == b or type(a) == "number" and type(b) == "number" and a ~= a and b ~= b
end

-- A message without folders: a script is the same one wherever it was called from.
local function placeless(message)
    return (message:gsub("[^%s'\"]*/", ""))
end

-- The first thing in which two trials differ: name, first value, second value; nil when none.
function replay.difference(a, b)
    for _, name in ipairs { "state", "hash", "score", "violation" } do
        if not same(a[name], b[name]) then
            return name, a[name], b[name]
        end
    end
    if placeless(a.message) ~= placeless(b.message) then
        return "message", a.message, b.message
    end
    for i, step in ipairs(a.steps or {}) do
        local again = b.steps and b.steps[i]
        if b.steps and not same(step, again) then
            return "score after block " .. i, step, again
        end
    end
    for i = 0, C.BT_METRICS - 1 do
        local name = ffi.string(C.bt_metric_name(i))
        if not same(a.metrics[name], b.metrics[name]) then
            return name, a.metrics[name], b.metrics[name]
        end
    end
end

-- Trial `number` of a bt_study as a table, and its canonical parameters; nil, err.
function replay.stored(study, number)
    local position = C.bt_study_find(study, number)
    if position < 0 then
        local count = C.bt_study_count(study)
        return nil, errors.new("usage", ("study '%s' has no trial %d; it has %d%s"):format(
            ffi.string(C.bt_study_name(study)), number, count,
            count > 0 and ", numbered from 1" or ""))
    end
    local t = ffi.new "bt_trial"
    C.bt_study_trial(study, position, t)
    return results_module.trial(t), ffi.string(t.params)
end

-- The pruner that has a stored trial watched, and stopped where it was; nil for none.
function replay.pruner(plan, stored)
    if not plan.pruner or not stored.steps then
        return nil
    end
    return setmetatable({ kind = "after", least = #stored.steps }, { __index = plan.pruner })
end

-- Why a trial that came out differently did; an error of code "reproduce".
function replay.failure(number, name, was, is)
    local shown = require "backlua.text.number".shortest
    local function text(value)
        return type(value) == "number" and shown(value) or ("'%s'"):format(tostring(value))
    end
    return errors.new("reproduce", ("trial %d is not what the study says, though no input changed: "
        .. "%s was %s, is %s; check with `backlua doctor` and another machine"):format(number, name,
        text(was), text(is)))
end

return replay
