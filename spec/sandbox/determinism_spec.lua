local box = require "spec.support.sandboxed"

-- The value of a text, interpreted and compiled: it runs in a loop hot enough for the compiler.
local function both(body)
    local loop = "local out for i = 1, 300 do out = (function() " .. body
        .. " end)() end return out"
    jit.off()
    local ok, interpreted = box(loop)
    assert.is_true(ok, tostring(interpreted))
    jit.on()
    local _, compiled = box(loop)
    assert.equal(interpreted, compiled)
    return compiled
end

local function text(v)
    return ("%.17g"):format(v)
end

describe("numbers in strategies", function()
    after_each(function() jit.on() end)

    it("min and max give NaN whenever an argument is NaN", function()
        for _, call in ipairs { "max(1, 0/0)", "max(0/0, 1)", "min(1, 0/0)", "min(0/0, 1)",
            "max(1, 2, 0/0)", "min(0/0, 2, 3)", "max(0/0)" } do
            assert.truthy(tostring(both("return tostring(math." .. call .. ")")):find "nan", call)
        end
    end)

    it("min and max agree with the native ones on numbers", function()
        for _, call in ipairs { "max(1, 2)", "max(2, 1)", "min(1, 2)", "min(2, 1)", "max(5)",
            "min(3, 1, 2)", "max(3, 1, 2)", "max(-1/0, 1/0)", "max('10', 9)" } do
            assert.equal(load("return math." .. call)(), both("return math." .. call))
        end
    end)

    it("min and max keep the first of two zeros, whatever the compiler does", function()
        assert.equal("-inf", text(1 / both "local z = 0 return math.max(-z, z)"))
        assert.equal("inf", text(1 / both "local z = 0 return math.max(z, -z)"))
        assert.equal("-inf", text(1 / both "local z = 0 return math.min(-z, z)"))
        assert.equal("inf", text(1 / both "local z = 0 return math.min(z, -z)"))
    end)

    it("min and max refuse what is no number", function()
        for _, call in ipairs { "max()", "max(1, nil)", "min({}, 1)", "max(1, 2, 'x')" } do
            assert.is_false((box("return math." .. call)), call)
        end
    end)

    it("x^2 has the same bits interpreted and compiled", function()
        local square = [[
            local x, sum = 1.0000001, 0
            for i = 1, 20000 do
                x = x * 1.0003 % 1000 + 1e-7
                sum = sum + (x^2) * 1e-6 % 1e-9
            end
            return sum]]
        jit.off()
        local _, interpreted = box(square)
        jit.on()
        local _, compiled = box(square)
        assert.equal(text(interpreted), text(compiled))
    end)

    it("math.random belongs to a run; there is none here", function()
        local ok, message = box "return math.random()"
        assert.is_false(ok)
        assert.truthy(message:find("random: only while a backtest runs", 1, true))
        assert.is_true((box "math.randomseed(5)"))
    end)
end)

describe("order and names in strategies", function()
    it("pairs and next are ordered", function()
        local _, value = box [[
            local parts = {}
            for k in pairs { z = 1, a = 1, m = 1, [3] = 1, [true] = 1 } do
                parts[#parts + 1] = tostring(k)
            end
            for k in next, { z = 1, a = 1, m = 1 } do
                parts[#parts + 1] = k
            end
            return table.concat(parts, " ")
        ]]
        assert.equal("3 a m z true a m z", value)
    end)

    it("tables and functions are numbered in the order of first sight", function()
        local _, value = box [[
            local a, b = {}, function() end
            return tostring(b) .. " " .. tostring(a) .. " " .. tostring(b)
        ]]
        assert.equal("function: 1 table: 2 function: 1", value)
        local _, named = box [[
            return tostring(setmetatable({}, { __tostring = function() return "me" end }))]]
        assert.equal("me", named)
    end)

    it("print goes where the run says, in one piece per line", function()
        box "print('a', nil, 1.5, true) print()"
        assert.same({ "a\tnil\t1.5\ttrue\n", "\n" }, box.printed)
    end)
end)
