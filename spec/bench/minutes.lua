-- Ten years of minutes for eight assets, 8 million bars: opening the bundle, resampling it, a
-- backtest over all of it. Heavy: only by name (make bench B=minutes).

local clock = require "spec.bench.clock"
local data = require "spec.bench.data"
local ffi = require "ffi"
local grid = require "spec.bench.grid"
local measure = require "spec.bench.measure"
local rows = require "spec.bench.rows"
local native = require "backlua.ffi"

local ROUNDS = tonumber(os.getenv "BENCH_ROUNDS") or 5
local ROWS, ASSETS = 1000000, 8

local C = native.C
local large, small, short = data.minutes8m(), data.minute200k(), data.minutes8()

-- ---- opening ---------------------------------------------------------------------------------

local function open()
    local out = ffi.new "bt_bundle *[1]"
    return clock.wall(function()
        assert(C.bt_bundle_acquire(large, out) == C.BT_OK, ffi.string(C.bt_error_message()))
    end) * 1e3, out[0]
end

local function configure(pooling, caching)
    local config = ffi.new "bt_config"
    ffi.copy(config, C.bt_config_get(), ffi.sizeof(config))
    config.enable_bundle_pooling, config.enable_caching = pooling, caching
    C.bt_config_set(config)
end

-- Closed again each time: the pool would keep it.
configure(0, 1)
local times = {}
for i = 1, 21 do
    local bundle
    times[i], bundle = open()
    C.bt_bundle_release(bundle)
end
rows.print {
    id = "open-8m", what = "open 8 x 1 million bars of a minute, warm", unit = "ms",
    value = measure.median(times), spread = measure.spread(times),
}

-- ---- resampling ------------------------------------------------------------------------------

local FIELDS = { "open", "high", "low", "close", "volume" }

-- CPU milliseconds of the first request of every column at a frequency, nothing kept.
configure(1, 0)
local function resample(frequency)
    local took
    local job = grid.job({
        handle_data = function(ctx, portal)
            if took then
                return
            end
            took = measure.cpu(function()
                portal:history(ctx:symbols(), FIELDS, 1, frequency, "array")
            end)
        end,
    }, large, { start_date = "2009-06-01", end_date = "2009-06-01" })
    grid.run(job, { {} })
    return took * 1e3
end

local function pass(seconds)
    local pipe = assert(io.popen(("build/bench/resample %d %d 3"):format(ROWS, seconds)))
    local text = pipe:read "*a"
    pipe:close()
    local list = {}
    for value in text:gmatch "seconds (%S+)" do
        list[#list + 1] = tonumber(value) * 1e3 * ASSETS
    end
    return measure.median(list)
end

for frequency, seconds in pairs { ["1h"] = 3600, ["1d"] = 86400 } do
    local measured = measure.alternate(ROUNDS, function() return resample(frequency) end,
        function() return pass(seconds) end)
    rows.add(measured, {
        id = "resample-" .. frequency, unit = "ms",
        what = ("8 x 1 million minutes to %s, 5 columns / a plain C pass"):format(frequency),
    })
end

-- ---- a backtest ------------------------------------------------------------------------------

local PARAMS = { fast = 60, slow = 390, frequency = "1m" }

configure(1, 1)

-- Nanoseconds per bar and asset, of so many runs in a row.
local function backtest(bundle, bars, runs)
    local job = grid.job("spec/bench/strategies/array.lua", bundle)
    local list = {}
    for i = 1, runs do
        list[i] = PARAMS
    end
    return function()
        return measure.cpu(function() grid.run(job, list) end) / runs / bars * 1e9
    end
end

local function peak_mb()
    for line in io.lines "/proc/self/status" do
        local kb = line:match "^RssAnon:%s+(%d+)"
        if kb then
            return kb / 1024
        end
    end
end

-- The short ones several times, so that all but the first find their columns in the caches.
local before = peak_mb()
local all = backtest(large, ROWS * ASSETS, 1)
rows.add(measure.alternate(ROUNDS, all, backtest(small, 200000, 5)), {
    id = "minutes-8m", unit = "ns",
    what = "a bar of an asset over 8 million minutes / over 200,000 of one asset",
})
rows.add(measure.alternate(ROUNDS, all, backtest(short, 25000 * ASSETS, 5)), {
    id = "minutes-length", unit = "ns", what = "the same / over 25,000 of each of the assets",
})
rows.print {
    id = "minutes-8m-memory", unit = "MB", value = peak_mb() - before,
    what = "private memory that these backtests hold",
}
