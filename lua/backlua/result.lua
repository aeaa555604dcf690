-- What a backtest left behind. Everything but the metrics is made when it is first asked for.
--
--     metrics      table by key (design: total_return, sharpe_ratio, ...)
--     equity       { time =, cash =, value =, n = }: views, one entry per bar; time in unix seconds
--     orders       array of { id, symbol, kind, size_at, request, amount, filled, status, reason,
--                  created, ended, average_price, commission, slippage }
--     fills        array of { order_id, symbol, time, amount, price, commission, slippage }
--     trades       array of { symbol, entry_time, exit_time, bars, amount, entry_price,
--                  exit_price, commission, pnl }
--     flows        array of { time, kind, symbol, amount }: money that moved without a fill
--     actions      array of { time, kind, symbol, value, before, after, cash, due, price, other,
--                  received }: splits, dividends, mergers, delistings of what was held
--     records      array of { time, name, value }
--     reasons      orders by the reason they ended with: { filled = 210, reduced_cash = 3 }
--     drawdown     { start, trough, stop }: unix seconds of peak, trough and recovery (nil: none)
--     daily        { returns =, time =, n = }: views, one entry per session; net of deposits
--     monthly, yearly   arrays of { year, month, value }: returns
--     drawdowns    array of { depth, start, trough, stop, bars, and *_time of the three }
--     statistics   table by key: metrics and all of require "backlua.metrics"
--     hash         result hash; manifest: what it takes to repeat the run (manifest.lua)
--     bars, fill_count, starting_cash, periods_per_year, short_windows
--     ambiguous_bars   groups of orders (a stop and a target) that one bar could both have filled;
--                  the option intrabar decided
--
-- Scripts may get a result (analyze, objectives), so the engine's pointer is not in it: it is kept
-- here by the result's identity. The collector frees it, or result:free() does.

local ffi = require "ffi"
local native = require "backlua.ffi"
local vector = require "backlua.vector"

local C = native.C

local result_module = {}

-- Engine's result and the facts of its run by result object.
local owned = setmetatable({}, { __mode = "k" })

local function struct_of(result)
    local own = owned[result]
    if not own or own.struct == nil then
        error("result: it was freed", 3)
    end
    return own.struct, own
end

local function seconds(time)
    return tonumber(time) / 1e6
end

local function finite(v)
    return v == v and v or nil
end

-- ---- parts -------------------------------------------------------------------------------------

local parts = {}
result_module.parts = parts

function parts.metrics(r)
    local metrics = {}
    for i = 0, C.BT_METRICS - 1 do
        metrics[ffi.string(C.bt_metric_name(i))] = r.metrics[i]
    end
    return metrics
end

function parts.equity(r)
    return {
        time = vector.copy(r.seconds, r.bars), cash = vector.copy(r.cash, r.bars),
        value = vector.copy(r.value, r.bars), n = r.bars,
    }
end

local KINDS = {
    [C.BT_ORDER_AMOUNT] = "amount", [C.BT_ORDER_VALUE] = "value",
    [C.BT_ORDER_PERCENT] = "percent", [C.BT_ORDER_TARGET] = "target",
    [C.BT_ORDER_TARGET_VALUE] = "target_value", [C.BT_ORDER_TARGET_PERCENT] = "target_percent",
}
local STATUS = {
    [C.BT_STATUS_OPEN] = "open", [C.BT_STATUS_FILLED] = "filled",
    [C.BT_STATUS_CANCELLED] = "cancelled", [C.BT_STATUS_REJECTED] = "rejected",
    [C.BT_STATUS_PARTIAL] = "partial",
}

function parts.orders(r, own)
    local list, order_details = {}, require("backlua.order_view").details
    for i = 0, r.orders - 1 do
        local o = r.order[i]
        list[i + 1] = order_details(o, {
            id = o.id, symbol = own.symbols[o.sid], kind = KINDS[o.kind],
            size_at = bit.band(o.flags, C.BT_ORDER_SIZE_AT_FILL) ~= 0 and "fill" or "decision",
            request = o.request, amount = o.amount, filled = o.filled,
            status = STATUS[o.status], reason = ffi.string(C.bt_reason_name(o.reason)),
            created = seconds(o.created), ended = o.ended ~= 0 and seconds(o.ended) or nil,
            average_price = finite(o.average_price), commission = o.commission,
            slippage = o.slippage,
        })
    end
    return list
end

function parts.fills(r, own)
    local list = {}
    for i = 0, r.fills - 1 do
        local f = r.fill[i]
        list[i + 1] = {
            order_id = f.order_id, symbol = own.symbols[f.sid], time = seconds(f.time),
            amount = f.amount, price = f.price, commission = f.commission,
            slippage = f.slippage,
        }
    end
    return list
end

function parts.flows(r, own)
    local list = {}
    for i = 0, r.flows - 1 do
        local f = r.flow[i]
        list[i + 1] = {
            time = seconds(f.time), kind = ffi.string(C.bt_flow_name(f.kind)),
            symbol = own.symbols[f.sid], amount = f.amount,
        }
    end
    return list
end

function parts.actions(r, own)
    local list = {}
    for i = 0, r.events - 1 do
        local e = r.event[i]
        list[i + 1] = {
            time = seconds(e.time), kind = ffi.string(C.bt_action_name(e.kind)),
            symbol = own.symbols[e.sid], value = e.value, before = e.before, after = e.after,
            cash = e.cash, due = e.due ~= 0 and seconds(e.due) or nil, price = finite(e.price),
            other = own.symbols[e.other], received = e.other >= 0 and e.received or nil,
        }
    end
    return list
end

-- Their number without making them.
function parts.fill_count(r)
    return r.fills
end

