-- Every accepted form of file, each with the bars it must become. The expected bars are read off
-- the fixtures by eye; times follow from the rules in engine/store/bars.c.

local child = require "spec.support.child"
local dump = require "spec.support.dump"

local GOOD = "spec/fixtures/csv/good/"

-- The three daily bars that most fixtures hold.
local THREE = {
    "2020-01-02T23:59:59Z 10 11 9 10.5 100",
    "2020-01-03T23:59:59Z 10.5 12 10 11 110",
    "2020-01-06T23:59:59Z 11 12 10.5 11.5 120",
}

-- The three minute bars, opening at 09:30, 09:31 and 09:33.
local MINUTES = {
    "2020-01-02T09:31:00Z 10 11 9 10.5 100",
    "2020-01-02T09:32:00Z 10.5 12 10 11 110",
    "2020-01-02T09:34:00Z 11 12 10.5 11.5 120",
}

local function with(symbol, bars)
    local lines = {}
    for i, bar in ipairs(bars) do
        lines[i] = symbol .. " " .. bar
    end
    return lines
end

describe("a CSV file", function()
    local folder

    before_each(function()
        folder = child.scratch()
    end)
    teardown(child.clean)

    local function ingest(words)
        local spec = { "ingest", "-b", "x", env = { BACKLUA_BUNDLES = folder } }
        for _, word in ipairs(words) do
            spec[#spec + 1] = word
        end
        return child.run(spec)
    end

    -- Ingest, expect these bars and each of these phrases among what is said.
    local function becomes(words, bars, ...)
        local r = ingest(words)
        assert.equal(0, r.code, r.err)
        assert.same(bars, dump(folder .. "/x"))
        for _, phrase in ipairs { ... } do
            assert.truthy(r.err:find(phrase, 1, true), phrase .. "\nnot in:\n" .. r.err)
        end
    end

    local function becomes_three(name, ...)
        becomes({ GOOD .. name, "--symbol", "S" }, with("S", THREE), ...)
    end

    it("may name its columns in any case, order and decoration", function()
        becomes_three("plain.csv", "open = column 2 'open'")
        becomes_three("other_order.csv", "date = column 6 'Trade Date', open = column 5 '<OPEN>', "
            .. "high = column 4 'High', low = column 3 'LOW', close = column 2 'Close', "
            .. "volume = column 1 'VOLUME'")
    end)

    it("may leave the date's column without a name, as pandas does", function()
        becomes_three("pandas.csv", "date = column 1, open = column 2 'Open'")
    end)

    it("may hold adjusted closes and other columns, which are named and left out", function()
        becomes_three("adjusted.csv", "left out: 'Adj Close'")
    end)

    it("may be separated by comma, semicolon, tab or bar", function()
        becomes_three("semicolon.csv", "semicolon separated")
        becomes_three("tab.tsv", "tab separated")
        becomes_three("bar.csv", "pipe separated")
    end)

    it("may have CRLF, a byte order mark, blanks, blank lines, no final line feed", function()
        for _, name in ipairs { "crlf", "byte_order_mark", "blanks", "blank_lines",
            "no_final_feed" } do
            becomes_three(name .. ".csv")
        end
    end)

    it("may quote cells, with quotes, separators and line feeds inside", function()
        becomes_three("quoted.csv", "column 'remark' is left out: ")
    end)

    it("may write numbers in any decimal way", function()
        becomes_three("numbers.csv")
    end)

    it("may write a decimal comma where semicolons separate, which one number shows", function()
        becomes({ GOOD .. "decimal_comma.csv", "--symbol", "S" }, {
            "S 2020-01-02T23:59:59Z 1234.5 1300 1200 1250.25 1234567",
            "S 2020-01-03T23:59:59Z 1250 1301.5 1200 1250 1000",
            "S 2020-01-06T23:59:59Z 999.5 1301.5 998 1000 1000.5",
        }, "commas in numbers are decimal, points group thousands, as 1.234,50 ",
            "dates are day/month/year, as dates with points are",
            "column 'Score' is the field score, 2 values")
    end)

    it("may group thousands with commas there, which one number shows", function()
        becomes({ GOOD .. "grouped.csv", "--symbol", "S" }, {
            "S 2020-01-02T23:59:59Z 1234.5 1300 1200 1250 1000000",
            "S 2020-01-03T23:59:59Z 1250 1301.5 1200 1250 999",
        }, "commas in numbers group thousands, as 1,234.5 ")
    end)

    it("may have local times of autumn's repeated hour, oldest or newest first", function()
        local bars = {
            "S 2020-11-01T05:30:00Z 10 12 9 10.5 1", "S 2020-11-01T06:00:00Z 11 13 10 11.5 2",
            "S 2020-11-01T06:30:00Z 12 14 11 12.5 3", "S 2020-11-01T07:00:00Z 13 15 12 13.5 4",
            "S 2020-11-01T07:30:00Z 14 16 13 14.5 5",
        }
        for _, name in ipairs { "oldest_local", "newest_local", "newest_inside" } do
            bars[5] = name ~= "newest_inside" and bars[5] or nil
            becomes({ GOOD .. name .. ".csv", "--symbol", "S", "--tz", "America/New_York" }, bars)
        end
    end)

    it("may be gzipped, in several members", function()
        local packed = folder .. "/packed.csv.gz"
        local head = ("head -2 %splain.csv | gzip > %s"):format(GOOD, packed)
        local tail = ("tail -2 %splain.csv | gzip >> %s"):format(GOOD, packed)
        assert(os.execute(head .. "; " .. tail) == 0)
        becomes({ packed }, with("packed", THREE))
    end)

    it("may have zeros behind a gzipped member, as tapes are filled up", function()
        local packed = folder .. "/taped.csv.gz"
        local zeros = ("head -c %d /dev/zero >> %s"):format(70000, packed)
        local head = ("head -2 %splain.csv | gzip > %s"):format(GOOD, packed)
        local tail = ("tail -2 %splain.csv | gzip >> %s"):format(GOOD, packed)
        assert(os.execute(table.concat({ head, zeros, tail, zeros }, "; ")) == 0)
        becomes({ packed }, with("taped", THREE))
    end)

    it("may lack the volume, which is then 0 and said so", function()
        local bars = {}
        for i, bar in ipairs(THREE) do
            bars[i] = bar:gsub("%d+$", "0")
        end
        becomes({ GOOD .. "no_volume.csv" }, with("no_volume", bars), "no volume, taken as 0",
            "3 of 3 bars have volume 0")
    end)

    it("may end its rows or its header with a separator", function()
        becomes_three("trailing_separator.csv", "rows end with a separator")
        becomes_three("header_separator.csv", "the header ends with a separator")
    end)

    it("may number its rows without naming that column", function()
        becomes_three("row_numbers.csv", "rows have a first cell that the header does not name")
    end)

    describe("of days", function()
        it("may write dates with year first, compact, or with a midnight", function()
            for _, name in ipairs { "slashes", "short_dates", "compact", "midnight" } do
                becomes_three(name .. ".csv", "frequency 1d")
            end
        end)

        it("may write month or day first when a row shows which", function()
            local bars = { THREE[1], THREE[2], "2020-01-16T23:59:59Z 11 12 10.5 11.5 120",
                "2020-01-17T23:59:59Z 11 12 10.5 11.5 120" }
            becomes({ GOOD .. "month_first.csv", "--symbol", "S" }, with("S", bars),
                "dates are month/day/year, as 1/16/2020 (" .. GOOD .. "month_first.csv:4) shows")
            becomes({ GOOD .. "day_first.csv", "--symbol", "S" }, with("S", bars),
                "dates are day/month/year, as 16.1.2020 (" .. GOOD .. "day_first.csv:4) shows")
        end)

        it("may write month or day first when the user says which", function()
            local file = "spec/fixtures/csv/bad/either_order.csv"
            local r = ingest { file, "--dates", "mdy", "--frequency", "1d" }
            assert.equal(0, r.code, r.err)
            assert.truthy(r.err:find("dates are month/day/year, as given", 1, true))
            assert.same({ "either_order 2020-01-02T23:59:59Z 10 11 9 10.5 100",
                "either_order 2020-01-03T23:59:59Z 10 11 9 10.5 100" }, dump(folder .. "/x"))
            becomes({ file, "--dates", "dmy", "--frequency", "1mo", "--stamp", "open" }, {
                "either_order 2020-02-29T23:59:59Z 10 11 9 10.5 100",
                "either_order 2020-03-31T23:59:59Z 10 11 9 10.5 100",
            })
        end)

        it("carries the date as it is written beside an offset or a time of day", function()
            becomes_three "new_york_midnight.csv"
            becomes_three("berlin_midnight.csv", "times carry UTC offsets")
            becomes_three("closing_time.csv", "the time of day beside the dates is left out")
        end)

        it("may count seconds, milliseconds, microseconds or nanoseconds since 1970", function()
            for _, name in ipairs { "seconds", "fraction", "milliseconds", "microseconds",
                "nanoseconds" } do
                becomes_three(name .. ".csv", "times are counts since 1970")
            end
        end)
    end)

    describe("of minutes", function()
        it("may write the time in many ways, in one column or two", function()
            for _, name in ipairs { "minutes", "minutes_t", "minutes_compact",
                "minutes_two_columns", "minutes_digits", "minutes_seconds" } do
                becomes({ GOOD .. name .. ".csv", "--symbol", "S", "--tz", "UTC" },
                    with("S", MINUTES), "frequency 1m")
            end
        end)

        it("may have a time column that the header does not name", function()
            becomes({ GOOD .. "minutes_unnamed.csv", "--symbol", "S", "--tz", "UTC" },
                with("S", MINUTES),
                "rows have a time of day behind the date that the header does not name")
        end)

        it("is of the zone that it says, or that the user says", function()
            becomes({ GOOD .. "minutes.csv", "--symbol", "S", "--tz", "UTC" }, with("S", MINUTES),
                "times without UTC offset are of UTC, as given")
            becomes({ GOOD .. "minutes_offset.csv", "--symbol", "S" }, {
                "S 2020-01-02T04:01:00Z 10 11 9 10.5 100",
                "S 2020-01-02T04:02:00Z 10.5 12 10 11 110",
                "S 2020-01-02T04:04:00Z 11 12 10.5 11.5 120",
            })
        end)

        it("marks the open of a bar, or its close when the user says so", function()
            becomes({ GOOD .. "minutes.csv", "--symbol", "S", "--tz", "UTC" }, with("S", MINUTES),
                "a time is its bar's open (--stamp overrides)")
            becomes({ GOOD .. "minutes.csv", "--symbol", "S", "--tz", "UTC", "--stamp", "close" }, {
                "S 2020-01-02T09:30:00Z 10 11 9 10.5 100",
                "S 2020-01-02T09:31:00Z 10.5 12 10 11 110",
                "S 2020-01-02T09:33:00Z 11 12 10.5 11.5 120",
            }, "a time is its bar's close, as given")
        end)

        it("has the length of bars that the user says", function()
            becomes({ GOOD .. "minutes.csv", "--symbol", "S", "--tz", "UTC", "--frequency",
                "30s" }, {
                "S 2020-01-02T09:30:30Z 10 11 9 10.5 100",
                "S 2020-01-02T09:31:30Z 10.5 12 10 11 110",
                "S 2020-01-02T09:33:30Z 11 12 10.5 11.5 120",
            }, "frequency 30s, as given")
        end)
    end)

    -- Nothing of a week or a month may be seen before it is over.
    describe("of weeks and months", function()
        it("closes when the period does, whichever end the date marks", function()
            becomes({ GOOD .. "weeks.csv", "--symbol", "S" }, {
                "S 2020-01-03T23:59:59Z 10 11 9 10.5 100",
                "S 2020-01-10T23:59:59Z 10.5 12 10 11 110",
                "S 2020-01-17T23:59:59Z 11 12 10.5 11.5 120",
                "S 2020-01-24T23:59:59Z 11 12 10.5 11.5 120",
                "S 2020-01-31T23:59:59Z 11 12 10.5 11.5 120",
            }, "frequency 1w", "the date is the week's end")
            becomes({ GOOD .. "weeks_monday.csv", "--symbol", "S" }, {
                "S 2020-01-05T23:59:59Z 10 11 9 10.5 100",
                "S 2020-01-12T23:59:59Z 10.5 12 10 11 110",
                "S 2020-01-19T23:59:59Z 11 12 10.5 11.5 120",
            }, "the date is the week's begin")
            becomes({ GOOD .. "months.csv", "--symbol", "S" }, {
                "S 2019-12-31T23:59:59Z 10 11 9 10.5 100",
                "S 2020-01-31T23:59:59Z 10.5 12 10 11 110",
                "S 2020-02-29T23:59:59Z 11 12 10.5 11.5 120",
                "S 2020-03-31T23:59:59Z 11 12 10.5 11.5 120",
            }, "frequency 1mo", "the date is the month's end")
            becomes({ GOOD .. "months_first.csv", "--symbol", "S" }, {
                "S 2020-01-31T23:59:59Z 10 11 9 10.5 100",
                "S 2020-02-29T23:59:59Z 10.5 12 10 11 110",
                "S 2020-03-31T23:59:59Z 11 12 10.5 11.5 120",
            }, "the date is the month's begin")
        end)

        it("asks which end a date marks where it cannot be seen", function()
            local bars = {}
            for i = 0, 5 do
                bars[i + 1] = ("S 2020-01-%02dT23:59:59Z 10 11 9 10.5 100"):format(2 + 2 * i)
            end
            becomes({ "spec/fixtures/csv/bad/two_days.csv", "--symbol", "S", "--stamp", "close" },
                bars, "frequency 2d", "the date is the bar's last day, as given")
        end)
    end)

    it("is sorted, and said to be", function()
        becomes_three("unsorted.csv", "1 row earlier than the row before; sorted")
        becomes_three("newest_first.csv", "2 rows earlier than the row before; sorted")
    end)

    it("may repeat rows, which are counted", function()
        becomes_three("repeated.csv", "2 rows that repeat another exactly; left out",
            "5 rows = 3 stored + 2 repeated + 0 bad")
    end)

    it("may break high and low by a vendor's rounding, kept and counted", function()
        becomes({ GOOD .. "tolerated.csv", "--symbol", "S" }, with("S", {
            THREE[1], "2020-01-03T23:59:59Z 10.5 12 10 12.000009 110", THREE[3],
        }), "1 row with open or close beyond high or low by at most 1e-6")
    end)

    it("gives the symbol: by its column, its name, or --symbol", function()
        becomes({ GOOD .. "symbols.csv" }, {
            "AAA " .. THREE[1], "AAA " .. THREE[2],
            "BBB " .. THREE[1], "BBB " .. THREE[2], "CCC " .. THREE[3],
        }, "3 symbols, from a column: AAA, BBB, CCC")
        becomes({ GOOD .. "plain.csv" }, with("plain", THREE), "from file names")
        becomes({ GOOD .. "plain.csv", "--symbol", "^X" }, with("^X", THREE), "as given: ^X")
        local blanks = child.scratch() .. "/ BRK B .csv"
        child.write(blanks, child.read(GOOD .. "plain.csv"))
        becomes({ blanks }, with("BRK B", THREE), "(--symbol overrides): BRK B\n")
    end)

    it("may be one of a folder, with ragged starts and ends", function()
        becomes({ GOOD .. "folder" }, {
            "AAA " .. THREE[1], "AAA " .. THREE[2], "AAA " .. THREE[3],
            "BRK.B " .. THREE[2], "BRK.B " .. THREE[3],
            "BRK.B 2020-01-07T23:59:59Z 11.5 12 11 11.75 130",
        }, "2 files such as " .. GOOD .. "folder/AAA.csv", "left out " .. GOOD .. "folder/notes.md",
            "left out " .. GOOD .. "folder/older: a folder", "6 rows = 6 stored",
            "2 symbols at 4 times")
    end)

    it("may be one of several that make up a symbol", function()
        local half = { folder .. "/a.csv", folder .. "/b.csv" }
        child.write(half[1], "date,open,high,low,close,volume\n2020-01-02,10,11,9,10.5,100\n")
        child.write(half[2], "volume;close;low;high;open;date\n110;11;10;12;10.5;20200103\n")
        becomes({ half[2], half[1], "--symbol", "S" }, with("S", { THREE[1], THREE[2] }))
    end)
end)
