local bar = require "spec.support.bar"
local market = require "spec.support.market"
local view_module = require "backlua.view"
local raises = bar.raises

-- A closes at 1, 2 .. 10; B has no bar on days 3 and 4.
market.daily("views", {
    A = market.path { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 },
    B = market.path { 10, 20, false, false, 50, 60, 70, 80, 90, 100 },
})

local function close(n, at, symbol)
    return bar.at(at or 10, { bundle = "views" }, function(_, data)
        return data:history(symbol or "A", "close", n, "1d", "array")
    end)
end

local function nan(x)
    return x ~= x
end

describe("a view", function()
    teardown(market.clean)

    it("counts from 1, oldest first, and from the end", function()
        local v = close(4)
        assert.equal(4, #v)
        assert.equal(4, v.n)
        assert.same({ 7, 8, 9, 10 }, { v[1], v[2], v[3], v[4] })
        assert.same({ 10, 9, 8, 7 }, { v[-1], v[-2], v[-3], v[-4] })
    end)

    it("raises for every index that it does not hold", function()
        local v = close(4)
        local range = "; it holds 1..4, or -4..-1 from the end"
        for _, i in ipairs { 0, 5, -5, 1e9, 2 ^ 31, 2 ^ 32 + 1, -2 ^ 32 - 1, 1e300, 1 / 0 } do
            local shown = i % 1 == 0 and "is out of range" or "is no whole number"
            raises(("view: index %s %s%s"):format(tostring(i), shown, range), function()
                return v[i]
            end)
        end
        for _, i in ipairs { 1.5, 0.5, -1.5, 4.000001, 0 / 0 } do
            raises(("view: index %s is no whole number%s"):format(tostring(i), range), function()
                return v[i]
            end)
        end
        for _, i in ipairs { true, {}, print } do
            local ok = pcall(function()
                return v[i]
            end)
            assert.is_false(ok)
        end
        raises("view: no method 'maen'; did you mean 'mean'?", function()
            return v:maen()
        end)
        raises("view: no method '1' (it has last, max, mean, min, slice, std, sum, totable, valid)"
            .. range, function()
            return v["1"]
        end)
    end)

    it("cannot be written to", function()
        local v = close(4)
        local message = "view: values are read-only; view:totable() gives a copy that can be"
            .. " changed"
        raises(message, function()
            v[1] = 5
        end)
        raises(message, function()
            v.close = 5
        end)
        assert.is_false(pcall(function()
            v.n = 100
        end))
        assert.equal(4, v.n)
    end)

    it("has no arithmetic", function()
        local v = close(4)
        local message = "view: there is no arithmetic with whole views; use v[i], v:mean() and"
            .. " kin, or a loop"
        raises(message, function()
            return v * 2
        end)
        raises(message, function()
            return v > 3
        end)
        raises(message, function()
            return -v
        end)
    end)

    it("is walked by pairs and ipairs", function()
        local v, seen = close(3), {}
        for i, x in ipairs(v) do
            seen[#seen + 1] = i .. "=" .. x
        end
        for i, x in pairs(v) do
            seen[#seen + 1] = i .. "=" .. x
        end
        assert.equal("1=8 2=9 3=10 1=8 2=9 3=10", table.concat(seen, " "))
        seen = {}
        for i, x in view_module.pairs(v) do
            seen[i] = x
        end
        assert.same({ 8, 9, 10 }, seen)
        raises("view.pairs: call it with a colon, view:pairs(...)", function()
            view_module.pairs {}
        end)
    end)

    it("has parts", function()
        local v = close(6)
        assert.same({ 9, 10 }, v:last(2):totable())
        assert.same({ 5, 6, 7, 8, 9, 10 }, v:last(6):totable())
        assert.same({ 6, 7 }, v:slice(2, 3):totable())
        assert.same({ 8, 9, 10 }, v:slice(-3):totable())
        assert.same({ 6, 7, 8, 9 }, v:slice(2, -2):totable())
        assert.same({ 8 }, v:last(4):slice(2, 2):totable())
        assert.equal(10, v:last(3):last(1)[1])
    end)

    it("raises for parts that it does not have", function()
        local v = close(6)
        for _, n in ipairs { 0, 7, -1, 1.5, 0 / 0, 1e300 } do
            raises(("view:last: n must be a whole number 1..6, got %s"):format(tostring(n)),
                function()
                    v:last(n)
                end)
        end
        raises("view:last: n must be a whole number 1..6, got nil", function()
            v:last()
        end)
        raises("view:last: n must be a whole number 1..6, got '3'", function()
            v:last "3"
        end)
        local range = " is no part of the view; it holds 1..6, or -6..-1 from the end"
        raises("view:slice: 0..3" .. range, function()
            v:slice(0, 3)
        end)
        raises("view:slice: 3..7" .. range, function()
            v:slice(3, 7)
        end)
        raises("view:slice: 4..3" .. range, function()
            v:slice(4, 3)
        end)
        raises("view:slice: -7..end" .. range, function()
            v:slice(-7)
        end)
        raises("view:slice: 1.5..3" .. range, function()
            v:slice(1.5, 3)
        end)
    end)

    it("reduces", function()
        local v = close(4) -- 7 8 9 10
        assert.equal(34, v:sum())
        assert.equal(8.5, v:mean())
        assert.equal(math.sqrt(5 / 3), v:std())
        assert.equal(math.sqrt(5 / 4), v:std(0))
        assert.equal(7, v:min())
        assert.equal(10, v:max())
        assert.is_true(nan(v:last(1):std()))
        assert.equal(0, v:last(1):std(0))
        raises("view:std: ddof must be a whole number >= 0, got -1", function()
            v:std(-1)
        end)
        raises("view:std: ddof must be a whole number >= 0, got 'x'", function()
            v:std "x"
        end)
    end)

    it("is NaN as a whole when one element is, and drops those on request", function()
        local v = close(6, 6, "B") -- 10 20 - - 50 60
        for _, name in ipairs { "sum", "mean", "std", "min", "max" } do
            assert.is_true(nan(v[name](v)), name)
        end
        local valid = v:valid()
        assert.same({ 10, 20, 50, 60 }, valid:totable())
        assert.equal(35, valid:mean())
        assert.same({ 50, 60 }, valid:last(2):totable())
        local none = close(2, 4, "B"):valid()
        assert.equal(0, #none)
        assert.equal(0, none:sum())
        assert.is_true(nan(none:mean()) and nan(none:max()))
        assert.equal("view[0] {}", tostring(none))
        raises("view: index 1 is out of range; the view is empty", function()
            return none[1]
        end)
    end)

    it("copies into a table", function()
        local t = close(3):totable()
        t[1] = 0
        assert.same({ 8, 9, 10 }, close(3):totable())
        assert.equal("table", type(t))
    end)

    it("prints its ends and no address", function()
        assert.equal("view[3] {8, 9, 10}", tostring(close(3)))
        assert.equal("view[9] {2, 3, 4, 5, 6, 7, 8, 9, 10}", tostring(close(9)))
        assert.equal("view[10] {1, 2, 3, 4, ..., 7, 8, 9, 10}", tostring(close(10)))
        assert.equal("view[3] {nan, nan, 50}", tostring(close(3, 5, "B")))
    end)

    it("is equal to the same window alone", function()
        bar.at(9, { bundle = "views" }, function(_, data)
            local v = data:history("A", "close", 3, "1d", "array")
            assert.is_true(v == data:history("A", "close", 3, "1d", "array"))
            assert.is_false(v == data:history("A", "close", 2, "1d", "array"))
            assert.is_false(v == data:history("B", "close", 3, "1d", "array"))
            assert.is_false(v == 3)
        end)
    end)

    it("keeps what it shows, and memory that is its own alive", function()
        local first, valid = nil, nil
        bar.each({ bundle = "views" }, function(_, data, i)
            local v = data:history("A", "close", 2, "1d", "array")
            if i == 4 then
                first, valid = v, data:history("B", "close", 4, "1d", "array"):valid():last(1)
            end
        end)
        for _ = 1, 3 do
            collectgarbage()
        end
        assert.same({ 3, 4 }, first:totable())
        assert.equal(20, valid[1])
    end)

    it("says when a method is called with a dot", function()
        local v = close(3)
        for _, name in ipairs { "mean", "sum", "std", "min", "max", "valid", "last", "slice",
            "totable" } do
            raises(("view.%s: call it with a colon, view:%s(...)"):format(name, name), function()
                v[name]()
            end)
        end
    end)

    it("gives its pointer under --unsafe alone", function()
        local v = close(3)
        assert.is_false(pcall(function()
            return v:ptr()
        end))
        bar.at(5, { bundle = "views", unsafe = true }, function(_, data)
            local p = data:history("A", "close", 3, "1d", "array"):ptr()
            assert.equal(3, p[0])
            assert.equal(5, p[2])
        end)
        assert.is_false(pcall(function()
            return close(3):ptr()
        end))
    end)
end)
