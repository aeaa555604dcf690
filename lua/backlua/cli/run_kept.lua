-- A run whose result an earlier one may have kept: that is taken, and said to be.

local kept = require "backlua.kept"
local output = require "backlua.text.output"
local startup = require "backlua.startup"

-- As runner.execute(job, params). Behind its results: a function that keeps the result for a next
-- run, where a failure is a warning; true when it was kept already.
return function(runner, job, params)
    local key = kept.key(job, params)
    if not key then
        return runner.execute(job, params)
    end
    local result = kept.recall(job, key)
    if result then
        startup.done()
        output.note "cached: the result of an identical run; --no-cache computes it anew"
        return result, nil, nil, true
    end
    local err
    local log, write = kept.log()
    result, err = runner.execute(job, params, { print = write })
    return result, err, function()
        local message = kept.keep(result, key, log)
        if message then
            output.warn("the result was not cached: " .. message)
        end
    end
end
