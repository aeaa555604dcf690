-- The tables of a result for JSON and CSV: which columns, in which order, and their cells as
-- bytes in a buffer.
--
-- A result may have a million rows. Cells go straight into a buffer outside the collector's heap:
-- a Lua string for each would cost more than the run.

local ffi = require "ffi"
local C = require "backlua.ffi".C
local new_buffer = require "string.buffer".new

local tables = {}

local NAMES = { "orders", "fills", "trades", "equity", "records" }
local RARE = { "flows", "actions" }
local MORE = { "open_trades", "positions", "daily", "monthly", "yearly", "drawdowns" }

-- Names of the tables of a result; money that moved without a fill and corporate actions have one
-- only where there are any. all: those that follow from the others, too.
function tables.names(result, all)
    local names = { unpack(NAMES) }
    for _, name in ipairs(RARE) do
        names[#names + 1] = #result[name] > 0 and name or nil
    end
    for _, name in ipairs(all and MORE or {}) do
        names[#names + 1] = name
    end
    return names
end

local TRADES = { "symbol", "entry_time", "exit_time", "bars", "amount", "entry_price", "exit_price",
    "commission", "pnl", "return", "mae", "mfe", "entry_order", "exit_order" }

local COLUMNS = {
    orders = { "id", "symbol", "kind", "size_at", "request", "amount", "filled", "limit", "stop",
        "status", "reason", "created", "ended", "average_price", "commission", "slippage" },
    fills = { "order_id", "symbol", "time", "phase", "amount", "price", "commission", "slippage" },
    trades = TRADES, open_trades = TRADES,
    positions = { "time", "symbol", "amount", "price", "value" },
    daily = { "time", "return", "benchmark", "sharpe_ratio", "volatility", "beta" },
    monthly = { "year", "month", "value" },
    yearly = { "year", "value" },
    drawdowns = { "depth", "start_time", "trough_time", "stop_time", "bars" },
    equity = { "time", "cash", "value" },
    records = { "time", "name", "value" },
    flows = { "time", "kind", "symbol", "amount" },
    actions = { "time", "kind", "symbol", "value", "before", "after", "cash", "due", "price",
        "other", "received" },
}

local TIMES = { created = true, ended = true, time = true, entry_time = true, exit_time = true,
    due = true, good_till = true, start_time = true, trough_time = true, stop_time = true }

local NUMBER_TEXT, TIME_TEXT = 32, 32
local FLUSH = 1024 * 1024 -- bytes gathered before they are handed on

-- ---- rows ------------------------------------------------------------------------------------

-- Row i of the equity views, in a table that is used again.
local function equity_rows(equity)
    local row = {}
    return equity.n, function(i)
        row.time, row.cash, row.value = equity.time[i], equity.cash[i], equity.value[i]
        return row
    end
end

-- Likewise of the sessions: their returns, those of the benchmark where it has one, and what the
-- half year up to each shows.
local function daily_rows(result)
    local daily, rolling, benchmark = result.daily, result.rolling, result.benchmark
    local row, paired = {}, 0
    return daily.n, function(i)
        row.time, row["return"] = daily.time[i], daily.returns[i]
        row.sharpe_ratio, row.volatility = rolling.sharpe_ratio[i], rolling.volatility[i]
        row.benchmark, row.beta = nil, nil
        if benchmark and paired < benchmark.n and benchmark.time[paired + 1] == row.time then
            paired = paired + 1
            row.benchmark, row.beta = benchmark.returns[paired], rolling.beta[paired]
        end
        return row
    end
end

local function open(result, name)
    if name == "daily" then
        return daily_rows(result)
    end
    local list = result[name]
    if name == "equity" then
        return equity_rows(list)
    end
    return #list, function(i)
        return list[i]
    end
end

-- ---- cells -----------------------------------------------------------------------------------

local function put_number(buffer, v)
    buffer:commit(C.bt_number_format(v, (buffer:reserve(NUMBER_TEXT))))
end

-- "2004-08-19T13:30:00Z", UTC
local function put_time(buffer, seconds)
    local at = buffer:reserve(TIME_TEXT)
    C.bt_time_format(seconds, at)
    local n = 0
    while at[n] ~= 0 do
        n = n + 1
    end
    buffer:commit(n)
end

-- How a form writes its cells:
--     text     function(string): its bytes
--     quote    what stands before and after a time
--     number   function(number): bytes of NaN and the infinities, nil for a finite number
--     empty    bytes of a value that is absent
local function put_cell(buffer, form, value, is_time)
    if value == nil then
        buffer:put(form.empty)
    elseif type(value) ~= "number" then
        buffer:put(form.text(value))
    elseif is_time then
        buffer:put(form.quote)
        put_time(buffer, value)
        buffer:put(form.quote)
    elseif value - value ~= 0 then
        buffer:put(form.number(value))
    else
        put_number(buffer, value)
    end
end

-- Write a table of a result through emit(text), called with a megabyte or so at a time.
-- form, besides the above: head(columns) -> array of what stands before each cell; close: what
-- ends a row; between: what separates rows.
function tables.write(result, name, form, emit)
    local columns, buffer = COLUMNS[name], new_buffer()
    local heads, count, row_at = form.head(columns, name), open(result, name)
    for i = 1, count do
        local row = row_at(i)
        if i > 1 then
            buffer:put(form.between)
        end
        for c = 1, #columns do
            buffer:put(heads[c])
            put_cell(buffer, form, row[columns[c]], TIMES[columns[c]])
        end
        buffer:put(form.close)
        if #buffer > FLUSH then
            emit(buffer:get())
        end
    end
    emit(buffer:get())
end

-- Column names of a table of a result.
function tables.columns(name)
    return COLUMNS[name]
end

-- Whether a column holds times.
function tables.is_time(column)
    return TIMES[column] or false
end

-- A place to gather what is emitted when it must be whole: function(text), and a function that
-- returns pointer and length of all of it.
function tables.gather()
    local buffer = new_buffer()
    return function(text)
        buffer:put(text)
    end, function()
        local at, n = buffer:ref()
        return ffi.cast("const char *", at), n
    end
end

return tables
