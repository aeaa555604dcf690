-- The bars of a bundle as text, read through the engine.
--
--     dump("x", folder)  -->  { "AAA 2020-01-02T23:59:59Z 10 11 9 10.5 100", ... }
--
-- One line for each bar, by symbol and time: symbol, close time, open, high, low, close, volume.

local ffi = require "ffi"
local native = require "backlua.ffi"
local C, DATA = native.C, native.hidden.data

local FIELDS = { C.BT_FIELD_OPEN, C.BT_FIELD_HIGH, C.BT_FIELD_LOW, C.BT_FIELD_CLOSE,
    C.BT_FIELD_VOLUME }

local function check(status)
    if status ~= C.BT_OK then
        error(ffi.string(C.bt_error_message()), 0)
    end
end

local buffer = ffi.new "char[64]"

local function number(v)
    return ffi.string(buffer, C.bt_number_format(v, buffer))
end

local function time(seconds)
    C.bt_time_format(seconds, buffer)
    return ffi.string(buffer)
end

local function add_bars(lines, bundle, portal, sid, seconds)
    local symbol = ffi.string(C.bt_bundle_symbol(bundle, sid))
    local columns = {}
    for i, field in ipairs(FIELDS) do
        check(C.bt_portal_column(portal, sid, field))
        columns[i] = portal[native.hidden.series][sid * portal.fields + field][DATA]
    end
    for row = 0, portal.rows - 1 do
        if columns[1][row] == columns[1][row] then
            local words = { symbol, time(seconds[row]) }
            for i = 1, 5 do
                words[i + 2] = number(columns[i][row])
            end
            lines[#lines + 1] = table.concat(words, " ")
        end
    end
end

return function(path)
    local bundle, run = ffi.new "bt_bundle *[1]", ffi.new "bt_run *[1]"
    check(C.bt_bundle_acquire(path, bundle))
    local config = ffi.new "bt_run_config"
    C.bt_run_config_init(config)
    config.bundle = bundle[0]
    local start, stop = ffi.new "bt_time[1]", ffi.new "bt_time[1]"
    check(C.bt_span(bundle[0], nil, nil, start, stop))
    config.start, config["end"] = start[0], stop[0]
    check(C.bt_run_open(config, run))
    local portal = C.bt_run_portal(run[0])
    check(C.bt_portal_times(portal))
    local seconds, lines = portal[native.hidden.time_series][DATA], {}
    for sid = 0, portal.assets - 1 do
        add_bars(lines, bundle[0], portal, sid, seconds)
    end
    C.bt_run_close(run[0])
    C.bt_bundle_release(bundle[0])
    return lines
end
