-- B7: SMA-400 on two workers: wall time against half of the CPU time of all processes.
-- Holds on two idle cores only; on a busy machine it says how busy. B7-1600 is the same over four
-- times as many combinations: what of it is the start and the end, which do not grow.

local launch = require "spec.bench.launch"
local measure = require "spec.bench.measure"
local optimizer = require "spec.bench.optimizer"
local rows = require "spec.bench.rows"

local ROUNDS = tonumber(os.getenv "BENCH_ROUNDS") or 7

-- Wall and CPU time on two workers and on one, and the row of the former.
local function measure_workers(config, rounds, row)
    local wall, cpu = launch.pairs(rounds, optimizer.command(config, 2),
        optimizer.command(config, 1), { before = optimizer.forget })
    local both = {}
    for i = 1, #wall.values do
        both[i] = cpu.values[i] / 2
    end
    rows.add(measure.pairs(wall.values, both), row)
    return wall, cpu
end

local wall, cpu = measure_workers(optimizer.config("workers", "array"), ROUNDS, {
    id = "B7", what = "SMA-400 on 2 workers: wall / (CPU of all / 2)", unit = "ms",
})
rows.add(wall, {
    id = "B7-speedup", what = "wall on 2 workers / wall on 1", unit = "ms", judge = false,
})
rows.add(cpu, {
    id = "B7-cpu", what = "CPU of all on 2 workers / on 1", unit = "ms", judge = false,
})
measure_workers(optimizer.config("workers-1600", "array", { 40, 40 }), math.min(ROUNDS, 3), {
    id = "B7-1600", what = "the same over 1,600 combinations", unit = "ms", judge = false,
})
