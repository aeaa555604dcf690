-- What was done to each of several things: a line on stdout at once, or all of it as one JSON array
-- or one table of CSV at the end.
--
--     local lines = require "backlua.cli.lines"(args)
--     lines:add("x: removed", { { "name", "x" }, { "removed", true } })
--     lines:finish()

local form = require "backlua.cli.form"
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
        form.write(self.args, json.array(self.objects))
    end
end

-- args: parsed values, with json and csv.
return function(args)
    return setmetatable({ args = args, objects = form.asked(args) and {} or nil }, methods)
end
