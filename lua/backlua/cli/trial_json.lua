-- A trial as a JSON object, and an array of them.

local json = require "backlua.text.json"
local results = require "backlua.optimization.results"

local trial_json = {}

-- t: a trial of results.lua.
function trial_json.object(t)
    return json.object {
        { "trial", t.trial }, { "params", t.params }, { "state", t.state }, { "score", t.score },
        { "scores", t.scores and json.array(t.scores) }, { "violation", t.violation },
        { "steps", t.steps and json.array(t.steps) },
        { "metrics", t.metrics }, { "hash", t.hash ~= "" and t.hash or nil },
        { "seconds", t.seconds }, { "started", t.started }, { "worker", t.worker },
        { "attempts", t.attempts }, { "signal", t.signal },
        { "duplicate_of", t.duplicate_of },
        { "message", t.message ~= "" and t.message or nil },
    }
end

-- Write the trials at some positions (0-based) of a bt_study, separated, through emit(text).
-- derive: of results.derive, or nil.
function trial_json.write(study, positions, emit, derive)
    for i, position in ipairs(positions) do
        emit(json.encode(trial_json.object(results.at(study, position, derive))))
        emit(i < #positions and ",\n" or "")
    end
end

return trial_json
