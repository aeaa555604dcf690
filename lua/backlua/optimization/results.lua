-- What an optimisation came to, read from its study when it is asked for.
--
--     best          { trial =, params =, score =, metrics = } of the best trial that is done; nil
--                   with several objectives, which have a front
--     front         array of { trial =, params =, scores =, metrics = }: the trials that are done
--                   and that no other one dominates, by the first objective, the best first
--     trials        array in trial order: { trial =, params =, state =, score =, metrics =, hash =,
--                   seconds =, started = (unix seconds), worker = (a process), attempts =,
--                   signal =, duplicate_of =, message = }; scores (array,
--                   by objective) with several objectives, violation of constraints on results
--                   where there is one, steps (scores after 1, 2, ... blocks) under a pruner
--     stats         trials, computed, duplicates, infeasible, failed, resumed, seconds,
--                   worker_seconds, workers, policy, interrupted, cache (hits, misses, evictions
--                   and hit_rate by layers, tiers and assets; memory_usage_mb)
--     result_hash   of the study: the same for any number of workers
--     study         its name, nil for one in memory
--     manifest      what it takes to repeat it, by name
--     results:log(trial)   what that trial printed

local ffi = require "ffi"
local C = require("backlua.ffi").C

local results = {}

-- ---- trials ------------------------------------------------------------------------------------

local function metrics_of(t)
    local metrics = {}
    for i = 0, C.BT_METRICS - 1 do
        metrics[ffi.string(C.bt_metric_name(i))] = t.metrics[i]
    end
    return metrics
end

-- Scores by objective.
local function scores_of(t)
    local scores = { t.score }
    for i = 1, t.more_count do
        scores[i + 1] = t.more[i - 1]
    end
    return scores
end

local function steps_of(t)
    local steps = {}
    for i = 1, t.step_count do
        steps[i] = t.steps[i - 1]
    end
    return steps
end

-- A trial as a table.
function results.trial(t)
    return {
        scores = t.more_count > 0 and scores_of(t) or nil,
        violation = t.violation > 0 and t.violation or nil,
        steps = t.step_count > 0 and steps_of(t) or nil,
        trial = t.number, params = require "backlua.optimization.canonical"(ffi.string(t.params)),
        state = ffi.string(C.bt_trial_state_name(t.state)), score = t.score,
        metrics = metrics_of(t), hash = ffi.string(t.hash), seconds = t.seconds,
        started = t.started ~= 0 and tonumber(t.started) / 1e6 or nil,
        worker = t.worker ~= 0 and t.worker or nil,
        attempts = t.attempts, signal = t.signal ~= 0 and t.signal or nil,
        duplicate_of = t.duplicate_of ~= 0 and t.duplicate_of or nil,
        message = ffi.string(t.message),
    }
end

-- The trial at a position of a bt_study (0-based) as a table; raises past the end. derive, which
-- may be nil, puts the derived parameters in.
function results.at(study, position, derive)
    local t = ffi.new "bt_trial"
    if C.bt_study_trial(study, position, t) ~= C.BT_OK then
        error(ffi.string(C.bt_error_message()), 0)
    end
    local trial = results.trial(t)
    if derive then
        derive(trial.params)
    end
    return trial
end

