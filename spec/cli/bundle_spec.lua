-- The command bundle: versions, their pins, cleaning, what info has to say.

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
    local f = assert(io.open(path, "w"))
    f:write(text)
    f:close()
    return path
end

local HEADER = "date,open,high,low,close,volume\n"

-- A bundle "v" of one symbol whose last close is given. Returns its hash.
local function make(last)
    local path = write("AAA.csv", HEADER .. "2024-01-02,10,12,9,11,100\n2024-01-03,11,13,10,"
        .. last .. ",200\n")
    local r = run { "ingest", path, "-b", "v", "--frequency", "1d" }
    assert.equal("", r.code == 0 and "" or r.err)
    os.remove(path)
    return run({ "bundle", "info", "v", "--json" }).out:match '"sha256":"(%x+)"'
end

local STRATEGY = "function handle_data(ctx, data) print(data:current('AAA', 'close')) end\n"

local function closes(bundle)
    local r = run { "run", write("s.lua", STRATEGY), "-b", bundle, "--no-save" }
    return r.err:match "([%d.]+)%s*$", r
end

describe("versions of a bundle", function()
    before_each(function()
        folder = child.scratch()
    end)
    teardown(child.clean)

    it("are opened by the start of their hash, and a run says which it had", function()
        local old, new = make "12", make "12.5"
        assert.not_equal(old, new)
        assert.equal("12.5", (closes "v"))
        assert.equal("12", (closes("v@" .. old:sub(1, 8))))
        assert.equal("12", (closes(folder .. "/v@" .. old)))
        assert.equal("12.5", (closes("v@" .. new:sub(1, 8))))
        local r = run { "run", folder .. "/s.lua", "-b", "v@" .. old:sub(1, 8), "--no-save",
            "--json" }
        assert.truthy(r.out:find('"sha256":"' .. old .. '"', 1, true))
        assert.truthy(r.out:find('"pin":"' .. old:sub(1, 8) .. '"', 1, true))
    end)

    it("that are not there are refused with those that are", function()
        local old, new = make "12", make "12.5"
        local r = select(2, closes "v@0123456789")
        assert.equal(3, r.code)
        assert.truthy(r.err:find("bundle 'v' has no version 0123456789; there is: "
            .. new:sub(1, 12) .. " (current), " .. old:sub(1, 12) .. " (20", 1, true), r.err)
        r = select(2, closes "v@12")
        assert.equal(2, r.code)
        assert.truthy(r.err:find("4 to 64 hex digits", 1, true), r.err)
    end)

    it("can be pinned by a config of an optimisation", function()
        local old = make "12"
        make "12.5"
        local config = write("grid.lua", ([[
            local optimization = require "backlua.optimization"
            return optimization.ParallelOptimizer {
                param_space = optimization.ParameterSpace { parameters = {
                    optimization.DiscreteParameter { name = "n", min_value = 1, max_value = 2 } } },
                n_jobs = 1, strategy = "p.lua", bundle = "v@%s",
                objective = function() return 1 end,
            }]]):format(old:sub(1, 8)))
        write("p.lua", "params = { n = 1 }\nfunction handle_data(ctx, data)\n"
            .. "ctx:record { close = data:current('AAA', 'close') } end\n")
        local r = child.run { "optimize", config, "--json",
            env = { BACKLUA_BUNDLES = folder, BACKLUA_HOME = folder .. "/home" } }
        assert.equal(0, r.code, r.err)
        assert.truthy(r.out:find('"bundle_sha256":"' .. old .. '"', 1, true), r.out)
    end)

    it("are listed, described and forgotten", function()
        local old, new = make "12", make "12.5"
        local r = run { "bundle", "list" }
        assert.truthy(r.out:find(new:sub(1, 12) .. "%s+2"), r.out)
        r = run { "bundle", "info", "v@" .. old:sub(1, 6) }
        assert.truthy(r.out:find("version   " .. old, 1, true), r.out)
        assert.truthy(r.out:find(new:sub(1, 12) .. "  %S+  current"), r.out)
        assert.equal(0, run({ "bundle", "verify", "v@" .. old:sub(1, 6) }).code)
        r = run { "bundle", "clean", "v" }
        assert.equal(2, r.code)
        r = run { "bundle", "clean", "v", "--before", "2001-01-01" }
        assert.truthy(r.out:find("v: 0 versions forgotten, 0 files", 1, true), r.out)
        r = run { "bundle", "clean", "v", "--keep-last", "1" }
        assert.truthy(r.out:find("v: 1 version forgotten, 2 files", 1, true), r.out)
        assert.equal(3, run({ "bundle", "info", "v@" .. old:sub(1, 6) }).code)
        assert.equal(0, run({ "bundle", "verify", "v" }).code)
    end)

    it("are verified all that are named, as text and as JSON", function()
        make "12"
        local r = run { "bundle", "verify", "vv", "v" }
        assert.same({ 3, "v: good\n" }, { r.code, r.out })
        assert.truthy(r.err:find("no bundle 'vv'", 1, true), r.err)
        r = run { "bundle", "verify", "v", "vv", "--json" }
        assert.same({ 3, "" }, { r.code, r.err })
        local list = require "backlua.json".decode(r.out)
        assert.same({ "v", true, "vv", false }, { list[1].name, list[1].ok, list[2].name,
            list[2].ok })
        assert.truthy(list[2].error:find("no bundle 'vv'", 1, true))
    end)
end)

