-- backlua run --profile: repeats the backtest until there is something to count, and says on
-- stderr where the time went and what was not compiled.

local native = require "backlua.ffi"
local output = require "backlua.text.output"
local profile = require "backlua.profile"

local C = native.C

local SECONDS, RUNS_MAX = 2, 1000
local LINES, SOURCE_BYTES, SOURCE_AT = 20, 60, 36
local STATES = {
    { "N", "compiled" }, { "I", "interpreted" }, { "C", "C functions" }, { "G", "collector" },
    { "J", "compiler" },
}

local function silent()
end

local function percent(part, whole)
    return whole > 0 and 100 * part / whole or 0
end

-- Columns of the terminal that stderr is, nil when it is none.
local function columns()
    local count = C.bt_is_terminal(2) == 1 and C.bt_terminal_columns(2) or 0
    return count > 0 and count or nil
end

local function source_line(file, number)
    local n = 0
    for line in (file.text or ""):gmatch "([^\n]*)\n?" do
        n = n + 1
        if n == number then
            return require "backlua.text.width".cut(line:gsub("^%s+", ""),
                math.min(SOURCE_BYTES, (columns() or math.huge) - SOURCE_AT))
        end
    end
    return ""
end

local function place(entry)
    return ("%s:%d"):format(entry.file.name:match "[^/]*$", entry.line)
end

local function head(p, runs, seconds)
    local states = {}
    for _, state in ipairs(STATES) do
        local share = percent(p.states[state[1]] or 0, p.samples)
        if share >= 0.5 then
            states[#states + 1] = ("%s %.0f %%"):format(state[2], share)
        end
    end
    return ("profile: %d run%s in %.2f s, %d samples; %s"):format(runs, runs == 1 and "" or "s",
        seconds, p.samples, table.concat(states, ", "))
end

local function line_of(share, where, text)
    return ("  %5.1f %%  %-24s %s"):format(share, where, text)
end

local function cost_lines(p, add)
    local shown = 0
    for i = 1, math.min(#p.lines, LINES) do
        local entry = p.lines[i]
        shown = shown + entry.samples
        add(line_of(percent(entry.samples, p.samples), place(entry),
            source_line(entry.file, entry.line)))
    end
    local all = p.samples - p.engine - p.around
    if all > shown then
        add(line_of(percent(all - shown, p.samples), "(other lines)", ""))
    end
    add(line_of(percent(p.engine, p.samples), "(engine)", "bars, fills, account"))
    add(line_of(percent(p.around, p.samples), "(around)", "opening, initialize, statistics, hash"))
    add "  what a call of the engine costs may show at the line after it"
end

local function trace_lines(p, add)
    if not p.compiles then
        return
    end
    add(#p.aborts > 0 and "not compiled:" or "not compiled: nothing that was tried")
    for _, entry in ipairs(p.aborts) do
        add(("  %-24s %s (%d x): %s"):format(place(entry), entry.message, entry.count,
            entry.remedy))
    end
end

local function report(p, runs, seconds)
    local lines = { head(p, runs, seconds) }
    local function add(line)
        lines[#lines + 1] = line
    end
    cost_lines(p, add)
    trace_lines(p, add)
    io.stderr:write(require "backlua.text.fold"(table.concat(lines, "\n"), columns()), "\n")
end

-- The first run's result, or nil and a failure; later runs are thrown away.
local function repeated(runner, job, params)
    local started, runs = C.bt_clock_seconds(), 1
    local result, err = runner.execute(job, params)
    while result and C.bt_clock_seconds() - started < SECONDS and runs < RUNS_MAX do
        local again = runner.execute(job, params, { print = silent })
        if not again then
            break
        end
        again:free()
        runs = runs + 1
    end
    return result, err, runs, C.bt_clock_seconds() - started
end

-- runner.execute(job, params) under the profiler.
return function(runner, job, params)
    require("backlua.startup").done()
    local p = profile.start(job)
    local ok, result, err, runs, seconds = pcall(repeated, runner, job, params)
    p:stop()
    if not ok then
        error(result, 0)
    elseif not p.compiles or not jit.status() then
        p.compiles = false
        output.warn("the compiler of LuaJIT is off: the strategy is interpreted, ten times slower"
            .. " or more; look for jit.off in it")
    end
    if result then
        report(p, runs, seconds)
    end
    return result, err
end
