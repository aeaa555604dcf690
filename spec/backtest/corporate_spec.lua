-- Splits, dividends, mergers and delistings on the account. Every figure is worked out by hand in
-- the comment beside it; the test build also adds the books up anew on every bar.

local backtest = require "spec.support.backtest"
local market = require "spec.support.market"

local run = backtest.run

-- Orders by day: do_on { [1] = "ctx:order('A', 10)" }
local function do_on(days, initialize)
    local lines = { "function initialize(ctx) " .. (initialize or "") .. " end",
        "function handle_data(ctx, data) ctx.day = (ctx.day or 0) + 1" }
    for day, text in pairs(days) do
        lines[#lines + 1] = ("if ctx.day == %d then %s end"):format(day, text)
    end
    lines[#lines + 1] = "end"
    return table.concat(lines, "\n")
end

local function assert_list(expected, view)
    assert.same(expected, view:totable())
end

local function day(n, clock)
    return 1577836800 + (n - 1) * 86400 + (clock == "close" and 21 * 3600 or 14.5 * 3600)
end

describe("a split on the account", function()
    teardown(market.clean)

    it("leaves equity as it is", function()
        -- ten units at 100 on day 2; 2:1 on day 3; sold as twenty at 55 on day 5
        market.daily("split", { A = market.path { 100, 100, 50, 55, 55 } },
            { { kind = "split", symbol = "A", day = 3, ratio = 2 } })
        local r = assert(run(do_on { "ctx:order('A', 10)", nil, [[
            local p = ctx.portfolio.positions['A']
            print(p.amount, p.cost_basis)]], "ctx:order_target('A', 0)" },
            { bundle = "split", capital = 1000 }))
        assert.same({ "20\t50" }, backtest.printed)
        assert_list({ 1000, 1000, 1000, 1100, 1100 }, r.equity.value)
        assert_list({ 1000, 0, 0, 0, 1100 }, r.equity.cash)
        assert.same({ { time = day(3), kind = "split", symbol = "A", value = 2, before = 10,
            after = 20, cash = 0, due = day(3) } }, r.actions)
        assert.same({}, r.flows)
        local t = r.trades[1]
        assert.same({ 20, 50, 55, 100 }, { t.amount, t.entry_price, t.exit_price, t.pnl })
    end)

    it("pays the fraction in cash, whichever way the position", function()
        -- 7 units, 3:2: 10.5, kept 10. Half a new unit is a third of an old one at 90: 30 in cash.
        -- Short: -7 becomes -10, the account pays 30.
        market.daily("lieu", { A = market.path { 90, 90, 60, 60 } },
            { { kind = "split", symbol = "A", day = 3, ratio = 1.5 } })
        for _, side in ipairs { 1, -1 } do
            local r = assert(run(do_on { ("ctx:order('A', %d)"):format(7 * side) },
                { bundle = "lieu", capital = 1000, leverage = "unlimited" }))
            local a = r.actions[1]
            assert.equal(10 * side, a.after)
            assert.is_true(math.abs(a.cash - 30 * side) < 1e-12)
            assert.equal(60, math.floor(a.price + 0.5))
            assert.is_true(math.abs(r.equity.value[-1] - 1000) < 1e-9)
            assert.equal("in_lieu", r.flows[1].kind)
            assert.equal(a.cash, r.flows[1].amount)
            -- a third of an old unit was sold at what it had cost
            assert.is_true(math.abs(r.trades[1].pnl) < 1e-12)
        end
    end)

    it("ends a position that is less than a unit", function()
        -- 3 units at 4, 1:10: 0.3, paid as three units at 4
        market.daily("reverse", { A = market.path { 4, 4, 40, 40 } },
            { { kind = "split", symbol = "A", day = 3, ratio = 0.1 } })
        local r = assert(run(do_on { "ctx:order('A', 3)" }, { bundle = "reverse", capital = 100 }))
        assert_list({ 100, 88, 100, 100 }, r.equity.cash)
        assert_list({ 100, 100, 100, 100 }, r.equity.value)
        assert.equal(0, r.actions[1].after)
        assert.equal(12, r.actions[1].cash)
        assert.equal(1, #r.trades)
    end)

    it("keeps the order of lots, each at its own cost", function()
        -- 5 at 10, 5 at 20; 3:2 makes lots of 7.5 at 6.67 and 13.33; 15 in all, nothing in cash.
        -- 10 sold at 12: 7.5 of the first and 2.5 of the second, the other 5 after it
        market.daily("lots", { A = market.path { 10, 10, 20, 12, 12, 12, 12 } },
            { { kind = "split", symbol = "A", day = 4, ratio = 1.5 } })
        local r = assert(run(do_on { "ctx:order('A', 5)", "ctx:order('A', 5)", nil,
            "ctx:order('A', -10)", "ctx:order('A', -5)" }, { bundle = "lots", capital = 1000 }))
        local amounts, pnl = {}, 0
        for i, t in ipairs(r.trades) do
            amounts[i], pnl = t.amount, pnl + t.pnl
        end
        assert.same({ 7.5, 2.5, 5 }, amounts)
        -- spent 150, taken in 180
        assert.is_true(math.abs(pnl - 30) < 1e-12)
        assert.equal(1030, r.equity.cash[-1])
        assert.equal(0, #r.flows)
    end)

    it("scales open orders", function()
        market.daily("orders", { A = market.path { 100, 100, 50, 45 } },
            { { kind = "split", symbol = "A", day = 3, ratio = 2 } })
        -- given in old units on day 2, worked in new ones on day 3
        local r = assert(run(do_on { nil, "ctx:order('A', 10)" },
            { bundle = "orders", capital = 1000 }))
        assert.same({ 20, 20, "filled" }, { r.orders[1].amount, r.orders[1].filled,
            r.orders[1].status })
        assert.same({ 20, 50 }, { r.fills[1].amount, r.fills[1].price })
    end)

    it("ends an order that is less than a unit, and says so", function()
        market.daily("tiny", { A = market.path { 4, 4, 40, 40 } },
            { { kind = "split", symbol = "A", day = 3, ratio = 0.1 } })
        local r = assert(run(do_on { nil, "ctx:order('A', 7)" },
            { bundle = "tiny", capital = 100 }))
        assert.same({ "cancelled", "split", day(3) }, { r.orders[1].status, r.orders[1].reason,
            r.orders[1].ended })
        assert.equal(1, r.reasons.split)
    end)

    -- What an order says of itself at each close.
    local SAY = [[ctx.say = function()
        local o = ctx:get_order(1)
        print(o.amount, o.filled, o.open_amount, o.average_price)
    end]]
    local TENTH = require("backlua.slippage").fixed_bps { basis_points = 0, volume_limit = 0.1 }
    local flat = market.flat

    it("restates what has traded of an order: the same money in new units", function()
        -- 4 of 10 at 100: 8 of 20 at 50. 5 at 52: (400 + 260) / 13. 7 at 55: (660 + 385) / 20
        market.daily("half", { A = { flat(100), flat(100, 40), flat(52, 50), flat(55, 900) } },
            { { kind = "split", symbol = "A", day = 3, ratio = 2 } })
        local r = assert(run(do_on({ "ctx:order('A', 10)", "ctx.say()", "ctx.say()", "ctx.say()" },
            SAY), { bundle = "half", capital = 2000, slippage = TENTH }))
        assert.same({ "10\t4\t6\t100", "20\t13\t7\t50.769230769231", "20\t20\t0\t52.25" },
            backtest.printed)
        local amounts = {}
        for i, fill in ipairs(r.fills) do
            amounts[i] = fill.amount
        end
        assert.same({ 4, 5, 7 }, amounts) -- 4 * 2 + 5 + 7 = 20
        assert.same({ 10, 20, 20, "filled" }, { r.orders[1].request, r.orders[1].amount,
            r.orders[1].filled, r.orders[1].status })
        assert.equal(2000 - 1045, r.equity.cash[-1])
        assert.equal(20, r.positions[#r.positions].amount)
    end)

    it("leaves whole units to trade, and the fraction of what has traded on the order", function()
        -- 3 of 10 at 10, 1:2: 1.5 at 20, and 3.5 to trade become 3. The position keeps 1, the other
        -- half is paid at 20. 3 at 21: (30 + 63) / 4.5
        market.daily("reverse", { A = { flat(10), flat(10, 30), flat(21, 900), flat(21, 900) } },
            { { kind = "split", symbol = "A", day = 3, ratio = 0.5 } })
        local r = assert(run(do_on({ "ctx:order('A', 10)", "ctx.say()", "ctx.say()" }, SAY),
            { bundle = "reverse", capital = 200, slippage = TENTH }))
        assert.same({ "10\t3\t7\t10", "4.5\t4.5\t0\t20.666666666667" }, backtest.printed)
        assert.equal(10, r.actions[1].cash)
        assert.equal(4, r.positions[#r.positions].amount)
        assert.equal(200 - 30 + 10 - 63, r.equity.cash[-1])
    end)

    it("ends the rest of an order that is less than a unit", function()
        -- 9 of 10 at 10, 1:10: 0.9 at 100, and a tenth that nobody trades; 0.9 are paid as 90
        market.daily("rest", { A = { flat(10), flat(10, 90), flat(100, 900), flat(100, 900) } },
            { { kind = "split", symbol = "A", day = 3, ratio = 0.1 } })
        local r = assert(run(do_on { "ctx:order('A', 10)" },
            { bundle = "rest", capital = 200, slippage = TENTH }))
        local o = r.orders[1]
        assert.same({ 1, 0.9, "partial", "split" }, { o.amount, o.filled, o.status, o.reason })
        assert.is_true(math.abs(o.average_price - 100) < 1e-12)
        assert.equal(200, r.equity.cash[-1])
    end)

    it("lets an order be modified in new units, in whole ones", function()
        -- 1.5 of 5 have traded: 4 leave 2 whole ones, so it is for 3.5; 2 leave none
        market.daily("modify", { A = { flat(10), flat(10, 30), flat(20, 0), flat(20, 900),
            flat(20, 900) } }, { { kind = "split", symbol = "A", day = 3, ratio = 0.5 } })
        local options = { bundle = "modify", capital = 200, slippage = TENTH }
        assert(run(do_on({ "ctx:order('A', 10)", nil,
            "ctx.say() ctx:modify_order(1, { amount = 4 })", "ctx.say()" }, SAY), options))
        assert.same({ "4.5\t1.5\t3\t20", "3.5\t3.5\t0\t20" }, backtest.printed)
        assert.truthy(backtest.error(do_on { "ctx:order('A', 10)", nil,
            "ctx:modify_order(1, { amount = 2 })" }, options):find(
            "amount must be at least a lot beyond the 1.5 units of order 1", 1, true))
    end)

    it("marks what has no bar on its day in new units", function()
        market.daily("quiet", { A = { market.flat(10), market.flat(10), false, market.flat(5.5) },
                                B = market.path { 1, 1, 1, 1 } },
            { { kind = "split", symbol = "A", day = 3, ratio = 2 } })
        local r = assert(run(do_on { "ctx:order('A', 10)" }, { bundle = "quiet", capital = 200 }))
        assert_list({ 200, 200, 200, 210 }, r.equity.value)
    end)
end)

describe("a dividend on the account", function()
    it("is due from the ex-date and paid when it is due", function()
        -- 10 units held at the close of day 2; 2 a unit, ex on day 3, paid on day 5; sold on day 4
        market.daily("paid", { A = market.path { 50, 50, 48, 48, 48, 48 } },
            { { kind = "dividend", symbol = "A", day = 3, amount = 2, pay = 5 } })
        local r = assert(run(do_on { "ctx:order('A', 10)", nil,
            "print(ctx.portfolio.accrued_dividends) ctx:order_target('A', 0)" },
            { bundle = "paid", capital = 500 }))
        assert_list({ 500, 0, 0, 480, 500, 500 }, r.equity.cash)
        assert_list({ 500, 500, 500, 500, 500, 500 }, r.equity.value)
        assert.same({ "20" }, backtest.printed)
        assert.same({ { time = day(3), kind = "dividend", symbol = "A", value = 2, before = 10,
            after = 10, cash = 20, due = day(5) } }, r.actions)
        assert.same({ { time = day(5), kind = "dividend", symbol = "A", amount = 20 } }, r.flows)
    end)

    it("is taken from short positions, and paid at once where no date is known", function()
        market.daily("short", { A = market.path { 50, 50, 48, 48 } },
            { { kind = "dividend", symbol = "A", day = 3, amount = 2 } })
        local r = assert(run(do_on { "ctx:order('A', -10)" },
            { bundle = "short", capital = 500, leverage = 2 }))
        assert_list({ 500, 1000, 980, 980 }, r.equity.cash)
        assert_list({ 500, 500, 500, 500 }, r.equity.value)
        assert.equal(-20, r.flows[1].amount)
    end)

    it("goes to who holds the day before, in units after a split of that day", function()
        -- bought at the open of the ex-date: nothing. Held before, 2:1 and 1 a unit: twenty
        market.daily("both", { A = market.path { 50, 50, 24, 24 } },
            { { kind = "dividend", symbol = "A", day = 3, amount = 1 },
              { kind = "split", symbol = "A", day = 3, ratio = 2 } })
        local late = assert(run(do_on { nil, "ctx:order('A', 10)" },
            { bundle = "both", capital = 1000 }))
        assert.same({}, late.actions)
        local r = assert(run(do_on { "ctx:order('A', 10)" }, { bundle = "both", capital = 500 }))
        assert.equal(20, r.flows[1].amount)
        assert_list({ 500, 500, 500, 500 }, r.equity.value)
    end)

    it("that is owed for a short is not spent on something else", function()
        -- ten short at 100, 2 a unit owed until day 6; bought back at 98: 1,020 in cash, 20 of them
        -- owed, so a hundred B at 10 and not 102
        market.daily("owed", { A = market.path { 100, 100, 98, 98, 98, 98 },
                               B = market.path { 10, 10, 10, 10, 10, 10 } },
            { { kind = "dividend", symbol = "A", day = 3, amount = 2, pay = 6 } })
        local r = assert(run(do_on { "ctx:order('A', -10)", nil, "ctx:order_target('A', 0)",
            "print(ctx.account.buying_power) ctx:order('B', 1000)" },
            { bundle = "owed", capital = 1000 }))
        assert.same({ "1000" }, backtest.printed)
        assert.same({ 100, "reduced_cash" }, { r.orders[3].filled, r.orders[3].reason })
        assert_list({ 1000, 2000, 2000, 1020, 20, 0 }, r.equity.cash)
        assert_list({ 1000, 1000, 1000, 1000, 1000, 1000 }, r.equity.value)
    end)

    it("is still due when the bundle ends before its pay date", function()
        market.daily("ends", { A = market.path { 50, 50, 48, 48 } },
            { { kind = "dividend", symbol = "A", day = 3, amount = 2, pay = 30 } })
        local r = assert(run(do_on { "ctx:order('A', 10)" }, { bundle = "ends", capital = 500 }))
        assert_list({ 500, 0, 0, 0 }, r.equity.cash)
        assert_list({ 500, 500, 500, 500 }, r.equity.value)
        assert.is_nil(r.actions[1].due)
    end)
end)

describe("the end of an asset", function()
    teardown(market.clean)

    it("by a merger gives units of the other and cash", function()
        -- 10 A become 5 B at 30 and 40 in cash: 10 * (0.5 * 30 + 4) = 190
        market.daily("merged", { A = { market.flat(18), market.flat(18), market.flat(18), false,
            false }, B = market.path { 30, 30, 30, 33, 33 } },
            { { kind = "merger", symbol = "A", day = 4, other = "B", ratio = 0.5, cash = 4 } })
        local r = assert(run(do_on { "ctx:order('A', 10)", nil,
            "ctx:order('A', 5)" }, { bundle = "merged", capital = 200 }))
        assert_list({ 200, 20, 20, 60, 60 }, r.equity.cash)
        assert_list({ 200, 200, 200, 60 + 5 * 33, 60 + 5 * 33 }, r.equity.value)
        local a = r.actions[1]
        assert.same({ "merger", "B", 5, 40, 19, 0 }, { a.kind, a.other, a.received, a.cash,
            a.price, a.after })
        assert.equal("merged", r.orders[2].reason)
        assert.equal(10, r.trades[1].pnl) -- 10 * (19 - 18)
        assert.equal("merger", r.flows[1].kind)
    end)

    it("by a delisting closes at the last price, at a known one, or not at all", function()
        local bars = { A = { market.flat(10), market.flat(10), market.flat(8), false, false },
                       B = market.path { 1, 1, 1, 1, 1 } }
        local strategy = do_on { "ctx:order('A', 10)", nil, "ctx:order('A', 1)" }
        market.daily("last", bars, { { kind = "delisting", symbol = "A", day = 4 } })
        local r = assert(run(strategy, { bundle = "last", capital = 100 }))
        assert_list({ 100, 0, 0, 80, 80 }, r.equity.cash)
        assert.same({ "delisting", 8, 80, 0 }, { r.actions[1].kind, r.actions[1].price,
            r.actions[1].cash, r.actions[1].after })
        assert.equal("delisted", r.orders[2].reason)
        assert.equal(-20, r.trades[1].pnl)
        local kept = assert(run(strategy, { bundle = "last", capital = 100, delisting = "keep" }))
        assert_list({ 100, 0, 0, 0, 0 }, kept.equity.cash)
        assert_list({ 100, 100, 80, 80, 80 }, kept.equity.value)
        assert.not_equal(r.hash, kept.hash)
        market.daily("known", bars, { { kind = "delisting", symbol = "A", day = 4, price = 0.5 } })
        local known = assert(run(strategy, { bundle = "known", capital = 100 }))
        assert_list({ 100, 0, 0, 5, 5 }, known.equity.cash)
    end)

    it("is in the units of its day, after a split or an ex-date on it", function()
        -- ten at 100, twenty at 50 after 2:1, of which 3 a unit are paid: 60, and 47 left
        local bars = { A = { market.flat(100), market.flat(100), market.flat(100), false, false },
                       B = market.path { 80, 80, 80, 40, 40 } }
        local split = { kind = "split", symbol = "A", day = 4, ratio = 2 }
        local paid = { kind = "dividend", symbol = "A", day = 4, amount = 3 }
        market.daily("last", bars, { split, paid, { kind = "delisting", symbol = "A", day = 4 } })
        local options = { bundle = "last", capital = 1000 }
        local r = assert(run(do_on { "ctx:order('A', 10)" }, options))
        assert_list({ 1000, 0, 0, 1000, 1000 }, r.equity.cash)
        assert.same({ 60, 940 }, { r.flows[1].amount, r.flows[2].amount })
        assert.equal(47, r.actions[3].price)
        assert.equal(-60, r.trades[1].pnl) -- what the dividend took off the price
        -- B at 80 is 40 on the day it splits: one for a unit of A, and 10
        market.daily("last", bars, { split, { kind = "split", symbol = "B", day = 4, ratio = 2 },
            { kind = "merger", symbol = "A", day = 4, other = "B", ratio = 1, cash = 10 } })
        r = assert(run(do_on { "ctx:order('A', 10)" }, options))
        assert_list({ 1000, 0, 0, 200, 200 }, r.equity.cash)
        assert_list({ 1000, 1000, 1000, 1000, 1000 }, r.equity.value)
        assert.same({ 20, 50 }, { r.actions[2].received, r.actions[2].price })
        assert.equal(0, r.trades[1].pnl)
    end)

    it("is nothing to an account that does not hold it, and told by its hash to one that does",
        function()
        local bars = { A = market.path { 10, 10, 10, 10 }, B = market.path { 5, 5, 5, 5 } }
        market.daily("with", bars, { { kind = "dividend", symbol = "B", day = 3, amount = 1 },
            { kind = "split", symbol = "B", day = 4, ratio = 2 } })
        market.daily("without", bars)
        local strategy = do_on { "ctx:order('A', 3)" }
        local options = { bundle = "with", capital = 100 }
        local a = assert(run(strategy, options))
        options.bundle = "without"
        assert.equal(a.hash, assert(run(strategy, options)).hash)
        local held = do_on { "ctx:order('B', 3)" }
        local c = assert(run(held, options))
        options.bundle = "with"
        assert.not_equal(c.hash, assert(run(held, options)).hash)
    end)
end)
