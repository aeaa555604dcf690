-- What a backtest left behind. Everything but the metrics is made when it is first asked for.
--
--     metrics      table by key (design: total_return, sharpe_ratio, ...)
--     equity       { time =, cash =, value =, n = }: views, one entry per bar; time in unix seconds
--     orders       array of { id, symbol, kind, size_at, request, amount, filled, status, reason,
--                  created, ended, average_price, commission, slippage }: amount, filled and
--                  average_price in units after the splits while it was open, request as asked
--     fills        array of { order_id, symbol, time, phase, amount, price, commission, slippage }:
--                  phase open, path (between) or close; time is the bar's open, its close in the
--                  phase close
--     trades       array of { symbol, entry_time, exit_time, bars, amount, entry_price,
--                  exit_price, commission, pnl, return, mae, mfe, multiplier, entry_order,
--                  exit_order }: FIFO round trips; return: pnl by the entry's value; mae <= 0 and
--                  mfe >= 0: where it stood worst and best on its way, currency before costs
--     open_trades  the same of what was held at the end, marked at its last price
--     liquidation_value   equity at the end if all of that were sold there, at the run's costs
--     positions    array of { time, symbol, amount, price, value }: what was held at each close
--     flows        array of { time, kind, symbol, amount }: money that moved without a fill
--     actions      array of { time, kind, symbol, value, before, after, cash, due, price, other,
--                  received }: splits, dividends, mergers, delistings of what was held
--     records      array of { time, name, value }
--     reasons      orders by the reason they ended with: { filled = 210, reduced_cash = 3 }
--     drawdown     { start, trough, stop }: unix seconds of peak, trough and recovery (nil: none)
--     daily        { returns =, time =, n = }: views, one entry per session; net of deposits
--     monthly, yearly   arrays of { year, month, value }: returns
--     drawdowns    array of { depth, start, trough, stop, bars, and *_time of the three }
--     rolling      over each half year: { window, sharpe_ratio =, volatility =, time =: views, and
--                  with a benchmark beta =, beta_time = }; result:rolling_of(name, window)
--     benchmark    nil, or { name, value = view [bars], time, returns, own_returns: views over the
--                  sessions that both have, gaps = sessions without, statistics = of its returns }
--     restated     the metrics by the definitions of the run's convention; metrics, and the hash
--                  over them, are always our own
--     statistics   table by key: restated and all of require "backlua.metrics"
--     hash         result hash; manifest: what it takes to repeat the run (manifest.lua)
--     bars, fill_count, starting_cash, periods_per_year, short_windows
--     ambiguous_bars   groups of orders (a stop and a target) that one bar could both have filled;
--                  the option intrabar decided
--
-- Scripts may get a result (analyze, objectives), so the engine's pointer is not in it: it is kept
-- here by the result's identity. The collector frees it, or result:free() does.

