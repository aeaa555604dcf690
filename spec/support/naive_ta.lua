-- Indicators once more, straight from their formulas: each window summed anew, every average from
-- its definition, plain arrays from 1, nil where there is no value yet. Slow and easy to check.
--
--     local naive = require "spec.support.naive_ta"
--     naive.macd(bars, { fast = 12, slow = 26, signal = 9 }).signal[40]
--
-- bars: { x =, other =, open =, high =, low =, close =, volume = }. Each function gives a table of
-- arrays by output; naive.single lists the names whose only output is their own name.

local parts = require "spec.support.naive_ta_parts"

local naive = {}

local abs, max, min, floor, sqrt = math.abs, math.max, math.min, math.floor, math.sqrt
local each, total, mean, first, sma, ema, wilder, wma, combine, minus, changes, highest, lowest,
    typical, true_range, atr, kama, t3, ma, gain, loss, rsi, raw_k, deviations, variance, line,
    line_at, directions, after, di, dx, adx =
    parts.each, parts.total, parts.mean, parts.first, parts.sma, parts.ema, parts.wilder, parts.wma,
    parts.combine, parts.minus, parts.changes, parts.highest, parts.lowest, parts.typical,
    parts.true_range, parts.atr, parts.kama, parts.t3, parts.ma, parts.gain, parts.loss, parts.rsi,
    parts.raw_k, parts.deviations, parts.variance, parts.line, parts.line_at, parts.directions,
    parts.after, parts.di, parts.dx, parts.adx

-- ---- the indicators, one series ----------------------------------------------------------------

