-- The guide's caches: what each layer and tier was asked, and that nothing but speed depends on it.

local C = require("backlua.ffi").C
local backtest = require "spec.support.backtest"
local child = require "spec.support.child"
local ffi = require "ffi"
local market = require "spec.support.market"
local opt = require "backlua.optimization"

local cache = opt.DataCache.get_instance()

-- 40 days from a Wednesday on; a split on day 20.
local STRATEGY = [[
    function initialize(ctx)
        ctx.named = ctx:indicator("sma", "A", { n = 20 })
        ctx.other = ctx:indicator("sma", "A", { n = 7 })
        ctx.quoted = ctx:indicator("ema", "B", { n = 50 })
    end
    function handle_data(ctx, data)
        ctx:record("x", data:history("A", "close", 5, "1d", "array"):mean()
            + data:history("B", "close", 2, "1w", "array")[-1] + ctx.other[-1])
    end]]

local function run()
    return assert(backtest.run(STRATEGY, { bundle = "cached" })).hash
end

local function counts(part)
    return { part.hits, part.misses, part.entries }
end

local function with(changes, body)
    local before = ffi.new("bt_config", C.bt_config_get()[0])
    local config = ffi.new("bt_config", before)
    for key, value in pairs(changes) do
        config[key] = value
    end
    assert(C.bt_config_set(config) == C.BT_OK)
    local ok, err = pcall(body)
    C.bt_config_set(before)
    assert(ok, err)
end

describe("the data cache", function()
    setup(function()
        local prices = {}
        for i = 1, 40 do
            prices[i] = 100 + i % 7
        end
        market.daily("cached", { A = market.path(prices), B = market.path(prices) },
            { { kind = "split", symbol = "A", day = 20, ratio = 2 } })
    end)
    teardown(market.clean)
    teardown(child.clean)

    it("counts what its layers and tiers are asked", function()
        cache:clear()
        run()
        local s = cache:get_stats()
        -- two series of A before the split and two behind it, one of B
        assert.same({ 0, 5, 5 }, counts(s.layers.indicators))
        -- the close of A behind the split
        assert.same({ 0, 1, 1 }, counts(s.layers.adjusted))
        -- the weeks, and the close of B in them
        assert.same({ 0, 2, 2 }, counts(s.layers.resampled))
        -- n = 20 and n = 50 are windows of tier 1; n = 7 has two series
        assert.equal(2, s.tiers[2].entries)
        assert.equal(s.entries, s.tiers[1].entries + s.tiers[2].entries)
        assert.equal(s.misses, s.layers.indicators.misses + s.layers.adjusted.misses
            + s.layers.resampled.misses + s.layers.sums.misses)
        run()
        local again = cache:get_stats()
        assert.same({ 5, 5, 5 }, counts(again.layers.indicators))
        assert.equal(s.entries, again.entries)
        assert.equal(again.hits / (again.hits + again.misses), again.hit_rate)
    end)

    it("starts anew when it is cleared, and changes no result", function()
        local one = run()
        cache:clear()
        local s = cache:get_stats()
        assert.same({ 0, 0, 0 }, counts(s))
        assert.same({ 0, 0, 0 }, counts(s.tiers[1]))
        assert.same({ 0, 0, 0 }, counts(s.layers.indicators))
        assert.equal(one, run())
        with({ enable_caching = 0 }, function()
            assert.equal(one, run())
            assert.same({ 0, 0, 0 }, counts(cache:get_stats()))
        end)
    end)

    it("leaves room for tier 1 when lengths without end are asked for", function()
        local path = child.scratch() .. "/lengths.lua"
        local f = assert(io.open(path, "w"))
        f:write [[
            local backlua, opt = require "backlua", require "backlua.optimization"
            assert(backlua.run { bundle = arg[1], strategy = {
                initialize = function(ctx)
                    for n = 60, 190 do ctx:indicator("sma", "B", { n = n }) end
                    ctx:indicator("sma", "B", { n = 200 })
                end,
                handle_data = function() end,
            } })
            local s = opt.DataCache.get_instance():get_stats()
            print(s.tiers[1].entries, s.tiers[2].entries, s.tiers[2].memory_usage_mb,
                s.max_memory_mb)]]
        f:close()
        local r = child.run { path, market.folder .. "/cached",
            env = { BACKLUA_CACHE_SIZE_GB = "2e-5" } }
        assert.equal(0, r.code, r.err)
        local one, two, used, most = r.out:match "(%S+)\t(%S+)\t(%S+)\t(%S+)"
        assert.equal("1", one)
        assert.is_true(tonumber(two) > 10 and tonumber(two) < 131, two)
        assert.is_true(tonumber(used) <= tonumber(most) * 7 / 8)
    end)

    it("is told of in a run's manifest", function()
        cache:clear()
        local r = assert(backtest.run(STRATEGY, { bundle = "cached" }))
        local told = r.manifest.cache
        assert.same({ 0, 5, 0 }, { told.layers.indicators.hits, told.layers.indicators.misses,
            told.layers.indicators.hit_rate })
        assert.equal(cache:get_stats().tiers[1].misses, told.tiers[1].misses)
        assert.truthy(told.assets.hit_rate)
    end)
end)
