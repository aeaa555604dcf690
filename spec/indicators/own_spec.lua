-- Indicators written in Lua: once over the series, or once for each bar.

local backtest = require "spec.support.backtest"
local market = require "spec.support.market"

-- What a strategy prints on each bar of "line": A moves 1, 2, 4, 8, 16; G has bars 3, 5, 7 on days
-- one, three and four.
local function printed(initialize, body)
    local result, err = backtest.run("function initialize(ctx)\n" .. initialize
        .. "\nend\nfunction handle_data(ctx)\n" .. body .. "\nend", { bundle = "line" })
    assert.is_nil(err and err.message)
    assert.equal(5, #result.equity.value)
    return backtest.printed
end

local function refused(initialize, body)
    local said, err = backtest.error("function initialize(ctx)\n" .. initialize
        .. "\nend\nfunction handle_data(ctx)\n" .. (body or "") .. "\nend", { bundle = "line" })
    return said, err
end

local SHOW = "print((tostring(ctx.h[-1]):gsub('-', '')))"

setup(function()
    market.daily("line", {
        A = market.path { 1, 2, 4, 8, 16 },
        G = market.path { 3, false, 5, 7, false },
    })
end)
teardown(market.clean)

describe("a function over the series", function()
    it("is called with the asset's own bars and gives a handle", function()
        assert.same({ "1", "3", "7", "15", "31" }, printed([[
            ctx.h = ctx:indicator(function(bars)
                local sum, out = 0, {}
                for i = 1, bars.n do
                    sum = sum + bars.close[i]
                    out[i] = sum
                end
                return out
            end, "A")]], SHOW))
        assert.same({ "6", "nan", "10", "14", "nan" }, printed([[
            ctx.h = ctx:indicator(function(bars, options)
                local out = {}
                for i, x in ipairs(bars.open) do out[i] = options.times * x end
                return out
            end, "G", { times = 2 })]], SHOW))
    end)

    it("looks back like any other handle", function()
        local lines = printed([[
            ctx.h = ctx:indicator(function(bars) return bars.close end, "A")]],
            "print(ctx.h[-2] ~= ctx.h[-2] and 'none' or ctx.h[-2])")
        assert.same({ "none", "1", "2", "4", "8" }, lines)
    end)

    it("may use ta, and return several outputs by name", function()
        assert.same({ "nan nan", "1.5 1", "3 2", "6 4", "12 8" }, printed([[
            local ta = require "backlua.ta"
            ctx.m = ctx:indicator(function(bars)
                return { mean = ta.sma(bars.close, { n = 2 }), low = ta.min(bars.low, { n = 2 }) }
            end, "A")]], "print((('%g %g'):format(ctx.m.mean[-1], ctx.m.low[-1]):gsub('-', '')))"))
    end)

    it("raises when it looks ahead", function()
        for _, body in ipairs {
            "for i = 1, bars.n do out[i] = bars.close[math.min(i + 1, bars.n)] end",
            "for i = 1, bars.n do out[i] = bars.close[i] - bars.close:mean() end",
            "for i = 1, bars.n do out[i] = i == bars.n and 0 or bars.close[i] end",
        } do
            local said, err = refused("ctx.h = ctx:indicator(function(bars) local out = {} " .. body
                .. " return out end, 'A')")
            assert.truthy(said:find("indicator: the function looks ahead", 1, true), said)
            assert.equal(2, err.line)
        end
    end)

    it("leaves nothing of what it saw", function()
        assert.same({ "true", "true", "true", "true", "true" }, printed([[
            ctx.h = ctx:indicator(function(bars)
                ctx.kept = ctx.kept or bars
                return bars.close
            end, "A")]], "print(ctx.kept.close[5] ~= ctx.kept.close[5])"))
    end)

    it("must return a number for each bar", function()
        for returned, message in pairs {
            ["{1, 2}"] = "must return 5 numbers, one for each bar; it returned 2",
            ["nil"] = "must return 5 numbers",
            ["{1, 2, 3, 4, 'x'}"] = "element 5 is no number but a string",
            ["{a = bars.close, b = {1}}"] = "one for each bar (b); it returned 1",
        } do
            local said, err = refused("ctx.h = ctx:indicator(function(bars) return " .. returned
                .. " end, 'A')")
            assert.truthy(said:find(message, 1, true), said)
            assert.equal(2, err.line)
        end
    end)

    it("shows its own errors where they are", function()
        local said, err = refused("local x\nctx:indicator(function(bars)\nreturn x.y end, 'A')")
        assert.truthy(said:find("attempt to index upvalue 'x'", 1, true), said)
        assert.equal(4, err.line)
    end)
end)

describe("a function with a window", function()
    it("is called for each bar with the last n, NaN before", function()
        assert.same({ "nan", "3", "6", "12", "24" }, printed([[
            ctx.h = ctx:indicator(function(bars)
                assert(bars.n == 2 and #bars.close == 2)
                return bars.close:sum()
            end, "A", { window = 2 })]], SHOW))
    end)

    it("counts the asset's own bars and is NaN on a gap", function()
        assert.same({ "nan", "nan", "8", "12", "nan" }, printed([[
            ctx.h = ctx:indicator(function(bars) return bars.close[1] + bars.close[2] end, "G",
                { window = 2 })]], SHOW))
    end)

    it("goes through the bars in order, whenever it is read, and knows its last value", function()
        -- an average by hand: 1, then half way to 2, 4, 8, 16
        local define = [[
            ctx.h = ctx:indicator(function(bars, _, previous)
                local x = bars.close[-1]
                return previous == previous and (previous + x) / 2 or x
            end, "A", { window = 1 })]]
        assert.same({ "1", "1.5", "2.75", "5.375", "10.6875" }, printed(define, SHOW))
        assert.same({ "10.6875 5.375" }, printed(define, [[
            ctx.n = (ctx.n or 0) + 1
            if ctx.n == 5 then print(ctx.h[-1] .. " " .. ctx.h[-2]) end]]))
    end)

    it("is the twin of the function over the series and of the engine's own", function()
        local lines = printed([[
            local ta = require "backlua.ta"
            ctx.a = ctx:indicator("sma", "G", { n = 2 })
            ctx.b = ctx:indicator(function(bars) return ta.sma(bars.close, { n = 2 }) end, "G")
            ctx.c = ctx:indicator(function(bars) return bars.close:mean() end, "G", { window = 2 })
            ]], [[
            local a, b, c = ctx.a[-1], ctx.b[-1], ctx.c[-1]
            print(a == b and b == c or a ~= a and b ~= b and c ~= c)]])
        assert.same({ "true", "true", "true", "true", "true" }, lines)
    end)

    it("raises where it is read: no number, its own handle, a bad index", function()
        local define = "ctx.h = ctx:indicator(function() return %s end, 'A', { window = 1 })"
        for returned, message in pairs {
            ["nil"] = "must return a number, got a nil",
            ["ctx.h[-2]"] = "reads its own handle",
        } do
            local said = refused(define:format(returned), "local x = ctx.h[-1]")
            assert.truthy(said:find(message, 1, true), said)
        end
        local said, err = refused(define:format "1", "local x = ctx.h[1]")
        assert.truthy(said:find("index 1 lies in the future", 1, true), said)
        assert.equal(5, err.line)
    end)

    it("refuses a window that is none, and options that are none", function()
        for options, message in pairs {
            ["{ window = 0 }"] = "window must be an integer at least 1 and at most 100000, got 0",
            ["{ window = 'x' }"] = "window must be an integer", ["5"] = "options must be a table",
        } do
            local said, err = refused("ctx:indicator(function() return 1 end, 'A', " .. options
                .. ")")
            assert.truthy(said:find(message, 1, true), said)
            assert.equal(2, err.line)
        end
        local said = refused "ctx:indicator(function() return 1 end, 'Q')"
        assert.truthy(said:find("'Q'", 1, true), said)
    end)

    it("ends with its run", function()
        local kept
        assert(backtest.run({
            initialize = function(ctx)
                kept = ctx:indicator(function() return 1 end, "A", { window = 1 })
            end,
            handle_data = function() end,
        }, { bundle = "line" }))
        local ok, message = pcall(function() return kept[-1] end)
        assert.is_false(ok)
        assert.truthy(message:find "its run has ended")
    end)
end)
