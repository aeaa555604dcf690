-- The markets of spec/support/random_market.lua as minutes of sessions of one to six bars, with
-- days between them on which nobody trades.
--
--     local m = sessions.draw(dice, market)     adds m.session[row] (a day), m.first[i] (the first
--                                               row of the i-th session)
--     sessions.store(name, m, actions)          the bars as a bundle; days of actions are rows
--     sessions.close_of(m)(row)                 unix seconds just after a row's close

local minutes = require "spec.support.market"
local random_actions = require "spec.support.random_actions"

local sessions = {}

local FIRST_DAY, DAY, OPEN = 18262, 86400, 14.5 * 3600 -- 2020-01-01

function sessions.draw(dice, m)
    m.session, m.first, m.minute = {}, {}, {}
    local day, left = FIRST_DAY, 0
    for row = 1, m.rows do
        if left == 0 then
            day, left = row == 1 and day or day + dice(1, 3), dice(1, 6)
            m.first[#m.first + 1] = row
        end
        left = left - 1
        m.session[row], m.minute[row] = day, row - m.first[#m.first]
        m.dates[row] = os.date("!%Y-%m-%d", day * DAY)
    end
    return m
end

-- Actions drawn for days, the i-th being the i-th session, with rows for days; one beyond the end
-- stays beyond it.
local function on_rows(m, actions)
    for _, a in ipairs(actions) do
        a.day = m.first[a.day] or m.rows + a.day
        a.pay = a.pay and (m.first[a.pay] or m.rows + a.pay)
    end
    return actions
end

--- Splits, dividends and ends of assets; their bars go.
function sessions.actions(dice, m)
    local days = { symbols = m.symbols, rows = #m.first, bars = {} }
    for _, symbol in ipairs(m.symbols) do
        days.bars[symbol] = {}
    end
    local actions = on_rows(m, random_actions.endings(dice, days, random_actions.draw(dice, days)))
    for _, a in ipairs(actions) do
        local ends = a.kind == "merger" or a.kind == "delisting"
        for row = ends and a.day or m.rows + 1, m.rows do
            m.bars[a.symbol][row] = nil
        end
    end
    return actions
end

local function day_of(m, row)
    return row and (m.session[row] or m.session[m.rows] + row - m.rows) - FIRST_DAY + 1
end

function sessions.store(name, m, actions)
    local dated = {}
    for i, a in ipairs(actions) do
        dated[i] = {}
        for key, value in pairs(a) do
            dated[i][key] = value
        end
        dated[i].day, dated[i].pay = day_of(m, a.day), day_of(m, a.pay)
    end
    minutes.timed(name, random_actions.bars(m, m.rows), "1m", function(row)
        local open = (m.session[row] * DAY + OPEN + m.minute[row] * 60) * 1000000LL
        return open, open + 60000000LL, m.session[row]
    end, dated)
end

--- The first instant after a row, beyond the end as well.
function sessions.close_of(m)
    return function(row)
        local last = math.min(row, m.rows)
        return m.session[last] * DAY + OPEN + m.minute[last] * 60 + 61 + (row - last) * 60
    end
end

--- Changes of capital, drawn for any rows, on the first rows of their sessions.
function sessions.changes(m, changes)
    local moved = {}
    for row, change in pairs(changes) do
        while row > 1 and m.session[row - 1] == m.session[row] do
            row = row - 1
        end
        moved[row] = change
    end
    return moved
end

return sessions
