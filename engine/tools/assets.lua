-- Writes texts that are not Lua (styles, scripts of the browser) as a Lua module, a table by name.
--
--     luajit assets.lua OUT NAME=FILE...
--
-- lua/backlua/report/ requires the module; it is embedded and installed like any other.

local out = arg[1]

local function read(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read "*a"
    file:close()
    return text
end

local parts = { "-- Made by the build: texts that travel in a report.\n\nreturn {\n" }
for i = 2, #arg do
    local name, path = arg[i]:match "^([%w_]+)=(.+)$"
    parts[#parts + 1] = ("    %s = %q,\n"):format(assert(name, arg[i]), read(path))
end
parts[#parts + 1] = "}\n"

local file = assert(io.open(out, "w"))
file:write(table.concat(parts))
file:close()
