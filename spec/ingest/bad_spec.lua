-- Bad files, each with its exact message and exit code: hand-made fixtures, one fault each.

local child = require "spec.support.child"

local BAD = "spec/fixtures/csv/bad/"

local ONE_OF_THREE = "1 of 3 rows is bad; nothing was stored. --skip-bad leaves it out and stores "
    .. "the rest"

-- name = { line:, column and value, reason } of the one bad row among three.
local ROWS = {
    { "word", "column 5 'close', value 'abc': not a number" },
    { "empty_cell", "column 3 'high', value '': empty" },
    { "null_row", "column 2 'open', value 'null': not a number" },
    { "nan", "column 5 'close', value 'NaN': not finite" },
    { "infinite", "column 3 'high', value 'inf': not finite" },
    { "overflow", "column 3 'high', value '1e400': too large a number" },
    { "hexadecimal", "column 4 'low', value '0xA': not a number" },
    { "thousands", "column 3 'high', value '1,200.00': not a number (numbers are written 1234.5, "
        .. "without comma; --decimal comma reads 1.234,5)" },
    { "apostrophe", "column 3 'high', value '1'234.50': not a number (take out what groups the "
        .. "digits: 1'234.5 is written 1234.5)" },
    { "blank_groups", "column 3 'high', value '1 234.50': not a number (take out what groups the "
        .. "digits: 1'234.5 is written 1234.5)" },
    { "currency", "column 5 'close', value '10.5 EUR': not a number (take out the currency: "
        .. "10.5 EUR is written 10.5)" },
    { "control_characters", "column 3 'high', value '1\\x1b[31m2': not a number" },
    { "zero_price", "column 4 'low', value '0': a price must be greater than 0" },
    { "negative_price", "column 2 'open', value '-10.5': a price must be greater than 0" },
    { "negative_volume", "column 6 'volume', value '-110': a volume cannot be negative" },
    { "huge_price", "column 3 'high', value '2e15': a price must be at most 1e15" },
    { "huge_volume", "column 6 'volume', value '2e18': a volume must be at most 1e18" },
    { "high_below_low", "column 3 'high', value '9': the high is below the low 10" },
    { "high_below_open", "column 3 'high', value '12': the high is below the open 13.25" },
    { "high_below_close", "column 3 'high', value '12': the high is below the close 12.01" },
    { "low_above_open", "column 4 'low', value '10.75': the low is above the open 10.5" },
    { "low_above_close", "column 4 'low', value '10.4': the low is above the close 10.3" },
    { "beyond_tolerance", "column 3 'high', value '12': the high is below the close 12.00003" },
    { "short_row", "column 5 'close', value '': the row has 4 cells, the header has 6" },
    { "long_row", "column 7, value '7': the row has 8 cells, the header has 6" },
    { "no_such_day", "column 1 'date', value '2020-02-30': no such day" },
    { "no_such_month", "column 1 'date', value '2020-13-01': no such day" },
    { "early_year", "column 1 'date', value '1850-01-03': outside the years 1900 to 2200" },
    { "late_year", "column 1 'date', value '2201-01-03': outside the years 1900 to 2200" },
    { "no_such_time", "column 1 'date', value '2020-01-03 25:00': no such time of day" },
    { "bad_clock", "column 2 'time', value '9h31': no such time of day" },
    { "date_in_words", "column 1 'date', value 'yesterday': not a date like 2012-01-31" },
    { "empty_date", "column 1 'date', value '': empty" },
    { "other_date_form", "column 1 'date', value '01/03/2020': not a date like 2012-01-31" },
    { "text_after_date", "column 1 'date', value '2020-01-03x': text follows the date" },
    { "text_after_time", "column 1 'date', value '2020-01-03 10:00 noon': text follows the time" },
    { "compact_day", "column 1 'date', value '20200132': no such day" },
    { "count_in_words", "column 1 'unix', value 'soon': not a count of time since 1970" },
    { "missing_offset", "column 1 'time', value '2020-01-02T09:31': has no UTC offset, the first "
        .. "row has one" },
    { "sudden_offset", "column 1 'time', value '2020-01-02 09:31+01:00': has a UTC offset, the "
        .. "first row has none" },
    { "unclosed_quote", "column 1 'date', value '\"2020-01-03,10.5,12,10,11,110': a quote is never "
        .. "closed" },
    { "text_after_quote", "column 2 'open', value '10.5': text follows the closing quote" },
    { "empty_symbol", "column 1 'symbol', value '': empty" },
    { "long_symbol", "column 1 'symbol', value '" .. ("A"):rep(60) .. "...': a symbol has at most "
        .. "64 bytes" },
}

