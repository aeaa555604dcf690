-- Attempts to get out. Each text must fail or come back with nothing.

local box = require "spec.support.sandboxed"
local child = require "spec.support.child"
local strategy = require "backlua.strategy"

local function refused(text)
    local ok, value = box(text)
    assert.is_true(not ok or value == nil or value == false,
        text .. "\n--> " .. tostring(value))
end

describe("an escape", function()
    teardown(child.clean)

    it("by bytecode is refused", function()
        local code = string.dump(function() return 1 end)
        box.code = code
        for _, text in ipairs {
            "return load('\\27LJ')", "return load('\\27Lua')",
            "local n = 0 return load(function() n = n + 1 if n == 1 then return '\\27LJ' end end)",
            "return load('\\27LJ', 'x', 'b')", "return load('\\27LJ', 'x', 'bt', {})",
            "return string.dump and string.dump(function() end)",
            "return ('x').dump and ('x').dump(function() end)",
        } do
            refused(text)
        end
        assert.is_nil((strategy.load(code)))
    end)

    it("by another environment fails", function()
        for _, text in ipairs {
            "return getfenv and getfenv(0)", "return setfenv and setfenv(1, {})",
            "return load('return _G ~= ...')(_G)", "return load('return io')()",
            "return load('return io', 'x', 't', nil)()",
            "local t = setmetatable({}, {__index = function(_, k) return _G[k] end})"
                .. " return load('return os', 'x', 't', t)()",
            "return coroutine.wrap(function() return io or os or debug end)()",
            "return select(2, xpcall(error, function() return io or debug end))",
            "return _G.package", "return require 'io'", "return require 'ffi'",
            "return require 'backlua.ffi'", "return require 'backlua.run'",
            "return require 'backlua'", "return require 'backlua.sandbox'", "return require 'jit'",
            "return require 'cjson'", "return require 'string.buffer'", "return require '_G'",
        } do
            refused(text)
        end
    end)

    it("by a metatable fails", function()
        for _, text in ipairs {
            "return getmetatable('')", "return getmetatable('').__index",
            "return getmetatable(_G)", "return setmetatable(_G, {})",
            "return getmetatable(require 'backlua.commission')",
            "return getmetatable(require 'backlua.ta')",
            "return getmetatable(require('backlua.commission').none())",
            "return getmetatable(print)", "return getmetatable(1)", "return getmetatable(nil)",
        } do
            refused(text)
        end
    end)

    it("by an address fails: nothing prints one", function()
        local ok, value = box [[
            local parts = {}
            for _, v in ipairs { print, {}, coroutine.create(print), string.upper, _G, string,
                require("backlua.ta") } do
                parts[#parts + 1] = tostring(v)
                parts[#parts + 1] = ("%s"):format(v)
                parts[#parts + 1] = string.format("%5.3s %%s %d %s", v, 1, v)
                print(v, v)
            end
            return table.concat(parts, " ")
        ]]
        assert.is_true(ok, value)
        assert.is_nil(value:find "0x")
        assert.is_nil(value:find "builtin")
        assert.is_nil(table.concat(box.printed):find "0x")
        refused "return string.format('%p', print)"
        refused "return string.format('%-10p', print)"
        refused "return ('%%%p'):format({})"
        local _, text = box "return string.format('%%p %%s')"
        assert.equal("%p %s", text)
    end)

    it("by a file outside the strategy's folder fails", function()
        local folder = child.scratch()
        child.write(folder .. "/secret.lua", "return 'secret'")
        os.execute("mkdir -p " .. folder .. "/home/inner && cd " .. folder .. "/home && "
            .. "ln -s ../secret.lua link.lua && ln -s .. up && ln -s /etc/passwd passwd.lua")
        child.write(folder .. "/home/inner/good.lua", "return 'good ' .. ...")
        child.write(folder .. "/home/code.lua", string.dump(function() end))
        child.write(folder .. "/home/main.lua", "return { handle_data = function() end }")
        local program = assert(strategy.load(folder .. "/home/main.lua"))
        for _, name in ipairs { "link", "up.secret", "..secret", "../secret", "passwd", "code",
            "/etc/passwd", "", ".", "inner/../../secret", "nothing", "secret\\0" } do
            local ok, value = box(("return require '%s'"):format(name), {}, program)
            assert.is_false(ok, name .. " gave " .. tostring(value))
        end
        local ok, value = box("return require 'inner.good'", {}, program)
        assert.is_true(ok, tostring(value))
        assert.equal("good inner.good", value)
        assert.equal("inner.good", program.files[1].name)
        assert.equal(64, #program.files[1].sha256)
    end)

    it("by a required file is as fenced as the strategy", function()
        local folder = child.scratch()
        child.write(folder .. "/main.lua", "return { handle_data = function() end }")
        child.write(folder .. "/helper.lua", "return { io = io, env = _G }")
        child.write(folder .. "/sloppy.lua", "initialize = 1")
        child.write(folder .. "/self.lua", "return require 'self'")
        local program = assert(strategy.load(folder .. "/main.lua"))
        local _, helper = box("return require 'helper'", {}, program)
        assert.is_nil(helper.io)
        assert.is_nil(helper.env.io)
        local _, same = box("return require 'helper' == require 'helper'", {}, program)
        assert.is_true(same)
        local ok, message = box("require 'sloppy'", {}, program)
        assert.is_false(ok)
        assert.truthy(message:find "undeclared global 'initialize'")
        ok, message = box("require 'self'", {}, program)
        assert.is_false(ok)
        assert.truthy(message:find "loop")
    end)

    it("by memory of the previous run fails: a required file starts anew", function()
        local folder = child.scratch()
        child.write(folder .. "/main.lua", "return { handle_data = function() end }")
        child.write(folder .. "/state.lua", "local n = 0 return function() n = n + 1 return n end")
        local program = assert(strategy.load(folder .. "/main.lua"))
        for _ = 1, 3 do
            local _, count = box("return require 'state'()", {}, program)
            assert.equal(1, count)
        end
    end)
end)
