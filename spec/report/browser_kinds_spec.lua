-- Reports of bars within the day, and on what came to little, in a browser.

local child = require "spec.support.child"
local json = require "backlua.json"
local page = require "spec.support.report_page"

local CONFIG = [[
local opt = require "backlua.optimization"
return opt.ParallelOptimizer {
    strategy = "plain.lua", bundle = "demo", start_date = "2020-01-01",
    param_space = opt.ParameterSpace { parameters = {
        opt.CategoricalParameter { name = "label", choices = { "a", "<b>b</b>", "c" } },
        opt.DiscreteParameter { name = "n", min_value = 5, max_value = 20, step = 5,
            active_if = { label = { "a", "c" } } },
    } },
}
]]

local PLAIN = [[
return { params = { label = "a", n = 5 }, handle_data = function(ctx, data)
    local close = data:history("AAPL", "close", ctx.params.n or 30, "1d", "array")
    ctx:order_target_percent("AAPL", close[-1] > close:mean() and 1 or 0)
end }
]]

local DEAD = [[
return { params = { label = "a", n = 5 }, handle_data = function() error "<b>no</b>" end }
]]

local FOLDER, HOME, browser

local function call(words)
    words.cwd, words.env = FOLDER, { BACKLUA_HOME = HOME }
    return child.run(words)
end

local function backlua(words)
    local r = call(words)
    assert.equal(0, r.code, r.err)
    return r
end

describe("a report in a browser", function()
    setup(function()
        FOLDER, HOME = child.scratch(), child.scratch()
        os.execute("mkdir " .. FOLDER .. "/bundles")
        child.write(FOLDER .. "/plain.lua", PLAIN)
        child.write(FOLDER .. "/dead.lua", DEAD)
        child.write(FOLDER .. "/cond_grid.lua", CONFIG)
        child.write(FOLDER .. "/dead_grid.lua", (CONFIG:gsub("plain", "dead")))
        backlua { "ingest", "--synthetic", "mag7", "--seed", "7", "-b", "demo" }
        browser = require "spec.support.browser".start()
    end)
    teardown(function()
        if browser then
            browser:stop()
        end
        child.clean()
    end)

    it("of minutes has no nights in its charts, and every time in its tables", function()
        backlua { "ingest", "--synthetic", "mag7", "--seed", "7", "--minutes", "2000", "-b",
            "minutes" }
        local saved = json.decode(backlua { "run", "plain.lua", "-b", "minutes", "--json" }.out,
            2 ^ 28)
        backlua { "report", "last", "-o", "minutes.html" }
        page.check(browser, FOLDER .. "/minutes.html", 2)
        local nights = 0
        for i = 2, #saved.equity do
            local before, now = saved.equity[i - 1].time, saved.equity[i].time
            nights = nights + (before:sub(1, 10) ~= now:sub(1, 10) and 1 or 0)
        end
        assert.is_true(nights >= 5)
        local drawn = browser:run [=[
            const c = charts.find((chart) => chart.figure.id === "equity");
            const steps = c.at.slice(1).map((t, i) => t - c.at[i]);
            return [BREAKS.length, Math.min(...steps), Math.max(...steps),
              c.x.filter((t) => unsqueeze(squeeze(t)) !== t).length, c.xText(c.x[0])];
        ]=]
        assert.same({ nights, 60000, 60000, 0, (saved.equity[1].time:sub(1, 16):gsub("T", " ")) },
            drawn)
    end)

    it("of a run without a trade says why, and has no panel with nothing in it", function()
        child.write(FOLDER .. "/idle.lua", "return { handle_data = function() end }")
        backlua { "run", "idle.lua", "-b", "demo" }
        backlua { "report", "last", "-o", "idle.html" }
        page.check(browser, FOLDER .. "/idle.html", 2)
        assert.same({ "equity", "drawdown" }, browser:run [[
            return [...document.querySelectorAll("figure")].map((figure) => figure.id);
        ]])
        assert.equal("Nothing was traded: the strategy never asked for an order.",
            browser:run "return document.querySelector('.note').textContent")
    end)

    it("of a study breaks the lines of trials without a value for a parameter", function()
        local study = json.decode(backlua { "optimize", "cond_grid.lua", "--study", "cond",
            "--json" }.out, 2 ^ 28)
        backlua { "report", "cond", "-o", "cond.html" }
        page.check(browser, FOLDER .. "/cond.html", 1)
        assert.is_nil(browser:run("return document.querySelector('#parallel svg').textContent")
            :find("NaN", 1, true))
        local broken = 0
        for _, t in ipairs(study.trials) do
            broken = broken + (t.params.n == nil and 1 or 0)
        end
        assert.is_true(broken > 0)
        assert.equal(broken, browser:run [=[
            return [...document.querySelectorAll("#parallel .trial")]
              .filter((line) => !/^M[^M]*L[^M]*L[^M]*$/.test(line.getAttribute("d"))).length;
        ]=])
    end)

    it("of a study without a score says what the first trial died of", function()
        assert.not_equal(0, call { "optimize", "dead_grid.lua", "--study", "dead" }.code)
        backlua { "report", "dead", "-o", "dead.html" }
        page.check(browser, FOLDER .. "/dead.html", 0)
        local note = browser:run "return document.querySelector('.note').textContent"
        assert.truthy(note:find("No trial came to a score: trial 1 (failed)", 1, true), note)
        assert.truthy(note:find("<b>no</b>", 1, true), note)
    end)
end)