local NEEDS = "a header needs date, open, high, low and close; --map close=5 says what column 5 is"
local HEADER = "such as date,open,high,low,close,volume"

-- name = exit code and message of a file that is refused as a whole; $ is its path.
local FILES = {
    { "empty.csv", 3, "$ is empty" },
    { "blank.csv", 3, "$ is empty" },
    { "header_only.csv", 3, "no row to store in $" },
    { "no_header.csv", 3, "$: the first line is no header: '2020-01-02', '10', '11', '9', '10.5', "
        .. "'100'; say what its columns are with --columns, such as --columns "
        .. "date,open,high,low,close,volume" },
    { "no_separator.csv", 3, "$:1: the first line has no comma, semicolon or tab; a table of bars "
        .. "begins with a header " .. HEADER .. ". It reads: hello world" },
    { "header_quote.csv", 3, "$:1: a quote in the header is never closed" },
    { "no_close.csv", 3, "$: no column for close among 'date', 'open', 'high', 'low', 'volume'; "
        .. NEEDS },
    { "no_date.csv", 3, "$: no column for date among 'open', 'high', 'low', 'close', 'volume'; "
        .. NEEDS },
    { "two_closes.csv", 2, "$: columns 5 'close' and 6 'Close' both look like the close; say --map "
        .. "close=5 or --map close=6" },
    { "binary.csv", 3, "$ is not text: it holds NUL bytes" },
    { "utf16.csv", 3, "$ is UTF-16 text; save it as UTF-8" },
    { "archive.zip", 3, "$: the zip archive is damaged: it has no directory" },
    { "zstd.zst", 3, "$ is compressed with zstd; unpack it first" },
    { "cut_off.csv.gz", 3, "$: the gzip data is cut off at byte 12" },
    { "either_order.csv", 2, "$:2: 1/2/2020 can be month/day or day/month, and no row tells which; "
        .. "say --dates mdy or --dates dmy" },
    { "both_orders.csv", 2, "$:3: 1/13/2020 can only be month/day, but $:4: 14/1/2020 only "
        .. "day/month; say --dates mdy or --dates dmy, which makes the other rows bad ones" },
    { "decimal_comma.csv", 2, "$:3: 10,5 has a decimal comma, but $:2: 10.5 a decimal point; say "
        .. "--decimal comma or --decimal point, which makes the other rows bad ones" },
    { "either_decimal.csv", 2, "$:2: the comma of 1,234 can be decimal or group thousands, and no "
        .. "row tells which; say --decimal comma or --decimal point" },
    { "irregular.csv", 2, "the bars of irregular have no regular distance; say --frequency 1m, 5m, "
        .. "1h, 1d, 1w, 1mo or the like" },
    { "one_time.csv", 2, "too few rows to see how long a bar is; say --frequency 1m, 5m, 1h, 1d or "
        .. "the like" },
    { "two_days.csv", 2, "bars of 2d: does a date mark a bar's first day or its last? say --stamp "
        .. "open or --stamp close" },
    { "midweek.csv", 2, "bars of 1w: does a date mark a bar's first day or its last? say --stamp "
        .. "open or --stamp close" },
    { "midmonth.csv", 2, "bars of 1mo: does a date mark a bar's first day or its last? say --stamp "
        .. "open or --stamp close" },
    { "two_frequencies.csv", 3, "the bars of AAA are 1d apart, those of BBB 1mo; a bundle holds "
        .. "one frequency, so ingest them into two" },
}

