-- A benchmark from a CSV file: a date and a value on each line.
--
-- Dates are 2004-08-19, alone or before a time of day. The value is the column that says so:
-- adjusted close before close before value, price, level, or the second of two. Other shapes are
-- what `backlua ingest` is for: an asset of the bundle can be a benchmark, too.

local ffi = require "ffi"
local errors = require "backlua.errors"
local C = require("backlua.ffi").C

local VALUES = { "adjclose", "adjustedclose", "close", "closeadj", "value", "price", "level",
    "last" }
local DATES = { date = true, day = true, time = true, timestamp = true, datetime = true }

local benchmark_file = {}

--- Is a benchmark's name that of a file?
function benchmark_file.is_path(name)
    return name:find("/", 1, true) ~= nil or name:lower():match "%.csv$" ~= nil
end

local function cells_of(line)
    local cells = {}
    for cell in (line:gsub("\r$", "") .. ","):gmatch "([^,]*)," do
        cells[#cells + 1] = cell:match '^%s*"?(.-)"?%s*$'
    end
    return cells
end

local function bad(path, line, message)
    return nil, errors.new("data", ("benchmark %s:%d: %s"):format(path, line, message))
end

-- The columns of date and value, and the name of the latter; or nil and a message.
local function columns_of(cells)
    local at, date = {}, 1
    for i, cell in ipairs(cells) do
        local name = cell:lower():gsub("[%s_%-]", "")
        at[name] = at[name] or i
        date = DATES[name] and i or date
    end
    for _, name in ipairs(VALUES) do
        if at[name] then
            return date, at[name], cells[at[name]]
        end
    end
    if #cells == 2 then
        return 1, 2, cells[2]
    end
    return nil, "no column close, adj close or value; name the one to use so"
end

local time_out, has_time = ffi.new "bt_time[1]", ffi.new "int32_t[1]"

-- Days since 1970-01-01 of "2004-08-19" with or without a time behind it.
local function day_of(text)
    local date = text:match "^(%d%d%d%d%-%d%d%-%d%d)$" or text:match "^(%d%d%d%d%-%d%d%-%d%d)[T ]"
    if date and C.bt_date_parse(date, time_out, has_time) == C.BT_OK then
        return tonumber(time_out[0]) / 86400e6
    end
end

local function row_of(path, number, cells, date, value)
    local day, v = day_of(cells[date] or ""), tonumber(cells[value] or "")
    if not day then
        return bad(path, number, ("%s is no date; it must be as in 2004-08-19"):format(
            require "backlua.text.quote"(cells[date] or "")))
    elseif not v or v <= 0 or v ~= v or v == math.huge then
        return bad(path, number, ("%s is no value above 0"):format(
            require "backlua.text.quote"(cells[value] or "")))
    end
    return { day = day, value = v, line = number }
end

local function rows_of(path, text)
    local rows, date, value, name, number = {}, nil, nil, nil, 0
    for line in (text .. "\n"):gmatch "([^\n]*)\n" do
        number = number + 1
        local cells = cells_of(line)
        if line:match "^%s*$" then -- luacheck: ignore 542
        elseif not date then
            date, value, name = columns_of(cells)
            if not date then
                return bad(path, number, value)
            end
            if day_of(cells[date]) then
                return bad(path, number, "the first line must name the columns: date,close")
            end
        else
            local row, err = row_of(path, number, cells, date, value)
            if not row then
                return nil, err
            end
            rows[#rows + 1] = row
        end
    end
    return rows, name
end

--- Read one: { name, sha256, n, days = int32_t [n], values = double [n] } by ascending day; nil,
-- err when it cannot be read ("io") or a line of it is wrong ("data": file, line, value).
function benchmark_file.read(path)
    local file, message = io.open(path, "rb")
    local text = file and file:read "*a"
    if not text then
        return nil, errors.new("io", "benchmark: cannot read " .. tostring(message or path))
    end
    file:close()
    local rows, name = rows_of(path, text)
    if not rows then
        return nil, name
    end
    table.sort(rows, function(a, b) return a.day < b.day end)
    local n = #rows
    local days, values = ffi.new("int32_t[?]", n + 1), ffi.new("double[?]", n + 1)
    for i, row in ipairs(rows) do
        if i > 1 and row.day == rows[i - 1].day then
            return bad(path, math.max(row.line, rows[i - 1].line), "its day has a value already")
        end
        days[i - 1], values[i - 1] = row.day, row.value
    end
    return { name = path:match "[^/]*$" .. (name and " (" .. name .. ")" or ""),
        sha256 = require "backlua.sha256"(text), n = n, days = days, values = values }
end

return benchmark_file
