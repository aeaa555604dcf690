-- When each worker had a trial: a section of a study's document. White between the bars is time
-- that nobody used.

local number = require "backlua.text.number"
local figures = require "backlua.report.figures"
local svg = require "backlua.report.svg"

local WIDTH, LEFT, ROW, BARS_MAX = 960, 70, 20, 500
local GAP = 60 -- seconds without a trial: the study rested

-- Trials that ran, by start.
local function ran(trials)
    local list = {}
    for _, t in ipairs(trials) do
        if t.started and t.worker and t.seconds == t.seconds then
            list[#list + 1] = t
        end
    end
    table.sort(list, function(a, b)
        return a.started < b.started or a.started == b.started and a.trial < b.trial
    end)
    return list
end

-- The clock of the study: pauses between its sessions take no room. Sets t.at; returns the length.
local function squeeze(list)
    local rest, busy_until = list[1].started, list[1].started
    for _, t in ipairs(list) do
        if t.started > busy_until + GAP then
            rest = rest + t.started - busy_until
        end
        busy_until = math.max(busy_until, t.started + t.seconds)
        t.at = t.started - rest
    end
    return math.max(busy_until - rest, 1e-9)
end

local function by_worker(list)
    local rows, workers = {}, {}
    for _, t in ipairs(list) do
        local row = rows[t.worker]
        if not row then
            row = { number = #workers + 1, busy = 0, trials = {} }
            rows[t.worker], workers[#workers + 1] = row, row
        end
        row.busy = row.busy + t.seconds
        row.trials[#row.trials + 1] = t
    end
    return workers
end

local function drawing(workers, length, step)
    local x, parts = svg.scale(0, length, LEFT, WIDTH - 12), {}
    for i, worker in ipairs(workers) do
        local y = 6 + (i - 1) * ROW
        parts[#parts + 1] = svg.text(LEFT - 8, y + 14, "worker " .. worker.number, "end", "soft")
        for k = 1, #worker.trials, step do
            local t = worker.trials[k]
            parts[#parts + 1] = svg.rect(x(t.at), y + 3, math.max(x(t.at + t.seconds) - x(t.at),
                0.4), ROW - 6, t.state == "done" and "bar" or "down")
        end
    end
    local bottom = 6 + #workers * ROW
    for _, tick in ipairs(svg.ticks(0, length, 8)) do
        parts[#parts + 1] = svg.text(x(tick), bottom + 16, svg.label(tick) .. " s", "middle",
            "soft")
    end
    return svg.drawing(WIDTH, bottom + 26, "When each worker had a trial", parts)
end

--- The section, nil where no trial says when it ran.
return function(view)
    local list = ran(view.trials)
    if #list == 0 then
        return nil
    end
    local length, rows, busy = squeeze(list), {}, 0
    local workers = by_worker(list)
    for i, worker in ipairs(workers) do
        rows[i] = { worker.number, #worker.trials, worker.busy, worker.busy / length }
        busy = busy + worker.busy
    end
    local step = math.max(1, math.ceil(#list / BARS_MAX))
    return { id = "timeline-section", title = "Workers",
        lead = ("%s of work by %s worker%s in %s: %s of their time."):format(number.seconds(busy),
            number.count(#workers), #workers == 1 and "" or "s", number.seconds(length),
            number.percent(busy / length / #workers, 0)),
        blocks = { { type = "figure", id = "timeline",
            caption = "When each worker had a trial" .. (step > 1
                and (" (every %dth is drawn)"):format(step) or ""),
            svg = drawing(workers, length, step),
            table = { columns = { { title = "Worker", align = "right" },
                { title = "Trials", align = "right", show = number.count },
                { title = "Busy", align = "right", show = number.seconds },
                { title = "Share", align = "right", show = figures.percent } }, rows = rows } } } }
end