describe("backlua bundle", function()
    before_each(function()
        folder = child.scratch()
    end)
    teardown(child.clean)

    it("list makes no folder", function()
        local r = child.run { "bundle", "list", env = { BACKLUA_BUNDLES = folder .. "/none" } }
        assert.equal(0, r.code)
        assert.is_nil(io.open(folder .. "/none"))
        local home = folder .. "/home"
        r = child.run { "bundle", "list", cwd = folder, env = { BACKLUA_HOME = home } }
        assert.equal(0, r.code)
        assert.is_nil(io.open(home))
    end)

    it("info flags a universe of survivors", function()
        local two = HEADER:gsub("date", "symbol,date") .. "A,2024-01-02,1,1,1,1,1\n"
            .. "B,2024-01-02,1,1,1,1,1\nA,2024-01-03,1,1,1,1,1\n"
        run { "ingest", write("all.csv", two .. "B,2024-01-03,1,1,1,1,1\n"), "-b", "alive" }
        run { "ingest", write("all.csv", two), "-b", "dead" }
        local r = run { "bundle", "info", "alive" }
        assert.truthy(r.out:find("All 2 symbols trade to the last day", 1, true), r.out)
        assert.is_nil(run({ "bundle", "info", "dead" }).out:find("trade to the last", 1, true))
        assert.truthy(run({ "bundle", "info", "alive", "--json" }).out
            :find('"survivors_only":true', 1, true))
        assert.truthy(run({ "bundle", "info", "dead", "--json" }).out
            :find('"survivors_only":false', 1, true))
    end)
end)

