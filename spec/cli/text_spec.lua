local color = require "backlua.text.color"
local csv = require "backlua.text.csv"
local json = require "backlua.text.json"
local number = require "backlua.text.number"
local output = require "backlua.text.output"
local printable = require "backlua.text.printable"
local progress = require "backlua.text.progress"
local quote = require "backlua.text.quote"
local render = require "backlua.text.table"
local values = require "backlua.text.values"
local width = require "backlua.text.width"

local NAN, INF = 0 / 0, math.huge

describe("numbers as text", function()
    it("separates thousands and keeps the sign", function()
        assert.equal("1,234,567.80", number.grouped(1234567.8, 2))
        assert.equal("-999", number.count(-999))
        assert.equal("-1,000", number.count(-1000))
        assert.equal("100", number.count(100))
    end)

    it("rounds exactly, halves to even digits of the binary value", function()
        -- 18.625 is exact in binary: round half to even gives 18.62; 0.285 is below the half
        assert.equal("18.62", number.fixed(18.625, 2))
        assert.equal("0.28", number.fixed(0.285, 2))
    end)

    it("writes no minus before zero", function()
        assert.equal("0.00", number.fixed(-0.0001, 2))
        assert.equal("-0.01", number.fixed(-0.0051, 2))
    end)

    it("shows what is not a number as a dash", function()
        assert.equal("-", number.fixed(NAN))
        assert.equal("-", number.percent(NAN))
        assert.equal("inf", number.grouped(INF))
        assert.equal("-inf %", number.percent(-INF))
    end)

    it("tells a number from the bound that it is held against", function()
        assert.equal("0.31", number.apart(0.314, 0.2))
        assert.equal("0.203", number.apart(0.203, 0.2))
        assert.equal("0.94996", number.apart(0.94996, 0.95))
        assert.equal("0.20", number.apart(0.2, 0.2))
    end)

    it("gives the shortest text that reads back", function()
        assert.equal("0.1", number.shortest(0.1))
        assert.equal("0.30000000000000004", number.shortest(0.1 + 0.2))
    end)

    it("does not overflow on huge values", function()
        assert.equal(1e308, tonumber(number.grouped(1e308, 2)))
    end)

    it("shows durations in the unit that fits", function()
        assert.equal("0.012 s", number.seconds(0.0123))
        assert.equal("12.3 s", number.seconds(12.34))
        assert.equal("3 min 20 s", number.seconds(200))
        assert.equal("2 h 1 min", number.seconds(7260))
    end)
end)

describe("the width of a text", function()
    it("counts characters, not bytes", function()
        assert.equal(5, width.of "Größe")
        assert.equal(4, width.of "日本")
        assert.equal(1, width.of "e\204\129") -- e and a combining acute
        assert.equal(1, width.of "\255")
    end)

    it("cuts between characters", function()
        assert.equal("日", width.cut("日本", 3))
        assert.equal("Grö", width.cut("Größe", 3))
        assert.equal("abc", width.cut("abc", 9))
    end)
end)

describe("an aligned table", function()
    it("puts numbers right and leaves no blanks at line ends", function()
        local text = render({ { title = "name" }, { title = "n", right = true } },
            { { "a", "10" }, { "Größe", "5" }, { "b" } })
        assert.equal("name    n\na      10\nGröße   5\nb\n", text)
    end)

    it("has no title line when no column has a title", function()
        assert.equal("  a  1\n", render({ {}, {} }, { { "a", "1" } }, { indent = "  " }))
    end)
end)

