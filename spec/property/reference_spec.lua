-- The engine against the plain second opinion of spec/support/reference.lua, on random markets,
-- order tapes and account rules: every cash figure, equity, fill, order and trade, to the last bit.

local child = require "spec.support.child"
local daily = require("spec.support.market").daily
local market = require "spec.support.random_market"
local random_actions = require "spec.support.random_actions"
local reference = require "spec.support.reference"
local sessions = require "spec.support.random_sessions"
local tapes = require "spec.support.random_tape"

local CASES = tonumber(os.getenv "PROPERTY_CASES") or 200
local MARKETS = 10

-- Positions of some runs are closed on the last bar.
local function closing(dice, rules)
    rules.close_at_end = dice(1, 4) == 1
    return rules
end

local function run_reference(m, tape, rules, actions)
    local s = { actions = actions }
    for key, value in pairs(rules) do
        s[key] = value
    end
    s.symbols, s.rows, s.bars, s.tape = m.symbols, m.rows, m.bars, tape
    s.month = function(row) return m.dates[row]:sub(1, 7) end
    s.session = m.session and function(row) return m.session[row] end
    return reference.run(s)
end

local function same(what, seed, i, expected, got)
    if expected ~= got then
        error(("seed %d: %s %d: the reference says %s, the engine %s")
            :format(seed, what, i, tostring(expected), tostring(got)), 0)
    end
end

-- Positions at each close.
local function compare_held(seed, m, expected, got)
    local held, rows = {}, {}
    for row = 1, m.rows do
        rows[got.equity.time[row]], held[row] = row, {}
    end
    for _, position in ipairs(got.positions) do
        held[rows[position.time]][position.symbol] = position.amount
    end
    for row = 1, m.rows do
        for _, symbol in ipairs(m.symbols) do
            same("units of " .. symbol .. " at row", seed, row, expected[row][symbol],
                held[row][symbol])
        end
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
        same("average price", seed, i, order.average, got.orders[i].average_price)
        same("reason of order", seed, i, order.reason, got.orders[i].reason)
        same("status of order", seed, i, order.status, got.orders[i].status)
    end
    same("number of trades", seed, 0, #expected.trades, #got.trades)
    for i, trade in ipairs(expected.trades) do
        for _, key in ipairs { "symbol", "amount", "entry_price", "exit_price", "bars",
            "commission", "pnl", "mae", "mfe" } do
            same("trade " .. key, seed, i, trade[key], got.trades[i][key])
        end
    end
    same("ambiguous bars", seed, 0, expected.ambiguous, got.ambiguous_bars)
    for row = 1, m.rows do
        same("cash at row", seed, row, expected.cash[row], got.equity.cash[row])
        same("equity at row", seed, row, expected.value[row], got.equity.value[row])
    end
    compare_held(seed, m, expected.held, got)
end

-- Of market.daily.
local function day_of_daily(row)
    return os.date("!%Y-%m-%d", 1577836800 + (row - 1) * 86400)
end

-- How many of what a run held came to an end.
local function ends_of(result)
    local count = 0
    for _, action in ipairs(result.actions) do
        local ends = action.kind == "merger" or action.kind == "delisting"
        count = count + (ends and 1 or 0)
    end
    return count
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
            local m, rules = markets[which], closing(dice, tapes.rules(dice))
            local tape = tapes.draw(dice, m)
            local got = tapes.run(tape, rules, home .. "/m" .. which, market.day)
            compare(seed, m, run_reference(m, tape, rules), got)
            traded = traded + #got.fills
        end
        assert.is_true(traded > 10 * CASES, "too few fills to mean anything: " .. traded)
    end)

    it("agree to the bit on margin, capital, contracts, ends of assets and costs in Lua", function()
        local ended, calls, asked, refused = 0, 0, 0, 0
        for seed = 1, CASES do
            local dice = market.dice(9000 + seed)
            local m, rules = market.random(700 + seed), closing(dice, tapes.professional(dice))
            local actions = random_actions.endings(dice, m, random_actions.draw(dice, m))
            daily("ends", random_actions.bars(m, m.rows), actions)
            for row = 1, m.rows do
                m.dates[row] = day_of_daily(row)
            end
            local tape = tapes.draw(dice, m)
            local expected = run_reference(m, tape, rules, actions)
            local ok, got = pcall(tapes.run, tape, rules, "ends", day_of_daily)
            if expected.refused then
                assert.truthy(not ok and tostring(got):find("capital change of", 1, true), got)
                refused = refused + 1
            else
                assert(ok, got)
                compare(seed, m, expected, got)
                calls = calls + expected.calls
                asked = asked + (rules.commission.fee and #got.fills or 0)
                ended = ended + ends_of(got)
            end
        end
        assert.is_true(refused < CASES / 4, "too many accounts in ruin: " .. refused)
        assert.is_true(ended > CASES / 4, "too few ends to mean anything: " .. ended)
        assert.is_true(calls > CASES / 4, "too few margin calls to mean anything: " .. calls)
        assert.is_true(asked > CASES, "too few questions to mean anything: " .. asked)
    end)

    it("agree to the bit on minutes of sessions of any length", function()
        local traded, compared = 0, 0
        for seed = 1, CASES do
            local dice = market.dice(20000 + seed)
            local m = sessions.draw(dice, market.random(1300 + seed, 3, 60))
            local rules = closing(dice, tapes.professional(dice))
            local actions = sessions.actions(dice, m)
            rules.changes = sessions.changes(m, rules.changes)
            sessions.store("minutes", m, actions)
            local tape = tapes.draw(dice, m)
            local expected = run_reference(m, tape, rules, actions)
            local ok, got = pcall(tapes.run, tape, rules, "minutes", sessions.close_of(m),
                { date = function(row) return m.dates[row] end })
            assert.equal(expected.refused or false, not ok, got)
            if ok then
                compare(seed, m, expected, got)
                traded, compared = traded + #got.fills, compared + 1
            end
        end
        assert.is_true(compared > CASES / 2, "too many accounts in ruin: " .. CASES - compared)
        assert.is_true(traded > 10 * CASES, "too few fills to mean anything: " .. traded)
    end)

    it("agree to the bit when assets split and pay dividends", function()
        local happened = 0
        for seed = 1, CASES do
            local dice = market.dice(3000 + seed)
            local m = market.random(500 + math.ceil(seed / 4))
            local rules = closing(dice, tapes.rules(dice))
            local actions = random_actions.draw(dice, m)
            daily("actions", random_actions.bars(m, m.rows), actions)
            for row = 1, m.rows do
                m.dates[row] = day_of_daily(row)
            end
            local tape = tapes.draw(dice, m)
            local got = tapes.run(tape, rules, "actions", day_of_daily)
            compare(seed, m, run_reference(m, tape, rules, actions), got)
            happened = happened + #got.actions
        end
        assert.is_true(happened > CASES, "too few actions to mean anything: " .. happened)
    end)
end)
