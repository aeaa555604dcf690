-- What the build turns into C: FFI declarations and the Lua library.

local child = require "spec.support.child"
local ffi = require "ffi"

local function sh(command)
    assert.equal(0, os.execute(command))
end

describe("embedded modules", function()
    after_each(child.clean)

    -- Compiled into a shared object and read back through the FFI.
    local function embed(files)
        local folder = child.scratch()
        local words = {}
        child.write(folder .. "/cdef.txt", "int answer;")
        sh("mkdir -p " .. folder .. "/lua/backlua")
        for path, text in pairs(files) do
            child.write(folder .. "/" .. path, text)
            words[#words + 1] = path
        end
        sh(("cd %s && luajit %s/engine/tools/embed.lua out.c cdef.txt %s"):format(
            folder, child.root, table.concat(words, " ")))
        sh(("cd %s && gcc -shared -fPIC -I%s/engine -o out.so out.c"):format(folder, child.root))
        return ffi.load(folder .. "/out.so")
    end

    it("keep code and lines, under module names in order", function()
        ffi.cdef [[
            struct spec_embedded { const char *name, *chunk, *code; size_t length; };
            extern const struct spec_embedded embedded_files[3];
            extern const size_t embedded_count;
        ]]
        local odd = "\"quotes\" \\ back\1\0002\t\195\188??/" .. ("x"):rep(70000)
        local lib = embed {
            ["lua/backlua/view.lua"] = "\nreturn [[" .. odd .. "]], debug.getinfo(1).currentline",
            ["lua/backlua/init.lua"] = "return 1",
            ["lua/backlua/empty.lua"] = "",
        }
        assert.equal(3, tonumber(lib.embedded_count))
        local names = {}
        for i = 0, 2 do
            local e = lib.embedded_files[i]
            names[i + 1] = ffi.string(e.name) .. " " .. ffi.string(e.chunk)
        end
        assert.same({ "backlua @backlua/init.lua", "backlua.empty @backlua/empty.lua",
            "backlua.view @backlua/view.lua" }, names)
        local view = lib.embedded_files[2]
        local folder = child.scratch()
        child.write(folder .. "/view", ffi.string(view.code, view.length))
        child.write(folder .. "/main", "local text, line = dofile 'view' io.write(line, text)")
        local r = child.run { "main", program = "luajit", cwd = folder }
        assert.is_true("2" .. odd == r.out)
    end)
end)

describe("FFI declarations", function()
    after_each(child.clean)

    local function cdef(header)
        local folder = child.scratch()
        child.write(folder .. "/api.h", header)
        local r = child.run {
            child.root .. "/engine/tools/cdef.lua", "gcc", "api.h", "out.txt",
            program = "luajit", cwd = folder,
        }
        r.text = r.code == 0 and child.read(folder .. "/out.txt")
        return r
    end

    it("are the header as the Lua side sees it", function()
        local r = cdef [[
#ifdef BT_CDEF
#define BT_CONST const
#else
#include <stdint.h>
#define BT_CONST
#endif
/* A pair. */
typedef struct pair { BT_CONST int32_t a, b; } pair;
]]
        assert.equal("typedef struct pair{const int32_t a,b;}pair;", r.text:match "^%s*(.-)%s*$")
    end)

    it("fail the build when LuaJIT does not take them", function()
        local r = cdef "typedef strukt pair;\n"
        assert.equal(1, r.code)
        assert.matches("LuaJIT does not accept api.h", r.err, 1, true)
    end)
end)
