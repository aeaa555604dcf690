-- The usual calls compile, and the views and frames they make are never allocated: compiled code
-- without allocation leaves the size of the heap alone, interpreted code does not.

local backlua = require "backlua"
local bar = require "spec.support.bar"
local market = require "spec.support.market"

-- Locals for the compiler's event handler: busted's environment does not work inside of one.
local find, funcinfo = string.find, require "jit.util".funcinfo

market.synthetic "traces"

local CALLS = 20000
local BYTES = 64 * 1024 -- of 20,000 calls; one view each would be 800 KB

-- Kilobytes that `loop` leaves when nothing is collected, after it was compiled.
local function growth(loop)
    loop()
    loop()
    collectgarbage()
    collectgarbage "stop"
    local before = collectgarbage "count"
    loop()
    local grown = (collectgarbage "count" - before) * 1024
    collectgarbage "restart"
    return grown
end

local function at_bar(body)
    bar.at(1000, { bundle = "traces", end_date = "2004-12-31" }, body)
end

local function stays_lean(loop)
    local grown = growth(loop)
    assert.is_true(grown < BYTES, ("%d bytes for %d calls"):format(grown, CALLS))
end

describe("compiled code", function()
    it("notices an allocation (the test works)", function()
        local kept
        assert.is_true(growth(function()
            for i = 1, CALLS do
                kept = { i }
            end
            return kept
        end) > BYTES)
    end)

    it("makes no view for an element, a length or a reduction", function()
        at_bar(function(ctx, data)
            local asset, n = ctx:symbols()[1], 20
            stays_lean(function()
                local sum = 0
                for _ = 1, CALLS do
                    local v = data:history(asset, "close", n, "1d", "array")
                    sum = sum + v[-1] + #v + v:mean() + v:last(5):mean() + v:sum() + v[1] + v:max()
                end
                return sum
            end)
            stays_lean(function()
                local sum = 0
                for _ = 1, CALLS do
                    sum = sum + data:history(asset, "close", n, "1d", "array"):std()
                end
                return sum
            end)
            stays_lean(function()
                local sum = 0
                for _ = 1, CALLS do
                    sum = sum + data:history("AAPL", "close", 50, "1d", "array"):last(5):mean()
                end
                return sum
            end)
        end)
    end)

    it("makes none for a loop over elements", function()
        at_bar(function(ctx, data)
            local asset = ctx:symbols()[1]
            stays_lean(function()
                local sum = 0
                for _ = 1, CALLS / 20 do
                    local v = data:history(asset, "close", 20, "1d", "array")
                    for i = 1, #v do
                        sum = sum + v[i]
                    end
                end
                return sum
            end)
        end)
    end)

    it("makes neither table nor view for a frame", function()
        at_bar(function(ctx, data)
            local asset = ctx:symbols()[1]
            stays_lean(function()
                local sum = 0
                for _ = 1, CALLS do
                    sum = sum + data:history(asset, "close", 20, "1d", "frame"):mean()
                end
                return sum
            end)
            stays_lean(function()
                local sum = 0
                for _ = 1, CALLS do
                    local f = data:history(asset, "close", 20, "1d")
                    sum = sum + f.close[-1] + f.n + f.close:mean()
                end
                return sum
            end)
        end)
    end)

    it("makes neither for a frame of several fields", function()
        at_bar(function(ctx, data)
            local asset, fields = ctx:symbols()[1], { "close", "volume" }
            stays_lean(function()
                local sum = 0
                for _ = 1, CALLS do
                    local f = data:history(asset, fields, 20, "1d")
                    sum = sum + f.close[-1] + f.volume:mean()
                end
                return sum
            end)
        end)
    end)

    it("makes no more than what is asked for: values and windows of several fields", function()
        at_bar(function(ctx, data)
            local asset, fields = ctx:symbols()[1], { "close", "volume" }
            local function bytes_of(call)
                return growth(function()
                    local sum = 0
                    for _ = 1, CALLS do
                        sum = sum + call()
                    end
                    return sum
                end) / CALLS
            end
            local row = bytes_of(function()
                return data:current(asset, fields).close
            end)
            local windows = bytes_of(function()
                return data:history(asset, fields, 20, "1d", "array")[1][-1]
            end)
            assert.is_true(row < 200 and windows < 300, row .. " " .. windows)
        end)
    end)

    it("makes nothing for the current value and tradability", function()
        at_bar(function(ctx, data)
            local asset = ctx:symbols()[1]
            stays_lean(function()
                local sum = 0
                for _ = 1, CALLS do
                    sum = sum + data:current(asset, "price")
                    if data:can_trade(asset) and not data:is_stale(asset) then
                        sum = sum + 1
                    end
                end
                return sum
            end)
        end)
    end)
end)

