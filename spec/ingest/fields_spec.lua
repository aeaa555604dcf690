-- Fields of a bundle's own, facts of assets, appended rows: from files to what a strategy reads.

local child = require "spec.support.child"

local folder

local function run(words)
    local spec = { env = { BACKLUA_BUNDLES = folder } }
    for i, word in ipairs(words) do
        spec[i] = word
    end
    return child.run(spec)
end

local function write(name, text)
    local path = folder .. "/" .. name
    child.write(path, text)
    return path
end

local function ok(words)
    local r = run(words)
    assert.equal(0, r.code, r.err)
    return r
end

local function refused(words, code, part)
    local r = run(words)
    assert.equal(code, r.code, r.err)
    assert.truthy(r.err:find(part, 1, true), r.err)
end

local function sha_of(name)
    return run({ "bundle", "info", name, "--json" }).out:match '"sha256":"(%x+)"'
end

-- What the body of handle_data prints over bundle "b", a line each.
local function printed(body)
    local strategy = write("s.lua", "function handle_data(ctx, data)\n" .. body .. "\nend\n")
    local r = run { "run", strategy, "-b", "b", "--no-save", "--json" }
    assert.equal(0, r.code, r.err)
    return (r.err:gsub("%s+$", ""))
end

local SIGNALS = [[
symbol,date,open,high,low,close,volume,Signal A,rating,Adj Close,empty
AAA,2024-01-02,10,12,9,11,100,0.5,good,10.9,
AAA,2024-01-03,11,13,10,12,100,,bad,11.9,
AAA,2024-01-04,12,14,11,13,100,-1e-3,good,12.9,
BBB,2024-01-03,20,22,19,21,100,7,good,20.9,
BBB,2024-01-04,21,23,20,22,100,nan,good,21.9,
]]

