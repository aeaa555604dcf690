-- ctx's methods for the account itself: margin, borrow rates, terms of assets, capital changes.
-- They are called in initialize; the same settings exist as options of a run (backlua.run). given:
-- a table by name. What makes no sense raises at the strategy's line.

local ffi = require "ffi"
local assets = require "backlua.assets"
local current = require "backlua.current"
local misuse = require "backlua.misuse"
local options = require "backlua.options"
local ordered = require "backlua.ordered"
local portfolio = require "backlua.portfolio"
local C = require("backlua.ffi").C

local lent = current.pointers
local need_self, need_asset = misuse.need_self, misuse.need_asset
local error, type = error, type

local account = {}
local methods = {}
account.methods = methods

-- ---- margin ------------------------------------------------------------------------------------

local function check_leverage(value)
    if type(value) ~= "number" and value ~= "unlimited" then
        return "must be a number or \"unlimited\""
    end
end

local RATE = { kind = "number", min = 0, max = 10, default = 0 }

account.MARGIN = {
    leverage = { check = check_leverage },
    initial = { kind = "number", above = 0, max = 1 },
    maintenance = { kind = "number", min = 0, max = 1, default = 0 },
    cash_rate = RATE, debit_rate = RATE, borrow_rate = RATE,
}

-- Buying power / equity of checked margin values; nil and a message.
function account.leverage(values)
    if values.leverage and values.initial then
        return nil, "leverage and initial say the same (initial = 1 / leverage); give one"
    elseif values.initial then
        return 1 / values.initial
    end
    return values.leverage == "unlimited" and math.huge or values.leverage or 1
end

-- Write checked margin values into a bt_margin.
function account.write(values, margin)
    margin.maintenance, margin.cash_rate = values.maintenance, values.cash_rate
    margin.debit_rate, margin.borrow_rate = values.debit_rate, values.borrow_rate
end

local margin_struct = ffi.new "bt_margin"

local function need(name, status)
    if status ~= C.BT_OK then
        misuse.refused(name, 3)
    end
end

--- A margin account: set_margin{leverage = 2, maintenance = 0.25, borrow_rate = 0.03}.
--     leverage     buying power as a multiple of the portfolio's value; "unlimited" removes the
--                  check, as in Zipline; or initial = 0.5, the share of a position to be paid
--     maintenance  when the portfolio's value falls below this share of gross exposure at a close,
--                  positions are cut back to the leverage (orders end with margin_call); 0: never
--     cash_rate, debit_rate, borrow_rate   annual: earned by cash, paid on debt, paid for shorts
function methods:set_margin(given)
    need_self(self, "set_margin")
    local values = options.check("set_margin", account.MARGIN, given)
    local leverage, message = account.leverage(values)
    if not leverage then
        error("set_margin: " .. message, 2)
    end
    account.write(values, margin_struct)
    need("set_margin", C.bt_run_set_leverage(lent.run, leverage))
    need("set_margin", C.bt_run_set_margin(lent.run, margin_struct))
    local changed = require "backlua.settings".changed
    changed.leverage, changed.margin = leverage, values
    portfolio.leverage, portfolio.margin = leverage, values
end

--- What it costs to be short of one asset, an annual rate; others cost set_margin's borrow_rate.
function methods:set_borrow_rate(asset, rate)
    need_self(self, "set_borrow_rate")
    local sid = need_asset(asset, "set_borrow_rate")
    if type(rate) ~= "number" then
        misuse.no_number(rate, "set_borrow_rate", "the rate", 2)
    end
    need("set_borrow_rate", C.bt_run_set_borrow_rate(lent.run, sid, rate))
end

-- ---- terms of an asset ------------------------------------------------------------------------

local TERMS = {
    lot = { kind = "number", above = 0, max = 1e9 },
    multiplier = { kind = "number", above = 0, max = 1e9 },
    tick = { kind = "number", min = 0, max = 1e9 },
}

local NAN = 0 / 0

-- What the strategy says of an asset is shown with the result.
local function note_terms(symbol, values)
    local changed = require "backlua.settings".changed
    changed.terms = changed.terms or {}
    local terms = changed.terms[symbol] or {}
    for name in pairs(TERMS) do
        terms[name] = values[name] or terms[name]
    end
    changed.terms[symbol] = terms
end

--- How an asset trades: set_terms("ES", {lot = 1, multiplier = 50, tick = 0.25}). lot: its smallest
-- unit (0.001 for fractions); multiplier: what one unit is worth at a price of 1; tick: the step of
-- limit and stop prices. What is left out stays as the bundle or the run has it.
function methods:set_terms(asset, given)
    need_self(self, "set_terms")
    local sid = need_asset(asset, "set_terms")
    local values = options.check("set_terms", TERMS, given)
    need("set_terms", C.bt_run_set_terms(lent.run, sid, values.lot or NAN,
        values.multiplier or NAN, values.tick or NAN))
    note_terms(assets.symbol_of(sid), values)
end

-- ---- capital changes --------------------------------------------------------------------------

local CHANGE = {
    type = { kind = "string", choices = { "delta", "target" }, default = "delta" },
    value = { kind = "number", required = true },
}

local KINDS = { delta = C.BT_CAPITAL_DELTA, target = C.BT_CAPITAL_TARGET }

-- A copy of changes as an array { day =, type =, value = } in the order of the days; nil and a
-- message.
function account.read_changes(changes)
    if type(changes) ~= "table" then
        return nil, "must be a table by date, {[\"2020-03-01\"] = 5000}, got a " .. type(changes)
    end
    local list = {}
    for day, change in ordered.pairs(changes) do
        if type(day) ~= "string" then
            return nil, ("dates are texts such as \"2020-03-01\", got a %s"):format(type(day))
        end
        change = type(change) == "number" and { value = change } or change
        local values, message = options.read("of " .. day, CHANGE, change)
        if not values then
            return nil, message
        end
        list[#list + 1] = { day = day, type = values.type, value = values.value }
    end
    table.sort(list, function(a, b) return a.day < b.day end)
    return list
end

-- Hand a read list over to a run; C.BT_OK, or the status of the first that is refused.
function account.apply_changes(run, list)
    for _, change in ipairs(list) do
        local status = C.bt_run_add_capital_change(run, change.day, KINDS[change.type],
            change.value)
        if status ~= C.BT_OK then
            return status
        end
    end
    return C.BT_OK
end

--- Money that is put in or taken out: set_capital_changes{["2020-03-01"] = 5000,
-- ["2021-01-04"] = {type = "target", value = 1e6}}, before the orders of the first session not
-- before each date; a run that begins after that has it in its capital. Returns and drawdowns are
-- measured without it.
function methods:set_capital_changes(changes)
    need_self(self, "set_capital_changes")
    local list, message = account.read_changes(changes)
    if not list then
        error("set_capital_changes: " .. message, 2)
    end
    need("set_capital_changes", account.apply_changes(lent.run, list))
end

return account
