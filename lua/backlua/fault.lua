-- A strategy that failed, in words: file and line, the source line, who called, the bar it happened
-- at, in at most eight lines. Loaded when something went wrong.

local errors = require "backlua.errors"

local fault = {}

local MESSAGE_LINES, MESSAGE_BYTES = 4, 1000
-- Of a text that was raised, what is looked at: patterns over megabytes would take for ever.
local RAISED_BYTES = 2000
local CALLERS = 4 -- of those that called, how many are named

-- ---- while the stack is still there ----------------------------------------------------------

local function is_script(program, source)
    if source == program.source then
        return program
    end
    for _, file in ipairs(program.files) do
        if source == file.source then
            return file
        end
    end
end

local function shown_name(file)
    return file.shown or file.name
end

-- The strategy's file that a function of the stack stands in, and the line; nil for any other.
local function place(program, info)
    local file = is_script(program, info.source)
    if not file and program.kind == "table" and info.what ~= "C"
        and not info.source:find "^@backlua/" then
        file = { name = info.short_src }
    end
    return info.currentline > 0 and file or nil, info.currentline
end

-- The innermost function of the strategy on the stack: its file, line and level.
local function where(program)
    for level = 3, 250 do
        local info = debug.getinfo(level, "Sl")
        if not info then
            return nil
        end
        local file, line = place(program, info)
        if file then
            return file, line, level
        end
    end
end

-- Those that called it: an array of "file:line", a loop of calls named once.
local function callers(program, first)
    local list = {}
    for level = first, 250 do
        local info = debug.getinfo(level, "Sl")
        if not info or #list == CALLERS then
            break
        end
        local file, line = place(program, info)
        local text = file and ("%s:%d"):format(shown_name(file), line)
        list[#list + 1] = text ~= list[#list] and text or nil
    end
    return list
end

-- For use as xpcall's handler, through a function that adds the program: what was raised and
-- where, as a table for fault.describe.
function fault.capture(raised, program)
    if type(raised) == "string" then
        raised = raised:sub(1, RAISED_BYTES)
    end
    local caught = { raised = raised, traceback = debug.traceback("", 3) }
    local level
    caught.file, caught.line, level = where(program)
    -- A stack that overflowed has no room to look further.
    local full = type(raised) == "string" and raised:find("stack overflow", 1, true)
    caught.callers = level and not full and callers(program, level + 1) or {}
    return caught
end

-- ---- afterwards ------------------------------------------------------------------------------

local function safe_tostring(value)
    local ok, text = pcall(tostring, value)
    return ok and type(text) == "string" and text:sub(1, RAISED_BYTES)
        or "(an error object that cannot be printed)"
end

local FULL = 2 ^ 17 -- KiB of Lua's memory

-- Where memory runs out there may be none left to say so.
local function nothing_said()
    return collectgarbage "count" > FULL and "not enough memory" or "error without a message (nil)"
end

-- What was raised, in words that are the same in every run.
function fault.text(raised)
    if type(raised) == "string" then
        return raised
    elseif raised == nil then
        return nothing_said()
    elseif type(raised) == "table" and not errors.is(raised) then
        local message = rawget(raised, "message")
        if type(message) == "string" then
            return message:sub(1, RAISED_BYTES)
        end
        local meta = debug.getmetatable(raised)
        if not (type(meta) == "table" and rawget(meta, "__tostring")) then
            return "error(table): raise a text, or a table with a message"
        end
    end
    return safe_tostring(raised)
end

-- Drop the position that Lua put in front, when it is the one we print ourselves.
local function strip_position(text, caught)
    local line, rest = text:match "^[^\n]-:(%d+): (.*)$"
    if line and caught.line and tonumber(line) == caught.line then
        return rest
    elseif text:find "^backlua/[%w_/]+%.lua:%d+: " then
        return (text:gsub("^backlua/[%w_/]+%.lua:%d+: ", ""))
    end
    return text
end

local function shorten(text)
    if #text > MESSAGE_BYTES then
        text = text:sub(1, MESSAGE_BYTES) .. "..."
    end
    local lines = {}
    for line in (text .. "\n"):gmatch "([^\n]*)\n" do
        if #lines == MESSAGE_LINES then
            lines[MESSAGE_LINES] = lines[MESSAGE_LINES] .. " ..."
            break
        end
        lines[#lines + 1] = line
    end
    return table.concat(lines, "\n")
end

local function show_line(file, line)
    return require "backlua.text.line_of"(file and file.text, line)
end

-- A text that the parser refused. message: what load said.
function fault.syntax(file, message)
    local line = tonumber(message:match ":(%d+): ")
    local said = message:match ":%d+: (.*)$" or message
    local text = ("%s:%s: %s%s%s"):format(shown_name(file), line or "?", shorten(said),
        require "backlua.hints".syntax(said), show_line(file, line))
    return errors.new("strategy", text, { file = shown_name(file), line = line })
end

local function hint_at(caught, said, env, params)
    local hints = require "backlua.hints"
    local hint = type(caught.raised) == "string" and hints.explain(caught.raised, env, params)
        or ""
    return hint ~= "" and hint
        or hints.parameter(said, show_line(caught.file, caught.line), params)
end

-- The failure of a run from what fault.capture caught. Where the stack overflows in compiled code,
-- the handler is not called: then `caught` is what was raised.
--     env     the script's environment, params: its parameters or nil; both for hints
--     stage   "initialize", "handle_data", ...: the callback, or nil
--     bar     the bar's date or time as text, or nil
function fault.describe(caught, env, params, stage, bar)
    if type(caught) ~= "table" then
        caught = { raised = caught, callers = {} }
    end
    local raised = caught.raised
    local said = shorten(strip_position(fault.text(raised), caught))
    said = said .. hint_at(caught, said, env, params)
    local file, line = caught.file, caught.line
    local head = file and ("%s:%d: "):format(shown_name(file), line) or ""
    local context = {}
    context[#context + 1] = bar and "at bar " .. bar
    context[#context + 1] = stage and "in " .. stage
    local tail = #context > 0 and "\n       " .. table.concat(context, ", ") or ""
    if file and caught.callers[1] then
        tail = "\n       called from " .. table.concat(caught.callers, ", ") .. tail
    end
    return errors.new(errors.is(raised) and raised.code or "strategy",
        head .. said .. show_line(file, line) .. tail, {
            reason = said, file = file and shown_name(file), line = line, bar = bar,
            stage = stage, traceback = caught.traceback,
        })
end

return fault
