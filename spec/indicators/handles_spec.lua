-- ctx:indicator and ta are one number, to the bit: every indicator, assets with gaps, two assets,
-- sessions of several bars.

local backtest = require "spec.support.backtest"
local market = require "spec.support.market"
local ta = require "backlua.ta"

local DAYS, A_DAY = 20, 6
local N = DAYS * A_DAY

-- Bars of A and B and where B has none.
local function make(seed, missing)
    local state, bars, price = seed, {}, 100
    local function random()
        state = (state * 16807) % 2147483647
        return state / 2147483647
    end
    for i = 1, N do
        local close = math.floor((price + random() * 4 - 2) * 100) / 100
        local high, low = math.max(price, close) + random(), math.min(price, close) - random()
        local volume = math.floor(random() * 1000) + 1
        local is_gap = missing and (i < 5 or random() < 0.3)
        bars[i] = not is_gap and { price, high, low, close, volume }
        price = close
    end
    return bars
end

local A, B = make(5), make(6, true)

-- The asset's columns; a session is a day. NaN where `also` has no bar.
local function columns(bars, also)
    local c = { open = {}, high = {}, low = {}, close = {}, volume = {}, session = {} }
    for i = 1, N do
        local bar = bars[i] and (not also or also[i]) and bars[i] or {}
        for k, name in ipairs { "open", "high", "low", "close", "volume" } do
            c[name][i] = bar[k] or 0 / 0
        end
        c.session[i] = math.floor((i - 1) / A_DAY)
    end
    return c
end

-- Values of all outputs by bar, as a strategy reads them.
local function read(name, symbol, other)
    local info, seen = ta.info(name), {}
    for _, output in ipairs(info.outputs) do
        seen[output] = {}
    end
    local result, err = backtest.run({
        initialize = function(ctx)
            ctx.h = ctx:indicator(name, symbol, other and { other = other } or nil)
        end,
        handle_data = function(ctx)
            for _, output in ipairs(info.outputs) do
                local h = #info.outputs > 1 and ctx.h[output] or ctx.h
                table.insert(seen[output], h[-1])
            end
        end,
    }, { bundle = "both" })
    assert.is_nil(err and err.message)
    assert.equal(N, #result.equity.value)
    return seen
end

local function compare(name, seen, computed)
    local outputs = ta.info(name).outputs
    for _, output in ipairs(outputs) do
        local values = #outputs > 1 and computed[output] or computed
        for i = 1, N do
            local h, x = seen[output][i], values[i]
            assert.is_true(h == x or (h ~= h and x ~= x),
                ("%s.%s at %d: handle %.17g, ta %.17g"):format(name, output, i, h, x))
        end
    end
end

describe("a handle is ta's number:", function()
    setup(function()
        market.minutes("both", A_DAY, { A = A, B = B })
    end)
    teardown(market.clean)

    for _, name in ipairs(ta.names()) do
        local two = table.concat(ta.info(name).inputs, " "):find "other"
        it(name, function()
            if two then
                compare(name, read(name, "A", "B"),
                    ta[name](columns(A, B).close, columns(B).close))
            else
                compare(name, read(name, "A"), ta[name](columns(A)))
                compare(name, read(name, "B"), ta[name](columns(B)))
            end
        end)
    end

    local function refused(call)
        local said, err = backtest.error("function initialize(ctx)\n" .. call
            .. "\nend function handle_data() end", { bundle = "both" })
        assert.equal(2, err.line)
        return said
    end

    it("the field chosen, of either asset", function()
        local result = backtest.run([[
            function initialize(ctx)
                ctx.a = ctx:indicator("correl", "A", { n = 5, other = "B", field = "open",
                    other_field = "high" })
                ctx.b = ctx:indicator("obv", "A", { field = "high" })
            end
            function handle_data(ctx)
                print(("%.17g %.17g"):format(ctx.a[-1], ctx.b[-1]))
            end]], { bundle = "both" })
        assert.truthy(result)
        local printed = backtest.printed
        local r = ta.correl(columns(A, B).open, columns(B).high, { n = 5 })
        local o = ta.obv { close = columns(A).high, volume = columns(A).volume }
        for i = 1, N do
            local want = ("%.17g %.17g"):format(r[i], o[i])
            assert.equal((want:gsub("-nan", "nan")), (printed[i]:gsub("-nan", "nan")))
        end
    end)

    it("what is asked wrongly is refused at the strategy's line", function()
        for call, message in pairs {
            ["ctx:indicator('macd', 'A', { fsat = 3 })"] = "did you mean 'fast'?",
            ["ctx:indicator('correl', 'A', { n = 5 })"] = "other is required",
            ["ctx:indicator('correl', 'A', { other = 'C' })"] = "'C'",
            ["ctx:indicator('atr', 'A', { field = 'open' })"] = "unknown option 'field'",
            ["ctx:indicator('sma', 'A', { other = 'B' })"] = "unknown option 'other'",
            ["ctx:indicator('stoch', 'A', { slow_k_matype = 7 })"] = "7 (MAMA) is not there",
            ["local x = ctx:indicator('macd', 'A').sginal"] = "did you mean 'signal'?",
            ["local x = ctx:indicator('macd', 'A')[-1]"] = "choose one first: macd, signal, hist",
            ["ctx:indicator('macdd', 'A')"] = "did you mean 'macd'?",
            ["ctx:indicator(5, 'A')"] = "must be a string such as \"sma\" or a function, got 5",
        } do
            local said = refused(call)
            assert.truthy(said:find(message, 1, true), said)
        end
    end)
end)
