local box = require "spec.support.sandboxed"
local ffi = require "ffi"
local walk = require "spec.support.walk"

-- Real functions that must not be in reach, by name.
local function forbidden_values()
    local found = {}
    local function add(prefix, t)
        for name, value in pairs(t) do
            if type(value) == "function" or type(value) == "table" then
                found[value] = prefix .. name
            end
        end
    end
    for name, library in pairs { io = io, os = os, debug = debug, package = package, ffi = ffi,
        jit = jit } do
        add(name .. ".", library)
        found[library] = name
    end
    for _, name in ipairs { "_G", "load", "loadstring", "loadfile", "dofile", "require", "module",
        "getfenv", "setfenv", "newproxy", "collectgarbage", "getmetatable", "next", "pairs",
        "print", "tostring" } do
        found[_G[name]] = name
    end
    for name in ("string table math bit coroutine"):gmatch "%a+" do
        found[_G[name]] = name -- the shared tables
    end
    found[string.dump], found[string.format] = "string.dump", "string.format"
    found[math.random], found[math.randomseed] = "math.random", "math.randomseed"
    return found
end

describe("a strategy's environment", function()
    it("holds nothing that is forbidden, anywhere", function()
        local forbidden, visited = forbidden_values(), 0
        box "return nil"
        walk(box.env, function(value, path)
            visited = visited + 1
            assert.is_nil(forbidden[value], path .. " is " .. tostring(forbidden[value]))
            assert.is_true(type(value) == "table" or type(value) == "function",
                path .. " is a " .. type(value))
        end)
        assert.is_true(visited > 90, "only " .. visited .. " values were visited")
    end)

    it("holds nothing that is forbidden in the modules it may require either", function()
        local forbidden = forbidden_values()
        local ok, modules = box [[
            local list = {}
            for _, name in ipairs { "commission", "slippage", "ta", "json" } do
                list[name] = require("backlua." .. name)
            end
            return list
        ]]
        assert.is_true(ok, modules)
        walk(modules, function(value, path)
            assert.is_nil(forbidden[value], path .. " is " .. tostring(forbidden[value]))
            assert.is_true(type(value) ~= "cdata" and type(value) ~= "userdata", path)
        end)
    end)

    it("has the surface of the reference and no more", function()
        box "return nil"
        local names = {}
        for name in pairs(box.env) do
            names[#names + 1] = name
        end
        table.sort(names)
        assert.equal("_G _VERSION assert bit collectgarbage coroutine error getmetatable ipairs"
            .. " load math next pairs pcall print rawequal rawget rawset require select"
            .. " setmetatable string table tonumber tostring type unpack xpcall",
            table.concat(names, " "))
    end)

    it("lacks what is not named, without an error for asking", function()
        for name in ("io os package debug ffi jit getfenv setfenv module dofile loadfile"
            .. " loadstring newproxy"):gmatch "%a+" do
            local ok, value = box("return " .. name)
            assert.is_true(ok)
            assert.is_nil(value, name)
        end
        for _, expression in ipairs { "string.dump", "('').dump", "table.foreach", "_G._G.io",
            "require'backlua.json'.decoder", "getmetatable('')", "coroutine.close" } do
            local _, value = box("return " .. expression)
            assert.is_nil(value, expression)
        end
    end)

    it("gives each run libraries of its own", function()
        local ok = box [[
            string.upper, math.max, table.insert, bit.band = nil, nil, nil, nil
            math.secret = 1
            coroutine.wrap = nil
            require("backlua.commission").none = nil
            require("backlua.json").leak = 1
        ]]
        assert.is_true(ok)
        assert.is_nil(rawget(math, "secret"))
        local _, value = box [[
            assert(("x"):upper() == "X" and string.upper and math.max and table.insert)
            assert(bit.band and coroutine.wrap and math.secret == nil)
            assert(require("backlua.json").leak == nil)
            return require("backlua.commission").none
        ]]
        assert.equal("function", type(value))
        assert.is_nil(require("backlua.json").leak)
    end)

    it("opens up under unsafe, and only then", function()
        local ok, value = box("return io.open ~= nil and require('ffi') ~= nil and os.time() > 0",
            { unsafe = true })
        assert.is_true(ok)
        assert.is_true(value)
        ok = box "require 'ffi'"
        assert.is_false(ok)
    end)

    it("leaves the methods of strings as they were", function()
        box "return 1"
        assert.equal("function", type(("").dump))
        assert.equal(string, getmetatable("").__index)
    end)
end)

describe("strictness", function()
    local function message_of(text)
        local ok, message = box(text)
        assert.is_false(ok)
        return message
    end

    it("raises at the line that assigns an undeclared global", function()
        assert.truthy(message_of("local x = 1\nhndle = 2"):find(
            "(text):3: assignment to undeclared global 'hndle'", 1, true))
    end)

    it("names the nearest local, upvalue, callback or library", function()
        for text, hint in pairs {
            ["local price = 1; prise = 2"] = "price",
            ["local window = 1; local function f() local _ = window; windw = 2 end f()"] = "window",
            ["function handle_dat() end"] = "handle_data",
            ["strng = 1"] = "string",
        } do
            local message = message_of(text)
            assert.truthy(message:find("did you mean '" .. hint .. "'?", 1, true), message)
        end
    end)

    it("lets a strategy define its callbacks and params as globals", function()
        local ok = box "params = {} function initialize() end function handle_data() end"
        assert.is_true(ok)
        ok = box("params = {}", { config = true })
        assert.is_false(ok)
    end)

    it("cannot be lifted by the script", function()
        assert.is_false((box "setmetatable(_G, nil)"))
        assert.is_false((box "getmetatable(_G).__newindex = nil"))
    end)
end)
