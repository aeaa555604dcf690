-- Misuse of ctx raises at the strategy's own line, with value, limit and nearest name.

local backtest = require "spec.support.backtest"
local market = require "spec.support.market"

local ON_A_BAR = {
    ["ctx:order('AAPLE', 1)"] = "order: no symbol 'AAPLE' in bundle 'names'; did you mean AAPL",
    ["ctx:order(nil, 1)"] = "order: an asset or a symbol is expected, got nil",
    ["ctx:order({}, 1)"] = "order: an asset or a symbol is expected, got a table",
    ["ctx:order(0, 1)"] = "ctx:sid(n) gives an asset by its id",
    ["ctx:order('AAPL')"] = "order: the amount must be a number, got nil",
    ["ctx:order('AAPL', '5')"] = "order: the amount must be a number, got '5'",
    ["ctx:order('AAPL', 0/0)"] = "order: the number is NaN, as what is reckoned from an indicator",
    ["ctx:order('AAPL', 1/0)"] = "order: the number must be finite",
    ["ctx:order_percent('AAPL', 1/0)"] = "order_percent:",
    ["ctx:order('AAPL', 5, 10)"] = "order: options go into a table behind the amount",
    ["ctx:order('AAPL', 5, {limit = -10})"] =
        "limit must be a price above 0 and at most 1e15, got -10",
    ["ctx:order('AAPL', 5, {limit = 1/0})"] = "limit must be a price above 0",
    ["ctx:order('AAPL', 5, {stop = 0/0})"] = "stop must be a number, got nan",
    ["ctx:order('AAPL', 5, {trail = 1, trail_percent = 0.1})"] = "not both",
    ["ctx:order('AAPL', 5, {trail_percent = 5})"] = "5 % is 0.05",
    ["ctx:order('AAPL', 5, {trail = 1, stop = 5})"] = "leave stop and limit out",
    ["ctx:order('AAPL', 5, {limit_offset = 1})"] = "belongs to a trailing stop",
    ["ctx:order('AAPL', 5, {at = 'close', limit = 5})"] = "has no limit, stop or trail",
    ["ctx:order('AAPL', 5, {at = 'open'})"] = "at must be one of close, got 'open'",
    ["ctx:order('AAPL', 5, {time_in_force = 'ioc'})"] =
        "time_in_force must be one of gtc, day, gtd, got 'ioc'",
    ["ctx:order('AAPL', 5, {time_in_force = 'gtd'})"] = "needs good_till",
    ["ctx:order('AAPL', 5, {good_till = 'soon'})"] = "good_till is a date such as",
    ["ctx:order('AAPL', 5, {good_till = '1990-01-01'})"] = "good_till lies in the past",
    ["ctx:order('AAPL', 5, {reduce_only = 1})"] = "reduce_only must be true or false, got 1",
    ["ctx:order('AAPL', 5, {oco = 7})"] = "oco: no order 7; there are 0 so far",
    ["ctx:order('AAPL', 5, {stop_loss = 'x'})"] = "stop_loss must be a price or a table",
    ["ctx:order('AAPL', 5, {stop_loss = {pct = 1}})"] = "stop_loss: unknown option 'pct'",
    ["ctx:order('AAPL', 5, {stop_loss = {percent = 5}})"] = "below 1, got 5; 5 % is 0.05",
    ["ctx:order('AAPL', 5, {stop_loss = {percent = 0.1, limit = 9}})"] = "below 1, got 9; 5 % is",
    ["ctx:order('AAPL', 5, {take_profit = {percent = 50}})"] = "below 10, got 50; 5 % is 0.05",
    ["ctx:order('AAPL', 5, {take_profit = {trail = 5}})"] = "price, percent or amount is required",
    ["ctx:order('AAPL', 5, {stop_loss = 9, take_profit = 8})"] = "must lie above its stop",
    ["ctx:order_bracket('AAPL', 5)"] = "stop_loss or take_profit is required",
    ["ctx:order_oco('AAPL', 5, {limit = 5})"] = "two or more tables of options",
    ["ctx:close_position('X')"] = "close_position: no symbol 'X'",
    ["ctx:modify_order(9, {limit = 5})"] = "no order 9; there are 0 so far",
    ["ctx:modify_order(ctx:order('AAPL', 5), {limit = 5})"] = "has no limit to change",
    ["ctx:modify_order(ctx:order('AAPL', 5), {amount = -5})"] = "at least a lot beyond the 0 units",
    ["ctx:order('AAPL', 5, {limt = 10})"] = "unknown option 'limt'; did you mean 'limit'?",
    ["ctx:order('AAPL', 5, {size_at = 'fil'})"] = "did you mean 'fill'?",
    ["ctx.order('AAPL', 5)"] = "ctx.order: call it with a colon, ctx:order(...)",
    ["ctx.symbol 'AAPL'"] = "ctx.symbol: call it with a colon, ctx:symbol(...)",
    ["ctx.record{ a = 1 }"] = "ctx.record: call it with a colon",
    ["ctx.now()"] = "ctx.now: call it with a colon",
    ["ctx.get_open_orders()"] = "ctx.get_open_orders: call it with a colon",
    ["ctx:symbol 'MSTF'"] = "symbol: no symbol 'MSTF' in bundle 'names'; did you mean MSFT",
    ["ctx:symbol()"] = "symbol: an asset or a symbol is expected, got nil",
    ["ctx:symbols('AAPL', 'X')"] = "symbols: no symbol 'X'",
    ["ctx:sid(2)"] = "sid: a whole number 0..1 is expected, got 2",
    ["ctx:sid(0.5)"] = "sid: a whole number 0..1 is expected, got 0.5",
    ["ctx:cancel_order(0)"] = "cancel_order: the id that an order method returned is expected",
    ["ctx:cancel_order(99)"] = "cancel_order: no order 99",
    ["ctx:get_order('x')"] = "get_order: the id that an order method returned is expected, got x",
    ["ctx:get_open_orders 'X'"] = "get_open_orders: no symbol 'X'",
    ["ctx:record(5)"] = "record: names must be strings, got a number",
    ["ctx:record{ [1] = 5 }"] = "record: names must be strings, got a number",
    ["ctx:record{ a = 'x' }"] = "record: a must be a number, got 'x'",
    ["ctx:record{ a = 1, b = {} }"] = "record: b must be a number, got a table",
    ["ctx:record('', 1)"] = "record: a name has 1..200 bytes",
    ["ctx:random(0)"] = "interval is empty",
    ["ctx:random(1.5)"] = "integer expected",
    ["math.random(5, 1)"] = "interval is empty",
    ["ctx:random_normal('x')"] = "random_normal: the mean must be a number, got 'x'",
    ["ctx:indicator('sma', 'AAPL', {n = 0})"] = "n must be an integer at least 1",
    ["ctx:indicator('smaa', 'AAPL')"] = "indicator: no indicator 'smaa'; did you mean 'sma'?",
    ["ctx:indicator('sma', 'X')"] = "indicator: no symbol 'X'",
    ["ctx:indicator('sma', 'AAPL', {m = 5})"] = "unknown option 'm'",
    ["ctx:indicator('sma', 'AAPL', {field = 'clsoe'})"] = "did you mean 'close'?",
    ["ctx:indicator(5, 'AAPL')"] = "the name must be a string",
    ["require 'backlua.stats'"] = "has no backlua.stats; it has backlua.commission, backlua.d",
    ["ctx:set_commission(require 'backlua.commission'.none())"] = "set in initialize",
    ["ctx:set_slippage(require 'backlua.slippage'.none())"] = "set in initialize",
    ["ctx:set_long_only()"] = "set in initialize",
    ["ctx:set_margin{ leverage = 2 }"] = "set in initialize",
    ["ctx.portfolio.cash = 5"] = "portfolio is read-only: cannot set cash",
    ["print(ctx.portfolio.csh)"] = "portfolio has no field 'csh'; did you mean 'cash'?",
    ["print(ctx.account.leverag)"] = "account has no field 'leverag'; did you mean 'leverage'?",
    ["print(ctx.portfolio.positions.X)"] = "positions: no symbol 'X'",
    ["print(ctx.portfolio.positions.AAPL.amuont)"] = "position has no field 'amuont'; did you mean "
        .. "'amount'?",
    ["ctx.portfolio.positions.AAPL.amount = 5"] = "position is read-only: cannot set amount",
    ["ctx.portfolio.positions[1] = 5"] = "positions is read-only",
    ["ctx.portfolio.positions.AAPL.sid = -1 print(ctx.portfolio.positions.AAPL.amount)"] = "ended",
    ["setmetatable(ctx, {})"] = "protected metatable",
    ["unknown_function()"] = "attempt to call global 'unknown_function'",
}

