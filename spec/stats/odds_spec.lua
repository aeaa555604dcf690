local stats = require "backlua.stats"

-- Published figures with the digits the formulas give; papers named in engine/backlua/odds.h.
local function near(expected, got)
    assert.is_true(math.abs(got - expected) <= 1e-9 * math.abs(expected),
        ("expected %.17g, got %.17g"):format(expected, got))
end

local function noise(seed, n, shift)
    local x, state = {}, seed
    for i = 1, n do
        state = (state * 16807) % 2147483647
        x[i] = state / 2147483647 - 0.5 + (shift or 0)
    end
    return x
end

describe("probabilistic and deflated Sharpe", function()
    it("gives the figures of Bailey and Lopez de Prado 2012", function()
        local sharpe = 1.585 / math.sqrt(12)
        near(0.9815912360834967, stats.psr { sharpe = sharpe, n = 24 })
        near(0.9132343068848602,
            stats.psr { sharpe = sharpe, n = 24, skew = -2.448, kurt = 10.164 })
    end)

    it("gives the standard errors of Bailey and Lopez de Prado 2012", function()
        near(0.10276082308007262, stats.sharpe_error { sharpe = 0.7079, n = 134, skew = -0.225,
            kurt = 2.957 })
        near(0.15500654727884933, stats.sharpe_error { sharpe = 0.8183, n = 134, skew = -1.4455,
            kurt = 7.0497 })
    end)

    it("expects 2.5306 of the best of 100 normals", function()
        near(2.5306028932016846, stats.expected_max(100))
        assert.equal(0, stats.expected_max(1))
    end)

    it("gives the figures of Bailey and Lopez de Prado 2014", function()
        local best = { sharpe = 2.5 / math.sqrt(250), n = 1250, skew = -3, kurt = 10 }
        near(0.9003968344493903, stats.dsr(best, 100, 0.5 / 250))
        near(0.9505017068755787, stats.dsr(best, 46, 0.5 / 250))
        near(0.9504908166760146,
            stats.dsr({ sharpe = 2.5 / math.sqrt(250), n = 1250 }, 88, 0.5 / 250))
    end)

    it("gives the minimum track records of the 2012 paper", function()
        local daily = stats.min_track_record({ sharpe = 2 / math.sqrt(250), n = 1 },
            1 / math.sqrt(250))
        near(2.731187801728176, daily / 250)
        local weekly = stats.min_track_record({ sharpe = 2 / math.sqrt(52), n = 1 },
            1 / math.sqrt(52))
        near(2.828833586945237, weekly / 52)
        local monthly = stats.min_track_record(
            { sharpe = 3 / math.sqrt(12), n = 1, skew = -0.72, kurt = 5.78 }, 2.5 / math.sqrt(12))
        near(27.3529201960403, monthly / 12)
        assert.equal(math.huge, stats.min_track_record({ sharpe = 0.1, n = 1 }, 0.1))
    end)

    it("needs 5 years of record for the best of 45 with Sharpe 1", function()
        near(4.998087004443404, stats.min_backtest_length(45, 1))
    end)
end)

describe("moments", function()
    it("are population moments with raw kurtosis", function()
        -- 1, 2, 3, 4: m2 = 1.25, m4 = 2.5625, symmetric
        local m = stats.moments { 1, 2, 3, 4 }
        near(2.5, m.mean)
        near(math.sqrt(5 / 3), m.sd)
        assert.equal(0, m.skew)
        near(2.5625 / 1.5625, m.kurt)
    end)

    it("give a series without variance a Sharpe ratio of 0", function()
        assert.equal(0, stats.moments({ 1, 1, 1 }).sharpe)
    end)
end)

describe("quantiles", function()
    it("are linear between order statistics, by hand", function()
        -- 4 values: at = q * 3; 0.25 -> 0.75 of the way from 10 to 20
        local low, middle, high = stats.quantile({ 40, 10, 30, 20 }, 0.25, 0.5, 1)
        near(17.5, low)
        near(25, middle)
        assert.equal(40, high)
        assert.equal(7, (stats.quantile({ 7 }, 0.3)))
        local x = stats.quantile({ 1, 0 / 0 }, 0.5)
        assert.is_true(x ~= x)
    end)

    it("refuse what has none", function()
        assert.has_error(function() stats.quantile({}, 0.5) end,
            "quantile: needs a value at least, got none")
        assert.has_error(function() stats.quantile({ 1 }, 0.5, 1.5) end,
            "quantile: a probability must be 0..1, got 1.5")
    end)
end)

