-- Trials of a study as CSV: a line each, every parameter and every metric a column.

local csv = require "backlua.text.csv"
local results = require "backlua.optimization.results"

local FIRST = { "trial", "state", "score", "seconds", "attempts", "signal", "duplicate_of", "hash",
    "message" }

local function header(t, params, metrics)
    local names = {}
    for _, name in ipairs(FIRST) do
        names[#names + 1] = name
    end
    for i = 2, #(t.scores or {}) do
        names[#names + 1] = "score" .. i
    end
    for _, name in ipairs(params) do
        names[#names + 1] = "param." .. name
    end
    for _, name in ipairs(metrics) do
        names[#names + 1] = name
    end
    return names
end

local function row_of(t, params, metrics)
    local row, n = {}, #FIRST
    for i, name in ipairs(FIRST) do
        row[i] = t[name]
    end
    for i = 2, #(t.scores or {}) do
        n = n + 1
        row[n] = t.scores[i]
    end
    for _, name in ipairs(params) do
        n = n + 1
        row[n] = t.params[name]
    end
    for _, name in ipairs(metrics) do
        n = n + 1
        row[n] = t.metrics[name]
    end
    return row, n
end

local function line(values, n)
    local cells = {}
    for i = 1, n do
        cells[i] = csv.field(values[i])
    end
    return table.concat(cells, ",") .. "\n"
end

local trial_csv = {}

--- Write the trials at some positions (0-based) of a bt_study through emit(text).
function trial_csv.write(study, positions, emit)
    local metrics = require "backlua.metric_keys"()
    local params = require "backlua.cli.trial_params"(study, positions)
    for i, position in ipairs(positions) do
        local t = results.at(study, position)
        if i == 1 then
            local names = header(t, params, metrics)
            emit(line(names, #names))
        end
        emit(line(row_of(t, params, metrics)))
    end
end

--- Write all trials of a bt_study through emit(text).
function trial_csv.all(study, emit)
    local positions = {}
    for i = 1, require("backlua.ffi").C.bt_study_count(study) do
        positions[i] = i - 1
    end
    trial_csv.write(study, positions, emit)
end

return trial_csv
