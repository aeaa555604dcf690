-- What naive indicators (naive_ta.lua) are put together from: averages, sums, deviations, Wilder's
-- directions, each from its definition, on plain arrays from 1, nil where there is no value yet.

local abs, max, min = math.abs, math.max, math.min

-- ---- parts -------------------------------------------------------------------------------------

-- out[i] = f(i) wherever f finds all it needs.
local function each(n, f)
    local out = {}
    for i = 1, n do
        out[i] = f(i)
    end
    return out
end

local function total(x, i, n)
    local s = 0
    for k = i - n + 1, i do
        if not x[k] then
            return nil
        end
        s = s + x[k]
    end
    return s
end

local function mean(x, i, n)
    local s = total(x, i, n)
    return s and s / n
end

local function fold(x, i, n, f)
    local r = x[i - n + 1]
    for k = i - n + 1, i do
        if not x[k] then
            return nil
        end
        r = f(r, x[k])
    end
    return r
end

local function length(x)
    local n = 0
    for i in pairs(x) do
        n = max(n, i)
    end
    return n
end

local function first(x)
    local i = 1
    while not x[i] and i < 1e5 do
        i = i + 1
    end
    return i
end

local function sma(x, n)
    return each(length(x), function(i) return mean(x, i, n) end)
end

-- prev + (x - prev) * k from the mean of the first n values at or after `from`.
local function smooth(x, n, k, from)
    local out, at = {}, (from or first(x)) + n - 1
    for i = at, length(x) do
        out[i] = i == at and mean(x, i, n) or out[i - 1] + (x[i] - out[i - 1]) * k
    end
    return out
end

local function ema(x, n, from)
    return smooth(x, n, 2 / (n + 1), from)
end

local function wilder(x, n)
    return smooth(x, n, 1 / n)
end

local function wma(x, n)
    return each(length(x), function(i)
        local s = 0
        for k = 1, n do
            local v = x[i - n + k]
            if not v then
                return nil
            end
            s = s + k * v
        end
        return s / (n * (n + 1) / 2)
    end)
end

local function combine(a, b, f)
    return each(max(length(a), length(b)), function(i)
        return a[i] and b[i] and f(a[i], b[i], i) or nil
    end)
end

local function minus(a, b)
    return combine(a, b, function(p, q) return p - q end)
end

local function changes(x)
    return each(length(x), function(i) return x[i - 1] and x[i] - x[i - 1] end)
end

local function highest(x, n)
    return each(length(x), function(i) return fold(x, i, n, max) end)
end

local function lowest(x, n)
    return each(length(x), function(i) return fold(x, i, n, min) end)
end

