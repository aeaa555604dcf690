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
        -- n = 20 and n = 50 are windows of tier 1; n = 7 has two series, behind the split in tier 1
        assert.equal(1, s.tiers[2].entries)
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

    -- What a program printed that is run on its own, with the environment given.
    local function printed(code, env)
        local path = child.scratch() .. "/lengths.lua"
        child.write(path, [[
            local backlua, opt = require "backlua", require "backlua.optimization"
            local cache = opt.DataCache.get_instance()
            local function run(...)
                local lengths = { ... }
                return assert(backlua.run { bundle = arg[1], strategy = {
                    initialize = function(ctx)
                        ctx.all = {}
                        for i, n in ipairs(lengths) do
                            ctx.all[i] = ctx:indicator("sma", "B", { n = n })
                        end
                    end,
                    handle_data = function(ctx)
                        for i, h in ipairs(ctx.all) do ctx:record("x" .. i, h[-1]) end
                    end,
                } }).hash
            end
            local function tiers()
                local s, out = cache:get_stats(), {}
                for i, t in ipairs(s.tiers) do
                    out[i] = ("%d/%d/%d/%d"):format(t.hits, t.misses, t.entries, t.evictions)
                end
                print(table.concat(out, " "))
            end
            ]] .. code)
        local r = child.run { path, market.folder .. "/cached", env = env or {} }
        assert.equal(0, r.code, r.err)
        return r.out
    end

    it("keeps the tier2_maxsize series of other lengths that were used last", function()
        local code = [[
            run(4) run(5) run(20) tiers()  -- 4, 5; 20 for ever
            run(4) run(6) tiers()          -- 5 has left
            run(4) run(20) tiers()
            run(5) tiers()                 -- 6 has left
            print(cache:get_stats().tiers[2].max_entries)]]
        assert.equal("0/1/1/0 0/2/2/0\n0/1/1/0 1/3/2/1\n1/1/1/0 2/3/2/1\n1/1/1/0 2/4/2/2\n2\n",
            printed(code, { BACKLUA_TIER2_MAXSIZE = "2" }))
    end)

    it("never evicts the permanent_windows that are asked for", function()
        local code = [[run(7) run(20) run(8) run(7) tiers()]]
        assert.equal("1/1/1/0 0/2/1/1\n", printed(code,
            { BACKLUA_TIER2_MAXSIZE = "1", RUSTYBT_PERMANENT_WINDOWS = "7" }))
        assert.equal("0/0/0/0 0/4/1/3\n", printed(code,
            { BACKLUA_TIER2_MAXSIZE = "1", BACKLUA_PERMANENT_WINDOWS = "none" }))
    end)

    it("does not evict what a run looks at: the rest of it is its own", function()
        local code = [[
            local one = run(4, 5, 6, 7)
            tiers()
            print(one == run(4, 5, 6, 7))]]
        assert.equal("0/0/0/0 0/4/2/0\ntrue\n", printed(code, { BACKLUA_TIER2_MAXSIZE = "2" }))
    end)

    it("has one budget, of which tier 1 comes first", function()
        local code = [[
            local lengths = {}
            for n = 60, 190 do run(n) end
            local s = cache:get_stats()
            print(s.tiers[2].entries > 10 and s.tiers[2].evictions > 10)
            print(s.memory_usage_mb <= s.max_memory_mb)
            for n = 3, 19 do run(n) run(n) end
            s = cache:get_stats()
            print(s.tiers[1].entries, s.tiers[1].hits)
            print(s.memory_usage_mb <= s.max_memory_mb)]]
        local most = {}
        for n = 3, 18 do
            most[#most + 1] = n
        end
        assert.equal("true\ntrue\n16\t16\ntrue\n", printed(code,
            { BACKLUA_CACHE_SIZE_GB = "8e-5",
                BACKLUA_PERMANENT_WINDOWS = table.concat(most, ",") }))
    end)

    it("gives the same bits under every setting", function()
        local want = run()
        for _, changes in ipairs {
            { tier2_maxsize = 1 }, { permanent_count = 0 },
            { tier2_maxsize = 1, permanent_count = 1, permanent_windows = { 7 } },
            { cache_size_gb = 1e-6 },
        } do
            with(changes, function()
                assert.equal(want, run())
                assert.equal(want, run())
            end)
        end
    end)

    it("has settings that an optimiser's config checks", function()
        local c = opt.OptimizationConfig { permanent_windows = { 10, 30 }, tier2_maxsize = 64 }
        assert.same({ { 10, 30 }, 64 }, { c.permanent_windows, c.tier2_maxsize })
        assert.same({ 20, 50, 200 }, opt.OptimizationConfig().permanent_windows)
        for _, wrong in ipairs { { 0 }, { 1.5 }, { "20" }, { n = 20 }, { 100001 } } do
            assert.has_error(function() opt.OptimizationConfig { permanent_windows = wrong } end)
        end
        assert.has_error(function() opt.OptimizationConfig { tier2_maxsize = 0 } end,
            "OptimizationConfig: tier2_maxsize must be an integer at least 1 and at most 16384,"
            .. " got 0")
    end)

    it("is told of in a search's statistics and manifest, summed over its workers", function()
        cache:clear()
        local r = assert(opt.ParallelOptimizer { n_jobs = 2, strategy = [[
            params = { n = 3 }
            function initialize(ctx)
                ctx.h = ctx:indicator("sma", "B", { n = ctx.params.n })
                ctx.g = ctx:indicator("sma", "B", { n = 20 })
            end
            function handle_data(ctx) ctx:record("x", ctx.h[-1] + ctx.g[-1]) end]],
            bundle = market.folder .. "/cached", objective = "total_return",
            param_space = opt.ParameterSpace { parameters = {
                opt.DiscreteParameter { name = "n", min_value = 3, max_value = 6 } } },
        }:run())
        local told = r.stats.cache
        -- each length once at least; two workers may both have missed the first
        assert.is_true(told.tiers[2].misses >= 4 and told.tiers[1].misses >= 1)
        assert.is_true(told.tiers[1].hits + told.tiers[1].misses >= 4)
        assert.equal(told.layers.indicators.hits, told.tiers[1].hits + told.tiers[2].hits)
        assert.equal(told.tiers[1].hits / (told.tiers[1].hits + told.tiers[1].misses),
            told.tiers[1].hit_rate)
        assert.equal("number", type(told.assets.hit_rate)) -- the bundle was open already
        assert.equal(told, r.manifest.cache)
        local json = {}
        require "backlua.cli.optimize_json"(r, function(text) json[#json + 1] = text end)
        local decoded = require "backlua.json".decode(table.concat(json))
        assert.equal(told.tiers[1].hits, decoded.stats.cache.tiers[1].hits)
        assert.equal(told.layers.sums.hit_rate, decoded.manifest.cache.layers.sums.hit_rate)
    end)

    it("is told of by a study, until the next run of it", function()
        local home = child.scratch()
        local function backlua(words)
            words.env = { BACKLUA_HOME = home, XDG_CACHE_HOME = home .. "/cache" }
            local r = child.run(words)
            assert.equal(0, r.code, r.err)
            return r.out
        end
        child.write(home .. "/search.lua", [[
            local opt = require "backlua.optimization"
            local r = assert(opt.ParallelOptimizer { n_jobs = 1, study = "kept", strategy = "]]
            .. [[params = { n = 3 } function initialize(ctx) ctx.h = ctx:indicator('sma', 'B', ]]
            .. [[{ n = ctx.params.n }) end", bundle = arg[1], objective = "total_return",
                param_space = opt.ParameterSpace { parameters = { opt.DiscreteParameter {
                    name = "n", min_value = 19, max_value = 22 } } } }:run())
            print(require "backlua.json".encode(r.stats.cache.tiers))]])
        local said = backlua { home .. "/search.lua", market.folder .. "/cached" }
        local shown = require "backlua.json".decode(backlua { "study", "show", "kept", "--json" })
        assert.same(require "backlua.json".decode(said), shown.manifest.cache.tiers)
        assert.same({ 1, 3 }, { shown.manifest.cache.tiers[1].misses,
            shown.manifest.cache.tiers[2].misses })
        assert.truthy(backlua({ "study", "show", "kept" }):find("hits: indicators 0 % of 4, "
            .. "tier 1 0 % of 1, tier 2 0 % of 3; ", 1, true))
        backlua { home .. "/search.lua", market.folder .. "/cached" } -- all is there: nothing to do
        said = backlua { "study", "show", "kept" }
        assert.is_nil(said:match("cache +([^\n]*)"):find "tier", said)
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
