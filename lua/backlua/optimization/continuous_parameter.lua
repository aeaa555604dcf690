-- ContinuousParameter { name =, min_value =, max_value =, prior = "uniform", points = 10 }

local options = require "backlua.options"
local parameter = require "backlua.optimization.parameter"
local C = require("backlua.ffi").C

local PRIORS = {
    uniform = C.BT_PRIOR_UNIFORM, ["log-uniform"] = C.BT_PRIOR_LOG_UNIFORM,
    normal = C.BT_PRIOR_NORMAL,
}

local SPEC = {
    name = { kind = "string", required = true },
    min_value = { kind = "number", required = true },
    max_value = { kind = "number", required = true },
    prior = { kind = "string", choices = { "uniform", "log-uniform", "normal" },
        default = "uniform" },
    points = { kind = "integer", min = 2, max = 1000000 },
    step = { kind = "number" },
    active_if = parameter.ACTIVE_IF,
}

local function check_step(values)
    if values.step and values.points then
        error("ContinuousParameter: give step or points, not both; a step makes the grid, too", 3)
    elseif values.step and values.prior ~= "uniform" then
        error(("ContinuousParameter: step goes with the prior uniform, got %s")
            :format(values.prior), 3)
    end
end

--- Real numbers min_value .. max_value.
-- @param given name, min_value, max_value, prior ("uniform"; "log-uniform" needs min_value > 0;
--   "normal": mean in the middle, deviation a quarter of the range, clipped), points (10): how
--   many values a grid takes, ends included, log-spaced under the log prior; or step (only
--   min_value, min_value + step, .. max_value; it must divide the range); active_if as of a
--   DiscreteParameter
local function ContinuousParameter(given)
    local values = options.check("ContinuousParameter", SPEC, given, 2)
    check_step(values)
    values.type, values.points = "continuous", not values.step and (values.points or 10) or nil
    local made = parameter.new("ContinuousParameter", values, function(space)
        if values.step then
            return C.bt_space_float_steps(space, values.name, values.min_value, values.max_value,
                values.step)
        end
        return C.bt_space_float(space, values.name, values.min_value, values.max_value,
            PRIORS[values.prior], values.points)
    end, 2)
    return made
end

return { public = ContinuousParameter }
