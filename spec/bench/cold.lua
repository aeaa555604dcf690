-- B8: a whole `backlua run`, from nothing to the printed result, against starting an
-- empty LuaJIT. Likewise the help, and the prompt until it asks.

local data = require "spec.bench.data"
local launch = require "spec.bench.launch"
local rows = require "spec.bench.rows"

local ROUNDS = tonumber(os.getenv "BENCH_ROUNDS") or 41

local program = os.getenv "BACKLUA" or "build/backlua"

local function command(strategy, options)
    return ("env BACKLUA_HOME=build/bench/home %s run %s -b %s --quiet %s"):format(
        program, strategy, data.sma400(), options or "")
end

local EMPTY = "env luajit -e ''"

local function row(id, what, measured, keys)
    rows.add(measured, { id = id, what = what, unit = "ms", judge = keys and keys.judge })
end

local wall, cpu = launch.pairs(ROUNDS, command "spec/bench/strategies/handle.lua", EMPTY)
row("B8", "cold `backlua run`, 8 x 25 years / luajit -e ''", wall)
row("B8-cpu", "the same in CPU time", cpu, { judge = false })
wall = launch.pairs(ROUNDS, command "spec/bench/strategies/array.lua", EMPTY)
row("B8-array", "the same with array views", wall, { judge = false })
wall = launch.pairs(ROUNDS, program .. " --help", EMPTY)
row("help", "`backlua --help` / luajit -e ''", wall)
wall = launch.pairs(ROUNDS, "env HOME=$PWD/build/bench/home TERM=vt100 " .. program, EMPTY,
    { ["until"] = "backlua> " })
row("prompt", "the prompt, until it asks / luajit -e ''", wall)
