-- A walk-forward as one JSON object: that of its study, with windows, oos, efficiency,
-- parameter_stability, aggregate and warnings; of a cross-validation with groups, splits, paths,
-- sharpe and below_median in place of windows and oos (cpcv_results.lua).

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

local function path_object(path)
    return { path = path.path, splits = path.splits, metrics = path.metrics,
        equity = equity(path), trades = path.trades }
end

local function write_cpcv(results, emit)
    local paths = {}
    for i, path in ipairs(results.paths) do
        paths[i] = path_object(path)
    end
    write(results, emit, {
        { "groups", results.groups }, { "splits", results.splits }, { "paths", paths },
        { "sharpe", results.sharpe }, { "below_median", results.below_median },
        { "efficiency", results.efficiency },
        { "parameter_stability", results.parameter_stability },
        { "aggregate", results.aggregate }, { "warnings", results.warnings },
    })
end

-- Write the object of results, and a newline at its end, through emit(text).
return function(results, emit)
    if results.splits then
        return write_cpcv(results, emit)
    end
    write(results, emit, {
        { "windows", results.windows }, { "oos", oos_object(results.oos) },
        { "efficiency", results.efficiency },
        { "parameter_stability", results.parameter_stability },
        { "aggregate", results.aggregate }, { "warnings", results.warnings },
    })
end
