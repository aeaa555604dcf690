-- DiscreteParameter { name =, min_value =, max_value =, step = 1 }

local options = require "backlua.options"
local parameter = require "backlua.optimization.parameter"
local C = require("backlua.ffi").C

local EXACT = 2 ^ 53

local SPEC = {
    name = { kind = "string", required = true },
    min_value = { kind = "integer", min = -EXACT, max = EXACT, required = true },
    max_value = { kind = "integer", min = -EXACT, max = EXACT, required = true },
    step = { kind = "integer", min = 1, max = EXACT, default = 1 },
    active_if = parameter.ACTIVE_IF,
}

--- Whole numbers min_value, min_value + step, .. max_value.
-- @param given name, min_value, max_value (whole numbers), step (1); the step must divide the
--   range, otherwise it raises and names the maxima that would do; active_if ({ other = value } or
--   { other = { value, ... } }: the parameter is there only when an earlier one has that value)
local function DiscreteParameter(given)
    local values = options.check("DiscreteParameter", SPEC, given, 2)
    values.type = "discrete"
    local made = parameter.new("DiscreteParameter", values, function(space)
        return C.bt_space_int(space, values.name, values.min_value, values.max_value, values.step)
    end, 2)
    return made
end

return { public = DiscreteParameter }
