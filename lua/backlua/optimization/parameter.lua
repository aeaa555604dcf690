-- What the kinds of parameters share: an object that can add itself to a space of the engine,
-- which checks it. A parameter is checked alone when it is made, so that the error is raised at
-- its own line.

local ffi = require "ffi"
local class = require "backlua.optimization.class"
local C = require("backlua.ffi").C

local parameter = {}

local kind = class.new "Parameter"

-- ---- conditions --------------------------------------------------------------------------------

local ACTIVE = {
    string = C.bt_space_active_string, number = C.bt_space_active_number,
    boolean = function(space, value)
        return C.bt_space_active_bool(space, value and 1 or 0)
    end,
}

local function check_values(values)
    if #values == 0 then
        return "must give the value of the other parameter, or a list of values"
    end
    for _, value in ipairs(values) do
        if not ACTIVE[type(value)] then
            return "may hold strings, numbers and booleans, got " .. class.shown(value)
        end
    end
end

local function check_active_if(condition)
    local name, values = next(condition)
    if type(name) ~= "string" or next(condition, name) ~= nil then
        return "must be a table of one entry, { other_parameter = value or list of values }"
    end
    return check_values(type(values) == "table" and values or { values })
end

-- The option that all kinds have.
parameter.ACTIVE_IF = { kind = "table", check = check_active_if }

-- Make the parameter added last depend on another; status of the engine.
local function add_condition(space, condition)
    local name, values = next(condition)
    local status = C.bt_space_active_if(space, name)
    for _, value in ipairs(type(values) == "table" and values or { values }) do
        if status == C.BT_OK then
            status = ACTIVE[type(value)](space, value)
        end
    end
    return status
end

-- The condition on its own: name of the other parameter, list of values; nil when there is none.
function parameter.condition(object)
    local name, values = next(object.active_if or {})
    return name, type(values) == "table" and values or { values }
end

-- ---- objects -----------------------------------------------------------------------------------

-- A parameter object.
--     what     class name, for messages
--     fields   settings; name among them
--     add      function(space): status of the engine
--     level    as error's, for the caller of the function that calls this
function parameter.new(what, fields, add, level)
    local space = ffi.gc(C.bt_space_new(), C.bt_space_free)
    local status = add(space)
    if status == C.BT_OK then
        status = C.bt_space_check(space)
    end
    if status ~= C.BT_OK then
        error(what .. ": " .. ffi.string(C.bt_error_message()), level + 1)
    end
    return kind.new(fields, add)
end

parameter.is = kind.is

-- Add the parameter, with its condition, to a bt_space; status of the engine. What is computed
-- from others adds nothing.
function parameter.add(object, space)
    local add = kind.hidden(object)
    local status = type(add) == "function" and add(space) or C.BT_OK
    if status == C.BT_OK and object.active_if then
        status = add_condition(space, object.active_if)
    end
    return status
end

-- A parameter that is computed from the others by f(params).
function parameter.derived(fields, f)
    return kind.new(fields, { compute = f })
end

-- That function; nil of any other parameter.
function parameter.computed(object)
    local hidden = kind.hidden(object)
    return type(hidden) == "table" and hidden.compute or nil
end

-- Its settings.
parameter.fields = kind.fields

return parameter
