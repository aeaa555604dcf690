local bar = require "spec.support.bar"
local market = require "spec.support.market"
local raises = bar.raises

market.daily("history", {
    A = market.path({ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, 500),
    B = market.path { 10, 20, false, false, 50, 60, 70, 80, false, false },
    LATE = market.path { false, false, false, 4, 5, 6, 7, 8, 9, 10 },
})
market.minutes("minutes", 3, { A = market.path { 1, 2, 3, 4, 5, 6 } })

local options = { bundle = "history" }

local function at(n, body)
    return bar.at(n, options, body)
end

-- NaN as "nan", so that tables can be compared.
local function plain(x)
    if type(x) == "cdata" then
        x = x:totable()
    end
    if type(x) == "table" then
        local t = {}
        for key, value in pairs(x) do
            t[key] = plain(value)
        end
        return t
    end
    return x ~= x and "nan" or x
end

describe("data:history", function()
    it("gives windows that end at the current bar", function()
        bar.each(options, function(_, data, i)
            for n = 1, i do
                local v = data:history("A", "close", n, "1d", "array")
                assert.equal(n, #v)
                assert.equal(i, v[-1])
                assert.equal(i - n + 1, v[1])
            end
        end)
    end)

    it("takes assets and symbols", function()
        at(5, function(ctx, data)
            local asset = ctx:symbol "A"
            assert.same({ 4, 5 }, data:history(asset, "close", 2, "1d", "array"):totable())
            assert.same({ 4, 5 }, data:history("A", "close", 2, "1d", "array"):totable())
            local w = data:history({ asset, "B" }, "close", 2, "1d", "array")
            assert.same({ { 4, 5 }, { "nan", 50 } }, plain(w))
        end)
    end)

    it("gives arrays in every shape", function()
        at(6, function(_, data)
            local function ask(assets, fields)
                return plain(data:history(assets, fields, 2, "1d", "array"))
            end
            assert.same({ 5, 6 }, ask("A", "close"))
            assert.same({ { 5, 6 } }, ask("A", { "close" }))
            assert.same({ { 500, 500 }, { 5, 6 } }, ask("A", { "volume", "close" }))
            assert.same({ { 5, 6 } }, ask({ "A" }, "close"))
            assert.same({ { 50, 60 }, { 5, 6 } }, ask({ "B", "A" }, "close"))
            assert.same({ { { 5, 6 }, { 500, 500 } }, { { 50, 60 }, { 1e6, 1e6 } } },
                ask({ "A", "B" }, { "close", "volume" }))
            assert.same({ { { 5, 6 } } }, ask({ "A" }, { "close" }))
            assert.same({ { 5, 6 }, { 5, 6 } }, ask({ "A", "A" }, "close"))
        end)
    end)

    it("gives the same numbers as frames, to the bit", function()
        bar.each(options, function(_, data)
            local symbols, fields = { "A", "B", "LATE" },
                { "open", "high", "low", "close", "volume", "price" }
            local w = data:history(symbols, fields, 4, "1d", "array")
            local f = data:history(symbols, fields, 4, "1d", "frame")
            for i, symbol in ipairs(symbols) do
                local g = data:history(symbol, fields, 4, "1d")
                for k, field in ipairs(fields) do
                    local v = data:history(symbol, field, 4, "1d", "array")
                    -- the same window of the same memory
                    assert.is_true(v == w[i][k] and v == f[symbol][field] and v == g[field])
                    assert.is_true(v == data:history(symbols, field, 4, "1d", "frame")[symbol])
                    assert.is_true(v == data:history(symbol, field, 4, "1d", "frame")[field])
                    assert.equal(tostring(v:mean()), tostring(data:history(symbol, field, 4,
                        "1d", "frame"):mean()))
                end
            end
        end)
    end)

    it("takes keys instead of positions", function()
        at(6, function(_, data)
            local f = data:history { assets = "A", fields = "close", bar_count = 2 }
            assert.same({ 5, 6 }, f.close:totable())
            local v = data:history { assets = "A", fields = "close", bar_count = 2,
                frequency = "1d", return_type = "array" }
            assert.same({ 5, 6 }, v:totable())
            assert.same({ { 5, 6 } }, plain(data:history { assets = { "A" }, fields = "close",
                bar_count = 2, return_type = "array" }))
        end)
    end)

    it("has frames as the default, and dataframe as their other name", function()
        at(6, function(_, data)
            for _, form in ipairs { false, "frame", "dataframe" } do
                local f = data:history("A", "close", 2, "1d", form or nil)
                assert.equal("table", type(f))
                assert.same({ 5, 6 }, f.close:totable())
            end
            assert.same({ 5, 6 }, data:history("A", "close", 2).close:totable())
        end)
    end)

    it("is NaN where there is no bar, but for volume and price", function()
        at(10, function(_, data)
            local function all(field, symbol)
                return plain(data:history(symbol or "B", field, 10, "1d", "array"))
            end
            assert.same({ 10, 20, "nan", "nan", 50, 60, 70, 80, "nan", "nan" }, all "close")
            assert.same({ 10, 20, "nan", "nan", 50, 60, 70, 80, "nan", "nan" }, all "open")
            assert.same({ 10, 20, 20, 20, 50, 60, 70, 80, 80, 80 }, all "price")
            assert.same({ 1e6, 1e6, 0, 0, 1e6, 1e6, 1e6, 1e6, 0, 0 }, all "volume")
            assert.same({ "nan", "nan", "nan", 4, 5, 6, 7, 8, 9, 10 }, all("close", "LATE"))
            assert.same({ "nan", "nan", "nan", 4, 5, 6, 7, 8, 9, 10 }, all("price", "LATE"))
        end)
    end)

    it("fills what lies before the first bar, and counts such windows", function()
        local result = bar.each(options, function(_, data, i)
            if i == 2 then
                local v = data:history("A", "close", 5, "1d", "array")
                assert.same({ "nan", "nan", "nan", 1, 2 }, plain(v))
                assert.is_true(v:mean() ~= v:mean())
                assert.same({ 0, 0, 0, 500, 500 },
                    plain(data:history("A", "volume", 5, "1d", "array")))
                assert.equal(1000, data:history("A", "volume", 5, "1d", "frame"):sum())
                local longest = data:history("A", "close", 100000, "1d", "array")
                assert.equal(100000, #longest)
                assert.equal(2, longest[-1])
                assert.is_true(longest[1] ~= longest[1])
            end
        end)
        assert.equal(4, result.short_windows)
    end)

    it("refuses that under history_start = \"error\"", function()
        local strict = { bundle = "history", history_start = "error" }
        bar.at(2, strict, function(_, data)
            assert.same({ 1, 2 }, data:history("A", "close", 2, "1d", "array"):totable())
            local message = "history: 5 bars are asked for, but bundle 'history' begins 2 bars"
                .. " ago; ask for fewer, start later, or set history_start = \"nan\""
            raises(message, function()
                data:history("A", "close", 5, "1d", "array")
            end)
            raises(message, function()
                data:history({ "A" }, { "close" }, 5)
            end)
        end)
    end)

    it("reaches over the start of the run", function()
        bar.at(1, { bundle = "history", start_date = "2020-01-06" }, function(_, data)
            assert.same({ 1, 2, 3, 4, 5, 6 },
                data:history("A", "close", 6, "1d", "array"):totable())
        end)
    end)

    it("takes frequencies that the bars of its bundle make", function()
        bar.at(4, { bundle = "minutes" }, function(_, data)
            assert.same({ 3, 4 }, data:history("A", "close", 2, "1m", "array"):totable())
            assert.same({ 3, 4 }, data:history("A", "close", 2, nil, "array"):totable())
            raises("history: no frequency '1q'; did you mean '1m'? there are 1m, 3m, 5m, 15m,"
                .. " 30m, 1h, 2h, 4h, 1d, 1w and 1mo", function()
                data:history("A", "close", 2, "1q", "array")
            end)
        end)
        at(4, function(_, data)
            raises("history: frequency '1m' cannot be made from the bars of bundle 'history',"
                .. " which are '1d': whole bars must make it; ask for a coarser one, or ingest"
                .. " finer bars", function()
                data:history("A", "close", 2, "1m", "array")
            end)
            raises("history: frequency must be a text such as \"1d\" or \"1mo\", got 1", function()
                data:history("A", "close", 2, 1, "array")
            end)
        end)
    end)
end)

describe("a mistake in data:history", function()
    local function mistake(message, ...)
        local arguments, count = { ... }, select("#", ...)
        at(4, function(_, data)
            raises(message, function()
                data:history(unpack(arguments, 1, count))
            end)
        end)
    end

    it("in bar_count names the limits", function()
        for _, n in ipairs { 0, -1, 100001, 1e300, -1 / 0, 0 / 0 } do
            mistake("history: bar_count must be 1..100000, got " .. ("%.14g"):format(n), "A",
                "close", n, "1d", "array")
        end
        mistake("history: bar_count must be a whole number 1..100000, got 2.5", "A", "close", 2.5)
        mistake("history: bar_count must be a whole number 1..100000, got nil", "A", "close")
        mistake("history: bar_count must be a whole number 1..100000, got '20'", "A", "close",
            "20", "1d", "array")
        mistake("history: bar_count must be a whole number 1..100000, got a table", "A", "close",
            {})
    end)

    it("in a field names the nearest", function()
        mistake("history: no field 'clsoe'; did you mean 'close'?", "A", "clsoe", 2, "1d", "array")
        mistake("history: no field 'xyz'; there are open, high, low, close, volume, price", "A",
            "xyz", 2)
        mistake("history: no field 'Close'; did you mean 'close'?", "A", { "open", "Close" }, 2)
        mistake("history: no field nil; there are open, high, low, close, volume, price", "A")
        mistake("history: no field 4; there are open, high, low, close, volume, price", "A", 4, 2)
        mistake("history: the list of fields is empty", "A", {}, 2)
    end)

    it("in an asset names the nearest", function()
        mistake("history: no symbol 'LATTE' in bundle 'history'; did you mean LATE?", "LATTE",
            "close", 2)
        mistake("history: no symbol 'LATTE' in bundle 'history'; did you mean LATE?",
            { "A", "LATTE" }, "close", 2)
        mistake("history: an asset or a symbol is expected, got nil", nil, "close", 2)
        mistake("history: an asset or a symbol is expected, got 1; ctx:sid(n) gives an asset by"
            .. " its id", 1, "close", 2)
        mistake("history: the list of assets is empty", {}, "close", 2)
    end)

    it("in the form names the two", function()
        mistake("history: return_type must be \"array\" or \"frame\", got 'arrray'; did you mean"
            .. " 'array'?", "A", "close", 2, "1d", "arrray")
        mistake("history: return_type must be \"array\" or \"frame\", got 'list'", "A", "close",
            2, "1d", "list")
        mistake("history: return_type must be \"array\" or \"frame\", got true", "A", "close", 2,
            "1d", true)
    end)

    it("in a key names the nearest", function()
        mistake("history: no option 'bars'; there are assets, fields, bar_count, frequency,"
            .. " return_type, adjust, partial", { assets = "A", fields = "close", bars = 2 })
        mistake("history: no option 'field'; did you mean 'fields'?",
            { assets = "A", field = "close", bar_count = 2 })
        mistake("history: an asset or a symbol is expected, got nil",
            { fields = "close", bar_count = 2 })
        mistake("history: bar_count must be a whole number 1..100000, got nil",
            { assets = "A", fields = "close" })
    end)

    it("in the columns of a frame names the double", function()
        mistake("history: 'A' is asked for twice; the columns of a frame need different names",
            { "A", "B", "A" }, "close", 2)
        mistake("history: 'close' is asked for twice; the columns of a frame need different"
            .. " names", "A", { "close", "close" }, 2)
    end)

    it("in the call says how to call", function()
        at(4, function(_, data)
            local history = data.history
            raises("data.history: call it with a colon, data:history(...)", function()
                history("A", "close", 2, "1d", "array")
            end)
            raises("data.current: call it with a colon, data:current(...)", function()
                data.current("A", "close")
            end)
            raises("data.can_trade: call it with a colon, data:can_trade(...)", function()
                data.can_trade "A"
            end)
        end)
    end)

    it("of calling it after its run says so", function()
        local kept
        at(4, function(_, data)
            kept = data
        end)
        raises("data:history: the run of this data has ended", function()
            kept:history("A", "close", 2, "1d", "array")
        end)
        at(4, function()
            raises("data:history: the run of this data has ended", function()
                kept:history("A", "close", 2, "1d", "array")
            end)
            raises("data:current: the run of this data has ended", function()
                kept:current("A", "close")
            end)
            raises("data:is_stale: the run of this data has ended", function()
                kept:is_stale "A"
            end)
        end)
    end)
end)

describe("data:current", function()
    it("is the value at the current bar", function()
        bar.each(options, function(_, data, i)
            assert.equal(i, data:current("A", "close"))
            assert.equal(500, data:current("A", "volume"))
        end)
        at(4, function(_, data)
            assert.equal("nan", plain(data:current("B", "close")))
            assert.equal(20, data:current("B", "price"))
            assert.equal(0, data:current("B", "volume"))
        end)
    end)

    it("takes lists", function()
        at(4, function(ctx, data)
            assert.same({ close = 4, volume = 500 }, data:current("A", { "close", "volume" }))
            assert.same({ A = 4, B = 20 }, data:current({ ctx:symbol "A", "B" }, "price"))
            assert.same({ A = { price = 4, volume = 500 }, B = { price = 20, volume = 0 } },
                data:current({ "A", "B" }, { "price", "volume" }))
        end)
    end)

    it("raises with the nearest name", function()
        at(4, function(_, data)
            raises("current: no field 'prize'; did you mean 'price'?", function()
                data:current("A", "prize")
            end)
            raises("current: no symbol 'LTAE' in bundle 'history'; did you mean LATE?", function()
                data:current("LTAE", "price")
            end)
            raises("can_trade: no symbol 'X' in bundle 'history'; it has A, B, LATE", function()
                data:can_trade "X"
            end)
        end)
    end)
end)

describe("data:can_trade and data:is_stale", function()
    it("go by the bar of the session", function()
        local trade, stale, late = {}, {}, {}
        bar.each(options, function(_, data, i)
            trade[i], stale[i] = data:can_trade "B", data:is_stale "B"
            late[i] = data:can_trade "LATE" and "t" or data:is_stale "LATE" and "s" or "-"
        end)
        local T, F = true, false
        assert.same({ T, T, F, F, T, T, T, T, F, F }, trade)
        assert.same({ F, F, T, T, F, F, F, F, T, T }, stale)
        assert.equal("---ttttttt", table.concat(late))
    end)

    teardown(market.clean)

    it("take lists", function()
        at(3, function(_, data)
            assert.same({ A = true, B = false, LATE = false },
                data:can_trade { "A", "B", "LATE" })
            assert.same({ A = false, B = true, LATE = false }, data:is_stale { "A", "B", "LATE" })
        end)
    end)
end)
