-- Mergers, delistings and changes of symbol from files, where assets end, and what an account makes
-- of a position that is still there.

local actions = require "spec.support.actions"
local backtest = require "spec.support.backtest"
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
    local f = assert(io.open(folder .. "/in/" .. name, "w"))
    f:write(text)
    f:close()
end

-- Weekdays from 2020-01-01 (a Wednesday) on, at a price.
local function bars(first, last, price)
    local lines = { "date,open,high,low,close,volume" }
    for day = first, last do
        if (day + 1) % 7 < 5 then -- day 1 is a Wednesday
            local date = os.date("!%Y-%m-%d", 1577836800 + (day - 1) * 86400)
            lines[#lines + 1] = ("%s,%g,%g,%g,%g,1000"):format(date, price, price, price, price)
        end
    end
    return table.concat(lines, "\n") .. "\n"
end

local function ingest(...)
    local r = run { "ingest", folder .. "/in", "-b", "b", ... }
    return r
end

local function good(r)
    assert.equal(0, r.code, r.err)
    return actions(folder .. "/b"), r.err
end

before_each(function()
    folder = child.scratch()
    os.execute("mkdir " .. folder .. "/in")
    write("LIVE.csv", bars(1, 80, 20))
    write("DEAD.csv", bars(1, 10, 10))
end)
teardown(child.clean)

describe("an asset whose bars end early", function()
    it("is taken as delisted behind its last bar, said and overridable", function()
        local list, said = good(ingest())
        assert.same({ "DEAD delisting 2020-01-11 0 no more bars" }, list)
        assert.truthy(said:find("1 symbol without bars in the last 31 days: taken as delisted "
            .. "behind the last bar (--keep-listed overrides): DEAD 2020-01-10", 1, true), said)
        list, said = good(ingest "--keep-listed")
        assert.same({}, list)
        assert.falsy(said:find("delisted", 1, true))
    end)

    it("is not when a month is not over", function()
        write("LIVE.csv", bars(1, 40, 20))
        assert.same({}, (good(ingest())))
    end)

    it("ends where a file says so", function()
        write("delistings.csv", "symbol,delisting_date,price\nDEAD,2020-01-20,0.5\n")
        assert.same({ "DEAD delisting 2020-01-20 0.5" }, (good(ingest())))
        write("delistings.csv", "symbol,delisting_date\nDEAD,2020-01-20\n")
        assert.same({ "DEAD delisting 2020-01-20 0" }, (good(ingest())))
        os.remove(folder .. "/in/delistings.csv")
        write("mergers.csv", "symbol,merger_date,other,ratio,cash\nDEAD,2020-01-13,LIVE,0.5,1\n")
        assert.same({ "DEAD merger 2020-01-13 0.5" }, (good(ingest())))
        os.remove(folder .. "/in/mergers.csv")
        write("assets.csv", "symbol,last_date\nDEAD,2020-01-15\nLIVE,2030-01-01\n")
        assert.same({ "DEAD delisting 2020-01-16 0" }, (good(ingest())))
    end)

    it("is looked at anew by --append: equal to an ingest of everything", function()
        good(ingest())
        os.execute("mkdir " .. folder .. "/more")
        local f = assert(io.open(folder .. "/more/DEAD.csv", "w"))
        f:write(bars(11, 20, 10))
        f:close()
        local r = run { "ingest", folder .. "/more", "-b", "b", "--append" }
        assert.same({ "DEAD delisting 2020-01-21 0 no more bars" }, (good(r)))
        write("DEAD.csv", bars(1, 20, 10))
        assert.equal(0, run({ "ingest", folder .. "/in", "-b", "all" }).code)
        assert.equal("b and all hold the same\n", run({ "bundle", "diff", "b", "all" }).out)
    end)

    it("closes a position at the last price, with a reason; or not, when asked", function()
        good(ingest())
        local text = [[function handle_data(ctx)
            ctx.n = (ctx.n or 0) + 1
            if ctx.n == 1 then ctx:order("DEAD", 5) end
            if ctx.n == 7 then ctx:order("DEAD", 5) end
        end]]
        local r = assert(backtest.run(text, { bundle = folder .. "/b", capital = 100 }))
        -- the eighth session is the last of DEAD, an order of the seventh trades there
        assert.equal("delisting", r.actions[1].kind)
        assert.same({ 10, 10, 100 }, { r.actions[1].before, r.actions[1].price,
            r.actions[1].cash })
        assert.equal(100, r.equity.cash[-1])
        local kept = assert(backtest.run(text, { bundle = folder .. "/b", capital = 100,
            delisting = "keep" }))
        assert.equal(0, kept.equity.cash[-1])
        assert.equal(100, kept.equity.value[-1])
    end)

    it("may end in a map file of LEAN", function()
        write("dead.csv", "")
        os.remove(folder .. "/in/dead.csv")
        write("live.csv", "20200101,old\n20200110,old\n20501231,live\n")
        write("DEAD.map.csv", "20200101,dead\n20200117,dead\n")
        local list = good(ingest())
        assert.same({ "DEAD delisting 2020-01-20 0", "LIVE symbol 2020-01-13 0 OLD" }, list)
    end)
end)

describe("corporate actions in files", function()
    it("are refused where they make no sense, with file and line", function()
        for text, message in pairs {
            ["symbol,delisting_date,price\nDEAD,2020-13-20,0.5\n"] = "actions.csv:2: column 2",
            ["symbol,delisting_date,price\nDEAD,2020-01-20,-1\n"]
                = 'column 3, value "-1": must be greater than 0',
            ["symbol,merger_date,other,ratio,cash\nDEAD,2020-01-13,,,\n"]
                = "gives neither units nor cash",
            ["symbol,merger_date,other,ratio,cash\nDEAD,2020-01-13,LIVES,1,\n"]
                = "did you mean 'LIVE'?",
            ["symbol,change_date,old_symbol\nDEAD,2020-01-13,\n"] = "1 to 64 bytes",
        } do
            write("actions.csv", text)
            local r = ingest()
            assert.is_true(r.code ~= 0, text)
            assert.truthy(r.err:find(message, 1, true), r.err)
        end
    end)

    it("come by flag, too, and go out and in again", function()
        write("splits.csv", "symbol,date,ratio\nLIVE,2020-01-13,4\n")
        write("symbols.csv", "symbol,change_date,old_symbol\nLIVE,2020-01-08,\"O,LD\"\n")
        write("mergers.csv", "symbol,merger_date,other,ratio,cash\nDEAD,2020-01-13,LIVE,0.5,\n")
        local list = good(ingest("--adjusted", "none"))
        assert.same({ "DEAD merger 2020-01-13 0.5", "LIVE symbol 2020-01-08 0 O,LD",
            "LIVE split 2020-01-13 4" }, list)
        os.execute("mv " .. folder .. "/in/symbols.csv " .. folder)
        assert.same(list, (good(ingest("--adjusted", "none", "--actions", folder
            .. "/symbols.csv"))))
        assert.equal(0, run({ "bundle", "export", "b", "-o", folder .. "/out" }).code)
        local r = run { "ingest", folder .. "/out", "-b", "again", "--frequency", "1d", "--stamp",
            "close", "--adjusted", "none" }
        assert.equal(0, r.code, r.err)
        assert.equal("b and again hold the same\n", run({ "bundle", "diff", "b", "again" }).out)
    end)

    it("go out as LEAN's files and in again", function()
        write("splits.csv", "symbol,date,ratio\nLIVE,2020-01-13,4\nLIVE,2020-02-03,0.5\n")
        write("dividends.csv", "symbol,ex_date,amount\nLIVE,2020-01-13,0.25\nLIVE,2020-01-20,0.5\n")
        write("symbols.csv", "symbol,change_date,old_symbol\nLIVE,2020-01-08,OLD\n")
        local list = good(ingest("--adjusted", "none"))
        local r = run { "bundle", "export", "b", "-o", folder .. "/out", "--format", "lean" }
        assert.equal(0, r.code, r.err)
        -- 2020-01-17: 0.5 off 20; 2020-01-10: 1 off 20 in old units, and 4:1
        local factor = require "backlua.text.number".shortest(0.975 * 0.95)
        assert.equal(("20200101,%s,0.5,20\n20200110,%s,0.5,20\n20200117,0.975,2,20\n"
            .. "20200131,1,2,20\n20501231,1,1,0\n"):format(factor, factor),
            child.read(folder .. "/out/equity/usa/factor_files/live.csv"))
        assert.equal("20200101,old\n20200107,old\n20501231,live\n",
            child.read(folder .. "/out/equity/usa/map_files/live.csv"))
        r = run { "ingest", folder .. "/out", "-b", "again" }
        assert.equal(0, r.code, r.err)
        local again = actions(folder .. "/again")
        assert.same({ "DEAD delisting 2020-01-13 0", list[2], list[3], list[4], list[5], list[6] },
            again)
    end)
end)

describe("minutes and hours as LEAN's files", function()
    it("come in again as they went out", function()
        local lines = { "date,open,high,low,close,volume" }
        for i = 0, 599 do
            local p = 10 + i % 7 / 4
            lines[#lines + 1] = ("%s,%g,%g,%g,%g,%d"):format(os.date("!%Y-%m-%dT%H:%M:%SZ",
                1583505000 + i % 300 * 60 + math.floor(i / 300) * 3 * 86400), p, p + 1, p - 1, p, i)
        end
        os.remove(folder .. "/in/DEAD.csv")
        write("LIVE.csv", table.concat(lines, "\n") .. "\n")
        good(ingest())
        -- 2020-03-06 14:30 UTC is 09:30 in New York, three days later it is 10:30
        local r = run { "bundle", "export", "b", "-o", folder .. "/out", "--format", "lean" }
        assert.equal(0, r.code, r.err)
        r = run { "ingest", folder .. "/out", "-b", "again" }
        assert.equal(0, r.code, r.err)
        assert.equal("b and again hold the same\n", run({ "bundle", "diff", "b", "again" }).out)
        local pipe = assert(io.popen("unzip -p " .. folder
            .. "/out/equity/usa/minute/live/20200309_trade.zip"))
        assert.equal("37800000,", pipe:read("*l"):sub(1, 9))
        pipe:close()
    end)
end)
