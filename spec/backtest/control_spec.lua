-- Limits that a strategy sets on itself. Prices stand at 100.

local backtest = require "spec.support.backtest"
local market = require "spec.support.market"

local function strategy(settings, first)
    return ("function initialize(ctx) %s end function handle_data(ctx)"
        .. " if ctx.done then return end ctx.done = true %s end"):format(settings, first)
end

describe("a limit of the strategy's own", function()
    setup(function()
        market.daily("flat", { A = market.path { 100, 100, 100 }, B = market.path { 10, 10, 10 } })
        market.daily("up", { A = market.path { 100, 100, 100 }, B = market.path { 10, 10, 40 } })
    end)
    teardown(market.clean)

    local CASES = {
        { "ctx:set_max_order_size{ max_shares = 10 %s}", "ctx:order('A', 11)",
            "order: the order of A would be 11, the limit is 10 for every asset" },
        { "ctx:set_max_order_size{ asset = 'A', max_notional = 500 %s}", "ctx:order('A', 6)",
            "would be 600, the limit is 500" },
        { "ctx:set_max_position_size{ max_shares = 10 %s}",
            "ctx:order('A', 6) ctx:order('A', 5)", "the position of A would be 11" },
        { "ctx:set_max_position_size{ max_shares = 10 %s}", "ctx:order('A', -11)",
            "the position of A would be -11, the limit is 10 either way for every asset" },
        { "ctx:set_max_order_size{ asset = 'B', max_notional = 500 %s}", "ctx:order('B', -60)",
            "the order of B would be -600, the limit is 500 either way; ask" },
        { "ctx:set_max_order_count(2 %s)",
            "ctx:order('A', 1) ctx:order('A', 1) ctx:order('B', 1)",
            "the session's orders would be 3, the limit is 2 over all assets" },
        { "ctx:set_do_not_order_list({ 'A' } %s)", "ctx:order('A', 1)",
            "A is on the list of assets not to order" },
        { "ctx:set_max_order_size{ max_shares = 10 %s}",
            "ctx:order_value('A', 1500, { size_at = 'fill' })", "would be 15" },
        -- of 100,000: 600 * 100 are 0.6, and with 4,100 * 10 more they would be 1.01
        { "ctx:set_max_leverage(1 %s)", "ctx:order('A', 600) ctx:order('B', 4100)",
            "order: gross exposure with this order would be 1.01 times the portfolio's value"
                .. " (101000 of 100000), the limit is 1" },
        { "ctx:set_max_leverage(2 %s)", "ctx:order_target_percent('A', -2.5)",
            "would be 2.5 times the portfolio's value (250000 of 100000), the limit is 2" },
    }

    it("fails the run at the line that breaks it", function()
        for _, case in ipairs(CASES) do
            local own = case[1]:find "leverage" and ", { on_error = 'fail' }" or "" -- not the rule
            local message = backtest.error(strategy(case[1]:format(own), case[2]),
                { bundle = "flat" })
            assert.truthy(message:find(case[3], 1, true), message)
            assert.truthy(message:find("(text):1:", 1, true), message)
        end
    end)

    it("rejects the order with a reason under on_error = 'log'", function()
        for _, case in ipairs(CASES) do
            local plain = case[1]:find("(", 1, true)
            local option = plain and ", { on_error = 'log' }" or ", on_error = 'log'"
            local result, err = backtest.run(strategy(case[1]:format(option), case[2]),
                { bundle = "flat" })
            assert.truthy(result, err and err.message)
            assert.equal(1, result.reasons.control, case[1])
            local last = result.orders[#result.orders]
            assert.equal("control", last.reason)
            assert.equal("rejected", last.status)
        end
    end)

    it("holds for what an order is changed to", function()
        local change = "local id = ctx:order('A', 5, { limit = 50 })"
            .. " print(ctx:modify_order(id, { amount = 8 })) print(ctx:modify_order(id, { amount ="
            .. " 11, limit = 150 }), ctx:get_order(id).amount, ctx:get_order(id).limit)"
        for _, rule in ipairs { "ctx:set_max_order_size{ max_shares = 10 %s}",
            "ctx:set_max_position_size{ asset = 'A', max_notional = 1000 %s}",
            "ctx:set_max_leverage(0.01 %s)" } do
            local braces = rule:find("{", 1, true)
            local function with(on_error)
                return rule:format((braces and ", on_error = '%s'" or ", { on_error = '%s' }")
                    :format(on_error))
            end
            local message = backtest.error(strategy(with "fail", change), { bundle = "flat" })
            assert.truthy(message:find("(text):1: modify_order: ", 1, true), message)
            local result = assert(backtest.run(strategy(with "log", change), { bundle = "flat" }))
            assert.same({ "true", "false\t8\t50" }, backtest.printed)
            assert.equal("not_reached", result.orders[1].reason)
        end
        -- a change is no new order, and less is always good
        local result = assert(backtest.run(strategy("ctx:set_max_order_count(1)",
            "ctx:modify_order(ctx:order('A', 5), { amount = 3 })"), { bundle = "flat" }))
        assert.equal(3, result.orders[1].filled)
    end)

    it("lets go what reduces, and what is within", function()
        local result = assert(backtest.run([[
            function initialize(ctx)
                ctx:set_max_position_size{ asset = "A", max_shares = 10 }
                ctx:set_max_order_size{ max_notional = 1000 }
                ctx.bar = 0
            end
            function handle_data(ctx)
                ctx.bar = ctx.bar + 1
                if ctx.bar == 1 then ctx:order("A", 10) ctx:order("B", 100) end
                if ctx.bar == 2 then ctx:order("A", -10) end
            end]], { bundle = "flat" }))
        assert.equal(3, result.reasons.filled)
    end)

    it("a position may not turn into one beyond it", function()
        -- 50 at 10, then worth 2,000 at 40: as many short would be as much; 10 short are 400
        local result = assert(backtest.run([[
            function initialize(ctx)
                ctx:set_max_position_size{ max_notional = 500, on_error = "log" }
                ctx.bar = 0
            end
            function handle_data(ctx)
                ctx.bar = ctx.bar + 1
                if ctx.bar == 1 then ctx:order("B", 50) end
                if ctx.bar == 3 then ctx:order("B", -100) ctx:order("B", -60) end
            end]], { bundle = "up" }))
        assert.same({ "filled", "control", "end_of_run" }, { result.orders[1].reason,
            result.orders[2].reason, result.orders[3].reason })
    end)

    it("long only: rejected when it would trade, or an error when given", function()
        local result = assert(backtest.run(strategy("ctx:set_long_only()", "ctx:order('A', -1)"),
            { bundle = "flat" }))
        assert.equal("long_only", result.orders[1].reason)
        local message = backtest.error(strategy("ctx:set_long_only{ on_error = 'fail' }",
            "ctx:order('A', -1)"), { bundle = "flat" })
        assert.truthy(message:find("A would be sold short; the run is long only", 1, true), message)
    end)

    it("leverage: all in is within it, and so is what reduces", function()
        for _, on_error in ipairs { "fail", "log" } do
            local result = assert(backtest.run(([[
                function initialize(ctx)
                    ctx:set_max_leverage(1, { on_error = %q })
                    ctx.bar = 0
                end
                function handle_data(ctx)
                    ctx.bar = ctx.bar + 1
                    if ctx.bar == 1 then
                        ctx:order_target_percent("A", 0.7)
                        ctx:order_target_percent("B", 0.3)
                    end
                    if ctx.bar == 2 then ctx:order("A", -700) end
                end]]):format(on_error), { bundle = "flat", lot = 1e-6 }))
            assert.equal(3, result.reasons.filled)
        end
    end)

    it("leverage: an order beyond it is cut when nobody asked for an error", function()
        local result = assert(backtest.run(strategy("ctx:set_max_leverage(2)",
            "ctx:order_target_percent('A', 2.5)"), { bundle = "flat" }))
        assert.equal("reduced_cash", result.orders[1].reason)
        assert.equal(2000, result.orders[1].filled)
    end)

    it("leverage: the run fails where prices drive it beyond", function()
        -- half of 1,000 short of B at 10; at 40 the position is 2,000 of -500 + ...
        local source = strategy("ctx:set_max_leverage(1, { on_error = 'fail' })",
            "ctx:order('B', -50)")
        local message = backtest.error(source, { bundle = "up", capital = 2600 })
        -- 2,600 - 50 * 30 = 1,100 of equity, 2,000 of exposure
        assert.truthy(message:find("gross exposure is 1.81818 times", 1, true), message)
    end)

    it("orders for the day end with it", function()
        local settings = "ctx:set_cancel_policy 'end_of_day'"
        local result = assert(backtest.run(strategy(settings,
            "ctx:order('A', 1, { limit = 50 }) ctx:order('A', 1)"), { bundle = "flat" }))
        assert.equal("expired", result.orders[1].reason)
        assert.equal("filled", result.orders[2].reason)
        -- but not those that say how long they are good
        result = assert(backtest.run(strategy(settings,
            "ctx:order('A', 1, { limit = 50, time_in_force = 'gtc' })"), { bundle = "flat" }))
        assert.equal("not_reached", result.orders[1].reason)
    end)

    it("says what is wrong with a limit", function()
        for line, said in pairs {
            ["ctx:set_max_order_size{}"] = "give max_shares, max_notional or both",
            ["ctx:set_max_order_size{ max_share = 5 }"] = "did you mean 'max_shares'?",
            ["ctx:set_max_order_size{ asset = 'X', max_shares = 5 }"] = "no symbol 'X'",
            ["ctx:set_max_position_size{ max_shares = 0/0 }"] = "got nan",
            ["ctx:set_max_order_count('x')"] = "the count must be a number, got 'x'",
            ["ctx:set_max_order_count(0/0)"] = "must be a number >= 0",
            ["ctx:set_do_not_order_list 'A'"] = "an array of assets is expected",
            ["ctx:set_do_not_order_list { 'X' }"] = "no symbol 'X'",
            ["ctx:set_long_only{ on_error = 'fial' }"] = "did you mean 'fail'?",
            ["ctx:set_cancel_policy 'eod'"] = "\"never\" or \"end_of_day\" is expected, got eod",
            ["ctx.set_max_order_count(5)"] = "call it with a colon",
        } do
            local message = backtest.error(strategy(line, ""), { bundle = "flat" })
            assert.truthy(message:find(said, 1, true), message)
        end
        assert.truthy(backtest.error(strategy("", "ctx:set_max_order_count(5)"),
            { bundle = "flat" }):find("set in initialize", 1, true))
    end)
end)
