-- A result as people read it: what was run, how it went, what it cost, what did not go as asked.
--
-- Costs and policies in force are always shown, asked for or not: a backtest is read by somebody
-- who did not write it.

local ffi = require "ffi"
local C = require "backlua.ffi".C
local account = require "backlua.text.account"
local color = require "backlua.text.color"
local date = require "backlua.text.date"
local fill = require "backlua.text.fill"
local number = require "backlua.text.number"
local render = require "backlua.text.table"
local width = require("backlua.text.width").of

local count, fixed, grouped, percent = number.count, number.fixed, number.grouped, number.percent

-- An instant as short as the bundle's frequency allows.
local function instant(view, seconds)
    if not seconds then
        return "-"
    end
    return view.daily and date.day(seconds) or date.time(seconds)
end

local function plural(n, noun)
    return count(n) .. " " .. noun .. (n == 1 and "" or "s")
end

-- ---- what was run ----------------------------------------------------------------------------

local function header(view)
    local r, curve = view.result, view.curve
    local parts = {
        view.name,
        r.bars > 0 and instant(view, curve.first) .. ".." .. instant(view, curve.last) or "no bars",
        plural(view.assets, "asset"), plural(r.bars, "bar"), number.seconds(view.seconds),
    }
    local text = table.concat(parts, "  ")
    if width(text) > (view.columns or math.huge) then
        text = table.concat(fill(text, view.columns - 2), "\n  ")
    end
    return view.paint("bold", text) .. "\n"
end

-- ---- how it went -----------------------------------------------------------------------------

local function drawdown_text(view)
    local d, m = view.result.drawdown, view.result.restated
    if m.max_drawdown == 0 or not d.start then
        return ""
    end
    return ("%s to %s, %s"):format(instant(view, d.start), instant(view, d.trough),
        d.stop and "recovered " .. instant(view, d.stop) or "not recovered")
end

local function sharpe_text(view)
    local text = number.shortest(view.result.periods_per_year) .. " periods a year"
    local risk_free, convention = view.manifest.risk_free, view.manifest.convention
    text = risk_free == 0 and text or text .. ", risk-free " .. percent(risk_free)
    return convention == "own" and text or text .. ", as in " .. convention
end

-- What is held at the end, when something is.
local function open_text(view)
    local r = view.result
    local open, pnl = #r.open_trades, 0
    if open == 0 then
        return nil
    end
    for _, trade in ipairs(r.open_trades) do
        pnl = pnl + trade.pnl
    end
    local sold = r.liquidation_value
    return ("%s held at the end and marked, %s so far%s"):format(plural(open, "lot"), grouped(pnl),
        sold == sold and "; selling all would leave " .. grouped(sold) or "")
end

-- What the round trips brought; quantstats wins and loses sessions, backtesting.py means returns.
local function trades_text(view, m)
    local convention = view.manifest.convention
    local mean = convention == "backtesting.py" and percent or grouped
    return m.trades > 0 and ("%s %s, profit factor %s, %s a trade"):format(
        convention == "quantstats" and "sessions won" or "won", percent(m.win_rate, 1),
        fixed(m.profit_factor), mean(m.expectancy)) or ""
end

-- An end that is not the return's doing must not look like it.
local function put_in(r)
    local deposits = account.deposits(r.flows)
    return deposits == 0 and "" or (" and %s %s"):format(grouped(math.abs(deposits)),
        deposits > 0 and "put in" or "taken out")
end

local function metric_rows(view)
    local r, m = view.result, view.result.restated
    local final = r.bars > 0 and view.curve.value[-1] or r.starting_cash
    return {
        { "Total return", percent(m.total_return),
            ("%s from %s%s"):format(grouped(final), grouped(r.starting_cash), put_in(r)) },
        { "CAGR", percent(m.cagr), "volatility " .. percent(m.volatility) },
        { "Sharpe", fixed(m.sharpe_ratio), sharpe_text(view) },
        { "Sortino", fixed(m.sortino_ratio), "" },
        { "Calmar", fixed(m.calmar_ratio), "" },
        { "Max drawdown", percent(m.max_drawdown), drawdown_text(view) },
        { "Trades", count(m.trades), trades_text(view, m) },
        { "Exposure", percent(m.exposure_time, 1), ("of the bars; %s of equity; turnover %s a year")
            :format(percent(m.exposure_gross, 1), fixed(m.turnover)) },
        { "Costs", grouped(m.total_commission + m.total_slippage), ("commission %s, slippage %s")
            :format(grouped(m.total_commission), grouped(m.total_slippage)) },
    }
