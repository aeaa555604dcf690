-- ObjectiveFunction { metric =, custom_function =, higher_is_better = }

local ffi = require "ffi"
local class = require "backlua.optimization.class"
local options = require "backlua.options"
local C = require("backlua.ffi").C

local objective_class = class.new "ObjectiveFunction"

-- Metrics of which less is better, unless said otherwise. max_drawdown is not among them: it is
-- zero or negative.
local LOWER = {
    volatility = true, max_drawdown_bars = true, turnover = true, total_commission = true,
    total_slippage = true,
}

local function metric_names()
    local names = { "custom", "sharpe", "sortino", "calmar" }
    for i = 0, C.BT_METRICS - 1 do
        names[#names + 1] = ffi.string(C.bt_metric_name(i))
    end
    return names
end

local function check_metric(name)
    if name ~= "custom" and C.bt_metric_find(name) < 0 then
        local hint = require "backlua.text.nearest".hint(name, metric_names())
        return ("is not a metric: %s%s"):format(require "backlua.text.quote"(name),
            hint ~= "" and hint or "; `backlua explain metrics` lists them")
    end
end

local SPEC = {
    metric = { kind = "string", check = check_metric },
    custom_function = { kind = "function" },
    higher_is_better = { kind = "boolean" },
}

local function as_options(given)
    if type(given) == "function" then
        return { custom_function = given }
    elseif type(given) == "table" and type(given[1]) == "function" then
        return class.named(given, "custom_function")
    end
    return class.named(given, "metric")
end

-- One of metric and function; the metric's full name.
local function settle(values)
    if values.metric == "custom" then
        values.metric = nil
        if not values.custom_function then
            return nil, "ObjectiveFunction: metric \"custom\" needs custom_function"
        end
    end
    if not values.metric and not values.custom_function then
        return nil, "ObjectiveFunction: give a metric or a custom_function"
    elseif values.metric and values.custom_function then
        return nil, "ObjectiveFunction: give a metric or a custom_function, not both"
    end
    local id = values.metric and C.bt_metric_find(values.metric)
    local name = id and ffi.string(C.bt_metric_name(id)) or "custom"
    local higher = values.higher_is_better
    if higher == nil then
        higher = not LOWER[name]
    end
    return { metric = name, higher_is_better = higher }
end

--- What a trial is worth.
-- @param given metric (a key of result.metrics; "sharpe", "sortino" and "calmar" are understood) or
--   custom_function (function(result) -> number; NaN or an infinity makes the trial invalid), and
--   higher_is_better (true, but for volatility, max_drawdown_bars, turnover and costs). The one
--   argument may also be the metric's name or the function itself.
local function ObjectiveFunction(given)
    local values = options.check("ObjectiveFunction", SPEC, as_options(given), 2)
    local fields, message = settle(values)
    if not fields then
        error(message, 2)
    end
    return objective_class.new(fields, values.custom_function)
end

-- An objective from what a user gave an optimiser: an ObjectiveFunction, a metric's name, a
-- function, or nil for "sharpe_ratio"; nil, message when it is none.
local function from(given)
    if objective_class.is(given) then
        return given
    end
    local values, message = options.read("objective", SPEC, as_options(given or "sharpe_ratio"))
    if not values then
        return nil, message
    end
    local fields
    fields, message = settle(values)
    if not fields then
        return nil, message
    end
    return objective_class.new(fields, values.custom_function)
end

return { public = ObjectiveFunction, from = from, custom_function = objective_class.hidden }
