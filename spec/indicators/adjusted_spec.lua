-- Indicators as of now: a handle over prices that are adjusted shows, at every bar and index, what
-- the same kernel makes of data:history's windows; and nothing later than now has a part in it.

local C = require("backlua.ffi").C
local backtest = require "spec.support.backtest"
local ffi = require "ffi"
local market = require "spec.support.market"
local random_actions = require "spec.support.random_actions"
local random_market = require "spec.support.random_market"
local ta = require "backlua.ta"

local MODES = { "none", "splits", "all" }
local FIELDS = { "open", "high", "low", "close", "volume" }
local ROWS = 36

-- Handles and what they read on each bar, as text. make(ctx): a list of handles.
local function read(bundle, make, options)
    local seen, given = {}, { bundle = bundle }
    for key, value in pairs(options or {}) do
        given[key] = value
    end
    local result, err = backtest.run({
        initialize = function(ctx)
            ctx.list = make(ctx)
        end,
        handle_data = function(ctx)
            local line = {}
            for _, h in ipairs(ctx.list) do
                line[#line + 1] = ("%.17g %.17g %.17g"):format(h[-1], h[-2], h[-7]):gsub("-nan",
                    "nan")
            end
            seen[#seen + 1] = table.concat(line, " ")
        end,
    }, given)
    assert.is_nil(err and err.message)
    return seen, result
end

describe("an indicator across a split and a dividend", function()
    -- 2:1 on day 3; 3 a unit on day 5, 1 - 3 / 60 = 0.95
    local function hand(adjust)
        market.daily("hand", { A = market.path { 100, 110, 52, 60, 57, 59 } },
            { { kind = "split", symbol = "A", day = 3, ratio = 2 },
              { kind = "dividend", symbol = "A", day = 5, amount = 3 } })
        local lines = {}
        assert(backtest.run(([[
            function initialize(ctx)
                ctx.h = ctx:indicator("sma", "A", { n = 2, adjust = %s })
            end
            function handle_data(ctx)
                print((("%%.12g %%.12g"):format(ctx.h[-1], ctx.h[-3]):gsub("-nan", "nan")))
            end]]):format(adjust and ("%q"):format(adjust) or "nil"), { bundle = "hand" }))
        for i, line in ipairs(backtest.printed) do
            lines[i] = line
        end
        return lines
    end
    teardown(market.clean)

    it("is in the units of now at every index, as history is", function()
        -- day 3: 50, 55, 52; day 4: 55, 52 and 52, 60; day 5: those times 0.95, then 57
        assert.same({ "nan nan", "105 nan", "53.5 nan", "56 52.5", "57 50.825", "58 53.2" },
            hand())
        assert.same(hand "all", hand())
    end)

    it("is as quoted, or adjusted for splits alone, where that is asked for", function()
        assert.same({ "nan nan", "105 nan", "81 nan", "56 105", "58.5 81", "58 56" }, hand "none")
        assert.same({ "nan nan", "105 nan", "53.5 nan", "56 52.5", "58.5 53.5", "58 56" },
            hand "splits")
    end)

    it("follows the run's adjustment", function()
        local function one(ctx)
            return { ctx:indicator("sma", "A", { n = 2 }) }
        end
        local function split_only(ctx)
            return { ctx:indicator("sma", "A", { n = 2, adjust = "splits" }) }
        end
        hand()
        assert.same(read("hand", split_only), (read("hand", one, { adjust = "splits" })))
        assert.same(read("hand", split_only), (read("hand", function(ctx)
            ctx:set_history_adjust "splits"
            return one(ctx)
        end)))
    end)

    it("names the nearest adjustment for a wrong one", function()
        local said, err = backtest.error([[
            function initialize(ctx)
                ctx:indicator("sma", "A", { adjust = "split" })
            end
            function handle_data() end]], { bundle = "hand" })
        assert.truthy(said:find("adjust must be", 1, true), said)
        assert.truthy(said:find("did you mean 'splits'?", 1, true), said)
        assert.equal(2, err.line)
    end)
end)

-- ---- the twins ----------------------------------------------------------------------------------

local function make_market(seed, name)
    local m = random_market.random(seed, 2, ROWS)
    local actions = random_actions.draw(random_market.dice(seed + 900), m)
    market.daily(name, random_actions.bars(m, m.rows), actions)
    return m, actions
end

-- Columns as of now of an asset, NaN where it, or the other one, has no bar.
local function columns(data, symbol, mode, n, frequency, also)
    local f = data:history { assets = symbol, fields = FIELDS, bar_count = n, adjust = mode,
        frequency = frequency }
    local close = also and data:history { assets = { also }, fields = "close", bar_count = n,
        adjust = mode, frequency = frequency }[also]
    local c = { session = {} }
    for _, field in ipairs(FIELDS) do
        c[field] = f[field]:totable()
        for i = 1, n do
            if f.close[i] ~= f.close[i] or close and close[i] ~= close[i] then
                c[field][i] = 0 / 0
            end
        end
    end
    for i = 1, n do
        c.session[i] = i
    end
    return c
end

local function same(a, b)
    return a == b or a ~= a and b ~= b
end

-- Compares every output of an indicator with ta's over history at each third bar.
local function compare(bundle, name, symbols, mode, frequency)
    local info = ta.info(name)
    local two = table.concat(info.inputs, " "):find "other"
    local row = 0
    local result, err = backtest.run({
        initialize = function(ctx)
            ctx.h = ctx:indicator(name, symbols[1], { adjust = mode, frequency = frequency,
                other = two and symbols[2] or nil })
        end,
        handle_data = function(ctx, data)
            row = row + 1
            local n = frequency and math.floor((row + 2) / 7) or row
            if row % 3 ~= 0 or n < 2 then
                return
            end
            local c = columns(data, symbols[1], mode, n, frequency, two and symbols[2])
            local values = two and ta[name](c.close,
                columns(data, symbols[2], mode, n, frequency, symbols[1]).close) or ta[name](c)
            for _, output in ipairs(info.outputs) do
                local h = #info.outputs > 1 and ctx.h[output] or ctx.h
                local x = #info.outputs > 1 and values[output] or values
                for k = 1, n, 2 do
                    assert(same(h[-k], x[n + 1 - k]), ("%s.%s %s of %s, row %d, index %d: %.17g,"
                        .. " expected %.17g"):format(name, output, mode, symbols[1], row, -k,
                        h[-k], x[n + 1 - k]))
                end
            end
        end,
    }, { bundle = bundle })
    assert.is_nil(err and err.message)
    assert.equal(ROWS, #result.equity.value)
end

describe("a handle over adjusted prices is ta's number of history:", function()
    local m
    setup(function()
        m = make_market(3, "twins")
    end)
    teardown(market.clean)

    for _, name in ipairs(ta.names()) do
        it(name, function()
            compare("twins", name, m.symbols, "all")
            compare("twins", name, { m.symbols[2], m.symbols[1] }, "splits")
        end)
    end

    -- The calendar has every day from a Wednesday on: a week is over on days 5, 12, ...
    it("of a coarser frequency, too", function()
        for _, name in ipairs { "sma", "ema", "atr", "obv", "correl", "macd" } do
            compare("twins", name, m.symbols, "all", "1w")
        end
    end)
end)

describe("a function of one's own over adjusted prices", function()
    teardown(market.clean)

    it("is called anew when an event changes them, over the series or once a bar", function()
        for seed = 1, 6 do
            local m = make_market(seed, "own")
            for _, mode in ipairs(MODES) do
                local symbol = m.symbols[1 + seed % 2]
                local row = 0
                local result, err = backtest.run({
                    initialize = function(ctx)
                        ctx.a = ctx:indicator("sma", symbol, { n = 3, adjust = mode })
                        ctx.b = ctx:indicator(function(bars)
                            return { mean = ta.sma(bars.close, { n = 3 }), raw = bars.volume }
                        end, symbol, { adjust = mode })
                        ctx.c = ctx:indicator(function(bars)
                            return bars.close:mean()
                        end, symbol, { window = 3, adjust = mode })
                        ctx.v = ctx:indicator("sum", symbol, { n = 1, field = "volume",
                            adjust = mode })
                    end,
                    handle_data = function(ctx)
                        row = row + 1
                        for k = 1, 9, 2 do
                            assert(same(ctx.a[-k], ctx.b.mean[-k]) and same(ctx.a[-k], ctx.c[-k])
                                and same(ctx.v[-k], ctx.b.raw[-k]),
                                ("seed %d, %s, row %d"):format(seed, mode, row))
                        end
                    end,
                }, { bundle = "own" })
                assert.is_nil(err and err.message)
                assert.equal(ROWS, #result.equity.value)
            end
        end
    end)
end)

-- 250 bars before an epoch are at hand; what lies further back comes when it is read.
describe("a handle over adjusted prices far back", function()
    local DAYS, STEP = 700, 41
    setup(function()
        local prices, others = {}, {}
        for day = 1, DAYS do
            prices[day] = 100 + (day * 37 % 101) / 7
            others[day] = 50 + (day * 53 % 97) / 9
        end
        for day = 2, DAYS, 29 do
            prices[day] = false
        end
        market.daily("far", { A = market.path(prices), B = market.path(others) }, {
            { kind = "split", symbol = "A", day = 300, ratio = 3 },
            { kind = "dividend", symbol = "A", day = 420, amount = 7 },
            { kind = "split", symbol = "B", day = 505, ratio = 0.7 },
            { kind = "split", symbol = "A", day = 620, ratio = 5 },
        })
    end)
    teardown(market.clean)

    -- The newest value first read, then the oldest: or the other way round.
    local function seen(caching, indices)
        local config = ffi.new("bt_config", C.bt_config_get()[0])
        config.enable_caching = caching
        C.bt_config_set(config)
        local row, lines, expected = 0, {}, {}
        local _, err = backtest.run({
            initialize = function(ctx)
                ctx.sma = ctx:indicator("sma", "A", { n = 30 })
                ctx.weekly = ctx:indicator("wma", "A", { n = 4, frequency = "1w" })
                ctx.correl = ctx:indicator("correl", "A", { n = 9, other = "B" })
            end,
            handle_data = function(ctx, data)
                row = row + 1
                if row % STEP ~= 0 or row < 290 then
                    return
                end
                local a = columns(data, "A", "all", row, nil, nil)
                local pair = columns(data, "A", "all", row, nil, "B")
                local b = columns(data, "B", "all", row, nil, "A")
                local weeks = math.floor((row + 2) / 7)
                local w = columns(data, "A", "all", weeks, "1w", nil)
                local mean, weighted = ta.sma(a.close, { n = 30 }), ta.wma(w.close, { n = 4 })
                local both = ta.correl(pair.close, b.close, { n = 9 })
                for _, k in ipairs(indices) do
                    local back = k == "oldest" and row - 60 or k
                    local coarse = k == "oldest" and weeks - 10
                        or math.min(math.ceil(k / 5), weeks - 4)
                    lines[#lines + 1] = ("%.17g %.17g %.17g"):format(ctx.sma[-back],
                        ctx.correl[-back], ctx.weekly[-coarse])
                    expected[#expected + 1] = ("%.17g %.17g %.17g"):format(mean[row + 1 - back],
                        both[row + 1 - back], weighted[weeks + 1 - coarse])
                end
            end,
        }, { bundle = "far" })
        config.enable_caching = 1
        C.bt_config_set(config)
        assert.is_nil(err and err.message)
        return lines, expected
    end

    it("is ta's number of history as well", function()
        for _, indices in ipairs { { 1, 200, "oldest" }, { "oldest", 1 }, { 1, 3 }, { 270, 2 } } do
            for caching = 0, 1 do
                local lines, expected = seen(caching, indices)
                assert.is_true(#lines > 15)
                assert.same(expected, lines)
            end
        end
    end)
end)

-- ---- the future ---------------------------------------------------------------------------------

describe("what is still to come", function()
    teardown(market.clean)

    local function make(symbols)
        return function(ctx)
            local list = {}
            for _, symbol in ipairs(symbols) do
                for _, mode in ipairs(MODES) do
                    local macd = ctx:indicator("macd", symbol, { fast = 2, slow = 4, signal = 2,
                        adjust = mode })
                    for _, h in ipairs {
                        ctx:indicator("sma", symbol, { n = 4, adjust = mode }),
                        ctx:indicator("ema", symbol, { n = 4, adjust = mode, frequency = "1w" }),
                        ctx:indicator("atr", symbol, { n = 3, adjust = mode }),
                        ctx:indicator("correl", symbol, { n = 5, adjust = mode,
                            other = symbols[1] == symbol and symbols[2] or symbols[1] }),
                        macd.hist,
                        ctx:indicator(function(bars)
                            return ta.ema(bars.high, { n = 3 })
                        end, symbol, { adjust = mode }),
                    } do
                        list[#list + 1] = h
                    end
                end
            end
            return list
        end
    end

    -- Bars up to a row, and beyond it others.
    local function poisoned(m, t, bars)
        for _, symbol in ipairs(m.symbols) do
            for row = t + 1, m.rows do
                bars[symbol][row] = { 1e6, 2e6, 1e-3, 5e5, 1e9 }
            end
        end
        return bars
    end

    it("changes no value: not by bars, splits or dividends", function()
        for seed = 11, 16 do
            local m, actions = make_market(seed, "whole")
            local t = random_market.dice(seed)(8, ROWS - 3)
            local known, spoiled = {}, { { kind = "split", symbol = m.symbols[1], day = t + 1,
                ratio = 4 }, { kind = "dividend", symbol = m.symbols[2], day = t + 1,
                amount = 1 } }
            for _, a in ipairs(actions) do
                if a.day <= t then
                    known[#known + 1] = a
                    spoiled[#spoiled + 1] = a
                end
            end
            local whole = read("whole", make(m.symbols))
            market.daily("cut", random_actions.bars(m, t), known)
            local cut = read("cut", make(m.symbols))
            market.daily("spoiled", poisoned(m, t, random_actions.bars(m, m.rows)), spoiled)
            local other = read("spoiled", make(m.symbols))
            assert.equal(t, #cut)
            for row = 1, t do
                assert.equal(cut[row], whole[row], ("seed %d, row %d of %d"):format(seed, row, t))
                assert.equal(cut[row], other[row], ("seed %d, row %d of %d"):format(seed, row, t))
            end
        end
    end)

    it("is the same whenever a run begins, with the cache and without", function()
        local m = make_market(21, "late")
        local whole, result = read("late", make(m.symbols))
        local late = read("late", make(m.symbols), { start_date = "2020-01-20" })
        for i = 1, #late do
            assert.equal(whole[#whole - #late + i], late[i])
        end
        assert.equal(ROWS - 19, #late)
        local config = ffi.new("bt_config", C.bt_config_get()[0])
        config.enable_caching = 0
        C.bt_config_set(config)
        local again, uncached = read("late", make(m.symbols))
        config.enable_caching = 1
        C.bt_config_set(config)
        assert.same(whole, again)
        assert.equal(result.hash, uncached.hash)
    end)
end)
