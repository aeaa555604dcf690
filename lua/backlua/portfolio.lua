-- ctx.portfolio, ctx.account, ctx.metrics and portfolio.positions[asset]: the account as it is now.
--
-- Nothing is copied: a field is read from the engine's struct when it is asked for, so an object
-- kept from the first bar shows the current one. The objects are fresh in every run and hold no
-- pointer; a position knows its asset's id, and the id is checked before it is used.

local assets = require "backlua.assets"
local current = require "backlua.current"
local iterate = require "backlua.iterate"
local C = require("backlua.ffi").C

local portfolio = {}

local lent = current.pointers
local rawget, rawset, setmetatable, error = rawget, rawset, setmetatable, error
local sid_of = assets.sid_of

local function need_run(what)
    if lent.account == nil then
        error(what .. ": the run has ended", 4)
    end
end

-- One line for each field that is shown, for print.
local function show(what, fields, shown)
    if lent.account == nil then
        return what .. " of a run that has ended"
    end
    local lines = { what }
    for _, name in ipairs(shown) do
        lines[#lines + 1] = ("  %-24s %s"):format(name,
            require "backlua.text.number".grouped(fields[name]()))
    end
    return table.concat(lines, "\n")
end

local function all_names(fields, object)
    local names = require "backlua.sorted_keys"(object)
    for _, name in ipairs(require "backlua.sorted_keys"(fields)) do
        names[#names + 1] = name
    end
    return names
end

-- Metatable of an object whose fields are functions of nothing, by name.
local function reader(what, fields, shown)
    return {
        __metatable = false,
        __tostring = function()
            return show(what, fields, shown)
        end,
        __index = function(self, name)
            local field = fields[name]
            if not field then
                error(("%s has no field %s%s"):format(what,
                    require "backlua.text.quote"(tostring(name)),
                    require "backlua.text.nearest".hint(tostring(name),
                        all_names(fields, self))), 2)
            end
            return field()
        end,
        __newindex = function(_, name)
            error(("%s is read-only: cannot set %s"):format(what, tostring(name)), 2)
        end,
    }
end

-- ---- positions -------------------------------------------------------------------------------

local function struct_of(position)
    local sid = rawget(position, "sid")
    if not (sid >= 0 and sid < lent.assets) then
        error("position: the run has ended", 4)
    end
    return lent.positions[sid]
end

-- cost_basis is that of the lots that are held, the oldest sold first, as in the round trips;
-- Zipline's is the average of all purchases, which a sale leaves as it is.
portfolio.position_fields = {
    amount = function(position) return struct_of(position).amount end,
    cost_basis = function(position) return struct_of(position).cost_basis end,
    last_sale_price = function(position) return struct_of(position).last_price end,
    last_sale_date = function(position)
        struct_of(position)
        local seconds = C.bt_run_last_traded(lent.run, rawget(position, "sid"))
        return seconds == seconds and seconds or nil
    end,
}

local position_meta = {
    __metatable = false,
    __index = function(position, name)
        local field = portfolio.position_fields[name]
        if not field then
            error(("position has no field %s%s"):format(
                require "backlua.text.quote"(tostring(name)),
                require "backlua.text.nearest".hint(tostring(name), { "amount", "cost_basis",
                    "last_sale_price", "last_sale_date", "asset", "sid" })), 2)
        end
        local value = field(position)
        return value -- no tail call: an error's level counts this frame
    end,
    __newindex = function(_, name)
        error("position is read-only: cannot set " .. tostring(name), 2)
    end,
    __tostring = function(position)
        local asset = tostring(rawget(position, "asset"))
        if lent.account == nil then
            return ("Position(%s, of a run that has ended)"):format(asset)
        end
        local struct = struct_of(position)
        return ("Position(%s, amount %g, cost basis %g)"):format(asset, struct.amount,
            struct.cost_basis)
    end,
}

-- The next asset after one (nil: the first) that is held.
local function next_held(positions, after)
    for sid = after == nil and 0 or sid_of[after] + 1, lent.assets - 1 do
        if lent.positions[sid].amount ~= 0 then
            local asset = assets.of(sid)
            return asset, positions[asset]
        end
    end
end

-- What pairs walks over, by object: positions that are held, in the order of the ids; metrics.
local walked = setmetatable({}, { __mode = "k" })

local function walk_held(positions)
    return next_held, positions, nil
end

iterate.add(function(value)
    return walked[value]
end)

local positions_meta = {
    __metatable = false,
    -- A position is made when it is first asked for, under the key that was used.
    __index = function(positions, key)
        local sid = sid_of[key]
        if not sid then
            error(assets.unknown("positions", key), 2)
        end
        local position = setmetatable({ asset = assets.of(sid), sid = sid }, position_meta)
        rawset(positions, key, position)
        return position
    end,
    __newindex = function()
        error("positions is read-only; ctx:order and its kin change it", 2)
    end,
}

-- ---- portfolio and account -------------------------------------------------------------------

local function account()
    need_run "portfolio"
    return lent.account
end

local function pnl()
    local a = account()
    return a.portfolio_value - a.starting_cash - a.deposits
end

-- Growth net of deposits and withdrawals: of a fund's unit, where there were any.
local function returns()
    local a = account()
    if a.fund_units > 0 then
        return a.portfolio_value / a.fund_units - 1
    end
    return pnl() / a.starting_cash
end

local function start_date()
    need_run "portfolio"
    return current.start
end

-- Value of each position by asset as a share of the portfolio's, what is held only.
local function weights()
    local value, list = account().portfolio_value, {}
    for sid = 0, lent.assets - 1 do
        local amount = lent.positions[sid].amount
        if amount ~= 0 then
            list[assets.of(sid)] = C.bt_run_position_value(lent.run, sid) / value
        end
    end
    return list
end

local function capital_used()
    local a = account()
    return a.cash - a.starting_cash - a.deposits
end

portfolio.fields = {
    portfolio_value = function() return account().portfolio_value end,
    cash = function() return account().cash end,
    starting_cash = function() return account().starting_cash end,
    positions_value = function() return account().positions_value end,
    positions_exposure = function() return account().net end,
    pnl = pnl,
    returns = returns,
    capital_used = capital_used,
    cash_flow = capital_used,
    start_date = start_date,
    current_portfolio_weights = weights,
    commission = function() return account().commission end,
    slippage = function() return account().slippage end,
    deposits = function() return account().deposits end,
    accrued_dividends = function() return account().accrued end,
}

local function ratio(exposure)
    local value = account().portfolio_value
    return value ~= 0 and exposure / value or 0
end

-- As the engine checks an order: cash less dividends owed, or what the leverage leaves beside what
-- is held.
local function buying_power()
    local a = account()
    local leverage = portfolio.leverage
    if leverage == 1 and a.gross == a.net then
        return a.cash + math.min(0, a.accrued)
    end
    return leverage * a.portfolio_value - a.gross
end

local function maintenance()
    local margin = portfolio.margin
    return (margin and margin.maintenance or 0) * account().gross
end

local function initial()
    return account().gross / portfolio.leverage
end

local function excess()
    return account().portfolio_value - maintenance()
end

local function cushion()
    local value = account().portfolio_value
    return value ~= 0 and excess() / value or 0
end

portfolio.account_fields = {
    settled_cash = portfolio.fields.cash,
    accrued_interest = function() return account().carry end,
    available_funds = function() return account().portfolio_value - initial() end,
    equity_with_loan = portfolio.fields.portfolio_value,
    net_liquidation = portfolio.fields.portfolio_value,
    regt_equity = portfolio.fields.portfolio_value,
    regt_margin = initial,
    initial_margin_requirement = initial,
    maintenance_margin_requirement = maintenance,
    excess_liquidity = excess,
    cushion = cushion,
    day_trades_remaining = function() return math.huge end,
    total_positions_value = portfolio.fields.positions_value,
    total_positions_exposure = portfolio.fields.positions_exposure,
    leverage = function() return ratio(account().gross) end,
    gross_leverage = function() return ratio(account().gross) end,
    net_leverage = function() return ratio(account().net) end,
    buying_power = buying_power,
    margin_calls = function() return account().margin_calls end,
}

local portfolio_meta = reader("portfolio", portfolio.fields, { "portfolio_value", "cash",
    "positions_value", "positions_exposure", "pnl", "returns", "commission", "slippage" })
local account_meta = reader("account", portfolio.account_fields, { "net_liquidation",
    "settled_cash", "buying_power", "leverage", "net_leverage", "initial_margin_requirement",
    "maintenance_margin_requirement", "excess_liquidity", "accrued_interest" })

-- ---- metrics ---------------------------------------------------------------------------------

-- Number of a metric by its name, as they are asked for; false for what is none.
local metric_of = setmetatable({}, {
    __index = function(known, name)
        local number = type(name) == "string" and C.bt_metric_find(name) or -1
        known[name] = number >= 0 and number
        return known[name]
    end,
})

local function metric(_, name)
    local number = metric_of[name]
    if not number then
        error(("metrics has no field %s%s"):format(require "backlua.text.quote"(tostring(name)),
            require "backlua.text.nearest".hint(tostring(name), require "backlua.metric_keys"())),
            2)
    elseif lent.account == nil then
        error("metrics: the run has ended; result.metrics has its own", 2)
    end
    return C.bt_run_metric(lent.run, number)
end

local function walk_metrics(metrics)
    local keys, i = require "backlua.metric_keys"(), 0
    return function()
        i = i + 1
        return keys[i], keys[i] and metrics[keys[i]]
    end
end

local metrics_meta = {
    __metatable = false,
    __index = metric,
    __newindex = function(_, name)
        error("metrics is read-only: cannot set " .. tostring(name), 2)
    end,
    __tostring = function(metrics)
        if lent.account == nil then
            return "metrics of a run that has ended"
        end
        local lines = { "metrics" }
        for name, value in walk_metrics(metrics) do
            lines[#lines + 1] = ("  %-24s %s"):format(name,
                require "backlua.text.number".fixed(value, 4))
        end
        return table.concat(lines, "\n")
    end,
}

-- ---- of a run --------------------------------------------------------------------------------

-- Buying power as a multiple of equity, and the margin account's rules or nil, as set for this run.
portfolio.leverage = 1
portfolio.margin = nil

-- Fresh objects for a run: portfolio (with its positions), account and metrics.
function portfolio.new()
    local positions, metrics = setmetatable({}, positions_meta), setmetatable({}, metrics_meta)
    walked[positions], walked[metrics] = walk_held, walk_metrics
    return setmetatable({ positions = positions }, portfolio_meta),
        setmetatable({}, account_meta), metrics
end

return portfolio
