-- A run as a document (page.lua): what was run, how it went beside a benchmark, what it cost.
--
-- Built from a live result (again.lua), so that every number here is the one that `--json` prints.

local account = require "backlua.text.account"
local date = require "backlua.text.date"
local number = require "backlua.text.number"
local shell = require "backlua.text.shell"
local result_module = require "backlua.result"
local figures = require "backlua.report.figures"
local sorted_keys = require "backlua.sorted_keys"

local fixed, grouped, percent = number.fixed, number.grouped, number.percent

-- ---- what was run ------------------------------------------------------------------------------

local value_text = require("backlua.text.params").value

-- The command that repeats the run.
local function command_of(m, usual_periods)
    local words = { "backlua run", shell(m.strategy.name), "-b",
        shell(m.bundle.name .. "@" .. m.bundle.sha256:sub(1, 12)) }
    local function add(flag, value, default)
        if value ~= nil and value ~= default then
            words[#words + 1] = flag .. " " .. shell(value_text(value))
        end
    end
    add("-s", m.start_date)
    add("-e", m.end_date)
    for _, name in ipairs(sorted_keys(m.params or {})) do
        if type(m.params[name]) ~= "table" then -- the strategy's own: no flag can set it
            add("--param", name .. "=" .. value_text(m.params[name]))
        end
    end
    add("--capital", m.capital, 100000)
    add("--fill", m.fill, "next_open")
    add("--adjust", m.adjust, "all")
    add("--lot", m.lot, 1)
    add("--seed", m.seed, 1)
    add("--periods-per-year", m.periods_per_year, usual_periods)
    add("--risk-free", m.risk_free, 0)
    add("--convention", m.convention, "own")
    return table.concat(words, " ") .. (m.sandbox == false and " --unsafe" or "")
end

local function params_text(params)
    local parts = {}
    for i, name in ipairs(sorted_keys(params or {})) do
        parts[i] = name .. " = " .. value_text(params[name])
    end
    return #parts > 0 and table.concat(parts, ", ") or "none"
end

local function leverage_text(leverage)
    return type(leverage) == "number" and number.shortest(leverage) .. "x" or leverage
end

-- A bar's day, or its minute.
local function moment(text, view)
    return ((text or "-"):sub(1, view.daily and 10 or 16):gsub("T", " "))
end

-- Why nothing was traded; nil when something was.
local function idle(view)
    local reasons, parts = view.result.reasons, {}
    if view.result.fill_count > 0 then
        return nil
    end
    for _, name in ipairs(sorted_keys(reasons)) do
        parts[#parts + 1] = number.count(reasons[name]) .. " " .. name
    end
    return { type = "text", note = true, paragraphs = { "Nothing was traded: " .. (#parts > 0
        and "the orders ended as " .. table.concat(parts, ", ") .. "."
        or "the strategy never asked for an order.") } }
end

-- What the account met, as far as there is something to say.
local function account_rows(view)
    local m, r, rows = view.manifest, view.result, {}
    local function add(label, text)
        rows[#rows + 1] = text and { label, text } or nil
    end
    add("Margin", account.margin(m.margin))
    add("Terms", account.terms(m.terms))
    add("Cash", account.flows(r.flows))
    add("Calendar", account.year(result_module.curve(r), r.periods_per_year))
    add("Ruin", account.ruin(r, date.day))
    return rows
end

local function head(view)
    local m = view.manifest
    local rows = {
        { "Strategy", m.strategy.name, "SHA-256 " .. (m.strategy.sha256 or ""):sub(1, 12) },
        { "Parameters", params_text(m.params) },
        { "Bundle", m.bundle.name, m.bundle.sha256:sub(1, 12) .. ", " .. m.bundle.frequency },
        { "Period", moment(m.first_bar, view) .. " to " .. moment(m.last_bar, view),
            number.count(view.result.bars) .. " bars" .. (view.daily and "" or ", UTC") },
        { "Capital", grouped(m.capital) },
        { "Fills", m.fill, m.fill == "same_close" and "optimistic" or nil },
        { "Commission", m.commission }, { "Slippage", m.slippage },
        { "Buying power", leverage_text(m.leverage), "short of cash: " .. m.on_insufficient },
    }
    for _, entry in ipairs(account_rows(view)) do
        rows[#rows + 1] = entry
    end
    for _, entry in ipairs {
        { "Seed", number.shortest(m.seed) },
        { "Engine", "backlua " .. m.engine, m.luajit },
        { "Benchmark", view.benchmark and view.benchmark.name or "none" },
        { "Convention", m.convention, m.convention ~= "own"
            and "ratios and trade statistics as there; the result hash covers our own" or nil },
        { "Repeat it", command_of(m, view.job.info.periods_per_year), code = true },
        { "Result hash", view.result.hash, code = true },
    } do
        rows[#rows + 1] = entry
    end
    local blocks = { view.cards, idle(view) }
    blocks[#blocks + 1] = { type = "facts", rows = rows }
    return { id = "summary", title = "Summary", blocks = blocks }
end

-- ---- headline ----------------------------------------------------------------------------------

local HEADLINE = {
    { "total_return", "Total return", percent }, { "cagr", "CAGR", percent },
    { "sharpe_ratio", "Sharpe ratio", fixed }, { "sortino_ratio", "Sortino ratio", fixed },
    { "max_drawdown", "Max drawdown", percent }, { "volatility", "Volatility", percent },
    { "calmar_ratio", "Calmar ratio", fixed }, { "exposure_time", "Time in the market", percent },
}

local function tone_of(key, v)
    if key ~= "total_return" and key ~= "cagr" or v ~= v or v == 0 then
        return nil
    end
    return v > 0 and "good" or "bad"
end

-- Whose definition a figure follows, where it is not our own.
local function whose(view, key)
    local convention = view.manifest.convention
    return convention ~= "own" and key ~= "exposure_time" and ", " .. convention or ""
end

local function cards(view)
    local items, bench = {}, view.benchmark_statistics
    for i, entry in ipairs(HEADLINE) do
        local key, label, show = unpack(entry)
        local v = view.result.restated[key]
        local against = bench and bench[key]
        items[i] = { label .. whose(view, key), show(v),
            against and "benchmark " .. show(against) or "",
            tone = tone_of(key, v) }
    end
    return { type = "cards", items = items }
end

-- ---- equity ------------------------------------------------------------------------------------

local function drawdown_of(values, start)
    local out, peak = {}, start
    for i = 1, #values do
        peak = values[i] > peak and values[i] or peak
        out[i] = values[i] / peak - 1
    end
    return out
end

local function all_positive(values)
    for i = 1, #values do
        if values[i] <= 0 then
            return false
        end
    end
    return true
end

local function equity(view)
    local r, bench = view.result, view.benchmark
    local lines = { { name = "Strategy", role = "strategy", values = r.equity.value,
        decimals = 2 } }
    local function fall(name, role, line, values, start)
        return { name = name, role = role, decimals = 4, values = drawdown_of(values, start),
            drawdown = { chart = "equity", line = line, start = start } }
    end
    local falls = { fall("Strategy", "loss", 0, r.equity.value, r.starting_cash) }
    if bench then
        lines[2] = { name = "Benchmark", role = "benchmark", values = bench.value }
        falls[2] = fall("Benchmark", "benchmark", 1, bench.value, bench.start)
    end
    return { id = "equity-section", title = "Equity", blocks = {
        { type = "chart", id = "equity", caption = "Equity", time = "bars", unit = "money",
            log = all_positive(r.equity.value), lines = lines, height = 320 },
        { type = "chart", id = "drawdown", caption = "Drawdown", time = "bars", unit = "percent",
            fill = true, lines = falls, height = 170 },
    } }
end

-- ---- returns -----------------------------------------------------------------------------------

local PERCENT_COLUMN = { align = "right", show = percent }

local function column(title, base)
    return { title = title, align = base and base.align, show = base and base.show }
end

local function months_table(monthly, yearly)
    local columns, rows, first = { { title = "Year" } }, {}, yearly[1] and yearly[1].year or 0
    for i = 1, 12 do
        columns[i + 1] = column(figures.MONTHS[i], PERCENT_COLUMN)
    end
    columns[14] = column("Year", PERCENT_COLUMN)
    for i, y in ipairs(yearly) do
        rows[i] = { ("%d"):format(y.year), [14] = y.value }
    end
    for _, m in ipairs(monthly) do
        rows[m.year - first + 1][m.month + 1] = m.value
    end
    return { columns = columns, rows = rows }
end

local function yearly_block(view)
    local bars, rows, other = {}, {}, {}
    for _, y in ipairs(view.benchmark and view.benchmark.yearly or {}) do
        other[y.year] = y.value
    end
    for i, y in ipairs(view.result.yearly) do
        local against = other[y.year]
        bars[i] = { label = ("%d"):format(y.year), value = y.value, other = against,
            title = ("%d: %s%s"):format(y.year, percent(y.value), against
                and ", benchmark " .. percent(against) or "") }
        rows[i] = { ("%d"):format(y.year), y.value, against }
    end
    return { type = "figure", id = "yearly", caption = "Returns by year",
        svg = figures.bars(bars, { label = "Returns by year", shown = figures.percent }),
        table = { columns = { { title = "Year" }, column("Strategy", PERCENT_COLUMN),
            column("Benchmark", PERCENT_COLUMN) }, rows = rows } }
end

local function calendar(view)
    local monthly, yearly = view.result.monthly, view.result.yearly
    return { id = "calendar", title = "Months and years", blocks = {
        { type = "figure", id = "monthly", caption = "Returns by month, percent",
            svg = figures.months(monthly, yearly), table = months_table(monthly, yearly) },
        yearly_block(view),
    } }
end

local function distribution(view)
    local daily, s = view.result.daily, view.statistics
    local bins = figures.bins(daily.returns)
    local rows, mean = {}, daily.returns:mean()
    for i, count in ipairs(bins.counts) do
        local from = bins.low + (i - 1) * bins.width
        rows[i] = { from, from + bins.width, count }
    end
    local sd = daily.n > 1 and daily.returns:std(1) or 0
    return { id = "distribution", title = "Distribution of returns", blocks = {
        { type = "figure", id = "histogram",
            caption = "Returns of sessions, and the normal curve of their mean and deviation",
            svg = figures.histogram(bins, { label = "Histogram of session returns", mean = mean,
                sd = sd, width = 760, marks = { { "value at risk, 95 %", s.value_at_risk } } }),
            table = { columns = { column("From", PERCENT_COLUMN), column("To", PERCENT_COLUMN),
                { title = "Sessions", align = "right", show = number.count } }, rows = rows } },
        { type = "facts", rows = {
            { "Mean", percent(mean, 4) }, { "Deviation", percent(sd, 4) },
            { "Skewness", fixed(s.skewness) }, { "Kurtosis", fixed(s.kurtosis) },
            { "Value at risk 95 %", percent(s.value_at_risk) },
            { "Expected shortfall", percent(s.expected_shortfall) },
            { "Best session", percent(s.best_period) },
            { "Worst session", percent(s.worst_period) },
        } },
    } }
end

-- ---- rolling -----------------------------------------------------------------------------------

local function rolling(view)
    local metrics, r = require "backlua.metrics", view.result
    local daily, given = r.daily, require "backlua.result_statistics".options(
        result_module.engine(r))
    local window = math.min(126, math.floor(daily.n / 3))
    if window < 5 then
        return nil
    end
    local with = view.benchmark and #view.benchmark.returns == daily.n and view.benchmark.returns
    local function chart(id, caption, unit, values, decimals, against)
        local lines = { { name = "Strategy", role = "strategy", values = values,
            decimals = decimals } }
        if against then
            lines[2] = { name = "Benchmark", role = "benchmark", values = against,
                decimals = decimals }
        end
        return { type = "chart", id = id, caption = caption, time = "sessions", unit = unit,
            lines = lines, height = 150 }
    end
    local function both(name)
        return metrics.rolling(name, daily.returns, window, given),
            with and metrics.rolling(name, with, window, given) or nil
    end
    local sharpe, sharpe_other = both "sharpe_ratio"
    local volatility, volatility_other = both "volatility"
    local blocks = {
        chart("rolling-sharpe", "Sharpe ratio", "number", sharpe, 2, sharpe_other),
        chart("rolling-volatility", "Volatility", "percent", volatility, 4, volatility_other),
    }
    if with then
        blocks[3] = chart("rolling-beta", "Beta to the benchmark", "number",
            metrics.rolling_beta(daily.returns, with, window, given), 2)
    end
    return { id = "rolling", title = "Over time",
        lead = ("Over windows of %d sessions, each ending at its date."):format(window),
        blocks = blocks }
end

-- ---- drawdowns ---------------------------------------------------------------------------------

local WORST = 10

local function day(seconds)
    return seconds and date.day(seconds) or ""
end

local function drawdowns(view)
    local list, rows = {}, {}
    for i, d in ipairs(view.result.drawdowns) do
        list[i] = d
    end
    table.sort(list, function(a, b)
        return a.depth < b.depth or a.depth == b.depth and a.start < b.start
    end)
    for i = 1, math.min(WORST, #list) do
        local d = list[i]
        rows[i] = { i, d.depth, d.start_time and day(d.start_time) or "start",
            day(d.trough_time), d.stop_time and day(d.stop_time) or "not recovered", d.bars }
    end
    return { id = "drawdowns", title = "Worst drawdowns",
        lead = #rows == 0 and "The equity never fell." or nil, blocks = #rows == 0 and {} or {
        { type = "table", id = "drawdown-list", sortable = true, columns = {
            { title = "#", align = "right" }, column("Depth", PERCENT_COLUMN),
            { title = "Peak" }, { title = "Trough" }, { title = "Recovered" },
            { title = "Sessions", align = "right", show = number.count } }, rows = rows },
    } }
end

return {
    head = head, cards = cards, equity = equity, calendar = calendar,
    distribution = distribution, rolling = rolling, drawdowns = drawdowns,
    column = column, percent_column = PERCENT_COLUMN,
}
