-- ParameterSpace { parameters = { ... } }

local ffi = require "ffi"
local class = require "backlua.optimization.class"
local options = require "backlua.options"
local parameter = require "backlua.optimization.parameter"
local C = require("backlua.ffi").C

local methods = {}
local space_class = class.new("ParameterSpace", methods)

local function check_list(list)
    if #list == 0 then
        return "must be a list of at least one parameter"
    end
    for i, entry in ipairs(list) do
        if not parameter.is(entry) then
            return ("[%d] must be a DiscreteParameter, ContinuousParameter or "
                .. "CategoricalParameter, got %s"):format(i, class.shown(entry))
        end
    end
end

local SPEC = { parameters = { kind = "table", required = true, check = check_list } }

-- ParameterSpace { p, q } is ParameterSpace { parameters = { p, q } }.
local function as_options(given)
    if type(given) == "table" and parameter.is(given[1]) then
        return { parameters = given }
    end
    return given
end

--- Parameters that are searched together; their order is the order of a grid, the last one turning
-- fastest.
-- @param given parameters: a list of at least one, no two of one name
local function ParameterSpace(given)
    local values = options.check("ParameterSpace", SPEC, as_options(given), 2)
    local space = ffi.gc(C.bt_space_new(), C.bt_space_free)
    local list = {}
    for i, entry in ipairs(values.parameters) do
        list[i] = entry
        if parameter.add(entry, space) ~= C.BT_OK then
            error("ParameterSpace: " .. ffi.string(C.bt_error_message()), 2)
        end
    end
    return space_class.new({ parameters = list }, space)
end

--- The parameter of a name, or nil.
function methods:get_parameter(name)
    for _, entry in ipairs(self.parameters) do
        if entry.name == name then
            return entry
        end
    end
end

--- Cells of the grid over the space; a continuous parameter counts its points.
function methods:cardinality()
    return C.bt_space_cardinality(space_class.hidden(self))
end

-- ---- is a table of parameters a point of the space? --------------------------------------------

local function off_range(entry, value)
    if type(value) ~= "number" or value ~= value then
        return ("must be a number, got %s"):format(class.shown(value))
    elseif value < entry.min_value or value > entry.max_value then
        return ("must be %s..%s, got %s"):format(entry.min_value, entry.max_value, value)
    end
end

local WRONG = {
    continuous = off_range,
    discrete = function(entry, value)
        local why = off_range(entry, value)
        if not why and (value - entry.min_value) % entry.step ~= 0 then
            why = ("must be %s plus steps of %s, got %s"):format(entry.min_value, entry.step, value)
        end
        return why
    end,
    categorical = function(entry, value)
        local shown = {}
        for i, choice in ipairs(entry.choices) do
            if choice == value then
                return nil
            end
            shown[i] = tostring(choice)
        end
        return ("must be one of %s, got %s"):format(table.concat(shown, ", "), class.shown(value))
    end,
}

--- true when `params` (a table by name) is a point of the space; else nil and what is wrong: a
-- parameter missing, unknown, out of range or off its steps.
function methods:validate_params(params)
    local names = {}
    for i, entry in ipairs(self.parameters) do
        names[i] = entry.name
        local value = params[entry.name]
        local why = value == nil and "is missing" or WRONG[entry.type](entry, value)
        if value == nil or why then
            return nil, ("parameter '%s' %s"):format(entry.name, why)
        end
    end
    for name in pairs(params) do
        if not self:get_parameter(name) then
            return nil, ("unknown parameter %s%s"):format(class.shown(name),
                require "backlua.text.nearest".hint(tostring(name), names))
        end
    end
    return true
end

return {
    public = ParameterSpace,
    is = space_class.is,
    pointer = space_class.hidden, -- the bt_space, alive as long as the object
}
