-- ctx beside orders: assets, records, time, chance, portfolio.

local backtest = require "spec.support.backtest"
local market = require "spec.support.market"

local function run(text, options)
    options = options or {}
    options.bundle = options.bundle or "three"
    local result, err = backtest.run(text, options)
    assert.is_nil(err and err.message)
    return result
end

describe("ctx", function()
    setup(function()
        market.daily("three", {
            A = market.path { 10, 20, 40 },
            B = market.path { 5, false, 6 },
            C = market.path { false, 100, 50 },
        })
        market.minutes("two-days", 3, { M = market.path { 1, 2, 3, 4, 5, 6 } })
    end)
    teardown(market.clean)

    it("knows the assets of the bundle, always the same tables", function()
        run [=[
            function initialize(ctx)
                ctx.list = ctx:symbols()
                print(#ctx.list, ctx.list[1].symbol, ctx.list[1].sid, ctx.list[3].symbol)
                print(ctx:symbol "B" == ctx.list[2], ctx:sid(2) == ctx.list[3], ctx.list[1])
                local some = ctx:symbols("C", "A")
                print(#some, some[1] == ctx.list[3], ctx:symbols { "B" }[1] == ctx.list[2])
            end
            function handle_data(ctx)
                assert(ctx:symbol "A" == ctx.list[1])
                ctx.held = { [ctx.list[2]] = 1, [ctx:symbol "A"] = 2 }
                for asset in pairs(ctx.held) do ctx.names = (ctx.names or "") .. asset.symbol end
            end
            function analyze(ctx) print(ctx.names) end
        ]=]
        assert.same({ "3\tA\t0\tC", "true\ttrue\tAsset(A)", "2\ttrue\ttrue", "ABABAB" },
            backtest.printed)
    end)

    it("records numbers by name and bar", function()
        local result = run [[
            function handle_data(ctx)
                ctx:record { b = 2, a = 1, flag = true }
                ctx:record("one", 1.5)
            end]]
        local list = {}
        for i = 1, 4 do
            list[i] = result.records[i].name .. "=" .. result.records[i].value
        end
        assert.equal(12, #result.records)
        assert.equal("a=1 b=2 flag=1 one=1.5", table.concat(list, " "))
        assert.equal(result.equity.time[1], result.records[1].time)
    end)

    it("tells simulated time", function()
        run [[
            function handle_data(ctx)
                local t = ctx:get_datetime()
                print(ctx:now(), t, t.year, t.month, t.day, t.hour)
                ctx:log("note", 5)
            end]]
        -- 2020-01-01T21:00Z is 18262 days and 21 hours after 1970
        assert.equal(18262 * 86400 + 21 * 3600 .. "\t2020-01-01T21:00:00Z\t2020\t1\t1\t21",
            backtest.printed[1])
        assert.equal("[2020-01-01]\tnote\t5", backtest.printed[2])
        assert.truthy(backtest.printed[3]:find "2020%-01%-02T21:00:00Z")
    end)

    it("draws from a stream of the run's own", function()
        local text = [[
            params = { n = 1 }
            function handle_data(ctx)
                print(ctx:random(), math.random(), ctx:random(10), math.random(5, 7),
                    ctx:random_normal(), ctx:random_normal(100, 0))
            end]]
        local function drawn(options)
            run(text, options)
            return table.concat(backtest.printed, "\n")
        end
        local first = drawn()
        assert.equal(first, drawn())
        assert.equal(first, drawn { params = { n = 1 } })
        assert.not_equal(first, drawn { seed = 2 })
        assert.not_equal(first, drawn { params = { n = 2 } })
        assert.not_equal(first, drawn { repeat_index = 1 })
        for line in first:gmatch "[^\n]+" do
            local u, v, ten, range, _, hundred = line:match(("(%S+)%s*"):rep(6))
            assert.is_true(tonumber(u) >= 0 and tonumber(u) < 1 and tonumber(v) < 1)
            assert.truthy(("1 2 3 4 5 6 7 8 9 10"):find(ten, 1, true))
            assert.truthy(("5 6 7"):find(range, 1, true))
            assert.equal("100", hundred)
        end
    end)

    it("shows the portfolio as it is, to who looks and to who kept it", function()
        run [[
            function handle_data(ctx)
                ctx.kept = ctx.kept or { ctx.portfolio, ctx.portfolio.positions.A, ctx.account }
                local p, a, account = unpack(ctx.kept)
                if not ctx.done then ctx.done = ctx:order("A", 100) end
                print(p.cash, p.portfolio_value, p.positions_value, p.starting_cash, p.pnl,
                    p.returns, a.amount, a.cost_basis, a.last_sale_price, account.leverage)
                assert(p.cash == ctx.portfolio.cash and p == ctx.portfolio)
                assert(a == ctx.portfolio.positions[ctx:symbol "A"] or
                    a.amount == ctx.portfolio.positions[ctx:symbol "A"].amount)
                assert(account.equity_with_loan == p.portfolio_value)
                assert(account.settled_cash == p.cash)
            end]]
        -- 100 units bought at 20 on the second bar, marked at 20, then at 40
        assert.same({
            "100000\t100000\t0\t100000\t0\t0\t0\t0\t0\t0",
            "98000\t100000\t2000\t100000\t0\t0\t100\t20\t20\t0.02",
        }, { backtest.printed[1], backtest.printed[2] })
        assert.truthy(backtest.printed[3]
            :find "^98000\t102000\t4000\t100000\t2000\t0.02\t100\t20\t40")
    end)

    it("walks over what is held, in the order of the ids", function()
        run [[
            function handle_data(ctx)
                ctx:order("C", 1)
                ctx:order("A", 2)
                local held = {}
                for asset, position in pairs(ctx.portfolio.positions) do
                    held[#held + 1] = asset.symbol .. position.amount .. position.asset.symbol
                end
                print(table.concat(held, " "))
            end]]
        assert.same({ "", "A2A C1C", "A4A C2C" }, backtest.printed)
    end)

    it("calls before_trading_start before a session, as the market was then", function()
        run([[
            function before_trading_start(ctx, data)
                print("before", ctx:now() % 86400)
                assert(not pcall(ctx.order, ctx, ctx:sid(0), 1))
                local close = data:current(ctx:sid(0), "close")
                assert(close == ctx.seen or close ~= close and ctx.seen == nil)
            end
            function handle_data(ctx, data)
                ctx.seen = data:current(ctx:sid(0), "close")
                print("bar", ctx:now() % 86400)
            end
        ]], { bundle = "two-days" })
        local open, first, second, third = 52200, 52200 + 60, 52200 + 120, 52200 + 180
        assert.same({ "before\t" .. open, "bar\t" .. first, "bar\t" .. second, "bar\t" .. third,
            "before\t" .. open, "bar\t" .. first, "bar\t" .. second, "bar\t" .. third },
            backtest.printed)
    end)

    it("shows before_trading_start the account of the close before, too", function()
        -- 100 bought at 20 on the second session, worth 40 each at the end of the third; nothing
        -- of it before the first two
        run [[
            function before_trading_start(ctx)
                local p = ctx.portfolio
                print(p.cash, p.portfolio_value, p.positions.A.amount, p.pnl)
            end
            function handle_data(ctx)
                if not ctx.done then ctx.done = ctx:order("A", 100) end
            end]]
        assert.same({ "100000\t100000\t0\t0", "100000\t100000\t0\t0",
            "98000\t100000\t100\t0" }, backtest.printed)
    end)

    it("knows no price before the bundle's first session", function()
        run [[
            function before_trading_start(ctx, data)
                local a = ctx:sid(0)
                local lag = data:history(a, "close", 2, "1d", "array")
                local week = data:history(a, "volume", 1, "1w", "array", { partial = true })
                local frame = data:history({ a }, { "close", "price" }, 3)
                print(lag[1], lag[2], week[1], frame.A.price[3], frame.A.time[3],
                    data:current(a, "price"), data:current(a, "close", "1w"),
                    data:can_trade(a), data:is_stale(a))
            end
            function handle_data() end]]
        assert.equal("nan\tnan\t0\tnan\tnan\tnan\tnan\tfalse\tfalse", backtest.printed[1])
        assert.truthy(backtest.printed[2]:find "^nan\t%d")
    end)

    it("refuses windows there that may not begin before the first bar", function()
        run [[
            function initialize(ctx) ctx:set_history_start "error" end
            function before_trading_start(ctx, data)
                print(pcall(data.history, data, "A", "close", 1, "1d", "array"))
            end
            function handle_data() end]]
        assert.truthy(backtest.printed[1]:find("begins 0 bars ago", 1, true))
        assert.truthy(backtest.printed[2]:find "^true")
    end)

    it("gives analyze the result", function()
        run [[
            function handle_data() end
            function analyze(ctx, result)
                print(result.metrics.total_return, result.bars, result.equity.value[-1],
                    #result.orders, ctx.portfolio.cash, #result.hash)
                print(pcall(ctx.order, ctx, "A", 1))
            end]]
        assert.equal("0\t3\t100000\t0\t100000\t64", backtest.printed[1])
        assert.truthy(backtest.printed[2]:find "^false")
    end)
end)
