-- Keys of the metrics in result order.

local ffi = require "ffi"
local C = require "backlua.ffi".C

return function()
    local keys = {}
    for i = 0, C.BT_METRICS - 1 do
        keys[i + 1] = ffi.string(C.bt_metric_name(i))
    end
    return keys
end
