-- Writes the Lua library as C data, so that the program needs no files.
--
--     luajit embed.lua OUT CDEF FILE.lua...
--
-- Bytecode, not source: parsing the library would take longer than a short backtest, loading
-- it takes a fifteenth of that. The library is not stripped, so messages keep their line numbers;
-- what comes from elsewhere is. A dump depends on the LuaJIT that made it: the build uses the one
-- it links.
-- lua/backlua/view.lua becomes module "backlua.view", chunk "@backlua/view.lua", likewise below
-- another lua/ folder; a file from elsewhere is named by its base name, one of LuaJIT's own "jit."
-- and that. The list is sorted by module name (host/embedded.h).
-- A file for editors (it begins with ---@meta) is no program: its module is its text.

local out, cdef = arg[1], arg[2]

local function read(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read "*a"
    file:close()
    return text
end

-- A syntax error fails the build here.
local function compile(source, chunk, strip)
    return string.dump(assert(load(source, chunk, "t")), strip)
end

local function module_of(path)
    local own = ("/" .. path):match "/lua/(backlua/.+)$"
    local inner = own or path:match "(jit/[^/]+)$" or path:match "([^/]+)$"
    local name = inner:gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", ".")
    local source = read(path)
    if source:find "^%-%-%-@meta" then
        compile(source, "@" .. inner) -- it must parse
        source = ("return %q"):format(source)
    end
    return { name = name, chunk = "@" .. inner, code = compile(source, "@" .. inner, not own) }
end

local ESCAPES = { ["\\"] = "\\\\", ['"'] = '\\"', ["\n"] = "\\n", ["?"] = "\\?" }

-- Octal escapes have a fixed width: what follows cannot be taken for a digit.
local function escape(c)
    return ESCAPES[c] or ("\\%03o"):format(c:byte())
end

-- One C literal per source line; adjacent literals join.
local function array(name, text)
    local lines = {}
    for line in text:gmatch "[^\n]*\n?" do
        if line ~= "" then
            lines[#lines + 1] = '    "' .. line:gsub('[%c?\\"\128-\255]', escape) .. '"'
        end
    end
    if #lines == 0 then
        lines[1] = '    ""'
    end
    return ("static const char %s[] =\n%s;\n"):format(name, table.concat(lines, "\n"))
end

local modules = {}
for i = 3, #arg do
    modules[#modules + 1] = module_of(arg[i])
end
table.sort(modules, function(a, b) return a.name < b.name end)

local parts = { '#include "host/embedded.h"\n' }
for i, m in ipairs(modules) do
    parts[#parts + 1] = array("code_" .. i, m.code)
end
parts[#parts + 1] = "const struct embedded embedded_files[] = {"
for i, m in ipairs(modules) do
    parts[#parts + 1] = ('    {"%s", "%s", code_%d, %d},')
        :format(m.name, m.chunk, i, #m.code)
end
parts[#parts + 1] = "    {0, 0, 0, 0}};"
parts[#parts + 1] = ("const size_t embedded_count = %d;"):format(#modules)
parts[#parts + 1] = array("cdef", read(cdef))
parts[#parts + 1] = "const char *bt_cdef(void)\n{\n    return cdef;\n}\n"

local file = assert(io.open(out, "w"))
file:write(table.concat(parts, "\n"))
file:close()
