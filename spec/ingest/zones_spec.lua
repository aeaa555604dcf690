-- Of which zone the times of a file are: said by the file, its format, the user, or the bundle that
-- is appended to; never guessed. Instants are worked out by hand from the offsets beside them.

local child = require "spec.support.child"
local dump = require "spec.support.dump"

local HEADER = "date,open,high,low,close,volume\n"
local SAY = "such as --tz America/New_York, UTC+2 or UTC\n"

local folder

local function write(name, text)
    child.write(folder .. "/" .. name, text)
    return folder .. "/" .. name
end

local function run(words)
    words.env = { BACKLUA_BUNDLES = folder .. "/b" }
    return child.run(words)
end

local function ok(words)
    local r = run(words)
    assert.equal(0, r.code, r.err)
    return r
end

-- Rows at these times, priced 1, 2, ...
local function rows(times, first)
    local lines = {}
    for i, time in ipairs(times) do
        local p = i + (first or 1) - 1
        lines[i] = ("%s,%d,%d,%d,%d,1\n"):format(time, p, p, p, p)
    end
    return table.concat(lines)
end

local function file(name, times, first)
    return write(name, HEADER .. rows(times, first))
end

-- Close times of the bars of bundle x.
local function closes()
    local list = {}
    for i, line in ipairs(dump(folder .. "/b/x")) do
        list[i] = line:match "^%S+ (%S+)"
    end
    return list
end

-- An ingest of these words is refused with exit 2 and this last line, and nothing is made.
local function refused(words, message)
    table.insert(words, 1, "ingest")
    local r = run(words)
    assert.equal("backlua: " .. message, r.err:match "[^\n]*\n$")
    assert.equal(2, r.code)
    assert.equal("", r.out)
    assert.is_nil(io.open(folder .. "/b/x/bundle.sqlite"))
end

local NAIVE = { "2024-07-01 09:30", "2024-07-01 09:31", "2024-07-01 09:32" }

before_each(function()
    folder = child.scratch()
end)
teardown(child.clean)

