-- A report of why.lua as one JSON object: symbol, time, bar, note, orders, before, bars, after,
-- result_hash. Rows have the columns that `run --json` gives them, and what the report adds. Times
-- are text in UTC; what is absent is null.

local date = require "backlua.text.date"
local json = require "backlua.text.json"
local tables = require "backlua.cli.run_tables"

local function columns_of(name, ...)
    local columns = { ... }
    for i, column in ipairs(tables.columns(name)) do
        table.insert(columns, i, column)
    end
    return columns
end

local FILL = columns_of("fills", "cash_before", "cash", "share", "waits")
local ORDER = columns_of("orders", "type", "trail", "trail_percent", "limit_offset",
    "time_in_force", "good_till", "reduce_only", "parent", "oco", "asked", "sentence", "check")
local FLOW, ACTION = tables.columns "flows", tables.columns "actions"
local BAR = { "bar", "time", "open", "high", "low", "close", "volume", "price", "held_before",
    "held", "cash_before", "cash", "equity_before", "equity" }

local function object(row, columns)
    local entries = {}
    for i, column in ipairs(columns) do
        local value = row[column]
        entries[i] = { column, value and tables.is_time(column) and date.time(value) or value }
    end
    return json.object(entries)
end

local function list(rows, columns)
    local out = {}
    for i, row in ipairs(rows) do
        out[i] = object(row, columns)
    end
    return json.array(out)
end

local function records(of)
    local entries = {}
    for name, value in pairs(of) do
        entries[#entries + 1] = { name, value }
    end
    table.sort(entries, function(a, b) return a[1] < b[1] end)
    return json.object(entries)
end

local function bar_object(bar)
    local entries = object(bar, BAR)
    for _, entry in ipairs {
        { "records", records(bar.records) },
        { "actions", list(bar.actions, ACTION) }, { "flows", list(bar.flows, FLOW) },
        { "fills", list(bar.fills, FILL) },
        { "ended", list(bar.ended, ORDER) }, { "given", list(bar.given, ORDER) },
    } do
        entries[#entries + 1] = entry
    end
    return entries
end

-- The object (text/json.lua); hash: that of the result.
return function(report, hash)
    local bars = {}
    for i, bar in ipairs(report.bars) do
        bars[i] = bar_object(bar)
    end
    return json.object {
        { "symbol", report.symbol }, { "time", date.time(report.time) }, { "bar", report.bar },
        { "note", report.note }, { "orders", report.orders },
        { "before", report.before and object(report.before, ORDER) },
        { "bars", json.array(bars) },
        { "after", report.after and object(report.after, ORDER) }, { "result_hash", hash },
    }
end
