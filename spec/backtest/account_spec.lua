-- The account as a strategy sets it and sees it. Figures by hand from the bars; engine-side cases
-- are in spec/c/sim_account_test.c.

local backtest = require "spec.support.backtest"
local market = require "spec.support.market"

-- `each` runs on every bar, ctx.bar counts them from 1.
local function strategy(settings, each)
    return ("function initialize(ctx) ctx.bar = 0 %s end function handle_data(ctx, data)"
        .. " ctx.bar = ctx.bar + 1 local p, a = ctx.portfolio, ctx.account %s end"):format(settings,
        each)
end

local function printed(settings, each, options)
    options = options or {}
    options.bundle = options.bundle or "path"
    assert(backtest.run(strategy(settings, each), options))
    return backtest.printed
end

describe("an account", function()
    setup(function()
        market.daily("path", { A = market.path { 100, 100, 110, 121, 100 } })
    end)
    teardown(market.clean)

    it("shows Zipline's fields", function()
        local lines = printed("", [[
            if ctx.bar == 1 then ctx:order("A", 100) end
            if ctx.bar == 3 then
                print(p.cash, p.starting_cash, p.portfolio_value, p.positions_value,
                    p.positions_exposure, p.pnl, p.returns, p.cash_flow, p.capital_used)
                print(p.start_date, p.current_portfolio_weights[ctx:symbol "A"])
                local held = p.positions.A
                print(held.amount, held.cost_basis, held.last_sale_price, held.last_sale_date)
                print(a.settled_cash, a.accrued_interest, a.buying_power, a.equity_with_loan,
                    a.total_positions_value, a.regt_margin, a.available_funds, a.excess_liquidity,
                    a.cushion, a.leverage, a.net_leverage, a.net_liquidation, a.margin_calls)
            end]], { capital = 20000 })
        assert.same({
            -- 100 at 100, now at 110; the first bar opens at 14:30
            "10000\t20000\t21000\t11000\t11000\t1000\t0.05\t-10000\t-10000",
            "1577889000\t" .. ("%.14g"):format(11000 / 21000),
            -- the third bar closes on 2020-01-03 at 21:00
            "100\t100\t110\t1578085200",
            "10000\t0\t10000\t21000\t11000\t11000\t10000\t21000\t1\t"
                .. ("%.14g\t%.14g"):format(11000 / 21000, 11000 / 21000) .. "\t21000\t0",
        }, lines)
    end)

    it("has its terms in the manifest, whatever a script writes into an asset", function()
        local result = assert(backtest.run(strategy([[
            local a = ctx:symbol "A"
            a.symbol = print
            ctx:set_terms(a, { lot = 0.5, tick = 0.25 })
            ctx:set_terms(a, { lot = 0.01 })]], ""), { bundle = "path" }))
        assert.same({ A = { lot = 0.01, tick = 0.25 } }, result.manifest.terms)
        assert.is_nil(assert(backtest.run(strategy("", ""), { bundle = "path" })).manifest.terms)
    end)

    it("prints itself", function()
        local lines = printed("", "if ctx.bar == 2 then print(p) print(a) end")
        assert.truthy(lines[1]:find("portfolio_value +100,000", 1))
        assert.truthy(lines[2]:find("buying_power +100,000", 1))
    end)

    it("buys on margin and is called", function()
        -- 1,900 at 100 with 100,000: 90,000 owed. At 121: 139,900; back at 100, 100,000 of 190,000
        local source = strategy("ctx:set_margin{ initial = 0.5, maintenance = 0.55 }", [[
            if ctx.bar == 1 then ctx:order("A", 1900) end
            if ctx.bar == 2 then
                print(a.initial_margin_requirement, a.maintenance_margin_requirement,
                    a.excess_liquidity, a.buying_power)
            end]])
        local result = assert(backtest.run(source, { bundle = "path", fill = "next_close" }))
        assert.same({ "95000\t104500\t-4500\t10000" }, backtest.printed)
        -- equity 100,000 is under 0.55 * 190,000: 1 / 0.55 of it may stay, 1818.18 units
        assert.equal(2, #result.orders)
        assert.equal("margin_call", result.orders[2].reason)
        assert.equal(-82, result.orders[2].filled)
        assert.equal(1, result.reasons.margin_call)
    end)

    it("pays for shorts and earns on cash", function()
        local settings = 'ctx:set_margin{ cash_rate = 0.365 } ctx:set_borrow_rate("A", 3.65)'
        local result = assert(backtest.run(strategy(settings,
            'if ctx.bar == 1 then ctx:order("A", -100) end'), { bundle = "path" }))
        -- nights: 0.1 % of 100,000 = 100; then a hundredth of 10,000, 11,000, 12,100 for the shorts
        -- and 0.1 % of cash less what the shorts are worth
        local flows = result.flows
        assert.equal(7, #flows)
        assert.same({ "interest", "borrow", "interest" },
            { flows[1].kind, flows[2].kind, flows[3].kind })
        assert.near(100, flows[1].amount, 1e-9)
        assert.near(-100, flows[2].amount, 1e-9)
        assert.equal("A", flows[2].symbol)
        assert.near((100100 + 10000 - 10000) * 0.001, flows[3].amount, 1e-9)
        assert.near(-110, flows[4].amount, 1e-9)
        assert.near(-121, flows[6].amount, 1e-9)
    end)

    it("takes the same rules as options of a run", function()
        local body = 'if ctx.bar == 1 then ctx:order("A", -100) end'
        local set = assert(backtest.run(strategy(
            "ctx:set_margin{ leverage = 2, cash_rate = 0.1, borrow_rate = 0.2 }"
            .. " ctx:set_capital_changes{ ['2020-01-03'] = 500 }", body), { bundle = "path" }))
        local given = assert(backtest.run(strategy("", body), { bundle = "path",
            margin = { leverage = 2, cash_rate = 0.1, borrow_rate = 0.2 },
            capital_changes = { ["2020-01-03"] = 500 } }))
        assert.equal(set.hash, given.hash)
        assert.equal(0.2, given.manifest.margin.borrow_rate)
        local _, err = backtest.run(strategy("", body), { bundle = "path",
            margin = { maintenence = 0.2 } })
        assert.truthy(err.message:find("did you mean 'maintenance'?", 1, true), err.message)
    end)

    it("counts deposits as no gain", function()
        local lines = printed("ctx:set_capital_changes{ ['2020-01-03'] = 50000, "
            .. "['2020-01-04'] = { type = 'target', value = 80000 } }", [[
            print(p.portfolio_value, p.cash, p.pnl, p.returns, p.deposits)]])
        assert.equal("150000\t150000\t0\t0\t50000", lines[3])
        assert.equal("80000\t80000\t0\t0\t-20000", lines[4])
    end)

    it("has deposits of before its first session in its capital", function()
        -- a run over bars 3 and 4 of what the whole run does: 1,000 on the second day, 200 on the
        -- fourth
        local source = strategy("ctx:set_capital_changes{ ['2020-01-02'] = 1000, "
            .. "['2020-01-04'] = 200 }", "")
        local whole = assert(backtest.run(source, { bundle = "path", capital = 5000 }))
        assert.same({ 5000, 6000, 6000, 6200 }, { unpack(whole.equity.cash:totable(), 1, 4) })
        local part = assert(backtest.run(source, { bundle = "path", capital = 6000,
            start_date = "2020-01-03" }))
        assert.same({ 6000, 6200 }, { unpack(part.equity.cash:totable(), 1, 2) })
        assert.equal(1, #part.flows)
    end)

    it("that is ruined takes no deposit", function()
        -- 30 at 100 on 1,000; at 10 the equity is 1,000 - 2,700
        market.daily("ruin", { A = market.path { 100, 100, 10, 10 } })
        local message = backtest.error(strategy("ctx:set_margin{ leverage = 3 }"
            .. " ctx:set_capital_changes{ ['2020-01-04'] = 5000 }",
            "if ctx.bar == 1 then ctx:order('A', 30) end"), { bundle = "ruin", capital = 1000 })
        assert.truthy(message:find("capital change of 2020-01-04: equity is -1700", 1, true),
            message)
    end)

    it("refuses what makes no sense, at the strategy's line", function()
        for settings, message in pairs {
            ["ctx:set_margin{ leverage = 2, initial = 0.5 }"] = "say the same",
            ["ctx:set_margin{ maintenance = 2 }"] = "maintenance must be a number",
            ["ctx:set_borrow_rate('B', 1)"] = "set_borrow_rate: no symbol 'B'",
            ["ctx:set_borrow_rate('A', 'x')"] = "the rate must be a number, got 'x'",
            ["ctx:set_borrow_rate('A', 0/0)"] = "annual rate 0..10",
            ["ctx:set_terms('A', { multiplyer = 5 })"] = "did you mean 'multiplier'?",
            ["ctx:set_terms('A', { lot = 0/0 })"] = "lot must be a number",
            ["ctx:set_capital_changes{ ['2020-13-01'] = 1 }"] = "2020-13-01",
            ["ctx:set_capital_changes{ ['2020-01-02'] = 0/0 }"] = "value must be a number",
            ["ctx:set_capital_changes{ 5 }"] = "dates are texts",
            ["ctx:set_capital_changes{ ['2020-01-02'] = { type = 'dleta', value = 1 } }"] =
                "did you mean 'delta'?",
        } do
            local said = backtest.error(strategy(settings, ""), { bundle = "path" })
            assert.truthy(said:find(message, 1, true), said)
            assert.truthy(said:find("(text):1:", 1, true), said)
        end
    end)

    it("sells in a margin call what is held, and never more", function()
        -- 20 at 100 of 1,000; at 60 equity is 200 of 1,200: 6 may stay, 14 must go. Five find
        -- buyers on the fourth bar, then a limit of the strategy's sells all at the open.
        local flat = market.flat
        market.daily("called", { A = { flat(100), flat(100), flat(60), flat(60, 50), flat(60),
            flat(60) } })
        local result = assert(backtest.run([[
            function initialize(ctx)
                ctx:set_margin { leverage = 2, maintenance = 0.2 }
                ctx.bar = 0
            end
            function handle_data(ctx)
                ctx.bar = ctx.bar + 1
                if ctx.bar == 1 then ctx:order("A", 20) end
                if ctx.bar == 4 then ctx:order("A", -15, { limit = 50 }) end
            end]], { bundle = "called", capital = 1000, fill = "next_close",
            slippage = require "backlua.slippage".none { volume_limit = 0.1 } }))
        local forced = result.orders[2]
        assert.same({ -14, -5, "partial", "no_position" }, { forced.amount, forced.filled,
            forced.status, forced.reason })
        assert.equal(0, #result.open_trades)
        assert.equal(200, result.equity.value[-1])
    end)
end)
