-- A combinatorial purged cross-validation as a document (page.lua): which groups each split tested
-- and what came of it, the paths that the tests make up, how far both lie apart.

local number = require "backlua.text.number"
local figures = require "backlua.report.figures"
local params_text = require("backlua.text.params").all
local study = require "backlua.report.study"
local svg = require "backlua.report.svg"
local walk = require "backlua.report.walk"

local fixed, percent = number.fixed, number.percent

local cpcv = {}

local function ratio_text(v)
    return v and v == v and fixed(v) or "-"
end

local function score_text(v)
    return v and v == v and number.grouped(v, 4) or "-"
end

local function score_of(split, stage)
    return split[stage] and split[stage].score or 0 / 0
end

local function metric(of, key)
    return of and of.metrics and of.metrics[key] or 0 / 0
end

-- ---- summary -----------------------------------------------------------------------------------

local function worst_drawdown(paths)
    local worst
    for _, path in ipairs(paths) do
        local depth = metric(path, "max_drawdown")
        worst = depth == depth and math.min(worst or 0, depth) or worst
    end
    return worst
end

-- Probability of overfitting: by CSCV, or the share of winners below the median in test.
local function overfit(view)
    local pbo = view.luck and view.luck.pbo
    if pbo and pbo == pbo then
        return fixed(pbo), "probability by CSCV; above 0.2: luck"
    end
    local below = view.source.below_median
    return below and percent(below, 0) or "-", "of winners below the median in test"
end

local function losing(paths)
    local n = 0
    for _, path in ipairs(paths) do
        n = n + (metric(path, "total_return") < 0 and 1 or 0)
    end
    return n
end

