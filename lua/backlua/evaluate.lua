-- One trial, in a worker: constraint, backtest, objectives, constraints on results, report.
--
-- The parent makes the function before it forks, so a worker has it with everything it needs; the
-- engine calls it once per trial (engine/host/evaluate.c) and reads the outcome that it fills.

local ffi = require "ffi"
local sandbox = require "backlua.sandbox"
local vector = require "backlua.vector"
local C = require("backlua.ffi").C

local DONE, FAILED, INFEASIBLE = C.BT_TRIAL_DONE, C.BT_TRIAL_FAILED, C.BT_TRIAL_INFEASIBLE
local PRUNED, VIOLATED = C.BT_TRIAL_PRUNED, C.BT_TRIAL_VIOLATED

-- Failures that every trial of the study would meet as well.
local FATAL = {
    name = C.BT_E_NAME, usage = C.BT_E_USAGE, data = C.BT_E_DATA, io = C.BT_E_IO,
    state = C.BT_E_STATE,
}

local metric_names = {}
for i = 0, C.BT_METRICS - 1 do
    metric_names[i] = ffi.string(C.bt_metric_name(i))
end

local function copy(params)
    local mine = {}
    for name, value in next, params do
        mine[name] = value
    end
    return mine
end

-- ---- the user's functions ----------------------------------------------------------------------

-- Call a function of the config in its own surroundings. true, value, second value; or false,
-- message.
local function call(plan, f, ...)
    local previous = sandbox.activate(plan.space)
    local ok, value, second = pcall(f, ...)
    sandbox.activate(previous)
    if ok then
        return true, value, second
    end
    return false, require "backlua.fault".text(value)
end

local NO_KEY = "; is a key of result.metrics misspelled? `backlua explain metrics` lists them"

-- A score from what an objective gave; or nil, message. of_result: it was given one.
local function score_from(ok, value, of_result)
    if not ok then
        return nil, "objective: " .. value
    elseif type(value) ~= "number" then
        return nil, "objective: the function must return a number, got "
            .. (value ~= nil and "a " .. type(value) or "nil" .. (of_result and NO_KEY or ""))
    end
    return value
end

-- ---- the report --------------------------------------------------------------------------------

