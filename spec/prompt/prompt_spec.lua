-- The prompt, typed at in a terminal.

local child = require "spec.support.child"
local terminal = require "spec.support.terminal"

local STRATEGY = [[
local s = { params = { days = 3 } }
function s.initialize(ctx)
    ctx.asset = ctx:symbol "X"
end
function s.handle_data(ctx, data)
    local h = data:history(ctx.asset, "close", ctx.params.days, "1d", "array")
    ctx:order_target(ctx.asset, h[-1] > h:mean() and 10 or 0)
end
return s
]]

local folder, t

local function prompt_again()
    t:expect_prompt "backlua> "
end

-- Give up what is typed.
local function drop()
    t:key "C-c"
    prompt_again()
end

-- plain: false where the expected text is a pattern.
local function evaluate(text, expected, plain)
    t:type(text .. "\n")
    local seen = t:expect(expected, plain)
    prompt_again()
    return seen
end

describe("the prompt", function()
    setup(function()
        folder = child.scratch()
        child.write(folder .. "/dip.lua", STRATEGY)
        child.write(folder .. "/three.lua", "three = 1 + 2\n")
        child.write(folder .. "/broken.lua", "local x = nil\nreturn x.y\n")
        t = terminal.open { cwd = folder }
        prompt_again()
    end)
    teardown(function()
        terminal.stop()
        child.clean()
    end)

    it("shows values without being asked to, silent behind a semicolon", function()
        evaluate("1 + 2", "\n3\n")
        evaluate("=7 * 6", "\n42\n")
        evaluate("x = 1234567.891", "x = 1234567.891\n")
        evaluate("x", "\n1,234,567.89\n")
        local seen = evaluate("x + 1;", "x + 1;\n")
        assert.is_nil(seen:find("1,234,568", 1, true))
        evaluate("nil, true, 'a'", "\nnil\ntrue\na\n")
        evaluate("do local n = 3 return n * n end", "\n9\n")
    end)

    it("keeps earlier values in _ and _N", function()
        evaluate("20 + 1", "\n21\n")
        evaluate("_ * 2", "\n42\n")
        local label = evaluate("'kept'", " ms\n"):match "\n(_%d+)  "
        evaluate("0", "\n0\n")
        evaluate(label .. " .. '!'", "\nkept!\n")
    end)

    it("goes on where an input is not complete", function()
        t:type "for i = 1, 2 do\n"
        t:expect_prompt "..> "
        t:type "print('line', i)\n"
        t:expect_prompt "..> "
        t:type "end\n"
        t:expect "\nline    1\nline    2\n"
        prompt_again()
        t:type "1 +\n"
        t:expect_prompt "..> "
        evaluate("5", "\n6\n")
    end)

    it("does not wait for the end of a quote, which ends with its line", function()
        evaluate("x = 'open", "unfinished string near")
        evaluate('run("dip.lua)', "unfinished string near")
        t:type "'one\\\n"
        t:expect_prompt "..> "
        evaluate("two'", "\none\ntwo\n")
        t:type "[[long\n"
        t:expect_prompt "..> "
        evaluate("]]", "\nlong\n")
    end)

    it("drops what was typed so far on Ctrl-C", function()
        t:type "function half()\n"
        t:expect_prompt "..> "
        t:type "nonsense nonsense"
        t:expect "nonsense nonsense"
        drop()
        evaluate("half", "\nnil\n")
    end)

    it("takes a paste of several lines as one input that waits for Enter", function()
        t:paste "pasted = {}\nfor i = 1, 3 do\n\tpasted[i] = i * 100\nend\nprint(#pasted, 'done')\n"
        t:expect "print(#pasted, 'done')"
        evaluate("", "\n3       done\n")
        evaluate("pasted", "\n{100, 200, 300}\n")
    end)

    it("takes a paste as text, whatever keys are in it", function()
        t:paste "'tab\there é'"
        evaluate("", "\ntab    here é\n")
    end)

    it("brings back what was typed, several lines as one", function()
        t:key "Up"
        t:expect "'tab    here"
        t:key("Up", "Up")
        t:expect "print(#pasted, 'done')"
        evaluate("", "\n3       done\n")
    end)

    it("searches what was typed", function()
        evaluate("needle = 'in the hay'", "hay'\n")
        evaluate("1", "\n1\n")
        t:key "C-r"
        t:type "needle"
        t:expect "in the hay"
        t:key "Enter"
        prompt_again()
    end)

    it("takes a paste of several inputs one after the other", function()
        t:paste "1 + 1\nlocal n = 3\nlist = { n,\n  n + 1 }\nlist\n#list + 5"
        t:expect "#list + 5"
        local seen = evaluate("", "\n7\n")
        assert.truthy(seen:find "\n2\n.*\n{3, 4}\n", seen)
    end)

    it("completes globals, fields, methods and commands", function()
        evaluate("prices = { monday = 1, tuesday = 2, friday = 3 }", "3 }\n")
        t:type "pric"
        t:key "Tab"
        t:expect "prices"
        t:type ".m"
        t:key "Tab"
        t:expect ".monday"
        evaluate("", "\n1\n")
        t:type "prices."
        t:key "Tab"
        t:expect "friday   monday   tuesday"
        drop()
        t:type "('x'):re"
        t:key("Tab", "Tab")
        t:expect "('x'):re"
        drop()
        t:type "string.for"
        t:key "Tab"
        t:expect "string.format"
        drop()
        t:type ".ti"
        t:key "Tab"
        t:expect ".timer"
        drop()
    end)

    it("completes symbols, fields, options, files and names of the library", function()
        evaluate("b = bars { AAPL = { 1, 2, 3 }, MSFT = { 3, 2, 1 } }", "} }\n")
        t:type 'b:hist'
        t:key "Tab"
        t:expect "b:history"
        t:type '("MS'
        t:key "Tab"
        t:expect '("MSFT"'
        t:type ', "cl'
        t:key "Tab"
        t:expect '"close"'
        evaluate(")", "view[3]  3 .. 1")
        t:type 'run { strat'
        t:key "Tab"
        t:expect "run { strategy = "
        t:type '"di'
        t:key "Tab"
        t:expect '"dip.lua"'
        drop()
        t:type "opt.DiscreteParameter { min_"
        t:key "Tab"
        t:expect "{ min_value = "
        drop()
        t:type "opt.Persis"
        t:key "Tab"
        t:expect "opt.PersistentWorkerPool"
        drop()
    end)

    it("shows tables as tables", function()
        evaluate("{ { day = 'mon', price = 10 }, { day = 'tue', price = 9.5 } }",
            "\n   price  day\n1     10  mon\n2    9.5  tue\n")
        evaluate("many = {} for i = 1, 30 do many[i] = { n = i } end", "} end\n")
        evaluate("many", "\n20  20\n... 10 more\n")
        evaluate("nest = { a = { b = { c = { d = 1 } } } }", "} }\n")
        evaluate("nest", "\n{a = {b = {...}}}\n")
        evaluate("nest.a.up = nest; nest", "\n{a = {b = {...}, up = <cycle>}}\n")
    end)

    it("shows the value of the last of several statements", function()
        evaluate("six = 6; six * 7", "\n42\n")
        evaluate("f = function(x) return x + 1 end; f(six)", "\n7\n")
        evaluate("f(1); f(2);", "f(2);\n") -- silent
        evaluate("t = [[a; f(3)]]; #t", "\n7\n") -- the last `;` may be in a text
        evaluate("do f(1); f(8) end", "end\n") -- or in a block
        evaluate("f(1) -- not; f(8)", "f(8)\n") -- or in a comment
    end)

    it("shows views as a curve and statistics", function()
        evaluate('b:history("AAPL", "close")',
            "view[3]  1 .. 3\n▁▅█\nmean 2  std 1  min 1  max 3\n")
        evaluate('{ v = b:history("AAPL"), time = b:time(2), created = 1e9 }',
            "\ncreated  2001-09-09 01:46:40\n"
            .. "time     view[2] 2020-01-02 23:59:59 .. 2020-01-03 23:59:59\n"
            .. "v        view[3] 1 .. 3\n")
    end)

    it("shows errors with the line, and goes on", function()
        evaluate("local a = nil; a.b = 1", "attempt to index local 'a'")
        t:type "function later()\n"
        t:expect_prompt "..> "
        t:type "    error('not now')\n"
        t:expect_prompt "..> "
        evaluate("end", "end\n")
        evaluate("later()", "not now\n     2 |     error('not now')\n")
        evaluate("1 = 2", "unexpected symbol near '1'\n     1 | 1 = 2\n")
        evaluate('run { strategy = "dip.lau", bundle = b }', "did you mean dip.lua?")
        evaluate('run { strategy = "dip", bundle = b }', "did you mean dip.lua?")
    end)

    it("runs a strategy, again with another parameter, and compares", function()
        evaluate("bars { X = { 10, 11, 12, 11, 10, 9, 10, 11, 12, 13 } };", "};\n")
        evaluate('r = run("dip.lua")', "dip.lua\")\n")
        evaluate("r", "dip.lua  2020-01-01..2020-01-14  1 asset  10 bars")
        evaluate("r2 = run(r, { days = 2 })", "2 })\n")
        evaluate("diff(r, r2)", "\ndays +3 +2\n", false)
        evaluate("diff(r, run(r)).same", "\ntrue\n")
        evaluate('run { handle_data = function() end, strategy = nil }', "No orders: the strategy")
    end)

    it("draws curves", function()
        evaluate("plot(r)", "\ndrawdown\n")
        evaluate("plot({ 0, 1 }, { 1, 0 })", "─ 1   ─ 2\n")
        evaluate("plot(r.equity)", " ┤")
        evaluate("plot()", "plot: a result, a view or an array of numbers is expected")
        evaluate("plot {}", "got an empty one")
        evaluate("plot(r.metrics)", "got another table")
        evaluate("plot { 1, 'a' }", "got another table")
    end)

    it("runs a grid on a pool that stays, its heat map filling", function()
        evaluate("pool = opt.PersistentWorkerPool { n_jobs = 2 }", "2 }\n")
        child.write(folder .. "/two.lua", "params = { a = 1, b = 1 }\n"
            .. "function handle_data(ctx) ctx:order_target('X', ctx.params.a * ctx.params.b) end\n")
        evaluate('g = grid("two.lua", { a = {1, 3}, b = {1, 2} }, { pool = pool, objective = '
            .. '"total_return" })', "best ")
        evaluate("#g.trials, pool:get_statistics().batch_count", "\n6\n1\n")
        evaluate('g = grid("two.lua", { a = {1, 3}, b = {1, 2} }, { pool = pool });', "best ")
        evaluate("pool:get_statistics().batch_count", "\n2\n")
        evaluate('heat(g, "b", "a")', "sharpe_ratio: b to the right, a down\n")
        evaluate("pool:close()", "close()\n")
    end)

    -- 60 rows are more than the screen has lines. Drawn in place they would scroll, and each time
    -- leave a copy behind; so of all that was ever on the screen one title stays.
    it("fills a map that is taller than the screen in place, the whole of it at the end", function()
        child.write(folder .. "/tall.lua", "params = { p = 1, q = 1 }\n"
            .. "function initialize(ctx) for i = 1, 1e7 do ctx.i = i end end\n"
            .. "function handle_data(ctx) ctx:order_target('X', ctx.params.p) end\n")
        t:type('g = grid("tall.lua", { p = {1, 2}, q = {1, 60} }, { jobs = 1 });\n')
        t:expect("p to the right, q down, a cell the best of up to 2\n")
        prompt_again()
        local screen = t:screen()
        assert.equal(1, select(2, screen:gsub("p to the right, q down", "")))
        for q = 1, 60 do
            assert.truthy(screen:find(("\n%2d  "):format(q), 1, true), q)
        end
    end)

    it("steps through a backtest, asks it, goes back", function()
        evaluate("bars { X = { 10, 11, 12, 11, 10, 9, 10, 11, 12, 13 } };", "};\n")
        evaluate('s = session "dip.lua"', '"dip.lua"\n')
        evaluate("s", "dip.lua before the first of 10 bars")
        evaluate("s:step(4)", "dip.lua at 2020-01-06, bar 4 of 10\n  equity ")
        evaluate("s.portfolio.positions.X.amount", "\n10\n")
        evaluate('s:goto_date "2020-01-02"', "bar 2 of 10")
        evaluate('s:goto_date "2020-01-09"', "bar 7 of 10")
        evaluate('s:why("X", "2020-01-06")', "order 1 filled at the open: buy 10 at 11")
    end)

    it("branches: an order on one, both go on, where they part", function()
        evaluate("b = s:branch(); b:order('X', 5); b:step(2); s:step(2);", "s:step(2);\n")
        evaluate("b.journal", "\n1 +order +X, 5 +7\n", false)
        evaluate("diff(s, b)", "equity differs from 2020-01-10 on")
        evaluate("s:finish().hash == run('dip.lua').hash", "\ntrue\n")
        evaluate("s.params.days = 3", "what initialize made of days stays: s:branch")
        evaluate("s.params.days = 2; s.params", "s.params\n{days = 2}\n")
        evaluate("s.params.dyas = 2", "did you mean 'days'?")
        t:type "s:go"
        t:key "Tab"
        t:expect "goto_date"
        drop()
    end)

    it("says what a value and a function are that were called as methods", function()
        evaluate("s:portfolio()", "attempt to call method 'portfolio' (a table value); it is a "
            .. "value, written .portfolio\n")
        evaluate("r:plot()", "(a nil value); it is a function, plot(...)\n")
        evaluate("s:diff(s)", "session has no 'diff'; it is a function, diff(...)\n")
        evaluate("rn('dip.lua')", "did you mean 'run'?\n")
        evaluate("s:set { days = 3 }", 's:set("days", 3); got a table\n')
        evaluate("s:branch(3)", "s:branch { days = 3 }; got 3\n")
    end)

    it("tells bars of minutes apart by their time", function()
        evaluate("bars { X = { 10, 11, 12, 11, 10, 9 }, frequency = '1m' };", "};\n")
        evaluate('s = session "dip.lua"', '"dip.lua"\n')
        evaluate("s:step(4)", "dip.lua at 2020%-01%-0%dT%d%d:%d%d:00Z, bar 4",
            false)
        evaluate("b = s:branch(); b:order('X', 5); b:step(2); s:step(2);", "s:step(2);\n")
        evaluate("diff(s, b)", "order %d differs: %w+ | 2020%-01%-0%dT%d%d:%d%d:00Z X 5, ", false)
        evaluate("diff(s, b)", "equity differs from 2020%-01%-0%dT%d%d:%d%d:00Z on", false)
    end)

    it("explains names, and what there is", function()
        evaluate(".help", ".quit")
        evaluate(".help grid", "grid(strategy, ranges, options)")
        evaluate(".help order_target", "ctx:order_target(")
        evaluate(".help ordr_target", "did you mean 'order_target'?")
        evaluate(".hlep", "did you mean 'help'?")
    end)

    it("lists what was defined, and bundles", function()
        evaluate(".who", "\nneedle  string\n")
        evaluate(".bundle", "open: ")
    end)

    it("reads a script and saves what was typed", function()
        evaluate(".read three.lua", "three.lua\n")
        evaluate("three", "\n3\n")
        evaluate(".read broken.lua", "broken.lua:2:")
        evaluate(".read thre.lua", "did you mean three.lua?")
        evaluate(".save typed.lua", "\nwrote typed.lua\n")
        assert.truthy(child.read(folder .. "/typed.lua"):find("needle = 'in the hay'\n", 1, true))
        evaluate("r;", "r;\n")
        evaluate(".save run.json", "\nwrote run.json\n")
        assert.truthy(child.read(folder .. "/run.json"):find '"result_hash"')
        evaluate("save(r)", "\n%x%x%x%x%x%x%x%x%x%x%x%x\n", false)
    end)

    it("switches its form of tables, and the clock", function()
        evaluate(".mode csv", ".mode csv\n")
        evaluate("{ { a = 1, b = 2 } }", "\na,b\n1,2\n")
        evaluate(".mode json", ".mode json\n")
        evaluate("{ { a = 1 } }", '\n[{"a":1}]\n')
        evaluate(".mode table", ".mode table\n")
        evaluate(".timer off", ".timer off\n")
        evaluate("5", "\n5\n")
        evaluate(".timer maybe", ".timer on or .timer off")
    end)

    it("leaves by Ctrl-D, its bundles removed, its history there and private", function()
        evaluate("leftover = bars({ 1, 2 }).path", "path\n")
        evaluate("leftover", "/bars\n")
        local path = t:screen():match ".*\n(/[^\n]*)/bars\n"
        t:key "C-d"
        t:expect_exit(0)
        assert.truthy(path)
        assert.is_nil(io.open(path .. "/bars/bundle.sqlite"))
        local mode = io.popen("stat -c %a " .. t.state .. "/backlua/history"):read "*l"
        assert.equal("600", mode)
        local history = child.read(t.state .. "/backlua/history")
        local _, times = history:gsub("\n20 %+ 1\n", "")
        assert.equal(1, times)
        assert.truthy(history:find("for i = 1, 3 do\\n", 1, true), "one line for a paste")
    end)
end)