describe("JSON", function()
    it("writes NaN as null and infinities as strings", function()
        assert.equal('[null,"inf","-inf"]', json.encode { NAN, INF, -INF })
    end)

    it("keeps the order of object keys, sorts those of a plain table", function()
        assert.equal('{"b":1,"a":2}', json.encode(json.object { { "b", 1 }, { "a", 2 } }))
        assert.equal('{"a":2,"b":1}', json.encode { b = 1, a = 2 })
    end)

    it("tells an empty list from an empty object", function()
        assert.equal("[]", json.encode(json.array {}))
        assert.equal("{}", json.encode {})
    end)

    it("escapes what JSON forbids and replaces what is not UTF-8", function()
        assert.equal([["a\"\\\n\u0001é]] .. "\239\191\189" .. '"',
            json.encode "a\"\\\n\1é\255")
    end)

    it("keeps int64 exact", function()
        assert.equal("9007199254740993", json.encode(9007199254740993LL))
    end)

    it("refuses what has no JSON form", function()
        assert.has_error(function() json.encode(print) end)
    end)
end)

describe("CSV", function()
    it("quotes separators, quotes and line ends; NaN is empty", function()
        assert.equal('a,b\n"x,""y""",1.5\n,\n', csv.encode({ "a", "b" },
            { { 'x,"y"', 1.5 }, { NAN } }))
    end)
end)

describe("a quoted value", function()
    it("is printable and short", function()
        assert.equal([['a\x0A\xFFb']], quote "a\n\255b")
        assert.equal("'" .. ("x"):rep(60) .. "...' (100000 bytes)", quote(("x"):rep(100000)))
    end)
end)

describe("a printable text", function()
    it("holds no control bytes and no half characters", function()
        assert.equal([[\x1B[31mred\x0A]], printable "\27[31mred\n")
        assert.equal("Größe\n\\x00", printable("Größe\n\0", true))
        assert.equal([[\xC3( \xC2\x9B]], printable "\195( \194\155") -- the second is CSI
    end)
end)

describe("a decimal", function()
    it("is nothing but digits, point, sign and exponent", function()
        for text, v in pairs { ["12"] = 12, ["-0.5"] = -0.5, ["+3"] = 3, [".5"] = 0.5,
            ["1e-3"] = 0.001, ["7."] = 7 } do
            assert.equal(v, values.decimal(text))
        end
        for _, text in ipairs { "", " ", " 5", "5 ", "0x10", "4,0", "nan", "inf", "-inf", "1e999",
            "1_000", "1e", "--1", ".", "1.2.3", "\255", "١" } do
            assert.is_nil(values.decimal(text), "taken for a number: " .. text)
        end
    end)
end)

describe("the progress line", function()
    local function recorder(terminal, columns)
        local r = { now = 0, texts = {} }
        r.line = progress.new {
            unit = "trials", terminal = terminal,
            write = function(text) r.texts[#r.texts + 1] = text end,
            clock = function() return r.now end,
            columns = function() return columns or 80 end,
        }
        return r
    end

    it("redraws at most ten times a second on a terminal", function()
        local r = recorder(true)
        for i = 0, 100 do -- one second
            r.now = i / 100
            r.line:update { done = i, total = 100 }
        end
        assert.is_true(#r.texts >= 9 and #r.texts <= 11, "redraws: " .. #r.texts)
        r.line:finish()
        assert.equal("\n", r.texts[#r.texts])
        assert.truthy(r.texts[#r.texts - 1]:find("100/100", 1, true))
    end)

    it("shows bar, rate, best and ETA, and fits the terminal", function()
        local state = { done = 200, total = 400, rate = 3100, eta = 61, best = "Sharpe 0.83" }
        local r = recorder(true)
        r.line:update(state)
        assert.equal("\r[##########..........]  200/400 trials  3,100/s  best Sharpe 0.83  "
            .. "eta 61 s\27[K", r.texts[1])
        state = { done = 12, total = 48, rate = 2400000, rate_unit = "rows", eta = 3 }
        r = recorder(true)
        r.line:update(state)
        assert.equal("\r[#####...............]  12/48 trials  2,400,000 rows/s  eta 3 s\27[K",
            r.texts[1])
        state = { done = 200, total = 400, rate = 3100, eta = 61, best = "Sharpe 0.83" }
        local narrow = recorder(true, 73)
        narrow.line:update(state)
        assert.equal("\r[##########..........]  200/400 trials  3,100/s  best Sharpe 0  eta 61 s"
            .. "\27[K", narrow.texts[1])
        r = recorder(true)
        r.line:update { done = 400, total = 400, rate = 0 } -- all were known before
        assert.equal("\r[####################]  400/400 trials\27[K", r.texts[1])
        narrow = recorder(true, 20)
        narrow.line:update(state)
        assert.equal(19, #narrow.texts[1] - #"\r\27[K")
    end)

    it("elsewhere writes a plain line for each tenth, and none at the start", function()
        local r = recorder(false)
        for i = 0, 400 do
            r.now = i / 1000
            r.line:update { done = i, total = 400 }
        end
        r.line:finish()
        assert.equal(10, #r.texts)
        assert.equal("40/400 trials\n", r.texts[1])
    end)

    it("elsewhere speaks every 30 seconds when a tenth takes longer", function()
        local r = recorder(false)
        for second = 0, 95 do
            r.now = second
            r.line:update { done = 1, total = 1000 }
        end
        assert.equal(3, #r.texts)
    end)

    it("is silent under --quiet", function()
        output.quiet = true
        local r = recorder(true)
        r.line:update { done = 1, total = 2 }
        r.line:finish()
        output.quiet = false
        assert.same({}, r.texts)
    end)
end)

describe("colour", function()
    it("is plain text when it is not wanted", function()
        color.disabled = true
        assert.equal("x", color.paint(2, "red", "x"))
        color.disabled = false
    end)
end)
