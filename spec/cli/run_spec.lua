local child = require "spec.support.child"

local STRATEGY = "examples/01_sma_cross.lua"

local function run(words, more)
    local spec = more or {}
    for i, word in ipairs(words) do
        spec[i] = word
    end
    table.insert(spec, 1, "run")
    return child.run(spec)
end

describe("arguments of backlua run", function()
    local LONG = ("9"):rep(100000)
    local VALUES = { "", " ", "-1", "0", "1e308", "nan", "inf", "-inf", "99999999999999999999",
        "4,0", "0x10", LONG, "\255\254" }
    -- What is accepted of these; it then fails for want of the bundle, with 3.
    local ACCEPTED = {
        ["--seed"] = { ["0"] = true },
        ["--capital"] = { ["99999999999999999999"] = false },
    }
    local NUMERIC = { "--capital", "--lot", "--seed", "--periods-per-year" }
    local OTHERS = { "--start", "--end", "-s", "-e", "--fill", "--param" }

    teardown(child.clean)

    local function refused(option, value)
        local r = run { STRATEGY, "-b", "nowhere", option, value }
        local shown = option .. " " .. value:sub(1, 30)
        if (ACCEPTED[option] or {})[value] then
            assert.equal(3, r.code, shown .. ": " .. r.err)
            return
        end
        assert.equal(2, r.code, shown .. ": " .. r.err)
        assert.equal("", r.out)
        assert.is_true(#r.err < 1000, shown)
        local long = option == "-s" and "--start" or option == "-e" and "--end" or option
        assert.truthy(r.err:find(long, 1, true), shown .. ": " .. r.err)
    end

    it("are refused when they make no sense, naming option and value", function()
        for _, value in ipairs(VALUES) do
            for _, option in ipairs(NUMERIC) do
                refused(option, value)
            end
            for _, option in ipairs(OTHERS) do
                refused(option, value)
            end
        end
    end)

    it("are refused when empty where a name is wanted", function()
        for _, option in ipairs { "--bundle", "--params", "--output" } do
            for _, value in ipairs { "", " ", LONG } do
                local words = { STRATEGY, option, value }
                if option ~= "--bundle" then
                    words[4], words[5] = "-b", "nowhere"
                end
                local r = run(words)
                assert.equal(2, r.code, option)
                assert.truthy(r.err:find(option, 1, true), r.err)
            end
        end
    end)

    it("name bundles that do not exist: exit 3", function()
        for _, value in ipairs { "0", "nan", "../..", "\255", "demo@0000" } do
            local r = run { STRATEGY, "-b", value }
            assert.equal(3, r.code, value:sub(1, 30) .. ": " .. r.err)
            assert.is_true(#r.err < 1000)
        end
    end)

    it("accept numbers at their limits", function()
        for _, words in ipairs { { "--capital", "1e15" }, { "--capital", "0.01" },
            { "--lot", "1e-9" }, { "--seed", "9007199254740992" }, { "--fill", "same_close" },
            { "-s", "2004-08-19" }, { "-e", "2004-08-19T13:30:00Z" } } do
            local r = run { STRATEGY, "-b", "nowhere", words[1], words[2] }
            assert.equal(3, r.code, words[1] .. " " .. words[2] .. ": " .. r.err)
        end
    end)

    it("hint at the nearest choice", function()
        local r = run { STRATEGY, "-b", "x", "--fill", "nextopen" }
        assert.truthy(r.err:find("did you mean 'next_open'?", 1, true), r.err)
    end)

    it("may not be --json and --csv", function()
        assert.equal(2, run({ STRATEGY, "-b", "x", "--json", "--csv" }).code)
    end)

    it("need a strategy and a bundle, and say what there is", function()
        local r = run {}
        assert.equal(2, r.code)
        assert.truthy(r.err:find("which strategy?", 1, true))
        r = run({ STRATEGY }, { env = { BACKLUA_BUNDLES = child.scratch() } })
        assert.equal(2, r.code)
        assert.truthy(r.err:find("which bundle?", 1, true))
    end)

    it("that name no file say which file is near", function()
        local r = run { "examples/01_sma_cros.lua", "-b", "x" }
        assert.equal(2, r.code)
        assert.truthy(r.err:find("did you mean examples/01_sma_cross.lua?", 1, true), r.err)
        r = run { STRATEGY, "-b", "x", "--params", "examples/nope.lua" }
        assert.equal(2, r.code)
        assert.equal(2, run({ "examples", "-b", "x" }).code)
    end)

    it("say at once when the output has nowhere to go: exit 4", function()
        for _, path in ipairs { child.scratch() .. "/no/r.json", "examples", "LICENSE/x" } do
            local r = run { STRATEGY, "-b", "nowhere", "-o", path }
            assert.equal(4, r.code, r.err)
            assert.truthy(r.err:find("cannot write", 1, true))
        end
    end)
end)
