-- A walk-forward as one JSON object: that of its study, with windows, oos, efficiency,
-- parameter_stability, aggregate and warnings.

local write = require "backlua.cli.optimize_json"

local function equity(oos)
    local rows = {}
    for i = 1, #oos.value do
        rows[i] = { time = oos.time[i], value = oos.value[i] }
    end
    return rows
end

local function oos_object(oos)
    return oos and {
        metrics = oos.metrics, t = oos.t, profitable = oos.profitable,
        largest_share = oos.largest_share, equity = equity(oos), trades = oos.trades,
    }
end

-- Write the object of results, and a newline at its end, through emit(text).
return function(results, emit)
    write(results, emit, {
        { "windows", results.windows }, { "oos", oos_object(results.oos) },
        { "efficiency", results.efficiency },
        { "parameter_stability", results.parameter_stability },
        { "aggregate", results.aggregate }, { "warnings", results.warnings },
    })
end
