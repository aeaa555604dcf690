local child = require "spec.support.child"
local sandbox = require "backlua.sandbox"
local strategy = require "backlua.strategy"

local function instantiate(text)
    local program = assert(strategy.load(text))
    local space = sandbox.new(program, {})
    local previous = sandbox.activate(space)
    local ok, value = pcall(strategy.instantiate, program, space.env)
    sandbox.activate(previous)
    return ok, value
end

describe("a strategy", function()
    teardown(child.clean)

    it("returns a table of callbacks, or defines them as globals", function()
        local _, found = instantiate "return { handle_data = print, params = { n = 1 } }\n"
        assert.equal(1, found.params.n)
        _, found = instantiate "params = { n = 2 }\nfunction handle_data() end"
        assert.equal(2, found.params.n)
        assert.equal("function", type(found.handle_data))
    end)

    it("is a path, a text or a table", function()
        for _, name in ipairs { "s.lua", "a return\nto s.lua" } do
            local path = child.scratch() .. "/" .. name
            child.write(path, "#!/usr/bin/env backlua\nreturn { handle_data = function() end }")
            local program = assert(strategy.load(path))
            assert.equal("file", program.kind)
            assert.equal(path, program.name)
            assert.equal(64, #program.sha256)
        end
        assert.equal("text", assert(strategy.load "return { handle_data = print }").kind)
        assert.equal("table", assert(strategy.load { handle_data = print }).kind)
    end)

    it("starts anew each time: new locals, new globals, one text", function()
        local program = assert(strategy.load [[
            local count = 0
            function handle_data() count = count + 1 return count end
        ]])
        for _ = 1, 3 do
            local space = sandbox.new(program, {})
            local found = strategy.instantiate(program, space.env)
            assert.equal(1, found.handle_data())
            assert.equal(2, found.handle_data())
        end
    end)

    it("names the nearest callback", function()
        for text, hint in pairs {
            ["handel_data = function() end"] = "'handel_data'; did you mean 'handle_data'",
            ["handle_data = print, analyse = print"] = "'analyse'; did you mean 'analyze'",
            ["handle_data = print, param = {}"] = "'param'; did you mean 'params'",
        } do
            local ok, message = instantiate("return { " .. text .. " }\n")
            assert.is_false(ok)
            assert.truthy(message:find(hint, 1, true), message)
        end
    end)

    it("leaves helpers of other names alone", function()
        assert.is_true((instantiate
            "return { handle_data = print, rebalance = print, weights = {}, parameter = 1 }\n"))
    end)

    it("refuses what cannot run", function()
        for text, message in pairs {
            ["return 5\n"] = "this one returned a number",
            ["return {}\n"] = "needs handle_data(ctx, data)",
            ["local x = 1\n"] = "needs handle_data(ctx, data)",
            ["return { handle_data = 5 }\n"] = "handle_data must be a function, got a number",
            ["return { handle_data = print, params = 5 }\n"] = "params must be a table",
        } do
            local ok, said = instantiate(text)
            assert.is_false(ok)
            assert.truthy(said:find(message, 1, true), said)
        end
    end)

    it("that does not parse is shown with file, line and source", function()
        local path = child.scratch() .. "/broken.lua"
        child.write(path, "local x = 1\nlocal y = = 2\n")
        local program, err = strategy.load(path)
        assert.is_nil(program)
        assert.equal("strategy", err.code)
        assert.equal(path .. ":2: unexpected symbol near '='\n     2 | local y = = 2", err.message)
        assert.equal(2, err.line)
    end)

    it("that is not there is named with the nearest path", function()
        local folder = child.scratch()
        child.write(folder .. "/momentum.lua", "return {}")
        local _, err = strategy.load(folder .. "/momentun.lua")
        assert.equal("usage", err.code)
        assert.truthy(err.message:find("did you mean " .. folder .. "/momentum.lua?", 1, true))
        _, err = strategy.load(folder)
        assert.truthy(err.message:find "is a folder")
        _, err = strategy.load(5)
        assert.truthy(err.message:find "got number")
    end)

    -- Traces that begin in a loop which a prompt does not want compiled, in a worker and not.
    it("that somebody has interpreted is compiled in a worker", function()
        local LOOP = "function handle_data()\nlocal i = 0\nwhile i < 1000 do\ni = i + 1\nend\nend"
        local old, util, begun = strategy.loaded, require "jit.util", 0
        function strategy.loaded(chunk)
            jit.off(chunk, true)
        end
        finally(function() strategy.loaded = old end)
        local program = assert(strategy.load(LOOP))
        local function count(what, _, f)
            begun = begun + (what == "start" and f and util.funcinfo(f).linedefined == 1 and 1 or 0)
        end
        local function traces()
            local found = strategy.instantiate(program, {})
            begun = 0
            jit.attach(count, "trace")
            found.handle_data()
            jit.attach(count)
            return begun
        end
        assert.equal(0, traces())
        strategy.compile(program)
        assert.is_true(traces() > 0)
    end)
end)
