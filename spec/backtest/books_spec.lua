-- The books of a run: round trips with their excursions, what is held at each close and at the end.
-- Figures by hand from the bars.

local backtest = require "spec.support.backtest"
local commission = require "backlua.commission"
local market = require "spec.support.market"
local slippage = require "backlua.slippage"

-- open, high, low, close, volume
local BARS = {
    { 100, 100, 100, 100, 1000 },
    { 102, 104, 98, 103, 1000 },
    { 106, 108, 105, 107, 1000 },
    { 107, 110, 101, 102, 1000 },
    { 97, 99, 95, 96, 1000 },
}

-- Bodies by the number of the bar on which they run.
local function strategy(bodies, initialize)
    local parts = { "local bar = 0\nfunction initialize(ctx) " .. (initialize or "") .. " end\n"
        .. "function handle_data(ctx, data)\nbar = bar + 1\n" }
    for bar, body in pairs(bodies) do
        parts[#parts + 1] = ("if bar == %d then %s end\n"):format(bar, body)
    end
    return table.concat(parts) .. "end\n"
end

local function run(bodies, options, initialize)
    options = options or {}
    options.bundle = options.bundle or "books"
    options.leverage = "unlimited"
    return assert(backtest.run(strategy(bodies, initialize), options))
end

local COSTS = { capital = 10000, commission = commission.per_trade { cost = 5 },
    slippage = slippage.fixed_spread { spread = 2 } }

local function costs(more)
    local options = {}
    for _, from in ipairs { COSTS, more or {} } do
        for key, value in pairs(from) do
            options[key] = value
        end
    end
    return options
end

describe("a round trip", function()
    setup(function()
        market.daily("books", { A = BARS,
            B = { { 50, 50, 50, 50, 1000 }, { 50, 50, 50, 50, 1000 }, { 52, 52, 52, 52, 1000 },
                { 54, 54, 54, 54, 1000 }, false } })
        market.daily("halved", { A = { { 100, 100, 100, 100, 1000 }, { 100, 100, 90, 100, 1000 },
            { 50, 60, 50, 50, 1000 }, { 50, 50, 50, 50, 1000 } } },
            { { kind = "split", symbol = "A", day = 3, ratio = 2 } })
    end)
    teardown(market.clean)

    it("counts the bars between its open and its open", function()
        -- bought at 102 on bar 2, sold at 107 on bar 4: bars 2 and 3 count, low 98, high 108
        local t = run { "ctx:order('A', 10)", [3] = "ctx:order('A', -10)" }.trades[1]
        assert.same({ -40, 60, 50, 2 }, { t.mae, t.mfe, t.pnl, t.bars })
        assert.equal(50 / 1020, t["return"])
        assert.same({ 1, 2, 1 }, { t.entry_order, t.exit_order, t.multiplier })
    end)

    it("counts what follows a close, up to a close", function()
        -- bought at 103 at the close of bar 2, sold at 102 at that of bar 4: low 101, high 110
        local t = run({ "ctx:order('A', 10)", [3] = "ctx:order('A', -10)" },
            { fill = "next_close" }).trades[1]
        assert.same({ -20, 70, -10 }, { t.mae, t.mfe, t.pnl })
    end)

    it("is the mirror when it is short", function()
        local t = run { "ctx:order('A', -10)", [3] = "ctx:order('A', 10)" }.trades[1]
        assert.same({ -60, 40, -50 }, { t.mae, t.mfe, t.pnl })
    end)

    it("is never better than its worst nor worse than its best", function()
        local t = run { "ctx:order('A', 10)", [4] = "ctx:order('A', -10)" }.trades[1]
        assert.same({ -50, 80, -50 }, { t.mae, t.mfe, t.pnl }) -- sold at 97: the low is the exit
    end)

    it("scales the bars before a split", function()
        -- 20 units of an entry at 50: the low of 90 was 45 of them, the high is 60
        local t = run({ "ctx:order('A', 10)", [3] = "ctx:order('A', -20)" },
            { bundle = "halved" }).trades[1]
        assert.same({ 20, 50, -100, 200 }, { t.amount, t.entry_price, t.mae, t.mfe })
    end)

    it("of units that a split left over is as of the bar before", function()
        -- 101 at 100 become 50.5: one old unit is paid at 100, its bars from 98 to 102; the 50 that
        -- stay have an entry at 200 and bars from 196 to 204
        market.daily("lieu", { A = { market.flat(100), market.flat(100),
            { 100, 102, 98, 100, 1000 }, market.flat(200), market.flat(200) } },
            { { kind = "split", symbol = "A", day = 4, ratio = 0.5 } })
        local trades = run({ "ctx:order('A', 101)", [4] = "ctx:order('A', -50)" },
            { bundle = "lieu", capital = 20000 }).trades
        assert.same({ 1, 100, -2, 2 }, { trades[1].amount, trades[1].exit_price, trades[1].mae,
            trades[1].mfe })
        assert.same({ 50, 200, -200, 200 }, { trades[2].amount, trades[2].exit_price, trades[2].mae,
            trades[2].mfe })
    end)

    it("shares what it won with its costs", function()
        -- 10 bought at 100 + 1 and sold at 110 - 1, 3 an order: 74 of 100 are left, 26 were costs
        local wide = { { 100, 102, 98, 100, 1000 }, { 100, 102, 98, 100, 1000 },
            { 110, 112, 108, 110, 1000 } }
        local options = { bundle = "wide", commission = commission.per_trade { cost = 3 },
            slippage = slippage.fixed_spread { spread = 2 } }
        market.daily("wide", { A = wide })
        local orders = { "ctx:order('A', 10)", "ctx:order('A', -10)" }
        local r = run(orders, options)
        assert.same({ 74, 0.26 }, { r.trades[1].pnl, r.statistics.cost_share })
        -- twenty sold at 55 - 1 after 2:1: slippage of 10 and 20. The five bought last are no trip
        wide[3], wide[4] = { 55, 56, 54, 55, 1000 }, { 55, 56, 54, 55, 1000 }
        market.daily("wide", { A = wide }, { { kind = "split", symbol = "A", day = 3, ratio = 2 } })
        orders[3] = "ctx:order('A', 5)"
        r = run(orders, options)
        assert.same({ 64, 0.36 }, { r.trades[1].pnl, r.statistics.cost_share })
        r = run({ "ctx:order('A', 10)" }, options)
        assert.is_true(r.statistics.cost_share ~= r.statistics.cost_share)
    end)

    it("of thousandths leaves no dust of great amounts behind", function()
        -- 100,000.001 close the 99,999.998 that are left of the first purchase, and 0.003
        market.daily("coins", { A = market.path { 1, 1, 1, 1, 1, 1, 1 } })
        local r = run({ "ctx:order('A', 123456.789)", "ctx:order('A', 234567.891)",
            "ctx:order('A', -23456.788)", "ctx:order('A', -0.003)", "ctx:order('A', -100000.001)",
            "ctx:order('A', -234567.888)" }, { bundle = "coins" },
            "ctx:set_terms('A', { lot = 0.001 })")
        local amounts = {}
        for i, trade in ipairs(r.trades) do
            amounts[i] = trade.amount
        end
        assert.equal(5, #amounts)
        assert.same({ 23456.788, 0.003, 0.003, 234567.888 },
            { amounts[1], amounts[2], amounts[4], amounts[5] })
        assert.same({}, r.open_trades)
    end)

    it("is worth its multiplier", function()
        local r = run({ "ctx:order('A', 10)", [3] = "ctx:order('A', -10)" }, {},
            "ctx:set_terms('A', {multiplier = 5})")
        local t = r.trades[1]
        assert.same({ -200, 300, 250, 5 }, { t.mae, t.mfe, t.pnl, t.multiplier })
        assert.equal(50 / 1020, t["return"])
        assert.equal(10 * 5 * 103, r.positions[1].value)
    end)
end)

describe("what is held", function()
    setup(function()
        market.daily("books", { A = BARS,
            B = { { 50, 50, 50, 50, 1000 }, { 50, 50, 50, 50, 1000 }, { 52, 52, 52, 52, 1000 },
                { 54, 54, 54, 54, 1000 }, false } })
    end)
    teardown(market.clean)

    it("has a line for each asset and close", function()
        local r = run { "ctx:order('A', 10) ctx:order('B', -4)", [3] = "ctx:order('A', -10)" }
        local lines = {}
        for i, p in ipairs(r.positions) do
            lines[i] = ("%s %g %g %g"):format(p.symbol, p.amount, p.price, p.value)
        end
        assert.same({ "A 10 103 1030", "B -4 50 -200", "A 10 107 1070", "B -4 52 -208",
            "B -4 54 -216", "B -4 54 -216" }, lines) -- no bar on the last day: its last price
        assert.equal(r.equity.time[2], r.positions[1].time)
    end)

    it("is marked at the end, and worth less sold", function()
        -- bought at 102 + 1; marked at 96; sold it would be 95 less 5
        local r = run({ "ctx:order('A', 10)" }, costs())
        local t = r.open_trades[1]
        assert.same({ 103, 96, 5, -75, 1 }, { t.entry_price, t.exit_price, t.commission, t.pnl,
            t.entry_order })
        assert.is_nil(t.exit_order)
        assert.same({ -80, 70 }, { t.mae, t.mfe })
        assert.equal(10000 - 75, r.equity.value[-1])
        assert.equal(10000 - 75 - 15, r.liquidation_value)
        assert.equal(0, #r.trades)
    end)

    it("in tenths is gone when all of them are sold", function()
        market.daily("tenths", { A = market.path { 10, 10, 10, 10, 10 } })
        local r = run({ "ctx:order('A', 0.1)", "ctx:order('A', 0.7)", "ctx:order('A', -0.8)" },
            { bundle = "tenths" }, "ctx:set_terms('A', { lot = 0.1 })")
        local held = {}
        for i, position in ipairs(r.positions) do
            held[i] = position.amount
        end
        assert.same({ 0.1, 0.8 }, held) -- 0.1 + 0.7 is 0.7999999999999999
        assert.equal(2, r.metrics.exposure_time * r.bars)
    end)

    it("would be sold at the rates of its month, one asset after the other", function()
        -- 500 of each bought in January at 1 % of the first 500 and 0.1 % beyond: 5 and 0.5. In
        -- February the month begins anew, and so do the rates.
        local bars = {}
        for i = 1, 33 do
            bars[i] = market.flat(10)
        end
        market.daily("months", { A = bars, B = bars })
        local r = assert(backtest.run(backtest.handle "ctx:order('A', 50) ctx:order('B', 50)",
            { bundle = "months", capital = 10000, commission = commission.tiered { tiers = {
                { from = 0, rate = 0.01 }, { from = 500, rate = 0.001 } } } }))
        assert.equal(10000 - 5.5, r.equity.value[-1])
        assert.equal(10000 - 11, r.liquidation_value)
    end)

    it("is sold at the last close on demand, by option and by the strategy", function()
        for _, way in ipairs { "option", "strategy" } do
            local r = run({ "ctx:order('A', 10)" }, costs { close_at_end = way == "option" },
                way == "strategy" and "ctx:set_close_at_end(true)" or nil)
            local fill = r.fills[2]
            assert.same({ -10, 95, 5, "close" }, { fill.amount, fill.price, fill.commission,
                fill.phase })
            assert.equal("closed", r.orders[2].reason)
            assert.same({ 1, 0 }, { #r.trades, #r.open_trades })
            assert.equal(10000 - 90, r.equity.value[-1])
            assert.equal(r.equity.cash[-1], r.equity.value[-1])
            assert.equal(r.liquidation_value, r.equity.value[-1])
            assert.is_true(r.manifest.close_at_end)
        end
    end)

    it("is not sold on a bar that there is not", function()
        local r = run({ "ctx:order('B', 10)" }, { close_at_end = true })
        assert.same({ 1, 1 }, { #r.fills, #r.open_trades })
        assert.equal("no_bar", r.orders[2].reason)
        market.daily("still", { A = { market.flat(10), market.flat(10), market.flat(10, 0) } })
        r = run({ "ctx:order('A', 10)" }, { bundle = "still", close_at_end = true })
        assert.same({ 1, 1 }, { #r.fills, #r.open_trades })
        assert.equal("no_volume", r.orders[2].reason)
    end)

    it("keeps within the volume limit when it is sold", function()
        local r = run({ "ctx:order('A', 250)" }, { close_at_end = true,
            slippage = slippage.fixed_bps { basis_points = 0, volume_limit = 0.1 } })
        local last = r.orders[#r.orders]
        assert.same({ -250, -100, "partial", "volume_limit" },
            { last.amount, last.filled, last.status, last.reason })
        assert.equal(150, r.open_trades[1].amount + (r.open_trades[2] or { amount = 0 }).amount)
    end)

    it("adds up: round trips, open lots and equity", function()
        local r = run({ "ctx:order('A', 10) ctx:order('B', -4)", "ctx:order('A', 7)",
            "ctx:order('A', -13)" }, costs())
        local sum = 0
        for _, list in ipairs { r.trades, r.open_trades } do
            for _, t in ipairs(list) do
                sum = sum + t.pnl
            end
        end
        assert.near(r.equity.value[-1] - 10000, sum, 1e-9)
    end)

    it("wants a yes or a no", function()
        local message = backtest.error("function initialize(ctx)\nctx:set_close_at_end('yes')\nend",
            { bundle = "books" })
        assert.truthy(message:find(":2: set_close_at_end: true or false is expected, got yes", 1,
            true))
    end)
end)
