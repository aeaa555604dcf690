-- A session's backtest, from its first bar to the one it stands at, the journal's entries at their
-- bars: what session.lua is built on.
--
-- own   what a session is: job, overrides, journal = { [bar] = { { name =, arguments = } } }, bar,
--       bars, seen (the last bar whose prints were shown), state (what is known of the bar)

local errors = require "backlua.errors"
local runner = require "backlua.run"

local replay = {}

-- Results that a run does not come to: of a session that is not at its end, or that something was
-- done to.
replay.only_here = setmetatable({}, { __mode = "k" })

--- A copy of nested plain tables.
function replay.copy(value)
    if type(value) ~= "table" or getmetatable(value) ~= nil then
        return value
    end
    local mine = {}
    for key, inner in pairs(value) do
        mine[key] = replay.copy(inner)
    end
    return mine
end

-- Positions held, by symbol.
local function positions_of(ctx)
    local list = {}
    for _, asset in ipairs(ctx:symbols()) do
        local position = ctx.portfolio.positions[asset]
        if position.amount ~= 0 then
            list[asset.symbol] = { amount = position.amount, cost_basis = position.cost_basis,
                last_price = position.last_sale_price,
                value = position.amount * position.last_sale_price }
        end
    end
    return list
end

-- The account of the run under way as plain numbers.
local function portfolio_of(ctx)
    local list = {}
    for _, name in ipairs { "portfolio_value", "cash", "starting_cash", "positions_value", "pnl",
        "returns", "commission", "slippage" } do
        list[name] = ctx.portfolio[name]
    end
    list.positions = positions_of(ctx)
    return list
end

-- All orders so far, oldest first, as they stand at this bar.
local function orders_of(ctx)
    local list, id = {}, 1
    local order = ctx:get_order(id)
    while order do
        order.symbol, order.asset = order.asset.symbol, nil
        list[id] = order
        id = id + 1
        order = ctx:get_order(id)
    end
    return list
end

--- An error's message without the place in our own files that raised it.
function replay.plain(message)
    return (tostring(message):gsub("^backlua/[%w_/]+%.lua:%d+: ", "", 1))
end

local function act(ctx, entry)
    if entry.name == "set" then
        ctx.params[entry.arguments[1]] = entry.arguments[2]
        return true
    end
    local ok, value = pcall(ctx[entry.name], ctx, unpack(entry.arguments, 1, entry.arguments.n))
    entry.value = ok and value or nil
    return ok, value
end

-- What is to be done after each bar of a run that ends at own.bar: the journal, and at that bar
-- ask(ctx, data). report gets what came of them.
local function watcher(own, ask, report)
    local bar = 0
    return function(ctx, data)
        bar = bar + 1
        report.bar = bar
        for _, entry in ipairs(own.journal[bar] or {}) do
            local ok, message = act(ctx, entry)
            if not ok then
                report.refused, report.entry = replay.plain(message), entry
                return true
            end
        end
        if bar == own.bar then
            report.portfolio, report.orders, report.time = portfolio_of(ctx), orders_of(ctx),
                ctx:now()
            if ask then
                report.answer = ask(ctx, data)
            end
        end
        return bar == own.bar and bar < own.bars
    end
end

-- The strategy's print, for bars that were not met before.
local function printer(own, report)
    return function(text)
        if report.bar >= own.seen then
            io.stdout:write(text)
        end
    end
end

--- Run to the session's bar. Returns the report: bar, time, portfolio, orders, answer, and the
-- result as far as it goes. Raises what goes wrong; where the entry `fresh` of the journal was
-- refused, the report says so.
function replay.visit(own, ask, fresh)
    local report = { bar = 0 }
    local result, err = runner.execute(own.job, own.overrides, {
        watch = watcher(own, ask, report), print = printer(own, report),
    })
    if not result then
        error(err, 0)
    elseif report.refused and report.entry ~= fresh then
        error(errors.new("usage", ("session: what was done at bar %d (%s) is refused now: %s")
            :format(report.bar, report.entry.name, report.refused)), 0)
    end
    own.seen = math.max(own.seen, own.bar)
    report.result = result
    replay.only_here[result] = own.bar < own.bars or next(own.journal) ~= nil or nil
    return report
end

return replay
