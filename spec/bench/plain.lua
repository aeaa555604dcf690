-- The plain C loop: its results per combination, its time, and the comparison with it.

local plain = {}

local PROGRAM = "build/bench/plain"

local function start(workload, bundle, rounds)
    local pipe = assert(io.popen(("%s %s %s %d"):format(PROGRAM, workload, bundle, rounds)))
    local text = pipe:read "*a"
    pipe:close()
    assert(text:find "seconds", "bench: the plain C loop gave no result")
    return text
end

-- CPU seconds of one round over all combinations.
function plain.seconds(workload, bundle)
    return tonumber(start(workload, bundle, 1):match "seconds ([%d.]+)")
end

-- Metrics by "fast slow", with `equity` for the last value.
function plain.results(workload, bundle)
    local all = {}
    for fast, slow, rest in start(workload, bundle, 1):gmatch "(%d+) (%d+) ([^\n]+)" do
        local result = {}
        for key, value in rest:gmatch "([%w_]+) (%S+)" do
            result[key] = tonumber(value)
        end
        all[fast .. " " .. slow] = result
    end
    return all
end

local function near(a, b, tolerance)
    return a == b or math.abs(a - b) <= tolerance * math.abs(b)
end

-- Raise unless a result of the engine agrees: trades and equity to 1e-12, the metrics,
-- which are summed in another order, to 1e-9.
function plain.check(expected, params, result)
    local name = params.fast .. " " .. params.slow
    local want = expected[name]
    local equity = result.equity.value[-1]
    local function fail(key, got, wanted)
        error(("bench: %s of %s is %.17g, the plain C loop has %.17g"):format(key, name, got,
            wanted), 0)
    end
    if not near(equity, want.equity, 1e-12) then
        fail("final equity", equity, want.equity)
    end
    for key, value in pairs(want) do
        local got = result.metrics[key]
        if key ~= "equity" and not near(got, value, key == "trades" and 0 or 1e-9) then
            fail(key, got, value)
        end
    end
end

return plain