end

-- The benchmark's own numbers as a column before the words, and what sets the run apart from it.
local function compare(view, rows)
    local s, b = view.result.statistics, view.result.benchmark.statistics
    local column = {
        ["Total return"] = percent(b.total_return), CAGR = percent(b.cagr),
        Sharpe = fixed(b.sharpe_ratio), Sortino = fixed(b.sortino_ratio),
        Calmar = fixed(b.calmar_ratio), ["Max drawdown"] = percent(b.max_drawdown),
    }
    for _, row in ipairs(rows) do
        table.insert(row, 3, column[row[1]] or "")
    end
    table.insert(rows, 1, { "", "run", "benchmark", "" })
    local convention = view.manifest.convention
    local ours = convention == "own" or convention == "backtesting.py"
    rows[#rows + 1] = { "Alpha", percent(s.alpha), "", ("%s; beta %s, correlation %s"):format(
        convention == "backtesting.py" and "in all" or "a year", fixed(s.beta),
        fixed(s.correlation)) }
    rows[#rows + 1] = { "Information", fixed(s.information_ratio), "", ("%s; tracking error %s")
        :format(ours and "a year" or "a session", percent(s.tracking_error)) }
    return rows, { {}, { right = true }, { right = true }, {} }
end

local function metric_table(view)
    local rows, columns = metric_rows(view), { {}, { right = true }, {} }
    if view.result.benchmark then
        rows, columns = compare(view, rows)
    end
    return render(columns, rows, { indent = "  ", columns = view.columns })
end

local function benchmark_text(view)
    local benchmark = view.result.benchmark
    if not benchmark then
        return nil
    end
    local gaps = benchmark.gaps > 0 and ("; %s without a value of it left out"):format(
        plural(benchmark.gaps, "session")) or ""
    local own = view.manifest.benchmark_sha256 and "" or ", dividends reinvested"
    return benchmark.name .. own .. gaps
end

-- ---- what did not go as asked ----------------------------------------------------------------

