-- What happened to an asset around a bar of a result, and why.
--
--     local why = require "backlua.why"
--     local report, err = why.collect(result, "AAPL", "2020-03-16")
--     print(report)
--
-- A report is a plain table:
--
--     symbol, bar (1 is the first), time, note (the day asked for is no session; or nil)
--     bars     array of the bars around it, each { bar, time, open, high, low, close, volume, price
--              (last traded), held_before, held, cash_before, cash, equity_before, equity,
--              records = { name = value }, actions, flows, given, fills, ended }:
--              actions and flows as in the result; given: orders of that close; fills: each with
--              cash, cash_before, share (of the bar's volume) and waits (true: the bar's volume
--              allowed no more of the order); ended: orders that ended there
--     before, after   the asset's last order before those bars, the next one after them, or nil
--     orders   how many the asset had in all
--
-- An order has, beside what result.orders says, `asked`: the reckoning from the request to units,
-- as words, `sentence`: what its reason means, `split`: new units for an old one, where the asset
-- split while it was open (its amount is in new ones), and `check`: what it cost and what there
-- was, where that was not enough.

local ffi = require "ffi"
local errors = require "backlua.errors"
local number = require "backlua.text.number"
local result_module = require "backlua.result"
local seconds = require "backlua.text.date".seconds
local C = require("backlua.ffi").C

local AROUND = 1

local why = {}

-- ---- which asset, which bar ------------------------------------------------------------------

local function sid_of(symbols, symbol)
    local names, sid = {}, 0
    while symbols[sid] do
        if symbols[sid] == symbol then
            return sid
        end
        sid = sid + 1
        names[sid] = symbols[sid - 1]
    end
    return nil, errors.new("usage", ("why: no symbol %s in the bundle%s"):format(
        require "backlua.text.quote"(symbol), require "backlua.text.nearest".hint(symbol, names)))
end

local time_out, has_time = ffi.new "bt_time[1]", ffi.new "int32_t[1]"

local function day_text(day)
    return require "backlua.text.date".day(day * 86400)
end

-- The last bar of a day's session, or of the first session after it; 0-based.
local function bar_of_day(r, day)
    for bar = 0, r.bars - 1 do
        local its = C.bt_result_day(r, bar)
        if its >= day and C.bt_result_day(r, bar + 1) ~= its then
            return bar, its ~= day and ("%s is no session; the next one is %s"):format(
                day_text(day), day_text(its)) or nil
        end
    end
end

local function outside(r, text)
    return nil, errors.new("usage", ("why: the run has no bar on %s or after; it goes from %s to "
        .. "%s"):format(require "backlua.text.quote"(text), day_text(C.bt_result_day(r, 0)),
            day_text(C.bt_result_day(r, r.bars - 1))))
end

-- 0-based bar of "2020-03-16" or "2020-03-16T14:30" (the first that closes then or later), and a
-- note; or nil, err.
local function bar_of(r, text)
    if r.bars == 0 then
        return nil, errors.new("usage", "why: the run has no bar")
    elseif C.bt_date_parse(text, time_out, has_time) ~= C.BT_OK then
        return nil, errors.native(C.BT_E_USAGE)
    end
    local bar, note
    if has_time[0] == 0 then
        local day = tonumber(time_out[0]) / 86400e6
        if day >= C.bt_result_day(r, 0) then
            bar, note = bar_of_day(r, day)
        end
    else
        for i = r.bars - 1, 0, -1 do
            bar = r.times[i] >= time_out[0] and i or bar
        end
    end
    if not bar then
        return outside(r, text)
    end
    return bar, note
end

-- ---- orders ----------------------------------------------------------------------------------

local function money(v)
    return number.grouped(v)
end

local function units(v)
    return number.shortest(v)
end

local function away(held)
    return held ~= 0 and (", %s held"):format(units(held)) or ""
end

