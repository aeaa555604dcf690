-- What Tab offers, asked of the function behind it.

local child = require "spec.support.child"

describe("completion", function()
    local folder

    setup(function()
        folder = child.scratch()
        child.write(folder .. "/tiny.csv", "date,symbol,open,high,low,close,volume\n"
            .. "2020-01-02,AAPL,1,1,1,1,1\n2020-01-03,AAPL,1,1,1,1,1\n"
            .. "2020-01-02,AMZN,1,1,1,1,1\n2020-01-03,AMZN,1,1,1,1,1\n")
        child.write(folder .. "/strategy.lua", "function handle_data() end\n")
        local r = child.run { "ingest", "tiny.csv", "-b", "tiny", cwd = folder,
            env = { BACKLUA_BUNDLES = folder .. "/b" } }
        assert.equal(0, r.code, r.err)
    end)
    teardown(child.clean)

    -- What is inserted and what is shown for a text, after some code.
    local function offered(text, code)
        code = (code or "") .. (" print(require 'backlua.repl.complete'.at(%q))"):format(text)
        local r = child.run { "-e", code, cwd = folder,
            env = { BACKLUA_BUNDLES = folder .. "/b" } }
        assert.equal("", r.err)
        return (r.out:gsub("\n$", ""))
    end

    it("knows bundles, their symbols and files", function()
        assert.equal('ny"', offered 'bundle "ti')
        assert.equal('ny"', offered 'run { bundle = "ti')
        assert.equal("nil\tAAPL  AMZN", offered('b:bars("A', "b = bundle 'tiny'"))
        assert.equal('ZN"', offered('s:order("AM', "b = bundle 'tiny'"))
        assert.equal('se"', offered('b:history("AAPL", "clo', "b = bundle 'tiny'"))
        assert.equal('rategy.lua"', offered 'session "st')
        assert.equal("rategy.lua", offered ".read st")
        assert.equal("ny", offered ".bundle ti")
    end)

    it("knows what .help knows, whose it is, too", function()
        assert.equal("dowConfig", offered ".help opt.Win")
        assert.equal("nil\topt.WilcoxonPruner  opt.WindowConfig", offered ".help opt.Wi")
        assert.equal("ercent", offered ".help ctx:order_p")
        assert.equal("dowConfig", offered ".help Win")
        assert.equal(offered ".help ta.nothing", offered ".help nothing.Win")
    end)

    it("knows fields and methods of our own things", function()
        local code = "b = bundle 'tiny' s = session 'strategy.lua' r = run 'strategy.lua'"
        assert.equal("o_date", offered("s:got", code))
        assert.equal("tfolio", offered("s.por", code))
        assert.equal("story", offered("b:hi", code))
        assert.equal("uity", offered("r.eq", code))
        assert.equal("t_statistics", offered("o:ge", "o = opt.PersistentWorkerPool { n_jobs = 1 }"))
        assert.equal("an", offered("r.equity.value:me", code))
        assert.equal("ose", offered("f.cl", code
            .. " f = s:step():history('AAPL', { 'close', 'open' }, 1, '1d', 'frame')"))
    end)

    it("knows the options of a call", function()
        assert.equal("ate = ", offered "run { strategy = 'x', end_d")
        assert.equal("n_period_days = ", offered "opt.WindowConfig { trai")
        assert.equal("ss = ", offered "s:order('AAPL', 1, { stop_lo")
        assert.equal("ess = ", offered("o:run { progr", "o = opt.ParallelOptimizer { param_space = "
            .. "opt.ParameterSpace { parameters = { opt.DiscreteParameter { name = 'a', "
            .. "min_value = 1, max_value = 2 } } } }"))
        assert.equal("quency = ", offered "bars { 1, 2, fre")
    end)

    it("knows which argument of a call is which: parameters, then options", function()
        child.write(folder .. "/sma.lua", "-- params = { no = 1 }\nlocal s = { params = { fast = 2,"
            .. " slow = { 1, x = 2 } } }\nfunction s.handle_data() end\nreturn s\n")
        local code = "b = bundle 'tiny' r = run 'sma.lua' s = session 'sma.lua'"
        assert.equal("nil\tfast  slow", offered "run('sma.lua', { ")
        assert.equal("ow = ", offered "run('sma.lua', { fast = 10, sl")
        assert.equal("d = ", offered "run('sma.lua', { fast = 10 }, { see")
        assert.equal("ast = ", offered("run(r, { f", code))
        assert.equal("ast = ", offered "run { strategy = 'sma.lua', params = { f")
        assert.equal("ast = ", offered "grid('sma.lua', { slow = { 1, 2 }, f")
        assert.equal("bs = ", offered "grid('sma.lua', { slow = { 1, 2 } }, { jo")
        assert.equal("d = ", offered "session('sma.lua', { see")
        assert.equal("ast = ", offered("s:branch { f", code))
        assert.equal("ow", offered("s.params.sl", code))
        assert.equal("nil\tcost            min_trade_cost", offered "commission.per_share { ")
        assert.equal("n = ", offered "ta.sma(x, { ")
        assert.equal("me_close\"", offered 'run { fill = "sa')
        child.write(folder .. "/dosing", "")
        assert.equal("osing\"", offered 'x { fill = "d')
    end)

    it("knows what was typed on the lines before, and elements of arrays", function()
        child.write(folder .. "/c.lua", "local c = require 'backlua.repl.complete'\n"
            .. "c.before = \"run {\\n  strategy = 'x', -- it's\\n\" print(c.at '  see')\n"
            .. "c.before = '' t = { { price = 1 } } print(c.at 't[1].pr')\n"
            .. "print((c.at 'ta.cdl_doj'))")
        assert.equal("d = \nice\n", child.run { "c.lua", cwd = folder }.out:gsub("nil\n$", ""))
    end)

    it("calls nothing of the person's to find out", function()
        assert.equal("d", offered("trap { an", "function trap() error 'called' end"))
        assert.equal("nil", offered("trap().a", "function trap() error 'called' end"))
    end)

    it("offers nothing in a comment's quotes, keywords elsewhere", function()
        assert.equal("nil", offered "-- it's xyzzy")
        assert.equal("ile", offered "wh")
    end)
end)
