-- Cost per trial and memory of 100,000 combinations against those of 400, over one year on one
-- worker: nothing but the record of a trial may grow with their number. Each side is a process of
-- its own. Heavy: only by name (make bench B=flat).

local clock = require "spec.bench.clock"
local data = require "spec.bench.data"
local measure = require "spec.bench.measure"
local rows = require "spec.bench.rows"

local ROUNDS = tonumber(os.getenv "BENCH_ROUNDS") or 3

local program = os.getenv "BACKLUA" or "build/backlua"

if arg[1] then -- the child: `sizes` values of the third parameter times 400
    local opt = require "backlua.optimization"
    local sizes = tonumber(arg[1])
    local optimizer = opt.ParallelOptimizer {
        n_jobs = 1, capital = 1000000, keep = "summary",
        strategy = "spec/bench/strategies/sized.lua", bundle = data.sma400(),
        start_date = "2023-01-01", end_date = "2023-12-31",
        param_space = opt.ParameterSpace { parameters = {
            opt.DiscreteParameter { name = "fast", min_value = 5, max_value = 43, step = 2 },
            opt.DiscreteParameter { name = "slow", min_value = 50, max_value = 240, step = 10 },
            opt.DiscreteParameter { name = "size", min_value = 1, max_value = sizes, step = 1 },
        } },
    }
    local results, err
    local seconds = clock.wall(function()
        results, err = optimizer:run {}
    end)
    assert(results, err and err.message)
    print(400 * sizes, seconds)
    return
end

-- Microseconds per trial and peak megabytes of the parent with its worker.
local function once(sizes)
    local pipe = assert(io.popen(("command time -f 'peak %%M' %s spec/bench/flat.lua %d 2>&1")
        :format(program, sizes)))
    local text = pipe:read "*a"
    pipe:close()
    local trials, seconds = text:match "(%d+)%s+([%d.]+)"
    local peak = text:match "peak (%d+)"
    assert(trials and peak, "bench: " .. text)
    return seconds / trials * 1e6, peak / 1024
end

local times, floors, peaks, lows = {}, {}, {}, {}
for i = 1, ROUNDS do
    floors[i], lows[i] = once(1)
    times[i], peaks[i] = once(250)
end
rows.add(measure.pairs(times, floors), {
    id = "flat-time", what = "time of a trial, 100,000 combinations / 400", unit = "us",
})
local grown = {}
for i = 1, ROUNDS do
    grown[i] = (peaks[i] - lows[i]) * 2 ^ 20 / (249 * 400)
end
rows.print {
    id = "flat-memory", what = "peak memory per further trial: its record", unit = "B",
    value = measure.median(grown),
}
