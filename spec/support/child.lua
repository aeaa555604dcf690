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

-- Shell words in front of a command: what it is not to see, what it is.
local function scrubbed(env)
    local gone, i = { "unset nothing" }, 0
    while ffi.C.environ[i] ~= nil do
        local name = ffi.string(ffi.C.environ[i]):match "^([%w_]+)=" or ""
        if name:match "^BACKLUA" or name:match "^RUSTYBT" or name:match "^XDG"
            or name:match "COLOR" then
            gone[#gone + 1] = name
        end
        i = i + 1
    end
    local set = {}
    for name, value in pairs(env) do
        set[#set + 1] = name .. "=" .. child.quote(value)
    end
    return table.concat(gone, " ") .. "; " .. table.concat(set, " ")
end

-- A folder of a run, in which the program seldom leaves something.
local function remove(folder)
    for _, name in ipairs { "in", "out", "err", "code", "run" } do
        os.remove(folder .. "/" .. name)
    end
    if not os.remove(folder) then
        os.execute("rm -rf " .. folder)
    end
end

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
    local words = { child.quote(spec.program or child.program) }
    for i, word in ipairs(spec) do
        words[i + 1] = child.quote(word)
    end
    write(folder .. "/in", spec.stdin or "")
    write(folder .. "/out", "")
    local to = spec.stdout or folder .. "/out"
    local pipe = to:sub(1, 1) == "|"
    local command = ("cd %s && { %s %s <%s/in 2>%s/err; echo $? >%s/code; }"):format(
        child.quote(spec.cwd or ROOT), scrubbed(env), table.concat(words, " "), folder, folder,
        folder)
    write(folder .. "/run", command .. (pipe and to or " >" .. child.quote(to)) .. "\n")
    os.execute(". " .. folder .. "/run")
    local result = {
        code = tonumber(read(folder .. "/code")),
        out = read(folder .. "/out"),
        err = read(folder .. "/err"),
    }
    remove(folder)
    return result
end

return child
