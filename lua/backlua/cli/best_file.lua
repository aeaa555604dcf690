-- The best parameters as a Lua file that `backlua run --params` takes.

local number = require "backlua.text.number"
local paragraph = require "backlua.text.paragraph"
local sorted_keys = require "backlua.sorted_keys"

local COLUMNS = 80

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n" }

local function literal(value)
    if type(value) == "number" then
        return number.shortest(value)
    elseif type(value) == "string" then
        return '"' .. value:gsub('[%c"\\\127]', function(c)
            return ESCAPES[c] or ("\\x%02x"):format(c:byte())
        end) .. '"'
    end
    return tostring(value)
end

-- Text of the file. best: { trial, params, score }; facts: { objective, study,
-- verdict = (a sentence, or nil) }.
return function(best, facts)
    local lines = {}
    lines[1] = ("-- Trial %d of study %s: %s %s."):format(best.trial, facts.study,
        facts.objective, number.shortest(best.score))
    lines[2] = facts.verdict and paragraph("Is it real? " .. facts.verdict, COLUMNS, "-- ")
        :sub(1, -2) or nil
    lines[#lines + 1] = "return {"
    for _, name in ipairs(sorted_keys(best.params)) do
        lines[#lines + 1] = ("    %s = %s,"):format(name, literal(best.params[name]))
    end
    lines[#lines + 1] = "}\n"
    return table.concat(lines, "\n")
end
