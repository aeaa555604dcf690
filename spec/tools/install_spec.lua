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
        for name, text in pairs { orders = "function Context:order_target(",
            indicators = "function ta.sma(", statistics = "function metrics.beta(" } do
            local declared = child.read(meta .. name .. ".lua")
            assert.equal(1, declared:find("---@meta", 1, true))
            assert.truthy(declared:find(text, 1, true), name)
        end
    end)

    it("is undone by uninstall", function()
        assert.equal(0, make("uninstall PREFIX=/opt/b DESTDIR=" .. folder))
        local pipe = io.popen("find " .. folder .. " -type f")
        assert.equal("", pipe:read "*a")
        pipe:close()
    end)
end)
