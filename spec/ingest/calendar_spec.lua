-- Calendars named at ingest: what is reported, and when a day is over in a run over minutes.

local child = require "spec.support.child"

-- A Wednesday, the short Friday after Thanksgiving and the Monday after, New York time in UTC; one
-- bar after the close of Wednesday, which is Friday's.
local MINUTES = [[
time,open,high,low,close,volume
2024-11-27T14:30:00Z,1,2,1,2,10
2024-11-27T20:59:00Z,2,3,2,3,10
2024-11-27T21:05:00Z,3,9,3,4,10
2024-11-29T14:30:00Z,4,5,4,5,10
2024-11-29T17:59:00Z,5,6,5,6,10
2024-12-02T14:30:00Z,6,7,6,7,10
2024-12-02T14:31:00Z,6,7,6,7,10
]]

local DAYS = [[
Date,Open,High,Low,Close,Volume
2024-11-27,1,2,1,2,10
2024-11-28,1,2,1,2,10
2024-11-29,1,2,1,2,10
2024-12-03,1,2,1,2,10
]]

local STRATEGY = [[
function handle_data(ctx, data)
    local day = data:history("m", { "close", "high" }, 1, "1d")
    print(day.close[1], day.high[1], data:history("m", "close", 1, "1w", "array")[1])
end
]]

