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
            return ("[%d] must be a DiscreteParameter, ContinuousParameter, "
                .. "CategoricalParameter, FixedParameter or DerivedParameter, got %s")
                :format(i, class.shown(entry))
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

local function check_names(list)
    local seen = {}
    for _, entry in ipairs(list) do
        if seen[entry.name] then
            return ("ParameterSpace: parameter '%s' is in the space twice; rename one")
                :format(entry.name)
        end
        seen[entry.name] = true
    end
end

-- The engine's space of a list, and the derived parameters in it; nil, message.
local function build(list)
    local space, derived = ffi.gc(C.bt_space_new(), C.bt_space_free), {}
    local message = check_names(list)
    for _, entry in ipairs(list) do
        if not message and parameter.add(entry, space) ~= C.BT_OK then
            message = "ParameterSpace: " .. ffi.string(C.bt_error_message())
        end
        derived[#derived + 1] = parameter.computed(entry) and entry or nil
    end
    if not message and #derived == #list then
        message = "ParameterSpace: every parameter is derived; there is nothing to search"
    end
    if message then
        return nil, message
    end
    return { space = space, derived = derived }
end

--- Parameters that are searched together; their order is the order of a grid, the last one turning
-- fastest. What a parameter depends on (active_if) must stand before it.
-- @param given parameters: a list of at least one, no two of one name
local function ParameterSpace(given)
    local values = options.check("ParameterSpace", SPEC, as_options(given), 2)
    local list = {}
    for i, entry in ipairs(values.parameters) do
        list[i] = entry
    end
    local hidden, message = build(list)
    if not hidden then
        error(message, 2)
    end
    return space_class.new({ parameters = list }, hidden)
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
    return C.bt_space_cardinality(space_class.hidden(self).space)
end

-- ---- is a table of parameters a point of the space? --------------------------------------------

local function off_range(entry, value)
    if type(value) ~= "number" or value ~= value then
        return ("must be a number, got %s"):format(class.shown(value))
    elseif value < entry.min_value or value > entry.max_value then
        return ("must be %s..%s, got %s"):format(entry.min_value, entry.max_value, value)
    end
end

local function one_of(entry, value)
    local shown = {}
    for i, choice in ipairs(entry.choices or { entry.value }) do
        if choice == value then
            return nil
        end
        shown[i] = tostring(choice)
    end
    return ("must be one of %s, got %s"):format(table.concat(shown, ", "), class.shown(value))
end

local function off_step(entry, value)
    local steps = (value - entry.min_value) / entry.step
    if math.abs(steps - math.floor(steps + 0.5)) > 1e-9 * math.max(1, steps) then
        return ("must be %s plus steps of %s, got %s"):format(entry.min_value, entry.step, value)
    end
end

local WRONG = {
    continuous = function(entry, value)
        return off_range(entry, value) or entry.step and off_step(entry, value) or nil
    end,
    derived = function() end,
    fixed = one_of,
    discrete = function(entry, value)
        local why = off_range(entry, value)
        if not why and (value - entry.min_value) % entry.step ~= 0 then
            why = ("must be %s plus steps of %s, got %s"):format(entry.min_value, entry.step, value)
        end
        return why
    end,
    categorical = one_of,
}

-- Whether the parameter is there at all, given the others.
local function is_active(self, entry, params)
    local other, values = parameter.condition(entry)
    if entry.type == "derived" then
        return params[entry.name] ~= nil
    elseif not other then
        return true
    end
    for _, value in ipairs(values) do
        if params[other] == value then
            return is_active(self, self:get_parameter(other), params)
        end
    end
    return false
end

local function wrong(self, entry, params)
    local value = params[entry.name]
    if not is_active(self, entry, params) then
        return value ~= nil and ("is not active: it needs %s"):format(parameter.condition(entry))
    elseif value == nil then
        return "is missing"
    end
    return WRONG[entry.type](entry, value)
end

--- true when `params` (a table by name) is a point of the space; else nil and what is wrong: a
-- parameter missing, unknown, out of range, off its steps, or given where it is not active.
-- Raises when it is no table.
function methods:validate_params(params)
    if type(params) ~= "table" then
        error("validate_params: a table of parameters is expected, got " .. class.shown(params), 2)
    end
    local names = {}
    for i, entry in ipairs(self.parameters) do
        names[i] = entry.name
        local why = wrong(self, entry, params)
        if why then
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
    pointer = function(object) -- the bt_space, alive as long as the object
        return space_class.hidden(object).space
    end,
    derived = function(object) -- list of those that are computed
        return space_class.hidden(object).derived
    end,
}
