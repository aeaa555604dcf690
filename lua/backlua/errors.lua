-- Failures as values: { code =, message = }, printed as their message.
--
-- code is the name of a BT_E_* ("usage", "range", "name", "data", "io", "busy", "state",
-- "reproduce", "interrupt"), or "strategy" when a strategy raised. Misuse of the library raises a
-- plain message at the caller's line instead.

local ffi = require "ffi"
local C = require "backlua.ffi".C

local errors = {}

local failure = {
    __tostring = function(err)
        return err.message
    end,
}

-- A failure. fields: table to become the failure, or nil.
function errors.new(code, message, fields)
    fields = fields or {}
    fields.code, fields.message = code, message
    return setmetatable(fields, failure)
end

-- The failure that the engine has just reported; status: what its function returned, or nil.
function errors.native(status)
    return errors.new(ffi.string(C.bt_error_name(status or C.bt_error_code())),
        ffi.string(C.bt_error_message()))
end

-- True for a failure made here; a script cannot make one.
function errors.is(value)
    return type(value) == "table" and getmetatable(value) == failure
end

return errors
