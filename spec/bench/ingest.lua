-- B10: ingest of a CSV file, checks, hashes and files included, against a memchr pass
-- over its lines; CPU time of one core.

local data = require "spec.bench.data"
local launch = require "spec.bench.launch"
local measure = require "spec.bench.measure"
local rows = require "spec.bench.rows"

local ROUNDS = tonumber(os.getenv "BENCH_ROUNDS") or 11

local program = os.getenv "BACKLUA" or "build/backlua"
local csv = data.csv()

local function passes(path)
    local pipe = assert(io.popen(("build/bench/newline %s %d"):format(path, ROUNDS)))
    local text = pipe:read "*a"
    pipe:close()
    local times = {}
    for seconds in text:gmatch "seconds (%S+)" do
        times[#times + 1] = tonumber(seconds) * 1e3
    end
    return times, tonumber(text:match "lines (%d+)")
end

local ingest = ("env BACKLUA_BUNDLES=build/bench/bundles %s ingest --quiet %s -b scratch"):format(
    program, csv)
local _, cpu = launch.pairs(ROUNDS, ingest, program .. " --version")
local own = {}
for i, total in ipairs(cpu.values) do
    own[i] = total - cpu.references[i]
end
local floor, lines = passes(csv)
rows.add(measure.pairs(own, floor), {
    id = "B10", what = ("ingest of %d CSV rows / memchr pass"):format(lines - 1), unit = "ms",
})
os.execute(("BACKLUA_BUNDLES=build/bench/bundles %s bundle rm scratch >/dev/null"):format(program))
