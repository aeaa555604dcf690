-- A run cut at any bar: what comes before the cut is what the whole run did, and where the account
-- is flat at the cut, a new run with its cash goes on as the whole run did.

local child = require "spec.support.child"
local market = require "spec.support.random_market"
local tapes = require "spec.support.random_tape"

local CASES = tonumber(os.getenv "PROPERTY_CASES") or 200
local MARKETS = 10

local function same(seed, what, expected, got)
    if expected ~= got then
        error(("seed %d: %s: the whole run says %s, the part %s"):format(seed, what,
            tostring(expected), tostring(got)), 0)
    end
end

-- Fills of a result after a time, or all.
local function fills_from(result, time)
    local list = {}
    for _, fill in ipairs(result.fills) do
        list[#list + 1] = fill.time >= time and fill or nil
    end
    return list
end

-- Bars first .. of the whole run are those of the part; so are the fills.
local function compare(seed, whole, part, first)
    local time = part.equity.time[1] - 23400 -- the session's open
    for i = 1, part.bars do
        same(seed, "cash at " .. i, whole.equity.cash[first + i - 1], part.equity.cash[i])
        same(seed, "equity at " .. i, whole.equity.value[first + i - 1], part.equity.value[i])
    end
    local expected = fills_from(whole, time)
    for i, fill in ipairs(part.fills) do
        for _, key in ipairs { "symbol", "time", "amount", "price", "commission", "slippage" } do
            same(seed, ("%s of fill %d"):format(key, i), expected[i][key], fill[key])
        end
    end
    return expected
end

describe("a run that is cut", function()
    local home, markets

    setup(function()
        home, markets = child.scratch(), {}
        for i = 1, MARKETS do
            markets[i] = market.random(i)
            market.ingest(markets[i], "m" .. i, home)
        end
    end)
    teardown(child.clean)

    local function case(seed)
        local dice = market.dice(5000 + seed)
        local which = seed % MARKETS + 1
        local m, rules = markets[which], tapes.rules(dice)
        return dice, m, rules, tapes.draw(dice, m), home .. "/m" .. which
    end

    it("did until then what the whole run did, in " .. CASES .. " cases", function()
        local traded = 0
        for seed = 1, CASES do
            local dice, m, rules, tape, bundle = case(seed)
            local cut = dice(1, m.rows)
            local whole = tapes.run(tape, rules, bundle, market.day)
            local part = tapes.run(tape, rules, bundle, market.day, { last = cut })
            compare(seed, whole, part, 1)
            traded = traded + #part.fills
        end
        assert.is_true(traded > 5 * CASES, "too few fills to mean anything: " .. traded)
    end)

    it("goes on as the whole run did, in " .. CASES .. " cases", function()
        local traded, compared, seed = 0, 0, 0
        while compared < CASES do
            seed = seed + 1
            assert.is_true(seed < 20 * CASES, "the account is hardly ever flat")
            local dice, m, rules, tape, bundle = case(seed)
            local cut, flat = dice(5, m.rows - 5), false
            tape[cut - 3], tape[cut - 2] = { { flatten = true } }, {}
            tape[cut - 1], tape[cut] = { { flatten = true } }, {}
            local whole = tapes.run(tape, rules, bundle, market.day, { at = { [cut] = function(ctx)
                flat = ctx.portfolio.cash > 0 and next(ctx:get_open_orders()) == nil
                for _, asset in ipairs(ctx:symbols()) do
                    flat = flat and ctx.portfolio.positions[asset].amount == 0
                end
            end } })
            if flat and rules.commission.kind ~= "tiered" then -- a month's trades count there
                local part = tapes.run(tape, rules, bundle, market.day, { first = cut + 1,
                    capital = whole.equity.cash[cut] })
                assert.equal(#compare(seed, whole, part, cut + 1), #part.fills)
                traded, compared = traded + #part.fills, compared + 1
            end
        end
        assert.is_true(traded > 3 * CASES, "too few fills to mean anything: " .. traded)
    end)
end)
