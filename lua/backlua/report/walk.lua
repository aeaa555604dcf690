-- A walk-forward as a document (page.lua): what was found in train, what came back in test.

local date = require "backlua.text.date"
local number = require "backlua.text.number"
local figures = require "backlua.report.figures"
local params_text = require("backlua.text.params").all
local sorted_keys = require "backlua.sorted_keys"
local study = require "backlua.report.study"

local fixed, percent = number.fixed, number.percent

local walk = {}

local function shortest(v)
    return type(v) == "number" and number.shortest(v) or tostring(v)
end

local function score_text(v)
    return v and v == v and number.grouped(v, 4) or "-"
end

-- ---- summary -----------------------------------------------------------------------------------

local function ratio_text(v)
    return v and fixed(v) or "-"
end

local function cards(view)
    local oos = view.source.oos
    local m = oos and oos.metrics or {}
    local tested = 0
    for _, w in ipairs(view.windows) do
        tested = tested + (w.params and 1 or 0)
    end
    return { type = "cards", items = {
        { "Return out of sample", m.total_return and percent(m.total_return) or "-",
            m.cagr and "a year " .. percent(m.cagr) or "" },
        { "Sharpe ratio out of sample", ratio_text(m.sharpe_ratio),
            oos and oos.t and "t = " .. fixed(oos.t) or "" },
        { "Max drawdown", m.max_drawdown and percent(m.max_drawdown) or "-", "out of sample" },
        { "Efficiency", ratio_text(view.source.efficiency),
            "growth a session, test / train" },
        { "Windows", number.count(#view.windows), number.count(tested) .. " tested" },
        { "With a profit", oos and percent(oos.profitable, 0) or "-", "of the tests" },
        { "Largest share", oos and oos.largest_share and percent(oos.largest_share, 0) or "-",
            "of the profit in one window" },
        { "Trials", number.count(#view.trials), "" },
    } }
end

-- ---- out of sample -----------------------------------------------------------------------------

local function drawdown_of(values, start)
    local out, peak = {}, start
    for i = 1, #values do
        peak = math.max(peak, values[i])
        out[i] = values[i] / peak - 1
    end
    return out
end

local function curve(view)
    local oos = view.oos
    local start = oos.value[1] or 0
    return { id = "oos-section", title = "Out of sample",
        lead = "The tests one after another, as one account that is never reset.", blocks = {
            { type = "chart", id = "equity", caption = "Equity out of sample", time = "oos",
                unit = "money", log = true, height = 300, lines = { { name = "Equity",
                    role = "strategy", decimals = 2, values = oos.value } } },
            { type = "chart", id = "drawdown", caption = "Drawdown", time = "oos",
                unit = "percent", fill = true, height = 150, lines = { { name = "Drawdown",
                    role = "loss", decimals = 4, values = drawdown_of(oos.value, start),
                    drawdown = { chart = "equity", line = 0, start = start } } } },
        } }
end

-- ---- train against test ------------------------------------------------------------------------

local function score_of(window, stage)
    return window[stage] and window[stage].score or 0 / 0
end

-- "window", or what a kind of walk calls its parts.
local function unit_of(view)
    return view.unit or "window"
end

local function title_of(view)
    return unit_of(view):sub(1, 1):upper() .. unit_of(view):sub(2)
end

local function label_of(window)
    return window.test and window.test.first and window.test.first:sub(1, 7)
        or tostring(window.window)
end

--- Scores in train against those in test, of view.windows: array of { window = number, params,
-- train = { score }, test = { score } or nil }.
function walk.against(view)
    local points, bars, rows = {}, {}, {}
    for i, w in ipairs(view.windows) do
        local train, test = score_of(w, "train"), score_of(w, "test")
        local title = ("%s %d: train %s, test %s"):format(unit_of(view), w.window,
            score_text(train), score_text(test))
        points[i] = { x = train, y = test, title = title }
        bars[i] = { label = label_of(w),
            value = train == train and train or 0, other = test, title = title }
        rows[i] = { w.window, train, score_of(w, "validation"), test }
    end
    local objective = view.manifest.objective or "score"
    local columns = { { title = title_of(view), align = "right" },
        { title = "Train", align = "right", show = score_text },
        { title = "Validation", align = "right", show = score_text },
        { title = "Test", align = "right", show = score_text } }
    return { id = "against", title = "Train against test",
        lead = ("On the dashed line a %s would have tested as well as it was trained.")
            :format(unit_of(view)),
        blocks = {
            { type = "figure", id = "train-test", caption = objective
                .. ": train across, test up", svg = figures.scatter(points, {
                    label = "Train against test", diagonal = true, width = 480, height = 300 }),
                table = { columns = columns, rows = rows } },
            { type = "figure", id = "stages", caption = objective
                .. " of each " .. unit_of(view) .. ": train, and test in grey",
                svg = figures.bars(bars, { label = "Scores by " .. unit_of(view), class = "bar",
                    label_width = 52 }),
                table = { columns = columns, rows = rows } },
        } }
end

-- ---- parameters --------------------------------------------------------------------------------

local function drift_block(name, i, view)
    local xs, values, rows, levels, ranks = {}, {}, {}, {}, {}
    for _, w in ipairs(view.windows) do
        local v = w.params and w.params[name]
        if v ~= nil then
            if type(v) ~= "number" and not ranks[v] then
                levels[#levels + 1] = tostring(v)
                ranks[v] = #levels
            end
            xs[#xs + 1], values[#values + 1] = w.window, ranks[v] or v
            rows[#rows + 1] = { w.window, shortest(v) }
        end
    end
    local caption = name .. (#levels > 0 and " (" .. table.concat(levels, ", ") .. ", from below)"
        or "")
    return { type = "figure", id = "drift-" .. i, caption = caption,
        svg = figures.lines(xs, { values }, { label = name .. " by " .. unit_of(view),
            width = 620, height = 150, dots = true }),
        table = { columns = { { title = title_of(view), align = "right" }, { title = name } },
            rows = rows } }
end

local function stability_row(name, s, view)
    if s.mode ~= nil then
        return { name, shortest(s.mode), percent(s.share, 0) .. " of " .. unit_of(view) .. "s",
            number.count(s.changes) .. " changes", s.is_stable and "yes" or "no" }
    end
    return { name, score_text(s.mean), "deviation " .. score_text(s.std),
        "mean step " .. score_text(s.drift), s.is_stable and "yes" or "no" }
end

--- How the parameters found go from window to window.
function walk.drift(view)
    local blocks, rows = {}, {}
    for i, name in ipairs(sorted_keys(view.source.parameter_stability or {})) do
        rows[i] = stability_row(name, view.source.parameter_stability[name], view)
        blocks[i + 1] = drift_block(name, i, view)
    end
    blocks[1] = { type = "table", id = "stability", columns = { { title = "Parameter" },
        { title = "Mean or mode", align = "right" }, { title = "Spread" }, { title = "Drift" },
        { title = "Stable" } }, rows = rows }
    return { id = "drift", title = "Parameter drift",
        lead = ("Parameters that jump from %s to %s were fitted to noise."):format(unit_of(view),
            unit_of(view)),
        blocks = blocks }
end

-- ---- windows -----------------------------------------------------------------------------------

-- Where train earned next to nothing the ratio is huge and says little: its bar is cut, so that the
-- others can be seen.
local EFFICIENCY_SHOWN = 3

local function efficiencies(view)
    local bars, rows = {}, {}
    for i, w in ipairs(view.windows) do
        local value = w.efficiency or 0
        local shown = math.max(-EFFICIENCY_SHOWN, math.min(EFFICIENCY_SHOWN, value))
        bars[i] = { label = ("%d"):format(w.window), value = shown,
            mark = shown ~= value and ratio_text(value) or nil,
            title = ("window %d: %s"):format(w.window, ratio_text(w.efficiency)) }
        rows[i] = { w.window, w.efficiency or 0 / 0 }
    end
    return { type = "figure", id = "efficiency", caption = "Efficiency of each window",
        svg = figures.bars(bars, { label = "Efficiency by window", height = 160 }),
        table = { columns = { { title = "Window", align = "right" },
            { title = "Efficiency", align = "right", show = fixed } }, rows = rows } }
end

local function metric(window, key)
    return window.test and window.test.metrics and window.test.metrics[key] or 0 / 0
end

local function windows_section(view)
    local rows = {}
    for i, w in ipairs(view.windows) do
        rows[i] = { w.window, w.train.first .. " to " .. w.train.last,
            w.test and w.test.first .. " to " .. w.test.last or "", params_text(w.params),
            score_of(w, "train"), score_of(w, "test"), metric(w, "total_return"),
            metric(w, "max_drawdown"), metric(w, "trades") }
    end
    return { id = "windows-section", title = "Windows", blocks = { efficiencies(view),
        { type = "table", id = "windows", sortable = true, static = true, columns = {
            { title = "Window", align = "right", show = number.count }, { title = "Train" },
            { title = "Test" }, { title = "Parameters" },
            { title = "Score in train", align = "right", show = score_text },
            { title = "in test", align = "right", show = score_text },
            { title = "Return", align = "right", show = percent },
            { title = "Drawdown", align = "right", show = percent },
            { title = "Trades", align = "right", show = number.count } }, rows = rows } } }
end

-- ---- the document ------------------------------------------------------------------------------

--- The curve of a live object, or of JSON, whose equity is a list of { time, value }.
function walk.curve_of(oos)
    if not oos or oos.value then
        return oos
    end
    local time, value = {}, {}
    for i, row in ipairs(oos.equity or {}) do
        time[i], value[i] = row.time, row.value
    end
    return { time = time, value = value }
end

--- Whether a curve has one point a day.
function walk.is_daily(time)
    for i = 2, math.min(#time, 50) do
        if date.day(time[i]) == date.day(time[i - 1]) then
            return false
        end
    end
    return true
end

--- Document of a walk-forward; source: source.lua.
function walk.document(name, source)
    local view = study.view(source)
    view.source, view.windows, view.oos = source, source.windows, walk.curve_of(source.oos)
    local sections, times = { study.tested_summary(view, cards(view)) }, {}
    if view.oos and #view.oos.time > 0 then
        sections[2] = curve(view)
        times.oos = { values = view.oos.time, n = #view.oos.time,
            daily = walk.is_daily(view.oos.time) }
    end
    sections[#sections + 1] = require "backlua.report.luck"(view)
    for _, make in ipairs { walk.against, walk.drift, windows_section, study.trials_section } do
        sections[#sections + 1] = make(view)
    end
    sections[#sections + 1] = require "backlua.report.timeline"(view)
    sections[#sections + 1] = study.assumptions(view)
    return { kind = "walkforward", title = name, subtitle = ("walk-forward over %s windows%s")
        :format(number.count(#view.windows), (view.manifest.strategy or "") ~= "" and " of "
            .. view.manifest.strategy:match "[^/]*$" or ""), sections = sections, times = times }
end

return walk
