-- The gate to C: the only file that declares or names ffi.C.
--
--     local native = require "backlua.ffi"
--     native.C        namespace of every bt_* function and BT_* constant
--     native.hidden   field names: view[native.hidden.data] is hidden_data
--
-- The declarations are engine/backlua.h itself, preprocessed by the build (engine/tools/cdef.lua
-- has the form) and carried by the engine. A field declared hidden_x gets a name of 128 random
-- bits in each process: a script that holds a struct cannot spell the field, so it cannot reach
-- the pointer, while compiled code reads it at full speed.
--
-- In the program the engine is linked in (ffi.C). In a plain LuaJIT it is the
-- shared library core.so, found through BACKLUA_CORE, package.cpath
-- (backlua/core.so), or the build folder beside these sources.

local ffi = require "ffi"

-- Types can be declared once per Lua state, while a module may be loaded again.
local KEY = "backlua.ffi"
local registry = debug.getregistry()
if registry[KEY] then
    return registry[KEY]
end

ffi.cdef "const char *bt_cdef(void);"

local function source_folder()
    return debug.getinfo(1, "S").source:match "^@(.*)backlua/ffi%.lua$"
end

local function readable(path)
    local file = path and io.open(path, "rb")
    if file then
        file:close()
    end
    return file and path
end

local function core_path()
    local folder = source_folder()
    return os.getenv "BACKLUA_CORE"
        or package.searchpath("backlua.core", package.cpath)
        or readable(folder and folder .. "../build/core.so")
        or error("backlua: core.so not found; `make` builds build/core.so, then set"
            .. " BACKLUA_CORE to its path or put it into package.cpath as backlua/core.so", 0)
end

local function engine()
    local linked = pcall(function()
        return ffi.C.bt_cdef
    end)
    if linked then
        return ffi.C
    end
    if jit.arch == "x64" then
        require "backlua.plain_next"
    end
    return ffi.load(core_path())
end

local function random_hex()
    ffi.cdef "long getrandom(void *buf, size_t n, unsigned flags);"
    local bytes = ffi.new "uint8_t[16]"
    if ffi.C.getrandom(bytes, 16, 0) ~= 16 then
        error("backlua: the system gave no random bytes (getrandom)", 0)
    end
    local hex = {}
    for i = 0, 15 do
        hex[i + 1] = ("%02x"):format(bytes[i])
    end
    return table.concat(hex)
end

local function unknown(_, name)
    error("backlua.ffi: no hidden field '" .. tostring(name) .. "' in backlua.h", 2)
end

local function declare(carried)
    local hidden, secret = {}, random_hex()
    local names, text = carried:match "^([^\n]*)\n(.*)$"
    local fields = {}
    for name in names:gmatch "%S+" do
        hidden[name] = "_" .. secret .. "_" .. name
        fields[#fields + 1] = hidden[name]
    end
    ffi.cdef(text, unpack(fields))
    return setmetatable(hidden, { __index = unknown })
end

local C = engine()
local native = { C = C, hidden = declare(ffi.string(C.bt_cdef())) }
registry[KEY] = native
return native
