-- What one event does to another: margin calls, splits, dividends, mergers, capital changes and
-- groups of orders on the same days. Every figure is worked out by hand in the comment beside it.

local backtest = require "spec.support.backtest"
local market = require "spec.support.market"
local slippage = require "backlua.slippage"

local flat, path = market.flat, market.path
local TENTH = slippage.fixed_bps { basis_points = 0, volume_limit = 0.1 }

-- A run of bodies by day over a bundle of these bars and actions.
local function run(bars, actions, bodies, options)
    local lines = { "local day = 0 function handle_data(ctx) day = day + 1" }
    for day, body in pairs(bodies) do
        lines[#lines + 1] = ("if day == %d then %s end"):format(day, body)
    end
    market.daily("tape", bars, actions)
    options.bundle = "tape"
    return assert(backtest.run(table.concat(lines, "\n") .. "\nend", options))
end

local function cash(result)
    return result.equity.cash:totable()
end

describe("events that meet", function()
    teardown(market.clean)

    it("margin call: the exits of a bracket end, and a split scales the forced sale", function()
        -- 20 at 100 on 1,000: at 80 equity 600 of 1,600. Three quarters stay: 5 are sold, which are
        -- 10 at 40 on the day after
        local r = run({ A = path { 100, 100, 80, 40, 40 } },
            { { kind = "split", symbol = "A", day = 4, ratio = 2 } },
            { "ctx:order('A', 20, { stop_loss = { price = 70 }, take_profit = { price = 150 } })" },
            { capital = 1000, leverage = 2, margin = { maintenance = 0.4 } })
        assert.same({ "margin_call", "margin_call" }, { r.orders[2].reason, r.orders[3].reason })
        assert.same({ -10, 40 }, { r.orders[4].filled, r.fills[2].price })
        assert.same({ 1000, -1000, -1000, -600, -600 }, cash(r))
        assert.equal(600, r.equity.value[-1])
    end)

    it("margin call: after a withdrawal, which is no loss", function()
        -- 25 at 100, 500 of equity left of 2,500: three fifths stay
        local r = run({ A = path { 100, 100, 100, 100, 100 } }, {}, { "ctx:order('A', 25)" },
            { capital = 1000, leverage = 3, margin = { maintenance = 0.25 },
                capital_changes = { ["2020-01-03"] = -500 } })
        assert.equal(-10, r.orders[2].filled)
        assert.same({ 1000, -1500, -2000, -1000, -1000 }, cash(r))
        assert.equal(0, r.metrics.total_return)
    end)

    it("dividend: owed for a short that a merger made another", function()
        -- 10 short at 50 owe 20 from day 3, paid on day 6. At 0.5 of 90 and 1 a unit they become 5
        -- short of B, and 10 are paid
        local r = run({ A = { flat(50), flat(50), flat(46), false, false, false },
                        B = path { 90, 90, 90, 90, 90, 80 } },
            { { kind = "dividend", symbol = "A", day = 3, amount = 2, pay = 6 },
              { kind = "merger", symbol = "A", day = 4, other = "B", ratio = 0.5, cash = 1 } },
            { "ctx:order('A', -10)" }, { capital = 1000, leverage = 2 })
        assert.same({ 1000, 1500, 1500, 1490, 1490, 1470 }, cash(r))
        assert.same({ 1000, 1000, 1020, 1020, 1020, 1070 }, r.equity.value:totable())
    end)

    it("merger: units that close a short end the exits that protected it", function()
        -- 10 A become 5 B, which cover the 5 that are short: the 3 sold later have no stop at 45
        local r = run({ A = { flat(20), flat(20), flat(20), false, false, false, false },
                        B = path { 40, 40, 40, 40, 40, 40, 50 } },
            { { kind = "merger", symbol = "A", day = 4, other = "B", ratio = 0.5 } },
            { [[ctx:order('A', 10)
                ctx:order('B', -5, { stop_loss = { price = 45 }, take_profit = { price = 30 } })]],
              [4] = "ctx:order('B', -3)" }, { capital = 5000, leverage = 2 })
        assert.same({ "no_position", "no_position" }, { r.orders[3].reason, r.orders[4].reason })
        assert.equal(1577836800 + 3 * 86400 + 14.5 * 3600, r.orders[3].ended)
        assert.same({ 3, -3 }, { #r.fills, r.fills[3].amount })
        assert.equal(4970, r.equity.value[-1])
    end)

    it("group of orders: one that a bar's volume cut goes on, the one of another asset ends",
        function()
        local r = run({ A = path({ 10, 10, 10, 10, 10, 10 }, 300),
                        B = path { 25, 25, 19, 19, 19, 19 } }, {},
            { [[local a = ctx:order('A', 100, { limit = 10 })
                ctx:order('B', 5, { limit = 20, oco = a })]] },
            { capital = 5000, slippage = TENTH })
        assert.equal("linked", r.orders[2].reason)
        assert.same({ 4, 10, 4000 }, { #r.fills, r.fills[4].amount, r.equity.cash[-1] })
    end)

    it("split: of an entry that is partly filled, whose exit is partly filled", function()
        -- 4 of 10 at 100; after 2:1 8 of 20, 5 more at 50; the stop at 45 opens at 40: 8 of 13,
        -- which end the entry, and 5 at 41
        local r = run({ A = { flat(100), flat(100, 40), flat(50, 50), flat(40, 80), flat(41) } },
            { { kind = "split", symbol = "A", day = 3, ratio = 2 } },
            { "ctx:order('A', 10, { stop_loss = { price = 90 }, take_profit = { price = 200 } })" },
            { capital = 10000, slippage = TENTH })
        local entry, stop = r.orders[1], r.orders[2]
        assert.same({ 20, 13, 50, "linked" }, { entry.amount, entry.filled, entry.average_price,
            entry.reason })
        assert.same({ -13, -13, "filled" }, { stop.amount, stop.filled, stop.status })
        assert.near((8 * 40 + 5 * 41) / 13, stop.average_price, 1e-12)
        assert.same({ 10000, 9600, 9350, 9670, 9875 }, cash(r))
    end)

    it("split: two of them over an order that is partly filled", function()
        -- 3 of 12 at 100, 6 of 24, 1.5 and 4 whole ones of 4.5 at 200; half a unit is paid as 100
        local r = run({ A = { flat(100), flat(100, 30), flat(50, 0), flat(200) } },
            { { kind = "split", symbol = "A", day = 3, ratio = 2 },
              { kind = "split", symbol = "A", day = 4, ratio = 0.25 } },
            { "ctx:order('A', 12)" }, { capital = 10000, slippage = TENTH })
        assert.same({ 5.5, 5.5, 200 }, { r.orders[1].amount, r.orders[1].filled,
            r.orders[1].average_price })
        assert.same({ 10000, 9700, 9700, 9000 }, cash(r))
        assert.equal(5, r.positions[#r.positions].amount)
    end)

    it("interest: of three nights on a debt, over days without a session", function()
        local r = run({ A = { flat(100), flat(100), flat(100), false, false, flat(100) } }, {},
            { "ctx:order('A', 20)" },
            { capital = 1000, leverage = 2, margin = { debit_rate = 0.365 } })
        for i, expected in ipairs { 1000, -1000, -1001, -1004.003 } do
            assert.near(expected, r.equity.cash[i], 1e-9)
        end
    end)
end)
