-- `bundle rm` and `study rm`: after a question, one name after the other, each with a line.

local confirm = require "backlua.cli.confirm"
local failure = require "backlua.cli.failure"
local C = require("backlua.ffi").C

-- args: names, json and what confirm.ask wants; what: all of them in words; remove: function(name)
-- that gives a bt_status. Returns the exit code, or nil and a failure.
return function(args, what, remove)
    local agreed, err = confirm.ask(args, "remove " .. what)
    if not agreed then
        return nil, err
    end
    local lines = require "backlua.cli.lines"(args)
    for _, name in ipairs(args.names) do
        local status = remove(name)
        if status ~= C.BT_OK then
            return nil, failure.native(status)
        end
        lines:add(name .. ": removed", { { "name", name }, { "removed", true } })
    end
    lines:finish()
    return 0
end
