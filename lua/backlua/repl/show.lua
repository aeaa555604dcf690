-- Values as a person wants to see them at the prompt: no `=`, no print.
--
--     number     6 significant digits; from a thousand on, with separators
--     view       a sparkline and statistics;  frame: its first and last rows
--     result     the summary that `backlua run` prints, and its curves
--     table      of records: aligned, at most 20 rows; else keys and values, two levels deep,
--                a table met again inside itself as <cycle>
--
-- Under `.mode csv` and `.mode json` tables of records come in these forms, whole.

local color = require "backlua.text.color"
local number = require "backlua.text.number"
local printable = require "backlua.text.printable"
local width = require "backlua.text.width"

local show = { mode = "table" }

local ROWS, DEPTH, LINE, INLINE_ITEMS = 20, 2, 76, 12
local CELL = 40 -- columns of a text in a table

-- ---- numbers and texts -------------------------------------------------------------------------

--- A number: whole ones with all digits, others with six that count.
function show.number(v)
    if v ~= v then
        return "nan"
    elseif v == math.huge or v == -math.huge then
        return v > 0 and "inf" or "-inf"
    elseif v % 1 == 0 and math.abs(v) < 2 ^ 53 then
        return ("%d"):format(v)
    elseif math.abs(v) >= 1000 and math.abs(v) < 1e12 then
        return number.grouped(v, 2)
    end
    return ("%.6g"):format(v)
end

-- Instants are numbers of seconds under names that say so.
local TIMES = { time = true, entry_time = true, exit_time = true, created = true, ended = true,
    start_time = true, stop_time = true, trough_time = true }

--- True for a name whose numbers are instants.
function show.is_time(key)
    return TIMES[key] ~= nil
end

--- An instant: a day, or with its time in UTC.
function show.time(v)
    local date = require "backlua.text.date"
    return v % 86400 == 0 and date.day(v) or (date.time(v):gsub("Z$", ""):gsub("T", " "))
end

local function quoted(text)
    return '"' .. printable(text):gsub('"', '\\"') .. '"'
end

-- ---- kinds -------------------------------------------------------------------------------------

local function loaded(name)
    return package.loaded["backlua." .. name]
end

-- True for a value that the module of a kind knows; a module that is not loaded has made none.
local function is_a(module, value)
    local kind = loaded(module)
    return kind and kind.is and kind.is(value)
end

-- The true metatable's __tostring, or nil.
local function own_text(value)
    local meta = debug.getmetatable(value)
    return type(meta) == "table" and rawget(meta, "__tostring") and tostring(value)
end

local function function_text(f)
    local info = debug.getinfo(f, "S")
    local where = info.what == "C" and "built in" or info.source:find "^@backlua/" and "backlua"
        or ("%s:%d"):format(info.short_src, info.linedefined)
    return "function (" .. where .. ")"
end

-- A value on one line, inside of another. depth: levels that may still be opened.
local inline

