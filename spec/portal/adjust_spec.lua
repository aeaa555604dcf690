-- History as of now: what has happened to an asset by the current bar is in its windows, what is
-- still to come is not.

local C = require("backlua.ffi").C
local backtest = require "spec.support.backtest"
local bar = require "spec.support.bar"
local ffi = require "ffi"
local market = require "spec.support.market"
local opt = require "backlua.optimization"
local raises = bar.raises

-- Days 1 .. 6. A splits 4:1 on day 3, pays 3 on day 5.
market.daily("hand", { A = market.path({ 400, 440, 112, 120, 90, 96 }, 1000),
                       B = market.path({ 1, 2, 3, 4, 5, 6 }) },
    { { kind = "split", symbol = "A", day = 3, ratio = 4 },
      { kind = "dividend", symbol = "A", day = 5, amount = 3, pay = 6 } })

-- The window of n closes (or another field) of A on a day, by a strategy's eyes.
local function seen(bundle, day, n, adjust, field, option)
    local text = ([[
        function initialize(ctx) %s end
        function handle_data(ctx, data)
            ctx.day = (ctx.day or 0) + 1
            if ctx.day == %d then
                local w = data:history("A", %q, %d, "1d", "array"%s)
                local list = {}
                for i, x in ipairs(w) do list[i] = ("%%.17g"):format(x) end
                print(table.concat(list, " "))
            end
        end]]):format(option or "", day, field or "close", n,
        adjust and (", %q"):format(adjust) or "")
    assert(backtest.run(text, { bundle = bundle }))
    return backtest.printed[1]
end

