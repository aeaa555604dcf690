-- Going on with an asynchronous study: its search is told beforehand what the study holds.
--
-- Such a study is no function of its search, so the search cannot be asked again for what was
-- asked before; it learns from it as from trials of another time, and goes on behind.

local ffi = require "ffi"
local ask_tell = require "backlua.optimization.ask_tell"
local canonical = require "backlua.optimization.canonical"
local errors = require "backlua.errors"
local C = require("backlua.ffi").C

local NAN = 0 / 0

local function sign(plan, i)
    return plan.objectives.lower[i] and -1 or 1
end

local function fill(verdict, plan, t)
    local pruned = t.state == C.BT_TRIAL_PRUNED and t.step_count > 0
    local counts = t.state == C.BT_TRIAL_DONE or t.state == C.BT_TRIAL_VIOLATED
    verdict.violation, verdict.steps = t.violation, pruned and t.step_count or 0
    verdict.score[0] = sign(plan, 1) * (pruned and t.steps[t.step_count - 1]
        or counts and t.score or NAN)
    for i = 2, #plan.objectives.lower do
        verdict.score[i - 1] = sign(plan, i) * (counts and t.more[i - 2] or NAN)
    end
end

-- Tell a plan's search of the trials of a bt_study; an error when one is not of its space.
return function(plan, study)
    local point = ffi.gc(C.bt_point_new(plan.space_pointer), C.bt_point_free)
    local verdict, t = ffi.new "bt_verdict", ffi.new "bt_trial"
    for i = 0, C.bt_study_count(study) - 1 do
        C.bt_study_trial(study, i, t)
        local ok, message = ask_tell.fill(point, plan.parameter_space,
            canonical(ffi.string(t.params)))
        if not ok then
            return errors.new("usage", message)
        end
        fill(verdict, plan, t)
        C.bt_search_options_known(plan.search, point, verdict)
    end
end
