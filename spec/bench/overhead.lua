-- B11: what the optimiser adds to a trial: ask, dispatch, collect and journal to a study on disk,
-- for an objective that does nothing, against a bare message there and back between two processes
-- (spec/bench/echo.c).

local clock = require "spec.bench.clock"
local measure = require "spec.bench.measure"
local opt = require "backlua.optimization"
local rows = require "spec.bench.rows"

local ROUNDS = tonumber(os.getenv "BENCH_ROUNDS") or 9
local SIDE = 200
local TRIALS = SIDE * SIDE

local pool = opt.PersistentWorkerPool { n_jobs = 1 }
local made = 0

local function study()
    made = made + 1
    local name = ("overhead-%d-%d"):format(os.time(), made)
    local results, err = opt.ParallelOptimizer {
        worker_pool = pool, study = name,
        objective = function(p) return p.a - p.b end,
        param_space = opt.ParameterSpace { parameters = {
            opt.DiscreteParameter { name = "a", min_value = 1, max_value = SIDE },
            opt.DiscreteParameter { name = "b", min_value = 1, max_value = SIDE },
        } },
    }:run {}
    assert(results, err and err.message)
end

local function echo()
    local pipe = assert(io.popen(("build/bench/echo %d 1"):format(TRIALS)))
    local seconds = tonumber(pipe:read("*a"):match "wall ([%d.]+)")
    pipe:close()
    return seconds / TRIALS * 1e6
end

local measured = measure.alternate(ROUNDS,
    function() return clock.wall(study) / TRIALS * 1e6 end, echo)
rows.add(measured, { id = "B11", what = "optimiser per trial, grid / SEQPACKET echo", unit = "us" })
pool:close()
