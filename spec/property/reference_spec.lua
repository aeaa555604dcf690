-- The engine against the plain second opinion of spec/support/reference.lua, on random markets,
-- order tapes and account rules: every cash figure, equity, fill, order and trade, to the last bit.

local child = require "spec.support.child"
local market = require "spec.support.random_market"
local reference = require "spec.support.reference"

local CASES = tonumber(os.getenv "PROPERTY_CASES") or 200
local MARKETS = 10

local KINDS = { "amount", "value", "percent", "target", "target_value", "target_percent" }
local METHODS = {
    amount = "order", value = "order_value", percent = "order_percent", target = "order_target",
    target_value = "order_target_value", target_percent = "order_target_percent",
}

local function number_for(dice, kind)
    local sign = dice(1, 4) == 1 and -1 or 1
    if dice(1, 8) == 1 then
        return 0
    elseif kind == "amount" or kind == "target" then
        return sign * dice(1, 400)
    elseif kind:find "value" then
        return sign * dice(10, 60000)
    end
    return sign * dice(1, 140) / 100
end

local function random_tape(dice, m)
    local tape = {}
    for row = 1, m.rows do
        tape[row] = {}
        for _ = 1, dice(0, 3) do
            local kind = KINDS[dice(1, #KINDS)]
            table.insert(tape[row], {
                symbol = m.symbols[dice(1, #m.symbols)], kind = kind,
                number = number_for(dice, kind), at_fill = dice(1, 3) == 1,
            })
        end
    end
    return tape
end

local function random_rules(dice)
    local commissions = {
        { kind = "none", cost = 0 },
        { kind = "per_share", cost = 0.0078125, minimum = dice(0, 1) * 1.5 },
        { kind = "per_trade", cost = 4.95 },
        { kind = "per_dollar", cost = 0.001 },
    }
    local slippages = {
        {}, { bps = 5, volume_limit = 0.1 }, { bps = 12.5 }, { volume_limit = 0.025 },
    }
    return {
        capital = dice(1, 3) == 1 and 5000 or 100000,
        fill = ({ "next_open", "next_close", "same_close" })[dice(1, 3)],
        lot = ({ 1, 1, 10, 0.25 })[dice(1, 4)],
        leverage = ({ 1, 1, 2, math.huge })[dice(1, 4)],
        reject = dice(1, 4) == 1, long_only = dice(1, 4) == 1,
        commission = commissions[dice(1, 4)], slippage = slippages[dice(1, 4)],
    }
end

local function commission_of(rules)
    local commission = require "backlua.commission"
    local c = rules.commission
    if c.kind == "none" then
        return commission.none {}
    elseif c.kind == "per_share" then
        return commission.per_share { cost = c.cost, min_trade_cost = c.minimum }
    elseif c.kind == "per_trade" then
        return commission.per_trade { cost = c.cost }
    end
    return commission.per_dollar { cost = c.cost }
end

local function slippage_of(rules)
    local slippage = require "backlua.slippage"
    local s = rules.slippage
    return slippage.fixed_bps { basis_points = s.bps or 0, volume_limit = s.volume_limit or 0 }
end

local function run_engine(tape, rules, bundle)
    local row = 0
    local strategy = {
        handle_data = function(ctx)
            row = row + 1
            for _, o in ipairs(tape[row]) do
                ctx[METHODS[o.kind]](ctx, o.symbol, o.number,
                    o.at_fill and { size_at = "fill" } or nil)
            end
        end,
    }
    return assert(require("backlua").run {
        strategy = strategy, bundle = bundle, capital = rules.capital, fill = rules.fill,
        lot = rules.lot, leverage = rules.leverage, long_only = rules.long_only,
        on_insufficient = rules.reject and "reject" or "reduce",
        commission = commission_of(rules), slippage = slippage_of(rules),
    })
end

local function run_reference(m, tape, rules)
    local s = {}
    for key, value in pairs(rules) do
        s[key] = value
    end
    s.symbols, s.rows, s.bars, s.tape = m.symbols, m.rows, m.bars, tape
    return reference.run(s)
end

local function same(what, seed, i, expected, got)
    if expected ~= got then
        error(("seed %d: %s %d: the reference says %s, the engine %s")
            :format(seed, what, i, tostring(expected), tostring(got)), 0)
    end
end

local function compare(seed, m, expected, got)
    for i, fill in ipairs(expected.fills) do
        local other = got.fills[i] or {}
        for _, key in ipairs { "symbol", "amount", "price", "commission", "slippage" } do
            same("fill " .. key, seed, i, fill[key], other[key])
        end
        same("order of fill", seed, i, fill.order, other.order_id)
    end
    same("number of fills", seed, 0, #expected.fills, #got.fills)
    same("number of orders", seed, 0, #expected.orders, #got.orders)
    for i, order in ipairs(expected.orders) do
        same("order amount", seed, i, order.amount, got.orders[i].amount)
        same("order filled", seed, i, order.filled, got.orders[i].filled)
    end
    same("number of trades", seed, 0, #expected.trades, #got.trades)
    for i, trade in ipairs(expected.trades) do
        for _, key in ipairs { "symbol", "amount", "entry_price", "exit_price" } do
            same("trade " .. key, seed, i, trade[key], got.trades[i][key])
        end
    end
    for row = 1, m.rows do
        same("cash at row", seed, row, expected.cash[row], got.equity.cash[row])
        same("equity at row", seed, row, expected.value[row], got.equity.value[row])
    end
end

describe("the engine and the plain reference", function()
    local home, markets

    setup(function()
        home, markets = child.scratch(), {}
        for i = 1, MARKETS do
            markets[i] = market.random(i)
            market.ingest(markets[i], "m" .. i, home)
        end
    end)
    teardown(child.clean)

    it("agree to the bit on " .. CASES .. " random tapes", function()
        local traded = 0
        for seed = 1, CASES do
            local dice = market.dice(1000 + seed)
            local which = seed % MARKETS + 1
            local m, rules = markets[which], random_rules(dice)
            local tape = random_tape(dice, m)
            local got = run_engine(tape, rules, home .. "/m" .. which)
            compare(seed, m, run_reference(m, tape, rules), got)
            traded = traded + #got.fills
        end
        assert.is_true(traded > 10 * CASES, "too few fills to mean anything: " .. traded)
    end)
end)