describe("times within a day that carry no zone", function()
    it("are refused with file, line, value and what to say", function()
        local path = file("S.csv", NAIVE)
        local message = path .. ":2: 2024-07-01 09:30 carries no time zone, and nothing says of "
            .. "which it is; say --tz, " .. SAY
        refused({ path, "-b", "x" }, message)
        refused({ path, "--dry-run" }, message)
        refused({ path, "-b", "x", "--json" }, message)
        refused({ path, "-b", "x", "--frequency", "1m" }, message)
    end)

    it("are refused at the first row that has one, be it in a column of its own", function()
        local path = write("S.csv", "a notice\n\ndate,time,open,high,low,close\n\n"
            .. "2024-07-01,09:30,1,1,1,1\n2024-07-01,09:31,1,1,1,1\n2024-07-01,09:32,1,1,1,1\n")
        refused({ path, "-b", "x" }, path .. ":5: 2024-07-01 09:30 carries no time zone, and "
            .. "nothing says of which it is; say --tz, " .. SAY)
        path = file("S.csv", { "2024-07-32 09:30", "2024-07-01 09:30", "2024-07-01 09:31",
            "2024-07-01 09:32" })
        refused({ path, "-b", "x", "--skip-bad" }, path .. ":3: 2024-07-01 09:30 carries no time "
            .. "zone, and nothing says of which it is; say --tz, " .. SAY)
        local r = run { "ingest", path, "-b", "x" } -- a bad row comes first
        assert.equal(3, r.code)
    end)

    it("are bad rows where the name of a zone follows them, and what to do is said", function()
        for _, time in ipairs { "2024-07-01 09:30 EST", "20240701 09:30:00 US/Eastern",
            "Jul 01, 2024 09:30 CET" } do
            local path = write("S.csv", "date;open;high;low;close\n" .. time .. ";1;1;1;1\n")
            local r = run { "ingest", path, "-b", "x" }
            assert.equal(3, r.code)
            assert.truthy(r.err:find(path .. ":2: column 1 'date', value '" .. time .. "': text "
                .. "follows the time (if it is a time zone, take it out and say --tz, such as "
                .. "--tz America/New_York)\n", 1, true), r.err)
        end
    end)

    it("are refused from standard input and archives alike", function()
        local r = child.run { "ingest", "-", "--symbol", "S", "-b", "x",
            stdin = HEADER .. rows(NAIVE), env = { BACKLUA_BUNDLES = folder .. "/b" } }
        assert.equal(2, r.code)
        assert.truthy(r.err:find("standard input:2: 2024-07-01 09:30 carries no", 1, true), r.err)
        assert(os.execute("gzip " .. file("S.csv", NAIVE)) == 0)
        refused({ folder .. "/S.csv.gz", "-b", "x" }, folder .. "/S.csv.gz:2: 2024-07-01 09:30 "
            .. "carries no time zone, and nothing says of which it is; say --tz, " .. SAY)
    end)

    it("are of the zone that the user says, its summer and winter apart", function()
        -- New York is UTC-4 in July, UTC-5 in January
        local path = file("S.csv", { "2024-07-01 09:30", "2024-07-01 09:31", "2025-01-02 09:30" })
        local r = ok { "ingest", path, "-b", "x", "--tz", "America/New_York" }
        assert.truthy(r.err:find("times without UTC offset are of America/New_York, as given\n", 1,
            true), r.err)
        assert.same({ "2024-07-01T13:31:00Z", "2024-07-01T13:32:00Z", "2025-01-02T14:31:00Z" },
            closes())
        ok { "ingest", path, "-b", "x", "--tz", "UTC" }
        assert.equal("2024-07-01T09:31:00Z", closes()[1])
    end)

    it("are proposed the zone of the calendar", function()
        local path = file("S.csv", NAIVE)
        refused({ path, "-b", "x", "--calendar", "XNYS" }, path .. ":2: 2024-07-01 09:30 carries "
            .. "no time zone, and nothing says of which it is; say --tz, such as --tz "
            .. "America/New_York (the calendar's), UTC+2 or UTC\n")
        refused({ path, "-b", "x", "--calendar", "weekdays Asia/Tokyo" }, path .. ":2: 2024-07-01 "
            .. "09:30 carries no time zone, and nothing says of which it is; say --tz, such as "
            .. "--tz Asia/Tokyo (the calendar's), America/New_York, UTC+2 or UTC\n")
    end)

    it("may have midnights that are written without a time", function()
        local path = file("S.csv", { "2024-07-01", "2024-07-01 01:00", "2024-07-01 02:00" })
        refused({ path, "-b", "x" }, path .. ":2: 2024-07-01 carries no time zone, and nothing "
            .. "says of which it is; say --tz, " .. SAY)
        ok { "ingest", path, "-b", "x", "--tz", "Asia/Tokyo" } -- UTC+9
        assert.same({ "2024-06-30T16:00:00Z", "2024-06-30T17:00:00Z", "2024-06-30T18:00:00Z" },
            closes())
    end)

    it("may be written without a colon", function()
        local path = file("S.csv", { "2024-07-01 093000", "2024-07-01 093100",
            "2024-07-01 093200" })
        refused({ path, "-b", "x" }, path .. ":2: 2024-07-01 093000 carries no time zone, and "
            .. "nothing says of which it is; say --tz, " .. SAY)
        ok { "ingest", path, "-b", "x", "--tz", "UTC-5" }
        assert.equal("2024-07-01T14:31:00Z", closes()[1])
    end)
end)

describe("a zone", function()
    local function hint(zone, message)
        local r = run { "ingest", file("S.csv", NAIVE), "-b", "x", "--tz", zone }
        assert.equal("backlua: " .. message .. "\n", r.err)
        assert.equal(2, r.code)
    end

    it("that there is not is told from the nearest, a city or a short name", function()
        for name, meant in pairs { ["America/NewYork"] = "America/New_York",
            ["new york"] = "America/New_York", TOKYO = "Asia/Tokyo", london = "Europe/London",
            EDT = "America/New_York", pst = "America/Los_Angeles", BST = "Europe/London",
            utc = "UTC", ["europe/athens"] = "Europe/Athens" } do
            hint(name, ("unknown time zone '%s'; did you mean '%s'?"):format(name, meant))
        end
    end)

    it("that has no summer time although its name looks like it is asked about", function()
        hint("EST", "time zone 'EST' is UTC-5 all year; say UTC-5 where that is meant, or "
            .. "America/New_York, which has summer time")
        hint("MST", "time zone 'MST' is UTC-7 all year; say UTC-7 where that is meant, or "
            .. "America/Denver, which has summer time")
    end)

    it("is found behind what other programs call the option", function()
        local path = file("S.csv", NAIVE)
        for word, meant in pairs { ["--timezone"] = "--tz", ["--zone"] = "--tz",
            ["--freq"] = "--frequency", ["--interval"] = "--frequency" } do
            local r = run { "ingest", path, "-b", "x", word, "UTC" }
            assert.equal(("backlua: unknown option '%s'; did you mean '%s'?\nSee: backlua ingest "
                .. "--help\n"):format(word, meant), r.err)
            assert.equal(2, r.code)
        end
    end)
end)

