-- A few trials of a study run again, compiled and interpreted: do they agree to the bit?
--
-- LuaJIT has miscompiled innocent code before. The best trial and some others are run over their
-- first bars, once in workers that compile and once in workers that interpret, each forked for it.
-- How many bars is a share of the trial that grows with the study, so that the audit stays within
-- 5 % of the study's time: interpreting costs up to a hundred times as much. One worker of each
-- kind gets the trials at once, and the parent makes the results meanwhile, which takes about as
-- long. Studies of less than a second are not audited, since forking alone would cost them more.

local ffi = require "ffi"
local errors = require "backlua.errors"
local replay = require "backlua.optimization.replay"
local C = require("backlua.ffi").C

local TRIALS, FULL_SHARE_AT, WORTH_SECONDS = 3, 6000, 1

-- ---- which -------------------------------------------------------------------------------------

-- Positions of the trials that were computed and came to a score, the best one first.
local function candidates(study)
    local best, t = C.bt_study_best(study), ffi.new "bt_trial"
    local list = { best >= 0 and best or nil }
    for i = 0, C.bt_study_count(study) - 1 do
        C.bt_study_trial(study, i, t)
        if t.state == C.BT_TRIAL_DONE and t.duplicate_of == 0 and i ~= best then
            list[#list + 1] = i
        end
    end
    return list
end

-- n of a list: the first, the last and others evenly between them.
local function spread(list, n)
    if n >= #list then
        return list
    end
    local chosen = {}
    for i = 0, n - 1 do
        chosen[i + 1] = list[1 + math.floor(i * (#list - 1) / math.max(n - 1, 1))]
    end
    return chosen
end

local function params_of(study, positions)
    local texts, numbers, t = {}, {}, ffi.new "bt_trial"
    for i, position in ipairs(positions) do
        C.bt_study_trial(study, position, t)
        texts[i], numbers[i] = ffi.string(t.params), t.number
    end
    return texts, numbers
end

-- Trials to run again and the share of their bars: 0 and 0 for none. asked: "auto", "none", "all"
-- or a number of trials.
local function size(asked, stats)
    if asked == "none" or stats.computed == 0 then
        return 0, 0
    elseif asked == "all" then
        return math.huge, 1
    elseif asked == "auto" then
        local worth = stats.worker_seconds >= WORTH_SECONDS
        return worth and TRIALS or 0, math.min(1, stats.computed / FULL_SHARE_AT)
    end
    return asked, 1
end

-- ---- doing it ----------------------------------------------------------------------------------

local function run_as(plan, texts, run, share, interpreted, meanwhile)
    local evaluator = setmetatable({ audit = { share = share, interpreted = interpreted } },
        { __index = plan.evaluator })
    return replay.run(plan, texts, run, {
        evaluator = evaluator,
        key = ("%s audit %.17g %s"):format(plan.key, share, tostring(interpreted)),
        ahead = TRIALS, meanwhile = meanwhile,
    })
end

-- Trials compiled, trials interpreted; nil, err. Each in its workers, all of them at once, while
-- meanwhile() is called.
local function run_both(plan, texts, run, share, meanwhile)
    local interpreted, err
    local compiled, failed = run_as(plan, texts, run, share, false, function()
        interpreted, err = run_as(plan, texts, run, share, true, meanwhile)
    end)
    if not compiled or err then
        return nil, failed or err
    end
    return compiled, interpreted or {} -- none when the user stopped it
end

-- What differs between the trials of two runs: nil, or { trial, params, name, compiled,
-- interpreted }.
local function first_difference(numbers, texts, compiled, interpreted)
    for i, number in ipairs(numbers) do
        local name, a, b = replay.difference(compiled[i], interpreted[i])
        if name then
            return { trial = number, params = texts[i], name = name, compiled = a, interpreted = b }
        end
    end
end

local function record(study, audit)
    local text = ("%d trials, %.3g %% of their bars: "):format(audit.trials, 100 * audit.share)
        .. (audit.difference and "trial " .. audit.difference.trial .. " differs" or "equal")
    C.bt_study_set_meta(study, "audit", text)
    return C.bt_study_flush(study) == C.BT_OK and audit or nil
end

-- Audit a study that has just been computed under a plan. run(plan, study): the engine's loop.
-- meanwhile(): what there is to do beside it; not called when there is no audit.
-- { trials, share, difference }, or nil when it was not worth it; nil, err.
local function audit(plan, study, stats, run, asked, meanwhile)
    local n, share = size(asked, stats)
    if not plan.job or n == 0 or not jit.status() then
        return nil
    end
    local texts, numbers = params_of(study, spread(candidates(study), n))
    local compiled, interpreted = run_both(plan, texts, run, share, meanwhile)
    if not compiled then
        return nil, interpreted
    elseif #compiled < #texts or #interpreted < #texts then
        return nil -- the user stopped it
    end
    local found = { trials = #texts, share = share,
        difference = first_difference(numbers, texts, compiled, interpreted) }
    if not record(study, found) then
        return nil, errors.native()
    end
    return found
end

-- The failure that an audit's difference is, of code "reproduce".
local function failure(difference)
    local shown = require "backlua.text.number".shortest
    local function text(value)
        return type(value) == "number" and shown(value) or ("'%s'"):format(tostring(value))
    end
    return errors.new("reproduce", ("trial %d {%s} comes out differently compiled and interpreted: "
        .. "%s is %s and %s; the strategy looks at the compiler, or this LuaJIT miscompiles it: "
        .. "`backlua doctor` tells, make LUAJIT=/prefix takes another"):format(difference.trial,
        difference.params:gsub(";", ", "), difference.name, text(difference.compiled),
        text(difference.interpreted)))
end

return { run = audit, failure = failure }
