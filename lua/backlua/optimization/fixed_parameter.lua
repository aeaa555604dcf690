-- FixedParameter { name =, value = }

local class = require "backlua.optimization.class"
local options = require "backlua.options"
local parameter = require "backlua.optimization.parameter"
local C = require("backlua.ffi").C

local ADD = {
    string = C.bt_space_choice_string, number = C.bt_space_choice_number,
    boolean = function(space, value)
        return C.bt_space_choice_bool(space, value and 1 or 0)
    end,
}

local function check_value(value)
    if not ADD[type(value)] then
        return "must be a string, a number or a boolean, got " .. class.shown(value)
    elseif type(value) == "string" and value:find "%z" then
        return "may not hold a zero byte"
    end
end

local SPEC = {
    name = { kind = "string", required = true },
    value = { check = check_value, required = true },
    active_if = parameter.ACTIVE_IF,
}

--- A parameter that has one value in all trials, written into each.
-- @param given name; value (a string, number or boolean); active_if as of a DiscreteParameter
local function FixedParameter(given)
    local values = options.check("FixedParameter", SPEC, given, 2)
    values.type = "fixed"
    local made = parameter.new("FixedParameter", values, function(space)
        local status = C.bt_space_choice(space, values.name)
        if status == C.BT_OK then
            status = ADD[type(values.value)](space, values.value)
        end
        return status == C.BT_OK and C.bt_space_fixed(space) or status
    end, 2)
    return made
end

return { public = FixedParameter }
