-- What was typed, from session to session: $XDG_STATE_HOME/backlua/history, readable by its owner
-- alone.
--
-- An entry is a line of the file, its line ends written as \n and its backslashes as \\. The newest
-- comes last; an entry that is typed again moves there. Before it is written the file is read
-- again, so that two prompts at a time keep both their entries. Trouble with the file is told once
-- and costs nothing but the history.

local ffi = require "ffi"
local output = require "backlua.text.output"
local C = require "backlua.ffi".C

local history = {}

local LIMIT = 1000
local path, told

local function escape(text)
    return (text:gsub("\\", "\\\\"):gsub("\n", "\\n"))
end

local function unescape(line)
    return (line:gsub("\\(.)", function(c)
        return c == "n" and "\n" or c
    end))
end

local function complain(message)
    if not told then
        told = true
        output.warn("no history is kept: " .. message)
    end
end

local function file_path()
    if not path then
        local folder = ffi.new "char[4096]"
        if C.bt_state_folder(folder) ~= C.BT_OK then
            complain(ffi.string(C.bt_error_message()))
            return nil
        end
        path = ffi.string(folder) .. "/history"
    end
    return path
end

local function read(from)
    local list, file = {}, io.open(from, "rb")
    if file then
        for line in file:lines() do
            if line ~= "" then
                list[#list + 1] = unescape(line)
            end
        end
        file:close()
    end
    return list
end

-- The list with its last entry alone of its kind, and no longer than LIMIT.
local function settle(list)
    local newest, kept = list[#list], {}
    for i = math.max(1, #list - LIMIT), #list - 1 do
        if list[i] ~= newest then
            kept[#kept + 1] = list[i]
        end
    end
    kept[#kept + 1] = newest
    return kept
end

--- Entries of earlier sessions, oldest first.
function history.load()
    local from = file_path()
    return from and read(from) or {}
end

--- Add an entry to the file.
function history.add(text)
    local to = file_path()
    if not to then
        return
    end
    local list = read(to)
    list[#list + 1] = text
    list = settle(list)
    for i, entry in ipairs(list) do
        list[i] = escape(entry)
    end
    local bytes = table.concat(list, "\n") .. "\n"
    if C.bt_file_write(to, bytes, #bytes, C.BT_WRITE_CACHED) ~= C.BT_OK then
        complain(ffi.string(C.bt_error_message()))
    end
end

return history