describe("a file whose times need no zone", function()
    it("has bars of days, whatever stands beside the dates", function()
        for _, clock in ipairs { "", " 00:00:00", " 16:00" } do
            local times = {}
            for day = 1, 4 do
                times[day] = ("2024-07-%02d%s"):format(day, clock)
            end
            ok { "ingest", file("S.csv", times), "-b", "x" }
            assert.equal("2024-07-01T23:59:59Z", closes()[1])
        end
    end)

    it("has bars of weeks or months", function()
        ok { "ingest", file("S.csv", { "2024-07-05 16:00", "2024-07-12 16:00",
            "2024-07-19 16:00" }), "-b", "x" }
        assert.equal("2024-07-05T23:59:59Z", closes()[1])
    end)

    it("has offsets or counts since 1970", function()
        for _, times in ipairs {
            { "2024-07-01T09:30Z", "2024-07-01T09:31Z", "2024-07-01T09:32Z" },
            { "2024-07-01 11:30+02:00", "2024-07-01 11:31+02:00", "2024-07-01 11:32+02:00" },
            { "1719826200", "1719826260", "1719826320" },
        } do
            local r = ok { "ingest", file("S.csv", times), "-b", "x" }
            assert.equal("2024-07-01T09:31:00Z", closes()[1])
            assert.is_nil(r.err:find("--tz", 1, true))
        end
    end)

    it("has a header that calls them UTC, unless the user knows better", function()
        for _, name in ipairs { "time_utc", "Datetime (UTC)", "GMT time", "UTC timestamp" } do
            local path = write("S.csv", name .. ",open,high,low,close\n2024-07-01 09:30,1,1,1,1\n"
                .. "2024-07-01 09:31,1,1,1,1\n2024-07-01 09:32,1,1,1,1\n")
            local r = ok { "ingest", path, "-b", "x" }
            assert.truthy(r.err:find("times of " .. path .. " are of UTC, as its header says (--tz "
                .. "overrides)\n", 1, true), r.err)
            assert.equal("2024-07-01T09:31:00Z", closes()[1])
            ok { "ingest", path, "-b", "x", "--tz", "UTC+2" }
            assert.equal("2024-07-01T07:31:00Z", closes()[1])
        end
    end)

    -- Dukascopy's other export: 10:30 of UTC+1 is 09:30.
    it("has offsets behind GMT, in local time", function()
        ok { "ingest", write("S.csv", "Local time,Open,High,Low,Close,Volume\n"
            .. rows { "02.01.2020 10:30:00.000 GMT+0100", "02.01.2020 10:31:00.000 GMT+0100",
                "02.01.2020 10:32:00.000 GMT+0100" }), "-b", "x" }
        assert.equal("2020-01-02T09:31:00Z", closes()[1])
    end)

    it("has dates alone, of bars that are said to be shorter than a day", function()
        local r = ok { "ingest", file("S.csv", { "2024-07-01", "2024-07-02", "2024-07-03" }), "-b",
            "x", "--frequency", "12h" }
        assert.truthy(r.err:find("dates without a time of day are midnights of UTC\n", 1, true),
            r.err)
        assert.equal("2024-07-01T12:00:00Z", closes()[1])
    end)
end)

describe("several files", function()
    it("are refused for the one whose times carry no zone", function()
        local zoned = file("A.csv", { "2024-07-01T09:30Z", "2024-07-01T09:31Z",
            "2024-07-01T09:32Z" })
        local naive = file("B.csv", NAIVE)
        refused({ zoned, naive, "-b", "x" }, naive .. ":2: 2024-07-01 09:30 carries no time zone, "
            .. "and nothing says of which it is; say --tz, " .. SAY)
        ok { "ingest", zoned, naive, "-b", "x", "--tz", "America/New_York" }
        assert.same({ "2024-07-01T09:31:00Z", "2024-07-01T09:32:00Z", "2024-07-01T09:33:00Z",
            "2024-07-01T13:31:00Z", "2024-07-01T13:32:00Z", "2024-07-01T13:33:00Z" }, closes())
    end)

    it("are each of the zone that its format documents", function()
        -- LEAN writes New York, which is UTC-5 in January; Dukascopy UTC
        local r = ok { "ingest", "spec/fixtures/formats/lean/equity/usa/minute",
            "spec/fixtures/formats/dukascopy.csv", "-b", "x" }
        assert.truthy(r.err:find("times of LEAN, minutes or seconds are of America/New_York (--tz "
            .. "overrides)\ntimes of Dukascopy are of UTC (--tz overrides)\n", 1, true), r.err)
        assert.same({ "2020-01-02T14:31:00Z", "2020-01-02T14:32:00Z", "2020-01-03T14:31:00Z",
            "2020-01-02T09:31:00Z", "2020-01-02T09:32:00Z", "2020-01-02T09:34:00Z" }, closes())
    end)
end)

