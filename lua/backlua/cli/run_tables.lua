-- The tables of a result for JSON and CSV: which columns, in which order.
--
-- Times are text in UTC (2004-08-19T20:00:00Z); everything else is as the result has it.

local date = require "backlua.text.date"

local tables = {}

local COLUMNS = {
    orders = { "id", "symbol", "kind", "size_at", "request", "amount", "filled", "limit", "stop",
        "status", "reason", "created", "ended", "average_price", "commission", "slippage" },
    fills = { "order_id", "symbol", "time", "amount", "price", "commission", "slippage" },
    trades = { "symbol", "entry_time", "exit_time", "bars", "amount", "entry_price", "exit_price",
        "commission", "pnl" },
    equity = { "time", "cash", "value" },
    records = { "time", "name", "value" },
}

local TIMES = { created = true, ended = true, time = true, entry_time = true, exit_time = true }

tables.names = { "orders", "fills", "trades", "equity", "records" }

-- Bars repeat the same instants in several tables: each text is made once.
local function time_texts()
    return setmetatable({}, {
        __index = function(texts, seconds)
            local text = date.time(seconds)
            texts[seconds] = text
            return text
        end,
    })
end

-- The i-th row of the equity table as fields by name.
local function equity_row(equity, i)
    return { time = equity.time[i], cash = equity.cash[i], value = equity.value[i] }
end

-- Calls fn(values) for each row of a table of a result: values by position of tables.columns(name),
-- nil where a field is absent.
function tables.each(result, name, fn)
    local columns, texts, list = COLUMNS[name], time_texts(), result[name]
    local is_equity = name == "equity"
    for i = 1, is_equity and list.n or #list do
        local row, values = is_equity and equity_row(list, i) or list[i], {}
        for c, column in ipairs(columns) do
            local value = row[column]
            values[c] = TIMES[column] and value and texts[value] or value
        end
        fn(values)
    end
end

-- Column names of a table of a result.
function tables.columns(name)
    return COLUMNS[name]
end

return tables