local function sorted_keys(t)
    local keys = {}
    for key in next, t do
        keys[#keys + 1] = key
    end
    table.sort(keys, function(a, b)
        if type(a) == type(b) and (type(a) == "number" or type(a) == "string") then
            return a < b
        elseif type(a) ~= type(b) then
            return type(a) < type(b)
        end
        return tostring(a) < tostring(b)
    end)
    return keys
end

local function key_text(key)
    if type(key) == "string" and key:match "^[%a_][%w_]*$" then
        return key
    end
    return "[" .. inline(key, 0, {}) .. "]"
end

local function more(n)
    return ("... %s more"):format(number.count(n))
end

local function inline_table(t, depth, open)
    if open[t] then
        return "<cycle>"
    elseif next(t) == nil then
        return "{}"
    elseif depth <= 0 then
        return "{...}"
    end
    open[t] = true
    local parts, length = {}, #t
    for i = 1, math.min(length, INLINE_ITEMS) do
        parts[i] = inline(t[i], depth - 1, open)
    end
    if length > INLINE_ITEMS then
        parts[#parts + 1] = more(length - INLINE_ITEMS)
    end
    local named = 0
    for _, key in ipairs(sorted_keys(t)) do
        local in_list = type(key) == "number" and key >= 1 and key <= length and key % 1 == 0
        if not in_list then
            named = named + 1
            if named <= ROWS then
                parts[#parts + 1] = key_text(key) .. " = " .. inline(t[key], depth - 1, open, key)
            end
        end
    end
    if named > ROWS then
        parts[#parts + 1] = more(named - ROWS)
    end
    open[t] = nil
    return "{" .. table.concat(parts, ", ") .. "}"
end

-- A view as one of several values; under a name of instants as days.
local function view_line(v, key)
    if #v == 0 then
        return "view[0]"
    end
    local text = show.is_time(key) and show.time or show.number
    return ("view[%d] %s .. %s"):format(#v, text(v[1]), text(v[#v]))
end

-- key: the name that the value has, or nil.
function inline(value, depth, open, key)
    local kind = type(value)
    if is_a("view", value) then
        return view_line(value, key)
    end
    if kind == "number" then
        return show.is_time(key) and value == value and show.time(value) or show.number(value)
    elseif kind == "string" then
        return quoted(value)
    elseif kind == "function" then
        return function_text(value)
    elseif kind == "table" then
        return own_text(value) or inline_table(value, depth, open)
    end
    return tostring(value)
end

-- ---- tables of records -------------------------------------------------------------------------

-- Columns that come first, in this order; all others follow by name.
local FIRST = {}
for i, key in ipairs { "id", "trial", "time", "created", "entry_time", "exit_time", "symbol",
    "name", "kind", "type", "request", "amount", "filled", "open", "high", "low", "close", "volume",
    "price", "average_price", "entry_price", "exit_price", "pnl", "value", "status", "state",
    "reason", "score" } do
    FIRST[key] = i
end

local function by_importance(a, b)
    local x, y = FIRST[a] or math.huge, FIRST[b] or math.huge
    if x == y then
        return a < b
    end
    return x < y
end

local function is_plain(value)
    return type(value) == "table" and not debug.getmetatable(value)
end

-- Keys of the records of an array, in order of their names; nil when it is none.
local function record_keys(list)
    if not is_plain(list[1]) then
        return nil
    end
    local seen, keys = {}, {}
    for i = 1, #list do
        local record = list[i]
        if not is_plain(record) or record[1] ~= nil then
            return nil
        end
        for key in next, record do
            if type(key) ~= "string" then
                return nil
            elseif not seen[key] then
                seen[key] = true
                keys[#keys + 1] = key
            end
        end
    end
    for key in next, list do -- something beside the array
        if type(key) ~= "number" then
            return nil
        end
    end
    table.sort(keys, by_importance)
    return #keys > 0 and keys or nil
end

local function cell(key, value)
    if type(value) == "number" then
        return show.is_time(key) and value == value and show.time(value) or show.number(value)
    elseif type(value) == "string" then
        local text = printable(value)
        return width.of(text) > CELL and width.cut(text, CELL - 3) .. "..." or text
    elseif value == nil then
        return ""
    end
    local text = inline(value, 1, {})
    return width.of(text) > CELL and width.cut(text, CELL - 3) .. "..." or text
end

local function is_numeric(list, key)
    for i = 1, #list do
        local v = list[i][key]
        if v ~= nil and type(v) ~= "number" then
            return false
        end
    end
    return true
end

local function records_cells(list, keys)
    local rows = {}
    for r = 1, math.min(#list, ROWS) do
        rows[r] = { tostring(r) }
        for c, key in ipairs(keys) do
            rows[r][c + 1] = cell(key, list[r][key])
        end
    end
    return rows
end

-- How many of the columns the terminal holds, at least one.
local function fitting(keys, rows)
    local room = require("backlua.ffi").C.bt_terminal_columns(1)
    if room <= 0 then
        return #keys
    end
    room = room - #tostring(#rows)
    for c, key in ipairs(keys) do
        local widest = width.of(key)
        for _, row in ipairs(rows) do
            widest = math.max(widest, width.of(row[c + 1]))
        end
        room = room - widest - 2
        if room < 0 then
            return math.max(1, c - 1)
        end
    end
    return #keys
end

local function records_text(list, keys)
    local columns, rows = { { title = "", right = true } }, records_cells(list, keys)
    local shown = fitting(keys, rows)
    for c = 1, shown do
        columns[c + 1] = { title = keys[c], right = is_numeric(list, keys[c]) }
    end
    local text = require "backlua.text.table"(columns, rows, { paint = function(line)
        return color.paint(1, "bold", line)
    end })
    if #list > ROWS then
        text = text .. more(#list - ROWS) .. "\n"
    end
    if shown < #keys then
        text = text .. "also: " .. table.concat(keys, ", ", shown + 1) .. "\n"
    end
    return text
end

local function records_csv(list, keys)
    local rows = {}
    for r = 1, #list do
        rows[r] = {}
        for c, key in ipairs(keys) do
            rows[r][c] = list[r][key]
        end
    end
    return require "backlua.text.csv".encode(keys, rows)
end

-- ---- other tables ------------------------------------------------------------------------------

-- A key on each line, where one line is too short for all.
local function entries_text(t)
    local list, rows = sorted_keys(t), {}
    for i = 1, math.min(#list, ROWS) do
        local key = list[i]
        local text = inline(t[key], DEPTH - 1, { [t] = true }, key)
        rows[i] = { key_text(key), width.of(text) > 4 * LINE and width.cut(text, 4 * LINE) .. "..."
            or text }
    end
    return require "backlua.text.table"({ {}, {} }, rows)
        .. (#list > ROWS and more(#list - ROWS) .. "\n" or "")
end

local function numbers_only(list)
    for i = 1, #list do
        if type(list[i]) ~= "number" then
            return false
        end
    end
    return #list > 2 * INLINE_ITEMS
end

local function table_text(t)
    local keys = record_keys(t)
    if show.mode == "json" then
        return require "backlua.text.json".encode(t) .. "\n"
    elseif keys then
        return (show.mode == "csv" and records_csv or records_text)(t, keys)
    elseif numbers_only(t) then
        return inline_table(t, 1, {}) .. "\n" .. require "backlua.text.sparkline"(t) .. "\n"
    end
    local line = inline_table(t, DEPTH, {})
    if width.of(line) <= LINE or #t > 0 and next(t, #t) == nil and #t <= INLINE_ITEMS then
        return line .. "\n"
    end
    return entries_text(t)
end

-- ---- our own things ----------------------------------------------------------------------------

local function view_text(v)
    local n = #v
    if n == 0 then
        return "view[0]\n"
    end
    local valid = v:valid()
    local facts = ("view[%d]  %s .. %s"):format(n, show.number(v[1]), show.number(v[n]))
    if #valid < n then
        facts = facts .. ("  %d NaN"):format(n - #valid)
    end
    if #valid == 0 then
        return facts .. "\n"
    end
    local columns = require "backlua.text.output".columns()
    local curve = require "backlua.text.sparkline"(v, { width = math.min(60, columns or 60) })
    return ("%s\n%s\nmean %s  std %s  min %s  max %s\n"):format(facts, curve,
        show.number(valid:mean()), show.number(valid:std()), show.number(valid:min()),
        show.number(valid:max()))
end

-- Seconds that a result took, by result; nil where nobody measured.
show.seconds = setmetatable({}, { __mode = "k" })

local function result_text(result)
    local result_module = require "backlua.result"
    local info = result_module.job(result).info
    local daily = info.frequency == "1d"
    return require "backlua.cli.run_text"(result, {
        curve = result_module.curve(result),
        name = result.manifest.strategy.name:match "[^/]*$", assets = info.assets, daily = daily,
        seconds = show.seconds[result] or 0 / 0, color_fd = 1,
        columns = require("backlua.text.output").columns(),
    }) .. require "backlua.text.plot".equity(result, { daily = daily, fd = 1 })
end

local function search_text(results)
    local m = results.manifest
    local is_walk = results.windows or results.splits
    return require("backlua.cli." .. (is_walk and "walkforward_text" or "optimize_text")) {
        results = results, script = { shown = m.strategy or "search" },
        facts = { objective = m.objective, higher_is_better = m.higher_is_better },
    }
end

local KINDS = {
    { "view", view_text },
    { "frame", function(f) return tostring(f) .. "\n" end },
    { "result", result_text },
    { "optimization.results", search_text },
}

--- Text of a value, lines ended by newlines.
function show.value(value)
    for _, kind in ipairs(KINDS) do
        if is_a(kind[1], value) then
            return kind[2](value)
        end
    end
    if type(value) == "string" then
        return printable(value, true) .. "\n"
    elseif type(value) == "table" then
        local text = own_text(value)
        return text and text .. "\n" or table_text(value)
    end
    return inline(value, DEPTH, {}) .. "\n"
end

return show
