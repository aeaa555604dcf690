-- Closes of an asset over the bars of a run, as quoted.

local ffi = require "ffi"
local errors = require "backlua.errors"
local native = require "backlua.ffi"

local C = native.C
local SERIES, DATA = native.hidden.series, native.hidden.data

local prices = {}

-- A run that never steps: its portal maps columns.
local function open(job)
    local config = ffi.new "bt_run_config"
    ffi.copy(config, job.config, ffi.sizeof "bt_run_config")
    config.bundle, config.params, config.beat = job.bundle, "", nil
    config.adjust = C.BT_ADJUST_NONE
    local out = ffi.new "bt_run *[1]"
    local status = C.bt_run_open(config, out)
    if status ~= C.BT_OK then
        return nil, errors.native(status)
    end
    return ffi.gc(out[0], C.bt_run_close)
end

local function copied(times, close, rows, first, last)
    local time, values = {}, {}
    for row = 0, rows - 1 do
        if times[row] >= first and times[row] <= last and close[row] == close[row] then
            time[#time + 1], values[#values + 1] = times[row], close[row]
        end
    end
    return { time = time, close = values }
end

-- { time (unix seconds), close } of an asset's bars within the equity's; nil, err.
function prices.read(job, symbol, equity)
    local run, err = open(job)
    if not run then
        return nil, err
    end
    local portal = C.bt_run_portal(run)
    local sid = C.bt_bundle_find(job.bundle, symbol)
    local status = C.bt_portal_column(portal, sid, C.BT_FIELD_CLOSE)
    status = status == C.BT_OK and C.bt_portal_times(portal) or status
    if status ~= C.BT_OK then
        return nil, errors.native(status)
    end
    local close = portal[SERIES][sid * portal.fields + C.BT_FIELD_CLOSE][DATA]
    local bars = copied(portal[native.hidden.time_series][DATA], close, portal.rows,
        equity.time[1], equity.time[-1])
    C.bt_run_close(ffi.gc(run, nil))
    return bars
end

return prices
