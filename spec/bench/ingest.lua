-- B10: ingest of a CSV file, checks, hashes and files included, against a memchr pass over its
-- lines; CPU time of one core. A pass takes two milliseconds, so the reference is a process of
-- many, started in turn with the ingests: what slows one slows the other. Start-up is taken off.

local data = require "spec.bench.data"
local launch = require "spec.bench.launch"
local measure = require "spec.bench.measure"
local rows = require "spec.bench.rows"

local ROUNDS = tonumber(os.getenv "BENCH_ROUNDS") or 31
local PASSES = 20

local program = os.getenv "BACKLUA" or "build/backlua"
local csv = data.csv()

local function lines()
    local pipe = assert(io.popen("build/bench/newline " .. csv .. " 0"))
    local text = pipe:read "*a"
    pipe:close()
    return tonumber(text:match "lines (%d+)")
end

local ingest = ("env BACKLUA_BUNDLES=build/bench/bundles %s ingest --quiet %s -b scratch --tz UTC")
    :format(program, csv)
local remove = ("BACKLUA_BUNDLES=build/bench/bundles %s bundle rm scratch >/dev/null 2>&1; true")
    :format(program)
local newline = ("build/bench/newline %s %d"):format(csv, PASSES - 1) -- and one to count
local _, cpu = launch.pairs(ROUNDS, ingest, newline, { before = remove })
local _, start = launch.pairs(ROUNDS, program .. " --version", "build/bench/newline /dev/null 0")
local own, floor = {}, {}
for i, total in ipairs(cpu.values) do
    own[i] = total - start.value
    floor[i] = (cpu.references[i] - start.reference) / PASSES
end
rows.add(measure.pairs(own, floor), {
    id = "B10", what = ("ingest of %d CSV rows / memchr pass"):format(lines() - 1), unit = "ms",
})
os.execute(remove)
