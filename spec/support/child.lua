-- The program as a child process: words and environment in, exit code and both streams out.
--
--     local child = require "spec.support.child"
--     local home = child.scratch()                     -- a folder of its own, removed by:
--     local r = child.run{ "run", "s.lua", "-b", "demo", env = { NO_COLOR = "1" } }
--     r.code, r.out, r.err
--     child.clean()
--
-- The child sees none of this process's settings: HOME and BACKLUA_HOME are a scratch folder and
-- every other BACKLUA_*, RUSTYBT_*, XDG_* or colour variable is unset.

local ffi = require "ffi"
local spawn = require "spec.support.spawn"

ffi.cdef [[
char *mkdtemp(char *pattern);
char *getcwd(char *buffer, size_t size);
extern char **environ;
]]

local child = {}

local scratches = {}

local function read(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read "*a"
    file:close()
    return text
end

local function write(path, text)
    local file = assert(io.open(path, "wb"))
    assert(file:write(text))
    assert(file:close())
end

child.read, child.write = read, write

-- A word for the shell.
function child.quote(word)
    return "'" .. tostring(word):gsub("'", "'\\''") .. "'"
end

-- Each process costs milliseconds: where a call of the C library does, none is started.
local function new_folder()
    local pattern = (os.getenv "TMPDIR" or "/tmp") .. "/tmp.XXXXXXXXXX"
    local path = ffi.new("char[?]", #pattern + 1, pattern)
    assert(ffi.C.mkdtemp(path) ~= nil, "no folder " .. pattern)
    return ffi.string(path)
end

local ROOT = ffi.string(ffi.C.getcwd(ffi.new "char[4096]", 4096))

local function absolute(path)
    return path:sub(1, 1) == "/" and path or ROOT .. "/" .. path
end

child.root = ROOT
child.program = absolute(os.getenv "BACKLUA" or "build/backlua")

-- A new empty folder, removed by child.clean().
function child.scratch()
    local path = new_folder()
    scratches[#scratches + 1] = path
    return path
end

-- Remove all scratch folders.
function child.clean()
    local paths = {}
    for i, path in ipairs(scratches) do
        paths[i] = child.quote(path)
    end
    local all = table.concat(paths, " ")
    os.execute(("rm -rf %s 2>/dev/null || { chmod -R u+rwX %s; rm -rf %s; }"):format(all, all, all))
    scratches = {}
end

-- An environment without what a child is not to see, and with what it is.
local function scrubbed(env)
    local list, i = {}, 0
    while ffi.C.environ[i] ~= nil do
        local setting = ffi.string(ffi.C.environ[i])
        local name = setting:match "^[^=]*"
        if not (env[name] or name:match "^BACKLUA" or name:match "^RUSTYBT" or name:match "^XDG"
            or name:match "COLOR") then
            list[#list + 1] = setting
        end
        i = i + 1
    end
    for name, value in pairs(env) do
        list[#list + 1] = name .. "=" .. value
    end
    return list
end

-- A folder of a run, in which the program seldom leaves something.
local function remove(folder)
    for _, name in ipairs { "in", "out", "err", "code" } do
        os.remove(folder .. "/" .. name)
    end
    if not os.remove(folder) then
        spawn { "rm", "-rf", folder, env = {}, cwd = "/", stdin = "/dev/null",
            stdout = "/dev/null", stderr = "/dev/null" }
    end
end

-- Its own exit code, not that of what reads it.
local PIPED = '{ "$0" "$@"; echo $? >%s/code; } %s'

-- Run the program with the words of a table; further keys:
--   env      variables by name, over the scrubbed environment
--   cwd      folder to run in; default: the tree
--   stdin    text; default: nothing
--   program  another program than backlua
--   stdout   where stdout goes instead of into the result ("/dev/full", "| head -1")
function child.run(spec)
    local folder = new_folder()
    local env = { HOME = folder, BACKLUA_HOME = folder .. "/home" }
    for name, value in pairs(spec.env or {}) do
        env[name] = value
    end
    local to = spec.stdout or folder .. "/out"
    local is_pipe = to:sub(1, 1) == "|"
    local words = is_pipe and { "sh", "-c", PIPED:format(folder, to) } or {}
    words[#words + 1] = spec.program or child.program
    for _, word in ipairs(spec) do
        words[#words + 1] = tostring(word)
    end
    for i, name in ipairs { "in", "out", "err" } do
        write(folder .. "/" .. name, i == 1 and spec.stdin or "")
    end
    words.env, words.cwd, words.stdin = scrubbed(env), spec.cwd or ROOT, folder .. "/in"
    words.stdout, words.stderr = is_pipe and folder .. "/out" or to, folder .. "/err"
    local code = spawn(words)
    local result = {
        code = is_pipe and tonumber(read(folder .. "/code")) or code,
        out = read(folder .. "/out"),
        err = read(folder .. "/err"),
    }
    remove(folder)
    return result
end

return child