-- From the number in the strategy to units, with the price and equity of the bar it was given on.
local function reckoning(order, bar)
    local request, price = order.request, bar.price
    local at = (" at %s"):format(number.shortest(price))
    local kind = order.kind
    if order.size_at == "fill" and kind ~= "amount" then
        at = ", sized at the fill"
    end
    if order.forced then
        return "given by the account itself"
    elseif order.parent then
        return ("exit of order %d"):format(order.parent)
    elseif kind == "amount" then
        return units(request) .. " units"
    elseif kind == "target" then
        return ("to hold %s units%s"):format(units(request), away(bar.held))
    elseif kind == "value" then
        return ("worth %s%s"):format(money(request), at)
    elseif kind == "target_value" then
        return ("to hold %s%s%s"):format(money(request), at, away(bar.held))
    end
    local share = ("%s of equity %s"):format(number.percent(request), money(bar.equity))
    if kind == "percent" then
        return share .. at
    end
    return ("to hold %s%s%s"):format(share, at, away(bar.held))
end

local function orders_of(result, symbol)
    local r = result_module.engine(result)
    local list = {}
    for i, order in ipairs(result.orders) do
        if order.symbol == symbol then
            local mine = setmetatable({}, { __index = order })
            mine.created_bar = r.order[i - 1].created_row - r.first_row + 1
            mine.forced = bit.band(r.order[i - 1].flags, C.BT_ORDER_FORCED) ~= 0
            mine.sentence = ffi.string(C.bt_reason_text(r.order[i - 1].reason))
            list[#list + 1] = mine
        end
    end
    return list
end

-- ---- bars ------------------------------------------------------------------------------------

local function records_of(result, time)
    local found = {}
    for _, record in ipairs(result.records) do
        if record.time == time then
            found[record.name] = record.value
        end
    end
    return found
end

-- Those of an asset (nil: of any) that happened as a bar opened.
local function opening(r, list, bar, symbol)
    local found = {}
    for _, entry in ipairs(list) do
        if C.bt_result_opening(r, entry.time) == bar
            and (not symbol or entry.symbol == symbol or entry.other == symbol) then
            found[#found + 1] = entry
        end
    end
    return found
end

local function multiplier_of(r, sid)
    for i = 0, r.trades - 1 do
        if r.trade[i].sid == sid then
            return r.trade[i].multiplier
        end
    end
    for i = 0, r.opens - 1 do
        if r.open[i].sid == sid then
            return r.open[i].multiplier
        end
    end
    return 1
end

-- Fills of the asset on a bar; cash runs through those of all assets.
local function fills_of(result, symbol, bar, cash)
    local r, found = result_module.engine(result), {}
    for i = 0, r.fills - 1 do
        local f = r.fill[i]
        if f.bar == bar then
            local before = cash
            cash = cash - (f.amount * multiplier_of(r, f.sid) * f.price + f.commission)
            local fill = result.fills[i + 1]
            if fill.symbol == symbol then
                found[#found + 1] = setmetatable({ cash_before = before, cash = cash },
                    { __index = fill })
            end
        end
    end
    return found
end

local quote = ffi.new "bt_quote"

local function bar_report(result, symbol, sid, bar, amounts)
    local r = result_module.engine(result)
    C.bt_result_quote(r, sid, bar, quote)
    local out = {
        bar = bar + 1, time = seconds(r.times[bar]), open = quote.open, high = quote.high,
        low = quote.low, close = quote.close, volume = quote.volume, price = quote.price,
        held_before = bar > 0 and amounts[bar - 1] or 0, held = amounts[bar],
        cash_before = bar > 0 and r.cash[bar - 1] or r.starting_cash, cash = r.cash[bar],
        equity_before = bar > 0 and r.value[bar - 1] or r.starting_cash, equity = r.value[bar],
        records = records_of(result, seconds(r.times[bar])),
        actions = opening(r, result.actions, bar, symbol), flows = {}, given = {}, ended = {},
    }
    local cash = out.cash_before
    for _, flow in ipairs(opening(r, result.flows, bar)) do
        cash = cash + flow.amount
        if flow.symbol == symbol or not flow.symbol then
            out.flows[#out.flows + 1] = flow
        end
    end
    out.fills = fills_of(result, symbol, bar, cash)
    for _, fill in ipairs(out.fills) do
        fill.share = math.abs(fill.amount) / out.volume
    end
    return out
end

-- The bar that an order ended on: that of its last fill, or of the time.
local function ended_bar(result, order)
    if not order.ended then
        return nil
    end
    local last
    for _, fill in ipairs(order.filled ~= 0 and result.fills or {}) do
        last = fill.order_id == order.id and fill.bar or last
    end
    if last and order.status == "filled" then
        return last
    end
    local time = result.equity.time
    for bar = 1, result.bars do
        if time[bar] >= order.ended then
            return bar
        end
    end
end

local CASH = { reduced_cash = true, no_cash = true }

-- An order that goes on after a fill does so because the bar's volume allowed no more of it.
local function add_rests(report)
    for _, bar in ipairs(report.bars) do
        for _, fill in ipairs(bar.fills) do
            for _, order in ipairs(report.list) do
                local last = order.ended_bar == bar.bar and order.status ~= "open"
                if order.id == fill.order_id and not last then
                    fill.waits = true
                end
            end
        end
    end
end

-- What the buying power was asked for and what there was, where that ended an order.
local function cash_check(order, bar, each)
    if not CASH[order.reason] then
        return nil
    end
    local price, cash = bar.open, bar.cash_before
    for _, fill in ipairs(bar.fills) do
        if fill.order_id == order.id then
            price, cash = fill.price, fill.cash_before
        end
    end
    return ("%s units at %s are worth %s; cash was %s"):format(units(order.amount),
        number.shortest(price), money(math.abs(order.amount) * each * price), money(cash))
end

local function add_orders(report, result, sid)
    local r = result_module.engine(result)
    local each = multiplier_of(r, sid)
    local first, last = report.bars[1].bar, report.bars[#report.bars].bar
    for _, order in ipairs(report.list) do
        local given, ended = order.created_bar, ended_bar(result, order)
        order.ended_bar = ended
        local ratio = C.bt_result_splits(r, sid, given - 1, (ended or r.bars) - 1)
        order.split = ratio ~= 1 and ratio or nil
        local bar = given >= first and given <= last and report.bars[given - first + 1]
        if bar then
            order.asked = reckoning(order, bar)
            bar.given[#bar.given + 1] = order
        elseif given < first then
            report.before = order
        else
            report.after = report.after or order
        end
        local last_bar = ended and ended >= first and report.bars[ended - first + 1]
        if last_bar then
            order.check = cash_check(order, last_bar, each)
            table.insert(last_bar.ended, order)
        end
    end
end

--- What happened to an asset around a day ("2020-03-16") or time: a report, which prints itself; or
-- nil, err ("usage": no such symbol, no such bar; a text that is no date).
function why.collect(result, symbol, date)
    local r, own = result_module.engine(result)
    local sid, err = sid_of(own.symbols, symbol)
    if not sid then
        return nil, err
    end
    local bar, note = bar_of(r, date)
    if not bar then
        return nil, note
    end
    local amounts = ffi.new("double[?]", r.bars)
    C.bt_result_amounts(r, sid, amounts)
    local report = { symbol = symbol, bar = bar + 1, time = seconds(r.times[bar]),
        note = note, bars = {}, list = orders_of(result, symbol),
        daily = own.facts.job.info.frequency == "1d" }
    report.orders = #report.list
    for i = math.max(0, bar - AROUND), math.min(r.bars - 1, bar + AROUND) do
        report.bars[#report.bars + 1] = bar_report(result, symbol, sid, i, amounts)
    end
    add_orders(report, result, sid)
    add_rests(report)
    report.list = nil
    return setmetatable(report, { __tostring = function(self)
        return (require "backlua.why_text"(self):gsub("\n$", ""))
    end })
end

return why
