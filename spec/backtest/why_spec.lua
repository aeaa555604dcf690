-- Why: what happened to an asset around a bar. The run is small enough to know all of it.

local backtest = require "spec.support.backtest"
local market = require "spec.support.market"
local slippage = require "backlua.slippage"
local why = require "backlua.why"

describe("why", function()
    local result

    setup(function()
        market.daily("why", {
            A = { { 10, 10, 10, 10, 1000 }, { 11, 12, 9, 10, 1000 }, { 10, 10, 10, 10, 200 },
                { 10, 10, 10, 10, 1000 }, { 5, 5, 5, 5, 1000 }, { 5, 5, 5, 5, 1000 } },
            B = market.path { 20, 20, 20, 20, 20, 20 },
        }, { { kind = "split", symbol = "A", day = 5, ratio = 2 } })
        result = assert(backtest.run([[
            local bar = 0
            function handle_data(ctx)
                bar = bar + 1
                ctx:record { signal = bar }
                if bar == 1 then
                    ctx:order("B", 5)
                    ctx:order_target_percent("A", 0.5)
                elseif bar == 2 then
                    ctx:order("A", -30, {limit = 50})
                end
            end]], { bundle = "why", capital = 1000,
            slippage = slippage.fixed_bps { basis_points = 0, volume_limit = 0.1 } }))
    end)
    teardown(market.clean)

    it("tells what was recorded, asked and given", function()
        local bar = why.collect(result, "A", "2020-01-01").bars[1]
        assert.same({ signal = 1 }, bar.records)
        assert.same({ 1, 10, 1000, 1000 }, { bar.bar, bar.close, bar.cash, bar.equity })
        local order = bar.given[1]
        assert.equal("to hold 50.00 % of equity 1,000.00 at 10", order.asked)
        assert.same({ 2, 50, "filled" }, { order.id, order.amount, order.reason })
        assert.equal(1, #bar.given) -- that of B is not A's
    end)

    it("tells of fills with the cash before and after", function()
        local bar = why.collect(result, "A", "2020-01-01").bars[2]
        local fill = bar.fills[1]
        -- 5 of B at 20 were paid first
        assert.same({ 50, 11, 900, 350, 0.05 }, { fill.amount, fill.price, fill.cash_before,
            fill.cash, fill.share })
        assert.same({ 0, 50, 1000, 350 }, { bar.held_before, bar.held, bar.cash_before, bar.cash })
        assert.equal(2, bar.ended[1].id)
        assert.equal("filled as asked", bar.ended[1].sentence)
    end)

    it("tells of a sale that came to less than a lot as of none", function()
        local r = assert(backtest.run(backtest.handle "ctx:order_value('A', -4)",
            { bundle = "why" }))
        assert.truthy(tostring(why.collect(r, "A", "2020-01-01")):find("; 0 of 0 units traded", 1,
            true))
    end)

    it("tells of splits, and of orders that never came to trade", function()
        local report = why.collect(result, "A", "2020-01-05")
        assert.same({ 50, 100 }, { report.bars[2].held_before, report.bars[2].held })
        assert.equal("split", report.bars[2].actions[1].kind)
        assert.same({ 3, 2 }, { report.before.id, report.orders })
        assert.equal("not_reached", report.bars[3].ended[1].reason)
        local given = tostring(why.collect(result, "A", "2020-01-02"))
        for _, line in ipairs {
            "order 3 given: limit, limit 25, -30 units: sell 60 after a split, 2 for 1\n",
            "order 2 given: market, to hold 50.00 % of equity 1,000.00 at 10: buy 50\n",
        } do
            assert.truthy(given:find(line, 1, true), given)
        end
    end)

    it("prints itself", function()
        local text = tostring(why.collect(result, "A", "2020-01-02"))
        for _, part in ipairs {
            "A around 2020-01-02", "2020-01-02  bar 2  <--",
            "open 11  high 12  low 9  close 10  volume 1000",
            "order 2 filled at the open: buy 50 at 11", "5.00 % of the volume",
            "cash 900.00 before, 350.00 after",
            "order 2 ended filled (filled): filled as asked; 50 of 50 units traded",
            "at the close: held 50, cash 350.00, equity 950.00", "recorded signal=2",
            "order 3 given: limit, limit 25, -30 units: sell 60", -- in the units of today
            "no order given: none asked for, or for a target that was met",
        } do
            assert.truthy(text:find(part, 1, true), part .. " is not in\n" .. text)
        end
    end)

    it("says what was asked of the cash and what there was", function()
        local poor = assert(backtest.run(backtest.handle "ctx:order('A', 200)", { bundle = "why",
            capital = 1000 }))
        local text = tostring(why.collect(poor, "A", "2020-01-02"))
        for _, part in ipairs { "buy 90 at 11", "ended partial (reduced_cash)",
            "90 of 200 units traded", "200 units at 11 are worth 2,200.00; cash was 1,000.00" } do
            assert.truthy(text:find(part, 1, true), part .. " is not in\n" .. text)
        end
    end)

    it("says when a bar's volume allowed no more", function()
        local slow = assert(backtest.run(backtest.handle "ctx:order('A', 120)", { bundle = "why",
            slippage = slippage.fixed_bps { basis_points = 0, volume_limit = 0.1 } }))
        local report = why.collect(slow, "A", "2020-01-03")
        assert.same({ true, nil }, { report.bars[1].fills[1].waits, report.bars[2].fills[1].waits })
        assert.truthy(tostring(report):find(
            "buy 100 at 11, commission 0.00, slippage 0.00, 10.00 % of the volume; it allowed no "
            .. "more, the rest waits", 1, true))
    end)

    it("says when nothing was ever ordered", function()
        local quiet = assert(backtest.run("function handle_data() end", { bundle = "why" }))
        local text = tostring(why.collect(quiet, "A", "2020-01-02"))
        assert.truthy(text:find("The run never ordered A.", 1, true))
    end)

    it("takes a time, and the session after a day without one", function()
        assert.equal(3, why.collect(result, "A", "2020-01-03T15:00").bar)
        market.daily("gap", { A = { market.flat(1), false, market.flat(1) } })
        local r = assert(backtest.run("function handle_data() end", { bundle = "gap" }))
        local report = why.collect(r, "A", "2020-01-02")
        assert.same({ 2, "2020-01-02 is no session; the next one is 2020-01-03" },
            { report.bar, report.note })
    end)

    it("names what it does not know", function()
        local function message(...)
            local report, err = why.collect(result, ...)
            assert.is_nil(report)
            return err.message
        end
        assert.truthy(message("AB", "2020-01-02"):find("no symbol 'AB' in the bundle; did you mean",
            1, true))
        assert.equal("why: the run has no bar on '2021-01-01' or after; it goes from 2020-01-01 to "
            .. "2020-01-06", message("A", "2021-01-01"))
        assert.truthy(message("A", "2019-01-01"):find("it goes from", 1, true))
        assert.truthy(message("A", "soon"):find("soon", 1, true))
    end)
end)