-- The trials of a bt_study behind its first `known`, as an array.
function results.behind(study, known)
    local list = {}
    for i = known, C.bt_study_count(study) - 1 do
        list[#list + 1] = results.at(study, i)
    end
    return list
end

-- The best trial of a bt_study, or nil. derive as above.
function results.best(study, derive)
    local position = C.bt_study_best(study)
    if position < 0 then
        return nil
    end
    local t = results.at(study, position, derive)
    return { trial = t.trial, params = t.params, score = t.score, metrics = t.metrics }
end

-- Positions (0-based) of the front of a bt_study, the best by the first objective first.
function results.front_positions(study)
    local count = C.bt_study_count(study)
    local out = ffi.new("int32_t[?]", count + 1)
    local n = C.bt_study_front(study, out, count)
    local list, score, t = {}, {}, ffi.new "bt_trial"
    for i = 1, n do
        list[i] = out[i - 1]
        C.bt_study_trial(study, list[i], t)
        score[list[i]] = t.score
    end
    local words = C.bt_study_meta(study, "higher_is_better")
    local lower = words ~= nil and ffi.string(words):sub(1, 1) == "0"
    table.sort(list, function(a, b)
        if score[a] ~= score[b] then
            return (score[a] > score[b]) ~= lower
        end
        return a < b
    end)
    return list
end

-- The front of a bt_study as a list. derive as above.
function results.front(study, derive)
    local list = results.front_positions(study)
    for i, position in ipairs(list) do
        local t = results.at(study, position, derive)
        list[i] = {
            trial = t.trial, params = t.params, scores = t.scores or { t.score },
            metrics = t.metrics,
        }
    end
    return list
end

-- Hash of a bt_study as hex digits.
function results.hash(study)
    local hex = ffi.new "char[65]"
    C.bt_study_hash(study, hex)
    return ffi.string(hex)
end

-- ---- the object --------------------------------------------------------------------------------

local parts = {}

function parts.best(own)
    return results.best(own.study, own.fields.derive)
end

function parts.front(own)
    return results.front(own.study, own.fields.derive)
end

function parts.trials(own)
    local list = {}
    for i = 0, C.bt_study_count(own.study) - 1 do
        list[i + 1] = results.at(own.study, i, own.fields.derive)
    end
    return list
end

function parts.result_hash(own)
    return results.hash(own.study)
end

-- Is the best luck? backlua.optimization.luck says what there is.
function parts.luck(own)
    return require "backlua.optimization.luck".of_study(own.study)
end

function parts.study(own)
    local name = C.bt_study_name(own.study)
    return name ~= nil and ffi.string(name) or nil
end

local owned = setmetatable({}, { __mode = "k" })
local methods = {}

--- What a trial (its number) printed; "" when nothing.
function methods:log(trial)
    return ffi.string(C.bt_study_log(owned[self].study, trial))
end

--- Returns of a trial (its number) by session, as far as kept: a view, or nil. Under keep =
-- "returns" they are floats; under "all" what the backtest had.
-- @raise when the study's file is damaged
function methods:returns(trial)
    local study, vector = owned[self].study, require "backlua.vector"
    local n = C.bt_study_periods(study, trial)
    if n == 0 then
        return nil
    end
    local data = vector.allocate(n)
    if C.bt_study_series(study, trial, data) ~= C.BT_OK then
        error(ffi.string(C.bt_error_message()), 2)
    end
    return vector.view(data, n)
end

--- Equity of a trial at its sessions' ends from those returns, beginning with 1: a view, or nil.
function methods:equity(trial)
    local returns, vector = self:returns(trial), require "backlua.vector"
    if not returns then
        return nil
    end
    local data = vector.allocate(#returns + 1)
    data[0] = 1
    for i = 1, #returns do
        data[i] = data[i - 1] * (1 + returns[i])
    end
    return vector.view(data, #returns + 1)
end

local meta = {
    __metatable = false,
    __index = function(object, key)
        local own = owned[object]
        if methods[key] then
            return methods[key]
        elseif not parts[key] then
            return key ~= "derive" and own.fields[key] or nil
        end
        local value = parts[key](own)
        rawset(object, key, value)
        return value
    end,
    __tostring = function(object)
        local best, stats = object.best, object.stats
        if not best and object.front[1] then
            return ("Results(%d trials, %d on the front, %s)"):format(stats.trials, #object.front,
                object.result_hash:sub(1, 12))
        end
        return ("Results(%d trials, best %s of trial %d, %s)"):format(stats.trials,
            best and require "backlua.text.number".shortest(best.score) or "none",
            best and best.trial or 0, object.result_hash:sub(1, 12))
    end,
}

-- True for a results object, that of a walk-forward included.
function results.is(object)
    return type(object) == "table" and owned[object] ~= nil
end

-- Names of what it has, for completion.
function results.names(object)
    local names = {}
    for _, group in ipairs { parts, methods, owned[object].fields, object } do
        for name in next, group do
            names[#names + 1] = name ~= "derive" and name or nil
        end
    end
    return names
end

-- The bt_study of a results object, alive as long as it.
function results.pointer(object)
    return owned[object].study
end

-- Make another object stand for the same study (results.pointer, object:log).
function results.adopt(object, from)
    owned[object] = owned[from]
end

-- The function that puts derived parameters into those of its trials, or nil.
function results.derive(object)
    return owned[object].fields.derive
end

-- A results object over a study (bt_study *, collected). fields: stats, manifest, derive.
function results.new(study, fields)
    local object = setmetatable({}, meta)
    owned[object] = { study = study, fields = fields }
    return object
end

return results
