-- Runs a strategy over the combinations of a workload, in this process.

local runner = require "backlua.run"

local grid = {}

-- A job for one of spec/bench/strategies, or any strategy file.
function grid.job(strategy, bundle, options)
    local spec = { strategy = strategy, bundle = bundle, capital = 1000000 }
    for key, value in pairs(options or {}) do
        spec[key] = value
    end
    local job, err = runner.prepare(spec)
    return job or error("bench: " .. err.message, 0)
end

-- One backtest per combination; visit(params, result), when given, sees each.
function grid.run(job, combinations, visit)
    for _, params in ipairs(combinations) do
        local result, err = runner.execute(job, params)
        if not result then
            error("bench: " .. err.message, 0)
        end
        if visit then
            visit(params, result)
        end
        result:free()
    end
end

return grid
