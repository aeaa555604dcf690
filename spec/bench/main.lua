-- The bench: measures the budgets of the design, each against its reference.
--
--     backlua spec/bench/main.lua [NAME...]      (make bench; make bench B="sma400 view")
--     backlua spec/bench/main.lua --markdown     (make bench-table)
--
-- Some take minutes or gigabytes and run only by name, all of them as "heavy"; B="all heavy" is
-- everything. --markdown prints what build/bench.json holds as a table for the README.
--
-- Each measurement is a script of its own in a process of its own, which prints rows
-- (spec/bench/rows.lua). Nothing is timed before what is compared agrees. Prints a
-- table with machine and versions; all rows also go to build/bench.json:
-- {id, value, unit, reference, ratio, budget, aim, spread, ok}. The exit code is 1
-- when a budget is broken.

local json = require "backlua.json"
local rows_of = require "spec.bench.rows"

local SCRIPTS = {
    "sma400", "minute200k", "view", "small", "first_runs", "workers", "cold", "grid_cold", "memory",
    "ingest", "overhead", "layers", "windows", "pool", "brackets", "custom_costs", "quiet",
}
-- Minutes each, or gigabytes: only by name, or all of them as "heavy".
local HEAVY = { "workloads", "headline", "flat", "minutes" }
local GROUPS = { all = SCRIPTS, heavy = HEAVY }

-- Nanoseconds hang on which traces a process happens to compile: such scripts are run in
-- several processes, and each row is the one of the median ratio.
local PROCESSES = { view = 5, quiet = 5 }

local function output(command)
    local pipe = assert(io.popen(command))
    local text = pipe:read "*a"
    pipe:close()
    return text
end

local function first_line(command)
    return output(command):match "[^\n]*"
end

local function machine()
    local native = require "backlua.ffi"
    local ffi = require "ffi"
    return {
        cpu = first_line "sed -n 's/^model name[^:]*: //p' /proc/cpuinfo",
        cores = tonumber(first_line "nproc"),
        memory_gb = math.floor(tonumber(first_line "awk '/MemTotal/ {print $2}' /proc/meminfo")
            / 1048576 * 10) / 10,
        kernel = first_line "uname -sr",
        load = tonumber(first_line "cut -d' ' -f1 /proc/loadavg"),
        backlua = ffi.string(native.C.bt_version()),
        commit = first_line "git rev-parse --short HEAD 2>/dev/null",
        luajit = jit.version,
        linked = ffi.string(native.C.bt_build_info()),
    }
end

local function chosen()
    local list = {}
    for _, name in ipairs(arg) do
        for _, script in ipairs(GROUPS[name] or { name }) do
            list[#list + 1] = script
        end
    end
    return #list > 0 and list or SCRIPTS
end

-- Rows of one script; a script that fails gives none and spoils the exit code.
local function measure_once(name)
    local program = os.getenv "BACKLUA" or "build/backlua"
    local text = output(("%s spec/bench/%s.lua; echo exit $?"):format(program, name))
    if not text:find "exit 0\n$" then
        io.stderr:write(text)
    end
    return rows_of.read(text), text:find "exit 0\n$" ~= nil
end

local function measure(name)
    io.stderr:write("bench: ", name, "\n")
    local runs, good = {}, true
    for i = 1, PROCESSES[name] or 1 do
        local rows, fine = measure_once(name)
        good = good and fine
        for at, row in ipairs(rows) do
            runs[at] = runs[at] or {}
            runs[at][i] = row
        end
    end
    local medians = {}
    for at, rows in ipairs(runs) do
        table.sort(rows, function(a, b) return (a.ratio or a.value) < (b.ratio or b.value) end)
        medians[at] = rows[math.ceil(#rows / 2)]
    end
    return medians, good
end

local function number(v, digits)
    return v and v == v and ("%." .. digits .. "g"):format(v) or "-"
end

local function verdict(row)
    if row.ok == nil then
        return ""
    end
    return row.ok and (row.ratio_or_value <= row.aim and "aim" or "ok") or "OVER"
end

local function print_row(row)
    print(("%-5s %-46s %10s %-5s %10s %8s %7s %7s %7s  %s"):format(row.id, row.what or "",
        number(row.value, 4), row.unit, number(row.reference, 4), number(row.ratio, 3),
        number(row.spread, 2), number(row.budget, 3), number(row.aim, 3), verdict(row)))
    io.stdout:flush()
end

if arg[1] == "--markdown" then
    io.write(require "spec.bench.markdown" "build/bench.json")
    return
end

local m = machine()
print(("%s, %d cores, %.1f GiB, %s, load %.2f"):format(m.cpu, m.cores, m.memory_gb, m.kernel,
    m.load))
print(("backlua %s (%s), %s, %s\n"):format(m.backlua, m.commit, m.luajit, m.linked))
print(("%-5s %-46s %10s %-5s %10s %8s %7s %7s %7s"):format("", "", "value", "", "reference",
    "ratio", "spread", "budget", "aim"))
io.stdout:flush()

local all, good = {}, true
for _, name in ipairs(chosen()) do
    local rows, fine = measure(name)
    good = good and fine
    for _, row in ipairs(rows) do
        print_row(row)
        good = good and row.ok ~= false
        row.ratio_or_value = nil
        all[#all + 1] = row
    end
end

local file = assert(io.open("build/bench.json", "w"))
file:write(json.encode { machine = m, rows = all }, "\n")
file:close()
os.exit(good and 0 or 1)
