-- Every indicator against its naive twin, on random bars with and without gaps, for several sets of
-- parameters.

local naive = require "spec.support.naive_ta"
local ta = require "backlua.ta"

local FIELDS = { "x", "other", "open", "high", "low", "close", "volume" }
local NAN = 0 / 0

-- A small generator of its own, so that the specs do not share one.
local function draw(seed)
    local state = seed
    return function()
        state = (state * 16807) % 2147483647
        return state / 2147483647
    end
end

-- n bars with two decimals; some stand still, some have no span, some repeat the last close.
local function bars(seed, n)
    local random, b = draw(seed), {}
    for _, field in ipairs(FIELDS) do
        b[field] = {}
    end
    local price, second = 50, 20
    local function cents(x)
        return math.floor(x * 100 + 0.5) / 100
    end
    for i = 1, n do
        local close = random() < 0.1 and price or cents(math.max(5, price + (random() - 0.5) * 3))
        local reach = random() < 0.1 and 0 or random()
        second = cents(math.max(3, second + (close - price) * 0.3 + random() - 0.5))
        b.open[i], b.close[i], b.x[i], b.other[i] = price, close, close, second
        b.high[i] = cents(math.max(price, close) + reach)
        b.low[i] = cents(math.min(price, close) - reach)
        b.volume[i] = math.floor(random() * 1000) + 1
        price = close
    end
    return b
end

local function call(name, b, options)
    local info = ta.info(name)
    local list = table.concat(info.inputs, " ")
    if list == "x" then
        return ta[name](b.x, options)
    elseif list == "x other" then
        return ta[name](b.x, b.other, options)
    end
    return ta[name](b, options)
end

-- Sets of parameters: the defaults, short lengths, other lengths with other kinds of averages.
local KINDS = { 1, 3, 6, 8, 2, 5, 4 }
local function choices(info)
    local sets = { {}, {}, {}, {} }
    for i, p in ipairs(info.parameters) do
        local is_kind = p.name:find "matype$"
        for k, length in ipairs { 0, 2, 5, 11 } do
            sets[k][p.name] = k == 1 and p.default
                or is_kind and KINDS[(i + k) % #KINDS + 1]
                or p.is_int and math.max(p.min, length + i - 1)
                or math.min(p.max, p.default * (1 + 0.25 * (k - 2)))
        end
    end
    return sets
end

local function shown(options)
    local parts = {}
    for name, value in pairs(options) do
        parts[#parts + 1] = name .. "=" .. value
    end
    table.sort(parts)
    return table.concat(parts, " ")
end

-- Compare an array with a view; rows[i]: row of the i-th value.
local function compare(label, want, got, rows)
    local scale, at = 1e-300, {}
    for i, row in ipairs(rows) do
        at[row] = i
        scale = math.max(scale, math.abs(want[i] or 0))
    end
    for row = 1, #got do
        local w, g = at[row] and want[at[row]], got[row]
        if w then
            assert.is_true(math.abs(w - g) <= 1e-9 * scale,
                ("%s at %d: %.17g, naively %.17g"):format(label, row, g, w))
        else
            assert.is_true(g ~= g, ("%s at %d: %.17g, naively NaN"):format(label, row, g))
        end
    end
end

local function check(name, b, gappy, rows)
    local info = ta.info(name)
    for _, options in ipairs(choices(info)) do
        local want, got = naive[name](b, options), call(name, gappy, options)
        for _, output in ipairs(info.outputs) do
            compare(("%s.%s{%s}"):format(name, output, shown(options)), want[output],
                #info.outputs > 1 and got[output] or got, rows)
        end
    end
end

local function every(n)
    local rows = {}
    for i = 1, n do
        rows[i] = i
    end
    return rows
end

-- The bars at random rows of a longer series, NaN in all others.
local function spread(b, n, seed)
    local random, gappy, rows = draw(seed), {}, {}
    for _, field in ipairs(FIELDS) do
        gappy[field] = {}
    end
    local row = 0
    for i = 1, n do
        repeat
            row = row + 1
            for _, field in ipairs(FIELDS) do
                gappy[field][row] = NAN
            end
        until random() < 0.7
        rows[i] = row
        for _, field in ipairs(FIELDS) do
            gappy[field][row] = b[field][i]
        end
    end
    return gappy, rows
end

describe("each indicator is its naive twin:", function()
    local N = 150
    for _, name in ipairs(ta.names()) do
        it(name, function()
            assert.truthy(naive[name], "no naive twin of " .. name)
            local b = bars(17, N)
            check(name, b, b, every(N))
            check(name, b, spread(b, N, 23))
        end)
    end
end)
