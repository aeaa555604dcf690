-- bundle export --format lean: a bundle as a data folder of LEAN.
--
--     equity/usa/daily/aapl.zip      aapl.csv: 20130102 00:00,o,h,l,c,v
--     equity/usa/hour/aapl.zip       the same with the hour that a bar opens, New York time
--     equity/usa/minute/aapl/20130102_trade.zip
--                                    20130102_aapl_minute_trade.csv: milliseconds,o,h,l,c,v
--     equity/usa/factor_files/aapl.csv    date,price factor,split factor,close
--     equity/usa/map_files/aapl.csv       date,symbol
--
-- Prices are whole ten-thousandths. A factor holds up to its date and is the product of all later
-- events: 1 / ratio for a split, 1 - dividend / close for a dividend off the close before.

local ffi = require "ffi"
local date = require "backlua.text.date"
local failure = require "backlua.cli.failure"
local native = require "backlua.ffi"
local number = require "backlua.text.number"
local output = require "backlua.text.output"

local C = native.C

local SCALE, FOREVER = 10000, "20501231"
local KINDS = { ["1d"] = "daily", ["1h"] = "hour", ["1m"] = "minute" }
local LENGTH = { ["1h"] = 3600, ["1m"] = 60 }

local function compact(day)
    return (date.day(day):gsub("-", ""))
end

local function zone(name)
    local out = ffi.new "const bt_zone *[1]"
    local status = C.bt_zone_find(name, out)
    if status ~= C.BT_OK then
        return nil, failure.native(status)
    end
    return out[0]
end

-- ---- bars --------------------------------------------------------------------------------------

-- Price as ten-thousandths; counts those that have more decimals.
local function whole(book, price)
    local scaled = price * SCALE
    local n = math.floor(scaled + 0.5)
    if math.abs(n - scaled) > 1e-6 * scaled then
        book.rounded = book.rounded + 1
    end
    return ("%.0f"):format(n)
end

local PRICES = { C.BT_FIELD_OPEN, C.BT_FIELD_HIGH, C.BT_FIELD_LOW, C.BT_FIELD_CLOSE }

local function line_of(book, columns, row, stamp, tools)
    local words = { stamp }
    for i, field in ipairs(PRICES) do
        words[i + 1] = whole(book, columns[field][row])
    end
    words[6] = tools.shortest(columns[C.BT_FIELD_VOLUME][row])
    return table.concat(words, ",")
end

-- Seconds of New York's clock at a row's open; for days their date.
local function opens_of(book)
    if not LENGTH[book.frequency] then
        return function(row)
            return C.bt_bundle_session(book.bundle, row)
        end
    end
    local new_york, err = zone "America/New_York"
    if not new_york then
        return nil, err
    end
    C.bt_portal_times(book.portal)
    local closes = book.portal[native.hidden.time_series][native.hidden.data]
    return function(row)
        local open = closes[row] - LENGTH[book.frequency]
        return open + C.bt_zone_offset(new_york, open)
    end
end

