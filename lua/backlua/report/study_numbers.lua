-- What the trials of a study say about its parameters: their levels, neighbourhoods, ranks.
--
-- A trial is a table with params, score, state; only those that are done count.

local numbers = {}

--- A value to read: six digits; the table of trials has all of them.
function numbers.short(v)
    return type(v) == "number" and require("backlua.text.number").shortest(
        tonumber(("%.6g"):format(v))) or tostring(v)
end

-- Trials that have a score, in order.
function numbers.done(trials)
    local list = {}
    for _, t in ipairs(trials) do
        if t.state == "done" and t.score and t.score - t.score == 0 then
            list[#list + 1] = t
        end
    end
    return list
end

local function sorted_levels(trials, name)
    local seen, levels = {}, {}
    for _, t in ipairs(trials) do
        local v = t.params[name]
        if v ~= nil and not seen[v] then
            seen[v], levels[#levels + 1] = true, v
        end
    end
    local numeric = type(levels[1]) == "number"
    table.sort(levels, function(a, b)
        if numeric then
            return a < b
        end
        return tostring(a) < tostring(b)
    end)
    return levels, numeric
end

--- Parameters of trials by name: array of { name, levels (sorted), numeric, rank = by value }.
function numbers.parameters(trials)
    local seen, list = {}, {}
    for _, t in ipairs(trials) do
        for name in pairs(t.params) do
            if not seen[name] then
                seen[name], list[#list + 1] = true, { name = name }
            end
        end
    end
    table.sort(list, function(a, b) return a.name < b.name end)
    for _, p in ipairs(list) do
        p.levels, p.numeric = sorted_levels(trials, p.name)
        p.rank = {}
        for i, v in ipairs(p.levels) do
            p.rank[v] = i
        end
    end
    return list
end

local function are_neighbours(a, b, parameters)
    for _, p in ipairs(parameters) do
        local x, y = p.rank[a.params[p.name]], p.rank[b.params[p.name]]
        if x ~= y and (not p.numeric or not x or not y or math.abs(x - y) > 1) then
            return false
        end
    end
    return true
end

--- The trial and its neighbours, one level away at most in each number, with the same choices:
-- median of their scores, and how many there are.
function numbers.neighbourhood(trial, trials, parameters)
    local scores = {}
    for _, t in ipairs(trials) do
        if are_neighbours(trial, t, parameters) then
            scores[#scores + 1] = t.score
        end
    end
    table.sort(scores)
    local middle = (#scores + 1) / 2
    return (scores[math.floor(middle)] + scores[math.ceil(middle)]) / 2, #scores
end

--- The first trial that failed with a message; nil when none did.
function numbers.first_message(trials)
    for _, t in ipairs(trials) do
        if t.message and t.message ~= "" then
            return t
        end
    end
end

--- Trials by score, the best first; ties in trial order.
function numbers.ranked(trials, higher)
    local list = {}
    for i, t in ipairs(trials) do
        list[i] = t
    end
    table.sort(list, function(a, b)
        if a.score ~= b.score then
            return (a.score > b.score) == higher
        end
        return a.trial < b.trial
    end)
    return list
end

return numbers
