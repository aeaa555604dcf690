local ordered = require "backlua.ordered"

local function keys(t)
    local list = {}
    for key in ordered.pairs(t) do
        list[#list + 1] = key
    end
    return list
end

describe("ordered pairs", function()
    after_each(function()
        ordered.set_rank(function() end)
    end)

    it("gives numbers, then strings by bytes, then false and true", function()
        local t = { b = 1, a = 1, B = 1, [""] = 1, ["\255"] = 1, [true] = 1, [false] = 1 }
        t[2], t[-1], t[1.5], t[1], t[1 / 0] = 1, 1, 1, 1, 1
        assert.same({ -1, 1, 1.5, 2, 1 / 0, "", "B", "a", "b", "\255", false, true }, keys(t))
    end)

    it("walks a sequence in its order, with the native iterator", function()
        local iterator = ordered.pairs { "x", "y", "z" }
        assert.equal(next, iterator)
        assert.same({ 1, 2, 3 }, keys { "x", "y", "z" })
        assert.same({}, keys {})
    end)

    it("puts assets last, by their id", function()
        local first, second = { id = 3 }, { id = 7 }
        ordered.set_rank(function(key) return key.id end)
        assert.same({ 1, "a", first, second }, keys { [second] = 1, [first] = 1, a = 1, 1 })
    end)

    it("raises at the caller's line for keys without an order", function()
        for _, key in ipairs { {}, print, coroutine.create(print) } do
            local ok, message = pcall(function() keys { [key] = 1, a = 2 } end)
            assert.is_false(ok)
            assert.truthy(message:find("pairs: keys must be numbers, strings, booleans or assets, "
                .. "got a " .. type(key), 1, true), message)
            assert.truthy(message:find "ordered_spec.lua:")
        end
        assert.has_error(function() keys { [{}] = 1 } end)
    end)

    it("follows a table that gains and loses keys between walks", function()
        local t = { b = 1, a = 1 }
        assert.same({ "a", "b" }, keys(t))
        t.c = 1
        assert.same({ "a", "b", "c" }, keys(t))
        t.a, t.d = nil, 1
        assert.same({ "b", "c", "d" }, keys(t))
        t.b, t.c, t.d = nil, nil, nil
        assert.same({}, keys(t))
    end)

    it("passes over entries that are cleared on the way", function()
        local t, seen = { a = 1, b = 2, c = 3, d = 4 }, {}
        for key in ordered.pairs(t) do
            seen[#seen + 1] = key
            t[key] = nil
            t.c = nil
        end
        assert.same({ "a", "b", "d" }, seen)
        assert.is_nil(next(t))
    end)

    it("keeps false values and walks nested on one table", function()
        local t, count = { x = false, y = false, z = 1 }, 0
        for outer, value in ordered.pairs(t) do
            assert.equal(outer == "z" and 1, value)
            for _ in ordered.pairs(t) do
                count = count + 1
            end
        end
        assert.equal(9, count)
    end)

    it("honours __pairs and refuses what is no table", function()
        local t = setmetatable({}, { __pairs = function() return next, { only = 1 } end })
        assert.same({ "only" }, keys(t))
        assert.has_error(function() ordered.pairs(nil) end,
            "bad argument #1 to 'pairs' (table expected, got no value)")
        assert.has_error(function() ordered.pairs(5) end)
    end)

    it("sums in the same order whatever the order of insertion", function()
        local sums = {}
        for seed = 1, 20 do
            local t, names = {}, {}
            for i = 1, 50 do
                names[i] = "key" .. (i * 7919 % 101)
            end
            for i = 1, 50 do -- a rotation of the names
                local name = names[(i + seed * 13) % 50 + 1]
                t[name] = 0.1 * #name + 1 / tonumber(name:sub(4) + 1)
            end
            local sum = 0
            for _, value in ordered.pairs(t) do
                sum = sum + value
            end
            sums[("%.17g"):format(sum)] = true
        end
        assert.equal(1, #keys(sums))
    end)
end)

describe("ordered next", function()
    it("walks in the same order as pairs", function()
        local t, seen = { b = 2, a = 1, [3] = 3, x = false }, {}
        local key, value = ordered.next(t)
        while key ~= nil do
            seen[#seen + 1] = tostring(key) .. tostring(value)
            key, value = ordered.next(t, key)
        end
        assert.same({ "33", "a1", "b2", "xfalse" }, seen)
    end)

    it("empties a table that it walks", function()
        local t, seen = { c = 1, a = 1, b = 1 }, ""
        local key = ordered.next(t)
        while key do
            seen = seen .. key
            t[key] = nil
            key = ordered.next(t, key)
        end
        assert.equal("abc", seen)
        assert.is_nil(next(t))
    end)

    it("tells an empty table and refuses a key that is not there", function()
        assert.is_nil(ordered.next {})
        assert.has_error(function() ordered.next({ a = 1, b = 2 }, "z") end)
        assert.has_error(function() ordered.next(nil) end)
    end)
end)
