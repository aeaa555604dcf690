-- As-of: what history shows at an instant is what it shows in a bundle that ends there, to the bit,
-- in each adjustment; and it is what a few lines of plain Lua make of the raw bars and the actions.

local bar = require "spec.support.bar"
local market = require "spec.support.market"
local random_actions = require "spec.support.random_actions"
local random_market = require "spec.support.random_market"

local CASES = math.max(4, math.floor((tonumber(os.getenv "PROPERTY_CASES") or 200) / 10))
local FIELDS = { "open", "high", "low", "close", "volume", "price" }
local MODES = { "none", "splits", "all" }

local function actions_until(actions, assets, row)
    local kept = {}
    for _, a in ipairs(actions) do
        if assets[a.symbol] and a.day <= row then
            kept[#kept + 1] = a
        end
    end
    return kept
end

local function text_of(view)
    local list = {}
    for i, x in ipairs(view) do
        list[i] = ("%.17g"):format(x)
    end
    return table.concat(list, " ") .. (" mean %.17g sd %.17g"):format(view:mean(), view:std())
end

-- Everything that history shows at a bar.
local function everything(data, symbols, n)
    local out = {}
    for _, symbol in ipairs(symbols) do
        for _, mode in ipairs(MODES) do
            for _, field in ipairs(FIELDS) do
                local w = data:history(symbol, field, n, "1d", "array", mode)
                local f = data:history { assets = { symbol }, bar_count = n, adjust = mode,
                    fields = { field, field == "open" and "high" or "open" } }
                local text = text_of(w)
                assert(text == text_of(f[symbol][field]), "array and frame differ")
                table.insert(out, symbol .. " " .. mode .. " " .. field .. " " .. text)
            end
            if mode == "all" then
                local w = data:history(symbol, "close", n, "1d", "array")
                table.insert(out, text_of(w))
            end
        end
    end
    return table.concat(out, "\n")
end

-- ---- the plain second opinion ------------------------------------------------------------------

-- What a day does to the prices before it: factors of price and volume.
local function factors(actions, symbol, day, mode, before)
    local price, volume, paid = 1, 1, 0
    for _, a in ipairs(actions) do
        if a.symbol == symbol and a.day == day and mode ~= "none" then
            if a.kind == "split" then
                price, volume = price * (1 / a.ratio), volume * a.ratio
            elseif mode == "all" then
                paid = paid + a.amount
            end
        end
    end
    before = before * price
    if paid > 0 and paid < before then
        price = price * (1 - paid / before)
    end
    return price, volume
end

-- The close of symbol on `now`, adjusted in a mode, for each row; all factors one by one.
local function plain(m, actions, symbol, mode, now)
    local list, last, first = {}, 0 / 0, nil
    local events = {}
    for row = 1, now do
        if first and row > first then
            local price = factors(actions, symbol, row, mode, last)
            events[row], last = price, last * price
        end
        local b = m.bars[symbol][row]
        if b then
            first, last = first or row, b.close
        end
    end
    for row = 1, now do
        local b, factor = m.bars[symbol][row], 1
        for later = now, row + 1, -1 do
            factor = factor * (events[later] or 1)
        end
        list[row] = b and b.close * factor or 0 / 0
    end
    return list
end

-- ------------------------------------------------------------------------------------------------

describe("history as of an instant", function()
    teardown(market.clean)

    it("is that of a bundle which ends there, and what the definition says", function()
        for seed = 1, CASES do
            local m = random_market.random(seed, 3, 24)
            local dice = random_market.dice(seed + 5000)
            local actions = random_actions.draw(dice, m)
            market.daily("whole", random_actions.bars(m, m.rows), actions)
            local whole, row = {}, 0
            bar.each({ bundle = "whole" }, function(_, data)
                row = row + 1
                whole[row] = everything(data, m.symbols, 20)
                for _, symbol in ipairs(m.symbols) do
                    for _, mode in ipairs(MODES) do
                        local w = data:history(symbol, "close", row, "1d", "array", mode)
                        for i, x in ipairs(plain(m, actions, symbol, mode, row)) do
                            assert(w[i] == x or (x ~= x and w[i] ~= w[i]),
                                ("seed %d, %s %s at %d, row %d: %.17g, expected %.17g"):format(seed,
                                    symbol, mode, row, i, w[i], x))
                        end
                    end
                end
            end)
            for _ = 1, 3 do
                local t = dice(8, m.rows)
                local assets = random_actions.bars(m, t)
                market.daily("cut", assets, actions_until(actions, assets, t))
                local r, at_t = 0, nil
                bar.each({ bundle = "cut" }, function(_, data)
                    r = r + 1
                    if r == t then
                        at_t = everything(data, m.symbols, 20)
                    end
                end)
                assert(at_t == whole[t], ("seed %d differs at %d"):format(seed, t))
            end
        end
    end)
end)
