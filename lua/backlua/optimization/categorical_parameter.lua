-- CategoricalParameter { name =, choices = { "up", "down" } }

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

local function wrong_choice(value)
    if not ADD[type(value)] then
        return ("may hold strings, numbers and booleans, got %s"):format(class.shown(value))
    elseif type(value) == "string" and value:find "%z" then
        return "may not hold a zero byte"
    end
end

local function check_choices(choices)
    if #choices == 0 then
        return "must be a list of at least 2 values"
    end
    for _, value in ipairs(choices) do
        local message = wrong_choice(value)
        if message then
            return message
        end
    end
end

local SPEC = {
    name = { kind = "string", required = true },
    choices = { kind = "table", required = true, check = check_choices },
    ordered = { kind = "boolean", default = false },
    active_if = parameter.ACTIVE_IF,
}

-- The list itself: the caller may change his.
local function copy(list)
    local mine = {}
    for i, value in ipairs(list) do
        mine[i] = value
    end
    return mine
end

--- One of a list of values.
-- @param given name and choices: at least 2 strings, numbers or booleans, no two of which read
--   alike; ordered (false; true when neighbours in the list are alike, so that a search may step
--   from one to the next); active_if as of a DiscreteParameter
local function CategoricalParameter(given)
    local values = options.check("CategoricalParameter", SPEC, given, 2)
    values.choices, values.type = copy(values.choices), "categorical"
    local made = parameter.new("CategoricalParameter", values, function(space)
        local status = C.bt_space_choice(space, values.name)
        for _, value in ipairs(values.choices) do
            if status == C.BT_OK then
                status = ADD[type(value)](space, value)
            end
        end
        if status == C.BT_OK and values.ordered then
            status = C.bt_space_ordered(space)
        end
        return status
    end, 2)
    return made
end

return { public = CategoricalParameter }
