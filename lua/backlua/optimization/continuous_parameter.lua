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
    points = { kind = "integer", min = 2, max = 1000000, default = 10 },
}

--- Real numbers min_value .. max_value.
-- @param given name, min_value, max_value, prior ("uniform"; "log-uniform" needs min_value > 0;
--   "normal": mean in the middle, deviation a quarter of the range, clipped), points (10): how
--   many values a grid takes, ends included, log-spaced under the log prior
local function ContinuousParameter(given)
    local values = options.check("ContinuousParameter", SPEC, given, 2)
    values.type = "continuous"
    local made = parameter.new("ContinuousParameter", values, function(space)
        return C.bt_space_float(space, values.name, values.min_value, values.max_value,
            PRIORS[values.prior], values.points)
    end, 2)
    return made
end

return { public = ContinuousParameter }