local ffi = require "ffi"
local native = require "backlua.ffi"
local seconds = require "backlua.text.date".seconds
local statistics = require "backlua.result_statistics"
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
    local time = vector.allocate(r.bars)
    C.bt_result_seconds(r, time)
    return {
        time = vector.view(time, r.bars), cash = vector.copy(r.cash, r.bars),
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

local PHASES = {
    [C.BT_PHASE_OPEN] = "open", [C.BT_PHASE_PATH] = "path", [C.BT_PHASE_CLOSE] = "close",
}

function parts.fills(r, own)
    local list = {}
    for i = 0, r.fills - 1 do
        local f = r.fill[i]
        list[i + 1] = {
            order_id = f.order_id, symbol = own.symbols[f.sid], time = seconds(f.time),
            phase = PHASES[f.phase], bar = f.bar + 1, amount = f.amount, price = f.price,
            commission = f.commission,
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

local function order_id(id)
    return id ~= 0 and id or nil
end

local function trips(r, own, trade, count)
    local list, excursion = {}, ffi.new "double[2]"
    for i = 0, count - 1 do
        local t = trade[i]
        C.bt_result_excursion(r, trade + i, excursion, excursion + 1)
        list[i + 1] = {
            symbol = own.symbols[t.sid], bars = t.bars, entry_time = seconds(t.entry_time),
            exit_time = seconds(t.exit_time), amount = t.amount, entry_price = t.entry_price,
            exit_price = t.exit_price, commission = t.commission, pnl = t.pnl,
            ["return"] = t.pnl / statistics.stake(t), mae = excursion[0], mfe = excursion[1],
            multiplier = t.multiplier, entry_order = order_id(t.entry_order),
            exit_order = order_id(t.exit_order),
        }
    end
    return list
end

function parts.trades(r, own)
    return trips(r, own, r.trade, r.trades)
end

function parts.open_trades(r, own)
    return trips(r, own, r.open, r.opens)
end

-- Ids of the assets that were ever traded, ascending.
local function traded(r)
    local seen, list = {}, {}
    local function add(sid)
        if sid >= 0 and not seen[sid] then
            seen[sid] = true
            list[#list + 1] = sid
        end
    end
    for i = 0, r.fills - 1 do
        add(r.fill[i].sid)
    end
    for i = 0, r.events - 1 do
        add(r.event[i].other)
    end
    table.sort(list)
    return list
end

-- By asset: what is held becomes a round trip or stays open.
local function multipliers_of(r)
    local list = {}
    for i = 0, r.trades - 1 do
        list[r.trade[i].sid] = r.trade[i].multiplier
    end
    for i = 0, r.opens - 1 do
        list[r.open[i].sid] = r.open[i].multiplier
    end
    return list
end

function parts.positions(r, own)
    local list, quote, multipliers = {}, ffi.new "bt_quote", multipliers_of(r)
    local sids, amounts = traded(r), {}
    for k, sid in ipairs(sids) do
        amounts[k] = vector.allocate(r.bars)
        C.bt_result_amounts(r, sid, amounts[k])
    end
    for bar = 0, r.bars - 1 do
        for k, sid in ipairs(sids) do
            local amount = amounts[k][bar]
            if amount ~= 0 and C.bt_result_quote(r, sid, bar, quote) == C.BT_OK then
                list[#list + 1] = { time = seconds(r.times[bar]), symbol = own.symbols[sid],
                    amount = amount, price = quote.price,
                    value = amount * multipliers[sid] * quote.price }
            end
        end
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
        return bar >= 0 and bar < r.bars and seconds(r.times[bar]) or nil
    end
    return {
        start = at(r.drawdown_start), trough = at(r.drawdown_trough), stop = at(r.drawdown_end),
    }
end

function parts.hash(r)
    return ffi.string(r.hash)
end

function parts.manifest(r, own)
    return require "backlua.manifest"(own.facts, r)
end

for name, part in pairs(statistics.parts) do
    parts[name] = part
end

for _, name in ipairs { "bars", "starting_cash", "periods_per_year", "short_windows",
    "ambiguous_bars", "liquidation_value" } do
    parts[name] = function(r)
        return r[name]
    end
end

-- ---- the object --------------------------------------------------------------------------------

-- Memory of the engine that results hold, so that the collector hears of it.
local held, collect_at = 0, 64 * 1024 * 1024

local function size_of(r)
    return r.bars * 4 * 8 + r.orders * ffi.sizeof "bt_order" + r.fills * ffi.sizeof "bt_fill"
        + (r.trades + r.opens) * ffi.sizeof "bt_trade"
        + r.flows * ffi.sizeof "bt_flow" + r.events * ffi.sizeof "bt_event"
        + r.records * ffi.sizeof "bt_record"
end

local function release(struct)
    held = held - size_of(struct)
    C.bt_result_free(struct)
end

local methods = {}

--- A statistic (a key of backlua.metrics) over each window of so many sessions: a view, NaN for the
-- first window - 1. Raises for an unknown key, a window that is no whole number, or without the
-- benchmark that it needs.
function methods:rolling_of(name, window)
    local struct, own = struct_of(self)
    local view, message = statistics.rolling(struct, own, self, name, window)
    if not view then
        error("rolling_of: " .. message, 2)
    end
    return view
end

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

-- For modules of the library: the engine's result and the facts of its run, symbols by id among
-- them. Raises when it was freed.
function result_module.engine(result)
    return struct_of(result)
end

-- True for a result.
function result_module.is(value)
    return type(value) == "table" and owned[value] ~= nil
end

-- Names of parts and methods, for completion.
function result_module.names()
    local names = {}
    for _, group in ipairs { parts, methods } do
        for name in pairs(group) do
            names[#names + 1] = name
        end
    end
    return names
end

-- Arrays for the returns of sessions and their times, kept from call to call.
local room, returns, times = 0, nil, nil

-- Returns of a result's sessions as double *, n; valid until the next call. For the library, which
-- asks this of every trial: result.daily makes arrays that stay.
function result_module.session_returns(result)
    local struct = owned[result].struct
    if struct.bars > room then
        room = struct.bars
        returns, times = ffi.new("double[?]", room), ffi.new("double[?]", room)
    end
    return returns, C.bt_result_daily(struct, returns, times)
end

local session_ends = ffi.new "double[2]"

-- The equity in few words, for the library: result.equity and result.daily make arrays that stay.
--     first, last   closes of the bars, unix seconds; nil without bars
--     value         view of what it was at each close, to be read before the result is freed
--     sessions, from, to   how many there are, closes of the first and the last
function result_module.curve(result)
    local r = struct_of(result)
    local n = C.bt_result_sessions(r, session_ends, session_ends + 1)
    return {
        first = r.bars > 0 and seconds(r.times[0]) or nil,
        last = r.bars > 0 and seconds(r.times[r.bars - 1]) or nil,
        value = vector.view(r.value, r.bars),
        sessions = n, from = session_ends[0], to = session_ends[1],
    }
end

-- The job of a result (job.lua), for the library.
function result_module.job(result)
    return owned[result].facts.job
end

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
