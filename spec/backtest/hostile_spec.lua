-- Numbers that are none, or too large, wherever money is decided: a named error at the strategy's
-- line, or a run whose books stay finite. Money never becomes NaN.

local backtest = require "spec.support.backtest"
local market = require "spec.support.market"

local NUMBERS = { "0/0", "1/0", "-1/0", "1e308", "-1e308", "1e18", "-1e18", "1e15", "2^53",
    "5e-324", "-5e-324", "-0.0", "0", "1e-9", "0.1 + 0.2", "nil", "'5'", "true", "{}" }

local METHODS = { "order", "order_value", "order_percent", "order_target", "order_target_value",
    "order_target_percent" }

local OPTIONS = { "limit", "stop", "trail", "trail_percent" }

local SETTINGS = {
    "ctx:set_max_leverage(%s)", "ctx:set_margin{leverage = %s}", "ctx:set_margin{initial = %s}",
    "ctx:set_margin{maintenance = %s}", "ctx:set_margin{cash_rate = %s}",
    "ctx:set_margin{debit_rate = %s}", "ctx:set_margin{borrow_rate = %s}",
    "ctx:set_terms('A', {lot = %s})", "ctx:set_terms('A', {multiplier = %s})",
    "ctx:set_terms('A', {tick = %s})", "ctx:set_max_order_size{max_shares = %s}",
    "ctx:set_max_position_size{max_notional = %s}", "ctx:set_max_order_count(%s)",
    "ctx:set_commission(commission.per_share{cost = %s})",
    "ctx:set_commission(commission.per_share{cost = 1, min_trade_cost = %s})",
    "ctx:set_commission(commission.per_trade{cost = %s})",
    "ctx:set_commission(commission.per_dollar{cost = %s})",
    "ctx:set_commission(commission.maker_taker{maker = %s, taker = 0.1})",
    "ctx:set_commission(commission.tiered{tiers = {{from = 0, rate = %s}}})",
    "ctx:set_slippage(slippage.fixed_bps{basis_points = %s})",
    "ctx:set_slippage(slippage.fixed_spread{spread = %s})",
    "ctx:set_slippage(slippage.volume_share{price_impact = %s})",
    "ctx:set_slippage(slippage.volume_share{volume_limit = %s})",
    "ctx:set_slippage(slippage.volatility_volume{eta = %s})",
    "ctx:set_capital_changes{{date = '2020-01-02', amount = %s}}",
    "ctx:set_commission(function() return %s end)", "ctx:set_slippage(function() return %s end)",
}

local HEAD = "local commission, slippage = require 'backlua.commission', require "
    .. "'backlua.slippage' function initialize(ctx)\n"

local function is_finite(v)
    return v - v == 0
end

local function check_books(result, what)
    for i = 1, result.bars do
        assert.is_true(is_finite(result.equity.cash[i]), what)
        assert.is_true(is_finite(result.equity.value[i]), what)
    end
    for _, name in ipairs { "fills", "trades", "open_trades", "flows" } do
        for _, row in ipairs(result[name]) do
            for _, key in ipairs { "amount", "price", "commission", "slippage", "pnl" } do
                assert.is_true(row[key] == nil or is_finite(row[key]), what .. " " .. key)
            end
        end
    end
    assert.is_true(is_finite(result.metrics.total_commission), what)
end

-- Either the books are finite, or an error names what was wrong; at a line where one is expected.
local function check(text, line, what, options)
    local given = { bundle = "hostile", leverage = "unlimited" }
    for key, value in pairs(options or {}) do
        given[key] = value
    end
    local result, err = backtest.run(text, given)
    if result then
        check_books(result, what)
        result:free()
        return 1, 0
    end
    local overflow = err.message:find("equity is no longer a finite number", 1, true)
    if not overflow and line then
        assert.equal("strategy", err.code, what .. "\n" .. err.message)
        assert.equal(line, err.line, what .. "\n" .. err.message)
    end
    assert.is_true(#err.message > 20, what)
    assert.is_nil(err.message:find("attempt to", 1, true), what .. "\n" .. err.message)
    return 0, 1
end

describe("hostile numbers", function()
    setup(function()
        market.daily("hostile", {
            A = market.path { 10, 10, 20, 5, 8, 9 },
            B = market.path { 1e9, 1e9, 2e9, 1e-3, 1e9, 7 },
        })
    end)
    teardown(market.clean)

    -- Counts of runs that went through and of errors.
    local function each(list, build, line, options)
        local ran, failed = 0, 0
        for _, entry in ipairs(list) do
            for _, value in ipairs(NUMBERS) do
                local text = build(entry, value)
                local a, b = check(text, line, text, options)
                ran, failed = ran + a, failed + b
            end
        end
        return ran, failed
    end

    it("as amounts", function()
        for _, symbol in ipairs { "A", "B" } do
            for _, more in ipairs { "", ", {size_at = 'fill'}" } do
                local ran, failed = each(METHODS, function(method, value)
                    return backtest.handle(("ctx:%s('%s', %s%s)"):format(method, symbol, value,
                        more))
                end, 3)
                assert.is_true(ran > 20 and failed > 20, ran .. " ran, " .. failed .. " failed")
            end
        end
    end)

    it("as prices of orders", function()
        local ran, failed = each(OPTIONS, function(option, value)
            return backtest.handle(("ctx:order('A', 10, {%s = %s})"):format(option, value))
        end, 3)
        assert.is_true(ran > 10 and failed > 20)
        each(OPTIONS, function(option, value)
            return backtest.handle(("ctx:order('A', -10, {stop_loss = {%s = %s}})"):format(
                option == "limit" and "amount" or option == "stop" and "percent" or option, value))
        end, 3)
        each({ "amount", "limit" }, function(option, value)
            return backtest.handle(("ctx:modify_order(ctx:order('A', 10, {limit = 9}), {%s = %s})")
                :format(option, value))
        end, 3)
    end)

    it("as rules of the account", function()
        local ran, failed = each(SETTINGS, function(setting, value)
            return HEAD .. setting:format(value) .. "\nend function handle_data(ctx)\n"
                .. "ctx:order_percent('A', 0.5) ctx:order('B', -3) end"
        end)
        assert.is_true(ran > 50 and failed > 150, ran .. " ran, " .. failed .. " failed")
    end)

    it("again and again, on a margin account that is called", function()
        for seed = 1, 60 do
            local text = ([[
                function initialize(ctx)
                    ctx:set_margin{leverage = 4, maintenance = 0.2, borrow_rate = 0.5,
                        debit_rate = 0.3}
                end
                function handle_data(ctx)
                    for _, symbol in ipairs { "A", "B" } do
                        ctx:order_target_percent(symbol, (ctx:random() - 0.5) * 10)
                    end
                end]])
            check(text, nil, "seed " .. seed, { seed = seed, leverage = 4 })
        end
    end)

    it("as options of a run", function()
        local backlua = require "backlua"
        for _, name in ipairs { "capital", "lot", "leverage", "periods_per_year", "risk_free",
            "seed" } do
            for _, value in ipairs { 0 / 0, 1 / 0, -1 / 0, -1, "5", {} } do
                local options = { strategy = backtest.handle "ctx:order('A', 1)",
                    bundle = "hostile", [name] = value }
                local ok, result = pcall(backlua.run, options)
                if ok and result then
                    check_books(result, name)
                elseif not ok then
                    assert.truthy(result:find(name, 1, true), result)
                end
            end
        end
    end)
end)
