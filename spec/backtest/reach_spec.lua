-- What a strategy can reach in a run holds no pointer, under no name that it could learn.

local backtest = require "spec.support.backtest"
local ffi = require "ffi"
local market = require "spec.support.market"
local native = require "backlua.ffi"
local walk = require "spec.support.walk"

local SECRET = native.hidden.data:match "^_(%x+)_"

-- Everything a run gives out, collected by a strategy that has the sandbox's functions.
local function collect()
    local things = {}
    assert(backtest.run({
        initialize = function(ctx)
            things.handle = ctx:indicator("sma", "A", { n = 2 })
            things.ctx = ctx
        end,
        handle_data = function(ctx, data)
            things.data = data
            things.id = ctx:order("A", 1)
            things.order, things.orders = ctx:get_order(things.id), ctx:get_open_orders()
            things.view = data:history("A", "close", 2, "1d", "array")
            things.part, things.valid = things.view:last(1), things.view:valid()
            things.frame = data:history("A", { "open", "close" }, 2)
            things.wide = data:history({ "A", "B" }, "close", 2)
            things.both = data:history({ "A", "B" }, { "open", "close" }, 2)
            things.inner = things.both.A
            things.time = things.frame.time
            things.list = data:history({ "A", "B" }, { "open", "close" }, 2, "1d", "array")
            things.position = ctx.portfolio.positions.A
            things.datetime, things.assets = ctx:get_datetime(), ctx:symbols()
            things.current = data:current({ "A", "B" }, { "open", "close" })
        end,
        analyze = function(_, result)
            things.result = result
            local _ = result.metrics and result.equity and result.orders and result.fills
                and result.trades and result.records and result.reasons and result.drawdown
                and result.hash and result.manifest
        end,
    }, { bundle = "two" }))
    return things
end

local function is_plain_struct(value)
    local ctype = tostring(ffi.typeof(value))
    return ctype:find "bt_view" or ctype:find "bt_handle"
end

describe("what a run hands to a strategy", function()
    setup(function()
        market.daily("two", { A = market.path { 1, 2, 3 }, B = market.path { 4, 5, 6 } })
    end)
    teardown(market.clean)

    it("holds no pointer, and structs only by value", function()
        local structs = 0
        walk(collect(), function(value, path)
            if type(value) == "cdata" then
                local ctype = tostring(ffi.typeof(value))
                assert.is_nil(ctype:find "[*&]", path .. " is a " .. ctype)
                assert.truthy(is_plain_struct(value), path .. " is a " .. ctype)
                structs = structs + 1
            end
            assert.is_not_equal("userdata", type(value))
        end)
        assert.is_true(structs >= 6)
    end)

    it("has no key and prints no text that tells the names of pointers", function()
        local texts = 0
        walk(collect(), function(value, path)
            assert.is_nil(path:find(SECRET, 1, true))
            if type(value) == "table" then
                for key, inner in next, value do
                    for _, text in ipairs { tostring(key), tostring(inner) } do
                        texts = texts + 1
                        assert.is_nil(text:find(SECRET, 1, true), path)
                    end
                end
            end
            assert.is_nil(tostring(value):find(SECRET, 1, true), path)
        end)
        assert.is_true(texts > 100)
    end)

    it("answers guessed names with an error or with nothing", function()
        local things = collect()
        for _, name in ipairs { "data", "hidden_data", "_data", "ptr", "pointer", "series", "p",
            "hidden_series", "portal", "hidden_portal", "sums", "__index", "_ptr", 0, "0" } do
            for what, thing in pairs { view = things.view, handle = things.handle,
                frame = things.frame, portfolio = things.ctx.portfolio,
                position = things.position } do
                local ok, value = pcall(function() return thing[name] end)
                assert.is_true(not ok or type(value) ~= "cdata", what .. "." .. tostring(name))
            end
        end
        assert.is_nil(rawget(getmetatable(things.view) == "ffi" and {} or {}, "x"))
    end)

    it("cannot be read past its end, whatever a script does", function()
        local attempts = {
            "local v = data:history('A', 'close', 2, '1d', 'array') return v[3]",
            "local v = data:history('A', 'close', 2, '1d', 'array') return v[1e9]",
            "local v = data:history('A', 'close', 2, '1d', 'array') v.n = 100 return v[3]",
            "local v = data:history('A', 'close', 2, '1d', 'array') return (v + 1)[1]",
            "local v = data:history('A', 'close', 1, '1d', 'array') return v:slice(1, 2)[2]",
            "local v = data:history('A', 'close', 1, '1d', 'array') return v:last(2)[2]",
            "local f = data:history('A', 'close', 1) for k in next, f do rawset(f, k, 1e9) end "
                .. "return f.close[1]",
            "local f = data:history('A', 'close', 1) rawset(f, 'n', 5) return f.close[5]",
            "local f = data:history('A', 'close', 1) return f:row(2)",
            "return data:current('A', 'close') == 3",
            "local a = ctx:symbol 'A' rawset(a, 'sid', 10 ^ 6) return ctx.portfolio.positions[a].x",
            "local p = ctx.portfolio.positions.A rawset(p, 'sid', 10 ^ 6) return p.amount",
            "local p = ctx.portfolio.positions.A rawset(p, 'sid', 0 / 0) return p.amount",
            "return ctx.handle[0]", "return ctx.handle[5]", "return ctx.handle[-0.5]",
        }
        for _, body in ipairs(attempts) do
            -- stop at the first bar: the closes 2 and 3 lie in the future
            local result = backtest.run("function initialize(ctx) ctx.handle = ctx:indicator('sma',"
                .. " 'A', { n = 1 }) end function handle_data(ctx, data) if ctx.done then return "
                .. "end ctx.done = true print((function() " .. body .. " end)()) end",
                { bundle = "two" })
            local said = result and backtest.printed[1] or "raised"
            assert.is_true(said == "raised" or said == "nil" or said == "false" or said == "1",
                body .. "\n" .. said)
        end
    end)
end)
