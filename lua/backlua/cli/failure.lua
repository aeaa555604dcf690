-- Failures at the command line: what is printed and with which code the program ends.
--
-- A failure is { code =, message = }, code being the name of a BT_E_* or "strategy". Exit codes:
-- 0 done, 1 strategy or run failed, 2 wrong usage or configuration, 3 data missing or invalid,
-- 4 input/output failure, 5 study in use, 6 result not reproducible, 130 interrupted.

local ffi = require "ffi"
local C = require "backlua.ffi".C
local output = require "backlua.text.output"

local failure = {}

local EXIT = {
    strategy = 1, state = 1, usage = 2, name = 2, range = 2, data = 3, io = 4, busy = 5,
    reproduce = 6, interrupt = 130,
}

-- The failure of a C call that returned `status`.
function failure.native(status)
    return {
        code = ffi.string(C.bt_error_name(status)),
        message = ffi.string(C.bt_error_message()),
    }
end

-- A failure of usage; format and values as string.format.
function failure.usage(format, ...)
    return { code = "usage", message = format:format(...) }
end

-- Exit code of a failure.
function failure.exit_code(err)
    return type(err) == "table" and EXIT[err.code] or 1
end

-- Say it on stderr ("backlua: message") and return the exit code.
function failure.report(err)
    output.fail(type(err) == "table" and err.message or tostring(err))
    if output.verbose and type(err) == "table" and err.traceback then
        output.detail(err.traceback)
    end
    return failure.exit_code(err)
end

return failure
