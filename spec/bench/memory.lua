-- B9: private memory of a worker on SMA-400: the most that /proc shows of any worker
-- while the grid runs.

local optimizer = require "spec.bench.optimizer"
local rows = require "spec.bench.rows"

local program = os.getenv "BACKLUA" or "build/backlua"

local function read(path)
    local file = io.open(path)
    local text = file and file:read "*a"
    if file then
        file:close()
    end
    return text or ""
end

local function children(pid)
    return read(("/proc/%d/task/%d/children"):format(pid, pid)):gmatch "%d+"
end

-- Private megabytes of a process; nil when it is gone.
local function private(pid)
    local sum
    for kilobytes in read(("/proc/%s/smaps_rollup"):format(pid)):gmatch "Private_%a+: +(%d+) kB" do
        sum = (sum or 0) + tonumber(kilobytes) / 1024
    end
    return sum
end

local function running(pid)
    local state = read(("/proc/%d/stat"):format(pid)):match "%) (%a)"
    return state and state ~= "Z"
end

local function most(strategy)
    local config = optimizer.config("memory", strategy)
    local pipe = assert(io.popen(("BACKLUA_HOME=build/bench/home %s optimize %s -j 2 --quiet"
        .. " >/dev/null 2>build/bench/memory.log & echo $!"):format(program, config)))
    local pid = tonumber(pipe:read "*l")
    pipe:close()
    local peak = 0
    while running(pid) do
        for worker in children(pid) do
            peak = math.max(peak, private(worker) or 0)
        end
        os.execute "sleep 0.02"
    end
    assert(peak > 0, "bench: no worker was seen; " .. read "build/bench/memory.log")
    return peak
end

local peaks = { most "array", most "handle" }
rows.print {
    id = "B9", what = "private memory of a worker, SMA-400", unit = "MB",
    value = math.max(unpack(peaks)),
}
