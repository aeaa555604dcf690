-- Sessions: a backtest that is stepped through, asked, changed and branched.

local backlua = require "backlua"
local bars = require "backlua.repl.bars"
local child = require "spec.support.child"
local compare = require "backlua.repl.compare"
local errors = require "backlua.errors"
local session = require "backlua.session"

local CLOSES = { 10, 11, 12, 11, 10, 9, 10, 11, 12, 13, 12, 11, 10, 11, 12, 13 }

local STRATEGY = [[
local s = { params = { days = 3, size = 10 } }
function s.initialize(ctx)
    ctx.asset = ctx:symbol "X"
end
function s.handle_data(ctx, data)
    local h = data:history(ctx.asset, "close", ctx.params.days, "1d", "array")
    ctx:order_target(ctx.asset, h[-1] > h:mean() and ctx.params.size or 0)
    ctx:record("chance", ctx:random())
end
return s
]]

-- Costs and limits that let every number be worked out by hand.
local function options(more)
    local given = { strategy = STRATEGY, commission = require "backlua.commission".none {},
        slippage = require "backlua.slippage".none {} }
    for key, value in pairs(more) do
        given[key] = value
    end
    return given
end

describe("a session", function()
    local market

    setup(function()
        market = bars.make { X = CLOSES, Y = { 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5 } }
    end)
    teardown(function()
        bars.clean()
    end)

    local function open(more)
        more = more or {}
        more.bundle = market.path
        return session.open(options(more))
    end

    local function run(params)
        return assert(backlua.run(options { bundle = market.path, params = params,
            print = function() end }))
    end

    it("that nothing was done to comes to the hash of a run", function()
        local s = open()
        assert.equal(run().hash, s:finish().hash)
        s = open { params = { days = 2 } }
        for _ = 1, #CLOSES do
            s:step()
        end
        assert.equal(run({ days = 2 }).hash, s.result.hash)
        assert.equal(#CLOSES, s.bar)
    end)

    it("stands before the first bar, and shows what holds at each", function()
        local s = open()
        assert.equal(0, s.bar)
        assert.equal(16, s.bars)
        s:step(2)
        -- 11 > (10 + 11 + NaN) is false for a window that reaches before the start; bar 3: 12 > 11.
        assert.equal("2020-01-02", s.date)
        assert.equal(100000, s.portfolio.cash)
        s:step()
        assert.equal(1, #s.open_orders)
        assert.equal(10, s.open_orders[1].amount)
        s:step() -- bought at the open of 11, which is the close of that bar
        assert.equal(100000 - 110, s.portfolio.cash)
        assert.same({ amount = 10, cost_basis = 11, last_price = 11, value = 110 },
            s.portfolio.positions.X)
        assert.equal("filled", s.orders[1].status)
    end)

    it("goes to dates, forwards and backwards, to the next session where it is none", function()
        local s = open()
        assert.equal(6, s:goto_date("2020-01-08").bar)
        assert.equal("2020-01-08", s.date)
        local cash = s.portfolio.cash
        assert.equal(2, s:goto_date("2020-01-02").bar)
        assert.equal(100000, s.portfolio.cash)
        assert.equal(6, s:goto_date("2020-01-08").bar)
        assert.equal(cash, s.portfolio.cash)
        assert.equal("2020-01-13", s:goto_date("2020-01-11").date)
        assert.equal(1, s:goto_date("2019-01-01").bar)
        assert.has_error(function() s:goto_date "tomorrow" end)
        assert.has_error(function() s:goto_date "2030-01-01" end)
        assert.equal(1, s.bar)
        assert.equal(0, s:step(-5).bar)
        assert.equal(16, s:step(1000).bar)
    end)

    it("answers with what was known at its bar", function()
        local s = open():step(5)
        assert.same({ 12, 11, 10 }, s:history("X", "close", 3):totable())
        assert.equal(10, s:current "X")
        s:step(-1)
        assert.same({ 12, 11 }, s:history("X", "close", 2):totable())
        assert.has_error(function() s:history("Z", "close", 2) end)
        local why = tostring(s:why("X", "2020-01-06"))
        assert.truthy(why:find("order 1 filled", 1, true), why)
    end)

    it("takes orders, which are worked from the next bar on", function()
        local s = open():step(3)
        local id = s:order("Y", 100)
        assert.equal(2, id)
        assert.equal(2, #s.open_orders)
        s:step()
        assert.equal(100, s.portfolio.positions.Y.amount)
        assert.equal(100000 - 110 - 500, s.portfolio.cash)
        s:step(-2):step(2)
        assert.equal(100, s.portfolio.positions.Y.amount)
        local limit = s:order("Y", 10, { limit = 1 })
        s:cancel_order(limit)
        assert.equal("cancelled", s.orders[limit].status)
        assert.same({ 3, 4, 4 }, { s.journal[1].bar, s.journal[2].bar, s.journal[3].bar })
    end)

    it("refuses an order that makes no sense, and is as it was", function()
        local s = open():step(3)
        local ok, message = pcall(function() s:order("Q", 1) end)
        assert.is_false(ok)
        assert.truthy(message:find("session_spec.lua:%d+: order: no symbol 'Q'"), message)
        assert.equal(0, #s.journal)
        assert.has_error(function() s:order("X", 1, { limt = 3 }) end)
        assert.has_error(function() open():order("X", 1) end)
    end)

    it("takes a parameter from the next bar on", function()
        local s = open():step(3)
        s.params.size = 7
        assert.equal(7, s.params.size)
        assert.equal(10, s.orders[1].request)
        s:step(1)
        -- At bar 4 close 11 is not above the mean 11.33: what is open or held is to go; the next
        -- entry asks for seven.
        s:finish()
        local sizes = {}
        for _, order in ipairs(s.orders) do
            sizes[order.request] = true
        end
        assert.same({ [10] = true, [7] = true, [0] = true }, sizes)
        assert.has_error(function() s.params.sise = 3 end)
        assert.has_error(function() s.params.size = "big" end)
        local before = open()
        before.params.size = 7
        assert.equal(run({ size = 7 }).hash, before:finish().hash)
    end)

    it("branches: both go on by themselves, the same way twice", function()
        local s = open():step(5)
        local b = s:branch()
        b:order("Y", 50)
        b:finish()
        s:finish()
        assert.equal(run().hash, s.result.hash)
        assert.not_equal(s.result.hash, b.result.hash)
        local again = open():step(5):branch()
        again:order("Y", 50)
        assert.equal(b.result.hash, again:finish().hash)
        assert.equal(50, b.portfolio.positions.Y.amount)
        assert.is_nil(s.portfolio.positions.Y)
        local other = s:branch { days = 2 }
        assert.equal(s.bar, other.bar)
        assert.equal(run({ days = 2 }).hash, other.result.hash)
    end)

    it("is compared with another: where they part", function()
        local s = open():step(5)
        local b = s:branch()
        assert.is_true(compare.diff(s, b).same)
        b:order("Y", 50)
        s:step(3)
        b:step(3)
        local difference = compare.diff(s, b)
        assert.is_false(difference.same)
        assert.is_nil(difference.first_row) -- bought and marked at 5: the equity is the same
        -- The strategy bought at bar 3 and sold at bar 4; the third order is the person's.
        assert.equal(3, difference.first_order)
        assert.truthy(tostring(difference):find("equity is the same on every bar", 1, true))
        assert.is_nil(tostring(difference):find "Last bar")
        s:step()
        local text = tostring(compare.diff(s, b))
        assert.truthy(text:find "\nLast bar +2020%-01%-13 +2020%-01%-10 *\n", text)
    end)

    it("says in what two orders differ", function()
        local equity = { time = { 0 }, value = { 1 } }
        local function line(x, y)
            local function order(given)
                return setmetatable(given, { __index = { created = 0, symbol = "X", amount = -5,
                    filled = -5, status = "filled", reason = "none", average_price = 2 } })
            end
            local a, b = { frequency = "1d", equity = equity, orders = { order(x) } },
                { frequency = "1d", equity = equity, orders = { order(y) } }
            a.metrics, b.metrics, a.params, b.params = {}, {}, {}, {}
            return compare.sides(a, b).lines[2]
        end
        assert.equal("order 1 differs: 1970-01-01 X -3 of -5, partial | 1970-01-01 X -5, filled",
            line({ filled = -3, status = "partial" }, {}))
        assert.equal("order 1 differs: 1970-01-01 X -5, filled, average_price 3 | "
            .. "1970-01-01 X -5, filled, average_price 2", line({ average_price = 3 }, {}))
    end)

    it("shows what the strategy prints once", function()
        local r = child.run { "-e", [==[
            bars { 10, 11, 12, 11, 10 }
            local s = session [[
                function initialize() print "begin" end
                function handle_data(ctx, data) print(data:current("X", "close")) end]]
            s:step(2)
            s:step(-1):step(2)
            s:branch():step(1)]==] }
        assert.equal("", r.err)
        assert.equal("begin\n10\n11\n12\n11\n", r.out)
    end)

    it("keeps results that no run comes to out of the runs", function()
        local r = child.run { "-e", [==[
            bars { 10, 11, 12, 11, 10 }
            local s = session [[function handle_data() end]]
            print(#save(s:finish()), pcall(save, s:step(-1).result))]==] }
        assert.equal("", r.err)
        assert.truthy(r.out:find "^12\tfalse\tsave: this is the result of a session")
    end)

    it("stays where it was when the strategy fails", function()
        local s = session.open { bundle = market.path, strategy = [[
            local n = 0
            function handle_data(ctx)
                n = n + 1
                if n == 4 then error "no more" end
            end]] }
        s:step(3)
        local ok, err = pcall(s.step, s)
        assert.is_false(ok)
        assert.is_true(errors.is(err))
        assert.truthy(err.message:find("no more", 1, true))
        assert.equal(3, s.bar)
        assert.equal("2020-01-03", s.date)
    end)

    it("says what is wrong with what it is made of", function()
        local function message_of(given)
            local ok, err = pcall(session.open, given)
            assert.is_false(ok)
            return type(err) == "table" and err.message or err
        end
        assert.truthy(message_of(options { bundle = "nowhere" }):find "nowhere")
        assert.truthy(message_of(options { bundle = market.path, params = { dys = 1 } })
            :find("did you mean 'days'?", 1, true))
        assert.truthy(message_of(options { bundle = market.path, captial = 1 })
            :find("did you mean 'capital'?", 1, true))
    end)
end)