-- Reasons that need a word, in the engine's order: { name, orders, sentence }.
local function remarkable(result)
    local list = {}
    for i = 0, C.BT_REASONS - 1 do
        local name = ffi.string(C.bt_reason_name(i))
        local orders = result.reasons[name]
        if orders and i ~= C.BT_REASON_FILLED and i ~= C.BT_REASON_NONE then
            list[#list + 1] = { name, orders, ffi.string(C.bt_reason_text(i)) }
        end
    end
    return list
end

local function total_orders(result)
    local total = 0
    for _, orders in pairs(result.reasons) do
        total = total + orders
    end
    return total
end

local function order_lines(view)
    local orders = total_orders(view.result)
    if orders == 0 then
        return "No orders: the strategy never asked for one.\n"
    end
    local rows, filled = {}, view.result.reasons.filled or 0
    for i, reason in ipairs(remarkable(view.result)) do
        rows[i] = { count(reason[2]), reason[1], reason[3] }
    end
    if view.result.fill_count == 0 then
        table.sort(rows, function(a, b)
            return view.result.reasons[a[2]] > view.result.reasons[b[2]]
        end)
        return ("No fills: %s, and none was filled because\n"):format(plural(orders, "order"))
            .. render({ { right = true }, {}, {} }, rows, { indent = "  ", columns = view.columns })
    elseif #rows == 0 then
        return ("Orders: %s, all filled as asked.\n"):format(count(orders))
    end
    return ("Orders: %s, %s filled as asked; the others\n"):format(count(orders), count(filled))
        .. render({ { right = true }, {}, {} }, rows, { indent = "  ", columns = view.columns })
end

-- ---- what was in force -----------------------------------------------------------------------

local function fill_text(m)
    local optimistic = m.fill == "same_close"
    return "fill " .. m.fill .. (optimistic and " (optimistic: decides and trades on one price)"
        or "")
end

local function policy_text(m)
    local leverage = m.leverage
    leverage = type(leverage) == "number" and number.shortest(leverage) .. "x" or leverage
    return ("%s, lot %s, buying power %s, short of cash: %s, seed %s%s"):format(fill_text(m),
        number.shortest(m.lot), leverage, m.on_insufficient, number.shortest(m.seed),
        m.close_at_end and ", positions closed at the end" or "")
end

-- Said where it was needed, or chosen.
local function intrabar_text(view)
    local groups, intrabar = view.result.ambiguous_bars, view.manifest.intrabar
    if (groups or 0) == 0 then
        return nil
    end
    local taken = { pessimistic = "the stop", optimistic = "the target",
        ohlc = "whichever the path open, high, low, close meets first" }
    return ("%s met a stop and a target in one bar; %s traded (%s)"):format(
        plural(groups, "group") .. " of orders", taken[intrabar], intrabar)
end

local function history_text(view)
    local windows = view.result.short_windows
    if windows == 0 then
        return nil
    end
    return ("%s reached before the bundle's first bar, filled with NaN"):format(
        plural(windows, "window"))
end

local function convention_text(m)
    return m.convention ~= "own" and ("ratios and trade statistics as %s computes them; the result "
        .. "hash covers our own"):format(m.convention) or nil
end

local CURVE_COLUMNS, LABEL_COLUMNS = 60, 15

-- The equity as a line of blocks, as long as the terminal lets it be.
local function equity_text(view)
    local r = view.result
    if r.bars < 2 then
        return nil
    end
    return require "backlua.text.sparkline"(view.curve.value, {
        width = math.max(math.min(CURVE_COLUMNS, (view.columns or math.huge) - LABEL_COLUMNS), 1),
    })
end

local function fact_rows(view)
    local m = view.manifest
    local rows = {}
    local function add(label, text)
        if text and text ~= "" then
            rows[#rows + 1] = { label, text }
        end
    end
    add("equity", equity_text(view))
    add("ruin", account.ruin(view.result, function(seconds)
        return instant(view, seconds)
    end))
    add("params", require("backlua.text.params").all(m.params, " "))
    add("commission", m.commission)
    add("slippage", m.slippage)
    add("policies", policy_text(m))
    add("margin", account.margin(m.margin))
    add("terms", account.terms(m.terms))
    add("cash", account.flows(view.result.flows))
    add("calendar", account.year(view.curve, view.result.periods_per_year))
    add("intrabar", intrabar_text(view))
    add("convention", convention_text(m))
    add("benchmark", benchmark_text(view))
    add("positions", open_text(view))
    add("history", history_text(view))
    add("bundle", m.bundle.name .. "@" .. m.bundle.sha256:sub(1, 12))
    add("sandbox", m.sandbox == false and "off (--unsafe)" or nil)
    add("result", view.result.hash)
    return rows
end

-- Text of a result.
--   facts  { name = shown for the strategy, seconds = of the run, assets =, curve = of the result
--          (result.lua), daily = true for daily bars, color_fd = descriptor the text goes to, nil
--          for plain text, columns = of the terminal, nil where there is none }
return function(result, facts)
    local view = {
        result = result, curve = facts.curve, manifest = result.manifest,
        name = facts.name, seconds = facts.seconds,
        assets = facts.assets, daily = facts.daily, columns = facts.columns,
    }
    function view.paint(style, text)
        return facts.color_fd and color.paint(facts.color_fd, style, text) or text
    end
    return header(view)
        .. metric_table(view)
        .. order_lines(view)
        .. render({ {}, {} }, fact_rows(view), { indent = "  ", columns = view.columns })
end
