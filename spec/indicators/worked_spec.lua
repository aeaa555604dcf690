-- Small examples worked out in fractions, for the indicators whose published examples start their
-- averages differently from TA-Lib; a published one that does not.

local matches = require "spec.support.after_warmup"
local ta = require "backlua.ta"

local DOUBLING = { 1, 2, 4, 8, 16 }

describe("published:", function()
    it("the parabolic stop of Wilder's book", function()
        -- Wilder 1978, section II; the unrounded figures of TA-Lib's own test (test_sar.c)
        local high = { 51.12, 52.35, 52.1, 51.8, 52.1, 52.5, 52.8, 52.5, 53.5, 53.5, 53.8, 54.2,
            53.4, 53.5, 54.4, 55.2, 55.7, 57, 57.5, 58, 57.7, 58, 57.5, 57, 56.7, 57.5, 56.7, 56,
            56.2, 54.8, 55.5, 54.7, 54, 52.5, 51, 51.5, 51.7, 53 }
        local low = { 50, 51.5, 51, 50.5, 51.25, 51.7, 51.85, 51.5, 52.3, 52.5, 53, 53.5, 52.5,
            52.1, 53, 54, 55, 56, 56.5, 57, 56.5, 57.3, 56.7, 56.3, 56.2, 56, 55.5, 55, 54.9, 54,
            54.5, 53.8, 53, 51.5, 50, 50.5, 50.2, 51.5 }
        local stop = ta.sar({ high = high, low = low })
        assert.is_true(stop[1] ~= stop[1])
        for row, want in pairs { [2] = 50, [3] = 50.047, [6] = 50.182, [37] = 52.93, [38] = 50 } do
            assert.is_true(math.abs(stop[row] - want) <= 5.1e-3,
                ("row %d is %.17g, published %.17g"):format(row, stop[row], want))
        end
    end)
end)

describe("worked out by hand, of 1 2 4 8 16:", function()
    it("weighted and triangular averages", function()
        -- (1 + 2 * 2 + 3 * 4) / 6, then twice that; weights 1 2 1 and 1 2 2 1
        matches(ta.wma(DOUBLING, { n = 3 }), { 17 / 6, 34 / 6, 68 / 6 }, 1e-14)
        matches(ta.ma(DOUBLING, { n = 3, matype = 2 }), { 17 / 6, 34 / 6, 68 / 6 }, 1e-14)
        matches(ta.trima(DOUBLING, { n = 3 }), { 9 / 4, 9 / 2, 9 }, 1e-14)
        matches(ta.trima(DOUBLING, { n = 4 }), { 21 / 6, 7 }, 1e-14)
    end)

    it("exponential averages of exponential averages, n = 2", function()
        -- e begins with a mean of two, then e = e[-1] / 3 + 2 x / 3
        -- once:    3/2 (bar 2), 19/6, 115/18, 691/54
        -- twice:   7/3 (bar 3), 136/27, 827/81
        -- thrice:  199/54 (bar 4), 3905/486
        matches(ta.dema(DOUBLING, { n = 2 }), { 4, 209 / 27, 1246 / 81 }, 1e-13)
        matches(ta.tema(DOUBLING, { n = 2 }), { 209 / 27, 3838 / 243 }, 1e-13)
        matches(ta.trix(DOUBLING, { n = 2 }), { 100 * 2114 / 1791 }, 1e-12)
    end)

    it("distances of averages", function()
        -- slow, n = 3: 7/3 (bar 3), 31/6, 127/12; fast, n = 2, from bars 2 and 3: 3, 19/3, 115/9
        -- macd 2/3 7/6 79/36; signal, n = 2: 11/12 (bar 4), 191/108
        local m = ta.macd(DOUBLING, { fast = 2, slow = 3, signal = 2 })
        matches(m.macd, { 7 / 6, 79 / 36 }, 1e-14)
        matches(m.signal, { 11 / 12, 191 / 108 }, 1e-14)
        matches(m.hist, { 1 / 4, 23 / 54 }, 1e-14)
        -- simple means: 3 - 7/3, 6 - 14/3, 12 - 28/3
        matches(ta.apo(DOUBLING, { fast = 2, slow = 3 }), { 2 / 3, 4 / 3, 8 / 3 }, 1e-14)
        matches(ta.ppo(DOUBLING, { fast = 2, slow = 3 }), { 200 / 7, 200 / 7, 200 / 7 }, 1e-13)
    end)

    it("changes", function()
        matches(ta.mom(DOUBLING, { n = 2 }), { 3, 6, 12 }, 0)
        matches(ta.rocp(DOUBLING, { n = 2 }), { 3, 3, 3 }, 0)
        matches(ta.rocr(DOUBLING, { n = 2 }), { 4, 4, 4 }, 0)
        matches(ta.rocr100(DOUBLING, { n = 2 }), { 400, 400, 400 }, 0)
    end)

    it("regressions, n = 3", function()
        -- of 1 2 4: slope (4 - 1) / 2 about the mean of 7/3, a bar to either side of the middle
        matches(ta.linearreg_slope(DOUBLING, { n = 3 }), { 1.5, 3, 6 }, 1e-14)
        matches(ta.linearreg_intercept(DOUBLING, { n = 3 }), { 5 / 6, 5 / 3, 10 / 3 }, 1e-13)
        matches(ta.linearreg(DOUBLING, { n = 3 }), { 23 / 6, 23 / 3, 46 / 3 }, 1e-13)
        matches(ta.tsf(DOUBLING, { n = 3 }), { 16 / 3, 32 / 3, 64 / 3 }, 1e-13)
        matches(ta.linearreg_angle(DOUBLING, { n = 3 }), { math.deg(math.atan(1.5)),
            math.deg(math.atan(3)), math.deg(math.atan(6)) }, 1e-12)
    end)
end)

