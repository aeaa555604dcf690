-- What `make install` puts where, and that it needs nothing else.

local child = require "spec.support.child"

-- Without the jobserver and flags of the make that runs the specs.
local function make(words)
    local command = ("env -u MAKEFLAGS -u MAKELEVEL make -s %s >/dev/null 2>&1"):format(words)
    return os.execute(command)
end

describe("make install", function()
    local folder

    setup(function()
        folder = child.scratch()
        assert.equal(0, make("install PREFIX=/opt/b DESTDIR=" .. folder))
    end)

    teardown(child.clean)

    it("gives a program that runs from any folder", function()
        local r = child.run {
            "-e", "print(require('backlua') ~= nil, require('backlua.ffi').C.BT_OK)",
            program = folder .. "/opt/b/bin/backlua", cwd = "/",
        }
        assert.same({ 0, "true\t0\n", "" }, { r.code, r.out, r.err })
    end)

    it("gives a program of less than 5 MB", function()
        local file = assert(io.open(folder .. "/opt/b/bin/backlua", "rb"))
        local bytes = file:seek "end"
        file:close()
        assert.is_true(bytes < 5e6, bytes .. " bytes")
    end)

    it("gives a module for a plain LuaJIT", function()
        local lua = folder .. "/opt/b/share/lua/5.1"
        local r = child.run {
            "-e", "print(require('backlua') ~= nil, require('backlua.ffi').C.BT_OK)",
            program = "luajit", cwd = "/",
            env = {
                LUA_PATH = lua .. "/?.lua;" .. lua .. "/?/init.lua;;",
                LUA_CPATH = folder .. "/opt/b/lib/lua/5.1/?.so;;",
            },
        }
        assert.same({ 0, "true\t0\n", "" }, { r.code, r.out, r.err })
    end)

    it("gives the declarations for editors, those of the indicators too", function()
        local meta = folder .. "/opt/b/share/lua/5.1/backlua/meta/"
        for name, text in pairs { orders = "function Orders:order_target(",
            indicators = "function ta.sma(", statistics = "function metrics.beta(" } do
            local declared = child.read(meta .. name .. ".lua")
            assert.equal(1, declared:find("---@meta", 1, true))
            assert.truthy(declared:find(text, 1, true), name)
        end
    end)

    it("gives a manual page with every command", function()
        local page = child.read(folder .. "/opt/b/share/man/man1/backlua.1")
        for _, name in ipairs { "run", "optimize", "ingest", "report" } do
            assert.truthy(page:find("\n.SS backlua " .. name .. " ", 1, true), name)
        end
        assert.equal("", io.popen("man --warnings -l " .. folder
            .. "/opt/b/share/man/man1/backlua.1 2>&1 >/dev/null | grep -v 'not found'"):read "*a")
    end)

    it("gives what a C program builds with, by pkg-config", function()
        child.write(folder .. "/x.c", '#include <backlua.h>\n#include <stdio.h>\n'
            .. "int main(void) { return puts(bt_version()) < 0; }\n")
        local built = os.execute(("cd %s && sed -i s,/opt/b,%s/opt/b, opt/b/lib/pkgconfig/*.pc && "
            .. "PKG_CONFIG_PATH=opt/b/lib/pkgconfig && export PKG_CONFIG_PATH && cc x.c -o x "
            .. "$(pkg-config --cflags --libs backlua)"):format(folder, folder))
        assert.equal(0, built)
        assert.equal(child.run { "--version" }.out:match "backlua (%S+)",
            io.popen(folder .. "/x"):read "*l")
    end)

    it("gives reports to a plain LuaJIT too", function()
        local lua = folder .. "/opt/b/share/lua/5.1"
        local r = child.run {
            "-e", "print(#require('backlua.report.texts').dygraphs_js > 1e5)",
            program = "luajit", cwd = "/", env = { LUA_PATH = lua .. "/?.lua;;" },
        }
        assert.same({ 0, "true\n", "" }, { r.code, r.out, r.err })
    end)

    it("is undone by uninstall", function()
        assert.equal(0, make("uninstall PREFIX=/opt/b DESTDIR=" .. folder))
        os.execute("rm -f " .. folder .. "/x " .. folder .. "/x.c")
        local pipe = io.popen("find " .. folder .. " -type f")
        assert.equal("", pipe:read "*a")
        pipe:close()
    end)
end)
