-- Indicator handles and ta's functions.

local backtest = require "spec.support.backtest"
local ffi = require "ffi"
local market = require "spec.support.market"
local ta = require "backlua.ta"

describe("an indicator handle", function()
    setup(function()
        market.daily("line", {
            A = market.path { 1, 2, 4, 8, 16 },
            G = market.path { 3, false, 5, 7, false },
        })
    end)
    teardown(market.clean)

    local function printed(body, bars)
        local result, err = backtest.run([[
            function initialize(ctx)
                ctx.a = ctx:indicator("sma", "A", { n = 2 })
                ctx.g = ctx:indicator("sma", ctx:symbol "G", { n = 2, field = "open" })
            end
            function handle_data(ctx)
                ]] .. body .. [[
            end]], { bundle = "line" })
        assert.is_nil(err and err.message)
        assert.is_true(#result.equity.value == (bars or 5))
        return backtest.printed
    end

    it("is NaN while it warms up, then the value at the current bar", function()
        assert.same({ "nan", "1.5", "3", "6", "12" },
            printed "print((tostring(ctx.a[-1]):gsub('-', '')))")
    end)

    it("looks back with -2, -3, ..., NaN before the data", function()
        local lines = printed [[
            local two, three, far = ctx.a[-2], ctx.a[-3], ctx.a[-100]
            print(two ~= two, three ~= three, far ~= far)
        ]]
        assert.same({ "true\ttrue\ttrue", "true\ttrue\ttrue", "false\ttrue\ttrue",
            "false\tfalse\ttrue", "false\tfalse\ttrue" }, lines)
        lines = printed "if ctx.a[-3] == ctx.a[-3] then print(ctx.a[-1], ctx.a[-2], ctx.a[-3]) end"
        assert.same({ "6\t3\t1.5", "12\t6\t3" }, lines)
    end)

    it("runs over the asset's own bars and is NaN on a gap", function()
        -- its bars are 3, 5, 7: means 4 and 6; days two and five have none
        local lines = printed "print(ctx.g[-1] == ctx.g[-1] and ctx.g[-1])"
        assert.same({ "false", "false", "4", "6", "false" }, lines)
    end)

    it("raises for any other index, at the strategy's line", function()
        for index, message in pairs {
            ["0"] = "index 0 lies in the future", ["1"] = "index 1 lies in the future",
            ["-1.5"] = "must be a negative whole number, got -1.5",
            ["0/0"] = "must be a negative whole number", ["'x'"] = "got 'x'",
            ["-1/0"] = "must be a negative whole number", ["nil"] = "got nil",
            ["{}"] = "must be a negative whole number",
        } do
            local said, err = backtest.error([[
                function initialize(ctx) ctx.a = ctx:indicator("sma", "A", { n = 2 }) end
                function handle_data(ctx)
                    local x = ctx.a[]] .. index .. "]\n end", { bundle = "line" })
            assert.truthy(said:find(message, 1, true), index .. "\n" .. said)
            assert.equal(3, err.line)
        end
    end)

    it("cannot be written to, measured or computed with", function()
        for _, use in ipairs { "ctx.a[-1] = 5", "print(#ctx.a)", "print(ctx.a + 1)",
            "print(ctx.a < ctx.g)", "ctx.a.n = 5", "ctx.a.hidden_data = nil" } do
            local _, err = backtest.error([[
                function initialize(ctx)
                    ctx.a = ctx:indicator("sma", "A", { n = 2 })
                    ctx.g = ctx:indicator("sma", "G", { n = 2 })
                end
                function handle_data(ctx) ]] .. use .. " end", { bundle = "line" })
            assert.equal("strategy", err.code, use)
        end
        assert.same({ "Indicator(1.5)" }, { printed "print(ctx.a)"[2] })
    end)

    it("raises after its run has ended", function()
        local kept
        assert(backtest.run({
            initialize = function(ctx) kept = ctx:indicator("sma", "A", { n = 2 }) end,
            handle_data = function() end,
        }, { bundle = "line" }))
        local _, message = pcall(function() return kept[-1] end)
        assert.truthy(message:find "indicator_spec.lua:%d+: indicator: its run has ended")
    end)
end)

describe("ta", function()
    it("computes over arrays what handles are", function()
        local average = ta.sma({ 1, 2, 4, 8, 16 }, { n = 2 })
        assert.equal(5, #average)
        assert.is_true(average[1] ~= average[1])
        assert.same({ 1.5, 3, 6, 12 }, average:last(4):totable())
    end)

    it("takes views, also its own results", function()
        local twice = ta.sma(ta.sma({ 1, 2, 4, 8, 16 }, { n = 2 }):last(4), { n = 2 })
        assert.same({ 2.25, 4.5, 9 }, twice:last(3):totable())
    end)

    it("keeps the memory of a result as long as a part of it lives", function()
        local parts = {}
        for i = 1, 50 do
            local x = {}
            for j = 1, 200 do
                x[j] = i
            end
            parts[i] = ta.sma(x, { n = 1 }):slice(50, 100):last(3)
            collectgarbage()
        end
        for i = 1, 50 do
            assert.same({ i, i, i }, parts[i]:totable())
        end
    end)

    it("names what it does not know, at the caller's line", function()
        for call, message in pairs {
            [function() return ta.smaa end] = "ta: no indicator 'smaa'; did you mean 'sma'?",
            [function() ta.sma({ 1 }, { m = 1 }) end] = "ta.sma: unknown option 'm'",
            [function() ta.sma({ 1 }, { n = 0 }) end] = "ta.sma: n must be an integer at least 1",
            [function() ta.sma("x") end] = "ta.sma: a view or an array of numbers is expected",
            [function() ta.sma { 1, "x" } end] = "ta.sma: element 2 is no number but a string",
            [function() ta.sma({ 1 }, { field = "close" }) end] = "unknown option 'field'",
        } do
            local ok, said = pcall(call)
            assert.is_false(ok)
            assert.truthy(said:find(message, 1, true), said)
            assert.truthy(said:find "indicator_spec.lua:%d+: ", said)
        end
    end)

    it("tells names, parameters and how long it warms up", function()
        local names = table.concat(ta.names(), " ")
        assert.truthy(names:find "sma")
        assert.equal("n", ta.parameters("sma")[1].name)
        assert.is_nil((ta.parameters "nothing"))
        assert.equal(19, ta.lookback("sma", { n = 20 }))
    end)

    it("does not let a caller change what it knows", function()
        ta.parameters("sma")[1].name = "spoiled"
        assert.equal("n", ta.parameters("sma")[1].name)
    end)

    it("works on empty and on one", function()
        assert.equal(0, #ta.sma({}, { n = 2 }))
        assert.is_true(ffi.istype("bt_view", ta.sma({ 1 }, { n = 1 })))
        assert.equal(7, ta.sma({ 7 }, { n = 1 })[1])
    end)
end)
