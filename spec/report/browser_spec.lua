-- Reports as people meet them: in a browser. One browser serves all of the tests.

local child = require "spec.support.child"
local json = require "backlua.json"
local page = require "spec.support.report_page"

local HOSTILE = "</script><script>document.title='owned'</script>&lt;'\""

-- Everything that a strategy names: its file, a parameter, a record, what it prints.
local STRATEGY = [[
local s = { params = { label = "none", n = 20 } }
function s.initialize(ctx)
    ctx.mean = {}
    for i, asset in ipairs(ctx:symbols()) do
        ctx.mean[i] = ctx:indicator("sma", asset, { n = ctx.params.n })
    end
end
function s.handle_data(ctx, data)
    for i, asset in ipairs(ctx:symbols()) do
        local up = data:current(asset, "close") > ctx.mean[i][-1]
        ctx:order_target_percent(asset, up and 1 / 8 or 0)
    end
    ctx:record { ["<img src=x onerror=document.title='owned'>"] = ctx.portfolio.cash }
end
return s
]]

local CONFIG = [[
local opt = require "backlua.optimization"
return opt.%s {
    strategy = "plain.lua", bundle = "demo", start_date = "2019-01-01",
    param_space = opt.ParameterSpace { parameters = {
        opt.DiscreteParameter { name = "n", min_value = 5, max_value = 40, step = 5 },
        opt.CategoricalParameter { name = "label", choices = { "a", "<b>b</b>", "c" } },
    } },
    %s
}
]]

local WINDOWS = [[window_config = opt.WindowConfig { train_period_days = 504,
        test_period_days = 252, step_size_days = 252 },]]

local SPLITS = [[window_config = opt.WindowConfig { mode = "cpcv", groups = 4, test_groups = 2 },]]

local FOLDER, HOME, browser

local function backlua(words)
    words.cwd, words.env = FOLDER, { BACKLUA_HOME = HOME }
    local r = child.run(words)
    assert.equal(0, r.code, r.err)
    return r
end

local CELLS = [[
return Object.fromEntries([...document.querySelectorAll(arguments[0] + " tbody tr")]
  .map((row) => [row.cells[0].textContent, row.cells[1].textContent]));
]]

