-- The second half of a run's document: exposure and costs, prices with trades, the trades, all
-- metrics with how they are computed.

local ffi = require "ffi"
local date = require "backlua.text.date"
local number = require "backlua.text.number"
local figures = require "backlua.report.figures"
local prices = require "backlua.report.prices"
local C = require("backlua.ffi").C

local grouped, percent = number.grouped, number.percent

local trading = {}

local MONEY = { align = "right", show = grouped }

local function money(title)
    return { title = title, align = "right", show = grouped }
end

-- ---- exposure and costs ------------------------------------------------------------------------

-- Positions / equity at each close: net, gross; gross nil where it is the same.
local function exposures(result)
    local equity, net, gross, bar, short = result.equity, {}, {}, 1, false
    for i = 1, equity.n do
        net[i], gross[i] = 0, 0
    end
    for _, p in ipairs(result.positions) do
        while equity.time[bar] < p.time do
            bar = bar + 1
        end
        net[bar], gross[bar] = net[bar] + p.value, gross[bar] + math.abs(p.value)
        short = short or p.value < 0
    end
    for i = 1, equity.n do
        net[i], gross[i] = net[i] / equity.value[i], gross[i] / equity.value[i]
    end
    return net, short and gross or nil
end

local function exposure_chart(result)
    local net, gross = exposures(result)
    local lines = { { name = gross and "Net" or "Exposure", role = "strategy", decimals = 3,
        values = net } }
    if gross then
        lines[2] = { name = "Gross", role = "benchmark", decimals = 3, values = gross }
    end
    return { type = "chart", id = "exposure", caption = "Exposure: positions / equity",
        time = "bars", unit = "percent", fill = not gross, height = 150, lines = lines }
end

