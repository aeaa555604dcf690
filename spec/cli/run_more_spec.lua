-- backlua run: what its flags add to a result: benchmark, positions closed, every statistic, why.

local child = require "spec.support.child"
local cjson = require "cjson"
local bundles = require "spec.support.bundles"

local STRATEGY = "examples/01_sma_cross.lua"

describe("backlua run, asked for more,", function()
    local folder

    setup(function()
        folder = bundles.folder "demo"
    end)
    teardown(child.clean)

    local function run(words, stdin)
        local spec = { "run", STRATEGY, "-b", "demo", "--no-save",
            env = { BACKLUA_BUNDLES = folder },
            stdin = stdin }
        for _, word in ipairs(words) do
            spec[#spec + 1] = word
        end
        return child.run(spec)
    end

    local function out(words)
        local r = run(words)
        assert.equal(0, r.code, r.err)
        return r.out
    end

    local function holds(text, part)
        assert.truthy(text:find(part, 1, true), ("%q is not in\n%s"):format(part, text))
    end

    it("sets the benchmark's numbers beside its own", function()
        local text = out { "--benchmark", "AAPL" }
        assert.truthy(text:find "\n +run +benchmark\n  Total return +[%-%d,.]+ %% +[%-%d,.]+ %%")
        assert.truthy(text:find "\n  Alpha .*beta %-?%d+%.%d+, correlation")
        assert.truthy(text:find "\n  Information .*tracking error")
        holds(text, "AAPL, dividends reinvested")
        assert.is_nil(out {}:find("Alpha", 1, true))
        local r = run { "--benchmark", "AAP" }
        assert.equal(2, r.code)
        holds(r.err, "benchmark: no symbol 'AAP' in bundle 'demo'; did you mean 'AAPL'?")
        holds(run { "--benchmark", "/nowhere/spy.csv" }.err, "/nowhere/spy.csv")
    end)

    it("knows the nearest of ten thousand symbols", function()
        local rows, path = { "date,symbol,open,high,low,close,volume" }, child.scratch()
        for i = 1, 10000 do
            rows[i + 1] = ("2020-01-02,S%d,10,11,9,10,100"):format(10000 + i)
        end
        child.write(path .. "/many.csv", table.concat(rows, "\n") .. "\n")
        local env = { BACKLUA_BUNDLES = path }
        local made = child.run { "ingest", path .. "/many.csv", "-b", "many", env = env }
        assert.equal(0, made.code, made.err)
        local r = child.run { "run", STRATEGY, "-b", "many", "--benchmark", "S19999x", env = env }
        assert.equal(2, r.code, r.err)
        holds(r.err, "benchmark: no symbol 'S19999x' in bundle 'many'; did you mean 'S19999'?")
    end)

    it("tells its metrics as another library would", function()
        local own, text = out {}, out { "--convention", "quantstats", "--risk-free", "0.02",
            "--benchmark", "AAPL", "--metrics", "all" }
        holds(text, "risk-free 2.00 %, as in quantstats")
        holds(text, "sessions won")
        holds(text, "Statistics (fractions, not percent; as in quantstats)")
        assert.is_nil(own:find("as in", 1, true))
        local r = cjson.decode(out { "--convention", "backtesting.py", "--json" })
        assert.equal(own:match "result +(%x+)", r.result_hash)
        assert.equal("backtesting.py", r.manifest.convention)
        assert.is_true(r.restated.volatility ~= r.metrics.volatility)
        assert.equal(r.restated.turnover, r.metrics.turnover)
        holds(out { "--convention", "empyrical", "--csv" }, "\nrestated,sharpe_ratio,")
        holds(run { "--convention", "quantstat" }.err, "quantstats, backtesting.py")
    end)

    it("closes what is held at the end", function()
        local left = cjson.decode(out { "-e", "2005-06-30", "--json", "--metrics", "all" })
        local closed = cjson.decode(out { "-e", "2005-06-30", "--json", "--metrics", "all",
            "--close-at-end" })
        assert.is_true(#left.open_trades > 0)
        assert.equal(0, #closed.open_trades)
        assert.equal("closed", closed.orders[#closed.orders].reason)
        assert.equal(#left.trades + #left.open_trades, #closed.trades)
        assert.near(left.all.liquidation_value, closed.equity[#closed.equity].value, 1e-6)
    end)

    it("tells all of it on demand", function()
        local text = out { "--metrics", "all", "--benchmark", "AAPL", "-e", "2002-12-31" }
        for _, part in ipairs { "Statistics (fractions, not percent)", "tail_ratio", "sqn_100",
            "Returns by month, %", "  2001 ", "drawdowns", "Over each 126 sessions", "  beta " } do
            holds(text, part)
        end
        local all = cjson.decode(out { "--metrics", "all", "--benchmark", "AAPL", "--json" })
        assert.equal("AAPL", all.all.benchmark.name)
        assert.equal("number", type(all.all.statistics.omega_ratio))
        assert.equal(#all.equity, #all.daily)
        local last = all.daily[#all.daily]
        for _, key in ipairs { "return", "benchmark", "sharpe_ratio", "volatility", "beta" } do
            assert.equal("number", type(last[key]), key)
        end
        assert.same({ 25, 2000 }, { #all.yearly, all.yearly[1].year })
        assert.is_true(#all.positions > 0 and #all.drawdowns > 0 and #all.monthly == 300)
        local trade = all.trades[1]
        assert.is_true(trade.mae <= 0 and trade.mfe >= 0 and trade.mae <= trade.mfe)
        local short = cjson.decode(out { "--json" })
        assert.is_nil(short.all or short.daily or short.positions)
        holds(out { "--csv", "--metrics", "all" }, "\nstatistics,tail_ratio,")
    end)

    it("says why", function()
        local first = cjson.decode(out { "--json" }).orders[1]
        local text = out { "--why", first.symbol, first.created:sub(1, 10) }
        holds(text, first.symbol .. " around " .. first.created:sub(1, 10))
        holds(text, "order 1 given: market")
        holds(text, "order 1 filled at the open")
        holds(text, "order 1 ended")
        local r = run { "--why", "NOPE", "2001-01-02" }
        assert.equal(2, r.code)
        holds(r.err, "why: no symbol 'NOPE'")
        assert.equal(2, run({ "--why", "AAPL", "1990-01-02" }).code)
        assert.equal(2, run({ "--why", "AAPL" }).code)
        local bars = out { "--why", first.symbol, first.created:sub(1, 10), "--csv" }
        holds(bars, "bar,time,open,high,low,close,")
        holds(bars, "," .. first.created .. ",")
    end)

    it("says why as JSON, with the rows that --json has", function()
        local whole = cjson.decode(out { "--json" })
        local first, day = whole.orders[1], whole.orders[1].created:sub(1, 10)
        local why = cjson.decode(out { "--why", first.symbol, day, "--json" })
        assert.same({ first.symbol, whole.result_hash, first.created },
            { why.symbol, why.result_hash, why.time })
        local given, filled = why.bars[2].given[1], why.bars[3].fills[1]
        for key, value in pairs(first) do
            assert.equal(value, given[key], key)
        end
        for key, value in pairs(whole.fills[1]) do
            assert.equal(value, filled[key], key)
        end
        assert.equal("market", given.type)
        assert.near(filled.cash_before - filled.amount * filled.price - filled.commission,
            filled.cash, 1e-6)
        local cash = {}
        for _, row in ipairs(whole.equity) do
            cash[row.time] = row.cash
        end
        for _, bar in ipairs(why.bars) do
            assert.equal(cash[bar.time], bar.cash)
        end
        local path = child.scratch() .. "/why.json"
        run { "--why", first.symbol, day, "-o", path }
        assert.same(why, cjson.decode(child.read(path)))
    end)
end)
