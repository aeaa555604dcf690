-- Prices of orders are whole ticks, never in the strategy's favour: a limit asks for more, a stop
-- waits for more. Ticks are 0.5 here.

local backtest = require "spec.support.backtest"
local market = require "spec.support.market"

describe("whole ticks", function()
    setup(function()
        market.daily("ticks", { A = {
            { 10, 10, 10, 10, 1e6 }, { 10.3, 10.3, 10.3, 10.3, 1e6 },
            { 10.3, 10.9, 10.3, 10.9, 1e6 }, { 5.2, 5.2, 5.2, 5.2, 1e6 },
            { 5.2, 5.2, 5.2, 5.2, 1e6 } } },
            { { kind = "split", symbol = "A", day = 4, ratio = 2 } })
    end)
    teardown(market.clean)

    -- Limit and stop of each open order at the close of each bar, by the line.
    local function prices(order, more)
        assert(backtest.run(([[
            local bar = 0
            function initialize(ctx) ctx:set_terms("A", { tick = 0.5 }) end
            function handle_data(ctx)
                bar = bar + 1
                if bar == 1 then id = %s end
                %s
                local line = {}
                for _, o in ipairs(ctx:get_open_orders("A")) do
                    table.insert(line, tostring(o.limit or "-") .. "/" .. tostring(o.stop or "-"))
                end
                print(table.concat(line, " "))
            end]]):format(order, more or ""):gsub("local bar = 0", "local bar, id = 0"),
            { bundle = "ticks", leverage = "unlimited" }))
        return backtest.printed
    end

    it("of a bracket's exits", function()
        -- 10.3 less and plus 10 %: 9.27 and 11.33; after the split half of 9 and 11.5, rounded
        local function shows(lines, bar, limit, stop)
            assert.truthy(lines[bar]:find(limit .. "/-", 1, true), lines[bar])
            assert.truthy(lines[bar]:find("-/" .. stop, 1, true), lines[bar])
        end
        local exits = "{stop_loss = {percent = 0.1}, take_profit = {percent = 0.1}})"
        local lines = prices("ctx:order('A', 10, " .. exits)
        shows(lines, 2, "11.5", "9")
        shows(lines, 4, "6", "4.5")
        shows(prices("ctx:order('A', -10, " .. exits), 2, "9", "11.5")
    end)

    it("of a trailing stop, wherever it goes", function()
        -- 10 - 1, 10.3 - 1, 10.9 - 1
        local lines = prices "ctx:order('A', -10, {trail = 1})"
        assert.same({ "-/9", "-/9", "-/9.5" }, { lines[1], lines[2], lines[3] })
        lines = prices "ctx:order('A', 10, {trail_percent = 0.07})" -- 10.7
        assert.equal("-/11", lines[1])
    end)

    it("of the limit behind a trailing stop", function()
        -- 10.9 - 1; after the split half of 9.5
        local lines = prices "ctx:order('A', -10, {trail = 1, limit_offset = 0.2})"
        assert.equal("-/9.5", lines[3])
        assert.equal("-/4.5", lines[4])
    end)

    it("of a change", function()
        local lines = prices("ctx:order('A', 10, {limit = 3})",
            "if bar == 2 then ctx:modify_order(id, {limit = 9.8}) end")
        assert.same({ "3/-", "9.5/-" }, { lines[1], lines[2] })
    end)
end)
