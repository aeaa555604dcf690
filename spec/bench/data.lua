-- The bundles of the bench, made once per machine in build/bench by the engine's own
-- seeded generator, and a CSV file of bars.

local data = { folder = "build/bench" }

local program = os.getenv "BACKLUA" or "build/backlua"

local function exists(path)
    local file = io.open(path)
    return file and file:close()
end

local function run(command)
    if os.execute(command .. " >/dev/null") ~= 0 then
        error("bench: this failed: " .. command, 0)
    end
end

local known = {}

-- Looked for once: that is a process, as dear as a search of one backtest.
local function bundle(name, options)
    local path = data.folder .. "/bundles/" .. name
    if known[path] then
        return path
    end
    known[path] = true
    if os.execute(("%s bundle info %s >/dev/null 2>&1"):format(program, path)) ~= 0 then
        run("mkdir -p " .. data.folder .. "/bundles")
        run(("BACKLUA_BUNDLES=%s/bundles %s ingest --quiet --synthetic mag7 --seed 7 -b %s %s")
            :format(data.folder, program, name, options))
    end
    return path
end

-- 8 assets on every session of 25 years, none missing. Returns the bundle's path.
function data.sma400()
    return bundle("sma400", "--full")
end

-- One asset, 200,000 bars of a minute.
function data.minute200k()
    return bundle("minute200k", "--minutes 200000 --symbols 1")
end

-- Park and Miller's generator: exact in doubles, the same file on every machine.
local function stream()
    local state = 7
    return function()
        state = state * 16807 % 2147483647
        return state / 2147483647
    end
end

local NINE_THIRTY = 946909800 -- 2000-01-03 14:30 UTC

-- Path of a CSV file with 200,000 one-minute bars.
function data.csv()
    local path = data.folder .. "/minutes.csv"
    if exists(path) then
        return path
    end
    run("mkdir -p " .. data.folder)
    local uniform, close = stream(), 100
    local file = assert(io.open(path, "w"))
    file:write "date,open,high,low,close,volume\n"
    for row = 0, 199999 do
        local open = close
        close = math.max(1, math.floor(100 * open * (1 + 0.002 * (uniform() - 0.499))) / 100)
        local time = NINE_THIRTY + math.floor(row / 390) * 86400 + row % 390 * 60
        file:write(("%s,%.2f,%.2f,%.2f,%.2f,%d\n"):format(os.date("!%Y-%m-%d %H:%M:%S", time),
            open, math.max(open, close) + 0.01, math.min(open, close) - 0.01, close,
            1 + 100000 * uniform()))
    end
    file:close()
    return path
end

-- The guide's eight symbols with their ragged listing dates, 25 years of daily bars.
function data.ragged()
    return bundle("ragged", "")
end

-- 8 assets, a million bars of a minute each: ten years.
function data.minutes8m()
    return bundle("minutes8m", "--minutes 1000000")
end

-- 8 assets, 25,000 bars of a minute each.
function data.minutes8()
    return bundle("minutes8", "--minutes 25000")
end

local MONDAY = 946857600 -- 2000-01-03

-- Seconds of row i: days of the week, or 390 minutes of each from 14:30 UTC on.
local function time_of(i, per_day)
    local day = math.floor(i / per_day)
    local seconds = MONDAY + (math.floor(day / 5) * 7 + day % 5) * 86400
    return per_day == 1 and seconds or seconds + 52200 + i % per_day * 60
end

local function write_walks(file, count, total, per_day)
    local format = per_day == 1 and "!%Y-%m-%d" or "!%Y-%m-%d %H:%M:%S"
    local uniform, step = stream(), per_day == 1 and 0.02 or 0.001
    file:write "symbol,date,open,high,low,close,volume\n"
    for s = 0, count - 1 do
        local close = 100
        for i = 0, total - 1 do
            local open = close
            local draw = uniform() + uniform() + uniform() - 1.5 -- deviation 0.5
            close = math.max(1, math.floor(100 * open * (1 + 2 * step * draw)) / 100)
            file:write(("SYM%03d,%s,%.2f,%.2f,%.2f,%.2f,%d\n"):format(s,
                os.date(format, time_of(i, per_day)), open, math.max(open, close) + 0.01,
                math.min(open, close) - 0.01, close, 1 + 100000 * uniform()))
        end
    end
end

-- `count` symbols SYM000, SYM001, ... that walk at random, 2 % a day, over `days` weekdays; daily,
-- or 390 minutes a day. Returns the bundle's path.
function data.walks(count, days, minutes)
    local per_day = minutes and 390 or 1
    local name = ("walks-%d-%d%s"):format(count, days, minutes and "m" or "d")
    local path = data.folder .. "/bundles/" .. name
    if exists(path .. "/bundle.sqlite") then
        return path
    end
    run("mkdir -p " .. data.folder .. "/bundles")
    local csv = data.folder .. "/walks.csv"
    local file = assert(io.open(csv, "w"))
    write_walks(file, count, days * per_day, per_day)
    file:close()
    run(("BACKLUA_BUNDLES=%s/bundles %s ingest --quiet %s -b %s --tz UTC"):format(data.folder,
        program, csv, name))
    os.remove(csv)
    return path
end

-- The combinations of SMA-400, in the order of the plain C loop.
function data.grid()
    local list = {}
    for fast = 5, 43, 2 do
        for slow = 50, 240, 10 do
            list[#list + 1] = { fast = fast, slow = slow }
        end
    end
    return list
end

return data
