-- Every order type on small tapes, with prices that can be followed by hand.

local backtest = require "spec.support.backtest"
local market = require "spec.support.market"

-- open, high, low, close, volume
local BARS = {
    { 100, 100, 100, 100, 1000 }, -- 1: the strategy decides here
    { 102, 104, 98, 103, 1000 },  -- 2
    { 106, 108, 105, 107, 1000 }, -- 3: a gap up
    { 107, 110, 101, 102, 1000 }, -- 4
    { 97, 99, 95, 96, 1000 },     -- 5: a gap down
    { 96, 104, 90, 100, 1000 },   -- 6: wide
    { 100, 101, 99, 100, 0 },     -- 7: nobody traded
    { 100, 100, 100, 100, 1000 }, -- 8
}

describe("order types", function()
    setup(function()
        market.daily("steps", { A = BARS, B = market.path { 5, 5, 5, 5, 5, 5, 5, 5 } })
    end)
    teardown(market.clean)

    -- Bodies by the number of the bar on which they run, as one strategy.
    local function run(bodies, options)
        local parts = { "local bar = 0\nfunction handle_data(ctx, data)\nbar = bar + 1\n" }
        for bar, body in pairs(bodies) do
            parts[#parts + 1] = ("if bar == %d then %s end\n"):format(bar, body)
        end
        parts[#parts + 1] = "end\n"
        options = options or {}
        options.bundle = "steps"
        local result, err = backtest.run(table.concat(parts), options)
        assert.is_nil(err and err.message)
        return result
    end

    local function bar_of(result, time)
        for i = 1, result.bars do
            if result.equity.time[i] >= time then
                return i
            end
        end
    end

    -- "amount@price on bar" of each fill.
    local function fills(bodies, options)
        local result = run(bodies, options)
        local list = {}
        for i, f in ipairs(result.fills) do
            list[i] = ("%g@%g on %d"):format(f.amount, f.price, bar_of(result, f.time))
        end
        return list, result
    end

    it("limit: at the open when that is better, else at the limit", function()
        assert.same({ "10@102 on 2" }, fills { "ctx:order('A', 10, {limit = 103})" })
        assert.same({ "10@99 on 2" }, fills { "ctx:order('A', 10, {limit = 99})" })
        assert.same({ "10@97 on 5" }, fills { "ctx:order('A', 10, {limit = 97.5})" })
        assert.same({ "-10@106 on 3" }, (fills { "ctx:order('A', -10, {limit = 105})" }))
        local _, result = fills { "ctx:order('A', 10, {limit = 80})" }
        assert.equal("not_reached", result.orders[1].reason)
    end)

    it("stop: at the stop inside a bar, at the open of a gap", function()
        assert.same({ "10@103.5 on 2" }, fills { "ctx:order('A', 10, {stop = 103.5})" })
        assert.same({ "10@106 on 3" }, fills { "ctx:order('A', 10, {stop = 105})" })
        assert.same({ "-10@98.5 on 2" }, fills { "ctx:order('A', -10, {stop = 98.5})" })
        assert.same({ "-10@97 on 5" }, fills { "ctx:order('A', -10, {stop = 97.5})" })
    end)

    it("stop-limit: waits for the stop, then for the limit", function()
        -- bar 3: 105 met at the open of 106, its low 105 is not below 104; bar 4 falls to 101
        assert.same({ "10@104 on 4" }, fills { "ctx:order('A', 10, {stop = 105, limit = 104})" })
        -- 103 lies on the way to 104: it fills at its stop
        assert.same({ "10@103 on 2" }, fills { "ctx:order('A', 10, {stop = 103, limit = 103.5})" })
    end)

    it("stop-limit behind its stop: intrabar decides", function()
        -- bar 2: open 102, up to 104, down to 98, close 103; stop 103.5, limit 101
        local order = { "ctx:order('A', 10, {stop = 103.5, limit = 101})" }
        assert.same({ "10@101 on 4" }, fills(order)) -- the close of 103 does not prove it
        assert.same({ "10@101 on 2" }, fills(order, { intrabar = "optimistic" }))
        assert.same({ "10@101 on 2" }, fills(order, { intrabar = "ohlc" }))
        assert.same({ "10@103 on 2" }, fills { "ctx:order('A', 10, {stop = 103.5, limit = 103})" })
    end)

    it("trailing stop: follows and never goes back", function()
        -- sells 5 below the best price: 95; bar 2: 97 at the open, low 98; 104 gives 99; bar 3:
        -- 108 gives 103; bar 4: low 101
        assert.same({ "-10@103 on 4" }, fills { "ctx:order('A', -10, {trail = 5})" })
        -- optimistic: bar 2 makes its high of 104 first, and its low of 98 meets 99
        assert.same({ "-10@99 on 2" }, fills({ "ctx:order('A', -10, {trail = 5})" },
            { intrabar = "optimistic" }))
        -- bar 2, 3 away: open 102 gives 99, the low of 98 meets it
        assert.same({ "-10@99 on 2" }, fills { "ctx:order('A', -10, {trail = 3})" })
        -- a tenth: 104 gives 93.6, 108 97.2, 110 99; bar 5 opens at 97
        assert.same({ "-10@97 on 5" }, fills { "ctx:order('A', -10, {trail_percent = 0.1})" })
        -- buys 10 above the lowest: 95 gives 105, which the high of 104 on bar 6 leaves alone; then
        -- its low of 90 gives 100, and it closes there
        assert.same({ "10@100 on 6" }, fills { [4] = "ctx:order('A', 10, {trail = 10})" })
        -- 95 + 8, which 104 on bar 6 meets
        assert.same({ "10@103 on 6" }, fills { [4] = "ctx:order('A', 10, {trail = 8})" })
    end)

    it("trailing stop-limit: a limit beyond the stop", function()
        -- 103 on bar 4 as above; the limit 0.5 below it
        assert.same({ "-10@103 on 4" }, fills {
            "ctx:order('A', -10, {trail = 5, limit_offset = 0.5})" })
        -- met by the gap of bar 5 at 99, limit 98: bar 6 comes back to it
        assert.same({ "-10@98 on 5" }, fills {
            "ctx:order('A', -10, {trail_percent = 0.1, limit_offset = 1})" })
    end)

    it("a trailing stop-limit shows what it was met at, also when it fills at once", function()
        local order = run { "ctx:order('A', -10, {trail = 5, limit_offset = 0.5})" }.orders[1]
        assert.same({ 103, 102.5 }, { order.stop, order.limit })
        -- 110 gives 99; bar 5 opens at 97, its limit
        order = run { "ctx:order('A', -10, {trail_percent = 0.1, limit_offset = 2})" }.orders[1]
        assert.same({ 99, 97, 97 }, { order.stop, order.limit, order.average_price })
    end)

    it("once it is met, a trailing stop-limit has a limit to change and no offset", function()
        -- 110 on bar 4 gives 100; bar 5 opens at 97, and its high of 99 leaves the limit alone
        local order = "ctx:order('A', -10, {trail = 10, limit_offset = 0})"
        assert.same({ "-10@100 on 6" }, fills { order })
        assert.same({ "-10@101 on 6" }, fills { order, [5] = "ctx:modify_order(1, {limit = 101})" })
        local _, err = backtest.run("local bar = 0 function handle_data(ctx) bar = bar + 1"
            .. " if bar == 1 then " .. order .. " elseif bar == 5 then"
            .. " ctx:modify_order(1, {limit_offset = 1}) end end", { bundle = "steps" })
        assert.truthy(err.message:find(
            "order 1 has no limit_offset of a stop that it waits for to change", 1, true))
    end)

    it("market on close", function()
        assert.same({ "10@103 on 2" }, fills { "ctx:order('A', 10, {at = 'close'})" })
        assert.same({ "10@100 on 1" }, fills({ "ctx:order('A', 10, {at = 'close'})" },
            { fill = "same_close" }))
    end)

    it("time in force: day, good till date", function()
        local _, result = fills { "ctx:order('A', 10, {limit = 97.5, time_in_force = 'day'})" }
        assert.same({ "cancelled", "expired" }, { result.orders[1].status,
            result.orders[1].reason })
        assert.equal(result.equity.time[2], result.orders[1].ended)
        local with = "ctx:order('A', 10, {limit = 97.5, good_till = %s})"
        local times = result.equity.time
        assert.same({ "10@97 on 5" }, fills { with:format(("%d"):format(times[5] + 1)) })
        assert.same({}, fills { with:format(("%d"):format(times[5])) })
        -- a date is good to its end; one beyond the data outlives the run
        assert.same({ "10@97 on 5" }, fills { with:format(("'%s'"):format(
            os.date("!%Y-%m-%d", times[5] - 3600))) })
        _, result = fills { "ctx:order('A', 10, {limit = 50, good_till = '2099-01-01'})" }
        assert.equal("not_reached", result.orders[1].reason)
    end)

    it("time in force: a date after which no bar closes any more ends the order at once", function()
        -- sessions on the 1st, 2nd and 5th; the 3rd, a holiday, is over before the 5th opens
        market.daily("holiday", { A = { market.flat(100), market.flat(100), false, false,
            market.flat(80), market.flat(100) } })
        local gtd = "{ limit = %d, good_till = '2020-01-03'%s }"
        local strategy = ("local bar = 0 function handle_data(ctx) bar = bar + 1"
            .. " if bar == 1 then changed = ctx:order('A', 10, { limit = 90 }) end"
            .. " if bar == 2 then ctx:order('A', 10, %s) ctx:order('A', 10, %s)"
            .. " ctx:modify_order(changed, { good_till = '2020-01-03' })"
            .. " print(#ctx:get_open_orders('A')) end end"):format(gtd:format(110, ""),
                gtd:format(90, ", stop_loss = 70"))
        for _, fill in ipairs { "next_open", "next_close", "same_close" } do
            local result = assert(backtest.run("local changed\n" .. strategy,
                { bundle = "holiday", fill = fill }))
            local reasons = {}
            for i, order in ipairs(result.orders) do
                reasons[i] = order.reason
                assert.equal(result.equity.time[2], order.ended)
            end
            local bracket = fill == "same_close" and { "expired", "expired", "expired", "no_entry" }
                or { "expired", "expired", "expired" }
            assert.same(bracket, reasons)
            assert.same({}, result.fills)
            assert.equal(fill == "same_close" and "4" or "0", backtest.printed[1])
        end
        -- worked at the close that it was given on
        assert.same({ "10@100 on 1" }, fills({ "ctx:order('A', 10, { good_till = '2020-01-01' })" },
            { fill = "same_close" }))
    end)

    it("one cancels the other", function()
        local list, result = fills {
            "ctx:order_oco('A', 10, {{limit = 99}, {stop = 103}})" }
        -- bar 2 holds both; the older one's kind decides: pessimistic takes the stop
        assert.same({ "10@103 on 2" }, list)
        assert.equal(1, result.ambiguous_bars)
        assert.same({ "cancelled", "linked" }, { result.orders[1].status,
            result.orders[1].reason })
        assert.same({ "10@99 on 2" }, fills({
            "ctx:order_oco('A', 10, {{limit = 99}, {stop = 103}})" },
            { intrabar = "optimistic" }))
        assert.same({ "10@103 on 2" }, fills({ -- the high comes first
            "ctx:order_oco('A', 10, {{limit = 99}, {stop = 103}})" }, { intrabar = "ohlc" }))
        assert.same({ "5@5 on 2" }, fills {
            "local id = ctx:order('B', 5) ctx:order('A', 10, {limit = 90, oco = id})" })
    end)

    it("bracket: exits from the bar after the entry, one cancels the other", function()
        -- entry at 102 on bar 2, whose range would meet both exits; bar 4 falls to 101.5
        local list, result = fills {
            "ctx:order_bracket('A', 10, {stop_loss = 101.5, take_profit = 109.5})" }
        assert.same({ "10@102 on 2", "-10@101.5 on 4" }, list)
        assert.same({ 1, "linked" }, { result.ambiguous_bars, result.orders[3].reason })
        assert.same({ "10@102 on 2", "-10@109.5 on 4" }, fills({
            "ctx:order_bracket('A', 10, {stop_loss = 101.5, take_profit = 109.5})" },
            { intrabar = "optimistic" }))
        -- bar 3 gaps over the target of 102 * 1.03125
        assert.same({ "10@102 on 2", "-10@106 on 3" }, fills {
            "ctx:order('A', 10, {stop_loss = {amount = 10}, take_profit = {percent = 0.03125}})" })
        -- sold at 102: the stop lies above
        assert.same({ "-10@102 on 2", "10@106 on 3" }, (fills {
            "ctx:order('A', -10, {stop_loss = {amount = 3}, take_profit = {amount = 20}})" }))
    end)

    it("bracket: a stop's limit is placed as the stop is", function()
        -- bought at 102 on bar 2; stop 99, limit 98: the gap to 97 on bar 5 meets both, its high of
        -- 99 is as good as the limit
        for _, exit in ipairs { "{price = 99, limit = 98}", "{amount = 3, limit = 4}" } do
            assert.same({ "10@102 on 2", "-10@98 on 5" }, fills {
                ("ctx:order('A', 10, {stop_loss = %s})"):format(exit) })
        end
        -- sold at 103.125: an eighth and a quarter above, a half below
        local _, result = fills { "ctx:order('A', -10, {limit = 103.125, stop_loss ="
            .. " {percent = 0.125, limit = 0.25}, take_profit = {percent = 0.5}})" }
        assert.same({ 103.125 * 1.125, 103.125 * 1.25, 51.5625 }, { result.orders[2].stop,
            result.orders[2].limit, result.orders[3].limit })
    end)

    it("bracket: its exits end with an entry that never traded, or a position that is gone",
        function()
        local _, result = fills {
            "ctx:order_bracket('A', 10, {limit = 50, stop_loss = 40, time_in_force = 'day'})" }
        assert.same({ "expired", "no_entry" }, { result.orders[1].reason,
            result.orders[2].reason })
        local list
        list, result = fills {
            "ctx:order_bracket('A', 10, {stop_loss = 96.5, take_profit = 200})",
            [2] = "ctx:order_target('A', 0)" }
        assert.same({ "10@102 on 2", "-10@106 on 3" }, list)
        assert.same({ "no_position", "no_position" }, { result.orders[2].reason,
            result.orders[3].reason })
    end)

    it("bracket: exits shrink together while a target fills in parts", function()
        local slippage = require "backlua.slippage"
        -- 20 of 1000 a bar: the entry takes bars 2 and 3, the target sells 20 at 109 on bar 4, the
        -- stop the rest at the open of 97
        local list, result = fills({
            "ctx:order('A', 40, {stop_loss = 98, take_profit = 109})" },
            { slippage = slippage.none { volume_limit = 0.02 }, intrabar = "optimistic" })
        assert.same({ "20@102 on 2", "20@106 on 3", "-20@109 on 4", "-20@97 on 5" }, list)
        assert.same({ -20, "partial", "linked" }, { result.orders[3].filled,
            result.orders[3].status, result.orders[3].reason })
    end)

    it("reduce only and closing orders never open", function()
        local list, result = fills { "ctx:order('A', 10)",
            [2] = "ctx:order('A', -25, {reduce_only = true})" }
        assert.same({ "10@102 on 2", "-10@106 on 3" }, list)
        assert.same({ "partial", "no_position" }, { result.orders[2].status,
            result.orders[2].reason })
        list, result = fills { "print(ctx:close_position 'A') ctx:order('A', 10)",
            [2] = "ctx:order('A', 5) ctx:close_position('A', {stop = 103})",
            [3] = "print(ctx:get_order(3).type, ctx:get_order(3).reduce_only)" }
        assert.same({ "nil", "stop\ttrue" }, backtest.printed)
        assert.same({ "10@102 on 2", "5@106 on 3", "-15@103 on 4" }, list)
        assert.equal("filled", result.orders[3].reason)
    end)

    it("reduce only: what it sells pays for what is bought beside it, whatever it asks for",
        function()
        -- ten at 102 are all of 1,020; sold at 106 they buy 200 of B at 5, given before
        local list = fills({ "ctx:order('A', 10)",
            [2] = "ctx:order('B', 200) ctx:order('A', -99, {reduce_only = true})" },
            { capital = 1020 })
        assert.same({ "10@102 on 2", "-10@106 on 3", "200@5 on 3" }, list)
    end)

    it("modify and cancel", function()
        assert.same({ "20@101.5 on 4" }, fills { "ctx:order('A', 10, {limit = 80})",
            [3] = "ctx:modify_order(1, {limit = 101.5, amount = 20})" })
        local list, result = fills {
            "ctx:order('A', 10, {limit = 90}) ctx:order('B', 1, {stop = 9})",
            [2] = "print(ctx:cancel_all_orders('B'), #ctx:open_orders())" }
        assert.same({ "10@90 on 6" }, list)
        assert.same({ "1\t1" }, backtest.printed)
        assert.equal("cancelled", result.orders[2].reason)
    end)

    it("targets count orders that will trade, not those that wait for a price", function()
        -- the stop does not keep a market target from selling
        assert.same({ "10@102 on 2", "-10@106 on 3" }, fills { "ctx:order('A', 10)",
            [2] = "ctx:order('A', -10, {stop = 50, reduce_only = true}) ctx:order_target('A', 0)" })
        -- the same limit target twice is one order
        local _, result = fills { "ctx:order_target('A', 10, {limit = 50})",
            [2] = "print(ctx:order_target('A', 10, {limit = 50}))" }
        assert.same({ "nil" }, backtest.printed)
        assert.equal(1, #result.orders)
    end)

    it("a bar without volume fills nothing", function()
        assert.same({ "10@100 on 8" }, fills { [6] = "ctx:order('A', 10)" })
    end)

    it("a price that only bars without volume offered is no price that was not reached", function()
        market.daily("dry", { A = { market.flat(10), market.flat(9, 0), market.flat(11, 0) } })
        local result = assert(backtest.run(backtest.handle [[ctx:order('A', 5, {limit = 9.5})
            ctx:order('A', 5, {stop = 10.5}) ctx:order('A', 5, {at = 'close'}) ctx:order('A', 5)
            ctx:order('A', 5, {limit = 8}) ctx:order('A', 5, {stop = 12})]], { bundle = "dry" }))
        local reasons = {}
        for i, order in ipairs(result.orders) do
            reasons[i] = order.reason
        end
        assert.same({ "no_volume", "no_volume", "no_volume", "no_volume", "not_reached",
            "not_reached" }, reasons)
    end)

    it("an exit that is relative to its entry has no price to change before that trades", function()
        local change = "local ok, err = pcall(ctx.modify_order, ctx, 2, {stop = %s}) print(err)"
        for _, exit in ipairs { "percent = 0.25", "amount = 25" } do
            local list = fills { ("ctx:order('A', 10, {stop_loss = {%s}}) "):format(exit)
                .. change:format "95", [2] = change:format "101.5" }
            assert.truthy(backtest.printed[1]:find("the price of order 2 follows from that of its"
                .. " entry, order 1, which has not traded yet; change it then", 1, true))
            assert.equal("true", backtest.printed[2])
            assert.same({ "10@102 on 2", "-10@101.5 on 4" }, list)
        end
    end)

    it("slippage never leaves the bar or the limit", function()
        local slippage = require "backlua.slippage"
        local wide = { slippage = slippage.fixed_spread { spread = 5 } }
        assert.same({ "10@103 on 2" }, fills({ "ctx:order('A', 10, {limit = 103})" }, wide))
        assert.same({ "10@104 on 2" }, fills({ "ctx:order('A', 10)" }, wide))
    end)

    it("costs may be Lua functions", function()
        local slippage = require "backlua.slippage"
        local commission = require "backlua.commission"
        local list, result = fills({ "ctx:order('A', 10)" }, {
            slippage = slippage.custom { volume_limit = 0, price = function(fill)
                assert(fill.asset.symbol == "A" and fill.high == 104 and fill.volume == 1000)
                return fill.price + 0.5
            end },
            commission = commission.custom { fee = function(fill)
                return fill.paid == 0 and fill.amount * 0.25 or 0
            end },
        })
        assert.same({ "10@102.5 on 2" }, list)
        assert.same({ 2.5, 5 }, { result.fills[1].commission, result.fills[1].slippage })
        local _, err = backtest.run(backtest.handle "ctx:order('A', 10)", { bundle = "steps",
            slippage = slippage.custom { price = function() return 0 / 0 end } })
        assert.truthy(err.message:find("slippage.custom: the function must return a price above 0",
            1, true), err.message)
        _, err = backtest.run(backtest.handle "ctx:order('A', 10)", { bundle = "steps",
            commission = commission.custom { fee = function() error "no fee" end } })
        assert.truthy(err.message:find("no fee", 1, true), err.message)
    end)

    it("a function of costs gives, changes and cancels no orders", function()
        for _, call in ipairs { "ctx:order('A', 1)", "ctx:order('A', 1, {limit = 5})",
            "ctx:cancel_order(id)", "ctx:modify_order(id, {amount = 5})" } do
            local _, err = backtest.run(([[
                local slippage = require "backlua.slippage"
                local id
                function initialize(ctx)
                    ctx:set_slippage(slippage.custom { price = function(fill)
                        %s
                        return fill.price
                    end })
                end
                function handle_data(ctx)
                    id = ctx:order("A", 10)
                end
            ]]):format(call), { bundle = "steps" })
            assert.truthy(err and err.message:find("not in a function of costs", 1, true)
                or err and err.message:find("nor in a function of costs", 1, true),
                call .. ": " .. (err and err.message or "no error"))
        end
    end)
end)
