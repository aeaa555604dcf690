-- Instants as text. Times are UTC.

local ffi = require "ffi"
local C = require "backlua.ffi".C

local date = {}

local buffer = ffi.new "char[64]"

-- "2004-08-19" of unix seconds (a number or an int64 of microseconds divided by the caller).
function date.day(seconds)
    C.bt_date_format(seconds, buffer)
    return ffi.string(buffer)
end

-- "2004-08-19T13:30:00Z" of unix seconds.
function date.time(seconds)
    C.bt_time_format(seconds, buffer)
    return ffi.string(buffer)
end

-- The bar of a frequency ("1d", "1m") that closes at unix seconds: bars of days are told apart by
-- their day, others by the time.
function date.bar(seconds, frequency)
    return frequency == "1d" and date.day(seconds) or date.time(seconds)
end

-- Unix seconds of a bt_time (int64 microseconds).
function date.seconds(time)
    return tonumber(time) / 1e6
end

return date
