-- The rockspec of `make rock`: luarocks likes it, installs from it, and what is then there is the
-- library of a plain LuaJIT.

local bundles = require "spec.support.bundles"
local child = require "spec.support.child"

local function shell(command)
    return os.execute("env -u MAKEFLAGS -u MAKELEVEL " .. command .. " >/dev/null 2>&1")
end

describe("the rockspec", function()
    local version = child.run { "--version" }.out:match "backlua (%S+)"
    local path = "build/backlua-" .. version .. "-1.rockspec"
    local tree, lua_path

    setup(function()
        assert.equal(0, shell "make -s rock")
        tree = child.scratch()
        lua_path = tree .. "/share/lua/5.1"
    end)
    teardown(child.clean)

    it("names the version, the licence and what the Makefile has", function()
        local rock = {}
        assert(setfenv(assert(loadfile(path)), rock))()
        assert.same({ "backlua", version .. "-1", "MIT" },
            { rock.package, rock.version, rock.description.license })
        local makefile = "\n" .. child.read "Makefile"
        for _, target in ipairs { rock.build.build_target, rock.build.install_target } do
            assert.truthy(makefile:find("\n" .. target .. ":", 1, true), target)
        end
        for variable in pairs(rock.build.install_variables) do
            assert.truthy(makefile:find("$(" .. variable .. ")", 1, true), variable)
        end
    end)

    it("passes luarocks lint", function()
        assert.equal(0, shell("luarocks lint " .. path))
    end)

    it("installs a library that a plain LuaJIT backtests with, and the program", function()
        assert.equal(0, shell(("luarocks --lua-version 5.1 make --tree %s %s"):format(tree, path)))
        local data = bundles.folder("rock", 1, 60)
        local code = [[
            local result = assert(require("backlua").run { bundle = "rock",
                strategy = { handle_data = function(ctx) ctx:order("AAPL", 1) end } })
            print(jit.version, result.bars, #result.orders)]]
        local r = child.run { "-e", code, program = "luajit", cwd = "/", env = {
            BACKLUA_BUNDLES = data, LUA_PATH = lua_path .. "/?.lua;" .. lua_path .. "/?/init.lua",
            LUA_CPATH = tree .. "/lib/lua/5.1/?.so;;" } }
        assert.same({ 0, jit.version .. "\t60\t60\n", "" }, { r.code, r.out, r.err })
        r = child.run { "--version", program = tree .. "/bin/backlua", cwd = "/" }
        assert.equal(0, r.code, r.err)
    end)
end)
