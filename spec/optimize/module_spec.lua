-- The library in a plain LuaJIT: core.so brings the optimiser along, workers included.

local child = require "spec.support.child"

local PROGRAM = [[
    local opt = require "backlua.optimization"
    local results = assert(opt.ParallelOptimizer {
        opt.ParameterSpace {
            opt.DiscreteParameter { name = "x", min_value = -3, max_value = 3 },
        },
        objective = function(p) return 10 - p.x * p.x end, n_jobs = 2,
    }:run())
    print(results.best.params.x, results.best.score, results.stats.trials)
]]

describe("core.so", function()
    teardown(child.clean)

    it("optimises in a plain LuaJIT", function()
        local built = io.open(child.root .. "/build/core.so")
        if not built then -- a sanitizer's tree alone has none
            return pending "build/core.so is not there"
        end
        built:close()
        local folder = child.scratch()
        child.write(folder .. "/p.lua", PROGRAM)
        local r = child.run {
            program = "luajit", folder .. "/p.lua",
            env = {
                LUA_PATH = child.root .. "/lua/?.lua;" .. child.root .. "/lua/?/init.lua;;",
                BACKLUA_CORE = child.root .. "/build/core.so",
            },
        }
        assert.equal(0, r.code, r.err)
        assert.equal("0\t10\t7\n", r.out)
    end)
end)