local single = {
    sma = function(b, p) return sma(b.x, p.n) end,
    ema = function(b, p) return ema(b.x, p.n) end,
    wma = function(b, p) return wma(b.x, p.n) end,
    dema = function(b, p) return ma(3, b.x, p.n) end,
    tema = function(b, p) return ma(4, b.x, p.n) end,
    trima = function(b, p) return ma(5, b.x, p.n) end,
    kama = function(b, p) return kama(b.x, p.n, p.fast, p.slow) end,
    t3 = function(b, p) return t3(b.x, p.n, p.v) end,
    hma = function(b, p)
        local twice = combine(wma(b.x, max(floor(p.n / 2), 1)), wma(b.x, p.n),
            function(h, w) return 2 * h - w end)
        return wma(twice, floor(sqrt(p.n)))
    end,
    ma = function(b, p) return ma(p.matype, b.x, p.n) end,
    midpoint = function(b, p)
        return combine(highest(b.x, p.n), lowest(b.x, p.n), function(h, l) return (h + l) / 2 end)
    end,
    mom = function(b, p)
        return each(#b.x, function(i) return b.x[i - p.n] and b.x[i] - b.x[i - p.n] end)
    end,
    rsi = function(b, p) return rsi(b.x, p.n) end,
    cmo = function(b, p)
        local d = changes(b.x)
        return combine(wilder(gain(d), p.n), wilder(loss(d), p.n),
            function(u, v) return 100 * (u - v) / (u + v) end)
    end,
    apo = function(b, p)
        return minus(ma(p.matype, b.x, min(p.fast, p.slow)), ma(p.matype, b.x, max(p.fast, p.slow)))
    end,
    ppo = function(b, p)
        return combine(ma(p.matype, b.x, min(p.fast, p.slow)),
            ma(p.matype, b.x, max(p.fast, p.slow)), function(f, s) return 100 * (f - s) / s end)
    end,
    trix = function(b, p)
        local e = ema(ema(ema(b.x, p.n), p.n), p.n)
        return each(#b.x, function(i) return e[i - 1] and 100 * (e[i] - e[i - 1]) / e[i - 1] end)
    end,
    sum = function(b, p) return each(#b.x, function(i) return total(b.x, i, p.n) end) end,
    min = function(b, p) return lowest(b.x, p.n) end,
    max = function(b, p) return highest(b.x, p.n) end,
    var = function(b, p) return variance(b.x, p.n) end,
    stddev = function(b, p)
        local v = variance(b.x, p.n)
        return each(#b.x, function(i) return v[i] and p.nbdev * sqrt(v[i]) end)
    end,
    linearreg = function(b, p) return line_at(b.x, p.n, p.n - 1) end,
    tsf = function(b, p) return line_at(b.x, p.n, p.n) end,
    linearreg_intercept = function(b, p) return line_at(b.x, p.n, 0) end,
    linearreg_slope = function(b, p)
        return each(#b.x, function(i) return (line(b.x, i, p.n)) end)
    end,
    linearreg_angle = function(b, p)
        return each(#b.x, function(i)
            local slope = line(b.x, i, p.n)
            return slope and math.deg(math.atan(slope))
        end)
    end,
}

for name, f in pairs {
    roc = function(x, y) return 100 * (x - y) / y end,
    rocp = function(x, y) return (x - y) / y end,
    rocr = function(x, y) return x / y end,
    rocr100 = function(x, y) return 100 * x / y end,
} do
    single[name] = function(b, p)
        return each(#b.x, function(i) return b.x[i - p.n] and f(b.x[i], b.x[i - p.n]) end)
    end
end

-- ---- two series --------------------------------------------------------------------------------

-- 0 where there is nothing to divide by.
local function ratio(a, b)
    return b > 0 and a / b or 0
end

function single.correl(b, p)
    return each(#b.x, function(i)
        local xy = deviations(b.x, b.other, i, p.n)
        return xy and ratio(xy, sqrt(deviations(b.x, b.x, i, p.n)
            * deviations(b.other, b.other, i, p.n)))
    end)
end

function single.beta(b, p)
    local function returns(x)
        return each(#x, function(i) return x[i - 1] and x[i] / x[i - 1] - 1 end)
    end
    local x, y = returns(b.x), returns(b.other)
    return each(#b.x, function(i)
        local xy = deviations(x, y, i, p.n)
        return xy and ratio(xy, deviations(x, x, i, p.n))
    end)
end

local function crossing(x, y)
    return each(#x, function(i)
        return x[i - 1] and (x[i] > y[i] and x[i - 1] <= y[i - 1] and 1 or 0)
    end)
end

function single.crossover(b)
    return crossing(b.x, b.other)
end

function single.crossunder(b)
    return crossing(b.other, b.x)
end

-- ---- bars --------------------------------------------------------------------------------------

function single.bop(b)
    return each(#b.close, function(i)
        return b.high[i] > b.low[i] and (b.close[i] - b.open[i]) / (b.high[i] - b.low[i]) or 0
    end)
end

function single.ultosc(b, p)
    local tr = true_range(b)
    local bp = each(#b.close, function(i)
        return b.close[i - 1] and b.close[i] - min(b.low[i], b.close[i - 1])
    end)
    local n = { p.n1, p.n2, p.n3 }
    table.sort(n)
    return each(#b.close, function(i)
        local function a(w)
            return total(bp, i, w) / total(tr, i, w)
        end
        return i > n[3] and 100 * (4 * a(n[1]) + 2 * a(n[2]) + a(n[3])) / 7 or nil
    end)
end

function single.willr(b, p)
    return combine(highest(b.high, p.n), lowest(b.low, p.n), function(h, l, i)
        return h > l and -100 * (h - b.close[i]) / (h - l) or 0
    end)
end

function single.cci(b, p)
    local t = typical(b)
    return each(#t, function(i)
        local m, d = mean(t, i, p.n), 0
        if not m then
            return nil
        end
        for k = i - p.n + 1, i do
            d = d + abs(t[k] - m) / p.n
        end
        return d > 0 and (t[i] - m) / (0.015 * d) or 0
    end)
end

-- 100 for an extreme now, 0 for one n bars ago.
local function recency(x, i, n, better)
    if i <= n then
        return nil
    end
    local at = i - n
    for k = i - n, i do
        at = not better(x[at], x[k]) and k or at
    end
    return 100 * (n - (i - at)) / n
end

local function over(a, c) return a > c end
local function under(a, c) return a < c end

function naive.aroon(b, p)
    return {
        up = each(#b.high, function(i) return recency(b.high, i, p.n, over) end),
        down = each(#b.high, function(i) return recency(b.low, i, p.n, under) end),
    }
end

function single.aroonosc(b, p)
    local a = naive.aroon(b, p)
    return minus(a.up, a.down)
end

function single.plus_dm(b, p) return after((directions(b, p.n)), max(p.n, 2)) end
function single.minus_dm(b, p)
    local _, down = directions(b, p.n)
    return after(down, max(p.n, 2))
end

function single.plus_di(b, p)
    local plus, _, range = directions(b, p.n)
    return after(di(plus, range), p.n + 1)
end

function single.minus_di(b, p)
    local _, down, range = directions(b, p.n)
    return after(di(down, range), p.n + 1)
end

function single.dx(b, p) return dx(b, p.n) end
function single.adx(b, p) return adx(b, p.n) end

function single.adxr(b, p)
    local a = adx(b, p.n)
    return each(#b.close, function(i) return a[i - p.n + 1] and (a[i] + a[i - p.n + 1]) / 2 end)
end

function single.trange(b) return true_range(b) end
function single.atr(b, p) return atr(b, p.n) end

function single.natr(b, p)
    return combine(atr(b, p.n), b.close, function(a, c) return 100 * a / c end)
end

function single.avgprice(b)
    return each(#b.close, function(i)
        return (b.open[i] + b.high[i] + b.low[i] + b.close[i]) / 4
    end)
end

function single.medprice(b)
    return each(#b.close, function(i) return (b.high[i] + b.low[i]) / 2 end)
end

function single.typprice(b) return typical(b) end

function single.wclprice(b)
    return each(#b.close, function(i) return (b.high[i] + b.low[i] + 2 * b.close[i]) / 4 end)
end

function single.midprice(b, p)
    return combine(highest(b.high, p.n), lowest(b.low, p.n), function(h, l) return (h + l) / 2 end)
end

-- ---- volume ------------------------------------------------------------------------------------

function single.obv(b)
    local s = 0
    return each(#b.x, function(i)
        local d = b.x[i] - (b.x[i - 1] or -1e9)
        s = s + (d > 0 and b.volume[i] or d < 0 and -b.volume[i] or 0)
        return s
    end)
end

function single.ad(b)
    local s = 0
    return each(#b.close, function(i)
        local h, l, c = b.high[i], b.low[i], b.close[i]
        s = s + (h > l and (2 * c - l - h) / (h - l) * b.volume[i] or 0)
        return s
    end)
end

-- Averages that start from the first value alone.
function single.adosc(b, p)
    local ad = single.ad(b)
    local function average(n)
        local e
        return each(#ad, function(i)
            e = e and e + (ad[i] - e) * 2 / (n + 1) or ad[1]
            return e
        end)
    end
    return after(minus(average(p.fast), average(p.slow)), max(p.fast, p.slow))
end

function single.mfi(b, p)
    local t = typical(b)
    return each(#t, function(i)
        local up, all = 0, 0
        for k = i - p.n + 1, i do
            if not t[k - 1] then
                return nil
            end
            local flow = t[k] ~= t[k - 1] and t[k] * b.volume[k] or 0
            up, all = up + (t[k] > t[k - 1] and flow or 0), all + flow
        end
        return all > 0 and 100 * up / all or 0
    end)
end

local function weighted(x, volume, from, i)
    local a, v = 0, 0
    for k = from, i do
        a, v = a + x[k] * volume[k], v + volume[k]
    end
    return a / v
end

function single.vwma(b, p)
    return each(#b.x, function(i)
        return i >= p.n and weighted(b.x, b.volume, i - p.n + 1, i) or nil
    end)
end

function single.vwap(b, p)
    local t = typical(b)
    return each(#t, function(i)
        local from = p.n > 0 and i - p.n + 1 or 1
        return from >= 1 and weighted(t, b.volume, from, i) or nil
    end)
end

-- ---- Wilder's stop -----------------------------------------------------------------------------

-- By Wilder's rules for a long position; a short one is the same with prices turned upside down.
function single.sar(b, p)
    local function side(long)
        local s = long and 1 or -1
        return function(i) return s * (long and b.low[i] or b.high[i]) end,
            function(i) return s * (long and b.high[i] or b.low[i]) end, s
    end
    local down, up = b.low[1] - b.low[2], b.high[2] - b.high[1]
    local long = not (down > 0 and down > up)
    local near, far, sign = side(long)
    local step = min(p.acceleration, p.maximum)
    local stop, extreme, speed, out = near(1), far(2), step, {}
    for i = 2, #b.high do
        local before = max(i - 1, 2)
        if near(i) <= stop then
            long = not long
            near, far, sign = side(long)
            stop = min(-extreme, near(before), near(i))
            extreme, speed = far(i), step
            out[i] = sign * stop
        else
            out[i] = sign * stop
            if far(i) > extreme then
                extreme, speed = far(i), min(speed + step, p.maximum)
            end
        end
        stop = min(stop + speed * (extreme - stop), near(before), near(i))
    end
    return out
end

-- ---- several outputs ---------------------------------------------------------------------------

function naive.macd(b, p)
    local fast, slow = min(p.fast, p.slow), max(p.fast, p.slow)
    local line_ = minus(ema(b.x, fast, slow - fast + 1), ema(b.x, slow))
    local signal = ema(line_, p.signal)
    local warm = slow + p.signal - 1
    return { macd = after(line_, warm), signal = after(signal, warm), hist = minus(line_, signal) }
end

function naive.stochf(b, p)
    local k = raw_k(b.high, b.low, b.close, p.fast_k)
    local d = ma(p.fast_d_matype, k, p.fast_d)
    return { k = after(k, first(d)), d = d }
end

function naive.stoch(b, p)
    local k = ma(p.slow_k_matype, raw_k(b.high, b.low, b.close, p.fast_k), p.slow_k)
    local d = ma(p.slow_d_matype, k, p.slow_d)
    return { k = after(k, first(d)), d = d }
end

function naive.stochrsi(b, p)
    local r = rsi(b.x, p.n)
    return naive.stochf({ high = r, low = r, close = r }, p)
end

function naive.bbands(b, p)
    local m, v = ma(p.matype, b.x, p.n), variance(b.x, p.n)
    return {
        middle = m,
        upper = combine(m, v, function(x, y) return x + p.up * sqrt(y) end),
        lower = combine(m, v, function(x, y) return x - p.down * sqrt(y) end),
    }
end

function naive.keltner(b, p)
    local m, a = ema(b.close, p.n), atr(b, p.atr)
    local warm = max(p.n, p.atr + 1)
    return {
        middle = after(m, warm),
        upper = combine(m, a, function(x, y) return x + p.multiplier * y end),
        lower = combine(m, a, function(x, y) return x - p.multiplier * y end),
    }
end

function naive.donchian(b, p)
    local u, l = highest(b.high, p.n), lowest(b.low, p.n)
    return { upper = u, lower = l, middle = combine(u, l, function(x, y) return (x + y) / 2 end) }
end

-- The lower band is the greatest so far since the close was under it, the upper one its mirror.
function naive.supertrend(b, p)
    local a, out = atr(b, p.n), { line = {}, direction = {} }
    local up, low, rising
    for i = p.n + 1, #b.close do
        local mid, before, c = (b.high[i] + b.low[i]) / 2, b.close[i - 1], b.close[i]
        local basic_up, basic_low = mid + p.multiplier * a[i], mid - p.multiplier * a[i]
        up = up and before <= up and min(up, basic_up) or basic_up
        low = low and before >= low and max(low, basic_low) or basic_low
        if rising == nil then
            rising = false
        elseif rising and c < low then
            rising = false
        elseif not rising and c > up then
            rising = true
        end
        out.line[i], out.direction[i] = rising and low or up, rising and 1 or -1
    end
    return out
end

function naive.ichimoku(b, p)
    local function mid(n)
        return combine(highest(b.high, n), lowest(b.low, n), function(x, y) return (x + y) / 2 end)
    end
    local t, k, s = mid(p.tenkan), mid(p.kijun), mid(p.senkou)
    local warm = max(p.tenkan, p.kijun, p.senkou) + p.shift
    local function back(f)
        return after(each(#b.high, function(i)
            return i > p.shift and f(i - p.shift) or nil
        end), warm)
    end
    return {
        senkou_a = back(function(i) return t[i] and k[i] and (t[i] + k[i]) / 2 end),
        senkou_b = back(function(i) return s[i] end),
        tenkan = after(t, warm), kijun = after(k, warm),
    }
end

function naive.heikin_ashi(b)
    local o, h, l, c = {}, {}, {}, {}
    for i = 1, #b.close do
        c[i] = (b.open[i] + b.high[i] + b.low[i] + b.close[i]) / 4
        o[i] = i > 1 and (o[i - 1] + c[i - 1]) / 2 or (b.open[1] + b.close[1]) / 2
        h[i], l[i] = max(b.high[i], o[i], c[i]), min(b.low[i], o[i], c[i])
    end
    return { open = o, high = h, low = l, close = c }
end

local function levels(b, f)
    local out = { p = {}, r1 = {}, r2 = {}, r3 = {}, s1 = {}, s2 = {}, s3 = {} }
    for i = 2, #b.close do
        local h, l, c = b.high[i - 1], b.low[i - 1], b.close[i - 1]
        local p = (h + l + c) / 3
        out.p[i] = p
        out.r1[i], out.r2[i], out.r3[i], out.s1[i], out.s2[i], out.s3[i] = f(p, h, l)
    end
    return out
end

function naive.pivots(b)
    return levels(b, function(p, h, l)
        return 2 * p - l, p + h - l, h + 2 * (p - l), 2 * p - h, p - h + l, l - 2 * (h - p)
    end)
end

function naive.pivots_fibonacci(b)
    return levels(b, function(p, h, l)
        local d = h - l
        return p + 0.382 * d, p + 0.618 * d, p + d, p - 0.382 * d, p - 0.618 * d, p - d
    end)
end

for name, f in pairs(single) do
    naive[name] = function(b, p)
        return { [name] = f(b, p) }
    end
end

return naive