local function costs_by_year(result)
    local years, list = {}, {}
    for _, f in ipairs(result.fills) do
        local year = date.day(f.time):sub(1, 4)
        local row = years[year]
        if not row then
            row = { year = year, fills = 0, traded = 0, commission = 0, slippage = 0 }
            years[year], list[#list + 1] = row, row
        end
        row.fills = row.fills + 1
        row.traded = row.traded + math.abs(f.amount * f.price)
        row.commission = row.commission + f.commission
        row.slippage = row.slippage + f.slippage
    end
    return list
end

local function costs_block(result)
    local bars, rows = {}, {}
    for i, y in ipairs(costs_by_year(result)) do
        bars[i] = { label = y.year, value = y.commission, other = y.slippage,
            title = ("%s: commission %s, slippage %s"):format(y.year, grouped(y.commission),
                grouped(y.slippage)) }
        rows[i] = { y.year, y.fills, y.traded, y.commission, y.slippage }
    end
    return { type = "figure", id = "costs-by-year",
        caption = "Costs by year: commission, and slippage in grey",
        svg = figures.bars(bars, { label = "Costs by year", class = "bar", height = 170 }),
        table = { columns = { { title = "Year" },
            { title = "Fills", align = "right", show = number.count }, money "Traded",
            money "Commission", money "Slippage" }, rows = rows } }
end

--- What was invested and what trading cost.
function trading.exposure(view)
    local r, m = view.result, view.result.metrics
    local s = view.statistics
    return { id = "exposure-section", title = "Exposure and costs", blocks = {
        { type = "facts", rows = {
            { "Time in the market", percent(m.exposure_time) },
            { "Gross exposure", percent(m.exposure_gross), "of equity, mean" },
            { "Turnover", grouped(m.turnover), "times equity a year" },
            { "Buying power", type(view.manifest.leverage) == "number"
                and number.shortest(view.manifest.leverage) .. "x" or view.manifest.leverage },
            { "Commission", grouped(m.total_commission) },
            { "Slippage", grouped(m.total_slippage) },
            { "Costs", percent(s.cost_share or 0 / 0), "of what trades won before them" },
            { "Fills", number.count(r.fill_count) },
        } },
        exposure_chart(r),
        costs_block(r),
    } }
end

-- ---- prices ------------------------------------------------------------------------------------

local ASSETS_MAX = 40

-- Symbols that traded, those with the most fills first.
function trading.traded(result)
    local count, symbols = {}, {}
    for _, f in ipairs(result.fills) do
        if not count[f.symbol] then
            symbols[#symbols + 1] = f.symbol
        end
        count[f.symbol] = (count[f.symbol] or 0) + 1
    end
    table.sort(symbols, function(a, b)
        return count[a] > count[b] or count[a] == count[b] and a < b
    end)
    return symbols
end

local function marks_of(result)
    local marks = {}
    for _, f in ipairs(result.fills) do
        local list = marks[f.symbol] or { time = {}, side = {}, price = {} }
        marks[f.symbol] = list
        list.time[#list.time + 1] = f.time
        list.side[#list.side + 1] = f.amount > 0 and 1 or -1
        list.price[#list.price + 1] = f.price
    end
    return marks
end

--- Price and fills of each asset that traded; nil, err when a column cannot be read.
function trading.prices(view)
    local symbols, marks, choices = trading.traded(view.result), marks_of(view.result), {}
    local total = #symbols
    for i = 1, math.min(total, ASSETS_MAX) do
        local bars, err = prices.read(view.job, symbols[i], view.result.equity)
        if not bars then
            return nil, err
        end
        choices[i] = { name = symbols[i], time = bars.time, marks = marks[symbols[i]],
            lines = { { name = "Close", role = "strategy", values = bars.close } } }
    end
    return { id = "prices-section", title = "Prices and fills",
        lead = "Closes as quoted; triangles are fills: up and green bought, down and red sold."
            .. (total > ASSETS_MAX and (" The %d of %d assets with the most fills."):format(
                ASSETS_MAX, total) or ""),
        blocks = { { type = "chart", id = "prices", caption = "Price", unit = "number", log = true,
            daily = view.daily, choices = choices, height = 300 } } }
end

-- ---- records ---------------------------------------------------------------------------------

local RECORDS_MAX = 20

--- What the strategy recorded, a line a name; nil when there is nothing.
function trading.records(view)
    local by_name, choices = {}, {}
    for _, r in ipairs(view.result.records) do
        local series = by_name[r.name]
        if not series and #choices < RECORDS_MAX then
            series = { name = r.name, time = {}, values = {} }
            by_name[r.name], choices[#choices + 1] = series, series
            series.lines = { { name = r.name, role = "strategy", values = series.values } }
        end
        if series then
            series.time[#series.time + 1] = r.time
            series.values[#series.values + 1] = r.value
        end
    end
    return #choices > 0 and { id = "records-section", title = "Recorded", blocks = { {
        type = "chart", id = "records", caption = "Recorded by the strategy", unit = "number",
        daily = view.daily, choices = choices, height = 200 } } } or nil
end

-- ---- trades ------------------------------------------------------------------------------------

local function time_column(title, daily)
    return { title = title, kind = "time", daily = daily,
        show = daily and date.day or date.time }
end

local function number_column(title, decimals, scale, unit)
    return { title = title, kind = "number", align = "right", decimals = decimals, scale = scale,
        unit = unit, show = function(v)
            return grouped(v * (scale or 1), decimals) .. (unit or "")
        end }
end

-- What was held at the end; nil when nothing was.
local function open_trades(view)
    local rows = {}
    for i, t in ipairs(view.result.open_trades) do
        rows[i] = { t.symbol, t.entry_time, t.amount, t.entry_price, t.exit_price, t.pnl }
    end
    return #rows > 0 and { type = "table", id = "open-trades", sortable = true,
        caption = "Still open at the end", columns = { { title = "Symbol" },
            time_column("Entry", view.daily), { title = "Amount", align = "right",
                show = number.shortest }, number_column("Entry price", 4),
            number_column("Last price", 4), number_column("P/L", 2) }, rows = rows } or nil
end

--- All round trips, and what was still open at the end.
function trading.trades(view)
    local rows = {}
    for i, t in ipairs(view.result.trades) do
        rows[i] = { t.symbol, t.amount > 0 and "long" or "short", t.entry_time, t.exit_time,
            t.bars, t.amount, t.entry_price, t.exit_price, t.commission, t.pnl, t["return"],
            t.mae, t.mfe }
    end
    local columns = { { title = "Symbol" }, { title = "Side" },
        time_column("Entry", view.daily), time_column("Exit", view.daily),
        number_column("Bars", 0), number_column "Amount", number_column("Entry price", 4),
        number_column("Exit price", 4), number_column("Commission", 2), number_column("P/L", 2),
        number_column("Return", 2, 100, " %"), number_column("Worst", 2),
        number_column("Best", 2) }
    columns[6].decimals, columns[6].show = 0, number.shortest
    for _, row in ipairs(rows) do
        columns[6].decimals = row[6] % 1 ~= 0 and 4 or columns[6].decimals
    end
    return { id = "trades-section", title = "Trades",
        lead = #rows == 0 and "No round trip was completed."
            or "Round trips, first in first out. Worst and best: where each stood on its way, "
                .. "before costs (MAE, MFE).",
        blocks = { #rows > 0 and { type = "table", id = "trades", csv = true, columns = columns,
            rows = rows } or { type = "text", paragraphs = {} }, open_trades(view) } }
end

-- ---- orders ------------------------------------------------------------------------------------

local function plain(text)
    return text
end

--- How many orders ended for which reason.
function trading.orders(view)
    local rows = {}
    for i = 0, C.BT_REASONS - 1 do
        local name = ffi.string(C.bt_reason_name(i))
        local count = view.result.reasons[name]
        if count then
            rows[#rows + 1] = { name, count, ffi.string(C.bt_reason_text(i)) }
        end
    end
    return { id = "orders", title = "How orders ended",
        lead = #rows == 0 and "No orders: the strategy never asked for one." or nil,
        blocks = #rows > 0 and { { type = "table", id = "reasons", sortable = true, columns = {
            { title = "Reason" }, { title = "Orders", align = "right", show = number.count },
            { title = "What it means", wide = true, show = plain } }, rows = rows } } or {} }
end

-- ---- metrics -----------------------------------------------------------------------------------

local SHARES = {}
for name in ([[total_return annual_return cagr alpha volatility downside_risk tracking_error
    max_drawdown average_drawdown ulcer_index best_period worst_period positive_periods
    value_at_risk expected_shortfall win_rate draw_rate cost_share exposure_time
    exposure_gross]]):gmatch "%S+" do
    SHARES[name] = true
end
local COUNTS = { trades = true, max_drawdown_bars = true }

local function value_text(key, v)
    if type(v) ~= "number" then
        return tostring(v)
    elseif SHARES[key] then
        return percent(v)
    elseif COUNTS[key] or v % 1 == 0 and math.abs(v) < 1e15 then
        return number.count(v)
    end
    return grouped(v, math.abs(v) < 1 and 4 or 2)
end

local LETTERS = "In the formulas r are the returns, n their number, m their mean, s their "
    .. "deviation (ddof 1), A periods a year, V the value of 1 invested, f the risk-free and t the "
    .. "required rate a period, b the benchmark's returns."

local function formula_of(key)
    local metric, measure = C.bt_metric_find(key), C.bt_measure_find(key)
    if metric >= 0 then
        return ffi.string(C.bt_metric_text(metric))
    elseif measure >= 0 then
        return ffi.string(C.bt_measure_text(measure))
    end
    return key == "cost_share" and "(commission + slippage of trades)/what they won before" or ""
end

--- Every metric beside the benchmark's, with how it is computed.
function trading.metrics(view)
    local keys, rows = {}, {}
    for key, v in pairs(view.statistics) do
        if type(v) == "number" then
            keys[#keys + 1] = key
        end
    end
    table.sort(keys)
    for i, key in ipairs(keys) do
        local against = view.benchmark_statistics and view.benchmark_statistics[key]
        rows[i] = { key, value_text(key, view.statistics[key]),
            against and value_text(key, against) or "", formula_of(key) }
    end
    return { id = "metrics", title = "All metrics",
        lead = ("Returns of sessions, %s periods a year, risk-free rate %s%s."):format(
            number.shortest(view.result.periods_per_year), percent(view.manifest.risk_free),
            view.manifest.convention ~= "own" and ", as in " .. view.manifest.convention or "")
            .. " " .. LETTERS,
        blocks = { { type = "table", id = "all-metrics", static = true, columns = {
            { title = "Metric" }, { title = "Strategy", align = "right" },
            { title = "Benchmark", align = "right" }, { title = "How", wide = true } },
            rows = rows } } }
end

trading.money_column = MONEY
return trading
