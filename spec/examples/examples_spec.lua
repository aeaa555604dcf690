-- Every example is run by the first command of its own comment, on the demo bundle or on one that
-- it ingests before.

local child = require "spec.support.child"

-- A copy of the examples, for optimize writes beside its config; the demo bundle is in it.
local FOLDER
local DONE = {}

local function list()
    local names = {}
    for path in io.popen "ls examples/*.lua":lines() do
        local name = path:match "[^/]*$"
        if not name:find "%.best%.lua$" then -- what optimize leaves beside a config
            names[#names + 1] = name
        end
    end
    return names
end

-- settings: "NAME=value ", any number of them.
local function words_of(settings, line)
    local words = { cwd = FOLDER, env = {} }
    for name, value in settings:gmatch "([%w_]+)=(%S+)" do
        words.env[name] = value
    end
    for word in line:gmatch "%S+" do
        words[#words + 1] = word
    end
    return words
end

-- Commands of a file's comment: iterates over settings and words.
local function commands(name)
    return child.read("examples/" .. name)
        :gmatch "%-%-     ([%w_=.,]*%s?[%w_=.,]*%s?)backlua ([^\n]+)"
end

-- The first command of a file's comment that is no ingest; ingests before it are run.
local function run(name, ...)
    for settings, line in commands(name) do
        local words = words_of(settings, line)
        if words[1] ~= "ingest" then
            for _, word in ipairs { ... } do
                words[#words + 1] = word
            end
            return child.run(words)
        end
        local r = child.run(words)
        assert.equal(0, r.code, r.err)
    end
    error("no command in the comment of " .. name)
end

-- What it did when it was run as its comment says: once for all tests.
local function outcome(name)
    DONE[name] = DONE[name] or run(name)
    return DONE[name]
end

describe("examples", function()
    setup(function()
        FOLDER = child.scratch()
        os.execute(("cp -r examples %s; mkdir %s/bundles"):format(FOLDER, FOLDER))
        local r = child.run { "ingest", "--synthetic", "mag7", "--seed", "7", "-b", "demo",
            cwd = FOLDER }
        assert.equal(0, r.code, r.err)
    end)
    teardown(child.clean)

    it("are numbered, fit a screen and say what to look for", function()
        for _, name in ipairs(list()) do
            local text = child.read("examples/" .. name)
            local _, lines = text:gsub("\n", "")
            assert.truthy(name:match "^%d%d_[%w_]+%.lua$", name)
            assert.is_true(lines <= 50, name .. " has " .. lines .. " lines")
            assert.truthy(text:find("-- Look for: ", 1, true), name)
            assert.truthy(text:find("examples/" .. name, 1, true), name)
        end
    end)

    for _, name in ipairs(list()) do
        it(name .. " runs", function()
            local r = outcome(name)
            assert.equal(0, r.code, r.err)
            assert.is_true(#r.out > 0)
        end)
    end

    it("08 has trials that do not count", function()
        local n = outcome("08_custom_objective.lua").out:match "%((%d+) without a score"
        assert.is_true(tonumber(n) > 0)
    end)

    it("13 has bars that met both exits, and the answer counts", function()
        local stop = outcome("13_brackets.lua").out
        local target = run("13_brackets.lua", "--param", "intrabar=optimistic").out
        assert.truthy(stop:find "intrabar +%d+ groups? of .* the stop traded", stop)
        assert.truthy(target:find "intrabar +%d+ groups? of .* the target traded", target)
        local function earned(out)
            return tonumber((out:match "Total return +([%d.,]+) %%":gsub(",", "")))
        end
        assert.is_true(earned(stop) < earned(target))
    end)

    it("18 is paid its dividend for the shares after the split", function()
        local r = outcome("18_splits_dividends.lua")
        -- 100 shares, 2 for 1, then 0.40 on 200 of them
        assert.truthy(r.err:find("split    ACME  100 -> 200 shares, 0 in cash", 1, true), r.err)
        assert.truthy(r.err:find("dividend ACME  200 -> 200 shares, 80 in cash", 1, true), r.err)
    end)

    -- Results that a script printed: all of them one.
    local function has_one_result(name, lines)
        local out, count, first = outcome(name).out, 0, nil
        for hash in out:gmatch "result (%x+)" do
            first, count = first or hash, count + 1
            assert.equal(first, hash, out)
        end
        assert.equal(lines, count, out)
    end

    it("27 and 30 have one result each, whatever is on or off", function()
        has_one_result("27_configuration.lua", 6)
        has_one_result("30_troubleshooting.lua", 6)
    end)

    it("28 shows the environment's size of the cache, and refuses nonsense", function()
        local seen = {}
        for settings, line in commands "28_environment.lua" do
            seen[#seen + 1] = child.run(words_of(settings, line))
        end
        assert.equal(4, #seen)
        assert.truthy(seen[1].out:find("at the start:   cache of 4096 MB, pool of 100", 1, true))
        assert.truthy(seen[1].out:find("after the run:  cache of 4096 MB, pool of 7", 1, true))
        assert.truthy(seen[2].out:find("after the run:  cache of 1536 MB", 1, true))
        assert.truthy(seen[3].out:find "lru_maxsize%s+256%s.*BACKLUA_LRU_MAXSIZE", seen[3].out)
        assert.equal(2, seen[4].code)
        assert.truthy(seen[4].err:find("BACKLUA_CACHE_SIZE_GB", 1, true), seen[4].err)
    end)

    it("29 counts hits, forks and tasks", function()
        local out = outcome("29_monitoring.lua").out
        assert.truthy(out:find "hit rate [1-9]", out)
        assert.truthy(out:find("bundles: 1 open, at most 100", 1, true), out)
        assert.truthy(out:find("112 tasks in 2 batches", 1, true), out)
    end)

    it("01, 03 and 04 have one result", function()
        local hashes = {}
        for i, name in ipairs { "01_sma_cross", "03_history_array", "04_history_frame" } do
            hashes[i] = run(name .. ".lua", "--json").out:match '"result_hash":"(%x+)"'
        end
        assert.equal(64, #hashes[1])
        assert.equal(hashes[1], hashes[2])
        assert.equal(hashes[1], hashes[3])
    end)
end)
