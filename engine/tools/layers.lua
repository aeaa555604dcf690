-- Checks the arrows of the engine: a layer includes itself and what lies below.
--
--     luajit layers.lua FOLDER        (FOLDER: engine)
--
-- Every #include of every .c and .h is read. Printed as file:line: a header of a
-- layer that must not be known there, a header that does not exist, a library that
-- has another gate (SQLite is met in store, Lua in host, and so on), a file that
-- lies in no layer, a fork outside the one file that knows how. Any of them fails.

local BELOW = {
    base = { "base" },
    store = { "base", "store" },
    portal = { "base", "store", "portal" },
    sim = { "base", "store", "portal", "sim" },
    search = { "base", "search" },
    proc = { "base", "proc" },
    optimize = { "base", "store", "search", "proc", "optimize" },
    host = { "base", "store", "portal", "sim", "search", "proc", "optimize", "host" },
}

-- Headers of libraries, and the layers that may know them. What is not listed is
-- the C library.
local GATES = {
    { pattern = "^sqlite3", layers = { "store", "host" } },
    { pattern = "^openssl/", layers = { "base", "host" } },
    { pattern = "^zlib", layers = { "store", "host" } },
    { pattern = "^lua", layers = { "host" } },
    { pattern = "^lauxlib", layers = { "host" } },
    { pattern = "^histedit", layers = { "host" } },
}

local FORK = "proc/worker.c"

-- The folder of the public headers, which all layers may know and which know no layer.
local PUBLIC = "backlua"
BELOW[PUBLIC] = {}

local root = arg[1]
local problems = 0

local function complain(place, text, ...)
    problems = problems + 1
    print(place .. ": " .. text:format(...))
end

local function contains(list, item)
    for _, value in ipairs(list) do
        if value == item then
            return true
        end
    end
    return false
end

local function exists(path)
    local file = io.open(path)
    return file and file:close()
end

local function check_own(place, layer, header)
    local target = header:match "^([^/]+)/"
    if not exists(root .. "/" .. header) then
        complain(place, "no such header: %s", header)
    elseif target and target ~= PUBLIC and not contains(BELOW[layer], target) then
        complain(place, "%s must not include %s (it may: %s)", layer, header,
            table.concat(BELOW[layer], ", "))
    end
end

local function check_library(place, layer, header)
    for _, gate in ipairs(GATES) do
        if header:find(gate.pattern) and not contains(gate.layers, layer) then
            complain(place, "<%s> belongs to %s, not to %s", header,
                table.concat(gate.layers, ", "), layer)
        end
    end
end

local function check_file(path, layer)
    local number = 0
    for line in io.lines(path) do
        number = number + 1
        local place = path .. ":" .. number
        local own = line:match '^%s*#%s*include%s*"([^"]+)"'
        local library = line:match "^%s*#%s*include%s*<([^>]+)>"
        if own then
            check_own(place, layer, own)
        elseif library then
            check_library(place, layer, library)
        elseif line:find "%f[%w_]v?fork%s*%(%s*%)%s*;" and path ~= root .. "/" .. FORK then
            complain(place, "fork() belongs to %s alone", FORK)
        end
    end
end

local function files()
    local pipe = assert(io.popen("find '" .. root .. "' -name '*.[ch]' | LC_ALL=C sort"))
    local text = pipe:read "*a"
    pipe:close()
    return text:gmatch "[^\n]+"
end

local count = 0
for path in files() do
    local inner = path:sub(#root + 2)
    local layer = inner:match "^([^/]+)/[^/]+$"
    if inner == PUBLIC .. ".h" then
        check_file(path, PUBLIC)
    elseif layer and BELOW[layer] then
        check_file(path, layer)
    else
        complain(path .. ":1", "lies in no layer")
    end
    count = count + 1
end
if problems > 0 then
    print(("layers: %d problems in %d files"):format(problems, count))
    os.exit(1)
end
