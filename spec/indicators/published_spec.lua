-- Worked examples that others have published, and small ones by hand where nobody has.
--
-- ChartSchool is chartschool.stockcharts.com (technical indicators and overlays), whose pages come
-- with spreadsheets (cs-rsi.xls, cs-atr.xls, cs-bbands.xls, cs-soo.xls, cs-movavg.xls); figures are
-- rounded as printed there.

local matches = require "spec.support.after_warmup"
local ta = require "backlua.ta"

describe("published by ChartSchool:", function()
    it("moving averages of ten days (cs-movavg.xls)", function()
        local close = { 22.2734, 22.194, 22.0847, 22.1741, 22.184, 22.1344, 22.2337, 22.4323,
            22.2436, 22.2933, 22.1542, 22.3926, 22.3816, 22.6109, 23.3558, 24.0519, 23.753, 23.8324,
            23.9516, 23.6338, 23.8225, 23.8722, 23.6537, 23.187, 23.0976, 23.326, 22.6805, 23.0976,
            22.4025, 22.1725 }
        matches(ta.sma(close, { n = 10 }), { 22.22, 22.21, 22.23, 22.26, 22.31, 22.42, 22.61, 22.77,
            22.91, 23.08, 23.21, 23.38, 23.53, 23.65, 23.71, 23.69, 23.61, 23.51, 23.43, 23.28,
            23.13 }, 0.0051)
        matches(ta.ema(close, { n = 10 }), { 22.22, 22.21, 22.24, 22.27, 22.33, 22.52, 22.80, 22.97,
            23.13, 23.28, 23.34, 23.43, 23.51, 23.54, 23.47, 23.40, 23.39, 23.26, 23.23, 23.08,
            22.92 }, 0.0051)
    end)

    it("relative strength index of 14 days (cs-rsi.xls)", function()
        local close = { 44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245,
            45.8433, 46.0826, 45.8931, 46.0328, 45.614, 46.282, 46.282, 46.0028, 46.0328, 46.4116,
            46.2222, 45.6439, 46.2122, 46.2521, 45.7137, 46.4515, 45.7835, 45.3548, 44.0288,
            44.1783, 44.2181, 44.5672, 43.4205, 42.6628, 43.1314 }
        matches(ta.rsi(close, { n = 14 }), { 70.5328, 66.3186, 66.5498, 69.4063, 66.3552, 57.9749,
            62.9296, 63.2571, 56.0593, 62.3771, 54.7076, 50.4228, 39.9898, 41.4605, 41.8689,
            45.4632, 37.304, 33.0795, 37.773 }, 1e-3)
    end)

    it("average true range of 14 days (cs-atr.xls)", function()
        -- It begins with the first bar's span; a bar before that one, closing inside of it, makes
        -- that its true range.
        local high = { 48.2, 48.7, 48.72, 48.9, 48.87, 48.82, 49.05, 49.2, 49.35, 49.92, 50.19,
            50.12, 49.66, 49.88, 50.19, 50.36, 50.57, 50.65, 50.43, 49.63, 50.33, 50.29, 50.17,
            49.32, 48.5, 48.3201, 46.8, 47.8, 48.39, 48.66, 48.79 }
        local low = { 48, 47.79, 48.14, 48.39, 48.37, 48.24, 48.635, 48.94, 48.86, 49.5, 49.87,
            49.2, 48.9, 49.43, 49.725, 49.26, 50.09, 50.3, 49.21, 48.98, 49.61, 49.2, 49.43, 48.08,
            47.64, 41.55, 44.2833, 47.31, 47.2, 47.9, 47.7301 }
        local close = { 48.1, 48.16, 48.61, 48.75, 48.63, 48.74, 49.03, 49.07, 49.32, 49.91, 50.13,
            49.53, 49.5, 49.75, 50.03, 50.31, 50.52, 50.41, 49.34, 49.37, 50.23, 49.2375, 49.93,
            48.43, 48.18, 46.57, 45.41, 47.77, 47.72, 48.62, 47.85 }
        local bars = { high = high, low = low, close = close }
        matches(ta.trange(bars), { 0.91, 0.58, 0.51, 0.5, 0.58, 0.415, 0.26, 0.49, 0.6, 0.32, 0.93,
            0.76, 0.45, 0.465, 1.1, 0.48, 0.35, 1.22, 0.65, 0.96, 1.09, 0.9325, 1.85, 0.86, 6.7701,
            2.5167, 2.39, 1.19, 0.94, 1.0599 }, 1e-9)
        matches(ta.atr(bars, { n = 14 }), { 0.555, 0.593929, 0.585791, 0.568949, 0.615452, 0.61792,
            0.642354, 0.674329, 0.69277, 0.775429, 0.78147, 1.209229, 1.30262, 1.38029, 1.366698,
            1.336219, 1.316482 }, 1e-6)
    end)

    it("Bollinger bands of 20 days (cs-bbands.xls)", function()
        local close = { 86.1557, 89.0867, 88.7829, 90.3228, 89.0671, 91.1453, 89.4397, 89.175,
            86.9302, 87.6752, 86.9596, 89.4299, 89.3221, 88.7241, 87.4497, 87.2634, 89.4985,
            87.9006, 89.126, 90.7043, 92.9001, 92.9784, 91.8021, 92.6647, 92.6843, 92.3021, 92.7725,
            92.5373, 92.949, 93.2039, 91.0669, 89.8318, 89.7435, 90.3994, 90.7387, 88.0177, 88.0867,
            88.8439, 90.7781, 90.5416, 91.3894, 90.65 }
        local b = ta.bbands(close, { n = 20 })
        matches(b.middle, { 88.70794, 89.04516, 89.239745, 89.390705, 89.5078, 89.68866, 89.7465,
            89.91314, 90.081255, 90.382195, 90.65863, 90.863995, 90.88409, 90.90516, 90.988925,
            91.153375, 91.19109, 91.1205, 91.167665, 91.25027, 91.242135, 91.1666, 91.05018 }, 1e-6)
        matches(b.upper, { 91.291862, 91.949268, 92.612595, 92.9342, 93.31195, 93.72845, 93.899592,
            94.266255, 94.565096, 94.786912, 95.043001, 94.907605, 94.902912, 94.89532, 94.861013,
            94.673629, 94.556593, 94.678752, 94.575786, 94.534271, 94.532306, 94.369251,
            94.148503 }, 1e-6)
        matches(b.lower, { 86.124018, 86.141052, 85.866895, 85.84721, 85.70365, 85.64887,
            85.593408, 85.560025, 85.597414, 85.977478, 86.274259, 86.820385, 86.865268, 86.915,
            87.116837, 87.633121, 87.825587, 87.562248, 87.759544, 87.966269, 87.951964, 87.963949,
            87.951857 }, 1e-6)
        matches(ta.stddev(close, { n = 20 }), { 1.291961, 1.452054, 1.686425, 1.771747, 1.902075,
            2.019895, 2.076546, 2.176557, 2.241921, 2.202359, 2.192185, 2.021805, 2.009411, 1.99508,
            1.936044, 1.760127, 1.682751, 1.779126, 1.70406, 1.642001, 1.645086, 1.601325,
            1.549162 }, 1e-6)
    end)

    it("stochastics and Williams %R of 14 days (cs-soo.xls)", function()
        local high = { 127.009, 127.6159, 126.5911, 127.3472, 128.173, 128.4317, 127.3671, 126.422,
            126.8995, 126.8498, 125.646, 125.7156, 127.1582, 127.7154, 127.6855, 128.2228, 128.2725,
            128.0934, 128.2725, 127.7353, 128.77, 129.2873, 130.0633, 129.1182, 129.2873, 128.4715,
            128.0934, 128.6506, 129.1381, 128.6406 }
        local low = { 125.3574, 126.1633, 124.9296, 126.0937, 126.8199, 126.4817, 126.034, 124.8301,
            126.3921, 125.7156, 124.5615, 124.5715, 125.0689, 126.8597, 126.6309, 126.8001,
            126.7105, 126.8001, 126.1335, 125.9245, 126.9891, 127.8148, 128.4715, 128.0641,
            127.6059, 127.596, 126.999, 126.8995, 127.4865, 127.397 }
        -- not published before the 14th; any price will do
        local close = { 126, 127, 126, 127, 128, 128, 127, 126, 126, 126, 125, 125, 127, 127.2876,
            127.1781, 128.0138, 127.1085, 127.7253, 127.0587, 127.3273, 128.7103, 127.8745,
            128.5809, 128.6008, 127.9342, 128.1133, 127.596, 127.596, 128.6904, 128.2725 }
        local bars = { high = high, low = low, close = close }
        local k = { 70.4382, 67.6089, 89.2021, 65.8106, 81.7477, 64.5238, 74.5298, 98.5814, 70.1045,
            73.0561, 73.4178, 61.2313, 60.9563, 40.3861, 40.3861, 66.8285, 56.7314 }
        local s = ta.stochf(bars, { fast_k = 14, fast_d = 3 })
        matches(s.k, { unpack(k, 3) }, 1e-4)
        matches(s.d, { 75.7498, 74.2072, 78.9201, 70.6940, 73.6004, 79.2117, 81.0719, 80.5807,
            72.1928, 69.2351, 65.2018, 54.1912, 47.2428, 49.2003 }, 1e-4, 29)
        local r = {}
        for i, value in ipairs(k) do
            r[i] = value - 100
        end
        matches(ta.willr(bars, { n = 14 }), r, 1e-4)
    end)
end)

