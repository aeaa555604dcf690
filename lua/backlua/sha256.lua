-- sha256(text): 64 hexadecimal digits.

local ffi = require "ffi"
local C = require("backlua.ffi").C

local hex = ffi.new "char[65]"

return function(text)
    C.bt_sha256(text, #text, hex)
    return ffi.string(hex)
end