local function median_return(paths)
    local list = {}
    for _, path in ipairs(paths) do
        local v = metric(path, "total_return")
        list[#list + 1] = v == v and v or nil
    end
    return require "backlua.optimization.spread"(list).median
end

local function cards(view)
    local s, paths = view.source.sharpe or {}, view.paths
    local depth, typical = worst_drawdown(paths), median_return(paths)
    local pbo, note = overfit(view)
    return { type = "cards", items = {
        { "Sharpe ratio of the paths", ratio_text(s.median), s.n and s.n > 0
            and ("median; %s to %s"):format(fixed(s.min), fixed(s.max)) or "" },
        { "Return of the paths", typical and percent(typical) or "-", "median" },
        { "Overfitting", pbo, note },
        { "Max drawdown", depth and percent(depth) or "-", "of the worst path" },
        { "Paths that lose", ("%d of %d"):format(losing(paths), #paths), "" },
        { "Efficiency", ratio_text(view.source.efficiency), "growth a session, test / train" },
        { "Splits", number.count(#view.splits), #view.source.groups .. " groups of sessions" },
        { "Trials", number.count(#view.trials), "" },
    } }
end

-- ---- splits ------------------------------------------------------------------------------------

local LEFT, TOP, CELL_W, CELL_H, SCORE_W = 46, 22, 64, 18, 150

local function largest_score(splits)
    local most = 0
    for _, split in ipairs(splits) do
        local score = math.abs(score_of(split, "test"))
        most = score < math.huge and math.max(most, score) or most
    end
    return most > 0 and most or 1
end

local function tested_of(split)
    local tested = {}
    for _, g in ipairs(split.tested) do
        tested[g] = true
    end
    return tested
end

local function matrix_row(parts, view, i, scale)
    local split, y = view.splits[i], TOP + (i - 1) * CELL_H
    local tested, score = tested_of(split), score_of(split, "test")
    parts[#parts + 1] = svg.text(LEFT - 8, y + 13, tostring(i), "end", "soft")
    for g, group in ipairs(view.source.groups) do
        local class = tested[g] and figures.level(score, scale) or "none"
        parts[#parts + 1] = svg.rect(LEFT + (g - 1) * CELL_W + 1, y + 1, CELL_W - 2, CELL_H - 2,
            class, ("split %d, group %d, %s to %s: %s"):format(i, g, group.first, group.last,
                tested[g] and "tested, score " .. score_text(score) or "train"))
    end
    parts[#parts + 1] = svg.text(LEFT + #view.source.groups * CELL_W + 8, y + 13,
        score_text(score))
end

-- A row for each split, a column for each group: those tested have the colour of the score there.
local function matrix(view)
    local parts, groups, scale = {}, view.source.groups, largest_score(view.splits)
    for g, group in ipairs(groups) do
        parts[g] = svg.text(LEFT + (g - 0.5) * CELL_W, TOP - 8, group.first:sub(1, 7), "middle",
            "soft")
    end
    for i in ipairs(view.splits) do
        matrix_row(parts, view, i, scale)
    end
    return svg.drawing(LEFT + #groups * CELL_W + SCORE_W, TOP + #view.splits * CELL_H + 4,
        "Groups that each split tested, and its score there", parts)
end

local COLUMNS = {
    { title = "Split", align = "right", show = number.count }, { title = "Tested groups" },
    { title = "Parameters" }, { title = "Score in train", align = "right", show = score_text },
    { title = "in test", align = "right", show = score_text },
    { title = "Return in test", align = "right", show = percent },
    { title = "Median in test", align = "right", show = score_text },
}

local function split_rows(view)
    local rows = {}
    for i, split in ipairs(view.splits) do
        rows[i] = { i, table.concat(split.tested, " "),
            split.params and params_text(split.params) or "-", score_of(split, "train"),
            score_of(split, "test"), metric(split.test, "total_return"),
            split.test and split.test.median or 0 / 0 }
    end
    return rows
end

-- Columns that no row has a number for are left out: a search for each split has no median, one
-- for all splits no return.
local function splits_section(view)
    local shared = view.source.below_median ~= nil
    local columns, rows = { unpack(COLUMNS) }, split_rows(view)
    local absent = shared and 6 or 7
    table.remove(columns, absent)
    for _, row in ipairs(rows) do
        table.remove(row, absent)
    end
    return { id = "splits-section", title = "Splits",
        lead = "Each split searched the groups without colour and tested the coloured ones: green "
            .. "where its score there is above 0, red below.",
        blocks = { { type = "figure", id = "matrix", caption = (view.manifest.objective or "score")
                .. " of each split in test", svg = matrix(view) },
            { type = "table", id = "splits", sortable = true, static = true, columns = columns,
                rows = rows } } }
end

-- ---- paths -------------------------------------------------------------------------------------

-- Paths with a Sharpe ratio, the lowest first.
local function ranked(paths)
    local list = {}
    for _, path in ipairs(paths) do
        local sharpe = metric(path, "sharpe_ratio")
        list[#list + 1] = sharpe == sharpe and path or nil
    end
    table.sort(list, function(a, b)
        local x, y = metric(a, "sharpe_ratio"), metric(b, "sharpe_ratio")
        return x < y or x == y and a.path < b.path
    end)
    return list
end

-- The worst, the median and the best of the ranked, each once.
local function shown_paths(list)
    local lines, seen = {}, {}
    for _, pick in ipairs { { #list, "Best", "third" },
        { math.floor((#list + 1) / 2), "Median", "strategy" }, { 1, "Worst", "loss" } } do
        local path = list[pick[1]]
        if path and not seen[path] then
            seen[path] = true
            lines[#lines + 1] = { name = ("%s, path %d"):format(pick[2], path.path),
                role = pick[3], decimals = 2, values = walk.curve_of(path).value }
        end
    end
    return lines
end

local PATHS = {
    { title = "Path", align = "right", show = number.count }, { title = "Splits" },
    { title = "Return", align = "right", show = percent },
    { title = "Sharpe ratio", align = "right", show = ratio_text },
    { title = "Max drawdown", align = "right", show = percent },
}

local function path_rows(paths)
    local rows = {}
    for i, path in ipairs(paths) do
        rows[i] = { path.path, table.concat(path.splits, " "), metric(path, "total_return"),
            metric(path, "sharpe_ratio"), metric(path, "max_drawdown") }
    end
    return rows
end

local function paths_section(view)
    local list = ranked(view.paths)
    return { id = "paths-section", title = "Paths",
        lead = "A path goes once through all sessions, each group as one of the splits tested it: "
            .. "what a walk-forward shows is one such path.",
        blocks = {
            { type = "chart", id = "paths", caption = "Equity of the paths with the best, the "
                .. "median and the worst Sharpe ratio", time = "paths", unit = "money", log = true,
                height = 300, lines = shown_paths(list) },
            { type = "table", id = "path-table", sortable = true, static = true, columns = PATHS,
                rows = path_rows(view.paths) } } }
end

-- ---- how far they lie apart --------------------------------------------------------------------

local function finite(list, of)
    local values = {}
    for _, element in ipairs(list) do
        local v = of(element)
        values[#values + 1] = v - v == 0 and v or nil
    end
    return values
end

local function histogram(id, caption, values, marks)
    if #values < 2 then
        return nil
    end
    local bins, rows = figures.bins(values), {}
    for i, count in ipairs(bins.counts) do
        local from = bins.low + (i - 1) * bins.width
        rows[i] = { from, from + bins.width, count }
    end
    return { type = "figure", id = id, caption = caption, svg = figures.histogram(bins, {
        label = caption, shown = svg.label, marks = marks }), table = { columns = {
            { title = "From", align = "right", show = score_text },
            { title = "To", align = "right", show = score_text },
            { title = "Count", align = "right", show = number.count } }, rows = rows } }
end

local function apart(view)
    local s, blocks = view.source.sharpe or {}, {}
    blocks[1] = histogram("scores", (view.manifest.objective or "score")
        .. " of the splits in test", finite(view.splits, function(split)
            return score_of(split, "test")
        end), { { "0", 0 } })
    blocks[#blocks + 1] = histogram("sharpes", "Sharpe ratio of the paths", finite(view.paths,
        function(path)
            return metric(path, "sharpe_ratio")
        end), { { "0", 0 }, s.median and { "median", s.median } or nil })
    return #blocks > 0 and { id = "apart", title = "Out of sample, how far apart",
        lead = "One number out of sample is a draw from this; where it reaches below 0, so may the "
            .. "next years.", blocks = blocks } or nil
end

-- ---- the document ------------------------------------------------------------------------------

-- Splits in the form that the sections of a walk-forward read.
local function as_windows(splits)
    local list = {}
    for i, split in ipairs(splits) do
        list[i] = { window = i, params = split.params, train = split.train, test = split.test }
    end
    return list
end

--- Document of a cross-validation; source: source.lua.
function cpcv.document(name, source)
    local view = study.view(source)
    view.source, view.splits, view.paths = source, source.splits, source.paths
    view.unit, view.windows = "split", as_windows(source.splits)
    local sections, times = { study.tested_summary(view, cards(view)), splits_section(view) }, {}
    local function add(section)
        sections[#sections + 1] = section
    end
    if #ranked(view.paths) > 0 then
        local time = walk.curve_of(view.paths[1]).time
        times.paths = { values = time, n = #time, daily = walk.is_daily(time) }
        add(paths_section(view))
    end
    add(apart(view))
    add(require "backlua.report.luck"(view))
    add(walk.against(view))
    add(walk.drift(view))
    add(study.trials_section(view))
    add(require "backlua.report.timeline"(view))
    add(study.assumptions(view))
    return { kind = "walkforward", title = name, subtitle = ("cross-validation of %d splits%s")
        :format(#view.splits, (view.manifest.strategy or "") ~= "" and " of "
            .. view.manifest.strategy:match "[^/]*$" or ""), sections = sections, times = times }
end

return cpcv
