-- Trials of a study as rows of text: number, state, score, parameters, a few metrics.

local ffi = require "ffi"
local C = require "backlua.ffi".C
local canonical = require "backlua.optimization.canonical"
local number = require "backlua.text.number"

local trial_table = {}

local METRICS = {
    { "total_return", "return", number.percent }, { "sharpe_ratio", "Sharpe", number.fixed },
    { "max_drawdown", "drawdown", number.percent }, { "trades", "trades", number.count },
}

local SCORE_DECIMALS = 4

-- Positions (0-based) of the `limit` best trials of a bt_study, best first, first on ties; without
-- those that repeat an earlier trial's parameters.
function trial_table.top(study, higher_is_better, limit)
    local best, t = {}, ffi.new "bt_trial"
    local sign = higher_is_better and 1 or -1
    for i = 0, C.bt_study_count(study) - 1 do
        C.bt_study_trial(study, i, t)
        local value = sign * t.score
        local worst = best[limit]
        if t.state == C.BT_TRIAL_DONE and t.duplicate_of == 0
            and (not worst or value > worst.value) then
            local at = #best + 1
            while at > 1 and value > best[at - 1].value do
                at = at - 1
            end
            table.insert(best, at, { position = i, value = value })
            best[limit + 1] = nil
        end
    end
    for i, entry in ipairs(best) do
        best[i] = entry.position
    end
    return best
end

-- A parameter that another one leaves without effect has no value.
local function value_text(value)
    if value == nil then
        return "-"
    end
    return type(value) == "number" and number.shortest(value) or tostring(value)
end

local function columns_of(names, metrics, options)
    local columns = { { title = "trial", right = true } }
    if options.state then
        columns[2] = { title = "state" }
    end
    for name in options.objective:gmatch "%S+" do
        columns[#columns + 1] = { title = name, right = true }
    end
    for _, name in ipairs(names) do
        columns[#columns + 1] = { title = name, right = true }
    end
    for _, metric in ipairs(metrics) do
        columns[#columns + 1] = { title = metric[2], right = true, optional = true }
    end
    return columns
end

local function row_of(t, names, metrics, options)
    local params = canonical(ffi.string(t.params))
    local row = { tostring(t.number) }
    if options.state then
        row[2] = ffi.string(C.bt_trial_state_name(t.state))
    end
    row[#row + 1] = number.fixed(t.score, SCORE_DECIMALS)
    for i = 1, t.more_count do
        row[#row + 1] = number.fixed(t.more[i - 1], SCORE_DECIMALS)
    end
    for _, name in ipairs(names) do
        row[#row + 1] = value_text(params[name])
    end
    for _, metric in ipairs(metrics) do
        row[#row + 1] = metric[3](t.metrics[C.bt_metric_find(metric[1])])
    end
    return row
end

-- Metrics worth a column: those that are not the score itself, if there are backtests.
local function metrics_for(options)
    local metrics, shown = {}, {}
    for name in options.objective:gmatch "%S+" do
        shown[name] = true
    end
    for _, metric in ipairs(options.backtests and METRICS or {}) do
        if not shown[metric[1]] then
            metrics[#metrics + 1] = metric
        end
    end
    return metrics
end

-- Columns and rows (for text/table.lua) of the trials at some positions of a bt_study.
-- options: { objective, backtests = true when there are metrics, state = true for a state column }
function trial_table.rows(study, positions, options)
    local rows, t, metrics = {}, ffi.new "bt_trial", metrics_for(options)
    local names = require "backlua.cli.trial_params"(study, positions)
    for i, position in ipairs(positions) do
        C.bt_study_trial(study, position, t)
        rows[i] = row_of(t, names, metrics, options)
    end
    return columns_of(names, metrics, options), rows
end

return trial_table
