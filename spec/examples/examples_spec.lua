-- Every example is run by the first command of its own comment, on the demo bundle.

local child = require "spec.support.child"

-- A copy of the examples, for optimize writes beside its config; the demo bundle is in it.
local FOLDER

local function list()
    local names = {}
    for name in io.popen "ls examples":lines() do
        if not name:find "%.best%.lua$" then -- what optimize leaves beside a config
            names[#names + 1] = name
        end
    end
    return names
end

-- Words of the first line of a file's comment that calls the program.
local function command_of(text)
    local line = assert(text:match "%-%-     backlua ([^\n]+)", "no command in the comment")
    local words = {}
    for word in line:gmatch "%S+" do
        words[#words + 1] = word
    end
    return words
end

local function run(name, ...)
    local words = command_of(child.read("examples/" .. name))
    for _, word in ipairs { ... } do
        words[#words + 1] = word
    end
    words.cwd = FOLDER
    return child.run(words)
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
