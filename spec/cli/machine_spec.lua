-- What commands that change something say to a program: one JSON value on stdout, nothing else.

local cjson = require "cjson"
local child = require "spec.support.child"

local HEADER = "date,open,high,low,close,volume\n"
local GRID = [[
local opt = require "backlua.optimization"
return opt.ParallelOptimizer {
    strategy = "s.lua", bundle = "v",
    param_space = opt.ParameterSpace {
        opt.DiscreteParameter { name = "n", min_value = 1, max_value = 3, step = 1 },
    },
}
]]

describe("--json", function()
    local folder, env

    setup(function()
        folder = child.scratch()
        env = { BACKLUA_BUNDLES = folder .. "/bundles", BACKLUA_HOME = folder .. "/home" }
        child.write(folder .. "/AAA.csv", HEADER .. "2024-01-02,10,12,9,11,100\n"
            .. "2024-01-03,11,13,10,12,200\n2024-01-03,11,13,10,12,200\n2024-01-04,9,8,7,9,1\n")
        child.write(folder .. "/mood.csv", "date,mood,note\n2024-01-02,0.5,x\n")
        child.write(folder .. "/s.lua", "params = { n = 1 }\nfunction handle_data(ctx)\n"
            .. "ctx:order('AAA', ctx.params.n)\nend\n")
        child.write(folder .. "/grid.lua", GRID)
    end)
    teardown(child.clean)

    local function json(...)
        local r = child.run { env = env, cwd = folder, "--quiet", ... }
        assert.equal(0, r.code, r.err)
        assert.equal("", r.err)
        return cjson.decode(r.out)
    end

    local sha

    it("of an ingest has its counts, decisions and bad rows", function()
        local tried = json("ingest", "AAA.csv", "--skip-bad", "--dry-run", "--json")
        assert.equal(cjson.null, tried.bundle)
        assert.is_true(tried.dry_run)
        local made = json("ingest", "AAA.csv", "-b", "v", "--skip-bad", "--json")
        sha = made.sha256
        assert.same({ "v", false, "1d", 4, 2, 1, 1 }, { made.bundle, made.dry_run, made.frequency,
            made.rows, made.stored, made.duplicates, made.rejected })
        assert.equal(1, #made.bad_rows)
        assert.truthy(made.bad_rows[1]:find("AAA.csv:5: ", 1, true), made.bad_rows[1])
        assert.same(tried.decisions, made.decisions)
        assert.equal(64, #sha)
    end)

    it("of a synthetic market and of a join has the hash that came of it", function()
        local market = json("ingest", "--synthetic", "mag7", "--seed", "3", "-b", "m", "--json")
        assert.same({ "m", "mag7", 3 }, { market.bundle, market.synthetic, market.seed })
        local joined = json("ingest", "mood.csv", "--into", "v", "--json")
        assert.same({ { "mood" }, 1 }, { joined.fields, joined.rows })
        assert.equal("'note' (line 2 is no number)", joined.left_out)
        assert.not_equal(sha, joined.sha256)
        assert.equal(joined.sha256, json("bundle", "info", "v", "--json").sha256)
    end)

    it("of what is exported, forgotten and removed names each", function()
        local out = json("bundle", "export", "v", "-o", "out", "--json")
        assert.same({ "v", "csv", "out", 1 }, { out.name, out.format, out.folder, out.symbols })
        local cleaned = json("bundle", "clean", "v", "m", "--keep-last", "1", "--force", "--json")
        assert.same({ { "v", 1 }, { "m", 0 } }, { { cleaned[1].name, cleaned[1].versions },
            { cleaned[2].name, cleaned[2].versions } })
        assert.same({ { name = "m", removed = true } },
            json("bundle", "rm", "m", "--force", "--json"))
    end)

    it("of trials is what the whole study has, and of none an empty list", function()
        local all = json("optimize", "grid.lua", "--study", "g", "--json").trials
        local some = json("study", "trials", "g", "-n", "2", "--json")
        assert.same({ all[1], all[2] }, some)
        assert.same({}, json("study", "trials", "g", "--state", "failed", "--json"))
        local r = child.run { "study", "trials", "g", "--json", "--csv", env = env }
        assert.equal(2, r.code)
        assert.same({ { name = "g", removed = true } },
            json("study", "rm", "g", "--force", "--json"))
    end)

    it("of what is explained has the text", function()
        local said = json("explain", "sharpe_ratio", "--json")
        assert.equal("sharpe_ratio", said.topic)
        assert.equal(said.text, child.run({ "explain", "sharpe_ratio" }).out)
    end)

    it("of what is begun lists its files", function()
        json("ingest", "--synthetic", "mag7", "-b", "demo", "--json")
        local begun = json("new", "mine", "--json")
        assert.same({ "mine", "dma", "demo" }, { begun.name, begun.template, begun.bundle })
        assert.is_true(#begun.files > 3)
        for _, path in ipairs(begun.files) do
            assert.truthy(child.read(folder .. "/" .. path))
        end
    end)
end)
