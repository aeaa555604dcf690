-- Coarser frequencies: figures by hand, both return types in all shapes, the bar that grows, and
-- that nothing later than now is in any of it.

local bar = require "spec.support.bar"
local market = require "spec.support.market"
local raises = bar.raises

local DAY, MINUTE = 86400000000LL, 60000000LL

-- 1 2 3 4 5 | 6 7 8 9 10 | 11 12: twelve minutes from 14:30, on two days.
local closes, others = {}, {}
for i = 1, 24 do
    closes[i] = { i - 0.5, i + 1, i - 0.75, i, 100 }
    others[i] = i % 7 == 0 and { i, i, i, i, 7 } or false
end
others[1] = { 1, 1, 1, 1, 7 }
market.minutes("small", 12, { A = closes, B = others })

local function at(i, body)
    return bar.at(i, { bundle = "small" }, body)
end

describe("a coarser frequency", function()
    teardown(market.clean)

    it("shows bars that have closed", function()
        at(9, function(_, data)
            local v = data:history("A", "close", 2, "5m", "array")
            assert.equal("view[2] {nan, 5}", tostring(v))
            assert.equal(0.5, data:history("A", "open", 1, "5m", "array")[1])
            assert.equal(6, data:history("A", "high", 1, "5m", "array")[1])
            assert.equal(0.25, data:history("A", "low", 1, "5m", "array")[1])
            assert.equal(500, data:history("A", "volume", 1, "5m", "array")[1])
        end)
        at(10, function(_, data)
            assert.same({ 5, 10 }, data:history("A", "close", 2, "5m", "array"):totable())
            assert.equal(7.5, data:history("A", "close", 2, "5m", "array"):mean())
            local none = data:history("A", "close", 1, "1d", "array")[1]
            assert.is_true(none ~= none)
        end)
        at(13, function(_, data)
            assert.equal(12, data:history("A", "close", 1, "1d", "array")[1])
            assert.same({ 5, 10, 12 }, data:history("A", "close", 3, "5m", "array"):totable())
        end)
    end)

    it("has the growing bar for who asks", function()
        at(13, function(_, data)
            local v = data:history("A", "close", 2, "1d", "array", { partial = true })
            assert.same({ 12, 13 }, v:totable())
            assert.equal(12.5, v:mean())
            assert.equal(1200, data:history("A", "volume", 1, "1d", "array")[1])
            assert.same({ 1200, 100 }, data:history({ assets = "A", fields = "volume",
                bar_count = 2, frequency = "1d", partial = true }).volume:totable())
        end)
        at(15, function(_, data)
            local f = data:history({ "A", "B" }, { "high", "volume" }, 2, "1d", nil,
                { partial = true })
            assert.same({ 13, 16 }, f.A.high:totable())
            assert.same({ 14, 7 }, f.B.volume:totable()) -- minutes 1, 7 | 14
            assert.equal(15, f.A:row(2).high - 1)
            assert.same({ 13 }, f.A:slice(1, 1).high:totable())
            assert.same({ 16 }, f.A:last(1).high:totable())
            -- the day's end, and now
            assert.equal(1577836800 + 86399, f.time[1])
            assert.equal(1577836800 + 86400 + 14 * 3600 + 33 * 60, f.time[2])
        end)
        at(5, function(_, data) -- it has just closed: none grows
            assert.same({ 5 },
                data:history("A", "close", 1, "5m", "array", { partial = true }):totable())
        end)
    end)

    it("shows it everywhere when the strategy says so", function()
        local seen = {}
        require "backlua".run { bundle = "small", strategy = {
            initialize = function(ctx)
                ctx:set_history_partial(true)
            end,
            handle_data = function(_, data)
                seen[#seen + 1] = data:history("A", "close", 1, "1d", "array")[1]
                assert(data:current("A", "close", "5m") == #seen)
                local closed = data:history("A", "close", 1, "1d", "array", { partial = false })[1]
                assert(#seen > 12 and closed == 12 or closed ~= closed)
            end,
        } }
        assert.equal(24, #seen)
        for i = 1, 24 do
            assert.equal(i, seen[i])
        end
        at(3, function(_, data) -- the next run forgets it
            local v = data:history("A", "close", 1, "1d", "array")[1]
            assert.is_true(v ~= v)
        end)
    end)

    it("keeps windows and frames as they were", function()
        local views, frames, growing = {}, {}, {}
        bar.each({ bundle = "small" }, function(_, data, i)
            views[i] = data:history("A", "close", 2, "5m", "array")
            frames[i] = data:history("A", { "close", "open" }, 2, "5m")
            growing[i] = data:history("A", "close", 2, "5m", "array", { partial = true })
            if i == 24 then
                for k = 6, 9 do
                    local f = data:history("A", "close", 1, "5m", nil, { partial = true })
                    assert.equal(24, f.close[1])
                    assert.equal(5, views[k][2])
                    assert.equal(5, frames[k].close[2])
                    assert.equal(k, growing[k][2])
                end
            end
        end)
        assert.equal(10, views[10][2])
        assert.equal(9.5 - 4, frames[10].open[2])
        assert.same({ 5, 10 }, frames[10].close:totable())
    end)

    it("gives frames and arrays of every shape alike", function()
        at(22, function(_, data)
            for _, partial in ipairs { false, true } do
                local function ask(assets, fields, form)
                    return data:history(assets, fields, 3, "5m", form, { partial = partial })
                end
                local both = ask({ "A", "B" }, { "close", "low" }, "array")
                local nested = ask({ "A", "B" }, { "close", "low" })
                local by_symbol = ask({ "A", "B" }, "close")
                local by_field = ask("B", { "close", "low" })
                for a, symbol in ipairs { "A", "B" } do
                    for f, field in ipairs { "close", "low" } do
                        local one = tostring(ask(symbol, field, "array"))
                        assert.equal(one, tostring(both[a][f]))
                        assert.equal(one, tostring(nested[symbol][field]))
                        assert.equal(one, tostring(ask(symbol, field)[field]))
                    end
                    assert.equal(tostring(by_symbol[symbol]), tostring(both[a][1]))
                end
                assert.equal(tostring(by_field.low), tostring(both[2][2]))
            end
        end)
    end)

    it("gives frames of every frequency in every way, in one run", function()
        local names = { "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "1d", "1w", "1mo" }
        at(22, function(_, data)
            for i = 1, 6 * #names do
                local name = names[(i - 1) % #names + 1]
                local options = { partial = i % 2 == 0, adjust = ({ "none", "splits", "all" })[i % 3
                    + 1] }
                local f = data:history("A", "close", 2, name, nil, options)
                local v = data:history("A", "close", 2, name, "array", options)
                assert.equal(tostring(v), tostring(f.close))
            end
        end)
    end)

    it("is known to data:current", function()
        at(12, function(_, data)
            assert.equal(10, data:current("A", "close", "5m"))
            assert.equal(12, data:current("A", "close", "5m", { partial = true }))
            assert.same({ A = 5.5, B = 7 }, data:current({ "A", "B" }, "open", "5m"))
            local day = data:current("A", { "close", "open" }, "1d")
            assert.is_true(day.close ~= day.close and day.open ~= day.open)
            raises("current: no option 'partly'; did you mean 'partial'?", function()
                data:current("A", "close", "5m", { partly = true })
            end)
        end)
    end)

    it("carries indicators", function()
        local h, hour, seen = nil, nil, {}
        require "backlua".run { bundle = "small", strategy = {
            initialize = function(ctx)
                h = ctx:indicator("sma", "A", { n = 2, frequency = "5m" })
                hour = ctx:indicator("sma", "A", { n = 2 })
            end,
            handle_data = function(_, data)
                seen[#seen + 1] = h[-1]
                local v = data:history("A", "close", 2, "5m", "array")
                assert(h[-1] == v:mean() or v[1] ~= v[1])
                assert(hour[-1] == data:current("A", "close") - 0.5 or #seen == 1)
            end,
        } }
        assert.is_true(seen[9] ~= seen[9])
        assert.equal(7.5, seen[10])
        assert.equal(7.5, seen[12])
        assert.equal(11, seen[13])
        assert.equal((12 + 17) / 2, seen[17])
    end)

    it("refuses what it cannot make, at the line of the call", function()
        at(2, function(ctx, data)
            raises("history: partial must be true or false, got 1", function()
                data:history("A", "close", 2, "5m", nil, { partial = 1 })
            end)
            raises("current: options are a table such as { partial = true }, got true", function()
                data:current("A", "close", "5m", true)
            end)
            raises("indicator sma: no frequency '5min'; did you mean '5m'? there are 1m, 3m, 5m,"
                .. " 15m, 30m, 1h, 2h, 4h, 1d, 1w and 1mo", function()
                ctx:indicator("sma", "A", { n = 2, frequency = "5min" })
            end)
        end)
    end)

    -- A splits 4:1 on day 3, a Friday, and pays 3 on day 5, a Sunday with a session: the close
    -- before is 120, the factor 1 - 3 / 120 = 0.975.
    it("is adjusted as of now, inside of its bars, too", function()
        market.daily("acted", { A = market.path({ 400, 440, 112, 120, 90, 96 }, 1000) },
            { { kind = "split", symbol = "A", day = 3, ratio = 4 },
              { kind = "dividend", symbol = "A", day = 5, amount = 3, pay = 6 } })
        local function week(day, options)
            return bar.at(day, { bundle = "acted" }, function(_, data)
                local f = data:history("A", { "open", "high", "close", "volume" }, 1, "1w", nil,
                    options)
                local v = data:history("A", "high", 1, "1w", "array", options)
                assert.equal(f.high[1], v[1])
                return f:row(1)
            end)
        end
        assert.same({ open = 400, high = 440, close = 440, volume = 2000 },
            week(2, { partial = true }))
        assert.same({ open = 100, high = 120, close = 120, volume = 10000 },
            week(4, { partial = true }))
        assert.same({ open = 400, high = 440, close = 120, volume = 4000 },
            week(4, { partial = true, adjust = "none" }))
        assert.same({ open = 97.5, high = 117, close = 90, volume = 11000 }, week(6))
        assert.same({ open = 100, high = 120, close = 90, volume = 11000 },
            week(6, { adjust = "splits" }))
        assert.same({ open = 400, high = 440, close = 90, volume = 5000 },
            week(6, { adjust = "none" }))
    end)

    it("says how many bars there are where windows may not begin before the first", function()
        bar.at(13, { bundle = "small", history_start = "error" }, function(_, data)
            raises("history: 4 bars of '5m' are asked for, but 3 have closed since bundle 'small'"
                .. " began; ask for fewer, start later, or set history_start = \"nan\"", function()
                data:history("A", "close", 4, "5m", "array")
            end)
            assert.equal(4, data:history("A", "close", 4, "5m", "array", { partial = true }).n)
        end)
    end)
end)

-- ---- as of --------------------------------------------------------------------------------------

local FIELDS = { "open", "high", "low", "close", "volume", "price" }
local FREQUENCIES = { "3m", "5m", "15m", "30m", "1h", "2h", "4h", "1d", "1w", "1mo" }

-- A seeded stream of 0 .. n - 1 (Park, Miller 1988).
local function stream(seed)
    return function(n)
        seed = seed * 16807 % 2147483647
        return seed % n
    end
end

-- Rows of some minutes of the weekdays of 60 days, around midnight, too.
local rows = {}
do
    local draw = stream(7)
    for day = 18262, 18262 + 60 do
        local minute = draw(300)
        while (day + 3) % 7 < 5 and minute < 1440 do
            rows[#rows + 1] = { open = day * DAY + minute * MINUTE, session = day }
            minute = draw(6) == 0 and minute + draw(700) or minute + 1 + draw(3)
            minute = draw(9) == 0 and 1439 > minute and 1439 or minute
        end
    end
end

-- Every row has a bar of A or of B; other: the bars of the one that is made.
local function random_bars(seed, other)
    local draw, list = stream(seed), {}
    for i = 1, #rows do
        local c = 50 + draw(100000) / 997
        local is_there = draw(4) > 0 or i == 1 or other and not other[i]
        list[i] = is_there and { c + 0.1, c + 1.3, c - 0.7, c, draw(999) / 7 } or false
    end
    return list
end

local function store(name, assets)
    market.timed(name, assets, "1m", function(i)
        return rows[i].open, rows[i].open + MINUTE, rows[i].session
    end)
end

local function cut(list, last, after)
    local result = {}
    for i = 1, last do
        result[i] = list[i]
    end
    for i = last + 1, after and #list or last do
        result[i] = list[i] and after
    end
    return result
end

local function everything(data, out)
    for _, frequency in ipairs(FREQUENCIES) do
        for _, partial in ipairs { false, true } do
            local f = data:history({ "A", "B" }, FIELDS, 6, frequency, "frame",
                { partial = partial })
            for _, symbol in ipairs { "A", "B" } do
                for _, field in ipairs(FIELDS) do
                    local v = f[symbol][field]
                    local w = data:history(symbol, field, 6, frequency, "array",
                        { partial = partial })
                    assert(tostring(v) == tostring(w))
                    out[#out + 1] = tostring(v) .. (" %.17g"):format(w:sum())
                end
            end
            out[#out + 1] = tostring(f.time)
        end
    end
end

local function seen_at(name, i)
    return bar.at(i, { bundle = name }, function(_, data)
        local out = {}
        everything(data, out)
        return table.concat(out, "\n")
    end)
end

describe("history at any instant", function()
    local a = random_bars(11)
    local b = random_bars(23, a)

    teardown(market.clean)

    it("is that of a bundle which ends there, and no later bar changes it", function()
        local draw = stream(41)
        store("whole", { A = a, B = b })
        local seen, instants = {}, {}
        for _ = 1, 20 do
            instants[draw(#rows - 2) + 2] = true
        end
        bar.each({ bundle = "whole" }, function(_, data, i)
            if instants[i] then
                local out = {}
                everything(data, out)
                seen[i] = table.concat(out, "\n")
            end
        end)
        for i in pairs(instants) do
            store("cut", { A = cut(a, i), B = cut(b, i) })
            assert.is_true(seen_at("cut", i) == seen[i], "cut at " .. i)
            local poison = { 1e9, 1e9, 1e-9, 1e9, 1e12 }
            store("poisoned", { A = cut(a, i, poison), B = cut(b, i, poison) })
            assert.is_true(seen_at("poisoned", i) == seen[i], "poisoned after " .. i)
        end
    end)

    it("does not change at all while no bar of a frequency closes", function()
        -- by the clock and the days alone: a bar of five minutes is closed when five minutes are
        -- over since midnight, or a later one has begun
        local last, shown = nil, nil
        bar.each({ bundle = "whole" }, function(_, data, i)
            local open = rows[i].open
            local begun, over = open / (5 * MINUTE), (open + MINUTE) % (5 * MINUTE) == 0
            local text = tostring(data:history("A", "high", 3, "5m", "array"))
            if last and begun == last and not over then
                assert.equal(shown, text)
            end
            last, shown = begun, text
        end)
    end)
end)
