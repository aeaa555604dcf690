-- view:sum and view:mean against the exact sum of a copy, which has no column and no prefix sums:
-- the same bits for every window, compiled and interpreted.

local bar = require "spec.support.bar"
local ffi = require "ffi"
local market = require "spec.support.market"
local C = require "backlua.ffi".C

market.synthetic "ragged"

local function walk(seed, has_gaps)
    local list, x = {}, 100
    for i = 1, 400 do
        seed = (seed * 16807) % 2147483647
        x = x * (0.97 + seed / 2147483647 * 0.061)
        local gap = has_gaps and i > 100 and i < 300 and seed % 17 == 0
        list[i] = not gap and math.floor(x * 100) / 100
    end
    return list
end

market.daily("gappy", {
    G = market.path(walk(1, true), 123), H = market.path(walk(2, true), 1e9),
    FULL = market.path(walk(3)),
})

local scratch = ffi.new("double[?]", 100000)

local function exact(v)
    for i = 1, #v do
        scratch[i - 1] = v[i]
    end
    return C.bt_window_sum(scratch, #v, nil)
end

local function same(a, b)
    return a == b or (a ~= a and b ~= b)
end

local FIELDS = { "close", "volume", "price", "open" }

-- Compare at a bar: windows of many lengths and their parts. Returns how many sums were numbers.
local function compare(data, symbols, lengths)
    local numbers = 0
    for _, symbol in ipairs(symbols) do
        for _, field in ipairs(FIELDS) do
            for _, n in ipairs(lengths) do
                local v = data:history(symbol, field, n, "1d", "array")
                for part = 1, 3 do
                    local w = part == 1 and v or part == 2 and v:last(math.ceil(n / 2))
                        or v:slice(1, math.ceil(n / 3))
                    local sum = exact(w)
                    assert(same(w:sum(), sum), field)
                    assert(same(w:mean(), sum / #w), field)
                    numbers = numbers + (sum == sum and 1 or 0)
                end
            end
        end
    end
    return numbers
end

local function check(options, symbols, lengths, every)
    local numbers, bars = 0, 0
    bar.each(options, function(_, data, i)
        if i % every == 0 then
            bars = bars + 1
            numbers = numbers + compare(data, symbols, lengths)
        end
    end)
    assert.is_true(bars > 50 and numbers > 1000)
end

describe("sums of windows", function()
    teardown(market.clean)

    for _, mode in ipairs { "compiled", "interpreted" } do
        it("are exact over gaps, late starts and the time before the bundle: " .. mode, function()
            jit[mode == "compiled" and "on" or "off"]()
            check({ bundle = "gappy" }, { "G", "H", "FULL" }, { 1, 2, 5, 21, 64, 333, 700 }, 3)
            check({ bundle = "ragged" }, { "AAPL", "META", "TSLA" }, { 1, 20, 240, 1500 },
                mode == "compiled" and 29 or 97)
            jit.on()
        end)
    end
end)