describe("worked out by hand:", function()
    local bars = { open = { 10, 11, 14 }, high = { 12, 15, 14 }, low = { 9, 11, 12 },
        close = { 11, 14, 12 }, volume = { 100, 300, 100 } }

    it("T3 of a straight line", function()
        -- an average of n lags by (n - 1) / 2 = 2 bars, and begins so; (1 + v) e(x) - v e(e(x)) by
        -- 2 (1 - v) = 0.6, and T3 does that three times
        local line, want = {}, {}
        for i = 1, 40 do
            line[i] = i
            if i > 24 then
                want[#want + 1] = i - 1.8
            end
        end
        matches(ta.t3(line, { n = 5, v = 0.7 }), want, 1e-12)
    end)

    it("Chande's momentum", function()
        -- of 10 12 11 14: means of two 1 up, 1/2 down; then (1 + 3) / 2 up, 1/4 down
        matches(ta.cmo({ 10, 12, 11, 14 }, { n = 2 }), { 100 / 3, 700 / 9 }, 1e-12)
    end)

    it("the stochastic of the RSI", function()
        -- n = 2 of 10 12 11 14 13 15 14: means up 1 2 1 3/2 3/4, down 1/2 1/4 5/8 5/16 21/32, hence
        -- the RSI 200/3 (bar 3) 800/9 800/13 2400/29 160/3. Of three: the lowest at bar 5; at bar 6
        -- (3/29 - 1/13) / (1/9 - 1/13) = 45/58; the lowest at bar 7. d: means of two
        local s = ta.stochrsi({ 10, 12, 11, 14, 13, 15, 14 }, { n = 2, fast_k = 3, fast_d = 2 })
        matches(s.k, { 2250 / 29, 0 }, 1e-11)
        matches(s.d, { 1125 / 29, 1125 / 29 }, 1e-11)
    end)

    it("sums, extremes and variance of 3 1 2 5 4, n = 3", function()
        local x = { 3, 1, 2, 5, 4 }
        matches(ta.sum(x, { n = 3 }), { 6, 8, 11 }, 0)
        matches(ta.min(x, { n = 3 }), { 1, 1, 2 }, 0)
        matches(ta.max(x, { n = 3 }), { 3, 5, 5 }, 0)
        matches(ta.midpoint(x, { n = 3 }), { 2, 3, 3.5 }, 0)
        -- means of squares less squares of means: 14/3 - 4, 10 - 64/9, 15 - 121/9
        matches(ta.var(x, { n = 3 }), { 2 / 3, 26 / 9, 14 / 9 }, 1e-14)
    end)

    it("prices of a bar", function()
        matches(ta.avgprice(bars), { 10.5, 12.75, 13 }, 0)
        matches(ta.medprice(bars), { 10.5, 13, 13 }, 0)
        matches(ta.typprice(bars), { 32 / 3, 40 / 3, 38 / 3 }, 1e-14)
        matches(ta.wclprice(bars), { 10.75, 13.5, 12.5 }, 0)
        matches(ta.midprice(bars, { n = 2 }), { 12, 13 }, 0)
        matches(ta.bop(bars), { 1 / 3, 3 / 4, -1 }, 1e-15)
    end)

    it("the slow stochastic", function()
        -- the place of each close in its bar: 200/3, 75, 0; means of two 425/6, 75/2; again 325/6
        local s = ta.stoch(bars, { fast_k = 1, slow_k = 2, slow_d = 2 })
        matches(s.k, { 75 / 2 }, 1e-13)
        matches(s.d, { 325 / 6 }, 1e-13)
    end)

    it("Chaikin's oscillator", function()
        -- flows 100/3, 150, -100; line 100/3, 550/3, 250/3. Averages from the first bar on: n = 2
        -- 100/3, 400/3, 100; n = 3 100/3, 325/3, 575/6
        matches(ta.adosc(bars, { fast = 2, slow = 3 }), { 25 / 6 }, 1e-12)
    end)

    it("Aroon", function()
        -- the highest high is one bar old, then two; the lowest low two, then none
        local hl = { high = { 12, 15, 14, 13 }, low = { 9, 11, 12, 8 } }
        local a = ta.aroon(hl, { n = 2 })
        matches(a.up, { 50, 0 }, 0)
        matches(a.down, { 0, 100 }, 0)
        matches(ta.aroonosc(hl, { n = 2 }), { 50, -100 }, 0)
    end)

    it("directional movement and true range, n = 2", function()
        -- up 2 1 0 3, down 0 0 2 0, true range 3 2 4 6
        local moving = { high = { 10, 12, 13, 13, 16 }, low = { 8, 9, 11, 9, 12 },
            close = { 9, 11, 12, 10, 15 } }
        local n = { n = 2 }
        -- Wilder's sums, half of each dropped before the next: up 2 2 1 7/2, down 0 0 2 1, range
        -- 3 7/2 23/4 71/8
        matches(ta.plus_dm(moving, n), { 2, 2, 1, 3.5 }, 0)
        matches(ta.minus_dm(moving, n), { 0, 0, 2, 1 }, 0)
        matches(ta.plus_di(moving, n), { 400 / 7, 400 / 23, 2800 / 71 }, 1e-13)
        matches(ta.minus_di(moving, n), { 0, 800 / 23, 800 / 71 }, 1e-13)
        -- |up - down| / (up + down): 1, 1/3, 5/9
        matches(ta.dx(moving, n), { 100, 100 / 3, 500 / 9 }, 1e-12)
        matches(ta.adx(moving, n), { 200 / 3, 550 / 9 }, 1e-12)
        matches(ta.adxr(moving, n), { 575 / 9 }, 1e-12)
        -- average ranges 5/2, 13/4, 37/8 over closes 12, 10, 15
        matches(ta.natr(moving, n), { 250 / 12, 32.5, 462.5 / 15 }, 1e-12)
    end)
end)