describe("history across a split and a dividend", function()
    it("is as quoted until it happens, and then in today's terms", function()
        assert.equal("400 440", seen("hand", 2, 2))
        -- day 3: a quarter of what was before
        assert.equal("100 110 112", seen("hand", 3, 3))
        assert.equal("4000 4000 1000", seen("hand", 3, 3, nil, "volume"))
        -- day 5: 1 - 3 / 120 = 0.975, times a quarter before the split
        local factor = 0.975
        assert.equal(("%.17g %.17g %.17g %.17g 90"):format(400 * (factor * 0.25),
            440 * (factor * 0.25), 112 * factor, 120 * factor), seen("hand", 5, 5))
        assert.equal("4000 4000 1000 1000 1000", seen("hand", 5, 5, nil, "volume"))
    end)

    it("has raw and split-only views", function()
        assert.equal("400 440 112 120 90", seen("hand", 5, 5, "none"))
        assert.equal("100 110 112 120 90", seen("hand", 5, 5, "splits"))
        assert.equal(seen("hand", 5, 5), seen("hand", 5, 5, "all"))
        assert.equal("100 110 112 120 90",
            seen("hand", 5, 5, nil, nil, "ctx:set_history_adjust 'splits'"))
        assert.equal("400 440 112 120 90",
            seen("hand", 5, 5, "none", nil, "ctx:set_history_adjust 'splits'"))
    end)

    -- A holder from day 1 on who puts the dividend into A at its ex-date close: 400 becomes 4 units
    -- of 112 and so on. From the last close before the ex-date, 120, to day 5: (90 + 3) / 120 - 1
    -- = -0.225. With the close before as base and the reinvestment at 120 - 3 = 117 (Zipline's
    -- factor): 90 / 117 - 1 = -0.2307692...
    it("makes returns total returns", function()
        local w = {}
        for x in seen("hand", 5, 2):gmatch "%S+" do
            w[#w + 1] = tonumber(x)
        end
        assert.is_true(math.abs(w[2] / w[1] - 90 / 117) < 1e-15)
        local total = {}
        for x in seen("hand", 6, 6):gmatch "%S+" do
            total[#total + 1] = tonumber(x)
        end
        -- by days: 440/400, 4*112/440, 120/112, 90/117, 96/90
        local by_hand = (440 / 400) * (4 * 112 / 440) * (120 / 112) * (90 / 117) * (96 / 90)
        assert.is_true(math.abs(total[6] / total[1] - by_hand) < 1e-15)
    end)

    it("reaches before the first bar, as far back as ever", function()
        assert.equal("nan nan nan 100 110 112", seen("hand", 3, 6))
        assert.equal("0 0 0 4000 4000 1000", seen("hand", 3, 6, nil, "volume"))
        local text = seen("hand", 5, 3000)
        local _, count = text:gsub("nan", "")
        assert.equal(2995, count)
    end)

    it("is told apart by name", function()
        bar.at(2, { bundle = "hand" }, function(_, data)
            local function mistake(message, adjust)
                raises(message, function()
                    data:history("A", "close", 2, "1d", "array", adjust)
                end)
            end
            mistake("history: adjust must be \"none\", \"splits\" or \"all\", got 'split'; did you"
                .. " mean 'splits'?", "split")
            mistake("history: adjust must be \"none\", \"splits\" or \"all\", got 7", 7)
        end)
    end)

    it("is kept by views and frames of earlier bars", function()
        assert(backtest.run([[
            function handle_data(ctx, data)
                ctx.day = (ctx.day or 0) + 1
                if ctx.day == 2 then
                    ctx.view = data:history("A", "close", 2, "1d", "array")
                    ctx.frame = data:history({"A", "B"}, {"close", "volume"}, 2)
                    ctx.raw = data:history({ assets = "A", fields = {"close"}, bar_count = 2,
                        adjust = "none" })
                    assert(ctx.frame.A.close[2] == 440)
                elseif ctx.day == 6 then
                    assert(ctx.view[1] == 400 and ctx.view:mean() == 420)
                    assert(ctx.frame.A.close[1] == 400 and ctx.frame.A.volume[1] == 1000)
                    assert(ctx.frame:last(1).A.close[1] == 440)
                    assert(ctx.raw.close[2] == 440)
                    local now = data:history("A", {"close"}, 6)
                    assert(now.close[1] == now:slice(1, 2).close[1])
                    assert(now.close[1] == data:history("A", "close", 6, "1d", "array")[1])
                    local splits = data:history{ assets = "A", fields = "close", bar_count = 6,
                        adjust = "splits" }
                    assert(splits.close[1] == 100 and splits:slice(2, 3).close[2] == 112)
                    assert(splits:mean() == (100 + 110 + 112 + 120 + 90 + 96) / 6)
                    print "all"
                end
            end]], { bundle = "hand" }))
        assert.equal("all", backtest.printed[1])
    end)

    it("needs no column that was asked for on the first bar", function()
        -- every day anew, also on the days that change it
        assert(backtest.run([[
            function handle_data(ctx, data)
                ctx.day = (ctx.day or 0) + 1
                local f = data:history({"A", "B"}, {"open", "high", "price"}, ctx.day)
                local w = data:history({"A", "B"}, {"open", "high", "price"}, ctx.day, "1d",
                    "array")
                for a, s in ipairs { "A", "B" } do
                    for i, name in ipairs { "open", "high", "price" } do
                        for k = 1, ctx.day do assert(f[s][name][k] == w[a][i][k]) end
                        assert(f[s][name]:mean() == w[a][i]:mean())
                    end
                    assert(data:current(s, "price") == data:current(s, "close"))
                end
                print(w[1][1][1])
            end]], { bundle = "hand" }))
        assert.equal("400 400 100 100 97.5 97.5", table.concat(backtest.printed, " "))
    end)
end)

-- A carried price: B has no bar on the day of its 2:1 split, nor the day after.
describe("a price carried over a split", function()
    it("is carried in new units", function()
        market.daily("carried", { A = market.path { 10, 10, 10, 10, 10 },
                                  B = { market.flat(80), market.flat(84), false, false,
                                        market.flat(50) } },
            { { kind = "split", symbol = "B", day = 3, ratio = 2 },
              { kind = "dividend", symbol = "B", day = 4, amount = 2.1 } })
        assert(backtest.run([[
            function handle_data(ctx, data)
                local w = data:history("B", "price", 4, "1d", "array")
                print(("%.17g %.17g"):format(w[-1], w[-2]))
                assert(data:current("B", "price") == w[-1])
            end]], { bundle = "carried" }))
        -- 84 / 2 = 42, then 1 - 2.1 / 42 = 0.95
        local after = 84 * 0.5 * (1 - 2.1 / 42)
        assert.same({ "80 nan", "84 80", "42 42", ("%.17g %.17g"):format(after,
            42 * (1 - 2.1 / 42)), ("50 %.17g"):format(after) }, backtest.printed)
    end)
end)

-- Weeks end on the 5th, 12th and 19th. B trades until the 10th, split on the 3rd; C until the 6th,
-- split on the 8th.
describe("a price carried over weeks", function()
    it("is that of the last day of each", function()
        local a, b, c = {}, {}, {}
        for day = 1, 21 do
            a[day] = market.flat(10)
            b[day] = day <= 10 and market.flat(day < 3 and 80 or 40)
            c[day] = day <= 6 and market.flat(80)
        end
        market.daily("weeks", { A = a, B = b, C = c },
            { { kind = "split", symbol = "B", day = 3, ratio = 2 },
              { kind = "split", symbol = "C", day = 8, ratio = 2 } })
        assert(backtest.run([[
            local day = 0
            function handle_data(ctx, data)
                day = day + 1
                for _, symbol in ipairs(day == 21 and { "A", "B", "C" } or {}) do
                    local w = data:history(symbol, "price", 3, "1w", "array", { adjust = "none" })
                    print(w[1], w[2], w[3])
                end
            end]], { bundle = "weeks" }))
        assert.same({ "10\t10\t10", "40\t40\t40", "80\t40\t40" }, backtest.printed)
    end)
end)

describe("what changes for workers and caches", function()
    teardown(market.clean)

    local STRATEGY = [[
        local s = { params = { n = 3 } }
        function s.handle_data(ctx, data)
            local w = data:history("A", "close", ctx.params.n, "1d", "array")
            ctx:record("mean", w:mean())
            ctx:order("A", w[1] < w[-1] and 1 or -1)
        end
        return s]]

    local function hash(workers)
        local result = assert(opt.ParallelOptimizer {
            param_space = opt.ParameterSpace { parameters = {
                opt.DiscreteParameter { name = "n", min_value = 1, max_value = 5 } } },
            n_jobs = workers, objective = "total_return", commission = nil,
        }:run { strategy = STRATEGY, bundle = "hand" })
        return result.result_hash
    end

    it("is nothing in the results; columns are in the cache once", function()
        local cache = opt.DataCache.get_instance()
        local one = hash(1)
        cache:clear()
        assert.equal(one, hash(2))
        local entries = cache:get_stats().entries
        assert.is_true(entries > 0)
        assert.equal(one, hash(2))
        assert.equal(entries, cache:get_stats().entries)
        local config = ffi.new("bt_config", C.bt_config_get()[0])
        config.enable_caching = 0
        C.bt_config_set(config)
        local uncached = hash(1)
        config.enable_caching = 1
        C.bt_config_set(config)
        assert.equal(one, uncached)
    end)
end)
