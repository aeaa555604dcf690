-- Random splits and dividends for the markets of spec/support/random_market.lua, and such a market
-- as the bars of spec/support/market.lua, whole or cut.

local random_actions = {}

-- Some for a market; days count from 1, a few lie after the end.
function random_actions.draw(dice, m)
    local actions, split_on = {}, {}
    for _ = 1, dice(3, 12) do
        local symbol, day = m.symbols[dice(1, #m.symbols)], dice(1, m.rows + 3)
        if dice(1, 2) == 1 and not split_on[symbol .. day] then
            split_on[symbol .. day] = true
            table.insert(actions, { kind = "split", symbol = symbol, day = day,
                ratio = ({ 2, 3, 1.5, 0.1, 7 })[dice(1, 5)] })
        else
            table.insert(actions, { kind = "dividend", symbol = symbol, day = day,
                amount = dice(1, 300) / 64 + #actions / 1024,
                pay = dice(1, 2) == 1 and day + dice(0, 9) or nil })
        end
    end
    return actions
end

-- Of a merger or a delisting of an asset on a day.
local function draw_end(dice, m, symbol, day)
    if dice(1, 2) == 1 then
        return { kind = "delisting", symbol = symbol, day = day,
            price = dice(1, 2) == 1 and dice(1, 640) / 64 or nil }
    end
    local ratio = ({ 0, 0.5, 2, 1.25 })[dice(1, 4)]
    return { kind = "merger", symbol = symbol, day = day, ratio = ratio,
        other = ratio > 0 and m.symbols[1] or nil,
        cash = (ratio == 0 or dice(1, 2) == 1) and dice(1, 900) / 64 or 0 }
end

-- Let assets other than the first end: their bars from then on go, and their actions of later days.
-- One may split or pay on the day it ends, and so may the one it becomes.
function random_actions.endings(dice, m, actions)
    local kept, last, ends = {}, {}, {}
    for i = 2, #m.symbols do
        local symbol, day = m.symbols[i], dice(8, m.rows)
        if dice(1, 3) > 1 then
            last[symbol], ends[#ends + 1] = day, draw_end(dice, m, symbol, day)
            for row = day, m.rows do
                m.bars[symbol][row] = nil
            end
        end
    end
    for _, a in ipairs(actions) do
        kept[#kept + 1] = (not last[a.symbol] or a.day <= last[a.symbol]) and a or nil
    end
    for _, e in ipairs(ends) do
        kept[#kept + 1] = e
    end
    return kept
end

-- Bars up to a row, for market.daily.
function random_actions.bars(m, row)
    local assets = {}
    for _, symbol in ipairs(m.symbols) do
        local list, any = {}, false
        for r = 1, row do
            local b = m.bars[symbol][r]
            any = any or b ~= nil
            list[r] = b and { b.open, b.high, b.low, b.close, b.volume } or false
        end
        assets[symbol] = any and list or nil
    end
    return assets
end

return random_actions
