local bar = require "spec.support.bar"
local market = require "spec.support.market"
local raises = bar.raises

market.daily("frames", {
    A = market.path({ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, 500),
    B = market.path { 10, 20, false, 40, 50, 60, 70, 80, 90, 100 },
    ["C.D"] = market.path { 11, 12, 13, 14, 15, 16, 17, 18, 19, 20 },
})
local long = {}
for i = 1, 30 do
    long[i] = i
end
market.daily("long", { A = market.path(long) })

local function ask(assets, fields, n, at)
    return bar.at(at or 10, { bundle = "frames" }, function(_, data)
        return data:history(assets, fields, n, "1d")
    end)
end

local function listed(f)
    local names, columns = {}, {}
    for name, column in pairs(f) do
        names[#names + 1] = name
        columns[#columns + 1] = tostring(column)
    end
    return table.concat(names, " "), table.concat(columns, " ")
end

describe("a frame", function()
    teardown(market.clean)

    it("is a table with columns by field", function()
        local f = ask("A", { "volume", "close" }, 3)
        assert.equal("table", type(f))
        assert.same({ 8, 9, 10 }, f.close:totable())
        assert.same({ 500, 500, 500 }, f.volume:totable())
        assert.equal(10, f.close[-1])
        assert.equal(3, f.n)
        assert.equal("volume close", (listed(f)))
        local one = ask("A", "close", 2)
        assert.same({ 9, 10 }, one.close:totable())
        assert.same({ 9, 10 }, ask("A", { "close" }, 2).close:totable())
    end)

    it("has columns by symbol for several assets", function()
        local f = ask({ "B", "A" }, "close", 2)
        assert.same({ 9, 10 }, f.A:totable())
        assert.same({ 90, 100 }, f.B:totable())
        local names, columns = listed(f)
        assert.equal("B A", names)
        assert.equal("view[2] {90, 100} view[2] {9, 10}", columns)
        assert.same({ 10 }, ask({ "A" }, "close", 1).A:totable())
        assert.same({ 19, 20 }, ask({ "C.D", "A" }, "close", 2)["C.D"]:totable())
    end)

    it("has frames by symbol for several of both", function()
        local f = ask({ "A", "B" }, { "close", "volume" }, 2)
        assert.same({ 9, 10 }, f.A.close:totable())
        assert.same({ 1e6, 1e6 }, f.B.volume:totable())
        assert.equal("A B", (listed(f)))
        assert.equal("close volume", (listed(f.B)))
        assert.equal(2, f.n)
        assert.equal(2, f.A.n)
        assert.same({ 10 }, ask({ "A" }, { "close" }, 1).A.close:totable())
    end)

    it("knows the close times of its rows", function()
        local f = ask("A", "close", 3)
        -- 2020-01-08, 09, 10 at 21:00 UTC
        assert.equal(1578517200, f.time[1])
        assert.equal(1578517200 + 86400, f.time[2])
        assert.equal(1578517200 + 2 * 86400, f.time[-1])
        assert.equal(3, #f.time)
        assert.equal(f.time[3], ask({ "A", "B" }, "close", 3).time[3])
        local early = ask("A", "close", 4, 2)
        assert.is_true(early.time[2] ~= early.time[2]) -- before the first bar: NaN
        assert.equal(1577912400, early.time[3])
    end)

    it("gives rows", function()
        local f = ask("A", { "close", "volume" }, 3)
        assert.same({ close = 8, volume = 500 }, f:row(1))
        assert.same({ close = 10, volume = 500 }, f:row(-1))
        assert.same({ A = 9, B = 90 }, ask({ "A", "B" }, "close", 3):row(2))
        assert.same({ A = { close = 9, volume = 500 }, B = { close = 90, volume = 1e6 } },
            ask({ "A", "B" }, { "close", "volume" }, 3):row(2))
        for _, i in ipairs { 0, 4, -4, 1.5, 0 / 0, "1" } do
            local shown = type(i) == "string" and "'1'" or tostring(i)
            raises("frame:row: the row must be a whole number 1..3, or -3..-1 from the end, got "
                .. shown, function()
                f:row(i)
            end)
        end
    end)

    it("reduces to a number for one column, else to a table by column", function()
        local one = ask("A", "close", 4) -- 7 8 9 10
        assert.equal(34, one:sum())
        assert.equal(8.5, one:mean())
        assert.equal(math.sqrt(5 / 3), one:std())
        assert.equal(math.sqrt(5 / 4), one:std(0))
        assert.equal(7, one:min())
        assert.equal(10, one:max())
        local two = ask({ "A", "B" }, "close", 4)
        assert.same({ A = 34, B = 340 }, two:sum())
        assert.same({ A = 8.5, B = 85 }, two:mean())
        assert.same({ A = 7, B = 70 }, two:min())
        assert.same({ A = 10, B = 100 }, two:max())
        assert.same({ A = math.sqrt(5 / 4), B = math.sqrt(125) }, two:std(0))
        local both = ask({ "A", "B" }, { "close", "volume" }, 2):mean()
        assert.same({ A = { close = 9.5, volume = 500 }, B = { close = 95, volume = 1e6 } }, both)
        assert.same({ 10, 20, 40 }, ask("B", "close", 4, 4):valid():totable())
    end)

    it("gives columns by name, also when a method has that name", function()
        local f = ask({ "A", "B" }, "close", 2)
        assert.same({ 9, 10 }, f:column "A":totable())
        assert.same({ 9, 10 }, ask({ "A" }, { "close" }, 2):column "A".close:totable())
        raises("frame: no column 'Aa'; did you mean 'A'?", function()
            f:column "Aa"
        end)
        raises("frame: no column 'xyz'; it has A, B", function()
            f:column "xyz"
        end)
    end)

    it("has parts", function()
        local f = ask("A", { "close", "volume" }, 6) -- 5 .. 10
        assert.same({ 9, 10 }, f:last(2).close:totable())
        assert.same({ 6, 7 }, f:slice(2, 3).close:totable())
        assert.same({ 8, 9, 10 }, f:slice(-3).close:totable())
        assert.equal(f.time[3], f:slice(2, 3).time[2])
        assert.equal(2, f:slice(2, 3).n)
        assert.same({ 9, 10 }, ask({ "A", "B" }, { "close" }, 6):last(2).A.close:totable())
        raises("frame:last: n must be a whole number 1..6, got 7", function()
            f:last(7)
        end)
        raises("frame:slice: 3..7 is no part of rows 1..6", function()
            f:slice(3, 7)
        end)
        raises("frame:slice: 4..3 is no part of rows 1..6", function()
            f:slice(4, 3)
        end)
    end)

    it("copies into a table", function()
        assert.same({ close = { 9, 10 }, volume = { 500, 500 } },
            ask("A", { "close", "volume" }, 2):totable())
        assert.same({ A = { close = { 10 } }, B = { close = { 100 } } },
            ask({ "A", "B" }, { "close" }, 1):totable())
    end)

    it("says what to write for an index", function()
        local f = ask("A", { "close", "volume" }, 3)
        raises("frame: it has columns, not rows; write f:row(2), or f.close[2]", function()
            return f[2]
        end)
        raises("frame: it has columns, not rows; write f:row(1), or f[\"C.D\"][1]", function()
            return ask({ "C.D", "A" }, "close", 3)[1]
        end)
        raises("frame: it has columns, not rows; write f:row(-1), or f.A.close[-1]", function()
            return ask({ "A", "B" }, { "close" }, 3)[-1]
        end)
    end)

    it("says which columns and methods there are", function()
        local f = ask("A", { "close", "volume" }, 3)
        raises("frame: no column 'clsoe'; did you mean 'close'?", function()
            return f.clsoe
        end)
        raises("frame: no column 'maen'; did you mean 'mean'?", function()
            return f:maen()
        end)
        raises("frame: no column 'xyzzy'; it has close, volume", function()
            return f.xyzzy
        end)
        raises("frame.mean: call it with a colon, frame:mean(...)", function()
            f.mean()
        end)
    end)

    it("is read-only", function()
        local f = ask("A", "close", 3)
        local message = "frame: it is read-only; f:totable() gives a copy that can be changed"
        raises(message, function()
            f.close = 1
        end)
        raises(message, function()
            f.other = 1
        end)
        raises(message, function()
            f[1] = 1
        end)
    end)

    it("prints an aligned table", function()
        assert.equal(table.concat({
            "time        close  volume",
            "2020-01-08      8     500",
            "2020-01-09      9     500",
            "2020-01-10     10     500",
            "[3 rows x 2 columns]",
        }, "\n"), tostring(ask("A", { "close", "volume" }, 3)))
        assert.equal(table.concat({
            "time        A.close  B.close",
            "-               nan      nan",
            "2020-01-01        1       10",
            "2020-01-02        2       20",
            "2020-01-03        3      nan",
            "[4 rows x 2 columns]",
        }, "\n"), tostring(ask({ "A", "B" }, { "close" }, 4, 3)))
        local text = bar.at(30, { bundle = "long" }, function(_, data)
            return tostring(data:history("A", "close", 30))
        end)
        assert.equal(table.concat({
            "time        close",
            "2020-01-01      1",
            "2020-01-02      2",
            "2020-01-03      3",
            "2020-01-04      4",
            "2020-01-05      5",
            "...           ...",
            "2020-01-26     26",
            "2020-01-27     27",
            "2020-01-28     28",
            "2020-01-29     29",
            "2020-01-30     30",
            "[30 rows x 1 column]",
        }, "\n"), text)
    end)

    it("stays what it was, from bar to bar and after the run", function()
        local kept, nested, times = {}, nil, nil
        bar.each({ bundle = "frames" }, function(_, data, i)
            kept[i] = data:history("A", { "close", "volume" }, 2, "1d")
            if i == 5 then
                nested = data:history({ "A", "B" }, { "close" }, 2, "1d")
                times = kept[5].time
            end
            if i == 8 then
                assert.same({ 4, 5 }, kept[5].close:totable())
                assert.equal(4.5, kept[5]:mean().close)
                assert.same({ 40, 50 }, nested.B.close:totable())
                assert.equal(times[2], kept[5].time[2])
            end
        end)
        collectgarbage()
        assert.same({ 4, 5 }, kept[5].close:totable())
        assert.same({ 9, 10 }, kept[10].close:totable())
        assert.same({ 40, 50 }, nested.B.close:totable())
        assert.equal(times[1], kept[5].time[1])
    end)

    it("is let go of when many others have come", function()
        local kept = ask("A", "close", 2)
        local ffi = require "ffi"
        local C = require "backlua.ffi".C
        local config, off = C.bt_config_get()[0], ffi.new "bt_config"
        ffi.copy(off, config, ffi.sizeof(off))
        local before = ffi.new("bt_config", off)
        off.enable_caching, off.enable_bundle_pooling = 0, 0
        C.bt_config_set(off)
        for _ = 1, 129 do
            ask("A", "close", 2)
        end
        C.bt_config_set(before)
        raises("frame: the run that made it is long over; keep f:totable() instead", function()
            return kept.close
        end)
    end)
end)
