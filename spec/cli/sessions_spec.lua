-- Sessions that are not days of UTC, from a file in New York's time to what a run sees: both
-- changes of the clocks, an early close, sessions that open the evening before; and what
-- -s and -e take.

local child = require "spec.support.child"

local HEADER = "time,open,high,low,close,volume\n"

-- The time in New York of each bar's open; open, high, low, close.
local BARS = HEADER .. [[
2024-03-07 18:00,1,1,1,1,10
2024-03-08 16:59,2,2,2,2,10
2024-03-10 18:00,3,4,3,3,10
2024-03-11 09:30,4,4,1,4,10
2024-03-11 16:59,5,5,5,5,10
2024-03-11 18:00,6,6,6,6,10
2024-11-01 16:59,7,7,7,7,10
2024-11-03 18:00,8,9,8,8,10
2024-11-04 16:59,9,9,7,9,10
2024-11-28 18:00,10,10,10,10,10
2024-11-29 12:59,11,12,11,11,10
2024-12-01 18:00,12,12,12,12,10
]]

-- When these bars close, in UTC: five hours later in winter, four in summer.
local CLOSES = {
    "2024-03-07T23:01:00Z", "2024-03-08T22:00:00Z", -- Friday's session
    "2024-03-10T22:01:00Z", "2024-03-11T13:31:00Z", "2024-03-11T21:00:00Z", -- Monday's, from Sunday
    "2024-03-11T22:01:00Z", -- Tuesday's
    "2024-11-01T21:00:00Z",
    "2024-11-03T23:01:00Z", "2024-11-04T22:00:00Z", -- Monday's, from Sunday
    "2024-11-28T23:01:00Z", "2024-11-29T18:00:00Z", -- an early close
    "2024-12-01T23:01:00Z",
}

local HOURS = "zone America/New_York\nMon-Fri 18:00-17:00\n2024-11-29 18:00-13:00\n"

local STRATEGY = [[
function handle_data(ctx, data)
    local day = data:history("n", { "close", "high", "low" }, 1, "1d")
    print(("%d"):format(ctx:now()), data:current("n", "close"),
        table.concat(data:history("n", "close", 3, "1m", "array"):totable(), " "),
        day.close[1] .. " " .. day.high[1] .. " " .. day.low[1])
end
]]