describe("further columns of numbers", function()
    before_each(function()
        folder = child.scratch()
    end)
    teardown(child.clean)

    -- 1300 values of 80 bytes end in a buffer that the limit, 102,400 bytes, cuts off; all other
    -- files of the bundle stay below it.
    it("are all stored, or the ingest fails: the last of them meet a full disk", function()
        local rows = { "date,open,high,low,close,volume,signal" }
        for day = 0, 1299 do
            rows[#rows + 1] = os.date("!%Y-%m-%d", day * 86400) .. ",10,11,9,10,100," .. day
        end
        local path = write("A.csv", table.concat(rows, "\n") .. "\n")
        local r = child.run { "-c", ("ulimit -f 200; exec %s ingest %s -b b"):format(child.program,
            path), program = "sh", env = { BACKLUA_BUNDLES = folder } }
        assert.equal(4, r.code, r.err)
        assert.truthy(r.err:find("cannot write values of fields", 1, true), r.err)
    end)

    it("become fields, and say so", function()
        local r = ok { "ingest", write("x.csv", SIGNALS), "-b", "b" }
        assert.truthy(r.err:find("column 'Signal A' is the field signal_a, 3 values, known when "
            .. "the bar closes", 1, true), r.err)
        assert.truthy(r.err:find("column 'rating' is left out", 1, true), r.err)
        assert.truthy(r.err:find("x.csv:2: 'good' is not a number", 1, true) or
            r.err:find('x.csv:2: "good" is not a number', 1, true), r.err)
        assert.truthy(r.err:find("left out: 'Adj Close'", 1, true), r.err)
        assert.truthy(r.err:find("column 'empty' is left out: it is empty", 1, true), r.err)
        assert.truthy(run({ "bundle", "info", "b", "--json" }).out
            :find('"fields":["signal_a"]', 1, true))
    end)

    it("are read by name, at the bar and not before", function()
        ok { "ingest", write("x.csv", SIGNALS), "-b", "b" }
        assert.equal("0.5\tnan\nnan\t7\n-0.001\tnan", (printed(
            "print(data:current('AAA', 'signal_a'), data:current('BBB', 'signal_a'))")
            :gsub("-nan", "nan")))
        assert.equal("0.5\nnan\n-0.001", (printed(
            "print(data:history('AAA', 'signal_a', 2, '1d', 'array')[-1])"):gsub("-nan", "nan")))
        assert.equal("13\t-0.001", printed([[
            if data:current('AAA', 'close') < 13 then return end
            local f = data:history('AAA', { 'close', 'signal_a' }, 3)
            print(f.close[-1], f.signal_a[-1])]]))
    end)

    it("can be what an indicator is computed of", function()
        ok { "ingest", write("x.csv", SIGNALS), "-b", "b" }
        local strategy = write("s.lua", [[
            function initialize(ctx)
                ctx.mean = ctx:indicator("sma", "AAA", { n = 2, field = "signal_a" })
            end
            function handle_data(ctx) print(ctx.mean[-1]) end]])
        local r = run { "run", strategy, "-b", "b", "--no-save", "--json" }
        -- the mean of 0.5 and -0.001, the only two values
        assert.equal("nan\nnan\n0.2495", (r.err:gsub("%s+$", ""):gsub("-nan", "nan")))
    end)

    it("have names that are corrected", function()
        ok { "ingest", write("x.csv", SIGNALS), "-b", "b" }
        local strategy = write("s.lua",
            "function handle_data(ctx, data) data:current('AAA', 'signal_b') end")
        local r = run { "run", strategy, "-b", "b", "--no-save" }
        assert.equal(1, r.code)
        assert.truthy(r.err:find("no field 'signal_b'; did you mean 'signal_a'?", 1, true), r.err)
    end)

    it("must be one number for one bar", function()
        local twice = SIGNALS .. "BBB,2024-01-03,20,22,19,21,100,8,good,20.9,\n"
        refused({ "ingest", write("x.csv", twice), "-b", "b" }, 3,
            "x.csv:7: Signal A of BBB is 8, another row has 7 for the same bar")
    end)
end)

local BARS = [[
symbol,date,open,high,low,close,volume
AAA,2024-01-02,10,12,9,11,100
AAA,2024-01-03,11,13,10,12,100
AAA,2024-01-04,12,14,11,13,100
BBB,2024-01-02,20,22,19,21,100
BBB,2024-01-04,21,23,20,22,100
]]

local VALUES = "print(data:current('AAA', 'mood'), data:current('BBB', 'mood'))"

describe("ingest --into", function()
    before_each(function()
        folder = child.scratch()
        ok { "ingest", write("x.csv", BARS), "-b", "b" }
        os.remove(folder .. "/x.csv")
    end)
    teardown(child.clean)

    it("shows the last number that was published when a row closed", function()
        -- daily bars close at 23:59:59 of their date
        local side = write("side.csv", "time,symbol,mood\n2024-01-01T12:00:00Z,AAA,1\n"
            .. "2024-01-03T23:59:59Z,AAA,2\n2024-01-03T23:59:59.5Z,BBB,5\n")
        local r = ok { "ingest", side, "--into", "b" }
        assert.truthy(r.out:find("bundle b: fields mood, 4 values, sha256 ", 1, true), r.out)
        assert.equal("1\tnan\n2\tnan\n2\t5", (printed(VALUES):gsub("-nan", "nan")))
    end)

    it("shows them later by the lag", function()
        local side = write("side.csv", "time,symbol,mood\n2024-01-02T22:00:00Z,AAA,1\n"
            .. "2024-01-03T21:00:00+02:00,AAA,2\n")
        ok { "ingest", side, "--into", "b", "--lag", "2h" }
        -- 22:00 and two hours is the next day; 19:00 UTC and two hours is not
        local body = "print(data:current('AAA', 'mood'))"
        assert.equal("nan\n2\n2", (printed(body):gsub("-nan", "nan")))
        ok { "ingest", side, "--into", "b", "--lag", "1h" }
        assert.equal("1\n2\n2", printed(body))
        refused({ "ingest", side, "--into", "b", "--lag", "2 hours" }, 2, "such as 0s, 15m, 2h, 1d")
    end)

    it("takes a mere date as known when its day is over, and no symbol as all", function()
        ok { "ingest", write("side.csv", "date;mood;note\n2024-01-02;1;x\n2024-01-04;;y\n"),
            "--into", "b" }
        assert.equal("1\t1\n1\t1\n1\t1", (printed(VALUES)))
    end)

    it("makes a version, and leaves bars, actions and other fields as they are", function()
        local before = sha_of "b"
        ok { "ingest", write("side.csv", "date,mood\n2024-01-02,1\n"), "--into", "b" }
        ok { "ingest", write("side.csv", "date,heat\n2024-01-03,2\n"), "--into", "b" }
        local r = run { "bundle", "diff", "b@" .. before, "b", "--json" }
        assert.truthy(r.out:find('"fields_added":2,', 1, true), r.out)
        assert.truthy(r.out:find('"cells":25,"cells_changed":0,', 1, true), r.out)
        assert.equal("1\tnan\n1\t2\n1\t2", (printed(
            "print(data:current('AAA', 'mood'), data:current('AAA', 'heat'))")
            :gsub("-nan", "nan")))
    end)

    it("gives a row to the asset that bore its symbol on its day", function()
        -- AAA was OLD until January 4; BBB bore the name AAA on the 3rd, and was NEW before
        local names = write("symbols.csv", "symbol,change_date,old_symbol\nAAA,2024-01-04,OLD\n"
            .. "BBB,2024-01-04,AAA\nBBB,2024-01-03,NEW\n")
        ok { "ingest", write("x.csv", BARS), "-b", "b", "--actions", names }
        local side = write("side.csv", "date,symbol,mood\n2024-01-02,OLD,1\n2024-01-02,NEW,2\n"
            .. "2024-01-03,AAA,3\n2024-01-04,AAA,4\n2024-01-04,BBB,5\n")
        local r = ok { "ingest", side, "--into", "b" }
        assert.equal("1\t2\n1\t3\n4\t5", printed(
            "print(data:current(ctx:sid(0), 'mood'), data:current(ctx:sid(1), 'mood'))"))
        assert.truthy(r.err:find("3 values under former symbols", 1, true), r.err)
    end)

    it("refuses two symbols of one asset that say two things of a time", function()
        local names = write("symbols.csv", "symbol,change_date,old_symbol\nAAA,2024-01-04,OLD\n")
        ok { "ingest", write("x.csv", BARS), "-b", "b", "--actions", names }
        local side = write("side.csv", "date,symbol,mood\n2024-01-02,OLD,1\n2024-01-02,AAA,2\n")
        refused({ "ingest", side, "--into", "b" }, 3, "side.csv:3: mood of AAA is 2, line 2 says 1 "
            .. "of OLD for the same time, and both are the asset AAA; leave the rows of one symbol "
            .. "out")
    end)

    it("refuses what contradicts itself or fits nothing", function()
        refused({ "ingest", write("a.csv", "date,mood\n2024-01-02,1\n2024-01-02,2\n"), "--into",
            "b" }, 3, "a.csv:3: mood is 2, line 2 says 1 for the same time")
        refused({ "ingest", write("a.csv", "date,symbol,mood\n2024-01-02,ZZZ,1\n"), "--into", "b" },
            3, "the bundle has none of its symbols: ZZZ")
        refused({ "ingest", write("a.csv", "date,mood\n2024-01-02,good\n"), "--into", "b" }, 3,
            "no column of numbers: 'mood' (line 2 is no number)")
        refused({ "ingest", write("a.csv", "mood\n1\n"), "--into", "b" }, 3, "is no header")
        refused({ "ingest", write("a.csv", "date,mood\n2024-13-02,1\n"), "--into", "b" }, 3,
            "a.csv:2: column 1 'date'")
        refused({ "ingest", write("a.csv", "date,mood\n45293,1\n"), "--into", "b" }, 3,
            "a.csv:2: column 1 'date', value \"45293\": a spreadsheet's number of a day? write "
                .. "2024-01-31")
        refused({ "ingest", write("a.csv", "date,close\n2024-01-02,1\n"), "--into", "b" }, 2,
            "field name 'close' is that of a field every bundle has")
        refused({ "ingest", folder .. "/a.csv", "--into", "c" }, 3, "no bundle 'c'")
        refused({ "ingest", folder .. "/a.csv", "-b", "b", "--lag", "2h" }, 2, "belongs to --into")
    end)
end)

describe("assets.csv", function()
    before_each(function()
        folder = child.scratch()
    end)
    teardown(child.clean)

    local FACTS = "Symbol,Name,tick_size,multiplier,first_date\nAAA,\"Alpha, Inc\",0.25,50,\n"
        .. "ZZZ,None,1,1,2020-01-01\n"

    it("beside the data tells facts of assets", function()
        os.execute("mkdir " .. folder .. "/data")
        write("data/x.csv", BARS)
        write("data/assets.csv", FACTS)
        local r = ok { "ingest", folder .. "/data", "-b", "b" }
        assert.truthy(r.err:find("assets.csv: 1 symbol without bars left out", 1, true), r.err)
        r = run { "bundle", "info", "b", "--json" }
        assert.truthy(r.out:find('{"symbol":"AAA","first":"2024-01-02","last":"2024-01-04",'
            .. '"name":"Alpha, Inc","tick_size":0.25,"multiplier":50}', 1, true), r.out)
        ok { "ingest", folder .. "/data/x.csv", "-b", "c" }
        assert.equal(sha_of "b", sha_of "c")
    end)

    it("is refused with its line where it makes no sense", function()
        local bars = write("x.csv", BARS)
        local function bad(text, part)
            refused({ "ingest", bars, "-b", "b", "--assets", write("facts.csv", text) },
                part:find "no fact" and 2 or 3, part)
        end
        bad("symbol,tick_size\nAAA,0.1\nBBB,-1\n", "facts.csv:3: tick_size '-1'")
        bad("symbol,ticksize\nAAA,0.1\n", "no fact 'ticksize'; did you mean 'tick_size'?")
        bad("name,tick_size\nAAA,0.1\n", "no column 'symbol'")
        bad("symbol,first_date,last_date\nAAA,2024-01-02,2024-01-01\n",
            "facts.csv:2: last_date lies before first_date")
    end)
end)

describe("ingest --append", function()
    before_each(function()
        folder = child.scratch()
    end)
    teardown(child.clean)

    local NEWER = [[
symbol,date,open,high,low,close,volume
AAA,2024-01-04,12,14,11,13,100
AAA,2024-01-05,13,15,12,14,100
CCC,2024-01-03,30,32,29,31,100
CCC,2024-01-05,31,33,30,32,100
]]

    it("makes what an ingest of everything would have made", function()
        ok { "ingest", write("x.csv", BARS), "-b", "b" }
        local before = sha_of "b"
        local r = ok { "ingest", write("y.csv", NEWER), "-b", "b", "--append" }
        assert.truthy(r.err:find("3 bars appended, 1 were there already", 1, true), r.err)
        assert.truthy(r.out:find("3 bars of 1d appended, 8 in all, sha256", 1, true), r.out)
        ok { "ingest", folder .. "/x.csv", folder .. "/y.csv", "-b", "all" }
        assert.equal(sha_of "all", sha_of "b")
        r = run { "bundle", "diff", "b@" .. before, "b", "--json" }
        assert.truthy(r.out:find('"assets_added":1,"assets_removed":0', 1, true), r.out)
        assert.truthy(r.out:find('"rows_added":1,"rows_removed":0,"bars_added":1', 1, true), r.out)
        assert.equal(0, run({ "bundle", "verify", "b@" .. before }).code)
    end)

    it("keeps fields and facts, and goes on with fields", function()
        local head = "symbol,date,open,high,low,close,volume,signal\n"
        write("x.csv", head .. "AAA,2024-01-02,10,12,9,11,100,1\nAAA,2024-01-03,10,12,9,11,100,2\n")
        write("y.csv", head .. "AAA,2024-01-03,10,12,9,11,100,2\nAAA,2024-01-04,10,12,9,11,100,3\n")
        ok { "ingest", folder .. "/x.csv", "-b", "b", "--assets",
            write("facts.csv", "symbol,tick_size\nAAA,0.25\n") }
        local r = ok { "ingest", folder .. "/y.csv", "-b", "b", "--append" }
        assert.is_nil(r.err:find("no column of these files", 1, true))
        assert.equal("1\n2\n3", printed "print(data:current('AAA', 'signal'))")
        r = ok { "ingest", write("z.csv", "symbol,date,open,high,low,close,volume\n"
            .. "AAA,2024-01-05,10,12,9,11,100\n"), "-b", "b", "--append" }
        assert.truthy(r.err:find("warning: no column of these files is signal: new rows have no "
            .. "value of it (ingest FILE --into b joins it again)", 1, true), r.err)
        assert.equal("1\n2\n3\nnan", printed "print(data:current('AAA', 'signal'))")
        assert.truthy(run({ "bundle", "info", "b", "--json" }).out
            :find('"tick_size":0.25', 1, true))
    end)

    it("refuses rows that contradict the bundle, and leaves it alone", function()
        ok { "ingest", write("x.csv", BARS), "-b", "b" }
        local before = sha_of "b"
        local function bad(rows, part)
            refused({ "ingest", write("y.csv", "symbol,date,open,high,low,close,volume\n" .. rows),
                "-b", "b", "--append" }, 3, part)
            assert.equal(before, sha_of "b")
        end
        bad("AAA,2024-01-04,12,14,11,13.5,100\nAAA,2024-01-05,12,14,11,13,100\n",
            "y.csv:2: AAA at 2024-01-04: the close is 13.5, the bundle has 13; nothing")
        bad("BBB,2024-01-03,12,14,11,13,100\nBBB,2024-01-05,12,14,11,13,100\n",
            "y.csv:2: BBB at 2024-01-03: the bundle has no bar there")
        refused({ "ingest", folder .. "/y.csv", "-b", "c", "--append" }, 3, "--append: no bundle")
        refused({ "ingest", folder .. "/y.csv", "-b", "b", "--append", "--frequency", "1w",
            "--stamp", "close" }, 3, "the bars are 1w apart, those of bundle 'b' 1d")
    end)
end)