describe("by hand:", function()
    -- o h l c: (10 12 9 11) and (11 15 11 14), then (14 14 12 12)
    local bars = { open = { 10, 11, 14 }, high = { 12, 15, 14 }, low = { 9, 11, 12 },
        close = { 11, 14, 12 }, volume = { 100, 300, 100 } }

    local function columns(result, names)
        local list = {}
        for i, name in ipairs(names) do
            list[i] = result[name]:totable()
        end
        return list
    end

    it("Heikin-Ashi", function()
        -- closes (10+12+9+11)/4, (11+15+11+14)/4, (14+14+12+12)/4; opens (10+11)/2, then halves
        assert.same({ { 10.5, 10.5, 11.625 }, { 12, 15, 14 }, { 9, 10.5, 11.625 },
            { 10.5, 12.75, 13 } },
            columns(ta.heikin_ashi(bars), { "open", "high", "low", "close" }))
    end)

    it("pivot points of the bar before, and of the session before", function()
        local p = ta.pivots(bars)
        -- of 12 9 11: p = 32/3, span 3
        assert.is_true(p.p[1] ~= p.p[1])
        matches(p.p, { 32 / 3, 40 / 3 }, 1e-12)
        matches(p.r1, { 64 / 3 - 9, 80 / 3 - 11 }, 1e-12)
        matches(p.s1, { 64 / 3 - 12, 80 / 3 - 15 }, 1e-12)
        matches(p.r2, { 32 / 3 + 3, 40 / 3 + 4 }, 1e-12)
        matches(p.s3, { 9 - 2 * (12 - 32 / 3), 11 - 2 * (15 - 40 / 3) }, 1e-12)
        -- one session of the first two bars: high 15, low 9, close 14
        bars.session = { 1, 1, 2 }
        local day = ta.pivots_fibonacci(bars)
        bars.session = nil
        matches(day.p, { 38 / 3 }, 1e-12)
        matches(day.r1, { 38 / 3 + 0.382 * 6 }, 1e-12)
        matches(day.s3, { 38 / 3 - 6 }, 1e-12)
    end)

    it("volume-weighted prices", function()
        -- typical 32/3, 40/3, 38/3 with volume 100, 300, 100
        matches(ta.vwap(bars), { 32 / 3, (32 + 120) / 12, (32 + 120 + 38) / 15 }, 1e-12)
        matches(ta.vwap(bars, { n = 2 }), { 38 / 3, (120 + 38) / 12 }, 1e-12)
        bars.session = { 1, 2, 2 }
        matches(ta.vwap(bars), { 32 / 3, 40 / 3, 158 / 12 }, 1e-12)
        bars.session = nil
        matches(ta.vwma(bars, { n = 2 }), { (11 + 42) / 4, (42 + 12) / 4 }, 1e-12)
        assert.same({ 100, 400, 300 }, ta.obv(bars):totable())
    end)

    it("channels", function()
        local d = ta.donchian(bars, { n = 2 })
        matches(d.upper, { 15, 15 }, 0)
        matches(d.middle, { 12, 13 }, 0)
        matches(d.lower, { 9, 11 }, 0)
        -- ranges max(15, 11) - min(11, 11) = 4 and 14 - 12 = 2; averages of two closes 12.5, then
        -- 12.5 + (12 - 12.5) * 2/3
        local k = ta.keltner(bars, { n = 2, atr = 1, multiplier = 0.5 })
        matches(k.upper, { 14.5, 12.5 - 1 / 3 + 1 }, 1e-12)
        matches(k.lower, { 10.5, 12.5 - 1 / 3 - 1 }, 1e-12)
    end)

    it("SuperTrend turns when the close breaks the band", function()
        -- n = 1, multiplier 1: middles 13, 13, 20, 20; ranges 4, 2, 10, 2. Upper bands 17, then 15,
        -- then 30, but 15 stays, and the close of 21 breaks it. Lower ones 9, 11, then 10, but 11
        -- stays, then 18
        local s = ta.supertrend({ high = { 12, 15, 14, 22, 21 }, low = { 9, 11, 12, 18, 19 },
            close = { 11, 14, 12, 21, 20 } }, { n = 1, multiplier = 1 })
        matches(s.direction, { -1, -1, 1, 1 }, 0)
        matches(s.line, { 17, 15, 11, 18 }, 0)
    end)

    it("Ichimoku's cloud is that of `shift` bars ago", function()
        local high, low = { 2, 4, 6, 8, 10 }, { 0, 2, 4, 6, 8 }
        local i = ta.ichimoku({ high = high, low = low },
            { tenkan = 1, kijun = 2, senkou = 3, shift = 1 })
        -- middles of 1, 2, 3 bars at bar 4: 7, 6, 5; at bar 3: 5, 4, 3
        matches(i.tenkan, { 7, 9 }, 0)
        matches(i.kijun, { 6, 8 }, 0)
        matches(i.senkou_a, { 4.5, 6.5 }, 0)
        matches(i.senkou_b, { 3, 5 }, 0)
    end)

    it("Hull's average", function()
        -- n = 4: weighted averages of 2 and 4 bars of 1 2 4 8 16: at bar 4 20/3 and 49/10, at bar 5
        -- 40/3 and 98/10; twice the one less the other, then again over 2
        local a, b = 2 * 20 / 3 - 4.9, 2 * 40 / 3 - 9.8
        matches(ta.hma({ 1, 2, 4, 8, 16 }, { n = 4 }), { (a + 2 * b) / 3 }, 1e-12)
    end)

    it("crossings", function()
        local x = { 1, 3, 2, 2, 5 }
        matches(ta.crossover(x, { 2, 2, 2, 2, 2 }), { 1, 0, 0, 1 }, 0)
        matches(ta.crossunder(x, 2.5), { 0, 1, 0, 0 }, 0)
        local a = ta.sma(x, { n = 1 })
        assert.is_true(ta.crossed_above(a, 2))
        assert.is_false(ta.crossed_above(a, 1.5))
        assert.is_true(ta.crossed_below(2, a))
        assert.is_false(ta.crossed_above(0 / 0, a))
    end)

    it("beta is the slope of the second series over the first, as TA-Lib has it", function()
        -- changes 1/2, 1/3, 1/4 of x, twice that of y
        local x, y = { 12, 18, 24, 30 }, { 10, 20, 20 * 5 / 3, 20 * 5 / 3 * 1.5 }
        matches(ta.beta(x, y, { n = 3 }), { 2 }, 1e-12)
        matches(ta.correl(x, { 5, 3, 1, -1 }, { n = 4 }), { -1 }, 1e-12)
    end)
end)

