-- Several results under their names: what an indicator with more than one output gives.
--
--     local m = outputs.named("indicator macd", { "macd", "signal", "hist" }, { a, b, c })
--     m.signal
--
-- Any other name raises, and says which there are.

local outputs = {}

local error, type = error, type

-- A table of values by name. what: the words its messages begin with; names, values: arrays of one
-- length. Reading any other key of it raises.
function outputs.named(what, names, values)
    local result = {}
    for i = 1, #names do
        result[names[i]] = values[i]
    end
    return setmetatable(result, {
        __metatable = false,
        __index = function(_, name)
            local list = table.concat(names, ", ")
            if type(name) ~= "string" then
                error(("%s: it has several outputs, choose one first: %s"):format(what, list), 2)
            end
            local hint = require "backlua.text.nearest".hint(name, names)
            error(("%s: no output %s%s"):format(what, require "backlua.text.quote"(name),
                hint ~= "" and hint or "; there are " .. list), 2)
        end,
    })
end

return outputs