describe("a calendar", function()
    local folder

    before_each(function()
        folder = child.scratch()
    end)
    teardown(child.clean)

    local function write(name, text)
        local file = assert(io.open(folder .. "/" .. name, "w"))
        file:write(text)
        file:close()
        return folder .. "/" .. name
    end

    local function run(words)
        local spec = { env = { BACKLUA_BUNDLES = folder .. "/b", BACKLUA_HOME = folder .. "/h" } }
        for i, word in ipairs(words) do
            spec[i] = word
        end
        return child.run(spec)
    end

    -- What the strategy prints at each bar.
    local function printed(name)
        local r = run { "run", write("s.lua", STRATEGY), "-b", name, "--no-save" }
        local lines = {}
        for line in r.err:gmatch "[^\n]+" do
            if line:match "^[%dn][%d.an]*\t" then
                lines[#lines + 1] = line
            end
        end
        return lines, r
    end

    -- Half hours of New York that end at 10:00 .. 16:00, taken for those that begin then.
    it("shows times that mark the ends of bars, where a bar would begin at each close", function()
        local lines = { "time,open,high,low,close,volume" }
        for _, day in ipairs { "2024-11-25", "2024-11-26" } do
            for half = 20, 32 do
                lines[#lines + 1] = ("%s %02d:%02d,1,1,1,1,1"):format(day, math.floor(half / 2),
                    half % 2 * 30)
            end
        end
        local path = write("e.csv", table.concat(lines, "\n") .. "\n")
        local words = { "ingest", path, "-b", "e", "--tz", "America/New_York", "--calendar",
            "XNYS" }
        local r = run(words)
        assert.equal(0, r.code, r.err)
        assert.truthy(r.err:find("bars at 2 times outside of the hours of their session, the first "
            .. "at 2024-11-25T21:00:00Z; they are stored, those after its close in the next "
            .. "session. All begin at a close: do times mark the end of a bar? say --stamp close\n",
            1, true), r.err)
        words[#words + 1], words[#words + 2] = "--stamp", "close"
        r = run(words)
        assert.equal(0, r.code, r.err)
        assert.is_nil(r.err:find("warning", 1, true), r.err)
    end)

    it("says what lies outside, and which sessions have no bar", function()
        local r = run { "ingest", write("m.csv", MINUTES), "-b", "m", "--frequency", "1m",
            "--calendar", "XNYS" }
        assert.equal(0, r.code)
        assert.truthy(r.err:find("calendar XNYS: 3 sessions with bars", 1, true))
        assert.truthy(r.err:find("bars at 1 times outside of the hours of their session, the first"
            .. " at 2024-11-27T21:05:00Z", 1, true))
        r = run { "ingest", write("d.csv", DAYS), "-b", "d", "--calendar", "XNYS" }
        assert.truthy(r.err:find("1 sessions of it have no bar, the first 2024-12-02", 1, true))
        assert.truthy(r.err:find("bars on 1 days without a session, the first 2024-11-28", 1,
            true))
        assert.equal(0, run({ "bundle", "verify", "d" }).code)
        r = run { "ingest", write("d.csv", DAYS), "-b", "d", "--calendar", "XNYX" }
        assert.equal(2, r.code)
        assert.truthy(r.err:find("no calendar 'XNYX'; did you mean 'XNYS'?", 1, true))
    end)

    it("closes a day with its session, early closes included", function()
        run { "ingest", write("m.csv", MINUTES), "-b", "m", "--frequency", "1m",
            "--calendar", "XNYS" }
        assert.same({
            "nan\tnan\tnan", "3\t3\tnan", -- 21:00 UTC is 16:00 in New York
            "3\t3\tnan", "3\t3\tnan", -- after hours: in Friday's bar
            "6\t9\t6", -- 18:00 UTC is 13:00: day and week are over
            "6\t9\t6", "6\t9\t6",
        }, (printed "m"))
    end)

    it("is by default known from the clock alone: a day is over at midnight", function()
        run { "ingest", write("m.csv", MINUTES), "-b", "m", "--frequency", "1m" }
        assert.same({
            "nan\tnan\tnan", "nan\tnan\tnan", "nan\tnan\tnan",
            "4\t9\tnan", "4\t9\tnan",
            "6\t6\t6", "6\t6\t6",
        }, (printed "m"))
    end)

    -- Hours from 09:30 in New York on a whole day and on one that closes at 13:00. The last of
    -- each may hold trades of after the close: it is known when it is over, 16:30 and 13:30.
    it("leaves the last hour of a session its length, and says so", function()
        local lines = { "time,open,high,low,close,volume" }
        for _, day in ipairs { { "27", 20 }, { "29", 17 } } do
            for hour = 14, day[2] do
                lines[#lines + 1] = ("2024-11-%sT%d:30:00Z,1,2,1,%g,10"):format(day[1], hour,
                    1 + hour / 100)
            end
        end
        local r = run { "ingest", write("h.csv", table.concat(lines, "\n") .. "\n"), "-b", "h",
            "--calendar", "XNYS" }
        assert.equal(0, r.code, r.err)
        assert.truthy(r.err:find("bars at 2 times end after the close of their session, the first "
            .. "from 2024-11-27T20:30:00Z on; they are known when they end, not at the close", 1,
            true), r.err)
        assert.falsy(r.err:find("outside of the hours", 1, true), r.err)
        r = run { "run", write("t.lua", "function handle_data(ctx, data)\n"
            .. "print(ctx:now(), data:current('h', 'close'), "
            .. "data:history('h', 'close', 1, '1d', 'array')[1]) end\n"), "-b", "h", "--no-save" }
        local closes = {}
        for line in r.err:gmatch "[^\n]+" do
            local now, values = line:match "^(%d+)(\t.*)$"
            closes[#closes + 1] = now and os.date("!%H:%M", tonumber(now)) .. values
        end
        assert.same({
            "15:30\t1.14\tnan", "16:30\t1.15\tnan", "17:30\t1.16\tnan",
            "18:30\t1.17\tnan", "19:30\t1.18\tnan", "20:30\t1.19\tnan",
            "21:30\t1.2\t1.2", -- the day is over, too
            "15:30\t1.14\t1.2", "16:30\t1.15\t1.2", "17:30\t1.16\t1.2",
            "18:30\t1.17\t1.17",
        }, closes, r.err)
    end)

    it("is kept by --append", function()
        local function days(first, last)
            local lines = { "Date,Open,High,Low,Close,Volume" }
            for day = first, last do
                lines[#lines + 1] = ("2024-12-%02d,2,3,1,2,10"):format(day)
            end
            return write("d.csv", table.concat(lines, "\n") .. "\n")
        end
        assert.equal(0, run({ "ingest", days(2, 4), "-b", "d", "--calendar", "XNYS" }).code)
        local r = run { "ingest", days(5, 6), "-b", "d", "--append", "--calendar", "weekdays" }
        assert.equal(2, r.code)
        assert.truthy(r.err:find("bundle 'd' has another calendar, which --append keeps", 1, true))
        r = run { "ingest", days(5, 6), "-b", "d", "--append", "--frequency", "1d" }
        assert.equal("", r.code == 0 and "" or r.err)
        assert.truthy(r.err:find("calendar of the bundle: 5 sessions with bars", 1, true))
        assert.equal(0, run({ "bundle", "verify", "d" }).code)
    end)

    it("can be a file of one's own", function()
        local own = write("own.txt", "zone America/New_York\nMon-Fri 09:30-16:30\n"
            .. "2024-11-29 09:30-13:00\n")
        run { "ingest", write("m.csv", MINUTES), "-b", "m", "--frequency", "1m",
            "--calendar", own }
        assert.same({
            "nan\tnan\tnan", "nan\tnan\tnan", "nan\tnan\tnan",
            "4\t9\tnan", "6\t6\t6", "6\t6\t6", "6\t6\t6",
        }, (printed "m"))
        local r = run { "ingest", write("m.csv", MINUTES), "-b", "m",
            "--calendar", write("bad.txt", "Mon-Fri 09:30\n") }
        assert.equal(2, r.code)
        assert.truthy(r.err:find("line 1, '09:30': hours are missing or wrong", 1, true))
    end)
end)
