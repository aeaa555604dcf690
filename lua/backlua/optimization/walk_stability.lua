-- How parameters move from window to window.

local spread = require "backlua.optimization.spread"

local STABLE = 0.2 -- coefficient of variation

local function of_numbers(values)
    local s, drift = spread(values), 0
    for i = 2, #values do
        drift = drift + math.abs(values[i] - values[i - 1])
    end
    s.drift = #values > 1 and drift / (#values - 1) or 0
    s.cv = s.mean ~= 0 and s.std / math.abs(s.mean) or nil
    s.is_stable = s.std == 0 or s.cv ~= nil and s.cv < STABLE
    return s
end

local function of_choices(values)
    local counts, mode, changes = {}, values[1], 0
    for i, value in ipairs(values) do
        counts[value] = (counts[value] or 0) + 1
        mode = counts[value] > counts[mode] and value or mode
        changes = changes + (i > 1 and value ~= values[i - 1] and 1 or 0)
    end
    return { mode = mode, share = counts[mode] / #values, changes = changes,
        is_stable = changes == 0 }
end

local function are_numbers(values)
    for _, value in ipairs(values) do
        if type(value) ~= "number" then
            return false
        end
    end
    return true
end

-- By name: numbers { mean, std, min, max, cv, is_stable, drift = mean step between windows },
-- choices { mode, share, changes, is_stable }. windows: with params; parameters: those of a space.
return function(windows, parameters)
    local all = {}
    for _, entry in ipairs(parameters) do
        local values = {}
        for _, window in ipairs(windows) do
            table.insert(values, window.params and window.params[entry.name])
        end
        if #values > 0 then
            all[entry.name] = (are_numbers(values) and of_numbers or of_choices)(values)
        end
    end
    return all
end
