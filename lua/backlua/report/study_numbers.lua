-- What the trials of a study say about its parameters: importance, neighbourhoods.
--
-- A trial is a table with params, score, state; only those that are done count.

local numbers = {}

local BINS = 10

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

local function mean_of(list)
    local sum = 0
    for _, t in ipairs(list) do
        sum = sum + t.score
    end
    return sum / #list
end

-- Group of a trial: its level, or where there are many its tenth of the levels.
local function group_of(p, t)
    local rank = p.rank[t.params[p.name]]
    if not rank then
        return 0
    end
    return #p.levels <= BINS and rank or math.floor((rank - 1) * BINS / #p.levels) + 1
end

--- Share of the variance of the scores that each parameter explains alone: array of { name, value }
-- in 0..1, largest first; it is the correlation ratio, eta^2, over at most ten groups of levels.
-- source Fisher 1925, Statistical Methods for Research Workers (the correlation ratio)
function numbers.importance(trials, parameters)
    local total, mean, list = 0, mean_of(trials), {}
    for _, t in ipairs(trials) do
        total = total + (t.score - mean) ^ 2
    end
    for i, p in ipairs(parameters) do
        local sums, counts, between = {}, {}, 0
        for _, t in ipairs(trials) do
            local g = group_of(p, t)
            sums[g], counts[g] = (sums[g] or 0) + t.score, (counts[g] or 0) + 1
        end
        for g = 0, math.max(BINS, #p.levels) do
            if counts[g] then
                between = between + counts[g] * (sums[g] / counts[g] - mean) ^ 2
            end
        end
        list[i] = { name = p.name, value = total > 0 and between / total or 0 }
    end
    table.sort(list, function(a, b)
        return a.value > b.value or a.value == b.value and a.name < b.name
    end)
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

--- Trials by score, the best first; ties in trial order.
function numbers.ranked(trials, higher)
    local list = { unpack(trials) }
    table.sort(list, function(a, b)
        if a.score ~= b.score then
            return (a.score > b.score) == higher
        end
        return a.trial < b.trial
    end)
    return list
end

return numbers
