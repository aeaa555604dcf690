-- What one worker derives the others find: the cache is one region for all of them.

local market = require "spec.support.market"
local opt = require "backlua.optimization"

-- Two symbols, 25 years, so that sums and indicator series are worth keeping.
market.synthetic("shared", { assets = 2 })

local STRATEGY = [[
    local s = { params = { n = 20 } }
    function s.initialize(ctx)
        ctx.asset = ctx:symbols()[1]
        ctx.average = ctx:indicator("sma", ctx.asset, { n = ctx.params.n })
    end
    function s.handle_data(ctx, data)
        local close = data:history(ctx.asset, "close", ctx.params.n, "1d", "array")
        assert(close:mean() == ctx.average[-1] or close:mean() ~= close:mean())
        if ctx.portfolio.positions[ctx.asset].amount == 0 then
            ctx:order(ctx.asset, 10)
        end
    end
    return s
]]

local function run(workers)
    return assert(opt.ParallelOptimizer {
        param_space = opt.ParameterSpace { parameters = {
            opt.DiscreteParameter { name = "n", min_value = 5, max_value = 12 },
        } },
        n_jobs = workers, objective = "total_return",
    }:run { strategy = STRATEGY, bundle = "shared" })
end

describe("the data cache", function()
    teardown(market.clean)

    it("counts and keeps for all workers, and for the next optimisation", function()
        local cache = opt.DataCache.get_instance()
        cache:clear()
        local one = run(2)
        local first = cache:get_stats()
        -- the sums of one column, eight averages
        assert.equal(9, first.entries)
        assert.is_true(first.memory_usage_mb > 8 * 6289 * 8 / 2 ^ 20)
        assert.equal(2048, first.max_memory_mb)
        local two = run(1)
        local second = cache:get_stats()
        assert.equal(9, second.entries)
        assert.is_true(second.hits >= first.hits + 8, second.hits .. " " .. first.hits)
        assert.equal(one.result_hash, two.result_hash)
        cache:clear()
        local cleared = cache:get_stats()
        assert.equal(0, cleared.entries)
        assert.equal(0, cleared.hits)
        assert.equal(one.result_hash, run(2).result_hash)
    end)
end)