describe("sessions of New York", function()
    local folder

    local function write(name, text)
        child.write(folder .. "/" .. name, text)
        return folder .. "/" .. name
    end

    local function run(words)
        words.env = { BACKLUA_BUNDLES = folder .. "/b" }
        return child.run(words)
    end

    local function ingest(name, text, ...)
        return run { "ingest", write(name .. ".csv", text), "-b", name, "--tz", "America/New_York",
            "--frequency", "1m", ... }
    end

    -- What bundle export writes: closes in UTC and their close prices.
    local function exported(name)
        local out = folder .. "/out_" .. name
        local r = run { "bundle", "export", name, "-o", out }
        assert.equal(0, r.code, r.err)
        local times, prices = {}, {}
        for time, price in child.read(out .. "/bars.csv"):gmatch
            "\n[^,\n]+,([^,]+),[^,]+,[^,]+,[^,]+,([^,]+)" do
            times[#times + 1], prices[#prices + 1] = time, tonumber(price)
        end
        return times, prices
    end

    -- What the strategy prints, per bar: the time, the price, three closes, the last day.
    local function bars(...)
        local r = run { "run", folder .. "/s.lua", "-b", "n", "--no-save", ... }
        assert.equal(0, r.code, r.err)
        local list = {}
        for time, price, window, day in r.err:gmatch "(%d+)\t(%d+)\t([^\t\n]+)\t([^\n]+)" do
            list[#list + 1] = { time = os.date("!%Y-%m-%dT%H:%M:%SZ", tonumber(time)),
                price = tonumber(price), window = window, day = day }
        end
        return list
    end

    -- That a run with these flags sees the bars first .. last and no others.
    local function sees(first, last, ...)
        local list = bars(...)
        local flags = table.concat({ ... }, " ")
        assert.equal(last - first + 1, #list, flags)
        for i, b in ipairs(list) do
            assert.equal(CLOSES[first + i - 1], b.time, flags)
            assert.equal(first + i - 1, b.price, flags)
        end
        return list
    end

    setup(function()
        folder = child.scratch()
        write("s.lua", STRATEGY)
        local r = ingest("n", BARS, "--calendar", write("hours.txt", HOURS))
        assert.equal(0, r.code, r.err)
        assert.is_nil(r.err:find("outside of the hours", 1, true))
    end)
    teardown(child.clean)

    it("are stored in UTC, on both sides of both changes of the clocks", function()
        assert.same(CLOSES, (exported "n"))
    end)

    it("have no hour that is left out, which is refused", function()
        local r = ingest("spring", HEADER .. "2024-03-10 01:59,1,1,1,1,1\n"
            .. "2024-03-10 02:30,1,1,1,1,1\n2024-03-10 03:00,1,1,1,1,1\n")
        assert.equal(3, r.code)
        assert.truthy(r.err:find("spring.csv:3: column 1 'time', value '2024-03-10 02:30': "
            .. "2024-03-10 02:30:00 does not exist in America/New_York", 1, true), r.err)
        assert.equal(0, ingest("spring", HEADER .. "2024-03-10 01:59,1,1,1,1,1\n"
            .. "2024-03-10 03:00,2,2,2,2,1\n").code)
        assert.same({ "2024-03-10T07:00:00Z", "2024-03-10T07:01:00Z" }, (exported "spring"))
    end)

    it("have an hour twice, told apart by the order of rows", function()
        assert.equal(0, ingest("autumn", HEADER .. "2024-11-03 00:59,1,1,1,1,1\n"
            .. "2024-11-03 01:30,2,2,2,2,1\n2024-11-03 01:31,3,3,3,3,1\n"
            .. "2024-11-03 01:30,4,4,4,4,1\n2024-11-03 02:00,5,5,5,5,1\n").code)
        local times, prices = exported "autumn"
        assert.same({ "2024-11-03T05:00:00Z", "2024-11-03T05:31:00Z", "2024-11-03T05:32:00Z",
            "2024-11-03T06:31:00Z", "2024-11-03T07:01:00Z" }, times)
        assert.same({ 1, 2, 3, 4, 5 }, prices)
    end)

    it("make the day's bar from the evening before to the close, early ones too", function()
        local days = {}
        for i, b in ipairs(sees(1, 12)) do
            days[i] = b.day
        end
        assert.same({
            "nan nan nan", "2 2 1", "2 2 1", "2 2 1",
            "5 5 1", "5 5 1", -- 4 on Sunday evening, 1 on Monday
            "7 7 7", "7 7 7", "9 9 7", "9 9 7",
            "11 12 10", "11 12 10", -- over at 13:00
        }, days)
    end)

    it("are whole where -s and -e are dates", function()
        sees(3, 5, "-s", "2024-03-11", "-e", "2024-03-11")
        sees(8, 9, "-s", "2024-11-04", "-e", "2024-11-04")
        sees(10, 11, "-s", "2024-11-29", "-e", "2024-11-29")
        sees(3, 7, "-s", "2024-03-09", "-e", "2024-11-03") -- a Saturday to a Sunday
    end)

    it("are open-ended where one of them is not given", function()
        sees(1, 2, "-e", "2024-03-08")
        sees(1, 11, "-e", "2024-11-29")
        sees(8, 12, "-s", "2024-11-04")
        sees(12, 12, "-s", "2024-12-02")
    end)

    it("are cut by a time, which is exclusive as an end", function()
        sees(1, 3, "-e", "2024-03-11T13:31:00Z")
        sees(1, 4, "-e", "2024-03-11T13:31:01Z")
        sees(4, 5, "-s", "2024-03-11T13:31:00Z", "-e", "2024-03-11")
        sees(5, 5, "-s", "2024-03-11T13:31:01Z", "-e", "2024-03-11")
    end)

    it("before the first of a run are within reach of its windows", function()
        local list = sees(8, 9, "-s", "2024-11-04", "-e", "2024-11-04")
        assert.equal("6 7 8", list[1].window)
        assert.equal("7 8 9", list[2].window)
        assert.equal("7 7 7", list[1].day)
    end)
end)