describe("backlua ingest", function()
    local folder

    setup(function()
        folder = child.scratch()
    end)
    teardown(child.clean)

    local function ingest(words)
        local spec = { "ingest", "--quiet", "-b", "x", env = { BACKLUA_BUNDLES = folder } }
        for _, word in ipairs(words) do
            spec[#spec + 1] = word
        end
        return child.run(spec)
    end

    -- stderr is exactly these lines, and nothing is made.
    local function refused(words, code, lines)
        local r = ingest(words)
        assert.equal(table.concat(lines, "\n") .. "\n", r.err)
        assert.equal(code, r.code)
        assert.equal("", r.out)
        assert.is_nil(io.open(folder .. "/x/bundle.sqlite"))
    end

    for _, case in ipairs(ROWS) do
        local name, what = case[1], case[2]
        it("reports " .. name, function()
            local path = BAD .. name .. ".csv"
            refused({ path }, 3, { path .. ":3: " .. what, "backlua: " .. ONE_OF_THREE })
        end)
    end

    for _, case in ipairs(FILES) do
        local name, code, message = case[1], case[2], case[3]
        it("refuses " .. name, function()
            local path = BAD .. name
            refused({ path }, code, { "backlua: " .. message:gsub("%$", path) })
        end)
    end

    it("reports decimal commas among points, as the user has it", function()
        local path = BAD .. "decimal_comma.csv"
        local rest = "backlua: 1 of 2 rows is bad; nothing was stored. --skip-bad leaves it out "
            .. "and stores the rest"
        refused({ path, "--decimal", "point" }, 3, {
            path .. ":3: column 2 'open', value '10,5': not a number (numbers are written 1234.5, "
                .. "without comma; --decimal comma reads 1.234,5)", rest })
        refused({ path, "--decimal", "comma" }, 3, {
            path .. ":2: column 5 'close', value '10.5': not a number where the comma is decimal "
                .. "(--decimal point?)", rest })
    end)

    it("reports times of the repeated hour in rows of no order", function()
        local path = BAD .. "no_order.csv"
        refused({ path, "--tz", "America/New_York" }, 3, {
            path .. ":5: column 1 'datetime', value '2020-11-01 01:30': 2020-11-01 01:30:00 is "
                .. "twice in America/New_York: at 05:30:00 and at 06:30:00 UTC",
            "backlua: 1 of 5 rows is bad; nothing was stored. --skip-bad leaves it out and stores "
                .. "the rest" })
    end)

    it("reports both rows of a conflict", function()
        local path = BAD .. "conflict.csv"
        local bad = "backlua: 2 of 4 rows are bad; nothing was stored. --skip-bad leaves them out "
            .. "and stores the rest"
        refused({ path }, 3, {
            path .. ":3: column 1 'date', value '2020-01-03': another row has other values for the "
                .. "same bar",
            path .. ":4: column 1 'date', value '2020-01-03': line 3 has other values for the same "
                .. "bar",
            bad,
        })
        path = BAD .. "conflict_in_time.csv"
        refused({ path, "--tz", "UTC" }, 3, {
            path .. ":3: column 1 'time', value '2020-01-02T09:31:00Z': another row has other "
                .. "values for the same bar",
            path .. ":4: column 1 'time', value '2020-01-02T09:31:00Z': line 3 has other values "
                .. "for the same bar",
            bad,
        })
    end)

    it("reports a conflict between files", function()
        local one, two = BAD .. "conflict.csv", "spec/fixtures/csv/good/plain.csv"
        local r = ingest { two, one, "--symbol", "S" }
        assert.truthy(r.err:find(one .. ":4: column 1 'date', value '2020-01-03': " .. two
            .. ":3 has other values for the same bar", 1, true), r.err)
    end)

    it("refuses counts of several units, naming the flag", function()
        local path = BAD .. "mixed_counts.csv"
        refused({ path }, 2, {
            path .. ":3: column 1 'unix', value '1578009600000': outside the years 1900 to 2200",
            "backlua: " .. path .. ": some times look like counts of s since 1970, others like ms; "
                .. "say --epoch s, ms, us or ns, or split the file",
        })
    end)

    it("refuses days as spreadsheets number them, naming the remedy", function()
        local path = BAD .. "day_numbers.csv"
        refused({ path }, 2, {
            "backlua: " .. path .. ": column 1 'date': all numbers lie in 20000 to 79999, as those "
                .. "that spreadsheets write for days (44928 is 2023-01-02); save the column as "
                .. "dates, such as 2023-01-02, or say --epoch s when they are seconds since 1970",
        })
    end)

    it("refuses --symbol for a file with a symbol column", function()
        local path = "spec/fixtures/csv/good/symbols.csv"
        refused({ path, "--symbol", "AAA" }, 2, {
            "backlua: " .. path .. " has its symbols in column 1 'ticker'; leave out --symbol, or "
                .. "remove the column",
        })
    end)

    it("lists the first 20 bad rows and counts the rest", function()
        local path, lines = BAD .. "many.csv", {}
        -- From line 2 on, every row but each third is bad: lines 3 4, 6 7, ... 30 31 are the
        -- first twenty of forty.
        for line = 3, 31 do
            if line % 3 ~= 2 then
                lines[#lines + 1] = path .. ":" .. line .. ": column 5 'close', value 'x': not a "
                    .. "number"
            end
        end
        assert.equal(20, #lines)
        lines[21] = "... and 20 more bad rows"
        lines[22] = "backlua: 40 of 64 rows are bad; nothing was stored. --skip-bad leaves them "
            .. "out and stores the rest"
        refused({ path }, 3, lines)
    end)

    it("does not advise --skip-bad when every row is bad", function()
        local path = BAD .. "all_bad.csv"
        refused({ path }, 3, {
            path .. ":2: column 2 'open', value 'x': not a number",
            "backlua: the only row is bad; nothing was stored",
        })
    end)

    describe("--skip-bad", function()
        it("stores the rest and records the count", function()
            for _, case in ipairs(ROWS) do
                local r = ingest { BAD .. case[1] .. ".csv", "--skip-bad", "--tz", "UTC",
                    "--frequency", case[1]:find "offset" and "1m" or case[1] == "bad_clock" and "1m"
                    or "1d" }
                assert.equal(0, r.code, r.err)
                local info = child.run { "bundle", "info", "x", "--json",
                    env = { BACKLUA_BUNDLES = folder } }
                assert.truthy(info.out:find('"skipped_rows":1,', 1, true), info.out)
                assert.truthy(info.out:find('"bars":2,', 1, true), info.out)
                assert.equal(0, child.run { "bundle", "rm", "x",
                    env = { BACKLUA_BUNDLES = folder } }.code)
            end
        end)

        it("leaves out every row of a conflict", function()
            local r = ingest { BAD .. "conflict.csv", "--skip-bad" }
            assert.equal(0, r.code, r.err)
            assert.equal(2, #require "spec.support.dump"(folder .. "/x"))
            child.run { "bundle", "rm", "x", env = { BACKLUA_BUNDLES = folder } }
        end)

        it("refuses when more than half of the rows are bad", function()
            local path = BAD .. "mostly_bad.csv"
            refused({ path, "--skip-bad" }, 3, {
                path .. ":3: column 2 'open', value 'x': not a number",
                path .. ":4: column 2 'open', value 'x': not a number",
                "backlua: 2 of 3 rows are bad, more than half; the files are not what they were "
                    .. "taken for, so nothing was stored",
            })
        end)
    end)
end)
