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

-- First line that a shell command prints.
local function shell(command)
    local pipe = assert(io.popen(command))
    local line = pipe:read "*l"
    pipe:close()
    return line
end

local ROOT = shell "pwd"

local function absolute(path)
    return path:sub(1, 1) == "/" and path or ROOT .. "/" .. path
end

child.root = ROOT
child.program = absolute(os.getenv "BACKLUA" or "build/backlua")

-- A new empty folder, removed by child.clean().
function child.scratch()
    local path = shell "mktemp -d"
    scratches[#scratches + 1] = path
    return path
end

-- Remove all scratch folders.
function child.clean()
    for _, path in ipairs(scratches) do
        os.execute("chmod -R u+rwX " .. child.quote(path) .. "; rm -rf " .. child.quote(path))
    end
    scratches = {}
end

local function scrubbed(env)
    local words = { "env" }
    for name in io.popen("env"):read "*a":gmatch "([%w_]+)=" do
        if name:match "^BACKLUA" or name:match "^RUSTYBT" or name:match "^XDG"
            or name:match "COLOR" then
            words[#words + 1] = "-u " .. name
        end
    end
    for name, value in pairs(env) do
        words[#words + 1] = child.quote(name .. "=" .. value)
    end
    return table.concat(words, " ")
end

-- Run the program with the words of a table; further keys:
--   env      variables by name, over the scrubbed environment
--   cwd      folder to run in; default: the tree
--   stdin    text; default: nothing
--   program  another program than backlua
--   stdout   where stdout goes instead of into the result ("/dev/full", "| head -1")
function child.run(spec)
    local folder = shell "mktemp -d"
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
    os.execute("sh " .. folder .. "/run")
    local result = {
        code = tonumber(read(folder .. "/code")),
        out = read(folder .. "/out"),
        err = read(folder .. "/err"),
    }
    os.execute("rm -rf " .. folder)
    return result
end

return child
