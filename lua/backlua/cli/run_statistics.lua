-- The rest of what a result has to say, for `--metrics all`: every statistic, returns by month, the
-- deepest drawdowns, the half years, what was open at the end, the longest list of trades' figures.

local date = require "backlua.text.date"
local number = require "backlua.text.number"
local render = require "backlua.text.table"
local sorted_keys = require "backlua.sorted_keys"

local count, fixed, grouped, percent = number.count, number.fixed, number.grouped, number.percent

local DEEPEST = 10
local MONTHS = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
    "Dec" }
local INDENT = { indent = "  " }
local WIDE, TWO_COLUMNS = 96, 68 -- columns of the months side by side, of the numbers two by two

local function day(seconds)
    return seconds and date.day(seconds) or "-"
end

local function section(title, text)
    return title .. "\n" .. text
end

-- ---- parts -----------------------------------------------------------------------------------

-- All numbers by key, in two columns of the page where it has room for them.
local function statistics(result, columns)
    local keys, rows = sorted_keys(result.statistics), {}
    local half = columns < TWO_COLUMNS and #keys or math.ceil(#keys / 2)
    local function cell(i)
        return keys[i] or "", keys[i] and fixed(result.statistics[keys[i]], 4) or ""
    end
    for i = 1, half do
        local left, left_value = cell(i)
        local right, right_value = cell(half + i)
        rows[i] = { left, left_value, right, right_value }
    end
    local convention = result.manifest.convention
    local whose = convention ~= "own" and "; as in " .. convention or ""
    return section("Statistics (fractions, not percent" .. whose .. ")",
        render({ {}, { right = true }, {}, { right = true } }, rows, INDENT))
end

-- Some cells of each row: the year, then from .. to.
local function part(rows, from, to)
    local list = {}
    for i, row in ipairs(rows) do
        list[i] = { row[1], unpack(row, from, to) }
    end
    return list
end

-- A year a line, or, where the page is narrow, each half of the years by itself.
local function months_text(titles, rows, columns)
    if columns >= WIDE then
        return render(titles, rows, INDENT)
    end
    return render(part({ titles }, 2, 7)[1], part(rows, 2, 7), INDENT)
        .. render(part({ titles }, 8, 14)[1], part(rows, 8, 14), INDENT)
end

local function months(result, columns)
    local rows, titles, row = {}, { { title = "" } }, nil
    for i, name in ipairs(MONTHS) do
        titles[i + 1] = { title = name, right = true }
    end
    titles[14] = { title = "year", right = true }
    for _, month in ipairs(result.monthly) do
        if not row or row.year ~= month.year then
            row = { year = month.year, tostring(month.year) }
            for c = 2, 14 do
                row[c] = ""
            end
            rows[#rows + 1] = row
        end
        row[month.month + 1] = fixed(100 * month.value, 1)
    end
    for i, year in ipairs(result.yearly) do
        rows[i][14] = fixed(100 * year.value, 1)
    end
    return section("Returns by month, %", months_text(titles, rows, columns))
end

local function drawdowns(result)
    local list, rows = {}, {}
    for i, drawdown in ipairs(result.drawdowns) do
        list[i] = drawdown
        drawdown.order = i
    end
    table.sort(list, function(a, b)
        return a.depth < b.depth or a.depth == b.depth and a.order < b.order
    end)
    for i = 1, math.min(DEEPEST, #list) do
        local d = list[i]
        rows[i] = { percent(d.depth), day(d.start_time), day(d.trough_time),
            d.stop_time and day(d.stop_time) or "not recovered", count(d.bars) }
    end
    return section(("The deepest of %s drawdowns"):format(count(#list)), render(
        { { title = "depth", right = true }, { title = "peak" }, { title = "trough" },
            { title = "recovered" }, { title = "sessions", right = true } }, rows, INDENT))
end

-- Least, median and greatest of a view's numbers, and the last.
local function spread(view)
    local list = {}
    for i = 1, view.n do
        if view[i] == view[i] then
            list[#list + 1] = view[i]
        end
    end
    local last = list[#list]
    table.sort(list)
    local function at(share)
        return list[math.max(1, math.ceil(share * #list))]
    end
    return last and { fixed(at(0)), fixed(at(0.5)), fixed(at(1)), fixed(last) }
end

local function rolling(result)
    local r, rows = result.rolling, {}
    for _, name in ipairs { "sharpe_ratio", "volatility", "beta" } do
        local cells = r[name] and spread(r[name])
        rows[#rows + 1] = cells and { name, unpack(cells) } or nil
    end
    if #rows == 0 then
        return ""
    end
    local right = { right = true }
    local columns = { { title = "" } }
    for i, title in ipairs { "least", "median", "most", "last" } do
        columns[i + 1] = { title = title, right = right.right }
    end
    return section(("Over each %s sessions"):format(count(r.window)), render(columns, rows, INDENT))
end

local function open_trades(result)
    local rows = {}
    for i, t in ipairs(result.open_trades) do
        rows[i] = { t.symbol, day(t.entry_time), number.shortest(t.amount), grouped(t.entry_price),
            grouped(t.exit_price), grouped(t.pnl) }
    end
    if #rows == 0 then
        return ""
    end
    return section("Open at the end, marked", render({ { title = "symbol" }, { title = "entry" },
        { title = "units", right = true }, { title = "price", right = true },
        { title = "last", right = true }, { title = "pnl", right = true } }, rows, INDENT))
end

-- Text of all of it. facts.columns: of the terminal, nil for any.
return function(result, facts)
    local columns = facts.columns or math.huge
    return statistics(result, columns) .. months(result, columns) .. drawdowns(result)
        .. rolling(result) .. open_trades(result)
end
