-- Nothing later than now is reachable: two markets that agree up to a bar and differ after it look
-- the same up to that bar, through everything that data gives.

local bar = require "spec.support.bar"
local market = require "spec.support.market"
local raises = bar.raises

local SPLIT, BARS = 12, 24

-- Prices and gaps of two markets: the same up to SPLIT.
local function closes(which, asset)
    local list = {}
    for i = 1, BARS do
        local later = i > SPLIT
        local value = 50 + (i * 7 + asset * 13) % 11 + (later and which * 10 or 0)
        local gap = asset == 2 and (i == 4 or i == 5 or i == 12)
            or later and which == 2 and asset == 2
        list[i] = not gap and value
        if asset == 3 and i < 7 then
            list[i] = false
        end
    end
    if which == 2 then -- one market ends early, in the other bars are missing
        list[SPLIT + 1] = asset == 1 and 77 or false
    end
    return list
end

for which = 1, 2 do
    market.daily("market" .. which, {
        A = market.path(closes(which, 1), 300), B = market.path(closes(which, 2), 400),
        C = market.path(closes(which, 3), 500),
    })
end

local FIELDS = { "open", "high", "low", "close", "volume", "price" }
local SYMBOLS = { "A", "B", "C" }

local function text(x, out)
    if type(x) == "number" then
        out[#out + 1] = ("%.17g"):format(x)
    elseif type(x) == "table" then
        local keys = {}
        for key in pairs(x) do
            keys[#keys + 1] = key
        end
        table.sort(keys, function(a, b)
            return tostring(a) < tostring(b)
        end)
        for _, key in ipairs(keys) do
            out[#out + 1] = tostring(key)
            text(x[key], out)
        end
    else
        out[#out + 1] = tostring(x)
    end
end

local function windows(data, n, out)
    for _, symbol in ipairs(SYMBOLS) do
        for _, field in ipairs(FIELDS) do
            local v = data:history(symbol, field, n, "1d", "array")
            text(v:totable(), out)
            text({ v:sum(), v:mean(), v:std(), v:min(), v:max(), v:valid():totable() }, out)
        end
    end
    local f = data:history(SYMBOLS, FIELDS, n, "1d")
    text(f:totable(), out)
    text({ f:mean(), f:row(1), f:row(n), tostring(f), f.time:totable(), f.n }, out)
end

-- Everything that data gives at a bar, as one text.
local function everything(data)
    local out = {}
    for _, n in ipairs { 1, 2, 3, 7, SPLIT, 30 } do
        windows(data, n, out)
    end
    text(data:current(SYMBOLS, FIELDS), out)
    text(data:can_trade(SYMBOLS), out)
    text(data:is_stale(SYMBOLS), out)
    return table.concat(out, " ")
end

local function seen(name)
    local texts = {}
    bar.each({ bundle = name }, function(_, data, i)
        texts[i] = everything(data)
    end)
    return texts
end

describe("the future", function()
    teardown(market.clean)

    it("changes nothing of what was seen before", function()
        local one, two = seen "market1", seen "market2"
        for i = 1, SPLIT do
            assert.is_true(one[i] == two[i], "bar " .. i)
        end
        assert.is_true(one[SPLIT + 1] ~= two[SPLIT + 1])
    end)

    it("does not enter views that were kept", function()
        local kept, shown = {}, {}
        bar.each({ bundle = "market1" }, function(_, data, i)
            kept[i] = data:history("A", "close", 3, "1d", "array")
            shown[i] = tostring(kept[i])
        end)
        for i = 1, BARS do
            assert.equal(shown[i], tostring(kept[i]))
        end
    end)

    it("is not behind the end of a view or of its parts", function()
        bar.at(SPLIT, { bundle = "market1" }, function(_, data)
            local v = data:history("A", "close", 5, "1d", "array")
            for _, part in ipairs { v, v:last(2), v:slice(4, 5), v:slice(5) } do
                for ahead = 1, 3 do
                    assert.is_false(pcall(function()
                        return part[#part + ahead]
                    end))
                end
                assert.is_false(pcall(function()
                    part:slice(1, #part + 1)
                end))
                assert.is_false(pcall(function()
                    part:last(#part + 1)
                end))
                assert.is_false(pcall(function()
                    part.n = #part + 1
                end))
            end
        end)
    end)

    -- A frame holds four numbers that a determined script can find and change.
    it("is not behind a frame that was tampered with", function()
        bar.at(SPLIT, { bundle = "market1" }, function(_, data)
            local function keys_of(f)
                local keys = {}
                for key in next, f do
                    keys[#keys + 1] = key
                end
                return keys
            end
            local shapes = {
                { "A", "close" }, { "A", FIELDS }, { SYMBOLS, "close" }, { SYMBOLS, FIELDS },
            }
            local values = { SPLIT, SPLIT + 1, 1e6, -1, -1e6, 2 ^ 31, 2 ^ 40, 0.5, 0 / 0, 1 / 0,
                100000, 100001, "x", false, {} }
            local now = {}
            text(data:current(SYMBOLS, FIELDS), now)
            for _, shape in ipairs(shapes) do
                for k = 1, 4 do
                    for _, value in ipairs(values) do
                        local f = data:history(shape[1], shape[2], 4, "1d")
                        rawset(f, keys_of(f)[k], value)
                        pcall(function()
                            for _, column in pairs(f) do
                                local v = type(column) == "table" and column.close or column
                                -- whatever this shows, its newest is not newer than now
                                local newest = v[-1]
                                assert.is_true(newest ~= newest or newest < 70)
                                v:mean()
                            end
                            text(f:row(f.n), {})
                            text({ tostring(f) }, {})
                        end)
                    end
                end
            end
        end)
    end)

    it("is refused in a frame of a later bar of another run", function()
        local later
        bar.at(SPLIT + 5, { bundle = "market1" }, function(_, data)
            later = data:history("A", "close", 3, "1d")
        end)
        bar.at(SPLIT, { bundle = "market1" }, function()
            raises("frame: it was changed, or is of a later bar than the current one", function()
                return later.close
            end)
            raises("frame: it was changed, or is of a later bar than the current one", function()
                return later.time
            end)
        end)
    end)
end)
