-- The whole of SMA-400 with indicator handles, cold, from the start of the process to the printed
-- result, against the plain C program likewise: wall time on two workers, CPU time on one.

local data = require "spec.bench.data"
local launch = require "spec.bench.launch"
local optimizer = require "spec.bench.optimizer"
local rows = require "spec.bench.rows"

local ROUNDS = tonumber(os.getenv "BENCH_ROUNDS") or 7

local config = optimizer.config("cold", "handle")
local plain = "build/bench/plain sma400 " .. data.sma400()

local wall = launch.pairs(ROUNDS, optimizer.command(config, 2), plain,
    { before = optimizer.forget })
rows.add(wall, {
    id = "grid-cold", what = "SMA-400, handles, whole process, 2 workers / plain C's", unit = "ms",
})
local _, cpu = launch.pairs(ROUNDS, optimizer.command(config, 1), plain,
    { before = optimizer.forget })
rows.add(cpu, {
    id = "grid-cold-cpu", what = "the same on 1 worker, CPU time", unit = "ms",
})
