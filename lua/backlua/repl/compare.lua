-- diff(a, b): two results, or two sessions, side by side.
--
-- What differs in what was run, the figures of both with their difference, and where they part:
-- the first bar whose equity is not the same, the first order that is not.

local date = require "backlua.text.date"
local number = require "backlua.text.number"
local render = require "backlua.text.table"

local compare = {}

local FIGURES = {
    { "total_return", "Total return", "percent" }, { "cagr", "CAGR", "percent" },
    { "volatility", "Volatility", "percent" }, { "sharpe_ratio", "Sharpe", "fixed" },
    { "sortino_ratio", "Sortino", "fixed" }, { "calmar_ratio", "Calmar", "fixed" },
    { "max_drawdown", "Max drawdown", "percent" }, { "trades", "Trades", "count" },
    { "win_rate", "Won", "percent" }, { "profit_factor", "Profit factor", "fixed" },
    { "exposure_time", "Exposure", "percent" }, { "turnover", "Turnover", "fixed" },
    { "total_commission", "Commission", "grouped" }, { "total_slippage", "Slippage", "grouped" },
}

-- Keys of an order that decide what it was.
local ORDER_KEYS = { "symbol", "kind", "request", "amount", "filled", "status", "reason", "created",
    "average_price" }

local function same(a, b)
    return a == b or a ~= a and b ~= b
end

-- ---- where they part ---------------------------------------------------------------------------

-- First row of two curves that differs, nil when they are one.
local function first_row(a, b)
    local n = math.min(#a.value, #b.value)
    for i = 1, n do
        if a.time[i] ~= b.time[i] or not same(a.value[i], b.value[i]) then
            return i
        end
    end
    return #a.value ~= #b.value and n + 1 or nil
end

-- Its number and the key in which the two differ.
local function first_order(a, b)
    for i = 1, math.max(#a, #b) do
        for _, key in ipairs(ORDER_KEYS) do
            if not a[i] or not b[i] or not same(a[i][key], b[i][key]) then
                return i, key
            end
        end
    end
end

local function order_text(order, frequency)
    if not order then
        return "none"
    end
    local amount = number.shortest(order.amount)
    if order.filled ~= 0 and order.filled ~= order.amount then
        amount = number.shortest(order.filled) .. " of " .. amount
    end
    return ("%s %s %s, %s"):format(date.bar(order.created, frequency), order.symbol, amount,
        order.reason ~= "none" and order.reason or order.status)
end

-- What differs, said in full where the short texts are the same.
local function orders_text(x, y, key, frequency)
    local left, right = order_text(x, frequency), order_text(y, frequency)
    if left == right then
        left = ("%s, %s %s"):format(left, key, tostring(x[key]))
        right = ("%s, %s %s"):format(right, key, tostring(y[key]))
    end
    return left .. " | " .. right
end

local function parting_lines(a, b)
    local lines = {}
    local row = first_row(a.equity, b.equity)
    local order, key = first_order(a.orders, b.orders)
    if row then
        local time = a.equity.time[row <= #a.equity.time and row or #a.equity.time]
        local function value(one)
            return row <= #one.equity.value and number.grouped(one.equity.value[row]) or "ended"
        end
        lines[#lines + 1] = ("equity differs from %s on: %s and %s"):format(
            date.bar(time, a.frequency), value(a), value(b))
    else
        lines[#lines + 1] = "equity is the same on every bar"
    end
    if order then
        lines[#lines + 1] = ("order %d differs: %s"):format(order,
            orders_text(a.orders[order], b.orders[order], key, a.frequency))
    else
        lines[#lines + 1] = "all orders are the same"
    end
    return lines, row, order
end

-- ---- what was run ------------------------------------------------------------------------------

local function shown(value)
    if type(value) == "number" then
        return number.shortest(value)
    end
    return value == nil and "-" or tostring(value)
end

local function params_rows(a, b)
    local names, seen, rows = {}, {}, {}
    for _, params in ipairs { a.params, b.params } do
        for name in pairs(params) do
            if not seen[name] and not same(a.params[name], b.params[name]) then
                names[#names + 1] = name
            end
            seen[name] = true
        end
    end
    table.sort(names)
    for i, name in ipairs(names) do
        rows[i] = { name, shown(a.params[name]), shown(b.params[name]) }
    end
    return rows
end

local function figure_rows(a, b)
    local rows = {}
    for _, figure in ipairs(FIGURES) do
        local key, title, form = figure[1], figure[2], figure[3]
        local x, y = a.metrics[key], b.metrics[key]
        rows[#rows + 1] = { title, number[form](x), number[form](y),
            same(x, y) and "" or number[form](y - x) }
    end
    return rows
end

-- ---- the object --------------------------------------------------------------------------------

-- The last bars of two runs, where they are not the same: figures over spans that differ.
local function span_row(a, b)
    local x, y = a.equity.time[#a.equity.time], b.equity.time[#b.equity.time]
    return not same(x, y)
        and { "Last bar", date.bar(x, a.frequency), date.bar(y, b.frequency) } or nil
end

local function text_of(difference)
    local a, b = difference.a, difference.b
    local columns = { {}, { title = a.name, right = true }, { title = b.name, right = true },
        { title = "difference", right = true } }
    local rows = params_rows(a, b)
    rows[#rows + 1] = span_row(a, b)
    for _, row in ipairs(figure_rows(a, b)) do
        rows[#rows + 1] = row
    end
    return render(columns, rows) .. table.concat(difference.lines, "\n")
end

local meta = { __tostring = text_of }

--- Compare two sides: { name, params, frequency, metrics, equity, orders }.
-- @return { same, first_row, first_order, a, b, lines }, printed as a table
function compare.sides(a, b)
    local lines, row, order = parting_lines(a, b)
    return setmetatable({ same = row == nil and order == nil, first_row = row,
        first_order = order, a = a, b = b, lines = lines }, meta)
end

-- The side of a result.
local function result_side(result, name)
    return { name = name, params = result.manifest.params, metrics = result.metrics,
        equity = result.equity, orders = result.orders,
        frequency = result.manifest.bundle.frequency }
end

local function side(value, name)
    local result, session = package.loaded["backlua.result"], package.loaded["backlua.session"]
    if result and result.is(value) then
        return result_side(value, name)
    elseif session and session.is(value) then
        return session.side(value, name)
    end
end

--- diff(a, b) of two results or two sessions. Raises at the caller's line for anything else.
function compare.diff(a, b)
    local left, right = side(a, "a"), side(b, "b")
    if not left or not right then
        error("diff: two results or two sessions are expected, diff(a, b)", 2)
    end
    return compare.sides(left, right)
end

return compare
