-- What trials are judged by: one objective, or several at once.
--
-- An objective is whatever objective_function.from takes. Several of them are a list: their scores
-- are weighed by dominance, and what comes out is a front.

local objective_function = require "backlua.optimization.objective_function"
local C = require("backlua.ffi").C

local objectives = {}

local MOST = C.BT_OBJECTIVES_MAX

-- { metric, ObjectiveFunction, function, ... } and not the options of one objective.
local function is_list(given)
    return type(given) == "table" and getmetatable(given) ~= false and given[2] ~= nil
end

local function each(list)
    local found = {}
    for i, entry in ipairs(list) do
        local objective, message = objective_function.from(entry)
        if not objective then
            return nil, ("objective[%d]: %s"):format(i, (message:gsub("^%w+: ", "")))
        end
        found[i] = objective
    end
    if #found > MOST then
        return nil, ("objective: at most %d at once, got %d; of more, nearly every trial is on the "
            .. "front"):format(MOST, #found)
    end
    return found
end

-- Names to tell them by; a function is "custom", the next one "custom2".
local function names_of(list)
    local names, seen = {}, {}
    for i, objective in ipairs(list) do
        local name = objective.metric
        seen[name] = (seen[name] or 0) + 1
        names[i] = seen[name] == 1 and name or name .. seen[name]
        if name ~= "custom" and seen[name] > 1 then
            return nil, ("objective: %s is there twice; remove one"):format(name)
        end
    end
    return names
end

-- What a user gave an optimiser as { list (objects), names, functions (array with holes, of those
-- that are functions), lower (array of booleans: less is better) }; nil, message.
function objectives.from(given)
    local list, message
    if is_list(given) then
        list, message = each(given)
    else
        local one
        one, message = objective_function.from(given)
        list = one and { one }
    end
    local names
    if list then
        names, message = names_of(list)
    end
    if not names then
        return nil, message
    end
    local made = { list = list, names = names, functions = {}, lower = {} }
    for i, objective in ipairs(list) do
        made.functions[i] = objective_function.custom_function(objective)
        made.lower[i] = not objective.higher_is_better
    end
    return made
end

-- Directions as a manifest has them: "1", or "1 0" for two.
function objectives.directions(made)
    local words = {}
    for i, lower in ipairs(made.lower) do
        words[i] = lower and "0" or "1"
    end
    return table.concat(words, " ")
end

return objectives