-- Lines of the screen that the program wrote; those of the prompt hold what was typed.
local function written(screen)
    local lines = {}
    for line in screen:gmatch "[^\n]+" do
        lines[#lines + 1] = not line:find "^backlua> " and line or nil
    end
    return lines
end

describe("the prompt in 60 columns", function()
    setup(function()
        folder = child.scratch()
        child.write(folder .. "/dip.lua", STRATEGY)
        t = terminal.open { cwd = folder, columns = 60, rows = 20 }
        prompt_again()
    end)
    teardown(function()
        terminal.stop()
        child.clean()
    end)

    it("breaks no word of its greeting, of help, of values and of errors", function()
        evaluate(".help", "leave\n")
        evaluate(".help grid", ".help BacktestOptions\n")
        evaluate(".help order_target", "ctx:order_target(ctx.asset, 0)\n")
        evaluate("b = bars { X = { 10, 11, 12, 11, 10, 9, 10, 11, 12, 13 } }", "} }\n")
        evaluate("b", "bars")
        evaluate('r = run("dip.lua")', '"dip.lua")\n')
        evaluate("r", "\ndrawdown\n")
        evaluate("diff(r, run(r, { days = 2 }))", "\nequity differs")
        evaluate("s = session(r); s:step(4);", "(4);\n")
        evaluate('s:why "X"', "<--")
        evaluate("s.orders", "also: ")
        evaluate("r.metrics", "volatility")
        evaluate('run("dip.lua", { dyas = 3 })', "did you mean")
        local longest = 0
        for _, line in ipairs(written(t:screen())) do
            local columns = require "backlua.text.width".of(line)
            longest = math.max(longest, columns)
            assert.is_true(columns <= 60 or line:find(("%x"):rep(40)) ~= nil, line)
        end
        assert.is_true(longest > 50)
    end)
end)
