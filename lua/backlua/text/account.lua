-- The account behind a result, for text and report: rules that the strategy has set, money that
-- moved without a fill, and a year that is not the calendar's. Each is said only where there is
-- something to say: nil otherwise.

local number = require "backlua.text.number"
local sorted_keys = require "backlua.sorted_keys"

local grouped, shortest = number.grouped, number.shortest

local account = {}

-- "name value" of those values of t that are neither nil nor 0.
local function named(t, names)
    local parts = {}
    for _, name in ipairs(names) do
        local value = t[name[1]]
        if value and value ~= 0 then
            parts[#parts + 1] = name[2] .. " " .. shortest(value)
        end
    end
    return table.concat(parts, ", ")
end

local TERMS = { { "lot", "lot" }, { "multiplier", "multiplier" }, { "tick", "tick" } }
local MOST = 3 -- assets by name

-- Terms of assets: { by symbol = { lot =, multiplier =, tick = } } or nil.
function account.terms(terms)
    local symbols, parts = sorted_keys(terms or {}), {}
    for i = 1, math.min(#symbols, MOST) do
        parts[i] = symbols[i] .. " " .. named(terms[symbols[i]], TERMS)
    end
    if #symbols > MOST then
        parts[#parts + 1] = ("and %s more"):format(number.count(#symbols - MOST))
    end
    return #parts > 0 and table.concat(parts, "; ") or nil
end

local SHARES = { { "maintenance", "maintenance" } }
local RATES = { { "cash_rate", "cash earns" }, { "debit_rate", "debt costs" },
    { "borrow_rate", "borrowing costs" } }

-- A margin account: what set_margin was given, or nil.
function account.margin(margin)
    local shares, rates = named(margin or {}, SHARES), named(margin or {}, RATES)
    local between = shares ~= "" and rates ~= "" and ", " or ""
    local text = shares .. between .. rates .. (rates ~= "" and " a year" or "")
    return text ~= "" and text or nil
end

local FLOWS = { { "deposit", "deposits" }, { "dividend", "dividends" }, { "interest", "interest" },
    { "borrow", "borrowing" }, { "in_lieu", "fractions" }, { "merger", "mergers" },
    { "delisting", "delistings" } }

local function sums_of(flows)
    local sums = {}
    for _, flow in ipairs(flows) do
        sums[flow.kind] = (sums[flow.kind] or 0) + flow.amount
    end
    return sums
end

-- Money that moved without a fill, by kind. flows: as in a result.
function account.flows(flows)
    local sums, parts = sums_of(flows or {}), {}
    for _, kind in ipairs(FLOWS) do
        if sums[kind[1]] then
            parts[#parts + 1] = kind[2] .. " " .. grouped(sums[kind[1]])
        end
    end
    local note = sums.deposit and "; returns are those without the deposits" or ""
    return #parts > 0 and table.concat(parts, ", ") .. note or nil
end

-- What was put in after the start, 0 when nothing was.
function account.deposits(flows)
    return sums_of(flows or {}).deposit or 0
end

-- The first close without anything left, where the deepest drawdown says that there was one.
-- result: with equity and restated metrics; day: function(seconds), an instant as text.
function account.ruin(result, day)
    local deepest = result.restated.max_drawdown
    if deepest > -1 or deepest ~= deepest then
        return nil
    end
    for i = 1, result.equity.n do
        if result.equity.value[i] <= 0 then
            return ("nothing was left on %s; a broker would have closed positions before: "
                .. "ctx:set_margin { maintenance = 0.25 }"):format(day(result.equity.time[i]))
        end
    end
end

local FEW, OFF = 100, 0.1 -- sessions that say nothing yet; how far a year may be from the usual

-- Sessions a year where annual figures take another number. curve: of a result (result.lua).
function account.year(curve, periods_per_year)
    if curve.sessions < FEW then
        return nil
    end
    local years = (curve.to - curve.from) / (365.25 * 86400)
    local rate = (curve.sessions - 1) / years
    if math.abs(rate / periods_per_year - 1) <= OFF then
        return nil
    end
    return ("%.0f sessions a year here, annual figures take %s; --periods-per-year %.0f makes them "
        .. "agree"):format(rate, shortest(periods_per_year), rate)
end

return account
