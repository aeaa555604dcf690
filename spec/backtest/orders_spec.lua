-- ctx's order methods: what they ask of the engine. One asset at 10, 20, 40, 40, 50; another at 5.

local backtest = require "spec.support.backtest"
local market = require "spec.support.market"

describe("orders", function()
    setup(function()
        market.daily("two", {
            A = market.path { 10, 20, 40, 40, 50 },
            B = market.path { 5, 5, 5, 5, 5 },
        })
    end)
    teardown(market.clean)

    local function orders(body, options)
        options = options or {}
        options.bundle = "two"
        local result, err = backtest.run(backtest.handle(body), options)
        assert.is_nil(err and err.message)
        return result.orders, result
    end

    it("of an amount fill at the next open", function()
        local list, result = orders "print(ctx:order('A', 7))"
        assert.same({ "1" }, backtest.printed)
        assert.equal(1, #list)
        assert.same({ 7, 7, "filled", 20 }, { list[1].amount, list[1].filled, list[1].status,
            list[1].average_price })
        assert.equal(100000 - 140, result.equity.cash[-1])
        assert.equal(100000 - 140 + 7 * 50, result.equity.value[-1])
    end)

    it("are sized at the decision's price by default, at the fill's when asked", function()
        -- 1000 of currency: 100 units at 10, 50 at the fill's 20
        assert.equal(100, orders "ctx:order_value('A', 1000)"[1].filled)
        assert.equal(50, orders "ctx:order_value('A', 1000, {size_at = 'fill'})"[1].filled)
        assert.equal(100, orders "ctx:order_value('A', 1000, {size_at = 'decision'})"[1].filled)
        -- a tenth of 100000
        assert.equal(1000, orders "ctx:order_percent('A', 0.1)"[1].filled)
        assert.equal(500, orders "ctx:order_percent('A', 0.1, {size_at = 'fill'})"[1].filled)
    end)

    it("of targets count what is held and what is on order", function()
        assert.equal(2, #orders "ctx:order('A', 3) ctx:order_target('A', 10)")
        assert.equal(7, orders "ctx:order('A', 3) ctx:order_target('A', 10)"[2].filled)
        assert.equal(100, orders "ctx:order_target_value('A', 1000)"[1].filled)
        assert.equal(2000, orders "ctx:order_target_percent('A', 0.2)"[1].filled)
        assert.equal(1, #orders "ctx:order_target('A', 5) print(ctx:order_target('A', 5))")
        assert.same({ "nil" }, backtest.printed)
    end)

    it("take assets as they take symbols", function()
        assert.equal("B", orders "ctx:order(ctx:symbol 'B', 2)"[1].symbol)
        assert.equal("B", orders "ctx:order(ctx:sid(1), 2)"[1].symbol)
    end)

    it("that cannot be done end with a reason", function()
        local list, result = orders "ctx:order('A', 1e6)"
        assert.same({ "partial", "reduced_cash", 5000 }, { list[1].status, list[1].reason,
            list[1].filled })
        assert.equal(1, result.reasons.reduced_cash)
        list = orders("ctx:order('A', 1e6)", { on_insufficient = "reject" })
        assert.same({ "rejected", "no_cash", 0 }, { list[1].status, list[1].reason,
            list[1].filled })
    end)

    it("can be looked at and cancelled", function()
        orders [[
            local id = ctx:order("A", 4)
            ctx:order("B", 1)
            local order = ctx:get_order(id)
            print(order.id, order.asset == ctx:symbol "A", order.status, order.amount,
                order.filled, order.open_amount, order.ended, order.created == ctx:now())
            print(#ctx:get_open_orders "A", #ctx:get_open_orders(ctx:symbol "B"))
            for asset, list in pairs(ctx:get_open_orders()) do
                print(asset.symbol, #list, list[1].id)
            end
            ctx:cancel_order(id)
            print(ctx:get_order(id).status, ctx:get_order(id).reason, #ctx:get_open_orders "A")
            ctx:cancel_order(ctx:get_order(2))
            print(next(ctx:get_open_orders()), ctx:get_order(3))
            ctx:cancel_order(id)
        ]]
        assert.same({ "1\ttrue\topen\t4\t0\t4\tnil\ttrue", "1\t1", "A\t1\t1", "B\t1\t2",
            "cancelled\tcancelled\t0", "nil\tnil" }, backtest.printed)
    end)

    it("buy with leverage where it was set, and never short under set_long_only", function()
        local result = backtest.run([[
            function initialize(ctx) ctx:set_margin { leverage = 2 } end
            function handle_data(ctx)
                if not ctx.done then
                    print(ctx.account.buying_power)
                    ctx.done = ctx:order_percent("B", 1.5)
                else
                    print(ctx.account.leverage)
                end
            end]], { bundle = "two" })
        assert.equal(30000, result.orders[1].filled)
        assert.same({ "200000", "1.5", "1.5", "1.5", "1.5" }, backtest.printed)
        result = backtest.run("function initialize(ctx) ctx:set_long_only() end "
            .. backtest.handle "ctx:order('A', -5)", { bundle = "two" })
        assert.equal("long_only", result.orders[1].reason)
    end)

    it("pay the costs that initialize sets", function()
        local result = backtest.run([[
            local commission = require "backlua.commission"
            local slippage = require "backlua.slippage"
            function initialize(ctx)
                ctx:set_commission(commission.per_trade { cost = 3 })
                ctx:set_slippage(slippage.fixed_bps { basis_points = 100, volume_limit = 0 })
            end
            function handle_data(ctx)
                if not ctx.done then ctx.done = ctx:order("A", 10) end
            end]], { bundle = "two" })
        assert.equal(3, result.metrics.total_commission)
        -- the bar of the fill is flat at 20, so that slippage cannot leave it
        assert.equal(20, result.fills[1].price)
        assert.equal("per_trade{cost = 3}", result.manifest.commission)
        assert.equal("fixed_bps{basis_points = 100, volume_limit = 0}", result.manifest.slippage)
    end)

    it("cost the same however many are open", function()
        local function seconds(count)
            local begun = os.clock()
            orders(("for _ = 1, %d do ctx:order('A', 1, { limit = 1 }) end"):format(count))
            return os.clock() - begun
        end
        seconds(1000) -- compiles
        local few, many = seconds(4000), seconds(32000)
        assert.is_true(many < 24 * few, ("%.4f s for 4,000, %.4f s for 32,000"):format(few, many))
    end)
end)
