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

    it("calls nothing of the person's to find out", function()
        assert.equal("d", offered("trap { an", "function trap() error 'called' end"))
        assert.equal("nil", offered("trap().a", "function trap() error 'called' end"))
    end)

    it("offers nothing in a comment's quotes, keywords elsewhere", function()
        assert.equal("nil", offered "-- it's xyzzy")
        assert.equal("ile", offered "wh")
    end)
end)
