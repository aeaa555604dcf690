-- The README's section "Performance" from build/bench.json.
--
--     backlua spec/bench/readme.lua     (make bench-readme)
--
-- As a module, the section of a decoded bench.json: readme(bench).

local json = require "backlua.json"

local SOURCE, README = "build/bench.json", "README.md"
local SECTION = "## Performance\n\n"

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

local function find(bench, id)
    for _, row in ipairs(bench.rows) do
        if row.id == id then
            return row
        end
    end
    error(("%s has no row %s: make bench writes it"):format(SOURCE, id), 0)
end

local function readme(bench)
    local m = bench.machine
    local cpu = m.cpu:gsub("%(R%)", ""):gsub(" Processor", "")
    local out = {
        ("Medians of runs paired with a reference (`make bench`; %d cores, %s, %s):"):format(
            m.cores, cpu, m.luajit),
        "", "| work | time | reference | ratio |", "|---|---|---|---|",
    }
    for _, row in ipairs(ROWS) do
        local measured = find(bench, row[1])
        out[#out + 1] = ("| %s | %s | %s | %.1f |"):format(row[2], time(measured.value), row[3],
            measured.ratio)
    end
    return SECTION .. table.concat(out, "\n") .. "\n\n"
end

local function read(path)
    local file = assert(io.open(path))
    local text = file:read "*a"
    file:close()
    return text
end

if ... then -- required
    return readme
end

local section = readme(json.decode(read(SOURCE)))
local text = read(README)
local from = assert(text:find(SECTION, 1, true), README .. " has no section Performance")
local to = text:find("\n## ", from + 1, true)
local file = assert(io.open(README, "w"))
file:write(text:sub(1, from - 1), section, text:sub(to + 1))
file:close()
