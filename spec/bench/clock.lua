-- Wall time: os.clock tells processor time alone.

local ffi = require "ffi"

ffi.cdef [[
typedef struct { long sec, nsec; } bench_timespec;
int clock_gettime(int clock, bench_timespec *out);
]]

local CLOCK_MONOTONIC = 1
local now = ffi.new "bench_timespec"

local clock = {}

-- Seconds that a call takes.
function clock.wall(call)
    ffi.C.clock_gettime(CLOCK_MONOTONIC, now)
    local sec, nsec = tonumber(now.sec), tonumber(now.nsec)
    call()
    ffi.C.clock_gettime(CLOCK_MONOTONIC, now)
    return tonumber(now.sec) - sec + (tonumber(now.nsec) - nsec) * 1e-9
end

return clock
