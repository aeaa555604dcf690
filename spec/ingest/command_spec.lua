-- The commands ingest and bundle: arguments, output, what is left on disk.

local child = require "spec.support.child"
local dump = require "spec.support.dump"

local GOOD = "spec/fixtures/csv/good/"
local PLAIN = GOOD .. "plain.csv"

local folder

local function run(words)
    local spec = { env = { BACKLUA_BUNDLES = folder } }
    for i, word in ipairs(words) do
        spec[i] = word
    end
    return child.run(spec)
end

local function files_in(path)
    local names = {}
    for name in io.popen("ls -A " .. child.quote(path) .. " 2>/dev/null"):lines() do
        names[#names + 1] = name
    end
    return names
end

local function sha_of(name)
    return run({ "bundle", "info", name, "--json" }).out:match '"sha256":"(%x+)"'
end

describe("backlua ingest", function()
    before_each(function()
        folder = child.scratch()
    end)
    teardown(child.clean)

    it("tells how far it is, how fast, and how long still, in all of its stages", function()
        local path, rows = folder .. "/long.csv", 400000
        local f = assert(io.open(path, "w"))
        f:write "time,open,high,low,close,volume\n"
        for i = 1, rows do
            f:write(("%d,100.125,100.375,100.0625,100.25,%012d\n"):format(1e9 + 20 + 60 * i, i))
        end
        f:close()
        local r = run { "ingest", path, "-b", "long", "--memory", "8" } -- most rows go to disk
        assert.equal(0, r.code, r.err)
        local stages = { 0, 0, 0 }
        for line in r.err:gmatch "[^\n]+" do
            for i, unit in ipairs { "%d+ MB read", "400,000 rows checked",
                "400,000 rows stored" } do
                if line:find("^[%d,]+/" .. unit .. "  [%d,]+ rows/s  eta %d+ s$") then
                    stages[i] = stages[i] + 1
                end
            end
        end
        for i = 1, 3 do
            assert.is_true(stages[i] >= 2 and stages[i] <= 11, r.err)
        end
        run { "ingest", path, "-b", "again" }
        assert.equal(sha_of "long", sha_of "again")
    end)

    local function usage(words, message)
        table.insert(words, 1, "ingest")
        local r = run(words)
        assert.equal("backlua: " .. message .. "\n", r.err)
        assert.equal(2, r.code)
        assert.same({}, files_in(folder))
    end

    it("says what is missing or does not go together", function()
        usage({}, "which files? backlua ingest PATH... -b NAME")
        usage({ PLAIN }, "which bundle? give -b NAME (or --dry-run)")
        usage({ PLAIN, "-b", "x", "--seed", "3" }, "--seed belongs to --synthetic")
        usage({ PLAIN, "-b", "x", "--synthetic", "mag7" },
            "--synthetic makes its own bars; leave out " .. PLAIN)
        usage({ "-b", "x", "--synthetic", "mag7", "--skip-bad" },
            "--synthetic makes its own bars; leave out --skip-bad")
        usage({ "-b", "x", "--synthetic", "mag8" },
            "unknown synthetic market 'mag8'; there is mag7")
        usage({ PLAIN, "-b", "../x" }, "bundle name '../x': use 1 to 100 letters, digits, '.', '_' "
            .. "or '-', beginning with a letter or digit")
        usage({ PLAIN, "-b", "x", "--frequency", "daily" }, "frequency must be a number and a "
            .. "unit (s, m, h, d, w, mo), such as 1m, 5m, 1h, 1d, 1w or 1mo; got 'daily'")
    end)

    it("tells a number of symbols from a file of facts", function()
        local r = run { "ingest", "--synthetic", "mag7", "--assets", "2", "-b", "x" }
        assert.equal(2, r.code)
        assert.truthy(r.err:find("--symbols N says how many", 1, true), r.err)
        r = run { "ingest", PLAIN, "--symbols", "2", "-b", "x" }
        assert.equal(2, r.code)
        assert.truthy(r.err:find("--symbols belongs to --synthetic", 1, true), r.err)
    end)

    it("refuses values that make no sense, naming option and value", function()
        for _, option in ipairs { "--dates", "--epoch", "--stamp", "--memory", "--seed",
            "--minutes", "--symbols", "--assets" } do
            for _, value in ipairs { "", " ", "-1", "1e308", "nan", "inf", "4,0", "0x10" } do
                local r = run { "ingest", PLAIN, "-b", "x", option, value }
                assert.equal(2, r.code, option .. " " .. value .. ": " .. r.err)
                assert.truthy(r.err:find(option, 1, true), r.err)
            end
        end
    end)

    it("names the nearest file for one that is not there", function()
        local r = run { "ingest", GOOD .. "plane.csv", "-b", "x" }
        assert.equal(2, r.code)
        assert.truthy(r.err:find("plain.csv", 1, true), r.err)
    end)

    it("refuses a folder without tables, a device, a name that is taken", function()
        local r = run { "ingest", "spec/golden", "-b", "x" }
        assert.equal("backlua: no .csv, .txt or .tsv file (or these with .gz) and no "
            .. ".zip in spec/golden\n",
            r.err)
        assert.equal(3, r.code)
        r = run { "ingest", "/dev/zero", "-b", "x" }
        assert.equal("backlua: /dev/zero is not a regular file\n", r.err)
        assert.equal(4, r.code)
        os.execute("mkdir " .. folder .. "/taken; echo 1 > " .. folder .. "/taken/notes")
        r = run { "ingest", PLAIN, "-b", "taken" }
        assert.equal("backlua: " .. folder .. "/taken exists and is not a bundle; choose another "
            .. "name or move it away\n", r.err)
        assert.equal(2, r.code)
        assert.same({ "notes" }, files_in(folder .. "/taken"))
    end)

    it("puts one line on stdout, decisions on stderr, nothing there under --quiet", function()
        local r = run { "ingest", PLAIN, "-b", "x" }
        assert.equal("bundle x: 1 symbol, 3 bars of 1d, sha256 " .. sha_of("x"):sub(1, 12) .. "\n",
            r.out)
        assert.equal(PLAIN .. [[
: comma separated; date = column 1 'date', open = column 2 'open', high = column 3 'high', ]]
            .. [[low = column 4 'low', close = column 5 'close', volume = column 6 'volume'
1 symbol, from file names (--symbol overrides): plain
frequency 1d, the distance of 50.0 % of the bars of plain (--frequency overrides)
a session is a day: bars open at 00:00:00 and close at 23:59:59 UTC of their date
3 rows = 3 stored + 0 repeated + 0 bad; 1 symbol at 3 times, 2020-01-02 to 2020-01-06
]], r.err)
        assert.equal("", run({ "ingest", PLAIN, "-b", "x", "--quiet" }).err)
    end)

    it("makes nothing in a dry run, whose result is what was understood", function()
        local r = run { "ingest", PLAIN, "--dry-run" }
        assert.equal(0, r.code)
        assert.equal("dry run: nothing was made\n", r.err)
        assert.truthy(r.out:find("3 rows = 3 stored + 0 repeated + 0 bad", 1, true))
        assert.same({}, files_in(folder))
    end)

    it("keeps every decision, count and source in the bundle", function()
        run { "ingest", GOOD .. "repeated.csv", "-b", "x" }
        local json = require "backlua.json"
        local info = json.decode(run({ "bundle", "info", "x", "--json" }).out)
        local p = info.provenance
        assert.equal("csv", p.source)
        assert.equal(5, p.rows)
        assert.equal(3, p.stored)
        assert.equal(2, p.duplicates)
        assert.equal("2 rows that repeat another exactly; left out", p.decisions[6])
        assert.equal(GOOD .. "repeated.csv", p.files[1].path)
        local sum = io.popen("sha256sum " .. GOOD .. "repeated.csv"):read "*a":match "%x+"
        assert.equal(sum, p.files[1].sha256)
    end)

    it("gives equal bars equal versions, wherever they come from", function()
        for i, name in ipairs { "plain", "semicolon", "quoted", "unsorted", "repeated", "seconds",
            "compact", "berlin_midnight" } do
            run { "ingest", GOOD .. name .. ".csv", "-b", "b" .. i, "--symbol", "S" }
            assert.equal(sha_of "b1", sha_of("b" .. i), name)
        end
        run { "ingest", PLAIN, "-b", "other", "--symbol", "T" }
        assert.not_equal(sha_of "b1", sha_of "other")
    end)

    it("replaces a bundle, and leaves it alone when the new one fails", function()
        run { "ingest", PLAIN, "-b", "x" }
        local before, files = sha_of "x", files_in(folder .. "/x")
        assert.equal(3, run({ "ingest", "spec/fixtures/csv/bad/word.csv", "-b", "x" }).code)
        assert.equal(before, sha_of "x")
        assert.same(files, files_in(folder .. "/x"))
        assert.equal(0, run({ "ingest", GOOD .. "folder", "-b", "x" }).code)
        assert.not_equal(before, sha_of "x")
        -- catalogue, calendar, two assets; and of the old version catalogue, calendar, asset
        assert.equal(7, #files_in(folder .. "/x"))
        assert.same({ "x" }, files_in(folder)) -- nothing hidden is left
    end)

    it("makes the same bundle of the synthetic market every time", function()
        for _, name in ipairs { "one", "two" } do
            local r = run { "ingest", "--synthetic", "mag7", "--seed", "7", "-b", name }
            assert.equal(0, r.code, r.err)
        end
        run { "ingest", "--synthetic", "mag7", "--seed", "8", "-b", "three" }
        assert.equal(sha_of "one", sha_of "two")
        assert.not_equal(sha_of "one", sha_of "three")
        local r = run { "bundle", "info", "one", "--json" }
        assert.truthy(r.out:find('"bars":40987,"first":"2000-01-03","last":"2024-12-31"', 1, true))
    end)

    it("makes minute bars of some symbols", function()
        local r = run { "ingest", "--synthetic", "mag7", "--minutes", "500", "--symbols", "2", "-b",
            "m" }
        assert.equal(0, r.code, r.err)
        local lines = dump(folder .. "/m")
        assert.equal(1000, #lines)
        -- 09:30 in New York in winter; 390 minutes later the session of 3 January is over
        assert.truthy(lines[1]:find("^AAPL 2000%-01%-03T14:31:00Z "))
        assert.truthy(lines[390]:find("^AAPL 2000%-01%-03T21:00:00Z "))
        assert.truthy(lines[391]:find("^AAPL 2000%-01%-04T14:31:00Z "))
        assert.truthy(lines[501]:find("^AMZN 2000%-01%-03T14:31:00Z "))
    end)
end)

describe("backlua bundle", function()
    setup(function()
        folder = child.scratch()
        run { "ingest", GOOD .. "folder", "-b", "pair" }
        run { "ingest", GOOD .. "minutes.csv", "-b", "minute", "--symbol", "S", "--tz", "UTC" }
    end)
    teardown(child.clean)

    it("lists what there is", function()
        local r = run { "bundle", "list" }
        assert.equal(([[
name    bars of  symbols  bars  first       last        version       kept
minute  1m             1     3  2020-01-02  2020-01-02  %s     1
pair    1d             2     6  2020-01-02  2020-01-07  %s     1
]]):format(sha_of "minute":sub(1, 12), sha_of "pair":sub(1, 12)), r.out)
        local json = require "backlua.json".decode(run({ "bundle", "list", "--json" }).out)
        assert.equal("pair", json[2].name)
        assert.equal(2, json[2].assets)
    end)

    it("describes one", function()
        local r = run { "bundle", "info", "pair" }
        assert.equal(0, r.code)
        assert.truthy(r.out:find("bars      6 of 1d, 2020-01-02 to 2020-01-07", 1, true), r.out)
        assert.truthy(r.out:find("BRK.B   2020-01-03  2020-01-07", 1, true), r.out)
        assert.truthy(r.out:find("  2 symbols, from file names (--symbol overrides): AAA, BRK.B",
            1, true), r.out)
    end)

    it("says so when there is none, or none of that name", function()
        local r = run { "bundle", "info", "pear" }
        assert.equal("backlua: no bundle 'pear' in " .. folder .. "; did you mean 'pair'?\n", r.err)
        assert.equal(3, r.code)
        r = child.run { "bundle", "list", env = { BACKLUA_BUNDLES = folder .. "/none" } }
        assert.equal(0, r.code)
        assert.truthy(r.err:find("backlua ingest --synthetic mag7 --seed 7 -b demo", 1, true))
        r = run { "bundle" }
        assert.equal("backlua: which? backlua bundle list | info NAME | verify NAME... | diff A "
            .. "B | export NAME | clean NAME... | rm NAME...\n", r.err)
        assert.equal(2, r.code)
        assert.equal(2, run({ "bundle", "lisst" }).code)
    end)

    it("verifies every file", function()
        assert.equal("pair: good\nminute: good\n", run({ "bundle", "verify", "pair",
            "minute" }).out)
        run { "ingest", PLAIN, "-b", "torn" }
        for _, name in ipairs(files_in(folder .. "/torn")) do
            local path = folder .. "/torn/" .. name
            local bytes = child.read(path)
            os.execute("chmod 600 " .. path)
            child.write(path, bytes:sub(1, 100) .. string.char((bytes:byte(101) + 1) % 256)
                .. bytes:sub(102))
            local r = run { "bundle", "verify", "torn" }
            assert.equal(3, r.code, name)
            assert.truthy(r.err:find("torn", 1, true), r.err)
            child.write(path, bytes)
        end
        assert.equal(0, run({ "bundle", "verify", "torn" }).code)
    end)

    it("shows a damaged one among the others", function()
        run { "ingest", PLAIN, "-b", "broken" }
        local path = folder .. "/broken/bundle.sqlite"
        os.execute("chmod 600 " .. path)
        child.write(path, "no database")
        local r = run { "bundle", "list" }
        assert.equal(0, r.code)
        assert.truthy(r.out:find("broken  damaged", 1, true), r.out)
        assert.truthy(r.out:find("pair ", 1, true), r.out)
        assert.equal(0, run({ "bundle", "rm", "broken" }).code)
    end)

    it("removes one, and nothing else", function()
        run { "ingest", PLAIN, "-b", "gone" }
        local r = run { "bundle", "rm", "gone" }
        assert.equal("gone: removed\n", r.out)
        assert.equal(3, run({ "bundle", "info", "gone" }).code)
        assert.equal(0, run({ "bundle", "info", "pair" }).code)
    end)
end)
