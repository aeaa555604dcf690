-- The code of a function, by which studies know it again: the same in every process.

local bytecode = require "backlua.optimization.bytecode"
local child = require "spec.support.child"

-- Functions with all that a constant may be, as source.
local SOURCES = {
    "return function(p) return p.x + 0.5, -1e300, 7 end",
    "return function() return { alpha = 1, beta = 2.5, gamma = -3, delta = 'x', eps = true, "
        .. "zeta = false, eta = 1e300, theta = 2^31 } end",
    "return function() return { 1, 2, 'three', 4.5, true, a = 1, b = 2, c = 3, [1.5] = 2 } end",
    "return function(q) return function() return { x = { y = 1, z = 2, w = 3 }, v = q } end end",
    "return function() return 1LL, 2ULL, 3i, ('long'):rep(3), { d = 1, e = 2, f = 3 } end",
    "local k = 3 return function(...) k = k + 1 return k, ... end",
}

local function made(source)
    return assert(load(source))()
end

local function sorted_bytes(s)
    local list = { s:byte(1, -1) }
    table.sort(list)
    return list
end

describe("the code of a function", function()
    it("is one in all processes, whatever the order of hashes", function()
        local program = ([[
            local code, sources = require "backlua.optimization.bytecode", { %s }
            local list = {}
            for i, source in ipairs(sources) do list[i] = code(load(source)()) end
            io.write(require "backlua.sha256"(table.concat(list)))
        ]]):format("[==[" .. table.concat(SOURCES, "]==], [==[") .. "]==]")
        local first
        for _ = 1, 8 do -- eight fields have so many orders that two are hardly alike
            local r = child.run { "-e", program }
            assert.equal(0, r.code, r.err)
            first = first or r.out
            assert.equal(first, r.out)
        end
        assert.equal(64, #first)
    end)

    it("is its dump but for the order of fields", function()
        for i, source in ipairs(SOURCES) do
            local f = made(source)
            local dump, code = string.dump(f, true), bytecode(f)
            assert.same(sorted_bytes(dump), sorted_bytes(code))
            if i == 1 or i == #SOURCES then
                assert.equal(dump, code)
            end
        end
    end)

    it("tells fields apart by name and value, and functions of C by nothing", function()
        local seen = {}
        for _, fields in ipairs { "a = 1, b = 2", "a = 2, b = 1", "a = 1, c = 2", "a = 1, b = 2.5",
            "a = 1, b = '2'", "a = 1, b = true", "a = 1", "1, a = 1, b = 2" } do
            local code = bytecode(made("return function() return { " .. fields .. " } end"))
            assert.is_nil(seen[code], fields)
            seen[code] = true
        end
        assert.equal(bytecode(made "return function() return { a = 1, b = 2 } end"),
            bytecode(made "return function() return { b = 2, a = 1 } end"))
        assert.is_nil(bytecode(print))
    end)
end)

describe("a study of functions with constant tables", function()
    it("goes on in another process", function()
        local folder = child.scratch()
        child.write(folder .. "/s.lua", [[
            local opt = require "backlua.optimization"
            local weights = 2
            local r, err = opt.ParallelOptimizer { study = "tables",
                param_space = opt.ParameterSpace {
                    opt.DiscreteParameter { name = "n", min_value = 1, max_value = 4 } },
                objective = function(p)
                    local w = { low = 1, high = 2, near = 3, far = 4, left = 5, right = 6, up = 7 }
                    return w.low + w.right * p.n * weights
                end }:run()
            print(r and r.stats.resumed or err.message)
        ]])
        for i = 1, 5 do
            local r = child.run { folder .. "/s.lua", env = { BACKLUA_HOME = folder } }
            assert.equal(0, r.code, r.err)
            assert.equal(i == 1 and "0\n" or "4\n", r.out)
        end
    end)
end)
