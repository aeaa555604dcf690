-- backlua bundle export NAME -o FOLDER --format csv|csvdir|lean: a bundle as files again.
--
--     csv      bars.csv with a row for each symbol and bar, own fields behind the volume;
--              assets.csv, splits.csv, dividends.csv, mergers.csv, delistings.csv, symbols.csv
--              where there is something to tell
--     csvdir   daily/SYMBOL.csv or minute/SYMBOL.csv as zipline's csvdir reads them
--     lean     zip files, factor files and map files as LEAN reads them (export_lean.lua)
--
-- The calendar of a bundle is named in the command that reads the files again; one of a user is
-- written beside them.
--
-- Numbers are the shortest text that reads back to the same double, so that what was exported as
-- csv and is ingested again has the hash it had.

local ffi = require "ffi"
local failure = require "backlua.cli.failure"
local native = require "backlua.ffi"
local number = require "backlua.text.number"
local output = require "backlua.text.output"
local date = require "backlua.text.date"
local shell = require "backlua.text.shell"

local C = native.C
local SERIES, DATA = native.hidden.series, native.hidden.data

local buffer = ffi.new "char[64]"

local function shortest(v)
    return v == v and ffi.string(buffer, C.bt_number_format(v, buffer)) or ""
end

-- A cell that may hold separators or quotes.
local function cell(text)
    return text:find '[",\n\r]' and '"' .. text:gsub('"', '""') .. '"' or text
end

-- The bundle's columns, through a run that never steps.
local function open(name)
    local bundle, run = ffi.new "bt_bundle *[1]", ffi.new "bt_run *[1]"
    local status = C.bt_bundle_acquire(name, bundle)
    if status ~= C.BT_OK then
        return nil, failure.native(status)
    end
    local config = ffi.new "bt_run_config"
    C.bt_run_config_init(config)
    config.bundle = bundle[0]
    local start, stop = ffi.new "bt_time[1]", ffi.new "bt_time[1]"
    status = C.bt_span(bundle[0], nil, nil, start, stop)
    config.start, config["end"] = start[0], stop[0]
    if status == C.BT_OK then
        status = C.bt_run_open(config, run)
    end
    if status ~= C.BT_OK then
        local err = failure.native(status)
        C.bt_bundle_release(bundle[0])
        return nil, err
    end
    local info = ffi.new "bt_bundle_info"
    C.bt_bundle_get_info(bundle[0], info)
    return { bundle = bundle[0], run = run[0], portal = C.bt_run_portal(run[0]),
        frequency = ffi.string(info.frequency), name = ffi.string(info.name),
        calendar = ffi.string(info.calendar) }
end

local function close(book)
    C.bt_run_close(book.run)
    C.bt_bundle_release(book.bundle)
end

-- Columns of an asset by field id.
local function columns_of(book, sid)
    local columns = {}
    for field = 0, book.portal.fields - 1 do
        if field ~= C.BT_FIELD_PRICE then
            local status = C.bt_portal_column(book.portal, sid, field)
            if status ~= C.BT_OK then
                return nil, failure.native(status)
            end
            columns[field] = book.portal[SERIES][sid * book.portal.fields + field][DATA]
        end
    end
    return columns
end

local function is_intraday(frequency)
    return frequency:match "%a+" == "m" or frequency:match "%a+" == "h"
        or frequency:match "%a+" == "s"
end

-- What stands in the date column of a row: its session, or within a day its close.
local function stamp_of(book)
    if not is_intraday(book.frequency) then
        return function(row)
            return date.day(C.bt_bundle_session(book.bundle, row))
        end
    end
    C.bt_portal_times(book.portal)
    local seconds = book.portal[native.hidden.time_series][DATA]
    return function(row)
        return date.time(seconds[row])
    end
end

-- What cannot be made shows when a file in it is written.
local function make_folder(path)
    C.bt_folder_make(path)
end

