-- Settings of files: what they may hold, who wins, and that they reach nothing.

local bundles = require "spec.support.bundles"
local child = require "spec.support.child"
local json = require "backlua.json"

describe("a file of settings", function()
    local folder, user

    setup(function()
        folder = child.scratch()
        user = child.scratch()
        os.execute("mkdir -p " .. user .. "/backlua")
    end)
    teardown(child.clean)

    local function run(words, env)
        words.cwd = folder
        words.env = { XDG_CONFIG_HOME = user }
        for name, value in pairs(env or {}) do
            words.env[name] = value
        end
        return child.run(words)
    end

    local function shown(env)
        local r = run({ "config", "show", "--json" }, env)
        assert.equal(0, r.code, r.err)
        return json.decode(r.out)
    end

    local function project(text)
        child.write(folder .. "/backlua.conf.lua", text)
    end

    it("gives way to the environment, and wins over the user's", function()
        project "return { cache_size_gb = 1.5, capital = 25 * 1000 }"
        child.write(user .. "/backlua/config.lua",
            "return { cache_size_gb = 3, lru_maxsize = 9, enable_caching = false }")
        local all = shown { BACKLUA_LRU_MAXSIZE = "7" }
        assert.same({ value = "1.5", origin = "./backlua.conf.lua" }, all.cache_size_gb)
        assert.same({ value = "7", origin = "environment, BACKLUA_LRU_MAXSIZE" }, all.lru_maxsize)
        assert.same({ value = "false", origin = user .. "/backlua/config.lua" },
            all.enable_caching)
        assert.same({ value = "25000", origin = "./backlua.conf.lua" }, all.capital)
        assert.same({ value = "100", origin = "default" }, all.max_bundle_pool_size)
        assert.equal("environment, RUSTYBT_LRU_MAXSIZE",
            shown({ RUSTYBT_LRU_MAXSIZE = "8" }).lru_maxsize.origin)
    end)

    it("is not what a misspelt variable says, which is told", function()
        local r = run({ "config", "show", "--json" },
            { BACKLUA_CACHE_SIZE = "1", BACKLUA_HOME = folder })
        assert.equal("backlua: warning: environment variable BACKLUA_CACHE_SIZE is not known and "
            .. "does nothing; did you mean BACKLUA_CACHE_SIZE_GB?", r.err:match "[^\n]*")
        r = run({ "config", "show", "--json", "--quiet" }, { BACKLUA_ODDLY_OTHER = "1" })
        assert.equal("", r.err)
    end)

    it("may name the windows that are never evicted", function()
        project "return { permanent_windows = { 10, 30 }, tier2_maxsize = 9 }"
        assert.same({ value = "10,30", origin = "./backlua.conf.lua" }, shown().permanent_windows)
        assert.same({ value = "9", origin = "./backlua.conf.lua" }, shown().tier2_maxsize)
        assert.same({ value = "none", origin = "environment, BACKLUA_PERMANENT_WINDOWS" },
            shown({ BACKLUA_PERMANENT_WINDOWS = "none" }).permanent_windows)
    end)

    it("is shown without making a folder", function()
        local none = folder .. "/none"
        for _, words in ipairs { { "config", "show" }, { "doctor" } } do
            local r = run(words, { BACKLUA_HOME = none .. "/home", HOME = none,
                XDG_CACHE_HOME = none .. "/cache", XDG_STATE_HOME = none .. "/state" })
            assert.equal(0, r.code, r.err)
            assert.truthy(r.out:find(none .. "/home/studies", 1, true), r.out)
            assert.is_nil(io.open(none))
        end
    end)

    it("gives way to the script, whose other keys it fills in", function()
        project "return { cache_size_gb = 1.5, lru_maxsize = 11 }"
        os.remove(user .. "/backlua/config.lua")
        local r = run { "-e", "local c = require 'backlua.optimization'.OptimizationConfig"
            .. " { cache_size_gb = 4 } print(c.cache_size_gb, c.lru_maxsize, c.enable_caching)" }
        assert.equal("4\t11\ttrue\n", r.out, r.err)
    end)

    it("gives a run its bundle, capital and policies, and gives way to flags", function()
        local env = { BACKLUA_BUNDLES = bundles.folder("mine", 2, 200) }
        project "return { bundle = 'mine', capital = 5000, fill = 'next_close', seed = 4 }"
        child.write(folder .. "/s.lua", "function handle_data(ctx) ctx:order('AAPL', 1) end")
        local manifest = json.decode(run({ "run", "s.lua", "--json" }, env).out).manifest
        assert.same({ "mine", 5000, "next_close", 4 }, { manifest.bundle.name, manifest.capital,
            manifest.fill, manifest.seed })
        local r = run({ "run", "s.lua", "--json", "--capital", "7" }, env)
        assert.equal(7, json.decode(r.out).manifest.capital)
    end)

    it("that makes no sense is refused, naming file, key, value and range", function()
        for text, said in pairs {
            ["return { captial = 5 }"] = "unknown option 'captial'; did you mean 'capital'?",
            ["return { capital = -1 }"] = "capital must be a number above 0",
            ["return { fill = 'now' }"] = "fill must be one of",
            ["return { lru_maxsize = 1.5 }"] = "lru_maxsize must be an integer",
            ["return { permanent_windows = { 0 } }"] = "whole numbers, 1 to 100000, got 0",
            ["return 5"] = "must return a table",
            ["return {"] = "expected",
            ["while true do end"] = "it does not end",
            ["return { capital = os.time() }"] = "line 1: attempt to index global 'os'",
            ["return require 'ffi'"] = "attempt to call global 'require'",
            ["\27LJ"] = "backlua.conf.lua",
        } do
            project(text)
            for _, words in ipairs { { "config", "show" }, { "-e", "print 'ran'" } } do
                local r = run(words)
                assert.equal(2, r.code, text)
                assert.equal("", r.out)
                assert.truthy(r.err:find("backlua.conf.lua", 1, true), r.err)
                assert.truthy(r.err:find(said, 1, true), text .. ": " .. r.err)
            end
        end
    end)

    it("names variables of the guide's engine that mean nothing here", function()
        project "return {}"
        local env = { RUSTYBT_ENABLE_RAY = "true", RUSTYBT_BENCHMARK_DIR = "/x" }
        local r = run({ "config", "show" }, env)
        assert.truthy(r.out:find("RUSTYBT_ENABLE_RAY +true +no effect: workers are processes of "
            .. "this machine"), r.out)
        assert.truthy(r.out:find "RUSTYBT_BENCHMARK_DIR +/x +no effect: ")
        assert.is_nil(run({ "config", "show" }).out:find "RUSTYBT")
        child.write(folder .. "/o.lua", [[
            local opt = require "backlua.optimization"
            return opt.ParallelOptimizer { opt.ParameterSpace {
                opt.DiscreteParameter { name = "n", min_value = 1, max_value = 3 } },
                objective = function(p) return p.n end }]])
        r = run({ "optimize", "o.lua", "--study", "told" }, env)
        assert.equal(0, r.code, r.err)
        assert.equal(1, select(2, r.err:gsub("no effect here: RUSTYBT_ENABLE_RAY %(", "")))
        assert.is_nil(run({ "optimize", "o.lua", "--study", "told" }).err:find "no effect")
    end)

    it("may turn colours off", function()
        project "return { color = 'never' }"
        local env = { FORCE_COLOR = "1" }
        assert.is_nil(run({ "run", "s.lua", "-b", "none" }, env).err:find "\27")
        project "return {}"
        assert.truthy(run({ "run", "s.lua", "-b", "none" }, env).err:find "\27")
    end)

    it("is shown as a table, its columns aligned", function()
        local r = run { "config", "show" }
        assert.truthy(r.out:find "^setting +value +from\n")
        assert.equal(2, run({ "config" }).code)
        assert.equal(2, run({ "config", "shw" }).code)
    end)
end)
