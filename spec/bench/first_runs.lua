-- B6 once more, where it is hardest: the first optimisation of a fresh process, whose
-- caches are still to be filled and whose workers are still to be forked, with caching and
-- pooling on against both off. Held to the budget is the upper 95 % bound.

local measure = require "spec.bench.measure"
local rows = require "spec.bench.rows"

-- The less there is to win, the more rounds it takes to show that nothing is lost.
local ROUNDS = { [1] = 151, [5] = 61, [25] = 31, [50] = 21 }

local program = os.getenv "BACKLUA" or "build/backlua"

-- Milliseconds and result hash.
local function once(on, trials)
    local pipe = assert(io.popen(("env BACKLUA_ENABLE_CACHING=%d BACKLUA_ENABLE_BUNDLE_POOLING=%d"
        .. " %s spec/bench/once.lua %d"):format(on, on, program, trials)))
    local text = pipe:read "*a"
    pipe:close()
    local took, hash = text:match "(%S+) (%x+)"
    assert(hash, "bench: spec/bench/once.lua failed")
    return tonumber(took), hash
end

for _, trials in ipairs { 1, 5, 25, 50 } do
    assert(select(2, once(1, trials)) == select(2, once(0, trials)),
        "bench: the two sides disagree")
    local measured = measure.alternate(ROUNDS[trials],
        function() return (once(1, trials)) end, function() return (once(0, trials)) end)
    rows.add(measured, {
        id = ("B6-%d-first"):format(trials), unit = "ms",
        what = trials .. " backtests of a year, fresh process: on / off",
        judged = measure.upper(measured.ratios),
    })
end
