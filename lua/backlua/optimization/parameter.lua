-- What the three kinds of parameters share: an object that can add itself to a space of the engine,
-- which checks it. A parameter is checked alone when it is made, so that the error is raised at
-- its own line.

local ffi = require "ffi"
local class = require "backlua.optimization.class"
local C = require("backlua.ffi").C

local parameter = {}

local kind = class.new("Parameter")

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

-- Add the parameter to a bt_space; status of the engine.
function parameter.add(object, space)
    return kind.hidden(object)(space)
end

-- Its settings.
parameter.fields = kind.fields

return parameter