local function write_file(path, lines)
    local text = table.concat(lines, "\n") .. "\n"
    local status = C.bt_file_write(path, text, #text, C.BT_WRITE_CACHED)
    if status ~= C.BT_OK then
        return failure.native(status)
    end
end

-- ---- csv ---------------------------------------------------------------------------------------

local BARS = { C.BT_FIELD_OPEN, C.BT_FIELD_HIGH, C.BT_FIELD_LOW, C.BT_FIELD_CLOSE,
    C.BT_FIELD_VOLUME }

local function own_fields(book)
    local ids, names = {}, {}
    for id = C.BT_FIELDS, book.portal.fields - 1 do
        ids[#ids + 1], names[#names + 1] = id, ffi.string(C.bt_bundle_field(book.bundle, id))
    end
    return ids, names
end

-- Lines of an asset's bars: prefix, time, the fields by id.
local function add_bars(lines, columns, ids, rows, prefix, stamp)
    local close_column, words = columns[C.BT_FIELD_CLOSE], {}
    for row = 0, rows - 1 do
        if close_column[row] == close_column[row] then
            for i, id in ipairs(ids) do
                words[i] = shortest(columns[id][row])
            end
            lines[#lines + 1] = prefix .. stamp(row) .. "," .. table.concat(words, ",")
        end
    end
end

local FACTS = { "tick_size", "lot_size", "multiplier" }

local function assets_lines(book)
    local lines, facts = {}, ffi.new "bt_asset_facts"
    for sid = 0, book.portal.assets - 1 do
        C.bt_bundle_get_facts(book.bundle, sid, facts)
        local words = { cell(ffi.string(facts.name)), cell(ffi.string(facts.exchange)) }
        for i, key in ipairs(FACTS) do
            local absent = key == "multiplier" and 1 or 0
            words[2 + i] = facts[key] ~= absent and shortest(facts[key]) or ""
        end
        for _, key in ipairs { "first_date", "last_date" } do
            words[#words + 1] = facts[key] == facts[key] and date.day(facts[key]) or ""
        end
        local text = table.concat(words, ",")
        if text:find "[^,]" then
            local symbol = ffi.string(C.bt_bundle_symbol(book.bundle, sid))
            lines[#lines + 1] = cell(symbol) .. "," .. text
        end
    end
    return lines
end

local function day_text(day)
    return day ~= C.BT_NO_DAY and date.day(day * 86400) or ""
end

-- Tables of corporate actions: file name, header, and what stands in a line behind the symbol; nil
-- for what an ingest finds by itself.
local TABLES = {
    [C.BT_ACTION_SPLIT] = { "splits.csv", "symbol,date,ratio", function(_, a)
        return ("%s,%s"):format(day_text(a.day), shortest(a.value))
    end },
    [C.BT_ACTION_DIVIDEND] = { "dividends.csv", "symbol,ex_date,amount,pay_date,currency",
        function(_, a)
            return ("%s,%s,%s,%s"):format(day_text(a.day), shortest(a.value), day_text(a.pay_day),
                cell(ffi.string(a.text)))
        end },
    [C.BT_ACTION_MERGER] = { "mergers.csv", "symbol,merger_date,other,ratio,cash",
        function(book, a)
            local other = a.other >= 0 and ffi.string(C.bt_bundle_symbol(book.bundle, a.other))
            return ("%s,%s,%s,%s"):format(day_text(a.day), cell(other or ""), shortest(a.value),
                shortest(a.cash))
        end },
    [C.BT_ACTION_DELISTING] = { "delistings.csv", "symbol,delisting_date,price", function(_, a)
        return a.text[0] == 0 and ("%s,%s"):format(day_text(a.day), shortest(a.value)) or nil
    end },
    [C.BT_ACTION_SYMBOL] = { "symbols.csv", "symbol,change_date,old_symbol", function(_, a)
        return ("%s,%s"):format(day_text(a.day), cell(ffi.string(a.text)))
    end },
}

local function write_table(folder, name, header, lines)
    if #lines > 0 then
        table.insert(lines, 1, header)
        return write_file(folder .. "/" .. name, lines)
    end
end

local function write_actions(book, folder)
    local list, lines = ffi.new "const bt_action *[1]", {}
    for i = 0, C.bt_bundle_actions(book.bundle, list) - 1 do
        local a = list[0][i]
        local text = TABLES[a.kind][3](book, a)
        lines[a.kind] = lines[a.kind] or {}
        if text then
            table.insert(lines[a.kind], cell(ffi.string(C.bt_bundle_symbol(book.bundle, a.sid)))
                .. "," .. text)
        end
    end
    for kind = 0, C.BT_ACTION_KINDS - 1 do
        local err = write_table(folder, TABLES[kind][1], TABLES[kind][2], lines[kind] or {})
        if err then
            return err
        end
    end
end

local function csv(book, folder)
    local ids, names = own_fields(book)
    local header = "symbol,date,open,high,low,close,volume"
        .. (#names > 0 and "," .. table.concat(names, ",") or "")
    local lines, all = { header }, { unpack(BARS) }
    for _, id in ipairs(ids) do
        all[#all + 1] = id
    end
    local stamp = stamp_of(book)
    for sid = 0, book.portal.assets - 1 do
        local columns, err = columns_of(book, sid)
        if not columns then
            return nil, err
        end
        local symbol = cell(ffi.string(C.bt_bundle_symbol(book.bundle, sid)))
        add_bars(lines, columns, all, book.portal.rows, symbol .. ",", stamp)
    end
    local err = write_file(folder .. "/bars.csv", lines)
    err = err or write_table(folder, "assets.csv", "symbol,name,exchange,tick_size,lot_size,"
        .. "multiplier,first_date,last_date", assets_lines(book)) or write_actions(book, folder)
    if err then
        return nil, err
    end
    return (" --frequency %s --stamp close --adjusted none"):format(book.frequency)
end

-- ---- one file for each symbol ------------------------------------------------------------------

local function file_name(symbol)
    return (symbol:gsub("[^%w%.%-_^=]", "_"))
end

-- Splits (old shares for a new one) and dividends of an asset by row.
local function actions_by_row(book, sid)
    local list, splits, dividends = ffi.new "const bt_action *[1]", {}, {}
    for i = 0, C.bt_bundle_actions(book.bundle, list) - 1 do
        local a = list[0][i]
        if a.sid == sid and a.kind == C.BT_ACTION_SPLIT then
            splits[a.row] = (splits[a.row] or 1) * a.value
        elseif a.sid == sid and a.kind == C.BT_ACTION_DIVIDEND then
            dividends[a.row] = (dividends[a.row] or 0) + a.value
        end
    end
    return splits, dividends
end

local function csvdir(book, folder)
    local kind = is_intraday(book.frequency) and "minute" or "daily"
    if book.frequency ~= "1d" and book.frequency ~= "1m" then
        return nil, failure.usage("csvdir holds bars of 1d or 1m; bundle '%s' has %s; use --format "
            .. "csv", book.name, book.frequency)
    end
    make_folder(folder .. "/" .. kind)
    local stamp = stamp_of(book)
    for sid = 0, book.portal.assets - 1 do
        local columns, err = columns_of(book, sid)
        if not columns then
            return nil, err
        end
        local splits, dividends = actions_by_row(book, sid)
        local lines, rows = {}, {}
        add_bars(lines, columns, BARS, book.portal.rows, "", function(row)
            rows[#rows + 1] = row
            return stamp(row)
        end)
        for i, row in ipairs(rows) do
            lines[i] = ("%s,%s,%s"):format(lines[i], shortest(dividends[row] or 0),
                shortest(splits[row] or 1))
        end
        table.insert(lines, 1, "date,open,high,low,close,volume,dividend,split")
        err = write_file(("%s/%s/%s.csv"):format(folder, kind,
            file_name(ffi.string(C.bt_bundle_symbol(book.bundle, sid)))), lines)
        if err then
            return nil, err
        end
    end
    return ""
end

local function lean(book, folder)
    return require "backlua.cli.export_lean"(book, folder, { columns_of = columns_of,
        make_folder = make_folder, shortest = shortest, write_file = write_file })
end

-- What each needs to be read again, beside what all do; nil and a failure.
local FORMATS = { csv = csv, csvdir = csvdir, lean = lean }

local CALENDAR, HEAD = "calendar.sessions", "backlua calendar 1\n"

-- The option that names the bundle's calendar; nil and a failure.
local function calendar_option(book, folder)
    local name, text = book.calendar, book.calendar:match("^" .. HEAD .. "(.*)$")
    if text then
        name = folder .. "/" .. CALENDAR
        local err = write_file(name, { (text:gsub("\n$", "")) })
        if err then
            return nil, err
        end
    end
    return name ~= "union" and " --calendar " .. shell(name) or ""
end

-- Are there assets whose bars end early, and none that is taken as delisted for it?
local function keeps_listed(book)
    local list, first, last = ffi.new "const bt_action *[1]", ffi.new "int32_t[1]",
        ffi.new "int32_t[1]"
    for i = 0, C.bt_bundle_actions(book.bundle, list) - 1 do
        if list[0][i].kind == C.BT_ACTION_DELISTING then
            return false
        end
    end
    for sid = 0, book.portal.assets - 1 do
        C.bt_bundle_asset_rows(book.bundle, sid, first, last)
        if last[0] < book.portal.rows - 1 then
            return true
        end
    end
    return false
end

-- The command that makes the bundle again of what was written; nil and a failure.
local function write(book, args)
    local options, err = FORMATS[args.format](book, args.output)
    local calendar
    if options then
        calendar, err = calendar_option(book, args.output)
    end
    return calendar and ("backlua ingest %s -b NAME%s%s%s"):format(shell(args.output), options,
        calendar, keeps_listed(book) and " --keep-listed" or ""), err
end

-- args: name, format, output, json, csv. Exit code, or nil and a failure.
return function(args)
    local kind = C.bt_path_kind(args.output)
    if kind ~= C.BT_PATH_NONE and kind ~= C.BT_PATH_FOLDER
        or kind == C.BT_PATH_FOLDER and C.bt_folder_list(args.output, ffi.new
            "const char *const *[1]") > 0 then
        return nil, failure.usage("%s is there already; name a new or an empty folder", args.output)
    end
    local book, err = open(args.name)
    if not book then
        return nil, err
    end
    make_folder(args.output)
    local again
    again, err = write(book, args)
    local assets = book.portal.assets
    close(book)
    if not again then
        return nil, err
    end
    local form = require "backlua.cli.form"
    if form.asked(args) then
        form.write(args, require "backlua.text.json".object { { "name", args.name },
            { "format", args.format }, { "folder", args.output }, { "symbols", assets },
            { "again", again } })
    else
        output.write(("%s: %s symbols in %s; back again: %s\n"):format(args.name,
            number.count(assets), args.output, again))
    end
    return 0
end