local function typical(b)
    return each(#b.close, function(i) return (b.high[i] + b.low[i] + b.close[i]) / 3 end)
end

local function true_range(b)
    return each(#b.close, function(i)
        local before = b.close[i - 1]
        return before and max(b.high[i], before) - min(b.low[i], before)
    end)
end

local function atr(b, n)
    return wilder(true_range(b), n)
end

local function kama(x, n, fast, slow)
    local out, steps = {}, changes(x)
    for i = n + 1, #x do
        local path = 0
        for k = i - n + 1, i do
            path = path + abs(steps[k])
        end
        local er = path > 0 and abs(x[i] - x[i - n]) / path or 1
        local c = er * (2 / (fast + 1) - 2 / (slow + 1)) + 2 / (slow + 1)
        local before = out[i - 1] or x[i - 1]
        out[i] = before + (x[i] - before) * c * c
    end
    return out
end

-- ((1 + v) E - v E^2)^3, E being one more exponential average.
local function t3(x, n, v)
    local e = { [0] = x }
    for k = 1, 6 do
        e[k] = ema(e[k - 1], n)
    end
    local u = 1 + v
    return each(#x, function(i)
        return e[6][i] and u * u * u * e[3][i] - 3 * u * u * v * e[4][i]
            + 3 * u * v * v * e[5][i] - v * v * v * e[6][i]
    end)
end

-- x shifted so that its values begin at 1, f, and back.
local function from_first(x, f)
    local from, part = first(x), {}
    for i = from, length(x) do
        part[i - from + 1] = x[i]
    end
    local y, out = f(part), {}
    for i = 1, #part do
        out[i + from - 1] = y[i]
    end
    return out
end

local AVERAGES = {
    [0] = sma, ema, wma,
    function(x, n)
        local e = ema(x, n)
        return combine(e, ema(e, n), function(a, b) return 2 * a - b end)
    end,
    function(x, n)
        local e1 = ema(x, n)
        local e2 = ema(e1, n)
        local e3 = ema(e2, n)
        return combine(minus(e1, e2), e3, function(d, c) return 3 * d + c end)
    end,
    function(x, n)
        -- weights 1, 2, .. up and down again
        return each(length(x), function(i)
            local s, w = 0, 0
            for k = 1, n do
                local v, weight = x[i - n + k], min(k, n + 1 - k)
                if not v then
                    return nil
                end
                s, w = s + weight * v, w + weight
            end
            return s / w
        end)
    end,
    function(x, n)
        return from_first(x, function(y) return kama(y, n, 2, 30) end)
    end,
    [8] = function(x, n)
        return from_first(x, function(y) return t3(y, n, 0.7) end)
    end,
}

local function ma(kind, x, n)
    return AVERAGES[kind](x, n)
end

local function gain(d) return each(length(d), function(i) return d[i] and max(d[i], 0) end) end
local function loss(d) return each(length(d), function(i) return d[i] and max(-d[i], 0) end) end

local function rsi(x, n)
    local d = changes(x)
    return combine(wilder(gain(d), n), wilder(loss(d), n), function(u, v)
        return u + v > 0 and 100 - 100 / (1 + u / v) or 0
    end)
end

local function raw_k(high, low, close, n)
    return combine(highest(high, n), lowest(low, n), function(h, l, i)
        return h > l and 100 * (close[i] - l) / (h - l) or 0
    end)
end

local function deviations(x, y, i, n)
    local mx, my, s = mean(x, i, n), mean(y, i, n), 0
    if not mx or not my then
        return nil
    end
    for k = i - n + 1, i do
        s = s + (x[k] - mx) * (y[k] - my)
    end
    return s
end

local function variance(x, n)
    return each(#x, function(i)
        local s = deviations(x, x, i, n)
        return s and s / n
    end)
end

-- Slope, and the line's value at the oldest bar, by the normal equations.
local function line(x, i, n)
    if i < n then
        return nil
    end
    local sx, sy, sxx, sxy = 0, 0, 0, 0
    for k = 0, n - 1 do
        local y = x[i - n + 1 + k]
        sx, sy, sxx, sxy = sx + k, sy + y, sxx + k * k, sxy + k * y
    end
    local slope = (n * sxy - sx * sy) / (n * sxx - sx * sx)
    return slope, (sy - slope * sx) / n
end

local function line_at(x, n, k)
    return each(#x, function(i)
        local slope, base = line(x, i, n)
        return slope and base + slope * k
    end)
end

-- ---- Wilder's directions -----------------------------------------------------------------------

-- Wilder's running sums: the first n - 1 added up, then less their n-th part before each new one.
local function running(x, n)
    local out, s = {}, 0
    for i = 2, length(x) do
        s = i <= n and s + x[i] or s - s / n + x[i]
        out[i] = s
    end
    return out
end

local function directions(b, n)
    local plus, down = {}, {}
    for i = 2, #b.high do
        local up, dn = b.high[i] - b.high[i - 1], b.low[i - 1] - b.low[i]
        plus[i] = up > dn and up > 0 and up or 0
        down[i] = dn > up and dn > 0 and dn or 0
    end
    return running(plus, n), running(down, n), b.close and running(true_range(b), n)
end

local function after(x, i)
    for k = 1, i - 1 do
        x[k] = nil
    end
    return x
end

local function di(dm, range)
    return combine(dm, range, function(d, r) return r ~= 0 and 100 * d / r or 0 end)
end

local function dx(b, n)
    local plus, down, range = directions(b, n)
    return after(combine(di(plus, range), di(down, range), function(p, m)
        return p + m ~= 0 and 100 * abs(p - m) / (p + m) or 0
    end), n + 1)
end

local function adx(b, n)
    return wilder(dx(b, n), n)
end

return {
    each = each, total = total, mean = mean, first = first, sma = sma, ema = ema, wilder = wilder,
    wma = wma, combine = combine, minus = minus, changes = changes, highest = highest,
    lowest = lowest, typical = typical, true_range = true_range, atr = atr, kama = kama, t3 = t3,
    ma = ma, gain = gain, loss = loss, rsi = rsi, raw_k = raw_k, deviations = deviations,
    variance = variance, line = line, line_at = line_at, directions = directions, after = after,
    di = di, dx = dx, adx = adx,
}
