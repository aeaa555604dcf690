-- Random tapes of orders of all kinds, rules of accounts, and runs of the engine over them.
--
-- A request is what spec/support/reference.lua takes, or { flatten = true }: cancel all that is
-- open and hold nothing.

local market = require "spec.support.random_market"

-- Room for the traces of the engine's side and the reference's at once: with LuaJIT's thousand
-- one pushes the other out, and half of the time goes into compiling both again.
require("jit.opt").start("maxtrace=20000", "maxmcode=65536")

local random_tape = {}

local KINDS = { "amount", "value", "percent", "target", "target_value", "target_percent" }
local METHODS = {
    amount = "order", value = "order_value", percent = "order_percent", target = "order_target",
    target_value = "order_target_value", target_percent = "order_target_percent",
}

local function number_for(dice, kind)
    local sign = dice(1, 4) == 1 and -1 or 1
    if dice(1, 8) == 1 then
        return 0
    elseif kind == "amount" or kind == "target" then
        return sign * dice(1, 400)
    elseif kind:find "value" then
        return sign * dice(10, 60000)
    end
    return sign * dice(1, 140) / 100
end

-- A price near an asset's last close, in 64ths; nil before its first bar.
local function near(dice, m, symbol, row, width)
    for r = row, 1, -1 do
        local bar = m.bars[symbol][r]
        if bar then
            return math.max(1, math.floor(bar.close * (1 + width * (2 * dice() - 1)) * 64)) / 64
        end
    end
end

-- Prices of one of the order types, written into a request.
local STYLES = {
    function() end,
    function() end,
    function(o, price) o.limit = price() end,
    function(o, price) o.stop = price() end,
    function(o, price) o.stop, o.limit = price(), price() end,
    function(o, _, dice) o.trail = dice(1, 400) / 64 end,
    function(o, _, dice) o.trail_percent = dice(1, 12) / 100 end,
    function(o, _, dice) o.trail, o.offset = dice(1, 400) / 64, dice(0, 60) / 64 end,
    function(o, _, dice) o.trail_percent, o.offset = dice(1, 12) / 100, dice(0, 60) / 64 end,
    function(o) o.at_close = true end,
}

-- The last row of a date, maybe beyond the end. Where it is told as an instant (sessions of many
-- rows), one after the last row is beyond it.
local function date_after(dice, m, row)
    local last = row + dice(0, 5)
    return m.session and last == m.rows and m.rows + 1 or last
end

-- Until when an order is good.
local function add_time(dice, m, o, row)
    if dice(1, 5) == 1 then
        o.last_row = date_after(dice, m, row)
        o.day = dice(1, 2) == 1
        o.last_row = o.day and market.session_end(m, row + 1) or o.last_row
    end
    return o
end

-- Exits of a bracket by the way they are placed.
local EXITS = {
    function(dice) return { percent = dice(1, 80) / 1000 } end,
    function(dice) return { amount = dice(1, 400) / 64 } end,
    function(_, price) return { price = price() } end,
    function(dice) return { percent = dice(1, 80) / 1000, limit = dice(1, 90) / 1000 } end,
    function(dice) return { amount = dice(1, 400) / 64, limit = dice(1, 450) / 64 } end,
    function(_, price) return { price = price(), limit = price() } end,
    function(dice) return { trail = dice(1, 400) / 64 } end,
    function(dice) return { trail_percent = dice(1, 12) / 100, offset = dice(0, 60) / 64 } end,
}

