-- A verdict of the check as one JSON object: ok, bars, decisions, checks, flags.

local json = require "backlua.text.json"

local function decision(d)
    return d and { text = d.text, file = d.file, line = d.line } or nil
end

local function difference(d)
    return d and {
        row = d.row, time = d.time and require "backlua.text.date".time(d.time),
        first_run = decision(d.base), this_run = decision(d.other), failed = d.failed,
    }
end

-- The object (text/json.lua).
return function(verdict, facts)
    local checks = {}
    for i, check in ipairs(verdict.checks) do
        checks[i] = json.object { { "name", check.name }, { "ok", check.ok },
            { "runs", check.runs }, { "error", check.error },
            { "difference", difference(check.difference) } }
    end
    return json.object {
        { "strategy", facts.name }, { "bundle", facts.bundle }, { "ok", verdict.ok },
        { "bars", verdict.bars }, { "decisions", verdict.decisions },
        { "instants", #verdict.instants }, { "result_hash", verdict.hash },
        { "checks", json.array(checks) }, { "flags", json.array(verdict.flags) },
    }
end