-- ---- over whole backtests ---------------------------------------------------------------------

local STRATEGIES = {
    array = [[data:history(asset, "close", n, "1d", "array"):mean()]],
    frame = [[data:history(asset, "close", n, "1d", "frame"):mean()]],
    column = [[data:history(asset, "close", n, "1d").close:mean()]],
}

local function strategy(expression)
    return ([[
        local s = { params = { fast = 10, slow = 40 } }
        function s.initialize(ctx)
            ctx.assets, ctx.up = ctx:symbols(), {}
            for i = 1, #ctx.assets do ctx.up[i] = false end
        end
        local function mean(data, asset, n)
            return %s
        end
        function s.handle_data(ctx, data)
            for i = 1, #ctx.assets do
                local asset = ctx.assets[i]
                local up = mean(data, asset, ctx.params.fast) > mean(data, asset, ctx.params.slow)
                if up ~= ctx.up[i] then
                    ctx.up[i] = up
                    ctx:order_target_percent(asset, up and 0.1 or 0)
                end
            end
        end
        return s
    ]]):format(expression)
end

-- Runs one job several times; returns the hashes, the traces of ours that each run began, and how
-- many were begun at all.
local function runs(text, count)
    local runner = require "backlua.run"
    local job = assert(runner.prepare { strategy = text, bundle = "traces" })
    local hashes, traces, started, all = {}, {}, 0, 0
    local function count_starts(what, _, func)
        if what == "start" then
            local source = funcinfo(func).source or ""
            local ours = find(source, "view.lua", 1, true) or find(source, "frame.lua", 1, true)
                or find(source, "data.lua", 1, true) or find(source, "handle_data", 1, true)
            started, all = started + (ours and 1 or 0), all + 1
        end
    end
    jit.attach(count_starts, "trace")
    for i = 1, count do
        started = 0
        local result = assert(runner.execute(job))
        hashes[i], traces[i] = result.hash, started
    end
    jit.attach(count_starts)
    runner.release(job)
    return hashes, traces, all
end

describe("a backtest", function()
    teardown(market.clean)

    for name, expression in pairs(STRATEGIES) do
        it("uses the code that earlier ones compiled: " .. name, function()
            local hashes, traces, all = runs(strategy(expression), 6)
            for i = 2, #hashes do
                assert.equal(hashes[1], hashes[i])
            end
            assert.is_true(all > 0)
            -- what is left are rare paths of the first runs
            assert.is_true(traces[5] + traces[6] <= 4, table.concat(traces, " "))
        end)
    end

    it("gives one result as array, frame or column, compiled or interpreted", function()
        local hashes = {}
        for _, expression in pairs(STRATEGIES) do
            hashes[#hashes + 1] = runs(strategy(expression), 1)[1]
            jit.off()
            jit.flush()
            hashes[#hashes + 1] = runs(strategy(expression), 1)[1]
            jit.on()
        end
        for i = 2, #hashes do
            assert.equal(hashes[1], hashes[i])
        end
        assert.equal(64, #hashes[1])
    end)

    it("gives one result with caching and pooling on or off", function()
        local ffi = require "ffi"
        local C = require "backlua.ffi".C
        local now = ffi.new "bt_config"
        ffi.copy(now, C.bt_config_get(), ffi.sizeof(now))
        local hashes = {}
        for caching = 0, 1 do
            for pooling = 0, 1 do
                local config = ffi.new("bt_config", now)
                config.enable_caching, config.enable_bundle_pooling = caching, pooling
                C.bt_config_set(config)
                for _ = 1, 2 do
                    hashes[#hashes + 1] = assert(backlua.run {
                        strategy = strategy(STRATEGIES.array), bundle = "traces",
                    }).hash
                end
            end
        end
        C.bt_config_set(now)
        for i = 2, #hashes do
            assert.equal(hashes[1], hashes[i])
        end
    end)
end)