describe("effective trials", function()
    it("are one for copies and N for uncorrelated series", function()
        local a, b = { 1, -1, 1, -1 }, { 1, 1, -1, -1 }
        near(1, stats.effective_trials { a, a, a })
        near(2, stats.effective_trials { a, b })
    end)
end)

describe("probability of backtest overfitting", function()
    it("is 1 for identical trials: every logit is 0", function()
        local x = noise(7, 64)
        local p = stats.pbo({ x, x, x }, 8)
        assert.equal(1, p.pbo)
        assert.equal(70, #p.logits) -- C(8, 4)
        for _, logit in ipairs(p.logits) do
            assert.equal(0, logit)
        end
    end)

    it("is 0 when one trial is above the rest by a constant: every logit is ln N", function()
        local x, y = noise(7, 64), noise(7, 64, 0.05)
        local p = stats.pbo({ x, y, x }, 8)
        assert.equal(0, p.pbo)
        for _, logit in ipairs(p.logits) do
            near(math.log(3), logit)
        end
    end)

    it("visits each half once, in lexicographic order (2 trials, 4 blocks, by hand)", function()
        -- Blocks of 2 rows, whose Sharpe order is decided by the sums: trial 1 gains in blocks
        -- 1 and 2, trial 2 in blocks 3 and 4, by slightly different amounts.
        local one = { 3, 2, 3, 2, -1, 0, -1, 0 }
        local two = { -1, 0, -1, 0, 3, 2, 3, 2 }
        local p = stats.pbo({ one, two }, 4)
        assert.equal(6, #p.logits)
        -- {1,2}: trial 1 wins inside and is worst outside: w = 1/3, logit -ln 2; {3,4} mirrors it.
        near(-math.log(2), p.logits[1])
        near(-math.log(2), p.logits[6])
        -- mixed halves tie inside (first wins) and tie outside: rank 1.5 of 2, logit 0
        for i = 2, 5 do
            assert.equal(0, p.logits[i])
        end
        assert.equal(1, p.pbo)
    end)

    it("does not depend on the order of trials", function()
        local a, b, c = noise(1, 80), noise(2, 80), noise(3, 80)
        assert.equal(stats.pbo({ a, b, c }, 10).pbo, stats.pbo({ c, a, b }, 10).pbo)
    end)

    it("refuses odd or too many blocks", function()
        local x = noise(1, 20)
        assert.has_error(function() stats.pbo({ x, x }, 7) end,
            "pbo: blocks must be even, 2..20, got 7")
        assert.has_error(function() stats.pbo({ x, x }, 12) end,
            "pbo: 20 periods are too few for 12 blocks; each block needs 2, so pass at most 10 "
            .. "blocks")
        assert.has_error(function() stats.pbo({ x }, 4) end, "pbo: needs at least 2 trials, got 1")
    end)
end)

describe("stationary bootstrap", function()
    it("is a circular walk with restarts, the same for the same seed", function()
        local rows = stats.bootstrap_rows(50, 20, 10, 3)
        assert.same(rows, stats.bootstrap_rows(50, 20, 10, 3))
        assert.is_not.same(rows, stats.bootstrap_rows(50, 20, 10, 4))
        local steps, total = 0, 0
        for _, row in ipairs(rows) do
            for i = 2, 50 do
                total = total + 1
                steps = steps + (row[i] == row[i - 1] % 50 + 1 and 1 or 0)
            end
        end
        -- P(step) = 1 - 1/10 + 1/10 * 1/50 = 0.902; 980 draws, 5 standard errors = 0.047
        assert.is_true(math.abs(steps / total - 0.902) < 0.048)
    end)

    it("computes each statistic on rows given by hand", function()
        local x, rows = { 0.1, -0.2, 0.3 }, { { 1, 2, 3 }, { 2, 2, 1 } }
        local total = stats.bootstrap(x, rows, "total_return")
        near(1.1 * 0.8 * 1.3 - 1, total[1])
        near(0.8 * 0.8 * 1.1 - 1, total[2])
        local drawdown = stats.bootstrap(x, rows, "max_drawdown")
        near(-0.2, drawdown[1])
        near(0.8 * 0.8 - 1, drawdown[2]) -- from the starting value
        near(stats.moments(x).sharpe, stats.bootstrap(x, rows, "sharpe")[1])
    end)

    it("covers the true mean about as often as it says", function()
        -- 200 series of 60 normal-like values with mean 0: the 90 % band of the mean's sign.
        local covered = 0
        for s = 1, 200 do
            local x = noise(1000 + s * 7919, 60)
            local values = stats.bootstrap(x, stats.bootstrap_rows(60, 200, 1, s), "sharpe")
            table.sort(values)
            if values[10] <= 0 and values[191] >= 0 then
                covered = covered + 1
            end
        end
        assert.is_true(covered >= 166 and covered <= 194, "covered " .. covered .. " of 200")
    end)

    it("covers the mean of a series with memory by blocks of the chosen length only", function()
        -- 120 series of 200 values, x = 0.6 x + noise, mean 0: the 90 % band of the mean's sign.
        local function covered(block_of)
            local count = 0
            for s = 1, 120 do
                local e, x = noise(500 + s * 104729, 220), { 0 }
                for i = 2, 220 do
                    x[i] = 0.6 * x[i - 1] + e[i]
                end
                local kept = { unpack(x, 21, 220) }
                local rows = stats.bootstrap_rows(200, 200, block_of(kept), s)
                local low, high = stats.quantile(stats.bootstrap(kept, rows, "sharpe"), 0.05, 0.95)
                count = count + (low <= 0 and 0 <= high and 1 or 0)
            end
            return count
        end
        -- 108 expected, standard deviation 3.3; with blocks of 1 the band is half as wide as it
        -- should be (sqrt((1 - 0.6) / (1 + 0.6))), which covers 59 % of the time, 71
        local chosen, single = covered(stats.block_length), covered(function() return 1 end)
        assert.is_true(chosen >= 96 and chosen <= 117, "covered " .. chosen .. " of 120")
        assert.is_true(single >= 53 and single <= 88, "single values covered " .. single)
    end)

    it("chooses longer blocks for a series with memory", function()
        local x = noise(5, 500)
        local y = { x[1] }
        for i = 2, 500 do
            y[i] = 0.9 * y[i - 1] + x[i]
        end
        assert.is_true(stats.block_length(y) > 2 * stats.block_length(x))
        assert.equal(1, stats.block_length { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 })
    end)

    it("refuses an index outside the series", function()
        assert.has_error(function() stats.bootstrap({ 1, 2 }, { { 1, 3 } }, "sharpe") end,
            "bootstrap: row 1, position 2: index must be 1..2, got 3")
    end)
end)

describe("data snooping tests", function()
    local identity = {}
    for i = 1, 40 do
        identity[i] = i
    end

    it("count resamples above the statistic: the identity row never is, when the mean is positive",
        function()
            local x = noise(11, 40, 0.3)
            assert.equal(0, stats.reality_check({ x }, { identity, identity }))
            local p = stats.spa({ x }, { identity }, 5)
            assert.same({ lower = 0, consistent = 0, upper = 0 }, p)
        end)

    it("have nothing to show where no trial beats the benchmark", function()
        local rows = stats.bootstrap_rows(40, 300, 4, 9)
        local columns = { noise(3, 40, -0.5), noise(4, 40, -0.3) }
        assert.same({ lower = 1, consistent = 1, upper = 1 }, stats.spa(columns, rows, 4))
        assert.is_true(stats.reality_check(columns, rows) > 0.5)
    end)

    it("keep lower <= consistent <= upper", function()
        local rows = stats.bootstrap_rows(40, 300, 4, 9)
        local columns = { noise(3, 40, 0.02), noise(4, 40, -0.3), noise(5, 40) }
        local p = stats.spa(columns, rows, 4)
        assert.is_true(p.lower <= p.consistent and p.consistent <= p.upper)
    end)

    it("never fall when a worse trial joins (White)", function()
        local rows = stats.bootstrap_rows(40, 300, 4, 9)
        local good, bad = noise(3, 40, 0.1), noise(4, 40, -0.4)
        assert.is_true(stats.reality_check({ good, bad }, rows)
            >= stats.reality_check({ good }, rows))
    end)
end)
