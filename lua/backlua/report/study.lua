-- A study as a document (page.lua): how the search went, what the parameters matter, whether the
-- best stands on a plateau, how likely it is luck.
--
-- Built from a study on disk or from what `optimize --json` wrote; both have the same trials.

local date = require "backlua.text.date"
local number = require "backlua.text.number"
local shell = require "backlua.text.shell"
local figures = require "backlua.report.figures"
local numbers = require "backlua.report.study_numbers"
local short = numbers.short

local study = {}

local function shortest(v)
    return type(v) == "number" and number.shortest(v) or tostring(v)
end

local function params_text(params, parameters)
    local parts = {}
    for _, p in ipairs(parameters) do
        local v = params[p.name]
        parts[#parts + 1] = v ~= nil and p.name .. " = " .. short(v) or nil
    end
    return table.concat(parts, ", ")
end

local function score_text(v)
    return v and v == v and number.grouped(v, 4) or "-"
end

-- ---- summary -----------------------------------------------------------------------------------

local function count_states(trials)
    local counts = {}
    for _, t in ipairs(trials) do
        counts[t.state] = (counts[t.state] or 0) + 1
    end
    return counts
end

local STATES = { "done", "invalid", "failed", "crashed", "timeout", "infeasible", "pruned",
    "violated" }

local function states_text(trials)
    local counts, parts = count_states(trials), {}
    for _, state in ipairs(STATES) do
        parts[#parts + 1] = counts[state] and number.count(counts[state]) .. " " .. state or nil
    end
    return table.concat(parts, ", ")
end

-- What the command line set in place of the script, and the flag that did.
local GIVEN = { { "given_bundle", "-b" }, { "given_start_date", "-s" },
    { "given_end_date", "-e" } }

--- The command that made a study, in facts' form; nil for one of a script.
function study.command_row(view, word)
    local m = view.manifest
    if not m.config then
        return nil
    end
    local words = { "backlua", word, shell(m.config) }
    for _, given in ipairs(GIVEN) do
        if m[given[1]] then
            words[#words + 1] = given[2] .. " " .. shell(m[given[1]])
        end
    end
    return { "Repeat it", table.concat(words, " "), code = true }
end

local function period_text(m)
    local first, last = m.start_date or "", m.end_date or ""
    if first == "" and last == "" then
        return "all of the bundle"
    end
    return (first ~= "" and first or "the first session") .. " to "
        .. (last ~= "" and last or "the last session")
end

-- A manifest's numbers have all of their digits; here those that tell them from others.
local function readable(text)
    return text and text:gsub("%-?%d+%.%d+", function(v)
        return number.shortest(tonumber(v))
    end):gsub(";", ", ")
end

--- Rows of facts that every kind of study has.
function study.fact_rows(view, word)
    local m, rows = view.manifest, {}
    local function add(label, value, note)
        if value and value ~= "" then
            rows[#rows + 1] = { label, shortest(value), note }
        end
    end
    add("Strategy", m.strategy, m.strategy_sha256 and "SHA-256 " .. m.strategy_sha256:sub(1, 12))
    add("Bundle", m.bundle, m.bundle_sha256 and m.bundle_sha256:sub(1, 12))
    add("Period", m.bundle and period_text(m))
    add("Objective", m.objective, not view.higher and "lower is better" or nil)
    add("Search", m.search)
    add("Space", m.space)
    add("Seed", m.seed)
    add("Constraint", m.constraint ~= "none" and m.constraint or nil)
    add("Of results", m.constraints ~= "none" and readable(m.constraints) or nil)
    add("Pruner", m.pruner ~= "none" and readable(m.pruner) or nil)
    add("Trials", states_text(view.trials))
    add("Made", m.created, "backlua " .. (m.engine or ""))
    rows[#rows + 1] = study.command_row(view, word)
    rows[#rows + 1] = { "Result hash", view.hash, code = true }
    return rows
end

-- Summary of what was tested out of sample: its cards, what it warns of, its facts.
function study.tested_summary(view, cards)
    local blocks = { cards, { type = "facts", rows = study.fact_rows(view, "walkforward") } }
    local paragraphs = {}
    for i, text in ipairs(view.source.warnings or {}) do
        paragraphs[i] = text:sub(1, 1):upper() .. text:sub(2) .. "."
    end
    if #paragraphs > 0 then
        table.insert(blocks, 2, { type = "text", note = true, paragraphs = paragraphs })
    end
    return { id = "summary", title = "Summary", blocks = blocks }
end

local function trials_card(view)
    local seconds = 0
    for _, t in ipairs(view.trials) do
        seconds = seconds + (t.seconds == t.seconds and t.seconds or 0)
    end
    return { "Trials", number.count(#view.trials), number.seconds(seconds) .. " of work" }
end

local function best_cards(view)
    local best, m = view.best, view.best.metrics or {}
    return {
        { "Best " .. (view.manifest.objective or "score"), score_text(best.score),
            "trial " .. best.trial },
        { "Its parameters", params_text(best.params, view.parameters), words = true },
        { "Its return", m.total_return and number.percent(m.total_return) or "-",
            m.max_drawdown and "drawdown " .. number.percent(m.max_drawdown) or "" },
    }
end

-- Headline figures, and why there are none where no trial came to a score.
local function headline(view)
    local items, blocks = {}, {}
    if view.best then
        items = best_cards(view)
    elseif view.front and view.front[1] then
        items = require "backlua.report.front".cards(view)
    elseif view.trials[1] then
        local first = numbers.first_message(view.trials)
        blocks[1] = { type = "text", note = true, paragraphs = { "No trial came to a score"
            .. (first and (": trial %d (%s): %s"):format(first.trial, first.state,
                first.message:match "[^\n]*") or ".") } }
    end
    if #items > 0 then
        items[#items + 1] = trials_card(view)
        table.insert(blocks, 1, { type = "cards", items = items })
    end
    return blocks
end

-- ---- history -----------------------------------------------------------------------------------

local HISTORY_MOST = 1000

-- Every step up is drawn, of the other trials as many as a page can hold.
local function history(view)
    local score, best, so_far = {}, {}, nil
    local positions, step = {}, math.ceil(#view.trials / HISTORY_MOST)
    for i, t in ipairs(view.trials) do
        local v, before = t.state == "done" and t.score or 0 / 0, so_far
        if v == v and (not so_far or (v > so_far) == view.higher and v ~= so_far) then
            so_far = v
        end
        if so_far ~= before or (i - 1) % step == 0 then
            local n = #positions + 1
            positions[n], score[n], best[n] = t.trial, v, so_far or 0 / 0
        end
    end
    return { id = "history-section", title = "History", blocks = { { type = "chart",
        id = "history", caption = (view.first_objective or "Score")
            .. " of each trial, and the best so far" .. (step > 1
            and (" (every %dth is drawn, and every step up)"):format(step) or ""), time = "trials",
        x = "Trial", unit = "number", stem = true, height = 260, lines = {
            { name = "Score", role = "strategy", values = score },
            { name = "Best so far", role = "third", values = best } } } } }, positions
end

-- ---- importance --------------------------------------------------------------------------------

local function importance(view)
    local list, bars, rows = view.importance, {}, {}
    if #list == 0 then
        return nil
    end
    for i, entry in ipairs(list) do
        bars[i] = { label = entry.name, value = entry.value }
        rows[i] = { entry.name, entry.value }
    end
    return { id = "importance-section", title = "What matters",
        lead = "Share of the scores' variance that each parameter explains alone; what is missing "
            .. "to 100 % is in how they act together, or noise.",
        blocks = { { type = "figure", id = "importance", caption = "Importance",
            svg = figures.rows(bars, { label = "Importance of parameters",
                shown = figures.percent }),
            table = { columns = { { title = "Parameter" }, { title = "Share", align = "right",
                show = number.percent } }, rows = rows } } } }
end

-- ---- heat map, parallel coordinates -----------------------------------------------------------

local FIRST_PARAM = 3 -- column of the trials table, 0-based

local function drawn_by_browser(view)
    local data = { higher = view.higher, first = FIRST_PARAM, count = #view.parameters,
        best = view.best and view.best.trial }
    local blocks = {}
    if #view.parameters > 1 then
        blocks[1] = { type = "custom", id = "heat", data = data,
            caption = "Scores by two parameters" }
    end
    blocks[#blocks + 1] = { type = "custom", id = "parallel", data = data,
        caption = "Parallel coordinates: drag along an axis to keep a range" }
    return { id = "landscape", title = "Landscape",
        lead = ("A cell of the heat map holds all trials of its pair%s; \"neighbourhood\" is the "
            .. "median of a cell and those around it: a peak that vanishes there was luck.")
            :format(require "backlua.report.listed"(view, view.trials)
            and " that are listed below" or ""),
        blocks = blocks }
end

-- ---- plateau -----------------------------------------------------------------------------------

local TOP = 10

local function plateau(view)
    local rows, ranked = {}, numbers.ranked(view.done, view.higher)
    for i = 1, math.min(TOP, #ranked) do
        local t = ranked[i]
        local median, count = numbers.neighbourhood(t, view.done, view.parameters)
        rows[i] = { t.trial, params_text(t.params, view.parameters), t.score, median, count - 1 }
    end
    local first = rows[1]
    local warning = first and first[5] > 0 and math.abs(first[3]) > 0
        and math.abs(first[3] - first[4]) > 0.3 * math.abs(first[3])
        and { "The best is more than 30 % away from the median of its neighbours: a peak, not a "
            .. "plateau, which rarely comes back on other data." }
    return { id = "plateau", title = "Plateau or peak",
        lead = "The ten best beside the median of their neighbours: trials one level away at most.",
        blocks = { { type = "text", note = true, paragraphs = warning or {} },
            { type = "table", id = "plateau-table", sortable = true, columns = {
            { title = "Trial", align = "right" }, { title = "Parameters" },
            { title = "Score", align = "right", show = score_text },
            { title = "Neighbourhood", align = "right", show = score_text },
            { title = "Neighbours", align = "right" } }, rows = rows } } }
end

-- ---- distribution ------------------------------------------------------------------------------

local CURVE_POINTS = 200

-- The empirical distribution: at each score the share of trials that are not above it.
local function shares(scores)
    table.sort(scores)
    local xs, values, rows, n = {}, {}, {}, #scores
    local step = n / CURVE_POINTS
    for i = 1, n do
        if i == n or scores[i] < scores[i + 1] and i >= (#xs + 1) * step then
            xs[#xs + 1], values[#values + 1] = scores[i], i / n
            rows[#rows + 1] = { scores[i], i / n }
        end
    end
    return { type = "figure", id = "score-shares", caption = "Share of trials at or below a score",
        svg = figures.lines(xs, { values }, { label = "Empirical distribution of scores",
            width = 760, height = 180, shown = figures.percent }),
        table = { columns = { { title = "Score", align = "right", show = score_text },
            { title = "At or below", align = "right", show = number.percent } }, rows = rows } }
end

local function distribution(view)
    local scores, rows = {}, {}
    for i, t in ipairs(view.done) do
        scores[i] = t.score
    end
    local bins = figures.bins(scores)
    for i, count in ipairs(bins.counts) do
        rows[i] = { bins.low + (i - 1) * bins.width, bins.low + i * bins.width, count }
    end
    return { id = "scores", title = "Distribution of scores", blocks = { { type = "figure",
        id = "score-histogram", caption = "Scores of all trials",
        svg = figures.histogram(bins, { label = "Histogram of scores", width = 760, height = 200,
            shown = number.fixed, marks = view.best and { { "best", view.best.score } } or nil }),
        table = { columns = { { title = "From", align = "right", show = score_text },
            { title = "To", align = "right", show = score_text },
            { title = "Trials", align = "right" } }, rows = rows } }, shares(scores) } }
end

-- ---- trials ------------------------------------------------------------------------------------

local function number_column(title, decimals, scale, unit)
    return { title = title, kind = "number", align = "right", decimals = decimals, scale = scale,
        unit = unit }
end

local function cell(v, p)
    if v == nil then
        return p.numeric and 0 / 0 or ""
    end
    return p.numeric and v or tostring(v)
end

--- What the backtests of the trials rest on; nil for a search without backtests.
function study.assumptions(view)
    local m = view.manifest
    if not m.bundle then
        return nil
    end
    local assumptions = require "backlua.report.assumptions"
    local backtests = assumptions.view_of(m.options, tonumber(m.periods_per_year))
    backtests.note = " As the search gave them; what a strategy sets in initialize wins."
    return assumptions.section(backtests)
end

--- The trials table of a study, as the browser's drawings read it too.
function study.trials_section(view)
    local columns = { number_column("Trial", 0), { title = "State" }, number_column("Score", 4) }
    for i, p in ipairs(view.parameters) do
        columns[FIRST_PARAM + i] = p.numeric and number_column(p.name)
            or { title = p.name }
    end
    local after, rows = #columns, {}
    columns[after + 1] = number_column("Return", 2, 100, " %")
    columns[after + 2] = number_column("Drawdown", 2, 100, " %")
    columns[after + 3] = number_column("Trades", 0)
    columns[after + 4] = number_column("Seconds", 4)
    columns[after + 5] = { title = "Message" }
    for i, t in ipairs(view.trials) do
        local m = t.metrics or {}
        local row = { t.trial, t.state, t.score or 0 / 0 }
        for k, p in ipairs(view.parameters) do
            row[FIRST_PARAM + k] = cell(t.params[p.name], p)
        end
        row[after + 1], row[after + 2] = m.total_return or 0 / 0, m.max_drawdown or 0 / 0
        row[after + 3], row[after + 4] = m.trades or 0 / 0, t.seconds or 0 / 0
        row[after + 5] = t.message and t.message:match "[^\n]*" or ""
        rows[i] = row
    end
    return { id = "trials-section", title = "Trials", blocks = { { type = "table", id = "trials",
        csv = true, columns = columns, rows = rows,
        part = require "backlua.report.listed"(view, rows) } } }
end

-- ---- the document ------------------------------------------------------------------------------

-- Array of { name, value }, the largest first.
local function importance_of(view)
    local list = {}
    for name, value in pairs(view.luck and view.luck.importance or {}) do
        list[#list + 1] = { name = name, value = value }
    end
    table.sort(list, function(a, b)
        return a.value > b.value or a.value == b.value and a.name < b.name
    end)
    return list
end

--- What a report reads: { manifest, trials, best, hash } of a live results object or a file's.
function study.view(source)
    local higher = source.manifest.higher_is_better
    if type(higher) == "table" then
        higher = higher[1] -- of the first objective, which is the score
    end
    local view = { manifest = source.manifest, trials = source.trials, best = source.best,
        front = source.front, luck = source.luck, hash = source.result_hash,
        higher = higher ~= false, name = source.study }
    view.done = numbers.done(view.trials)
    view.parameters = numbers.parameters(view.trials)
    view.importance = importance_of(view)
    view.first_objective = (view.manifest.objective or ""):match "%S+"
    return view
end

--- Document of a study.
--   name    shown; source  see study.view
function study.document(name, source)
    local view = study.view(source)
    local summary = headline(view)
    summary[#summary + 1] = { type = "facts", rows = study.fact_rows(view, "optimize") }
    local sections = { { id = "summary", title = "Summary", blocks = summary } }
    local function add(section)
        sections[#sections + 1] = section
    end
    local positions = {}
    if #view.done > 0 then
        sections[2], positions = history(view)
    end
    if #view.done > 1 then
        add(require "backlua.report.front".section(view))
        add(importance(view))
        add(require "backlua.report.slices"(view))
        add(drawn_by_browser(view))
        add(plateau(view))
        add(distribution(view))
        add(require "backlua.report.luck"(view))
    end
    if #view.trials > 0 then
        add(require "backlua.report.timeline"(view))
        add(study.trials_section(view))
        add(study.assumptions(view))
    end
    return { kind = "study", title = name, subtitle = ("study of %s trials%s"):format(
            number.count(#view.trials), view.manifest.strategy ~= "" and view.manifest.strategy
            and " of " .. view.manifest.strategy:match "[^/]*$" or ""),
        sections = sections,
        times = { trials = { values = positions, n = #positions, plain = true } } }
end

study.date = date
return study
