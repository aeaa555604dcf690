-- Symbols as of a day: names pass from one asset to another.

local backtest = require "spec.support.backtest"
local market = require "spec.support.market"

describe("a symbol", function()
    -- FB is called META from day 4 on; METV was called META until day 2, then METV.
    setup(function()
        market.daily("names", { META = market.path { 1, 2, 3, 4, 5, 6 },
                                METV = market.path { 10, 20, 30, 40, 50, 60 } },
            { { kind = "rename", symbol = "META", day = 4, old = "FB" },
              { kind = "rename", symbol = "METV", day = 3, old = "META" } })
    end)
    teardown(market.clean)

    local function printed(body, options)
        options = options or {}
        options.bundle = "names"
        assert(backtest.run("function initialize(ctx) " .. (options.initialize or "")
            .. " end\nfunction handle_data(ctx, data)\n" .. body .. "\nend", {
                bundle = "names", start_date = options.start_date }))
        return table.concat(backtest.printed, " ")
    end

    it("stands for the asset that bears it in the current session", function()
        -- on day 3 nobody does: the one that bears it in the end
        assert.equal("10 20 3 4 5 6", printed "print(data:current('META', 'close'))")
        assert.equal("1 2 3 4 5 6", printed "print(data:current('FB', 'close'))")
        assert.equal("10 20 30 40 50 60", printed "print(data:current('METV', 'close'))")
        assert.equal("METV METV META META META META", printed "print(ctx:symbol('META').symbol)")
    end)

    it("stands in initialize for the one of the first session", function()
        local get = "ctx.asset = ctx:symbol 'META'"
        assert.equal("10 20 30 40 50 60", printed("print(data:current(ctx.asset, 'close'))",
            { initialize = get }))
        assert.equal("5 6", printed("print(data:current(ctx.asset, 'close'))",
            { initialize = get, start_date = "2020-01-05" }))
    end)

    it("is looked up as of another day where that is said", function()
        assert.equal("5 6", printed("print(data:current('META', 'close'))", { start_date =
            "2020-01-05" }))
        assert.equal("50 60", printed("print(data:current('META', 'close'))", { start_date =
            "2020-01-05", initialize = "ctx:set_symbol_lookup_date '2020-01-01'" }))
        assert.equal("1 METV META", printed("if ctx.done then return end ctx.done = true "
            .. "print(data:current(ctx:symbol('META', '2020-01-04'), 'close')) "
            .. "print(ctx:symbol('META', '2020-01-02').symbol) "
            .. "print(ctx:symbol('FB', '2020-01-03').symbol)"))
    end)

    it("that nobody bore on the day asked for is an error", function()
        for call, message in pairs {
            ["ctx:symbol('META', '2020-01-03')"] = "no asset was called 'META' on 2020-01-03; "
                .. "META was at another time",
            ["ctx:symbol('FB', '2020-01-04')"] = "META was at another time",
            ["ctx:symbol('METX', '2020-01-03')"] = "no symbol 'METX' in bundle 'names'",
            ["ctx:symbol('META', 'soon')"] = "the date must be a text such as",
            ["ctx:set_symbol_lookup_date(5)"] = "the date must be a text such as",
        } do
            local said, err = backtest.error("function initialize(ctx)\nlocal x = " .. call
                .. "\nend function handle_data() end", { bundle = "names" })
            assert.truthy(said:find(message, 1, true), said)
            assert.equal(2, err.line)
        end
    end)
end)
