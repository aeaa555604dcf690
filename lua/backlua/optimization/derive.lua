-- Derived parameters, computed: in workers before a trial, in results when they are read.

local class = require "backlua.optimization.class"
local parameter = require "backlua.optimization.parameter"
local sandbox = require "backlua.sandbox"

local KINDS = { string = true, number = true, boolean = true }

local function copy(params)
    local mine = {}
    for name, value in next, params do
        mine[name] = value
    end
    return mine
end

-- Put the derived parameters of a list into params. true, or nil and what went wrong.
--     list    parameter objects
--     space   the sandbox's space of their functions, nil for a trusted script
return function(list, space, params)
    for _, object in ipairs(list) do
        local previous = sandbox.activate(space)
        local ok, value = pcall(parameter.computed(object), copy(params))
        sandbox.activate(previous)
        if not ok then
            return nil, ("parameter '%s': %s"):format(object.name, tostring(value))
        elseif not KINDS[type(value)] or value ~= value then
            return nil, ("parameter '%s': its function must return a string, number or boolean, "
                .. "got %s"):format(object.name, class.shown(value))
        end
        params[object.name] = value
    end
    return true
end
