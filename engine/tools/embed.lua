-- Writes the Lua library as C data, so that the program needs no files: OUT.c and, for it to
-- include, OUT.bin.
--
--     luajit embed.lua OUT.c CDEF FILE.lua...
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

local modules = {}
for i = 3, #arg do
    modules[#modules + 1] = module_of(arg[i])
end
table.sort(modules, function(a, b) return a.name < b.name end)

-- One file of bytes, which the assembler takes in: as C literals they cost the compiler a
-- quarter of a second.
local bytes, at = {}, 0

local function place(text)
    bytes[#bytes + 1] = text
    at = at + #text
    return at - #text
end

local binary = out:gsub("%.c$", "") .. ".bin"
local parts = { ([[
#include "host/embedded.h"

__asm__(".pushsection .rodata\n"
        "embedded_bytes: .incbin \"%s\"\n"
        ".popsection");
extern const char embedded_bytes[] __attribute__((visibility("hidden")));

const struct embedded embedded_files[] = {]]):format(binary) }
for _, m in ipairs(modules) do
    parts[#parts + 1] = ('    {"%s", "%s", embedded_bytes + %d, %d},')
        :format(m.name, m.chunk, place(m.code), #m.code)
end
parts[#parts + 1] = ([[
    {0, 0, 0, 0}};
const size_t embedded_count = %d;

const char *bt_cdef(void)
{
    return embedded_bytes + %d;
}
]]):format(#modules, place(read(cdef) .. "\0"))

local function write(path, text)
    local file = assert(io.open(path, "wb"))
    file:write(text)
    file:close()
end

write(binary, table.concat(bytes))
write(out, table.concat(parts, "\n"))