-- LEAN's documents: crypto and Oanda's forex are of UTC, FXCM's of UTC-5, equity of New York, which
-- is UTC-5 in January too.
describe("bars of LEAN", function()
    local function put(path)
        local folders = path:match "^(.*)/"
        assert(os.execute("mkdir -p " .. folder .. "/" .. folders) == 0)
        return write(path, "20200102 09:00,10.5,11,9,10,1\n20200102 10:00,10,11,9,10,1\n"
            .. "20200102 11:00,10,11,9,10,1\n")
    end

    it("are of the zone that its documents name for a kind of security", function()
        for path, first in pairs {
            ["crypto/coinbase/hour/btcusd.csv"] = "2020-01-02T10:00:00Z",
            ["forex/oanda/hour/eurusd.csv"] = "2020-01-02T10:00:00Z",
            ["forex/fxcm/hour/eurusd.csv"] = "2020-01-02T15:00:00Z",
            ["equity/usa/hour/spy.csv"] = "2020-01-02T15:00:00Z",
            ["crypto/equity/usa/hour/spy.csv"] = "2020-01-02T15:00:00Z",
            ["spy.csv/spy.csv"] = "2020-01-02T15:00:00Z",
        } do
            ok { "ingest", put(path), "-b", "x" }
            assert.equal(first, closes()[1], path)
        end
    end)

    it("are asked about where that depends on the symbol", function()
        local path = put "index/usa/hour/spx.csv"
        refused({ path, "-b", "x" }, path .. ":1: 20200102 09:00 carries no time zone, and times "
            .. "of LEAN, days or hours are those of a broker or an exchange; say --tz, such as "
            .. "--tz America/Chicago, America/New_York, UTC+2 or UTC\n")
    end)

    it("are told apart in what is said", function()
        local crypto, equity = put "crypto/coinbase/hour/btcusd.csv", put "equity/usa/hour/spy.csv"
        local r = ok { "ingest", crypto, equity, "-b", "x" }
        assert.truthy(r.err:find("times of LEAN, days or hours are of UTC (--tz overrides)\n"
            .. "times of LEAN, days or hours are of America/New_York (--tz overrides)\n", 1, true),
            r.err)
    end)
end)