local function add_exits(dice, m, o, row, price)
    local stop, target = dice(1, #EXITS), dice(1, 3)
    if dice(1, 4) > 1 and price() then
        o.stop_loss = add_time(dice, m, EXITS[stop](dice, price), row)
    end
    if (dice(1, 4) > 1 or not o.stop_loss) and price() then
        target = o.stop_loss and o.stop_loss.price and 1 or target -- two prices may not cross
        o.take_profit = add_time(dice, m, EXITS[target](dice, price), row)
    end
end

local function add_terms(dice, m, o, row, price)
    add_time(dice, m, o, row)
    o.oco = dice(1, 6) == 1
    if dice(1, 5) == 1 then
        add_exits(dice, m, o, row, price)
    else
        o.reduce = dice(1, 6) == 1
    end
end

-- A change of the order given last.
local function random_change(dice, m, row, price)
    local key = ({ "limit", "limit", "stop", "trail", "trail_percent", "offset", "amount", "amount",
        "last_row" })[dice(1, 9)]
    local to = ({ limit = price() or 10, stop = price() or 10, trail = dice(1, 400) / 64,
        trail_percent = dice(1, 12) / 100, offset = dice(0, 60) / 64, amount = dice(-50, 100),
        last_row = date_after(dice, m, row) })[key]
    return { change = key, to = to }
end

local function random_request(dice, m, row)
    local symbol, kind = m.symbols[dice(1, #m.symbols)], KINDS[dice(1, #KINDS)]
    local function price()
        return near(dice, m, symbol, row, 0.06)
    end
    local chance = dice(1, 20)
    if chance == 1 then
        return { cancel = true }
    elseif chance <= 3 then
        return random_change(dice, m, row, price)
    end
    local o = { symbol = symbol, kind = kind, number = number_for(dice, kind),
        at_fill = dice(1, 3) == 1 }
    STYLES[dice(1, #STYLES)](o, price, dice)
    add_terms(dice, m, o, row, price)
    return o
end

-- One tape: rows of requests.
function random_tape.draw(dice, m)
    local tape = {}
    for row = 1, m.rows do
        tape[row] = {}
        for _ = 1, dice(0, 3) do
            table.insert(tape[row], random_request(dice, m, row))
        end
    end
    return tape
end

-- Costs and policies of an account.
function random_tape.rules(dice)
    local commissions = {
        { kind = "none", cost = 0 },
        { kind = "per_share", cost = 0.0078125, minimum = dice(0, 1) * 1.5 },
        { kind = "per_trade", cost = 4.95 },
        { kind = "per_dollar", cost = 0.001, minimum = dice(0, 1) * 2 },
        { kind = "maker_taker", maker = 0.0005, taker = 0.002 },
        { kind = "tiered", tiers = { { from = 0, rate = 0.002 }, { from = 20000, rate = 0.001 },
            { from = 200000, rate = 0 } } },
    }
    local slippages = {
        {}, { bps = 5, volume_limit = 0.1 }, { bps = 12.5 }, { volume_limit = 0.025 },
        { kind = "spread", spread = 0.375 }, { kind = "share", impact = 0.5, volume_limit = 0.05 },
        { kind = "share", impact = 0.25 }, { kind = "volatility", impact = 1.5 },
    }
    return {
        capital = dice(1, 3) == 1 and 5000 or 100000,
        fill = ({ "next_open", "next_close", "same_close" })[dice(1, 3)],
        lot = ({ 1, 1, 10, 0.25 })[dice(1, 4)],
        leverage = ({ 1, 1, 2, math.huge })[dice(1, 4)],
        tick = dice(1, 3) == 1 and 0.125 or nil,
        reject = dice(1, 4) == 1, long_only = dice(1, 4) == 1,
        intrabar = ({ "pessimistic", "optimistic", "ohlc" })[dice(1, 3)],
        commission = commissions[dice(1, #commissions)], slippage = slippages[dice(1, #slippages)],
    }
end

-- Functions that a strategy could have written; more units never cost less.
local function fee(q)
    return (q.filled == 0 and 1.25 or 0) + math.abs(q.amount) * q.price / 1024
        + (q.maker and 0 or 0.5) + (q.paid > 4 and 0 or 0.25)
end

local function price(q)
    local side = q.amount > 0 and 1 or -1
    local share = math.abs(q.amount) / (q.volume + 1000) + (q.taken > 0 and 0.03125 or 0)
    return q.price * (1 + side * math.min(0.125, share))
end

-- The same with what accounts of professionals have: contracts, margin, costs of one's own.
function random_tape.professional(dice)
    local rules = random_tape.rules(dice)
    rules.multipliers = { AA = ({ 1, 10, 0.5 })[dice(1, 3)], BB = ({ 1, 50, 2.5 })[dice(1, 3)] }
    rules.lot_sizes = { BB = ({ 1, 0.25, 5 })[dice(1, 3)], CC = ({ 0.125, 2 })[dice(1, 2)] }
    rules.ticks = { BB = ({ 0.25, 0.5 })[dice(1, 2)] }
    rules.leverage = ({ 1, 2, 4, 4, math.huge })[dice(1, 5)]
    rules.margin = dice(1, 4) > 1 and {
        maintenance = ({ 0, 0.25, 0.4, 0.7 })[dice(1, 4)], borrow_rate = dice(0, 4) / 32,
        cash_rate = dice(0, 2) / 64, debit_rate = dice(0, 4) / 32 } or nil
    rules.changes = { [dice(2, 20)] = { type = "delta", value = dice(-900, 5000) + 0.5 },
        [dice(21, 38)] = { type = dice(1, 3) == 1 and "target" or nil, value = dice(900, 90000) } }
    rules.keep_delisted = dice(1, 4) == 1
    rules.commission = dice(1, 3) == 1 and { kind = "custom", fee = fee } or rules.commission
    rules.slippage = dice(1, 3) == 1 and { kind = "custom", price = price,
        volume_limit = dice(0, 1) * 0.05 } or rules.slippage
    return rules
end

local function commission_of(rules)
    local commission = require "backlua.commission"
    local c = rules.commission
    if c.kind == "none" then
        return commission.none {}
    elseif c.kind == "per_share" then
        return commission.per_share { cost = c.cost, min_trade_cost = c.minimum }
    elseif c.kind == "per_trade" then
        return commission.per_trade { cost = c.cost }
    elseif c.kind == "per_dollar" then
        return commission.per_dollar { cost = c.cost, min_trade_cost = c.minimum }
    elseif c.kind == "custom" then
        return commission.custom { fee = c.fee }
    elseif c.kind == "maker_taker" then
        return commission.maker_taker { maker = c.maker, taker = c.taker }
    end
    return commission.tiered { tiers = c.tiers }
end

local function slippage_of(rules)
    local slippage = require "backlua.slippage"
    local s, limit = rules.slippage, rules.slippage.volume_limit or 0
    if s.kind == "custom" then
        return slippage.custom { price = s.price, volume_limit = limit }
    elseif s.kind == "spread" then
        return slippage.fixed_spread { spread = s.spread, volume_limit = limit }
    elseif s.kind == "share" then
        return slippage.volume_share { price_impact = s.impact, volume_limit = limit }
    elseif s.kind == "volatility" then
        return slippage.volatility_volume { eta = s.impact, volume_limit = limit }
    end
    return slippage.fixed_bps { basis_points = s.bps or 0, volume_limit = s.volume_limit or 0 }
end

local function time_of(o, given, day)
    given.time_in_force = o.day and "day" or nil
    given.good_till = o.last_row and not o.day and day(o.last_row) or nil
    return given
end

local function exit_of(o, day)
    return o and time_of(o, { percent = o.percent, amount = o.amount, price = o.price,
        limit = o.limit, trail = o.trail, trail_percent = o.trail_percent,
        limit_offset = o.offset }, day)
end

local function options_of(o, last, day)
    return time_of(o, {
        size_at = o.at_fill and "fill" or nil, limit = o.limit, stop = o.stop, trail = o.trail,
        trail_percent = o.trail_percent, limit_offset = o.offset,
        at = o.at_close and "close" or nil, reduce_only = o.reduce or nil,
        oco = o.oco and last or nil,
        stop_loss = exit_of(o.stop_loss, day), take_profit = exit_of(o.take_profit, day),
    }, day)
end

-- Options of modify_order, as the reference has them.
local CHANGES = {
    offset = function(to) return { limit_offset = to } end,
    last_row = function(to, _, day) return { good_till = day(to) } end,
    amount = function(by, order)
        local side = order.amount > 0 and 1 or -1
        return { amount = by > 0 and order.amount + side * by or order.filled - side * by }
    end,
}

local function change(ctx, o, last, day)
    local order = last and ctx:get_order(last)
    if o.cancel and last then
        ctx:cancel_order(last)
    elseif order and order.status == "open" then
        local options = CHANGES[o.change] or function(to) return { [o.change] = to } end
        pcall(ctx.modify_order, ctx, last, options(o.to, order, day)) -- what it does not have
    end
end

-- Order what row `row` of a tape asks for; `last`: id of the order given last.
local function give(ctx, requests, last, day)
    for _, o in ipairs(requests) do
        if o.flatten then
            ctx:cancel_all_orders()
            for _, asset in ipairs(ctx:symbols()) do
                ctx:order_target(asset, 0)
            end
            last = nil -- nothing to come refers to what was before
        elseif o.cancel or o.change then
            change(ctx, o, last, day)
        else
            last = ctx[METHODS[o.kind]](ctx, o.symbol, o.number, options_of(o, last, day))
                or last
        end
    end
    return last
end

local function own(by_symbol, asset)
    return by_symbol and by_symbol[asset.symbol]
end

-- Changes of capital by day: { [row] = { type =, value = } }.
local function changes_of(rules, day)
    local changes = {}
    for row, one in pairs(rules.changes or {}) do
        changes[day(row)] = one
    end
    return next(changes) and changes or nil
end

-- A run of the engine over a tape. day(row): the date of a row, beyond the end as well, or the
-- first instant after it; given, all optional: date (likewise, but always a date), first, last
-- (rows), capital, at ({ [row] = function(ctx) }).
function random_tape.run(tape, rules, bundle, day, given)
    given = given or {}
    local row, last = (given.first or 1) - 1, nil
    local strategy = {
        initialize = function(ctx)
            for _, asset in ipairs(ctx:symbols()) do
                ctx:set_terms(asset, { tick = own(rules.ticks, asset) or rules.tick,
                    multiplier = own(rules.multipliers, asset),
                    lot = own(rules.lot_sizes, asset) })
            end
        end,
        handle_data = function(ctx)
            row = row + 1
            last = give(ctx, tape[row], last, day)
            if given.at and given.at[row] then
                given.at[row](ctx)
            end
        end,
    }
    return assert(require("backlua").run {
        strategy = strategy, bundle = bundle, capital = given.capital or rules.capital,
        start_date = given.first and day(given.first), end_date = given.last and day(given.last),
        fill = rules.fill, lot = rules.lot, leverage = rules.leverage,
        long_only = rules.long_only, intrabar = rules.intrabar, margin = rules.margin,
        close_at_end = rules.close_at_end,
        delisting = rules.keep_delisted and "keep" or nil,
        capital_changes = changes_of(rules, given.date or day),
        on_insufficient = rules.reject and "reject" or "reduce",
        commission = commission_of(rules), slippage = slippage_of(rules),
    })
end

return random_tape
