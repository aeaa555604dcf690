-- What an account was worth at each close of a run, and the first close at which that of another
-- run is not the same.
--
-- Not all that a strategy knows shows in its decisions: its own slippage or commission is asked by
-- the engine, and what that takes from later bars changes fills alone. It shows here.
--
--     local list = {}            watch = closes.gather(list)      -- of a run (run.lua)
--     local meet = closes.compare(list, row)    watch = meet.watch, meet.difference()

local current = require "backlua.current"
local number = require "backlua.text.number"

local closes = {}

local lent = current.pointers

-- The same text means the same bits, and NaN is itself.
local function value_text()
    local value = lent.account.portfolio_value
    return value == value and number.shortest(value) or "nan"
end

--- A watch that adds { row, text } at each close to a list.
function closes.gather(list)
    return function()
        list[#list + 1] = { row = lent.account.row, text = value_text() }
        return false
    end
end

local function equity(text)
    return { text = "equity " .. text .. " at the close" }
end

local function difference(row, time, expected, found)
    local base, other = equity(expected), equity(found)
    base.row, other.row = row, row
    return { row = row, time = time, base = base, other = other }
end

--- A comparison with the closes of a first run, up to a row: its watch ends the run there, or at
-- the first close that differs. Closes that the first run did not have are not compared.
function closes.compare(list, last)
    local by_row, found = {}, nil
    for _, close in ipairs(list) do
        by_row[close.row] = close.text
    end

    local function watch()
        local row = lent.account.row
        local expected = row <= last and by_row[row]
        local text = expected and value_text()
        if expected ~= text then
            found = difference(row, tonumber(lent.account.now) / 1e6, expected, text)
        end
        return found ~= nil or row >= last
    end

    return { watch = watch, difference = function() return found end }
end

--- Text of a list, a line each.
function closes.encode(list)
    local lines = {}
    for i, close in ipairs(list) do
        lines[i] = ("%d\t%s\n"):format(close.row, close.text)
    end
    return table.concat(lines)
end

--- The list of such a text.
function closes.decode(text)
    local list = {}
    for row, value in text:gmatch "(%-?%d+)\t([^\n]*)\n" do
        list[#list + 1] = { row = tonumber(row), text = value }
    end
    return list
end

return closes
