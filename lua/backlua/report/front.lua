-- The front of a study with several objectives: headline figures and a section of its document. The
-- trials that no other one beats in everything stand out.

local number = require "backlua.text.number"
local figures = require "backlua.report.figures"

local function score_text(v)
    return v and v == v and number.grouped(v, 4) or "-"
end

local function names_of(view)
    local names = {}
    for name in (view.manifest.objective or ""):gmatch "%S+" do
        names[#names + 1] = name
    end
    return names
end

local function on_front(view)
    local set = {}
    for _, t in ipairs(view.front) do
        set[t.trial] = true
    end
    return set
end

local MOST = 800 -- trials that are drawn, beside those of the front

local function points_of(view, set)
    local points, step = {}, math.ceil(#view.done / MOST)
    for i, t in ipairs(view.done) do
        local s = t.scores
        if s and (set[t.trial] or i % step == 0) then
            points[#points + 1] = { x = s[1], y = s[2], best = set[t.trial],
                title = ("trial %d: %s, %s"):format(t.trial, score_text(s[1]), score_text(s[2])) }
        end
    end
    return points
end

local function rows_of(view, set)
    local rows = {}
    for _, t in ipairs(view.done) do
        if set[t.trial] and t.scores then
            local row = { t.trial }
            for _, s in ipairs(t.scores) do
                row[#row + 1] = s
            end
            for _, p in ipairs(view.parameters) do
                local v = t.params[p.name]
                row[#row + 1] = type(v) == "number" and v or tostring(v or "")
            end
            rows[#rows + 1] = row
        end
    end
    return rows
end

local front = {}

-- The best on the front in the i-th objective.
local function best_of(view, set, i, higher)
    local best
    for _, t in ipairs(view.done) do
        local s = set[t.trial] and t.scores and t.scores[i]
        if s and (not best or (s > best.scores[i]) == higher and s ~= best.scores[i]) then
            best = t
        end
    end
    return best
end

local OBJECTIVES_SHOWN = 2

--- Headline figures of a view (study.lua) with several objectives: how many are on its front, the
-- best there in each of the first two.
function front.cards(view)
    local higher, set = view.manifest.higher_is_better, on_front(view)
    local items = { { "On the front", number.count(#view.front),
        "trials that no other one beats" } }
    for i, name in ipairs(names_of(view)) do
        local best = i <= OBJECTIVES_SHOWN
            and best_of(view, set, i, type(higher) ~= "table" or higher[i] ~= false)
        items[#items + 1] = best and { "Best " .. name, score_text(best.scores[i]),
            "trial " .. best.trial } or nil
    end
    return items
end

--- The section; nil for a view (study.lua) of one objective.
function front.section(view)
    local names = names_of(view)
    if #names < 2 or not view.front then
        return nil
    end
    local set, columns = on_front(view), { { title = "Trial", align = "right" } }
    for _, name in ipairs(names) do
        columns[#columns + 1] = { title = name, align = "right", show = score_text }
    end
    for _, p in ipairs(view.parameters) do
        columns[#columns + 1] = { title = p.name, align = p.numeric and "right" or nil }
    end
    return { id = "front-section", title = "Front",
        lead = "Trials that no other one beats in every objective stand out; which of them is best "
            .. "is a choice.",
        blocks = { { type = "figure", id = "front",
            caption = names[1] .. " across, " .. names[2] .. " up",
            svg = figures.scatter(points_of(view, set), { label = "Front", width = 620,
                height = 320 }),
            table = { columns = columns, rows = rows_of(view, set) } } } }
end

return front
