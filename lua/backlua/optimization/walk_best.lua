-- The best of a study that is a walk-forward, as far as its trials alone tell: scores of windows
-- and stages are not held against each other, so it is what the newest window tested.

local ffi = require "ffi"
local results = require "backlua.optimization.results"
local C = require("backlua.ffi").C

local walk_best = {}

-- "walk", "cross-validation", or nil for the study of one search.
function walk_best.kind(study)
    local windows = C.bt_study_meta(study, "windows")
    if windows == nil then
        return nil
    end
    return ffi.string(windows):find "^cpcv:" and "cross-validation" or "walk"
end

-- { trial, params, score, metrics } of a walk's newest test that came to a score, the parameters
-- without window and stage; nil when there is none.
function walk_best.of(study)
    local newest, window = nil, 0
    for i = 0, C.bt_study_count(study) - 1 do
        local t = results.at(study, i)
        if t.state == "done" and t.params.stage == "test" and t.params.window >= window then
            newest, window = t, t.params.window
        end
    end
    if not newest then
        return nil
    end
    newest.params.window, newest.params.stage = nil, nil
    return { trial = newest.trial, params = newest.params, score = newest.score,
        metrics = newest.metrics, window = window }
end

return walk_best
