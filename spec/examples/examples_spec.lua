-- Every example is run by the first command of its own comment, on the demo bundle or on one that
-- it ingests before.

local child = require "spec.support.child"

-- A copy of the examples, for optimize writes beside its config; the demo bundle is in it.
local FOLDER

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

local function words_of(line)
    local words = { cwd = FOLDER }
    for word in line:gmatch "%S+" do
        words[#words + 1] = word
    end
    return words
end

-- The first command of a file's comment that is no ingest; ingests before it are run.
local function run(name, ...)
    for line in child.read("examples/" .. name):gmatch "%-%-     backlua ([^\n]+)" do
        local words = words_of(line)
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
            local r = run(name)
            assert.equal(0, r.code, r.err)
            assert.is_true(#r.out > 0)
        end)
    end

    it("18 is paid its dividend for the shares after the split", function()
        local r = run("18_splits_dividends.lua")
        -- 100 shares, 2 for 1, then 0.40 on 200 of them
        assert.truthy(r.err:find("split    ACME  100 -> 200 shares, 0 in cash", 1, true), r.err)
        assert.truthy(r.err:find("dividend ACME  200 -> 200 shares, 80 in cash", 1, true), r.err)
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
