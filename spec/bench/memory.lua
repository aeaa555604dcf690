-- B9: private memory of a worker on SMA-400: the most that /proc shows of any worker
-- while the grid runs. Counted is what the worker alone holds in memory: dirty pages of
-- its private mappings, and of shared ones those that no other process has mapped (a
-- cache that is not shared after all shows here).

local optimizer = require "spec.bench.optimizer"
local rows = require "spec.bench.rows"

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

-- Inodes of the shared mappings of a process.
local function shared(pid)
    local set = {}
    for mode, inode in read(("/proc/%s/maps"):format(pid)):gmatch "%x+%-%x+ (%S+) %S+ %S+ (%d+)" do
        if mode:sub(4, 4) == "s" then
            set[inode] = true
        end
    end
    return set
end

-- Private megabytes of a process; known: inodes that others have mapped as well.
local function private(pid, known)
    local sum, counts = 0, false
    for line in read(("/proc/%s/smaps"):format(pid)):gmatch "[^\n]+" do
        local mode, inode = line:match "^%x+%-%x+ (%S+) %S+ %S+ (%d+)"
        if mode then
            counts = mode:sub(4, 4) == "p" or not known[inode]
        elseif counts and line:find "^Private_Dirty" then
            sum = sum + tonumber(line:match "%d+") / 1024
        end
    end
    return sum
end

local function running(pid)
    local state = read(("/proc/%d/stat"):format(pid)):match "%) (%a)"
    return state and state ~= "Z"
end

local function most(strategy)
    local config = optimizer.config("memory", strategy)
    os.execute(optimizer.forget)
    local pipe = assert(io.popen(("%s >/dev/null 2>build/bench/memory.log & echo $!"):format(
        optimizer.command(config, 2))))
    local pid = tonumber(pipe:read "*l")
    pipe:close()
    local peak = 0
    while running(pid) do
        for worker in children(pid) do
            peak = math.max(peak, private(worker, shared(pid)))
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