describe("backlua bundle export", function()
    before_each(function()
        folder = child.scratch()
    end)
    teardown(child.clean)

    local BARS = "symbol,date,open,high,low,close,volume,signal\n"
        .. '"A,B",2024-01-02,0.1,0.3,0.1,0.2,1.5,\n"A,B",2024-01-04,0.1,0.3,0.1,0.2,0,7\n'
        .. "BBB,2024-01-03,1e-3,1e-3,1e-3,1e-3,1e12,-0.25\n"

    it("as csv comes back with the hash it had", function()
        write("x.csv", BARS)
        write("facts.csv", "symbol,tick_size,name\nBBB,0.01,\"B, too\"\n")
        write("splits.csv", "symbol,date,ratio\nBBB,2024-01-03,4\n")
        local r = run { "ingest", folder .. "/x.csv", "-b", "v", "--assets", folder
            .. "/facts.csv", "--splits", folder .. "/splits.csv", "--frequency", "1d",
            "--adjusted", "none" }
        assert.equal(0, r.code, r.err)
        r = run { "bundle", "export", "v", "-o", folder .. "/out" }
        assert.equal(0, r.code, r.err)
        local words = {}
        for word in r.out:match("backlua (ingest [^\n]*)"):gmatch "%S+" do
            words[#words + 1] = word == "NAME" and "again" or word
        end
        r = run(words)
        assert.equal(0, r.code, r.err)
        r = run { "bundle", "diff", "v", "again" }
        assert.equal("v and again hold the same\n", r.out)
        r = run { "bundle", "export", "v", "-o", folder .. "/out" }
        assert.equal(2, r.code)
        assert.truthy(r.err:find("is there already", 1, true))
    end)

    -- Exports bundle v and runs the command that this says; what the two differ in.
    local function there_and_back(format)
        os.execute("rm -rf " .. folder .. "/out " .. folder .. "/again")
        local r = run { "bundle", "export", "v", "-o", folder .. "/out", "--format", format }
        assert.equal(0, r.code, r.err)
        local words = {}
        for word in r.out:match("backlua (ingest [^\n]*)"):gmatch "%S+" do
            words[#words + 1] = word == "NAME" and "again" or word
        end
        r = run(words)
        assert.equal(0, r.code, r.err)
        return run({ "bundle", "diff", "v", "again" }).out
    end

    local function ingest(text, ...)
        local r = run { "ingest", write("V.csv", HEADER .. text), "-b", "v", ... }
        assert.equal(0, r.code, r.err)
    end

    it("comes back with its calendar: hours of an exchange, or a file of one's own", function()
        local days = "2024-07-02,1,1,1,1,1\n2024-07-03,1,1,1,1,1\n2024-07-05,1,1,1,1,1\n"
        ingest(days, "--calendar", "XNYS")
        assert.equal("XNYS", run({ "bundle", "info", "v" }).out:match "calendar *(%S+)")
        for _, format in ipairs { "csv", "csvdir", "lean" } do
            assert.equal("v and again hold the same\n", there_and_back(format))
        end
        local own = write("own.txt", "zone America/Chicago\nMon-Fri 17:00-16:00\n")
        ingest("2024-07-02T21:30:00Z,1,1,1,1,1\n2024-07-02T22:30:00Z,1,1,1,1,1\n"
            .. "2024-07-02T23:30:00Z,1,1,1,1,1\n", "--calendar", own)
        assert.equal("v and again hold the same\n", there_and_back "csv")
    end)

    it("comes back with minutes of the same times", function()
        ingest("2024-07-02T13:30:00Z,1,1,1,1,1\n2024-07-02T13:31:00Z,2,2,2,2,2\n"
            .. "2024-07-02T13:33:00Z,3,3,3,3,3\n")
        for _, format in ipairs { "csv", "csvdir", "lean" } do
            assert.equal("v and again hold the same\n", there_and_back(format))
        end
    end)

    it("comes back without delistings where there were none", function()
        write("V.csv", HEADER .. "2024-01-02,1,1,1,1,1\n2024-01-03,1,1,1,1,1\n")
        write("W.csv", HEADER .. "2024-01-02,1,1,1,1,1\n2024-06-03,1,1,1,1,1\n")
        for _, options in ipairs { {}, { "--keep-listed" } } do
            local r = run { "ingest", folder .. "/V.csv", folder .. "/W.csv", "-b", "v",
                "--frequency", "1d", unpack(options) }
            assert.equal(0, r.code, r.err)
            assert.equal("v and again hold the same\n", there_and_back "csv")
        end
    end)

    it("as csvdir has a file for each symbol", function()
        make "12"
        local r = run { "bundle", "export", "v", "-o", folder .. "/out", "--format", "csvdir" }
        assert.equal(0, r.code, r.err)
        assert.equal("date,open,high,low,close,volume,dividend,split\n"
            .. "2024-01-02,10,12,9,11,100,0,1\n2024-01-03,11,13,10,12,200,0,1\n",
            child.read(folder .. "/out/daily/AAA.csv"))
    end)
end)
