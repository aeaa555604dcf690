-- Every option of every command with every value that makes little sense: refused in words, or
-- taken for what it says and then stopped by what does not exist. Never a crash, never a Lua error
-- of ours, never a result.

local child = require "spec.support.child"
local argparse = require "argparse"
local registry = require "backlua.cli.commands"

local VALUES = { "", " ", "-1", "0", "1e308", "nan", "inf", "99999999999999999999", "4,0", "0x10",
    ("9"):rep(100000), "\255\254" }

-- Words that make the rest of a call complete, up to what does not exist.
local BASE = {
    run = { "examples/01_sma_cross.lua", "-b", "nowhere" },
    check = { "examples/01_sma_cross.lua", "-b", "nowhere" },
    optimize = { "examples/02_grid.lua" }, walkforward = { "examples/16_walk_forward.lua" },
    ["config show"] = {}, new = { "1x" }, explain = { "@@@@@@@@" }, doctor = {}, bench = {},
    completion = { "tcsh" },
    ingest = { "nowhere.csv", "-b", "x" },
    ["bundle list"] = {}, ["bundle info"] = { "nowhere" }, ["bundle verify"] = { "nowhere" },
    ["bundle rm"] = { "nowhere" }, ["bundle clean"] = { "nowhere" },
    ["bundle diff"] = { "nowhere", "nowhere" }, ["bundle export"] = { "nowhere" },
    ["study list"] = {}, ["study show"] = { "nowhere" }, ["study best"] = { "nowhere" },
    ["study trials"] = { "nowhere" }, ["study resume"] = { "nowhere" },
    ["study export"] = { "nowhere" }, ["study replay"] = { "nowhere", "1" },
    ["study rm"] = { "nowhere" },
    repl = { "nowhere.lua" },
    report = { "nowhere", "-o", "nowhere.html" },
}

-- Commands with their parsers: { "run", parser }, { "bundle info", parser }, ...
local function commands()
    local list = {}
    for _, name in ipairs(registry.names()) do
        local parser = argparse(name)
        registry.module(name).configure(parser)
        if #parser._commands == 0 then
            list[#list + 1] = { name, parser }
        end
        for _, inner in ipairs(parser._commands) do
            list[#list + 1] = { name .. " " .. inner._name, inner }
        end
    end
    return list
end

local function call(name, words, folder)
    local spec = { env = { BACKLUA_BUNDLES = folder, BACKLUA_HOME = folder } }
    for word in name:gmatch "%S+" do
        spec[#spec + 1] = word
    end
    for _, word in ipairs(words) do
        spec[#spec + 1] = word
    end
    return child.run(spec)
end

local function sane(r, shown)
    assert.is_true(r.code >= 2 and r.code <= 4, shown .. ": exit " .. r.code .. "\n" .. r.err)
    assert.is_nil(r.err:find "backlua/[%w_/]+%.lua:%d+:", shown .. ": " .. r.err)
    assert.is_nil(r.err:find("\255", 1, true), shown)
    assert.is_true(#r.err > 0 and #r.err < 1000, shown .. ": " .. r.err:sub(1, 2000))
    assert.equal("", r.out, shown)
end

describe("every option", function()
    local folder

    setup(function()
        folder = child.scratch()
    end)
    teardown(child.clean)

    it("is covered here", function()
        for _, entry in ipairs(commands()) do
            assert.not_nil(BASE[entry[1]], entry[1])
        end
    end)

    for _, entry in ipairs(commands()) do
        local name, parser = entry[1], entry[2]
        for _, option in ipairs(parser._options) do
            if option._maxargs > 0 then
                it(("%s %s refuses what makes no sense"):format(name, option._name), function()
                    for _, value in ipairs(VALUES) do
                        local words = { unpack(BASE[name]) }
                        words[#words + 1], words[#words + 2] = option._name, value
                        sane(call(name, words, folder),
                            ("%s %s %s"):format(name, option._name, value:sub(1, 30)))
                    end
                end)
            end
        end
        if #parser._arguments > 0 then
            it(name .. " refuses arguments that make no sense", function()
                for _, value in ipairs(VALUES) do
                    if value ~= "-1" then -- an option, covered elsewhere
                        sane(call(name, { value, unpack(BASE[name], 2) }, folder),
                            name .. " " .. value:sub(1, 30))
                    end
                end
            end)
        end
    end
end)
