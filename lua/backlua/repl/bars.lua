-- bars { ... }: a small bundle written down on the spot.
--
--     bars { 10, 11, 12.5, 12 }                                closes of one asset, X
--     bars { AAPL = { 10, 11 }, MSFT = { 20, 19 } }            closes of several
--     bars { X = { { open = 10, high = 12, low = 9, close = 11, volume = 500 }, ... } }
--     bars { 10, 11, start = "2020-01-02", frequency = "1m" }
--
-- A bar that is a number is a close, at which it also opened, with a volume of a million. Where a
-- record has no time (`time` or `date`, a text), bars follow one another: days from `start`
-- (2020-01-01) without weekends, or steps of `frequency`.
--
-- The bundle is in a folder of its own under $TMPDIR, or in memory. It is removed when the program
-- ends, and where that was too sudden, by the next one that makes such a bundle.

local ffi = require "ffi"
local errors = require "backlua.errors"
local C = require "backlua.ffi".C

local bars = {}

local VOLUME = 1e6
local SETTINGS = { start = true, frequency = true }
local STEPS = { s = 1, m = 60, h = 3600 }
local NUMBERS = { "open", "high", "low", "close", "volume" }
local KNOWN = { "open", "high", "low", "close", "volume", "time", "date" }

local made = {}

-- ---- the temporary folder ----------------------------------------------------------------------

local function process_id()
    local file = io.open "/proc/self/stat"
    local id = file and file:read "*n" or 0
    if file then
        file:close()
    end
    return id
end

local function entries(folder)
    local names, list = ffi.new "const char *const *[1]", {}
    for i = 0, C.bt_folder_list(folder, names) - 1 do
        list[i + 1] = ffi.string(names[0][i])
    end
    return list
end

-- A new folder whose name says whose it is; and the one that it lies in.
local function fresh_folder()
    local out = ffi.new "char[4096]"
    if C.bt_scratch_folder(out) ~= C.BT_OK then
        error(errors.native(), 0)
    end
    local path = ffi.string(out)
    local folder = ("%s.%d"):format(path, process_id())
    assert(os.rename(path, folder))
    return folder, path:match "^(.*)/"
end

-- What processes that are no more left behind.
local function sweep(folder)
    for _, name in ipairs(entries(folder)) do
        local id = name:match "^backlua%-%w+%.(%d+)$"
        if id and C.bt_path_kind("/proc/" .. id) == C.BT_PATH_NONE then
            C.bt_folder_remove(folder .. "/" .. name)
        end
    end
end

-- ---- rows --------------------------------------------------------------------------------------

local function fail(format, ...)
    error(errors.new("usage", ("bars: " .. format):format(...)), 0)
end

local function seconds_of(text, what)
    local out, has_time = ffi.new "bt_time[1]", ffi.new "int32_t[1]"
    if type(text) ~= "string" or C.bt_date_parse(text, out, has_time) ~= C.BT_OK then
        fail("%s: a date such as \"2020-01-02\" is expected, got %s", what, tostring(text))
    end
    return tonumber(out[0]) / 1e6
end

-- Seconds of one step of an intraday frequency; nil for days.
local function step_of(frequency)
    if frequency == nil or frequency == "1d" then
        return nil
    end
    local count, unit = tostring(frequency):match "^(%d+)([smh])$"
    if not count then
        fail("frequency is \"1d\" or such as \"5m\", got %s", tostring(frequency))
    end
    return tonumber(count) * STEPS[unit]
end

-- A function that gives the instants of bars without a time, one after the other.
local function clock(start, step)
    local now = seconds_of(start or "2020-01-01", "start")
    local function is_weekend()
        local day = math.floor(now / 86400 + 4) % 7 -- 1970-01-01 was a Thursday; 0 is Sunday
        return day == 0 or day == 6
    end
    return function()
        while not step and is_weekend() do
            now = now + 86400
        end
        local at = now
        now = now + (step or 86400)
        return at
    end
end

local function check_record(record, symbol, i)
    for key, value in pairs(record) do
        local known = false
        for _, name in ipairs(KNOWN) do
            known = known or name == key
        end
        if not known then
            fail("bar %d of %s has %s%s", i, symbol, tostring(key),
                require "backlua.text.nearest".hint(tostring(key), KNOWN))
        elseif key ~= "time" and key ~= "date" and type(value) ~= "number" then
            fail("bar %d of %s: %s must be a number, got %s", i, symbol, key, tostring(value))
        end
    end
    if not record.close then
        fail("bar %d of %s has no close", i, symbol)
    end
