-- Score by parameter: a section of a study's document. A point a trial, as many as a page can
-- hold; in the tables all trials count, by level or, where there are many levels, by range.

local number = require "backlua.text.number"
local figures = require "backlua.report.figures"
local short = require "backlua.report.study_numbers".short

local POINTS, RANGES = 800, 20

-- Evenly chosen trials, the best among them.
local function sample(view, limit)
    local step, list = math.max(1, math.ceil(#view.done / limit)), {}
    for i, t in ipairs(view.done) do
        if (i - 1) % step == 0 or view.best and t.trial == view.best.trial then
            list[#list + 1] = t
        end
    end
    return list
end

local function score_text(v)
    return v and v == v and number.grouped(v, 4) or "-"
end

local function points_of(view, p, trials)
    local points = {}
    for _, t in ipairs(trials) do
        local v = t.params[p.name]
        if v ~= nil then
            points[#points + 1] = { x = p.numeric and v or p.rank[v], y = t.score,
                best = view.best and t.trial == view.best.trial or nil,
                title = ("trial %d: %s, %s"):format(t.trial, short(v), score_text(t.score)) }
        end
    end
    return points
end

-- Groups of levels that follow one another, a level each where they are few: { text, scores }.
local function groups_of(view, p)
    local levels, groups = #p.levels, {}
    local count = p.numeric and math.min(levels, RANGES) or levels
    local function group_of(rank)
        return math.ceil(rank * count / levels)
    end
    for rank, level in ipairs(p.levels) do
        local group = groups[group_of(rank)] or { first = level, scores = {} }
        groups[group_of(rank)], group.last = group, level
    end
    for _, t in ipairs(view.done) do
        local rank = p.rank[t.params[p.name]]
        if rank then
            local scores = groups[group_of(rank)].scores
            scores[#scores + 1] = t.score
        end
    end
    return groups
end

local function rows_of(view, p)
    local rows = {}
    for i, group in ipairs(groups_of(view, p)) do
        local list, text = group.scores, short(group.first)
        table.sort(list)
        rows[i] = { group.first == group.last and text or text .. " to " .. short(group.last),
            #list, list[1], list[math.ceil(#list / 2)], list[#list] }
    end
    return rows
end

local function names_of(p)
    local names = {}
    for i, v in ipairs(p.levels) do
        names[i] = tostring(v)
    end
    return names
end

local function slice(view, p, trials, id)
    local function column(title)
        return { title = title, align = "right", show = score_text }
    end
    return { type = "figure", id = id, caption = p.name,
        svg = figures.scatter(points_of(view, p, trials), { label = "Score by " .. p.name,
            x_names = not p.numeric and names_of(p) or nil, width = 480 }),
        table = { columns = { { title = p.name, align = p.numeric and "right" or nil },
            { title = "Trials", align = "right" }, column "Lowest", column "Median",
            column "Highest" }, rows = rows_of(view, p) } }
end

return function(view)
    local trials, blocks = sample(view, math.ceil(POINTS / #view.parameters)), {}
    for i, p in ipairs(view.parameters) do
        blocks[i] = slice(view, p, trials, "slice-" .. i)
    end
    return { id = "slices-section", title = "Slices", lead = #trials < #view.done
        and ("%s of %s trials are drawn; the tables count all."):format(number.count(#trials),
            number.count(#view.done))
        or "A point a trial; the best one stands out.", blocks = blocks, beside = true }
end
