-- The README's sections of measured figures from build/bench.json.
--
--     backlua spec/bench/readme.lua     (make bench-readme)
--
-- As a module { performance, optimisations }: each gives its section of a decoded bench.json.

local json = require "backlua.json"

local SOURCE, README = "build/bench.json", "README.md"

local function find(bench, id)
    for _, row in ipairs(bench.rows) do
        if row.id == id then
            return row
        end
    end
    error(("%s has no row %s: make bench writes it"):format(SOURCE, id), 0)
end

local function ratio(bench, id)
    return ("%.2f"):format(find(bench, id).ratio)
end

local sections = {}

-- ---- when optimisations pay --------------------------------------------------------------------

local OPTIMISATIONS = [[
## When optimisations pay

All are on by default, and free where they have nothing to do. Measured on the grid above (8
symbols, 25 years, 400 trials; with everything off each trial opens the bundle, and that is 1):

| + asset list | + data and history cache | + bundle pooling | + second worker | + persistent pool |
|---|---|---|---|---|
| %s | %s (%.0f %% hits, %.0f MB) | %s | %s | %s |

Whole searches of a year's daily bars, all on against all off: %s for 1 trial, %s for 5, %s
for 25, %s for 50. A second worker is started when it saves more time than it costs.

]]

function sections.optimisations(bench)
    local cached = find(bench, "layer-2")
    return OPTIMISATIONS:format(ratio(bench, "layer-1"), ratio(bench, "layer-2"),
        100 * cached.hit_rate, cached.memory_mb, ratio(bench, "layer-3"), ratio(bench, "layer-4"),
        ratio(bench, "layer-5"), ratio(bench, "B6-1"), ratio(bench, "B6-5"), ratio(bench, "B6-25"),
        ratio(bench, "B6-50"))
end

-- ---- performance -------------------------------------------------------------------------------

-- Row of the bench, what the README calls it and its reference.
local ROWS = {
    { "B2", "backtest, 8 symbols x 25 years, indicator handles", "plain C loop" },
    { "B1", "the same, two array views a bar", "plain C loop" },
    { "minute-handle", "200,000 minute bars, handles", "plain C loop" },
    { "grid-cold", "grid of 400, whole process, 2 workers", "plain C program, 1 core" },
    { "B8", "cold `backlua run`, start to printed result", "`luajit -e ''`" },
}

-- Two digits, seconds from a tenth of one on.
local function time(ms)
    if ms >= 100 then
        return ("%.2g s"):format(ms / 1e3)
    end
    return ("%.2g ms"):format(ms)
end

function sections.performance(bench)
    local m = bench.machine
    local cpu = m.cpu:gsub("%(R%)", ""):gsub(" Processor", "")
    local out = {
        "## Performance", "",
        ("Medians of runs paired with a reference (`make bench`; %d cores, %s, %s):"):format(
            m.cores, cpu, m.luajit),
        "", "| work | time | reference | ratio |", "|---|---|---|---|",
    }
    for _, row in ipairs(ROWS) do
        local measured = find(bench, row[1])
        out[#out + 1] = ("| %s | %s | %s | %.1f |"):format(row[2], time(measured.value), row[3],
            measured.ratio)
    end
    return table.concat(out, "\n") .. "\n\n"
end

if ... then -- required
    return sections
end

-- ---- writing -----------------------------------------------------------------------------------

local function read(path)
    local file = assert(io.open(path))
    local text = file:read "*a"
    file:close()
    return text
end

local function replace(text, section)
    local title = section:match "[^\n]*\n\n"
    local from = text:find(title, 1, true) or error(README .. " has no section " .. title, 0)
    local to = text:find("\n## ", from + 1, true)
    return text:sub(1, from - 1) .. section .. text:sub(to + 1)
end

local bench, text = json.decode(read(SOURCE)), read(README)
for _, section in ipairs { sections.optimisations(bench), sections.performance(bench) } do
    text = replace(text, section)
end
local file = assert(io.open(README, "w"))
file:write(text)
file:close()
