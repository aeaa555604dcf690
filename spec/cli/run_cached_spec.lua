-- A run like an earlier one takes its result from the cache folder.

local child = require "spec.support.child"
local cjson = require "cjson"
local bundles = require "spec.support.bundles"
local other_build = require "spec.support.other_build"

-- 8 assets: as many asset-bars as a run must have to be kept, and one bar of each less.
local ENOUGH, MINUTES = 500000, 62500

local STRATEGY = [[
local levels = require "levels"
local s = { params = { n = 3, late = 5000 } }
function s.initialize(ctx)
    ctx.asset, ctx.bars = ctx:symbol "AAPL", 0
    ctx:set_commission(require "backlua.commission".per_share { cost = 0.01 })
    ctx:set_benchmark "MSFT"
    ctx:set_terms("AAPL", { lot = 2 })
end
function s.handle_data(ctx)
    ctx.bars = ctx.bars + 1
    if ctx.bars % ctx.params.late == 0 then
        print("bar", ctx.bars)
        ctx:record { bars = ctx.bars, draw = ctx:random() }
        ctx:order_target(ctx.asset, ctx.bars % (2 * ctx.params.late) == 0 and levels.amount or 0)
    end
end
return s
]]

describe("the result of an identical run", function()
    local BUNDLES, folder, cache

    local function run(words)
        local spec = { "run", folder .. "/s.lua", "-b", "demo", program = words.program,
            env = { BACKLUA_BUNDLES = BUNDLES, BACKLUA_HOME = folder .. "/home",
                XDG_CACHE_HOME = cache } }
        for name, value in pairs(words.env or {}) do
            spec.env[name] = value
        end
        for _, word in ipairs(words) do
            spec[#spec + 1] = word
        end
        local r = child.run(spec)
        assert.equal(0, r.code, r.err)
        return r
    end

    local function entries()
        local names, pipe = {}, io.popen("ls -A " .. cache .. "/backlua/results 2>/dev/null")
        for name in pipe:lines() do
            names[#names + 1] = cache .. "/backlua/results/" .. name
        end
        pipe:close()
        return names
    end

    -- Whether it came from the cache; the text but for the time that it took.
    local function outcome(words)
        local r = run(words)
        return r.err:find("cached: ", 1, true) ~= nil, (r.out:gsub("  %d+%.%d+ s\n", "\n", 1))
    end

    local function is_cached(words)
        return (outcome(words))
    end

    local function strategy(text)
        child.write(folder .. "/s.lua", text or STRATEGY)
    end

    local function levels(text)
        child.write(folder .. "/levels.lua", text or "return { amount = 100 }")
    end

    setup(function()
        BUNDLES, folder = bundles.folder("demo", 8, MINUTES), child.scratch()
    end)

    before_each(function()
        cache = child.scratch()
        strategy()
        levels()
    end)

    teardown(child.clean)

    describe("is taken", function()
        local NOTE = "cached: the result of an identical run; --no-cache computes it anew\n"

        -- stdout without what may differ, stderr, and whether that has the note, which is cut out.
        local function output(words, more)
            local copy = { unpack(words) }
            copy[#copy + 1] = more
            local r = run(copy)
            local from, to = r.err:find(NOTE, 1, true)
            local said = from and r.err:sub(1, from - 1) .. r.err:sub(to + 1) or r.err
            if r.out:find '^{"manifest"' then
                assert.equal(from ~= nil, cjson.decode(r.out).cached)
            end
            return (r.out:gsub("  %d+%.%d+ s\n", "\n", 1):gsub('"cached":%l+,', "")), said,
                from ~= nil
        end

        it("and said to be, whatever form is asked for", function()
            for _, words in ipairs { {}, { "--json" }, { "--csv" }, { "--metrics", "all" },
                { "--json", "--metrics", "all" }, { "--why", "AAPL", "2000-02-01" },
                { "--convention", "quantstats" } } do
                local anew, said_anew, taken = output(words, "--no-cache")
                assert.is_false(taken)
                local again, said_again, taken_again = output(words)
                if not taken_again then -- no run of another form was to be taken: kept
                    again, said_again, taken_again = output(words)
                end
                assert.is_true(taken_again)
                assert.equal(anew, again)
                assert.equal(said_anew, said_again)
            end
        end)

        it("into files, and saved for reports as the same run", function()
            local texts, ids = {}, {}
            for i = 1, 2 do
                local path = folder .. "/r.json"
                run { "-o", path }
                texts[i] = child.read(path):gsub('"cached":%l+,', "")
                ids[i] = child.read(folder .. "/home/runs/last")
            end
            assert.equal(texts[1], texts[2])
            assert.equal(ids[1], ids[2])
        end)

        it("with what the strategy printed", function()
            local first, second = run {}, run {}
            assert.truthy(first.err:find("^bar\t5000\nbar\t10000\n"))
            assert.truthy(second.err:find("^bar\t5000\nbar\t10000\n"))
            assert.truthy(second.err:find("bar\t60000\ncached: ", 1, true))
        end)

        it("from several processes at once", function()
            local command = ("for i in 1 2 3; do %s run %s/s.lua -b demo >%s/out$i 2>/dev/null & "
                .. "done; wait"):format(child.quote(child.program), folder, folder)
            child.run { "-c", command, program = "/bin/sh",
                env = { BACKLUA_BUNDLES = BUNDLES, XDG_CACHE_HOME = cache } }
            local taken, text = outcome {}
            assert.is_true(taken)
            for i = 1, 3 do
                local out = child.read(folder .. "/out" .. i)
                assert.equal(text, (out:gsub("  %d+%.%d+ s\n", "\n", 1)))
            end
            assert.equal(1, #entries())
        end)

        it("by a run on the same bars under another name", function()
            assert.is_false(is_cached {})
            assert.equal(0, os.execute(("cp -a %s/demo %s/other"):format(BUNDLES, BUNDLES)))
            local taken, text = outcome { "-b", "other" }
            assert.is_true(taken)
            assert.truthy(text:find "\n  bundle +other@")
        end)
    end)

    describe("is not taken", function()
        it("when any input differs", function()
            child.write(folder .. "/index.csv", "date,value\n2000-01-03,1\n2000-01-05,2\n")
            local words = {}
            local CHANGES = {
                { "the strategy", function() strategy(STRATEGY .. "-- another text") end },
                { "a file it requires", function() levels "return { amount = 102 }" end },
                { "a parameter", function() words = { "--param", "n=4" } end },
                { "the last day", function() words = { "-e", "2000-08-25T23:00:00Z" } end },
                { "capital", function() words = { "--capital", "99999" } end },
                { "seed", function() words = { "--seed", "2" } end },
                { "fill", function() words = { "--fill", "next_close" } end },
                { "lot", function() words = { "--lot", "5" } end },
                { "adjustment", function() words = { "--adjust", "none" } end },
                { "end", function() words = { "--close-at-end" } end },
                { "risk-free rate", function() words = { "--risk-free", "0.01" } end },
                { "benchmark", function() words = { "--benchmark", "AMZN" } end },
                { "benchmark file", function()
                    words = { "--benchmark", folder .. "/index.csv" }
                end },
                { "its values", function()
                    child.write(folder .. "/index.csv", "date,value\n2000-01-03,1\n2000-01-05,3\n")
                end },
            }
            assert.is_false(is_cached {})
            assert.is_true(is_cached {})
            for _, change in ipairs(CHANGES) do
                change[2]()
                assert.is_false(is_cached(words), change[1])
            end
        end)

        it("when the bundle's data differ", function()
            local other = child.scratch()
            local function ingest(seed)
                local r = child.run { "ingest", "--synthetic", "mag7", "--seed", seed, "--minutes",
                    MINUTES, "-b", "demo", env = { BACKLUA_BUNDLES = other } }
                assert.equal(0, r.code, r.err)
            end
            ingest(7)
            local env = { BACKLUA_BUNDLES = other }
            assert.same({ false, true }, { is_cached { env = env }, is_cached { env = env } })
            ingest(8)
            assert.is_false(is_cached { env = env })
        end)

        it("by another build of the program", function()
            local program = other_build(folder .. "/other")
            assert.is_false(is_cached {})
            assert.is_false(is_cached { program = program })
            assert.is_true(is_cached { program = program })
        end)

        it("nor kept, under --no-cache, with caching off, and of a small run", function()
            for _, words in ipairs { { "--no-cache" }, { env = { BACKLUA_ENABLE_CACHING = "0" } },
                { "-s", "2000-01-04" } } do
                assert.is_false(is_cached(words))
                assert.same({}, entries())
            end
            assert.equal(ENOUGH, 8 * MINUTES)
            assert.is_false(is_cached {})
            assert.equal(1, #entries())
            assert.is_false(is_cached { "--no-cache" })
        end)

        it("when something else than its inputs may have had a part in it", function()
            local IDLE = "return { handle_data = function() end %s }"
            for what, text in pairs {
                analyze = IDLE:format ", analyze = function(_, result) result.hash = 'x' end",
                prints = IDLE:format [[, initialize = function()
                    for i = 1, 7000 do print "0123456789" end end]],
                missing = "pcall(require, 'absent') " .. IDLE:format "",
                broken = "pcall(require, 'levels') " .. IDLE:format "",
                costs = IDLE:format [[, initialize = function(ctx)
                    local commission = require "backlua.commission"
                    ctx:set_commission(commission.custom { fee = function() return 1 end }) end]],
            } do
                levels(what == "broken" and "return {" or nil)
                strategy(text)
                assert.is_false(is_cached {}, what)
                assert.is_false(is_cached {}, what)
            end
            strategy(IDLE:format "")
            assert.is_false(is_cached { "--unsafe" })
            assert.same({}, entries())
        end)

        it("when a file that it required has gone", function()
            strategy [[local ok = pcall(require, "levels")
                return { handle_data = function() end,
                    initialize = function() print("levels", ok) end }]]
            assert.is_false(is_cached {})
            os.remove(folder .. "/levels.lua")
            local r = run { "--json" }
            assert.equal("levels\tfalse\n", r.err)
            assert.same({}, cjson.decode(r.out).manifest.strategy.files)
        end)
    end)

    describe("on the disk", function()
        it("is removed and computed anew when it is damaged", function()
            local _, text = outcome {}
            local path = entries()[1]
            local whole = child.read(path)
            local function flipped(at)
                local byte = string.char(bit.bxor(whole:byte(at), 16))
                return whole:sub(1, at - 1) .. byte .. whole:sub(at + 1)
            end
            for _, damaged in ipairs { "", whole:sub(1, 96), whole:sub(1, -2), whole .. "\0",
                flipped(1), flipped(20), flipped(85), flipped(90), flipped(97), flipped(#whole) } do
                child.write(path, damaged)
                local r = run {}
                assert.truthy(r.err:find("is damaged", 1, true), r.err)
                assert.is_nil(r.err:find("cached: ", 1, true))
                assert.equal(text, (r.out:gsub("  %d+%.%d+ s\n", "\n", 1)))
                assert.equal(#whole, #child.read(path))
            end
            assert.is_true(is_cached {})
        end)

        it("is not looked for where another one's folder stands", function()
            os.execute(("mkdir -p %s/backlua/results; chmod 777 %s/backlua/results"):format(cache,
                cache))
            assert.is_false(is_cached {})
            assert.same({}, entries())
            cache = "/dev/null"
            assert.is_false(is_cached {})
        end)

        it("is not kept when the disk is full: a warning, and the result", function()
            local command = ("ulimit -f 200; exec %s run %s/s.lua -b demo --no-save"):format(
                child.quote(child.program), folder)
            local r = child.run { "-c", command, program = "/bin/sh",
                env = { BACKLUA_BUNDLES = BUNDLES, XDG_CACHE_HOME = cache } }
            assert.equal(0, r.code, r.err)
            assert.truthy(r.err:find("warning: the result was not cached: cannot write ", 1, true))
            assert.truthy(r.out:find("Total return", 1, true))
            assert.same({}, entries())
        end)

        it("makes room for newer ones, the least used first", function()
            strategy "return { handle_data = function() end }"
            local env = { BACKLUA_CACHE_SIZE_GB = "0.0045" } -- four of them, and no five
            local function is_kept(seed)
                return is_cached { "--seed", seed, env = env }
            end
            for seed = 1, 4 do
                assert.is_false(is_kept(seed))
            end
            assert.is_true(is_kept(1))
            assert.is_false(is_kept(5))
            assert.equal(4, #entries())
            assert.is_true(is_kept(1))
            assert.is_false(is_kept(2))
        end)
    end)
end)
