-- The corporate actions of a bundle as text, read through the engine.
--
--     actions(folder .. "/x")  -->  { "AAPL dividend 2020-02-07 0.77", "AAPL split 2020-08-31 4" }
--
-- One line for each, by symbol, time and kind: symbol, kind, ex-date, value, and where they are
-- known the pay date and the text.

local ffi = require "ffi"
local native = require "backlua.ffi"
local C = native.C

local buffer = ffi.new "char[64]"

local function number(v)
    return ffi.string(buffer, C.bt_number_format(v, buffer))
end

local function date(day)
    C.bt_time_format(day * 86400, buffer)
    return ffi.string(buffer):sub(1, 10)
end

return function(path)
    local bundle, list = ffi.new "bt_bundle *[1]", ffi.new "const bt_action *[1]"
    if C.bt_bundle_acquire(path, bundle) ~= C.BT_OK then
        error(ffi.string(C.bt_error_message()), 0)
    end
    local lines = {}
    for i = 0, C.bt_bundle_actions(bundle[0], list) - 1 do
        local a = list[0][i]
        local words = { ffi.string(C.bt_bundle_symbol(bundle[0], a.sid)),
            ffi.string(C.bt_action_name(a.kind)), date(a.day), number(a.value) }
        if a.pay_day ~= C.BT_NO_DAY then
            words[#words + 1] = date(a.pay_day)
        end
        local text = ffi.string(a.text)
        words[#words + 1] = text ~= "" and text or nil
        lines[i + 1] = table.concat(words, " ")
    end
    C.bt_bundle_release(bundle[0])
    return lines
end