end

-- Values of a bar in the order of NUMBERS, and its time as text or nil.
local function values_of(bar, symbol, i)
    if type(bar) == "number" then
        return { bar, bar, bar, bar, VOLUME }
    elseif type(bar) ~= "table" then
        fail("bar %d of %s is a %s; a number or a record is expected", i, symbol, type(bar))
    end
    check_record(bar, symbol, i)
    local open, close = bar.open or bar.close, bar.close
    return { open, bar.high or math.max(open, close), bar.low or math.min(open, close), close,
        bar.volume or VOLUME }, bar.time or bar.date
end

local function add_rows(lines, symbol, list, next_time, intraday)
    local number, date = require "backlua.text.number", require "backlua.text.date"
    for i, bar in ipairs(list) do
        local values, time = values_of(bar, symbol, i)
        local at = next_time()
        local cells = { symbol, time or (intraday and date.time or date.day)(at) }
        for k, value in ipairs(values) do
            cells[k + 2] = number.shortest(value)
        end
        lines[#lines + 1] = table.concat(cells, ",")
    end
end

-- Lists of bars by symbol.
local function assets_of(given)
    if given[1] ~= nil then
        return { X = given }
    end
    local assets = {}
    for symbol, list in pairs(given) do
        if not SETTINGS[symbol] then
            if type(symbol) ~= "string" or symbol:find "[%c,\"]" or type(list) ~= "table" then
                fail("%s: a list of bars by symbol is expected", tostring(symbol))
            end
            assets[symbol] = list
        end
    end
    return assets
end

local function text_of(given)
    local lines, step = { "symbol,date," .. table.concat(NUMBERS, ",") }, step_of(given.frequency)
    local symbols, assets = {}, assets_of(given)
    for symbol in pairs(assets) do
        symbols[#symbols + 1] = symbol
    end
    table.sort(symbols)
    for _, symbol in ipairs(symbols) do
        add_rows(lines, symbol, assets[symbol], clock(given.start, step), step ~= nil)
    end
    if #lines == 1 then
        fail "no bars; write for example bars { 10, 11, 12 }"
    end
    return table.concat(lines, "\n") .. "\n"
end

-- ---- the bundle --------------------------------------------------------------------------------

local function ingest(file, folder, frequency)
    local options, out = ffi.new "bt_ingest_options", ffi.new "bt_ingest *[1]"
    local name, zone = "bars", "UTC"
    options.bundle, options.folder, options.frequency = name, folder, frequency
    if frequency ~= "1d" then -- the times written are those of the closes
        options.stamp, options.zone = C.BT_STAMP_CLOSE, zone
    end
    if C.bt_ingest_open(options, out) ~= C.BT_OK then
        return errors.native()
    end
    local status, err = C.bt_ingest_add(out[0], file), nil
    while status == C.BT_OK and C.bt_ingest_step(out[0]) == C.BT_INGEST_MORE do
        err = nil
    end
    if status == C.BT_OK then
        status = C.bt_ingest_status(out[0])
    end
    if status ~= C.BT_OK then
        local bad = C.bt_ingest_bad_row(out[0], 0)
        err = errors.native(status)
        err.message = bad ~= nil and ffi.string(bad):gsub("^.-:", "bars: row ", 1) or err.message
    end
    C.bt_ingest_close(out[0])
    return err
end

local function write(path, text)
    local file, message = io.open(path, "wb")
    if not file then
        error(errors.new("io", "bars: " .. message), 0)
    end
    file:write(text)
    file:close()
end

--- Make the bundle (repl/bundle.lua) of what the comment above shows. Raises an error with code and
-- message for bars that make no sense.
function bars.make(given)
    if type(given) ~= "table" then
        error("bars: a table of bars is expected, such as bars { 10, 11, 12 }", 2)
    end
    local text = text_of(given)
    local folder, around = fresh_folder()
    made[#made + 1] = folder
    sweep(around)
    local rows = folder .. "/rows.csv"
    write(rows, text)
    local err = ingest(rows, folder, given.frequency or "1d")
    if err then
        error(err, 0)
    end
    return require "backlua.repl.bundle".open(folder .. "/bars")
end

--- Remove what was made; the program ends.
function bars.clean()
    for _, path in ipairs(made) do
        C.bt_folder_remove(path)
    end
    made = {}
end

return bars
