-- backlua report beside its page: what may be reported on, the other formats, failures.

local child = require "spec.support.child"
local json = require "backlua.json"

local FOLDER, HOME

local function call(...)
    return child.run { cwd = FOLDER, env = { BACKLUA_HOME = HOME }, ... }
end

local function backlua(...)
    local r = call(...)
    assert.equal(0, r.code, r.err)
    return r
end

local function saved_id()
    return child.read(HOME .. "/runs/last")
end

describe("backlua report", function()
    setup(function()
        FOLDER, HOME = child.scratch(), child.scratch()
        os.execute(("mkdir %s/bundles; cp -r examples %s"):format(FOLDER, FOLDER))
        backlua("ingest", "--synthetic", "mag7", "--seed", "7", "-b", "demo")
        backlua("run", "examples/01_sma_cross.lua", "-b", "demo", "--json", "-o", "run.json")
    end)
    teardown(child.clean)

    it("says how often a bar met a stop and a target, and of a search nothing", function()
        local function row(name)
            return backlua("report", name, "--format", "md").out:match "| Inside a bar |[^\n]*"
        end
        backlua("run", "examples/13_brackets.lua", "-b", "demo")
        local run = row "last"
        assert.truthy(run:find("Against the strategy%. It decided %d+ times here%."), run)
        child.write(FOLDER .. "/bars.lua", [[
            local opt = require "backlua.optimization"
            return opt.ParallelOptimizer { strategy = "examples/13_brackets.lua",
                start_date = "2020-01-01", param_space = opt.ParameterSpace {
                    opt.DiscreteParameter { name = "n", min_value = 20, max_value = 50,
                        step = 30 } } }
        ]])
        backlua("optimize", "bars.lua", "-b", "demo", "--study", "bars")
        local search = row "bars"
        assert.truthy(search:find("Against the strategy. |", 1, true), search)
        backlua("run", "examples/01_sma_cross.lua", "-b", "demo")
    end)

    it("finds a run by its id, the start of it, as the last one, and by its file", function()
        local id = saved_id()
        local page = backlua("report", id, "-o", "-").out
        assert.truthy(page:find("run " .. id, 1, true))
        assert.equal(page, backlua("report", id:sub(1, 6), "-o", "-").out)
        assert.equal(page, backlua("report", "last", "-o", "-").out)
        local file = backlua("report", "run.json", "-o", "-").out
        assert.equal(page:match "<main>.-</main>", file:match "<main>.-</main>")
    end)

    it("does a run again whatever its strategy sets, and as it was when it ran", function()
        for _, name in ipairs { "09_costs", "11_schedule", "12_pairs_shorts", "13_brackets",
            "15_own_indicator" } do
            local copy = name .. "_copy.lua"
            child.write(FOLDER .. "/" .. copy, child.read("examples/" .. name .. ".lua"))
            backlua("run", copy, "-b", "demo", "-s", "2015-01-02", "--capital", "50000", "--lot",
                "0.1")
            child.write(FOLDER .. "/" .. copy, "error 'edited since'")
            local text = backlua("report", "last", "--format", "md").out
            assert.truthy(text:find("# " .. copy:gsub("_", "\\_"), 1, true), name)
        end
    end)

    it("says what the account was given beside its trades", function()
        local quiet = backlua("report", saved_id(), "--format", "md").out
        assert.is_nil(quiet:find("\n| Cash |", 1, true) or quiet:find("\n| Terms |", 1, true))
        child.write(FOLDER .. "/given.lua", "return { initialize = function(ctx)\n"
            .. "ctx:set_terms('AAPL', { lot = 0.01 }) ctx:set_margin { maintenance = 0.25 }\n"
            .. "ctx:set_capital_changes { ['2020-06-01'] = 500 } end,\n"
            .. "handle_data = function() end }\n")
        backlua("run", "given.lua", "-b", "demo", "-s", "2020-01-02")
        local text = backlua("report", "last", "--format", "md").out
        for _, row in ipairs { "| Terms | AAPL lot 0.01 |", "| Margin | maintenance 0.25 |",
            "| Cash | deposits 500.00; returns are those without the deposits |" } do
            assert.truthy(text:find("\n" .. row, 1, true), row)
        end
    end)

    it("says whose definitions its figures follow, and repeats the run with them", function()
        local own = backlua("report", saved_id(), "--format", "md").out
        assert.is_nil(own:find("Sharpe ratio, ", 1, true))
        backlua("run", "examples/01_sma_cross.lua", "-b", "demo", "--convention", "quantstats",
            "--risk-free", "0.01")
        local text = backlua("report", "last", "--format", "md").out
        assert.truthy(text:find("Sharpe ratio, quantstats", 1, true), text:sub(1, 3000))
        assert.truthy(text:find("risk-free rate 1.00 %, as in quantstats.", 1, true))
        assert.truthy(text:find("--risk-free 0.01 --convention quantstats", 1, true))
        assert.is_nil(text:find("Time in the market, quantstats", 1, true))
    end)

    it("does a run of --json again though its strategy was edited or is gone", function()
        child.write(FOLDER .. "/s.lua", child.read "examples/01_sma_cross.lua")
        backlua("run", "s.lua", "-b", "demo", "--json", "-o", "s.json")
        local page = backlua("report", "s.json", "-o", "-").out
        child.write(FOLDER .. "/s.lua", "error 'edited since'")
        assert.equal(page, backlua("report", "s.json", "-o", "-").out)
        os.remove(FOLDER .. "/s.lua")
        assert.equal(page, backlua("report", "s.json", "-o", "-").out)
    end)

    it("draws the figures asked for, with a legend, and names those there are", function()
        local drawn = backlua("report", "last", "--figures", "monthly,equity", "-o", "-",
            "--format", "svg").out
        assert.truthy(drawn:find("Returns by month.*>Equity<.*>Strategy<.*>Benchmark<"))
        assert.is_nil(drawn:find("Drawdown", 1, true))
        local function refused(...)
            local r = call("report", "last", ...)
            assert.equal(2, r.code)
            return r.err
        end
        assert.truthy(refused("--figures", "eqity", "--format", "svg")
            :find("there is no 'eqity'; did you mean 'equity'?", 1, true))
        assert.truthy(refused("--figures", "equity", "--format", "md")
            :find("--figures chooses drawings of --format svg", 1, true))
    end)

    it("compares with what was asked for, with nothing, or with the run's own", function()
        local function benchmark(...)
            local text = backlua("report", "--format", "md", ...).out
            return text:match "| Benchmark | (.-) |"
        end
        local id = saved_id()
        assert.equal("NFLX, bought and held", benchmark(id, "--benchmark", "NFLX"))
        assert.equal("none", benchmark(id, "--benchmark", "none"))
        backlua("run", "examples/01_sma_cross.lua", "-b", "demo", "--benchmark", "MSFT")
        assert.equal("MSFT", benchmark "last")
    end)

    it("gives the same numbers as tables", function()
        local run = json.decode(child.read(FOLDER .. "/run.json"), 2 ^ 28)
        local report = json.decode(backlua("report", "run.json", "--format", "json").out, 2 ^ 28)
        local tables = {}
        for _, section in ipairs(report.sections) do
            for _, t in ipairs(section.tables) do
                tables[t.id] = t
            end
        end
        local equity = tables.equity.rows
        assert.equal(#run.equity, #equity)
        for i = 1, #equity, 100 do
            assert.equal(run.equity[i].time:sub(1, 10), equity[i][1])
            assert.equal(run.equity[i].value, equity[i][2])
        end
        for i, t in ipairs(run.trades) do
            local row = tables.trades.rows[i]
            assert.same({ t.symbol, t.entry_time:sub(1, 10), t.pnl }, { row[1], row[3], row[10] })
        end
        local csv = backlua("report", "run.json", "--format", "csv").out
        local value = require "backlua.text.number".shortest(equity[#equity][2])
        assert.truthy(csv:find(("equity,%s,%s,"):format(equity[#equity][1], value), 1, true))
    end)

    it("draws itself as one SVG", function()
        backlua("report", "run.json", "-o", "r.svg")
        local text = child.read(FOLDER .. "/r.svg")
        assert.equal(1, text:find("<svg ", 1, true))
        for _, title in ipairs { "Equity", "Drawdown", "Returns by month", "Returns by year" } do
            assert.truthy(text:find(title, 1, true), title)
        end
        assert.is_nil(text:find "href")
        assert.equal(select(2, text:gsub("<svg", "")), select(2, text:gsub("</svg>", "")))
        assert.equal(select(2, text:gsub("<g", "")), select(2, text:gsub("</g>", "")))
    end)

    it("shows the front of several objectives", function()
        child.write(FOLDER .. "/two.lua", [[
            local opt = require "backlua.optimization"
            return opt.ParallelOptimizer {
                objective = { "sharpe_ratio", "max_drawdown" }, bundle = "demo",
                strategy = "examples/01_sma_cross.lua", start_date = "2015-01-01",
                param_space = opt.ParameterSpace { parameters = { opt.DiscreteParameter {
                    name = "fast", min_value = 5, max_value = 40, step = 5 } } },
            }
        ]])
        backlua("optimize", "two.lua", "--study", "two")
        local front = json.decode(backlua("study", "show", "two", "--json").out).front
        local text = backlua("report", "two", "--format", "md").out:match "## Front.-\n## "
        local _, rows = text:gsub("\n| %d+ |", "")
        assert.equal(#front, rows)
        for _, t in ipairs(front) do
            assert.truthy(text:find(("\n| %d |"):format(t.trial)), text)
        end
    end)

    it("escapes what a strategy names, in every format", function()
        local name = "<b>|`x`,\"=1.lua"
        child.write(FOLDER .. "/" .. name, [[
            return { params = { label = "</td><script>" }, handle_data = function(ctx)
                ctx:record { ["<i>|\n=cmd()"] = 1 }
            end }
        ]])
        backlua("run", name, "-b", "demo", "-s", "2024-01-02")
        local page = backlua("report", "last", "-o", "-").out
        assert.is_nil(page:find("<i>|", 1, true))
        assert.is_nil(page:find("</td><script>", 1, true))
        assert.is_nil(page:find("<b>|", 1, true))
        local svg = backlua("report", "last", "--format", "svg").out
        assert.is_nil(svg:find("<b>", 1, true))
        local markdown = backlua("report", "last", "--format", "md").out:gsub("`[^`\n]*`", "")
        assert.is_nil(markdown:find "[^\\]<b>")
        assert.is_nil(markdown:find "[^\\]<script>")
        local csv = backlua("report", "last", "--format", "csv").out
        assert.truthy(csv:find('"<i>|\n=cmd()"', 1, true))
        assert.equal("run", json.decode(backlua("report", "last", "--format", "json").out).kind)
    end)

    it("is within 400 kB for any number of trials, and says which it lists", function()
        child.write(FOLDER .. "/many.lua", [[
            local opt = require "backlua.optimization"
            local list = { opt.CategoricalParameter { name = "mode", choices = { "a", "b" } } }
            for i = 2, 8 do
                list[i] = opt.ContinuousParameter { name = "parameter_" .. i, min_value = 0,
                    max_value = 1 }
            end
            return opt.ParallelOptimizer {
                algorithm = opt.RandomSearchAlgorithm { opt.ParameterSpace(list), n_iter = 6000 },
                objective = function(p) return p.parameter_2 - p.parameter_3 end, audit = "none",
            }
        ]])
        backlua("optimize", "many.lua", "--study", "many", "--quiet")
        backlua("report", "many", "-o", "many.html")
        local page = child.read(FOLDER .. "/many.html")
        assert.is_true(#page <= 400 * 1000, #page)
        assert.truthy(page:find("of 6,000 trials: the 150 best and, evenly chosen, others. All of "
            .. "them: backlua study export many", 1, true))
        local tables = json.decode(backlua("report", "many", "--format", "json").out, 2 ^ 28)
        for _, section in ipairs(tables.sections) do
            for _, t in ipairs(section.tables) do
                tables[t.id] = t
            end
        end
        assert.equal(6000, #tables.trials.rows)
        local drawn = 0
        for _ in page:gmatch "<circle" do
            drawn = drawn + 1
        end
        assert.is_true(drawn >= 800)
        for _, row in ipairs(tables["slice-2"].rows) do
            assert.equal(300, row[2]) -- 20 ranges of as many trials
        end
    end)

    it("is within 2 MB for 150,000 bars", function()
        local rows, price, seed = { "time,open,high,low,close,volume" }, 100, 1
        for i = 1, 150000 do
            seed = (seed * 16807) % 2147483647
            local next_price = price * (1 + (seed / 2147483647 - 0.5) / 200)
            rows[i + 1] = ("%d,%.2f,%.2f,%.2f,%.2f,1000"):format(1577836800 + 60 * i, price,
                math.max(price, next_price) + 0.01, math.min(price, next_price) - 0.01, next_price)
            price = next_price
        end
        child.write(FOLDER .. "/minutes.csv", table.concat(rows, "\n"))
        backlua("ingest", "minutes.csv", "-b", "minutes", "--symbol", "X", "--tz", "UTC")
        backlua("run", "examples/01_sma_cross.lua", "-b", "minutes")
        backlua("report", "last", "-o", "minutes.html")
        assert.is_true(#child.read(FOLDER .. "/minutes.html") <= 2e6)
    end)

    describe("says", function()
        local function fails(code, pattern, ...)
            local r = call("report", ...)
            assert.equal(code, r.code, r.err)
            assert.truthy(r.err:find(pattern), r.err)
        end

        it("what is missing", function()
            fails(2, "what%? backlua report last")
            fails(2, "where to%?", "last")
            fails(3, "there is no run, study or file 'lats'; did you mean 'last'%?", "lats", "-o",
                "x.html")
            fails(4, "there is no folder 'nowhere'", "last", "-o", "nowhere/x.html")
            fails(2, "did you mean", "last", "--format", "htm")
        end)

        it("which of ten thousand studies was meant", function()
            local home = child.scratch()
            os.execute(("mkdir %s/studies"):format(home))
            for i = 1, 10000 do
                child.write(("%s/studies/grid-%d.study"):format(home, 10000 + i), "-")
            end
            local r = child.run { "report", "gird-12345", "-o", "x.html",
                env = { BACKLUA_HOME = home } }
            assert.equal(3, r.code, r.err)
            assert.truthy(r.err:find("did you mean 'grid-12345'?", 1, true), r.err)
        end)

        it("which runs a short id could mean", function()
            local id = saved_id()
            child.write(HOME .. "/runs/" .. id:sub(1, 8) .. "0000.json", "{}")
            fails(2, "begins the ids of 2 runs", id:sub(1, 6), "-o", "x.html")
            os.remove(HOME .. "/runs/" .. id:sub(1, 8) .. "0000.json")
        end)

        it("that a file needs its bundle, and where that may be", function()
            local away = child.scratch()
            os.execute(("cp -r %s/bundles/demo %s"):format(FOLDER, away))
            backlua("run", "examples/01_sma_cross.lua", "-b", away .. "/demo", "--json", "-o",
                "s.json")
            backlua("report", "s.json", "-o", "x.html") -- there, and then by its name
            os.execute(("chmod -R u+w %s && rm -r %s/demo"):format(away, away))
            backlua("report", "s.json", "-o", "x.html")
            local r = child.run { "report", "s.json", "-o", "x.html", cwd = FOLDER,
                env = { BACKLUA_HOME = HOME, BACKLUA_BUNDLES = away } }
            assert.equal(3, r.code, r.err)
            assert.truthy(r.err:find("needs bundle demo of sha256 %x+: put it back, or name the "
                .. "folder it is in as BACKLUA_BUNDLES"), r.err)
        end)

        it("that a file is none of ours", function()
            child.write(FOLDER .. "/odd.json", '{"a": 1}')
            fails(3, "odd%.json is not what", "odd.json", "-o", "x.html")
            child.write(FOLDER .. "/odd.json", "{")
            fails(3, "odd%.json is not what", "odd.json", "-o", "x.html")
        end)
    end)
end)
