-- The bundles of the bench: CSV files from a seeded generator, through `ingest`.
--
-- Both are made once per machine, in build/bench. SMA-400 wants every asset to have
-- every bar, so the demo bundle with its ragged listings does not serve.

local data = { folder = "build/bench" }

-- Park and Miller's generator: exact in doubles, the same file on every machine.
local function stream(seed)
    local state = seed
    local function uniform()
        state = state * 16807 % 2147483647
        return state / 2147483647
    end
    return function()
        local sum = -6
        for _ = 1, 12 do
            sum = sum + uniform()
        end
        return sum
    end
end

local function cents(x)
    return math.floor(x * 100 + 0.5) / 100
end

-- Bars of one asset: step(row) gives the text of its time; sd per bar.
local function write_csv(path, seed, rows, sd, step)
    local normal = stream(seed)
    local file = assert(io.open(path, "w"))
    file:write "date,open,high,low,close,volume\n"
    local close = 50 + seed
    for row = 1, rows do
        local open = math.max(1, cents(close * (1 + sd / 4 * normal())))
        close = math.max(1, cents(open * (1 + sd / 50 + sd * normal())))
        local high = cents(math.max(open, close) * (1 + sd / 4 * math.abs(normal())))
        local low = cents(math.min(open, close) * (1 - sd / 4 * math.abs(normal())))
        file:write(("%s,%.2f,%.2f,%.2f,%.2f,%d\n"):format(step(row), open, high, low, close,
            1000 + math.floor(1e6 * math.abs(normal()))))
    end
    file:close()
end

local FIRST_MONDAY = 946857600 -- 2000-01-03 00:00 UTC

local function weekday(row)
    local week, day = math.floor((row - 1) / 5), (row - 1) % 5
    return FIRST_MONDAY + (7 * week + day) * 86400
end

local function daily(row)
    return os.date("!%Y-%m-%d", weekday(row))
end

local function minutely(row)
    local session, minute = math.floor((row - 1) / 390) + 1, (row - 1) % 390
    return os.date("!%Y-%m-%d %H:%M:%S", weekday(session) + 52200 + 60 * minute)
end

local function exists(path)
    local file = io.open(path)
    return file and file:close()
end

local function run(command)
    if os.execute(command .. " >/dev/null") ~= 0 then
        error("bench: this failed: " .. command, 0)
    end
end

local function program()
    return os.getenv "BACKLUA" or "build/backlua"
end

local function bundle(name, make)
    local path = data.folder .. "/bundles/" .. name
    local csv = data.folder .. "/" .. name
    if not exists(path .. "/bundle.sqlite") then
        run("mkdir -p " .. csv .. " " .. data.folder .. "/bundles")
        make(csv)
        run(("BACKLUA_BUNDLES=%s/bundles %s ingest --quiet %s -b %s"):format(data.folder,
            program(), csv, name))
    end
    return path
end

-- 8 assets, 6,300 daily bars each, none missing. Returns the bundle's path.
function data.sma400()
    return bundle("sma400", function(folder)
        for asset = 1, 8 do
            local path = ("%s/A%d.csv"):format(folder, asset)
            write_csv(path, asset * 7, 6300, 0.016, daily)
        end
    end)
end

-- One asset, 200,000 bars of a minute, 390 to a session.
function data.minute200k()
    return bundle("minute200k", function(folder)
        write_csv(folder .. "/M.csv", 3, 200000, 0.0008, minutely)
    end)
end

-- The CSV file behind minute200k.
function data.minute_csv()
    data.minute200k()
    return data.folder .. "/minute200k/M.csv"
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
