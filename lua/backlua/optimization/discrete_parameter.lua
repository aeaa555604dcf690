-- DiscreteParameter { name =, min_value =, max_value =, step = 1, prior = "uniform" }

local options = require "backlua.options"
local parameter = require "backlua.optimization.parameter"
local C = require("backlua.ffi").C

local EXACT = 2 ^ 53

local SPEC = {
    name = { kind = "string", required = true },
    min_value = { kind = "integer", min = -EXACT, max = EXACT, required = true },
    max_value = { kind = "integer", min = -EXACT, max = EXACT, required = true },
    step = { kind = "integer", min = 1, max = EXACT, default = 1 },
    prior = { kind = "string", choices = { "uniform", "log-uniform" }, default = "uniform" },
    active_if = parameter.ACTIVE_IF,
}

--- Whole numbers min_value, min_value + step, .. max_value.
-- @param given name, min_value, max_value (whole numbers), step (1); the step must divide the
--   range, otherwise it raises and names the maxima that would do; prior ("uniform"; "log-uniform":
--   1 to 10 is drawn as often as 10 to 100, needs min_value >= 1 and step 1; a grid has all whole
--   numbers all the same); active_if ({ other = value } or
--   { other = { value, ... } }: the parameter is there only when an earlier one has that value)
local function DiscreteParameter(given)
    local values = options.check("DiscreteParameter", SPEC, given, 2)
    if values.prior == "log-uniform" and values.step > 1 then
        error(("DiscreteParameter: the prior log-uniform goes with step 1, got %d"):format(
            values.step), 2)
    end
    values.type = "discrete"
    local made = parameter.new("DiscreteParameter", values, function(space)
        if values.prior == "log-uniform" then
            return C.bt_space_int_log(space, values.name, values.min_value, values.max_value)
        end
        return C.bt_space_int(space, values.name, values.min_value, values.max_value, values.step)
    end, 2)
    return made
end

return { public = DiscreteParameter }