local function say(outcome, text)
    C.bt_outcome_message(outcome, text, #text)
end

local function fail(outcome, message, fatal)
    outcome.state, outcome.fatal = FAILED, fatal or 0
    say(outcome, message)
end

local function report_run(outcome, result, metrics)
    for i = 0, C.BT_METRICS - 1 do
        outcome.metrics[i] = metrics[metric_names[i]]
    end
    ffi.copy(outcome.hash, result.hash)
end

-- Offer a series of numbers to be kept beside the score; a message when it is none.
local function report_series(plan, outcome, series)
    local data, n = vector.doubles(series)
    if not data then
        return "objective: the second value must be an array of numbers, the returns: " .. n
    end
    C.bt_outcome_series(outcome, data, n, plan.series_width)
end

-- The score in one objective; nil, message. A function of the parameters may give returns, too.
local function score_in(plan, outcome, i, subject, metrics, trial)
    if not plan.functions[i] then
        return metrics[plan.metrics[i]]
    end
    local ok, value, series = call(plan, plan.functions[i], subject, trial)
    local score, message = score_from(ok, value, metrics ~= nil)
    if score and series ~= nil and plan.series_width and not plan.job then
        message = report_series(plan, outcome, series)
        score = not message and score or nil
    end
    return score, message
end

-- Scores by objective into the outcome; true when all are there.
local function report_scores(plan, outcome, subject, metrics, trial)
    outcome.state, outcome.more_count = DONE, #plan.metrics - 1
    for i in ipairs(plan.metrics) do
        local score, message = score_in(plan, outcome, i, subject, metrics, trial)
        if not score then
            fail(outcome, message)
            return false
        elseif i == 1 then
            outcome.score = score
        else
            outcome.more[i - 2] = score
        end
    end
    return true
end

local function report_violation(plan, outcome, subject, metrics)
    if not plan.constraints[1] or outcome.state ~= DONE then
        return
    end
    local sum, message = require("backlua.optimization.result_constraints").violation(
        plan.constraints, metrics, function(f) return call(plan, f, subject) end)
    if not sum then
        fail(outcome, message)
    elseif sum > 0 then
        outcome.state, outcome.violation = VIOLATED, sum
    end
end

local function put(params, point)
    for name, value in next, point do
        params[name] = value
    end
end

-- In a walk-forward the dates are part of the trial: take them out of the parameters, into the run.
-- Likewise the number of a simulation. Returns the stretches of the trial where it has several.
local function place(plan, params)
    if plan.points then
        local point = plan.points[params[plan.point_name]]
        params[plan.point_name] = nil
        put(params, point)
    end
    local noise = plan.job and plan.job.noise
    if noise then
        noise.simulation, params.simulation = params.simulation, nil
        put(params, noise.params)
    end
    local slice = plan.windows and plan.windows[params[plan.window_name]][params.stage]
    if slice then
        params[plan.window_name], params.stage = nil, nil
    end
    if slice and not slice.stretches then
        plan.job.config.start, plan.job.config["end"] = slice.start, slice.stop
    end
    return slice and slice.stretches
end

-- In an audit: the first bars of the trial, and no compiler.
local function shorten(plan)
    local audit, job = plan.audit, plan.job
    if not audit then
        return
    elseif audit.interpreted and jit.status() then
        jit.off()
        jit.flush()
    end
    local config, bundle = job.config, job.bundle
    audit.stop = not plan.windows and audit.stop or config["end"]
    local bars = C.bt_span_bars(bundle, config.start, audit.stop)
    config["end"] = C.bt_span_cut(bundle, config.start, audit.stop,
        math.max(1, math.floor(bars * audit.share)))
end

-- ---- a trial -----------------------------------------------------------------------------------

-- Puts the derived parameters in; true when that worked.
local function complete(plan, params, outcome)
    if #plan.derived == 0 then
        return true
    end
    local ok, message = require "backlua.optimization.derive"(plan.derived, plan.space, params)
    if not ok then
        fail(outcome, message, C.BT_E_USAGE)
    end
    return ok
end

-- True when the constraint lets the parameters pass.
local function is_feasible(plan, params, outcome)
    if not plan.constraint then
        return true
    end
    local ok, value = call(plan, plan.constraint, copy(params))
    if not ok then
        fail(outcome, "constraint: " .. value, C.BT_E_USAGE)
    elseif not value then
        outcome.state = INFEASIBLE
    end
    return ok and value and true or false
end

local function prune(outcome)
    outcome.state = PRUNED
    say(outcome, ("stopped after %d of %d blocks"):format(outcome.step_count, outcome.blocks))
end

-- What an objective over the parameters gets beside them: trial:report(score) after each step; true
-- when it is to stop.
local function reporter(outcome)
    local trial, stopped = {}, false

    function trial.report(_, score)
        if type(score) ~= "number" then
            error("report: score must be a number, got a " .. type(score), 2)
        end
        stopped = stopped or C.bt_outcome_step(outcome, score) ~= 0
        return stopped
    end

    return trial, function() return stopped end
end

local function evaluate_function(plan, params, outcome)
    local trial, stopped
    if outcome.blocks > 0 then
        trial, stopped = reporter(outcome)
    end
    local scored = report_scores(plan, outcome, params, nil, trial)
    if stopped and stopped() then
        prune(outcome)
    elseif scored then
        report_violation(plan, outcome, params)
    end
end

-- Of the blocks of a pruned trial.
local function watcher(plan, outcome)
    local objective = plan.functions[1]
    return require "backlua.blocks"(outcome, plan.metrics[1], objective and function(result)
        local ok, value = call(plan, objective, result)
        return score_from(ok, value, true)
    end)
end

local function execute(plan, params, outcome, beat)
    shorten(plan)
    return require("backlua.run").execute(plan.job, params, {
        beat = beat,
        blocks = outcome.blocks > 0 and watcher(plan, outcome) or nil,
        print = function(text)
            C.bt_outcome_log(outcome, text, #text)
        end,
    })
end

local function backtest(plan, params, outcome, beat, stretches)
    if not stretches then
        return execute(plan, params, outcome, beat)
    end
    return require "backlua.optimization.stretches"(plan.job, stretches, function()
        return execute(plan, params, outcome, beat)
    end)
end

local function report_returns(plan, outcome, result, is_joined)
    local returns, n
    if is_joined then
        returns, n = vector.doubles(result.returns)
    else
        returns, n = require("backlua.result").session_returns(result)
    end
    C.bt_outcome_series(outcome, returns, n, plan.series_width)
end

local function evaluate_strategy(plan, params, outcome, beat, stretches)
    local result, err = backtest(plan, params, outcome, beat, stretches)
    if not result and err.code == "pruned" then
        prune(outcome)
        return
    elseif not result then
        fail(outcome, err.message, FATAL[err.code])
        return
    end
    -- Stretches are joined by our own definitions alone.
    local metrics = stretches and result.metrics or result.restated
    report_run(outcome, result, metrics)
    if report_scores(plan, outcome, result, metrics) then
        report_violation(plan, outcome, result, metrics)
    end
    if plan.series_width then
        report_returns(plan, outcome, result, stretches ~= nil)
    end
    result:free()
end

local outcome_type, beat_type = ffi.typeof "bt_outcome *", ffi.typeof "int64_t *"

-- The function that the engine calls for each trial of a plan:
--     job         of run.lua; nil to call the objectives with the parameters
--     metrics     array: key of the metric that is the score; or, at the same place of
--     functions   (with holes) function(result), without a job function(params)
--     constraint  function(params) or nil
--     constraints list of result_constraints.lua
--     derived     list of the parameters that are computed
--     series_width  bytes of a number of the returns that are kept, 4 or 8; nil: none are
--     points      list of tables of parameters, chosen from by the parameter point_name; or nil
--     windows     of a walk-forward (walk_windows.lua) or splits of a cross-validation (cpcv.lua),
--                 chosen from by the parameters window_name and stage; or nil
--     audit       { share of the bars, interpreted } (audit.lua), or nil
--     space       the sandbox's space of these functions, nil for a trusted script
return function(plan)
    local evaluate = plan.job and evaluate_strategy or evaluate_function
    local is_first = plan.job ~= nil -- trial of this worker
    return function(params, _, _, outcome, beat)
        if is_first then
            is_first = false
            require "backlua.strategy".compile(plan.job.program)
        end
        outcome = ffi.cast(outcome_type, outcome)
        local stretches = place(plan, params)
        if complete(plan, params, outcome) and is_feasible(plan, params, outcome) then
            evaluate(plan, params, outcome, ffi.cast(beat_type, beat), stretches)
        end
    end
end