describe("bars for ta", function()
    local high, low, close = { 2, 3, 4 }, { 1, 2, 3 }, { 1.5, 2.5, 3.5 }

    it("say what is missing or too short", function()
        for call, message in pairs {
            [function() ta.atr { high = high, low = low } end] =
                "ta.atr: it needs close; the table has none",
            [function() ta.atr(close) end] =
                "ta.atr: it needs a table { high =, low =, close = ... }",
            [function() ta.obv(close) end] = "ta.obv: it needs a table { close =, volume = ... }",
            [function() ta.atr { high = high, low = low, close = { 1 } } end] =
                "ta.atr: all series must have one length, got 3 and 1",
            [function() ta.correl(close, { 1 }) end] =
                "ta.correl: all series must have one length, got 3 and 1",
            [function() ta.correl(close) end] = "ta.correl: the second series: a view or an array",
            [function() ta.macd(close, { fsat = 3 }) end] =
                "unknown option 'fsat'; did you mean 'fast'?",
            [function() ta.bbands(close, { matype = 7 }) end] = "7 (MAMA) is not there",
            [function() return ta.macd(close).sig end] = "ta.macd: no output 'sig'",
            [function() return ta.macd(close)[1] end] =
                "ta.macd: it has several outputs, choose one first: macd, signal, hist",
        } do
            local ok, said = pcall(call)
            assert.is_false(ok, message)
            assert.truthy(said:find(message, 1, true), said)
            assert.truthy(said:find "published_spec.lua:%d+: ", said)
        end
    end)

    it("may be a table where one series will do", function()
        assert.same({ 2, 3 }, ta.sma({ close = close }, { n = 2 }):last(2):totable())
    end)

    it("may be empty", function()
        assert.equal(0, #ta.macd({}).signal)
    end)
end)