describe("rows that are appended", function()
    local LATER = { "2024-07-02 09:30", "2024-07-02 09:31", "2024-07-02 09:32" }

    local function append(name, times, ...)
        return run { "ingest", file(name, times, 4), "-b", "x", "--append", "--symbol", "S", ... }
    end

    it("are of the zone that those of the bundle were given, over several versions", function()
        ok { "ingest", file("S.csv", NAIVE), "-b", "x", "--tz", "America/New_York" }
        local r = append("more.csv", LATER)
        assert.equal(0, r.code, r.err)
        assert.truthy(r.err:find("times without UTC offset are of America/New_York, as those of "
            .. "the bundle were given (--tz overrides)\n", 1, true), r.err)
        assert.equal("2024-07-02T13:31:00Z", closes()[4])
        r = append("more.csv", { "2024-07-03T13:30Z", "2024-07-03T13:31Z", "2024-07-03T13:32Z" })
        assert.equal(0, r.code, r.err)
        assert.is_nil(r.err:find("as those of the bundle", 1, true))
        r = append("more.csv", { "2024-07-05 09:30", "2024-07-05 09:31", "2024-07-05 09:32" })
        assert.equal(0, r.code, r.err)
        assert.equal("2024-07-05T13:31:00Z", closes()[10])
    end)

    it("are of the zone that is given for them, from then on", function()
        ok { "ingest", file("S.csv", NAIVE), "-b", "x", "--tz", "America/New_York" }
        local r = append("more.csv", LATER, "--tz", "UTC")
        assert.equal(0, r.code, r.err)
        assert.equal("2024-07-02T09:31:00Z", closes()[4])
        r = append("more.csv", { "2024-07-03 09:30", "2024-07-03 09:31", "2024-07-03 09:32" })
        assert.equal(0, r.code, r.err)
        assert.equal("2024-07-03T09:31:00Z", closes()[7])
    end)

    it("are of the zone that their format documents, whatever the bundle's", function()
        ok { "ingest", file("S.csv", NAIVE), "-b", "x", "--tz", "Asia/Tokyo" }
        local r = ok { "ingest", "spec/fixtures/formats/dukascopy.csv", "-b", "x", "--append" }
        assert.is_nil(r.err:find("Asia/Tokyo", 1, true))
        assert.equal("2020-01-02T09:31:00Z", closes()[4])
    end)

    it("are refused where nobody gave the bundle's a zone", function()
        ok { "ingest", file("S.csv", { "2024-07-01T09:30Z", "2024-07-01T09:31Z",
            "2024-07-01T09:32Z" }), "-b", "x" }
        local r = append("more.csv", LATER)
        assert.equal(2, r.code)
        assert.truthy(r.err:find("more.csv:2: 2024-07-02 09:30 carries no time zone", 1, true),
            r.err)
        assert.equal(3, #closes())
    end)

    it("keep the bundle's zone behind a joined field", function()
        ok { "ingest", file("S.csv", NAIVE), "-b", "x", "--tz", "America/New_York" }
        ok { "ingest", write("mood.csv", "time,mood\n2024-07-01 12:00,1\n"), "--into", "x", "--tz",
            "Asia/Tokyo" }
        local r = append("more.csv", LATER)
        assert.equal(0, r.code, r.err)
        assert.equal("2024-07-02T13:31:00Z", closes()[4])
    end)
end)

describe("ingest --into", function()
    -- The bars close at 13:31, 13:32 and 13:33 UTC.
    local function joined(text, ...)
        ok { "ingest", file("S.csv", NAIVE), "-b", "x", "--tz", "America/New_York" }
        return run { "ingest", write("mood.csv", text), "--into", "x", ... }
    end

    local function moods()
        local r = ok { "run", write("s.lua", "function handle_data(ctx, data)\n"
            .. "print(data:current('S', 'mood')) end"), "-b", "x", "--no-save", "--quiet" }
        return (r.err:gsub("-nan", "nan"))
    end

    it("refuses times that carry no zone: they may be known later than they look", function()
        local r = joined "time,mood\n2024-07-01T13:30:00Z,1\n2024-07-01 09:32,2\n"
        assert.equal(2, r.code)
        assert.equal("backlua: " .. folder .. "/mood.csv:3: 2024-07-01 09:32 carries no time zone, "
            .. "and nothing says of which it is; say --tz, " .. SAY, r.err)
    end)

    it("takes them in the zone that is given, and dates and offsets without one", function()
        local r = joined("time,mood\n2024-07-01 09:32,2\n", "--tz", "America/New_York")
        assert.equal(0, r.code, r.err)
        assert.truthy(r.err:find("times without UTC offset are of America/New_York, as given\n", 1,
            true), r.err)
        assert.equal("nan\n2\n2\n", moods())
        r = joined "time,mood\n2024-06-30,2\n2024-07-01T13:33:00Z,3\n"
        assert.equal(0, r.code, r.err)
        assert.equal("2\n2\n3\n", moods())
        r = joined "time_utc,mood\n2024-07-01 13:32,4\n"
        assert.equal(0, r.code, r.err)
        assert.equal("nan\n4\n4\n", moods())
    end)

    it("takes the later instant of a repeated hour and none of one left out", function()
        local words = { "--tz", "America/New_York" }
        -- 01:30 is 05:30 and 06:30 UTC; bars of 2024-07-01 are before both
        local r = joined("time,mood\n2023-11-05 01:30,1\n2023-11-05T05:30:00Z,2\n",
            unpack(words))
        assert.equal(0, r.code, r.err)
        assert.equal("1\n1\n1\n", moods())
        r = joined("time,mood\n2024-03-10 02:30,1\n", unpack(words))
        assert.equal(3, r.code)
        assert.truthy(r.err:find("mood.csv:2: column 1 'time', value \"2024-03-10 02:30\": "
            .. "2024-03-10 02:30:00 does not exist in America/New_York", 1, true), r.err)
    end)

    it("names the nearest zone for one that there is not", function()
        local r = joined("time,mood\n2024-07-01 09:32,2\n", "--tz", "America/NewYork")
        assert.equal(2, r.code)
        assert.truthy(r.err:find("America/New_York", 1, true), r.err)
    end)
end)
