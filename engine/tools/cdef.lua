-- Turns engine/backlua.h into the text that lua/backlua/ffi.lua declares from.
--
--     luajit cdef.lua CC HEADER OUT
--
-- The preprocessor does the work (-DBT_CDEF, no system headers: LuaJIT knows the
-- fixed-width types). What is left over, blank lines and line markers, goes.

local cc, header, out = arg[1], arg[2], arg[3]

local function preprocess()
    local read = assert(io.open(header))
    local text = read:read "*a"
    read:close()
    local bare = text:gsub("#include%s+<[^>]+>", "")
    local copy = out .. ".h"
    local write = assert(io.open(copy, "w"))
    write:write(bare)
    write:close()
    local pipe = assert(io.popen(("%s -E -P -DBT_CDEF %s"):format(cc, copy)))
    local result = pipe:read "*a"
    pipe:close()
    os.remove(copy)
    if result == "" then
        error("cdef.lua: the preprocessor gave nothing for " .. header)
    end
    return result
end

-- What LuaJIT refuses must fail the build, not the first run.
local function check(text)
    local ok, message = pcall(require("ffi").cdef, text)
    if not ok then
        error("cdef.lua: LuaJIT does not accept " .. header .. ": " .. message, 0)
    end
end

local text = preprocess()
check(text)
local file = assert(io.open(out, "w"))
file:write(text)
file:close()