local IN_INITIALIZE = {
    ["ctx:order('AAPL', 1)"] = "order: an order can be given on a bar",
    ["ctx:record{ a = 1 }"] = "record belongs in handle_data",
    ["ctx:set_commission(5)"] = "set_commission: a model is expected",
    ["ctx:set_commission(require 'backlua.slippage'.none())"] = "set_commission: ",
    ["ctx:set_slippage()"] = "set_slippage: a model is expected",
    ["ctx:set_margin(2)"] = "set_margin: options must be a table, got 2",
    ["ctx:set_margin{ leverag = 2 }"] = "did you mean 'leverage'?",
    ["ctx:set_margin{ leverage = 'x' }"] = "leverage must be a number or \"unlimited\"",
    ["ctx:set_margin{ leverage = -1 }"] = "leverage must be > 0, got -1",
    ["ctx:set_max_leverage('x')"] = "set_max_leverage: the leverage must be a number, got 'x'",
    ["ctx:set_history_start('nn')"] = "\"nan\" or \"error\" is expected, got 'nn'",
    ["ctx.set_long_only()"] = "ctx.set_long_only: call it with a colon",
}

describe("misuse", function()
    setup(function()
        market.daily("names", { AAPL = market.path { 10, 11 }, MSFT = market.path { 5, 6 } })
    end)
    teardown(market.clean)

    local function check(text, line, message)
        local said, err = backtest.error(text, { bundle = "names" })
        assert.equal("strategy", err.code, text)
        assert.equal(line, err.line, text .. "\n" .. said)
        assert.truthy(said:find(message, 1, true), text .. "\n" .. said)
        local _, lines = said:gsub("\n", "")
        assert.is_true(lines < 8)
    end

    it("on a bar raises at the strategy's line", function()
        for body, message in pairs(ON_A_BAR) do
            check(backtest.handle(body), 3, message)
        end
    end)

    it("in initialize raises at the strategy's line", function()
        for body, message in pairs(IN_INITIALIZE) do
            check("function handle_data() end\nfunction initialize(ctx)\n" .. body .. "\nend\n", 3,
                message)
        end
    end)

    it("can be caught by the strategy itself", function()
        backtest.run(backtest.handle "print(select(2, pcall(ctx.order, ctx, 'X', 1)))",
            { bundle = "names" })
        assert.truthy(backtest.printed[1]:find "order: no symbol 'X'")
    end)

    it("that the strategy catches names its line as well", function()
        local caught = "print(select(2, pcall(function()\n%s\nend)))"
        for body in pairs(ON_A_BAR) do
            backtest.run(backtest.handle(caught:format(body)), { bundle = "names" })
            assert.equal("(text):4:", (backtest.printed[1] or ""):sub(1, 9), body .. "\n"
                .. tostring(backtest.printed[1]))
        end
        for body in pairs(IN_INITIALIZE) do
            backtest.run("function handle_data() end\nfunction initialize(ctx)\n"
                .. caught:format(body) .. "\nend\n", { bundle = "names" })
            assert.equal("(text):4:", (backtest.printed[1] or ""):sub(1, 9), body .. "\n"
                .. tostring(backtest.printed[1]))
        end
    end)

    it("of a ctx kept from another run is named", function()
        local kept
        backtest.run({ handle_data = function(ctx) kept = ctx end }, { bundle = "names" })
        assert.has_error(function() kept:order("AAPL", 1) end, nil)
        local _, message = pcall(function() kept:order("AAPL", 1) end)
        assert.truthy(message:find "misuse_spec.lua:%d+: ctx:order: the run of this ctx has ended")
        _, message = pcall(function() return kept.portfolio.cash end)
        assert.truthy(message:find "the run has ended")
        _, message = pcall(function() return kept.portfolio.positions.AAPL.amount end)
        assert.truthy(message:find "no run is active")
    end)
end)
