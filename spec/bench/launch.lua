-- Whole processes, two commands in turn (spec/bench/launch.c).

local measure = require "spec.bench.measure"

local launch = {}

-- Start both commands `rounds` times. options: before, a shell command that runs before each of
-- them, untimed; until, a text: the first has a terminal and is timed until it shows that.
-- Returns wall, cpu: measurements as of measure.pairs in milliseconds, and the peak resident
-- megabytes of the first.
function launch.pairs(rounds, value, reference, options)
    options = options or {}
    local until_text = options["until"] and ("BENCH_UNTIL='%s'"):format(options["until"]) or ""
    local pipe = assert(io.popen(("BENCH_BEFORE='%s' %s build/bench/launch %d %s -- %s"):format(
        options.before or "true", until_text, rounds + 1, value, reference)))
    local columns, n = { {}, {}, {}, {}, {}, {} }, 0
    for line in pipe:lines() do
        n = n + 1
        local c = 0
        for word in line:gmatch "%S+" do
            c = c + 1
            if n > 1 then -- the first round warms the page cache
                columns[c][n - 1] = tonumber(word) * 1e3
            end
        end
    end
    pipe:close()
    assert(n == rounds + 1, "bench: a command failed: " .. value .. " or " .. reference)
    local wall = measure.pairs(columns[1], columns[4])
    local cpu = measure.pairs(columns[2], columns[5])
    return wall, cpu, measure.median(columns[3]) / 1e6
end

return launch
