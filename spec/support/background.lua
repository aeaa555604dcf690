-- The program in the background, to be watched, signalled and waited for.
--
--     local job = background.start { "optimize", "grid.lua", env = {...} }
--     job:children()     pids of its workers
--     job:signal(9)      to it
--     job:cut(0.1)       SIGKILL after so many seconds; none of its workers outlives it for long
--     job:read()         what it has printed on both streams so far
--     job:wait()         { code =, out =, err = }
--     background.sleep(0.05)

local C = require("backlua.ffi").C
local child = require "spec.support.child"
local ffi = require "ffi"

ffi.cdef [[
int kill(int pid, int signal);
int usleep(unsigned microseconds);
]]

-- Of /proc/PID/stat.
local TIMES = "%) %a" .. (" %-?%d+"):rep(10) .. " (%d+) (%d+)"

local background = {}
local methods = {}
methods.__index = methods

function background.sleep(seconds)
    ffi.C.usleep(seconds * 1e6)
end

-- Send a signal to any process; false when there is none of that pid. 0 only asks.
function background.kill(pid, signal)
    return pid > 1 and ffi.C.kill(pid, signal) == 0
end

-- A process that has ended and was not waited for is no longer alive.
function background.alive(pid)
    local file = io.open("/proc/" .. pid .. "/stat")
    local state = file and file:read "*a":match "%) (%a)"
    if file then
        file:close()
    end
    return state ~= nil and state ~= "Z" and state ~= "X"
end

-- Seconds that it has had of the processors, in hundredths; 0 when there is no such process.
function background.worked(pid)
    local file = io.open("/proc/" .. pid .. "/stat")
    local user, system
    if file then
        user, system = file:read "*a":match(TIMES)
        file:close()
    end
    return (tonumber(user or 0) + tonumber(system or 0)) / 100
end

-- Wait until all of the processes have ended, at most so many seconds; else one that lives on.
function background.outliving(pids, seconds)
    local now = C.bt_clock_seconds
    local last = now() + seconds
    for _, pid in ipairs(pids) do
        while background.alive(pid) do
            if now() > last then
                return pid
            end
            background.sleep(0.002)
        end
    end
end

-- Start the program with the words and env of a table, as child.run takes them. SIGINT has its
-- usual effect, although shells take it from what they start in the background.
function background.start(spec)
    local folder = child.scratch()
    local env = {}
    for name, value in pairs(spec.env or {}) do
        env[#env + 1] = child.quote(name .. "=" .. value)
    end
    local words = {}
    for i, word in ipairs(spec) do
        words[i] = child.quote(word)
    end
    local command = ("env --default-signal=INT HOME=%s BACKLUA_HOME=%s/home %s %s %s")
        :format(folder, folder, table.concat(env, " "), child.quote(child.program),
            table.concat(words, " "))
    child.write(folder .. "/run", ("%s <%s >%s/out 2>%s/err & echo $! >%s/pid; wait $!; "
        .. "echo $? >%s/code\n"):format(command, "/dev/null", folder, folder, folder, folder))
    os.execute(("sh %s/run >/dev/null 2>&1 &"):format(folder))
    local job = setmetatable({ folder = folder }, methods)
    repeat
        background.sleep(0.002)
        local file = io.open(folder .. "/pid")
        job.pid = file and tonumber(file:read "*l" or "")
        if file then
            file:close()
        end
    until job.pid
    return job
end

function methods:children()
    local file = io.open(("/proc/%d/task/%d/children"):format(self.pid, self.pid))
    local pids = {}
    for pid in (file and file:read "*a" or ""):gmatch "%d+" do
        pids[#pids + 1] = tonumber(pid)
    end
    if file then
        file:close()
    end
    return pids
end

function methods:signal(signal)
    return background.kill(self.pid, signal)
end

function methods:alive()
    return background.alive(self.pid)
end

function methods:read()
    return child.read(self.folder .. "/out"), child.read(self.folder .. "/err")
end

-- Wait for the end: exit code as a shell sees it, and both streams.
function methods:wait()
    local code
    repeat
        background.sleep(0.002)
        local file = io.open(self.folder .. "/code")
        code = file and tonumber(file:read "*l" or "")
        if file then
            file:close()
        end
    until code
    local out, err = self:read()
    return { code = code, out = out, err = err }
end

-- Kill it after so many seconds; an error where a worker lives for a second more.
function methods:cut(seconds)
    background.sleep(seconds)
    local workers = self:children()
    self:signal(9)
    self:wait()
    local orphan = background.outliving(workers, 1)
    assert(not orphan, "orphan " .. tostring(orphan))
end

return background
