local run_text = require "backlua.cli.run_text"

-- 2004-08-19 and 2004-08-20, 20:00 UTC
local FIRST, SECOND = 1092945600, 1093032000

local function view(values)
    return setmetatable({}, {
        __index = function(_, i)
            return values[i < 0 and #values + 1 + i or i]
        end,
    })
end

local function result(changes)
    local r = {
        bars = 2, starting_cash = 100000, periods_per_year = 252, short_windows = 0,
        equity = { n = 2, time = view { FIRST, SECOND }, value = view { 100000, 110000 } },
        restated = {
            total_return = 0.1, cagr = 0.05, volatility = 0.2, sharpe_ratio = 1.25,
            sortino_ratio = 0 / 0, calmar_ratio = 0.5, max_drawdown = -0.1234, trades = 3,
            win_rate = 2 / 3, profit_factor = math.huge, expectancy = 3333.3, exposure_time = 0.5,
            exposure_gross = 0.25, turnover = 1.5, total_commission = 12.5, total_slippage = 7.5,
        },
        drawdown = { start = FIRST, trough = SECOND },
        reasons = { filled = 7 }, fills = { {} }, fill_count = 1, open_trades = {},
        hash = ("ab"):rep(32),
        manifest = {
            params = { slow = 100, fast = 20 }, commission = "per_share{cost = 0.001}",
            slippage = "none{}", fill = "next_open", lot = 1, leverage = 1,
            on_insufficient = "reduce", seed = 1, risk_free = 0, convention = "own",
            bundle = { name = "demo", sha256 = ("c0"):rep(32) },
        },
    }
    for key, value in pairs(changes or {}) do
        r[key] = value
    end
    return r
end

-- The curve is that of the equity, or what the facts have.
local function text_of(r, facts)
    facts.curve = facts.curve or {
        first = r.equity.time[1], last = r.equity.time[-1], value = r.equity.value, sessions = 2,
        from = FIRST, to = SECOND,
    }
    return run_text(r, facts)
end

local function show(changes)
    return text_of(result(changes), { name = "s.lua", seconds = 0.0123, assets = 1, daily = true })
end

local function holds(text, part)
    assert.truthy(text:find(part, 1, true), ("%q is not in\n%s"):format(part, text))
end

describe("the text of a result", function()
    it("begins with strategy, dates, assets, bars and seconds", function()
        assert.equal("s.lua  2004-08-19..2004-08-20  1 asset  2 bars  0.012 s",
            show():match "^[^\n]*")
    end)

    it("shows fractions in percent and what is no number as a dash", function()
        local text = show()
        assert.truthy(text:find "Total return +10.00 %%  110,000.00 from 100,000.00\n")
        assert.truthy(text:find "Sortino +%-\n")
        holds(text, "profit factor inf")
    end)

    it("dates the drawdown and says whether it was made good", function()
        holds(show(), "2004-08-19 to 2004-08-20, not recovered")
        holds(show { drawdown = { start = FIRST, trough = FIRST, stop = SECOND } },
            "2004-08-19 to 2004-08-19, recovered 2004-08-20")
    end)

    it("always prints costs and policies in force", function()
        local text = show()
        assert.truthy(text:find "\n  commission +per_share{cost = 0.001}\n")
        assert.truthy(text:find "\n  slippage +none{}\n")
        holds(text, "fill next_open, lot 1, buying power 1x, short of cash: reduce, seed 1")
        holds(text, "fast=20 slow=100")
        holds(text, "demo@c0c0c0c0c0c0")
        holds(text, ("ab"):rep(32))
    end)

    it("flags a fill that nobody gets", function()
        local r = result()
        r.manifest.fill = "same_close"
        holds(text_of(r, { name = "s", seconds = 1, assets = 2 }), "same_close (optimistic")
    end)

    it("lists orders that were not simply filled, with reasons", function()
        holds(show(), "Orders: 7, all filled as asked.")
        local text = show { reasons = { filled = 7, reduced_cash = 2, end_of_run = 1 } }
        holds(text, "Orders: 10, 7 filled as asked; the others")
        assert.truthy(text:find "\n +2  reduced_cash +%S")
        assert.truthy(text:find "\n +1  end_of_run +%S")
    end)

    it("says why there are signals and no fills", function()
        local text = show { fill_count = 0, reasons = { no_cash = 5, no_bar = 9 } }
        holds(text, "No fills: 14 orders")
        assert.is_true(text:find("no_bar", 1, true) < text:find("no_cash", 1, true))
        holds(show { fill_count = 0, reasons = {} }, "No orders: the strategy never asked")
    end)

    it("counts windows that reached before the data", function()
        assert.is_nil(show():find("window", 1, true))
        holds(show { short_windows = 1200 }, "1,200 windows reached before the bundle's first bar")
    end)

    it("tells deposits from gains", function()
        local flows = { { kind = "deposit", amount = 500 }, { kind = "deposit", amount = 250 } }
        local text = show { flows = flows }
        holds(text, "110,000.00 from 100,000.00 and 750.00 put in")
        holds(text, "cash        deposits 750.00; returns are those without the deposits")
        flows[2].amount = -2500
        holds(show { flows = flows }, "110,000.00 from 100,000.00 and 2,000.00 taken out")
        assert.is_nil(show():find("\n  cash", 1, true))
        assert.is_nil(show():find("put in", 1, true))
    end)

    it("sums what moved without a fill, by kind", function()
        holds(show { flows = { { kind = "borrow", amount = -2.5 },
            { kind = "dividend", amount = 8 }, { kind = "borrow", amount = -1 },
            { kind = "interest", amount = 0.25 } } },
            "cash        dividends 8.00, interest 0.25, borrowing -3.50\n")
    end)

    it("shows the terms and the margin that a strategy set", function()
        local r = result()
        r.manifest.terms = { BTC = { lot = 1e-8 }, ES = { multiplier = 50, tick = 0.25 } }
        r.manifest.margin = { maintenance = 0.25, cash_rate = 0, debit_rate = 0.06 }
        local text = text_of(r, { name = "s", seconds = 1, assets = 2 })
        holds(text, "terms       BTC lot 1e-08; ES multiplier 50, tick 0.25\n")
        holds(text, "margin      maintenance 0.25, debt costs 0.06 a year\n")
        for i = 1, 4 do
            r.manifest.terms["X" .. i] = { lot = i }
        end
        holds(text_of(r, { name = "s", seconds = 1, assets = 2 }), "; X1 lot 1; and 3 more\n")
    end)

    it("says when nothing was left", function()
        local r = result { equity = { n = 2, time = view { FIRST, SECOND },
            value = view { 100000, -5 } } }
        assert.is_nil(text_of(r, { name = "s", seconds = 1, assets = 2 }):find("ruin", 1, true))
        r.restated.max_drawdown = -1.00005
        holds(text_of(r, { name = "s", seconds = 1, assets = 2, daily = true }),
            "ruin        nothing was left on 2004-08-20; a broker")
    end)

    it("says when a year has other sessions than annual figures take", function()
        local function of(step)
            local last = FIRST + 312 * step * 86400
            return text_of(result(), { name = "s.lua", seconds = 0.0123, assets = 1, daily = true,
                curve = { first = FIRST, last = last, value = view { 1, 2 }, sessions = 313,
                    from = FIRST, to = last } })
        end
        holds(of(365.25 / 312), "312 sessions a year here, annual figures take 252; "
            .. "--periods-per-year 312 makes them agree")
        assert.is_nil(of(365.25 / 260):find("sessions a year", 1, true))
    end)
end)
