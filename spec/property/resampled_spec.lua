-- As-of at coarser frequencies, among splits and dividends: what history shows of weeks, months,
-- hours and days at an instant is, to the bit, what it shows in a bundle that ends there; and no
-- later bar, split or dividend changes it, however wild.

local bar = require "spec.support.bar"
local market = require "spec.support.market"
local random_actions = require "spec.support.random_actions"
local random_market = require "spec.support.random_market"

local CASES = math.max(4, math.floor((tonumber(os.getenv "PROPERTY_CASES") or 200) / 20))
local INSTANTS = 3
local FIELDS = { "open", "high", "low", "close", "volume", "price" }
local MODES = { "none", "splits", "all" }
local POISON = { 1e9, 1e9, 1e-9, 1e9, 1e12 }

local FIRST_DAY, MINUTE = 18262, 60000000LL -- 2020-01-01

-- What is stored: a row a day; or A_DAY rows of a minute in each session, 17 minutes apart, so that
-- hours end between them, at them, and with the session.
local A_DAY = 12
local BASES = {
    { rows = 70, frequencies = { "1w", "1mo" },
        store = market.daily,
        day_of = function(row)
            return row
        end },
    { rows = 8 * A_DAY, frequencies = { "1h", "1d", "1w" },
        store = function(name, assets, actions)
            market.timed(name, assets, "1m", function(row)
                local day = FIRST_DAY + math.floor((row - 1) / A_DAY)
                local open = (day * 1440 + 870 + (row - 1) % A_DAY * 17) * MINUTE
                return open, open + MINUTE, day
            end, actions)
        end,
        day_of = function(row)
            return math.floor((row - 1) / A_DAY) + 1
        end },
}

-- The actions up to a day, of assets that are there; later: and wild ones on each day after it.
local function actions_until(actions, assets, day, last, later)
    local kept = {}
    for _, a in ipairs(actions) do
        if assets[a.symbol] and a.day <= day then
            kept[#kept + 1] = a
        end
    end
    for symbol in pairs(later and assets or {}) do
        for d = day + 1, last do
            kept[#kept + 1] = { kind = "split", symbol = symbol, day = d, ratio = 0.001 }
            kept[#kept + 1] = { kind = "dividend", symbol = symbol, day = d, amount = 900 }
        end
    end
    return kept
end

-- The bars up to a row, and from then on one that is far off in each.
local function poisoned(m, row)
    local assets = random_actions.bars(m, row)
    for _, list in pairs(assets) do
        for r = row + 1, m.rows do
            list[r] = POISON
        end
    end
    return assets
end

local function text_of(view)
    local list = {}
    for i, x in ipairs(view:totable()) do
        list[i] = ("%.17g"):format(x)
    end
    return table.concat(list, " ") .. (" sum %.17g sd %.17g"):format(view:sum(), view:std())
end

-- Everything that history shows of coarser bars.
local function everything(data, symbols, frequencies)
    local out = {}
    for _, frequency in ipairs(frequencies) do
        for _, mode in ipairs(MODES) do
            for _, partial in ipairs { false, true } do
                local options = { adjust = mode, partial = partial }
                local f = data:history(symbols, FIELDS, 5, frequency, "frame", options)
                for _, symbol in ipairs(symbols) do
                    for _, field in ipairs(FIELDS) do
                        local text = text_of(data:history(symbol, field, 5, frequency, "array",
                            options))
                        assert(text == text_of(f[symbol][field]), "array and frame differ")
                        out[#out + 1] = ("%s %s %s %s %s: %s"):format(frequency, mode,
                            tostring(partial), symbol, field, text)
                    end
                end
                out[#out + 1] = tostring(f.time)
            end
        end
    end
    return out
end

-- Nil, or the first line in which two differ.
local function difference(one, two)
    for i = 1, math.max(#one, #two) do
        if one[i] ~= two[i] then
            return ("%s\nis not\n%s"):format(tostring(one[i]), tostring(two[i]))
        end
    end
end

local function check(base, seed)
    local m = random_market.random(seed, 3, base.rows)
    local dice = random_market.dice(seed + 9000)
    local last = base.day_of(m.rows)
    local drawn = random_actions.draw(dice, { symbols = m.symbols, rows = last })
    base.store("whole", random_actions.bars(m, m.rows), drawn)
    local instants, seen, row = {}, {}, 0
    for _ = 1, INSTANTS do
        instants[dice(12, m.rows - 1)] = true
    end
    bar.each({ bundle = "whole" }, function(_, data)
        row = row + 1
        seen[row] = instants[row] and everything(data, m.symbols, base.frequencies) or nil
    end)
    for t in pairs(instants) do
        local day = base.day_of(t)
        local cut, poison = random_actions.bars(m, t), poisoned(m, t)
        base.store("cut", cut, actions_until(drawn, cut, day))
        base.store("poisoned", poison, actions_until(drawn, poison, day, last, true))
        for _, name in ipairs { "cut", "poisoned" } do
            local differs = difference(seen[t], bar.at(t, { bundle = name }, function(_, data)
                return everything(data, m.symbols, base.frequencies)
            end))
            assert(not differs, ("seed %d, row %d, %s: %s"):format(seed, t, name, differs or ""))
        end
    end
end

describe("coarser bars as of an instant", function()
    teardown(market.clean)

    it("of days are those of a bundle that ends there", function()
        for seed = 1, CASES do
            check(BASES[1], seed)
        end
    end)

    it("of minutes are those of a bundle that ends there", function()
        for seed = 1, CASES do
            check(BASES[2], 500 + seed)
        end
    end)
end)
