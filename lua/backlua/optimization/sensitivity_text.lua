-- What a SensitivityAnalyzer found, for people: a line for each parameter, its curve drawn, and a
-- heat map of the pair that interacts most.

local heat = require "backlua.text.heat"
local number = require "backlua.text.number"
local sorted_keys = require "backlua.sorted_keys"
local sparkline = require "backlua.text.sparkline"
local text_table = require "backlua.text.table"

local COLUMNS = { { title = "" }, { title = "stability", right = true }, { title = "" },
    { title = "score" }, { title = "over" } }

local function row_of(name, line)
    local scores = {}
    for i, point in ipairs(line.curve) do
        scores[i] = point.score or 0 / 0
    end
    local curve = line.curve
    return { name, number.percent(line.stability, 0), line.class, sparkline(scores),
        number.shortest(curve[1].value) .. " .. " .. number.shortest(curve[#curve].value) }
end

-- The pair with the largest share; nil without one that has a share.
local function strongest(interactions)
    local best
    for _, pair in ipairs(interactions) do
        if pair.share and (not best or pair.share > best.share) then
            best = pair
        end
    end
    return best
end

local function heat_of(pair, lower)
    local map = heat.map(pair[1], pair[2], pair.grid.x, pair.grid.y)
    map.lower_is_better = lower or false
    for a, x in ipairs(pair.grid.x) do
        for b, y in ipairs(pair.grid.y) do
            heat.add(map, x, y, pair.grid.score[a][b])
        end
    end
    return ("%s and %s: %s of the variance is theirs together\n"):format(pair[1], pair[2],
        number.percent(pair.share, 0)) .. heat.draw(map)
end

-- The text; found as SensitivityAnalyzer:run returns it; lower: less of the score is better.
return function(found, lower)
    local rows = {}
    for i, name in ipairs(sorted_keys(found.parameters)) do
        rows[i] = row_of(name, found.parameters[name])
    end
    local pair = strongest(found.interactions)
    return ("score %s at the base\n"):format(number.fixed(found.base_score, 4))
        .. text_table(COLUMNS, rows) .. (pair and heat_of(pair, lower) or "")
end
