-- backlua study replay NAME TRIAL: a trial run again, equal to the bit or not.

local failure = require "backlua.cli.failure"
local form = require "backlua.cli.form"
local number = require "backlua.text.number"
local output = require "backlua.text.output"

local MODULES = {
    optimize = "backlua.optimization.parallel_optimizer",
    walkforward = "backlua.optimization.walk_forward",
}

local function say(trial, objective)
    local score = trial.state == "done"
        and ("%s %s"):format(objective, number.shortest(trial.score)) or trial.state
    output.say(("trial %d {%s}: the same to the bit, %s%s\n"):format(trial.trial,
        require("backlua.text.params").all(trial.params), score,
        trial.hash ~= "" and ", run hash " .. trial.hash or ""))
end

local function value_of(found)
    local t = found.stored
    return require "backlua.text.json".object { { "trial", t.trial }, { "params", t.params },
        { "state", t.state }, { "score", t.score }, { "metrics", t.metrics },
        { "hash", t.hash ~= "" and t.hash or nil }, { "same", true } }
end

-- path: the study's config script. args: name, trial, json, csv, unsafe. how: { async, over }. Exit
-- code, or nil and a failure: of usage when an input of the study changed, "reproduce" when only
-- the outcome did.
return function(path, args, how)
    local optimizer, script = require "backlua.optimization.script".load(path, args.unsafe)
    if not optimizer then
        return nil, script
    end
    local module = require(MODULES[script.kind])
    local found, err = module.replay(optimizer, {
        study = args.name, unsafe = args.unsafe, script = script, n_jobs = 1,
        async = how.async, over = how.over,
    }, args.trial)
    if not found then
        return nil, err.code and err or failure.usage("%s", tostring(err))
    elseif form.asked(args) then
        local value = value_of(found)
        form.write(args, value, { value })
    else
        local objectives = require "backlua.optimization.objectives".from(
            module.fields(optimizer).objective)
        say(found.stored, objectives.names[1])
    end
    return 0
end