function parts.trades(r, own)
    local list = {}
    for i = 0, r.trades - 1 do
        local t = r.trade[i]
        list[i + 1] = {
            symbol = own.symbols[t.sid], bars = t.bars, entry_time = seconds(t.entry_time),
            exit_time = seconds(t.exit_time), amount = t.amount, entry_price = t.entry_price,
            exit_price = t.exit_price, commission = t.commission, pnl = t.pnl,
        }
    end
    return list
end

function parts.records(r)
    local names, list = {}, {}
    for i = 0, r.record_names - 1 do
        names[i] = ffi.string(C.bt_result_record_name(r, i))
    end
    for i = 0, r.records - 1 do
        local record = r.record[i]
        list[i + 1] = {
            time = seconds(record.time), name = names[record.name], value = record.value,
        }
    end
    return list
end

function parts.reasons(r)
    local counts = {}
    for i = 0, C.BT_REASONS - 1 do
        if r.reasons[i] ~= 0 then
            counts[ffi.string(C.bt_reason_name(i))] = r.reasons[i]
        end
    end
    return counts
end

function parts.drawdown(r)
    local function at(bar)
        return bar >= 0 and bar < r.bars and r.seconds[bar] or nil
    end
    return {
        start = at(r.drawdown_start), trough = at(r.drawdown_trough), stop = at(r.drawdown_end),
    }
end

-- Returns of the sessions, from close to close, net of deposits: { returns, time, n }: views.
function parts.daily(r)
    local returns, time = vector.allocate(r.bars), vector.allocate(r.bars)
    local n = C.bt_result_daily(r, returns, time)
    return { returns = vector.view(returns, n), time = vector.view(time, n), n = n }
end

local function period(result, by)
    return require "backlua.metrics".aggregate(result.daily.time, result.daily.returns, by)
end

function parts.monthly(_, _, result)
    return period(result, "month")
end

function parts.yearly(_, _, result)
    return period(result, "year")
end

-- Drawdowns of the sessions' closes with their times: start, trough, stop (nil: not recovered).
function parts.drawdowns(_, _, result)
    local time = result.daily.time
    local list = require "backlua.metrics".drawdowns(result.daily.returns)
    for _, d in ipairs(list) do
        d.start_time = d.start > 0 and time[d.start] or nil
        d.trough_time, d.stop_time = time[d.trough], d.stop and time[d.stop]
    end
    return list
end

-- Every statistic by key: the metrics, those of the sessions' returns, those of the round trips.
-- costs as a share of what the trades won before them: cost_share.
function parts.statistics(r, own, result)
    local metrics = require "backlua.metrics"
    local pnls, returns, won = {}, {}, 0
    for i = 0, r.trades - 1 do
        local t = r.trade[i]
        pnls[i + 1] = t.pnl
        returns[i + 1] = t.pnl / math.abs(t.amount * t.entry_price)
        won = won + math.max(0, t.pnl + t.commission)
    end
    local out = metrics.trade_summary(pnls, { returns = returns })
    for key, value in pairs(metrics.summary(result.daily.returns, {
        periods_per_year = r.periods_per_year, risk_free = own.facts.job.options.risk_free,
    })) do
        out[key] = value
    end
    for key, value in pairs(result.metrics) do
        out[key] = value
    end
    local costs = out.total_commission + out.total_slippage
    out.cost_share = won > 0 and costs / won or 0 / 0
    return out
end

function parts.hash(r)
    return ffi.string(r.hash)
end

function parts.manifest(r, own)
    return require "backlua.manifest"(own.facts, r)
end

for _, name in ipairs { "bars", "starting_cash", "periods_per_year", "short_windows",
    "ambiguous_bars" } do
    parts[name] = function(r)
        return r[name]
    end
end

-- ---- the object --------------------------------------------------------------------------------

-- Memory of the engine that results hold, so that the collector hears of it.
local held, collect_at = 0, 64 * 1024 * 1024

local function size_of(r)
    return r.bars * 4 * 8 + r.orders * ffi.sizeof "bt_order" + r.fills * ffi.sizeof "bt_fill"
        + r.trades * ffi.sizeof "bt_trade"
        + r.flows * ffi.sizeof "bt_flow" + r.events * ffi.sizeof "bt_event"
        + r.records * ffi.sizeof "bt_record"
end

local function release(struct)
    held = held - size_of(struct)
    C.bt_result_free(struct)
end

local methods = {}

--- Give the memory back now. Parts that were asked for stay; others raise from now on.
function methods:free()
    local own = owned[self]
    if own and own.struct ~= nil then
        release(ffi.gc(own.struct, nil))
        own.struct = nil
    end
end

local meta = {
    __metatable = false,
    __index = function(result, name)
        if methods[name] then
            return methods[name]
        end
        local part = parts[name]
        if not part then
            return nil
        end
        local struct, own = struct_of(result)
        local value = part(struct, own, result)
        rawset(result, name, value)
        return value
    end,
    __tostring = function(result)
        local m = result.metrics
        return ("Result(%d bars, total return %.2f %%, Sharpe %.2f, %d trades, %s)"):format(
            result.bars, 100 * m.total_return, m.sharpe_ratio, m.trades, result.hash:sub(1, 12))
    end,
}

-- A result object that owns struct (bt_result *). facts: of its run, for the manifest.
function result_module.new(struct, facts)
    struct = ffi.gc(struct, release)
    held = held + size_of(struct)
    if held > collect_at then
        collectgarbage()
        collect_at = math.max(64 * 1024 * 1024, 2 * held)
    end
    local result = setmetatable({}, meta)
    owned[result] = { struct = struct, facts = facts, symbols = facts.job.symbols }
    return result
end

return result_module
