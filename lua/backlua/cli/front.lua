-- The front of a study of several objectives, as a table for people and as JSON.

local json = require "backlua.text.json"
local results_module = require "backlua.optimization.results"

local front = {}

-- The words of a manifest's objective.
function front.names(objective)
    local names = {}
    for name in (objective or "score"):gmatch "%S+" do
        names[#names + 1] = name
    end
    return names
end

-- Whether a study's objective, as its manifest has it, is several.
function front.is_several(objective)
    return #front.names(objective) > 1
end

-- Text of at most `limit` (nil: all) of a bt_study's front, the best by the first objective first.
-- options: { objective, backtests }.
function front.text(study, options, limit)
    local positions = results_module.front_positions(study)
    local all = #positions
    for i = all, (limit or all) + 1, -1 do
        positions[i] = nil
    end
    local columns, rows = require "backlua.cli.trial_table".rows(study, positions, options)
    local text = require "backlua.text.table"(columns, rows, { indent = "  ",
        columns = require "backlua.text.output".columns() })
    return #positions < all and ("%s  ... %d more on the front\n"):format(text, all - #positions)
        or text
end

local function scores_object(names, scores)
    local entries = {}
    for i, score in ipairs(scores) do
        entries[i] = { names[i] or "score" .. i, score }
    end
    return json.object(entries)
end

-- A front (results.front) as an array of JSON objects, scores by the objectives' names.
function front.json(list, objective)
    local names, rows = front.names(objective), {}
    for i, t in ipairs(list) do
        rows[i] = json.object {
            { "trial", t.trial }, { "params", t.params },
            { "scores", scores_object(names, t.scores) }, { "metrics", t.metrics },
        }
    end
    return json.array(rows)
end

return front
