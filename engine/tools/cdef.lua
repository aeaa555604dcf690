-- Turns engine/backlua.h into the text that lua/backlua/ffi.lua declares from.
--
--     luajit cdef.lua CC HEADER OUT
--
-- The preprocessor does the work (-DBT_CDEF: no system headers, LuaJIT knows the
-- fixed-width types). Every process parses the text, so what tells a reader something
-- and LuaJIT nothing goes: blanks and the names of parameters.
--
-- OUT's first line has the names of the fields declared hidden_x, in order of
-- appearance; the text has $ in their places, for ffi.cdef to fill in.

local cc, header, out = arg[1], arg[2], arg[3]

local function preprocess()
    local folder = header:match "^(.*)/" or "."
    local pipe = assert(io.popen(("%s -E -P -DBT_CDEF -I%s %s"):format(cc, folder, header)))
    local result = pipe:read "*a"
    pipe:close()
    if result == "" then
        error("cdef.lua: the preprocessor gave nothing for " .. header)
    end
    return result
end

-- "const char *path" is "const char *", "struct x" and "void" stay.
local function without_name(parameter)
    local kind, name = parameter:match "^(.*[%s%*])([%a_][%w_]*)$"
    if not name or kind:match "^%s*$" or kind:match "struct%s+$" or kind:match "^%s*const%s+$" then
        return parameter
    end
    return kind
end

local function shorten(text)
    text = text:gsub("(%b())%s*;", function(list)
        return "(" .. list:sub(2, -2):gsub("[^,()]+", without_name) .. ");"
    end)
    return (text:gsub("%s+", " "):gsub(" ?([^%w_$ ]) ?", "%1"))
end

local function hide(text)
    local names = {}
    text = text:gsub("hidden_([%w_]+)", function(name)
        names[#names + 1] = name
        return "$"
    end)
    return text, names
end

-- What LuaJIT refuses must fail the build, not the first run.
local function check(text, names)
    local ok, message = pcall(require("ffi").cdef, text, unpack(names))
    if not ok then
        error("cdef.lua: LuaJIT does not accept " .. header .. ": " .. message, 0)
    end
end

local text, names = hide(shorten(preprocess()))
check(text, names)
local file = assert(io.open(out, "w"))
file:write(table.concat(names, " "), "\n", text)
file:close()
