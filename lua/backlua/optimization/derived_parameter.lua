-- DerivedParameter { name =, value = function(params) ... end }

local class = require "backlua.optimization.class"
local options = require "backlua.options"
local parameter = require "backlua.optimization.parameter"

local function check_name(name)
    if not name:find "^[%a_][%w_]*$" or #name > 64 then
        return ("must be a Lua name of at most 64 characters, got %s"):format(class.shown(name))
    end
end

local SPEC = {
    name = { kind = "string", required = true, check = check_name },
    value = { kind = "function", required = true },
}

--- A parameter that follows from the others and is not searched.
-- @param given name; value: function(params) of the parameters that are searched and of those
--   derived before it, to a string, number or boolean; it must give the same for the same params.
--   The strategy, the constraint and the objective see it, and so do results.
local function DerivedParameter(given)
    local values = options.check("DerivedParameter", SPEC, class.named(given, "name"), 2)
    local compute = values.value
    return parameter.derived({ name = values.name, type = "derived" }, compute)
end

return { public = DerivedParameter }