local function zip(path, name, lines)
    local text = table.concat(lines, "\n") .. "\n"
    local status = C.bt_zip_write(path, name, text, #text)
    return status ~= C.BT_OK and failure.native(status) or nil
end

local function each_bar(book, columns, visit)
    local close = columns[C.BT_FIELD_CLOSE]
    for row = 0, book.portal.rows - 1 do
        if close[row] == close[row] then
            local err = visit(row)
            if err then
                return err
            end
        end
    end
end

local function days_or_hours(book, columns, folder, name, open_of, tools)
    local lines = {}
    each_bar(book, columns, function(row)
        local open = open_of(row)
        local stamp = ("%s %02d:%02d"):format(compact(open), math.floor(open / 3600) % 24,
            math.floor(open / 60) % 60)
        lines[#lines + 1] = line_of(book, columns, row, stamp, tools)
    end)
    return zip(("%s/%s.zip"):format(folder, name), name .. ".csv", lines)
end

local function minutes(book, columns, folder, name, open_of, tools)
    local day, lines = nil, {}
    tools.make_folder(folder .. "/" .. name)
    local function flush()
        if day then
            return zip(("%s/%s/%s_trade.zip"):format(folder, name, day),
                ("%s_%s_minute_trade.csv"):format(day, name), lines)
        end
    end
    local err = each_bar(book, columns, function(row)
        local open, failed = open_of(row), nil
        if compact(open) ~= day then
            failed, day, lines = flush(), compact(open), {}
        end
        lines[#lines + 1] = line_of(book, columns, row, ("%.0f"):format(open % 86400 * 1000), tools)
        return failed
    end)
    return err or flush()
end

-- ---- corporate actions -------------------------------------------------------------------------

-- Splits and dividends of an asset by row, oldest first: { row, ratio, cash }; other ones apart.
local function events_of(book, sid)
    local list, events, names, ended = ffi.new "const bt_action *[1]", {}, {}, nil
    for i = 0, C.bt_bundle_actions(book.bundle, list) - 1 do
        local a = list[0][i]
        if a.sid == sid and (a.kind == C.BT_ACTION_SPLIT or a.kind == C.BT_ACTION_DIVIDEND) then
            local last = events[#events]
            if not last or last.row ~= a.row then
                last = { row = a.row, ratio = 1, cash = 0 }
                events[#events + 1] = last
            end
            last.ratio = a.kind == C.BT_ACTION_SPLIT and last.ratio * a.value or last.ratio
            last.cash = a.kind == C.BT_ACTION_DIVIDEND and last.cash + a.value or last.cash
        elseif a.sid == sid and a.kind == C.BT_ACTION_SYMBOL then
            names[#names + 1] = { day = a.day, old = ffi.string(a.text) }
        elseif a.sid == sid then
            ended = a.day
        end
    end
    return events, names, ended
end

-- The last row with a bar before a row, or nil.
local function before(close, row, first)
    for r = row - 1, first, -1 do
        if close[r] == close[r] then
            return r
        end
    end
end

local function factor_lines(book, columns, sid, events, tools)
    local first, last = ffi.new "int32_t[1]", ffi.new "int32_t[1]"
    C.bt_bundle_asset_rows(book.bundle, sid, first, last)
    local close, price, split = columns[C.BT_FIELD_CLOSE], 1, 1
    local lines = { FOREVER .. ",1,1,0" }
    local function add(day_row, row)
        table.insert(lines, 1, ("%s,%s,%s,%s"):format(compact(C.bt_bundle_session(book.bundle,
            day_row)), tools.shortest(price), tools.shortest(split), tools.shortest(close[row])))
    end
    for i = #events, 1, -1 do
        local e = events[i]
        local row = e.row < book.portal.rows and before(close, e.row, first[0])
        if row and e.cash * e.ratio < close[row] then
            price, split = price * (1 - e.cash * e.ratio / close[row]), split / e.ratio
            add(e.row - 1, row)
        end
    end
    if not events[1] or events[1].row - 1 > first[0] then
        add(first[0], first[0])
    end
    return lines
end

local function map_lines(book, sid, names, ended, symbol)
    local first, last = ffi.new "int32_t[1]", ffi.new "int32_t[1]"
    C.bt_bundle_asset_rows(book.bundle, sid, first, last)
    local lines = { ("%s,%s"):format(compact(C.bt_bundle_session(book.bundle, first[0])),
        (names[1] and names[1].old or symbol):lower()) }
    for _, n in ipairs(names) do
        lines[#lines + 1] = ("%s,%s"):format(compact((n.day - 1) * 86400), n.old:lower())
    end
    lines[#lines + 1] = ("%s,%s"):format(ended and compact((ended - 1) * 86400) or FOREVER,
        symbol:lower())
    return lines
end

-- ------------------------------------------------------------------------------------------------

local function export_asset(book, sid, folders, kind, open_of, tools)
    local columns, err = tools.columns_of(book, sid)
    if not columns then
        return err
    end
    local symbol = ffi.string(C.bt_bundle_symbol(book.bundle, sid))
    local name = symbol:lower():gsub("[^%w%.%-_^=]", "_")
    local events, names, ended = events_of(book, sid)
    return (kind == "minute" and minutes or days_or_hours)(book, columns, folders.bars, name,
            open_of, tools)
        or tools.write_file(("%s/%s.csv"):format(folders.factors, name),
            factor_lines(book, columns, sid, events, tools))
        or tools.write_file(("%s/%s.csv"):format(folders.maps, name),
            map_lines(book, sid, names, ended, symbol))
end

-- book: an open bundle of bundle_export.lua; tools: its functions. Options to read it again, or nil
-- and a failure.
return function(book, folder, tools)
    local kind = KINDS[book.frequency]
    if not kind then
        return nil, failure.usage("lean holds bars of 1d, 1h or 1m; bundle '%s' has %s; use "
            .. "--format csv", book.name, book.frequency)
    end
    local open_of, err = opens_of(book)
    if not open_of then
        return nil, err
    end
    local root = folder .. "/equity/usa/"
    local folders = { bars = root .. kind, factors = root .. "factor_files",
        maps = root .. "map_files" }
    for _, path in pairs(folders) do
        tools.make_folder(path)
    end
    book.rounded = 0
    for sid = 0, book.portal.assets - 1 do
        err = export_asset(book, sid, folders, kind, open_of, tools)
        if err then
            return nil, err
        end
    end
    if book.rounded > 0 then
        output.warn(("%s prices have more than four decimals and were rounded"):format(
            number.count(book.rounded)))
    end
    return ""
end