describe("a report in a browser", function()
    setup(function()
        FOLDER, HOME = child.scratch(), child.scratch()
        os.execute("mkdir " .. FOLDER .. "/bundles")
        child.write(FOLDER .. "/a<b>&'.lua", STRATEGY)
        child.write(FOLDER .. "/plain.lua", STRATEGY)
        child.write(FOLDER .. "/grid.lua", CONFIG:format("ParallelOptimizer", ""))
        child.write(FOLDER .. "/walk.lua", CONFIG:format("WalkForwardOptimizer", WINDOWS))
        backlua { "ingest", "--synthetic", "mag7", "--seed", "7", "-b", "demo" }
        backlua { "run", "a<b>&'.lua", "-b", "demo", "--param", "label=" .. HOSTILE, "--json",
            "-o", "run.json" }
        backlua { "report", "last", "-o", "run.html" }
        browser = require "spec.support.browser".start()
    end)
    teardown(function()
        if browser then
            browser:stop()
        end
        child.clean()
    end)

    describe("of a run", function()
        local saved

        it("draws, asks for nothing, fits, has no error, by light and by dark", function()
            page.check(browser, FOLDER .. "/run.html", 8)
            saved = json.decode(child.read(FOLDER .. "/run.json"), 2 ^ 28)
        end)

        it("shows the hostile texts as they are", function()
            for _, text in ipairs { HOSTILE, "a<b>&'.lua", "<img src=x onerror=" } do
                assert.is_true(browser:run("return document.body.textContent.includes("
                    .. "arguments[0])", text), text)
            end
        end)

        it("has the numbers of --json", function()
            local cells = browser:run(CELLS, "#all-metrics-table")
            local number = require "backlua.text.number"
            local m = saved.metrics
            assert.equal(number.percent(m.total_return), cells.total_return)
            assert.equal(number.percent(m.max_drawdown), cells.max_drawdown)
            assert.equal(number.count(m.trades), cells.trades)
            assert.equal(number.grouped(m.total_commission), cells.total_commission)
            local last = browser:run [=[
                const c = charts.find((chart) => chart.figure.id === "equity");
                return [c.x.length, c.x[c.x.length - 1], c.values[0][c.x.length - 1], c.x[0]];
            ]=]
            local equity = saved.equity
            assert.equal(#equity, last[1])
            assert.near(equity[#equity].value, last[3], 0.005)
            assert.equal("2000-01-03", os.date("!%Y-%m-%d", last[4] / 1000))
        end)

        it("marks the fills of --json at their prices", function()
            local drawn = browser:run [=[
                const c = charts.find((chart) => chart.figure.id === "prices");
                return [c.spec.choices[0].name, c.marks.price, c.marks.side];
            ]=]
            local n = 0
            for _, fill in ipairs(saved.fills) do
                if fill.symbol == drawn[1] then
                    n = n + 1
                    assert.near(fill.price, drawn[2][n], 0.005) -- of thousands
                    assert.equal(fill.amount > 0 and 1 or -1, drawn[3][n])
                end
            end
            assert.is_true(n > 100)
            assert.equal(n, #drawn[2])
        end)

        it("has the trades of --json, in a table that sorts and pages", function()
            local trades = browser:run [[
                const t = DATA.tables.trades.columns.map(unpackColumn);
                return [t[0].values.length, t[9].values.reduce((a, b) => a + b, 0)];
            ]]
            local sum = 0
            for _, t in ipairs(saved.trades) do
                sum = sum + t.pnl
            end
            assert.equal(#saved.trades, trades[1])
            assert.near(sum, trades[2], 1e-6 * #saved.trades)
            browser:run "document.querySelectorAll('[data-table=trades] th button')[9].click()"
            local first = browser:run [[
                return document.querySelector("[data-table=trades] tbody tr").cells[9].textContent;
            ]]
            local worst = math.huge
            for _, t in ipairs(saved.trades) do
                worst = math.min(worst, t.pnl)
            end
            assert.equal(require "backlua.text.number".grouped(worst), first)
            -- gaps are last, whichever way
            assert.same({ 1, 2, "gap", 2, 1, "gap" }, browser:run [[
                const sorted = (down) => [NaN, 2, 1].sort((a, b) => compare(a, b, down))
                    .map((v) => Number.isNaN(v) ? "gap" : v);
                return [...sorted(false), ...sorted(true)];
            ]])
            assert.equal(25, browser:run [[
                return document.querySelectorAll("[data-table=trades] tbody tr").length;
            ]])
        end)

        it("has the drawdown of the equity, to the last digit shown", function()
            local falls = browser:run [=[
                const c = charts.find((chart) => chart.figure.id === "drawdown");
                return c.values[0];
            ]=]
            local peak = saved.manifest.capital
            assert.equal(#saved.equity, #falls)
            for i, bar in ipairs(saved.equity) do
                peak = math.max(peak, bar.value)
                assert.near(bar.value / peak - 1, falls[i], 1e-6)
            end
        end)

        it("is light and fits the sheet when it is printed from the dark", function()
            browser:media "dark"
            local paper = [[return getComputedStyle(document.documentElement)
                .getPropertyValue("--paper").trim()]]
            browser:run "dispatchEvent(new Event('beforeprint'))"
            assert.equal("#ffffff", browser:run(paper))
            local width = [[return document.querySelector("#equity canvas")
                .getBoundingClientRect().width]]
            assert.near(690, browser:run(width), 1)
            browser:run "dispatchEvent(new Event('afterprint'))"
            assert.equal("#12161c", browser:run(paper))
            assert.is_true(browser:run(width) > 1000)
            browser:media "light"
        end)

        it("shows values under the pointer, in every chart of the axis", function()
            browser:move("#equity .plot", 0.5)
            browser:wait "return document.querySelector('#equity .legend').textContent < '2020'"
            local legends = browser:run [[
                return ["equity", "drawdown", "exposure"].map((id) =>
                    document.querySelector(`#${id} .legend`).textContent);
            ]]
            local day = legends[1]:match "^%d%d%d%d%-%d%d%-%d%d"
            assert.is_true(day > "2005" and day < "2020", legends[1])
            for _, text in ipairs(legends) do
                assert.equal(day, text:match "^%d%d%d%d%-%d%d%-%d%d")
                assert.truthy(text:find "%d%.%d")
            end
        end)

        it("keeps the values under the pointer when its colours change", function()
            local legends = [[
                return charts.map((c) => c.legend.textContent + c.graph.getSelection());
            ]]
            local before = browser:run(legends)
            browser:media "dark"
            assert.same(before, browser:run(legends))
            -- the circles, too: over the lines is a canvas of their own
            assert.is_true(browser:run [[
                const over = charts[0].graph.canvas_;
                return over.getContext("2d").getImageData(0, 0, over.width, over.height).data
                    .some((byte) => byte > 0);
            ]])
            browser:media "light"
        end)

        it("answers to keys", function()
            browser:type("#equity .plot", "\238\128\145") -- Home
            local legend = "return document.querySelector('#equity .legend').textContent"
            assert.equal("2000-01-03", browser:run(legend):sub(1, 10))
            browser:type("#equity .plot", "\238\128\148") -- ArrowRight
            assert.equal("2000-01-04", browser:run(legend):sub(1, 10))
            local range = "const [a, b] = charts[0].graph.xAxisRange(); return (b - a) / 86400000"
            local all = browser:run(range)
            browser:type("#equity .plot", "+")
            assert.is_true(browser:run(range) < all)
            browser:type("#equity .plot", "0")
            assert.near(all, browser:run(range), 1)
        end)

        it("has a logarithmic scale", function()
            browser:run "document.querySelector('#equity .tools button').click()"
            assert.is_true(browser:run "return charts[0].graph.getOption('logscale')")
            browser:run "document.querySelector('#equity .tools button').click()"
        end)

        it("has a table for each chart and drawing", function()
            local without = browser:run [[
                return [...document.querySelectorAll("figure")].filter((figure) => {
                    figure.querySelectorAll("details").forEach((d) => {
                        d.open = true;
                        d.dispatchEvent(new Event("toggle"));
                    });
                    return !figure.querySelector("details tbody tr");
                }).map((figure) => figure.id);
            ]]
            assert.same({}, without)
        end)

        it("is within 400 kB for 25 years of days", function()
            for _, name in ipairs { "01_sma_cross", "12_pairs_shorts" } do -- the second records
                backlua { "run", child.root .. "/examples/" .. name .. ".lua", "-b", "demo" }
                backlua { "report", "last", "-o", "small.html" }
                assert.is_true(#child.read(FOLDER .. "/small.html") <= 400 * 1000, name)
            end
        end)
    end)

    describe("of a study", function()
        local saved

        setup(function()
            saved = json.decode(backlua { "optimize", "grid.lua", "--study", "grid", "-j", "2",
                "--json" }.out, 2 ^ 28)
            backlua { "report", "grid", "-o", "grid.html" }
        end)

        it("draws, asks for nothing, fits, has no error, by light and by dark", function()
            page.check(browser, FOLDER .. "/grid.html", 1)
        end)

        it("has the trials of --json", function()
            local scores = browser:run [=[
                const t = DATA.tables.trials.columns.map(unpackColumn);
                return [t[0].values, t[2].values];
            ]=]
            assert.equal(#saved.trials, #scores[1])
            for i, t in ipairs(saved.trials) do
                assert.equal(t.trial, scores[1][i])
                assert.near(t.score, scores[2][i], 1e-8)
            end
            local text = browser:run "return document.querySelector('.cards').textContent"
            assert.truthy(text:find(("trial %d"):format(saved.best.trial), 1, true))
            local number = require "backlua.text.number"
            local luck = browser:run "return document.querySelector('#luck').textContent"
            for _, key in ipairs { "sharpe", "pbo", "reality_check" } do
                assert.truthy(luck:find(number.fixed(saved.luck[key]), 1, true), key)
            end
            local shares = browser:run(CELLS, "#importance")
            for name, share in pairs(saved.luck.importance) do
                assert.equal(number.percent(share), shares[name])
            end
        end)

        it("has the empirical distribution of the scores", function()
            local shares = browser:run(CELLS, "#score-shares")
            local number = require "backlua.text.number"
            for _, t in ipairs(saved.trials) do
                local n = 0
                for _, other in ipairs(saved.trials) do
                    n = n + (other.score <= t.score and 1 or 0)
                end
                assert.equal(number.percent(n / #saved.trials), shares[number.grouped(t.score, 4)])
            end
        end)

        it("draws a cell for each pair of the heat map, and another pair on demand", function()
            local count = "return document.querySelectorAll('#heat svg rect:not(.ring)').length"
            assert.equal(8 * 3, browser:run(count))
            browser:run [=[
                const select = document.querySelectorAll("#heat select")[1];
                select.value = 0;
                select.onchange();
            ]=]
            assert.equal(3 * 3, browser:run(count))
            assert.truthy(browser:run("return document.querySelector('#heat svg').textContent")
                :find("<b>b</b>", 1, true))
        end)

        it("says what the colours of the heat map stand for", function()
            local scores, number = {}, require "backlua.text.number"
            for i, t in ipairs(saved.trials) do
                scores[i] = t.score
            end
            table.sort(scores)
            browser:run [=[
                const select = document.querySelectorAll("#heat select")[1];
                select.value = 1;
                select.onchange();
            ]=]
            assert.equal(number.grouped(scores[1], 4) .. number.grouped(scores[#scores], 4),
                browser:run "return document.querySelector('#heat .ramp').textContent")
        end)

        it("keeps the trials within a range of an axis", function()
            local lit = "return document.querySelectorAll('#parallel .trial:not(.off)').length"
            assert.equal(#saved.trials, browser:run(lit))
            browser:type("#parallel .handle", "---")
            local kept = browser:run(lit)
            assert.is_true(kept > 0 and kept < #saved.trials, kept)
            browser:type("#parallel .handle", "\238\128\140") -- Escape
            assert.equal(#saved.trials, browser:run(lit))
        end)

        it("of --json alone is the same page but for its name", function()
            child.write(FOLDER .. "/grid.json", backlua { "study", "show", "grid", "--json" }.out)
            backlua { "report", "grid.json", "-o", "copy.html" }
            assert.equal(child.read(FOLDER .. "/grid.html"):match "<script type.-</script>",
                child.read(FOLDER .. "/copy.html"):match "<script type.-</script>")
        end)
    end)

    describe("of a walk-forward", function()
        local saved

        setup(function()
            saved = json.decode(backlua { "walkforward", "walk.lua", "--study", "walk", "-j", "2",
                "--json" }.out, 2 ^ 28)
            backlua { "report", "walk", "-o", "walk.html" }
        end)

        it("draws, asks for nothing, fits, has no error, by light and by dark", function()
            page.check(browser, FOLDER .. "/walk.html", 2)
        end)

        it("has the numbers of --json", function()
            local number = require "backlua.text.number"
            local text = browser:run "return document.querySelector('.cards').textContent"
            assert.truthy(text:find(number.percent(saved.oos.metrics.total_return), 1, true))
            assert.truthy(text:find(number.fixed(saved.efficiency), 1, true))
            local last = browser:run [=[
                const c = charts.find((chart) => chart.figure.id === "equity");
                return [c.x.length, c.values[0][c.x.length - 1]];
            ]=]
            assert.equal(#saved.oos.equity, last[1])
            assert.near(saved.oos.equity[#saved.oos.equity].value, last[2], 0.005)
            local windows = browser:run [[
                return document.querySelectorAll("#windows-table tbody tr").length;
            ]]
            assert.equal(#saved.windows, windows)
        end)

        it("of --json alone has the same windows", function()
            child.write(FOLDER .. "/walk.json", backlua { "walkforward", "walk.lua", "--study",
                "walk", "--json" }.out)
            backlua { "report", "walk.json", "-o", "copy.html" }
            local table_of = "<table id=\"windows%-table\".-</table>"
            assert.equal(child.read(FOLDER .. "/walk.html"):match(table_of),
                child.read(FOLDER .. "/copy.html"):match(table_of))
        end)
    end)

    describe("of a cross-validation", function()
        local saved, number = nil, require "backlua.text.number"

        setup(function()
            child.write(FOLDER .. "/cv.lua", CONFIG:format("WalkForwardOptimizer", SPLITS))
            saved = json.decode(backlua { "walkforward", "cv.lua", "--study", "cv", "-j", "2",
                "--json" }.out, 2 ^ 28)
            backlua { "report", "cv", "-o", "cv.html" }
        end)

        it("draws, asks for nothing, fits, has no error, by light and by dark", function()
            page.check(browser, FOLDER .. "/cv.html", 1)
        end)

        it("has the numbers of --json", function()
            local text = browser:run "return document.querySelector('.cards').textContent"
            assert.truthy(text:find(number.fixed(saved.sharpe.median), 1, true), text)
            assert.truthy(text:find(number.fixed(saved.efficiency), 1, true), text)
            local rows = browser:run [=[
                return [...document.querySelectorAll("#splits-table tbody tr")].map((row) =>
                  [...row.cells].map((cell) => cell.textContent));
            ]=]
            assert.equal(#saved.splits, #rows)
            for i, split in ipairs(saved.splits) do
                assert.equal(table.concat(split.tested, " "), rows[i][2])
                assert.equal(number.grouped(split.test.score, 4), rows[i][5])
                assert.equal(number.percent(split.test.metrics.total_return), rows[i][6])
            end
            assert.equal(#saved.paths, browser:run [=[
                return document.querySelectorAll("#path-table-table tbody tr").length;
            ]=])
        end)

        it("draws each split's tested groups, and no other", function()
            local drawn = browser:run [=[
                return [...document.querySelectorAll("#matrix rect title")]
                  .map((title) => title.textContent);
            ]=]
            local tested = 0
            assert.equal(#saved.splits * #saved.groups, #drawn)
            for _, title in ipairs(drawn) do
                local i, g, what = title:match "^split (%d+), group (%d+), .*: (%l+)"
                local has = false
                for _, of in ipairs(saved.splits[tonumber(i)].tested) do
                    has = has or of == tonumber(g)
                end
                assert.equal(has and "tested" or "train", what, title)
                tested = tested + (has and 1 or 0)
            end
            assert.equal(#saved.splits * 2, tested)
        end)

        it("has the best and the worst path's last value", function()
            local by_sharpe = {}
            for i, path in ipairs(saved.paths) do
                by_sharpe[i] = path
            end
            table.sort(by_sharpe, function(a, b)
                return a.metrics.sharpe_ratio > b.metrics.sharpe_ratio
            end)
            local last = browser:run [=[
                const c = charts.find((chart) => chart.figure.id === "paths");
                return c.values.map((line) => line[c.x.length - 1]);
            ]=]
            for i, path in ipairs { by_sharpe[1], by_sharpe[2], by_sharpe[3] } do
                assert.near(path.equity[#path.equity].value, last[i], 0.005)
            end
        end)

        it("of --json alone has the same splits, of a shared search the median", function()
            child.write(FOLDER .. "/cv.json", backlua { "walkforward", "cv.lua", "--study", "cv",
                "--json" }.out)
            backlua { "report", "cv.json", "-o", "copy.html" }
            local table_of = "<table id=\"splits%-table\".-</table>"
            assert.equal(child.read(FOLDER .. "/cv.html"):match(table_of),
                child.read(FOLDER .. "/copy.html"):match(table_of))
            child.write(FOLDER .. "/shared.lua", CONFIG:format("WalkForwardOptimizer",
                (SPLITS:gsub("groups = 4", "shared_search = true, %0"))))
            backlua { "walkforward", "shared.lua", "--study", "shared" }
            backlua { "report", "shared", "-o", "shared.html" }
            local text = child.read(FOLDER .. "/shared.html")
            assert.truthy(text:find("cross-validation of 6 splits", 1, true))
            assert.truthy(text:match(table_of):find("Median in test", 1, true))
        end)
    end)
end)
