-- The two streams: stdout carries the result, stderr all that is said about it.

local color = require "backlua.text.color"
local printable = require "backlua.text.printable"

local output = { quiet = false, verbose = false }

local EPIPE = 32
local LINE_MAX = 1000 -- bytes
-- 128 + SIGPIPE, as the shell reports a program whose reader went away.
output.PIPE_CLOSED = 141

-- A failure to write stdout ends the program: quietly when the reader left (`| head`), else with
-- exit code 4, for a result that is not written is a run that failed.
local function failed(message, errno)
    if errno == EPIPE then
        os.exit(output.PIPE_CLOSED)
    end
    io.stderr:write("backlua: cannot write the result: ", message, "\n")
    os.exit(4)
end

-- Write text to stdout.
function output.write(text)
    local ok, message, errno = io.stdout:write(text)
    if not ok then
        failed(message, errno)
    end
end

-- Push buffered output out; to be called before the program ends.
function output.flush()
    local ok, message, errno = io.stdout:flush()
    if not ok then
        failed(message, errno)
    end
end

-- Columns of the terminal that stdout is, nil when it is none: tables are then as wide as they are.
function output.columns()
    local C = require "backlua.ffi".C
    local columns = C.bt_is_terminal(1) == 1 and C.bt_terminal_columns(1) or 0
    return columns > 0 and columns or nil
end

local PAGE, PAGE_MOST = 80, 100

-- Columns of a page of text: those of the terminal, but no line is longer than eyes like it.
function output.page_columns()
    return math.min(output.columns() or PAGE, PAGE_MOST)
end

-- Write lines to stdout that fit the terminal.
function output.say(text)
    output.write((require "backlua.text.fold"(text, output.columns())))
end

-- A message may quote a path of any length and any bytes.
local function shown(text)
    if #text > LINE_MAX then
        text = text:gsub("[^\n]+", function(line)
            return #line > LINE_MAX and ("%s... (%d bytes)"):format(line:sub(1, LINE_MAX), #line)
                or nil
        end)
    end
    return printable(text, true)
end

-- A line for the user on stderr; silent under --quiet.
function output.note(text)
    if not output.quiet then
        io.stderr:write(shown(text), "\n")
    end
end

-- A line on stderr under --verbose only.
function output.detail(text)
    if output.verbose then
        io.stderr:write(shown(text), "\n")
    end
end

-- "backlua: warning: text" on stderr; silent under --quiet.
function output.warn(text)
    if not output.quiet then
        io.stderr:write(color.paint(2, "yellow", "backlua: warning:"), " ", shown(text), "\n")
    end
end

-- "backlua: text" on stderr, always.
function output.fail(text)
    io.stdout:flush()
    io.stderr:write(color.paint(2, "red", "backlua:"), " ", shown(text), "\n")
end

return output
