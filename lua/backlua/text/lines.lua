-- What was done to each of several things: a line on stdout at once, or all of it as one JSON array
-- at the end.
--
--     local lines = require "backlua.text.lines"(args.json)
--     lines:add("x: removed", { { "name", "x" }, { "removed", true } })
--     lines:finish()

local json = require "backlua.text.json"
local output = require "backlua.text.output"

local methods = {}
methods.__index = methods

-- text: the line; entries: the object, { key, value } in order.
function methods:add(text, entries)
    if self.objects then
        table.insert(self.objects, json.object(entries))
    else
        output.write(text .. "\n")
    end
end

function methods:finish()
    if self.objects then
        output.write(json.encode(json.array(self.objects)) .. "\n")
    end
end

return function(as_json)
    return setmetatable({ objects = as_json and {} or nil }, methods)
end
