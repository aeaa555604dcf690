-- Hard constraints on what a trial came to: constraints = { min_trades = 30, max_drawdown = -0.2 }.
--
--     min_<metric> = v    the metric must be v or more
--     max_<metric> = v    the metric must be v or less
--     max_drawdown = v    (a metric of that name, <= 0) the loss may not be deeper than v
--     [i] = function      of the result (without a strategy: of the parameters), a number g that
--                         must be 0 or less
--
-- Each comes to a violation: 0 when it holds, else by how much it is missed. A metric that is NaN
-- holds nothing.

local ffi = require "ffi"
local quote = require "backlua.text.quote"
local C = require("backlua.ffi").C
local sorted_keys = require "backlua.sorted_keys"

local constraints = {}

local function metric_name(name)
    local id = C.bt_metric_find(name)
    return id >= 0 and ffi.string(C.bt_metric_name(id)) or nil
end

local function all_names()
    local names = { "max_drawdown" }
    for i = 0, C.BT_METRICS - 1 do
        local metric = ffi.string(C.bt_metric_name(i))
        names[#names + 1] = "min_" .. metric
        names[#names + 1] = "max_" .. metric
    end
    return names
end

-- g of a metric's limit: function(metrics).
local function limit(key, value)
    local side, name = key:match "^(m[ia][nx])_(.+)$"
    local metric = side and side ~= "mix" and side ~= "man" and metric_name(name)
    if key == "max_drawdown" then
        side, metric = "min", key
    end
    if not metric then
        local hint = require "backlua.text.nearest".hint(key, all_names())
        return nil, ("unknown constraint %s%s"):format(quote(key), hint ~= "" and hint
            or "; it is min_ or max_ before a metric, as min_trades")
    elseif key == "max_drawdown" and value > 0 then
        return nil, ("max_drawdown is 0 or less: write -%g for a loss of %g %%"):format(value,
            value * 100)
    end
    if side == "min" then
        return function(metrics) return value - metrics[metric] end
    end
    return function(metrics) return metrics[metric] - value end
end

local function read_one(key, value, found)
    if type(value) == "function" and type(key) == "number" then
        found[#found + 1] = { f = value, text = "function" }
        return nil
    elseif type(key) ~= "string" or type(value) ~= "number" or value ~= value then
        return ("[%s] must be a number by the name of a limit, or a function of the result, got %s")
            :format(tostring(key), require("backlua.optimization.class").shown(value))
    end
    local g, message = limit(key, value)
    found[#found + 1] = { g = g, text = ("%s=%.17g"):format(key, value) }
    return message
end

-- The constraints of a table as a list; nil, message.
function constraints.read(given)
    local found = {}
    for _, key in ipairs(sorted_keys(given)) do
        local message = read_one(key, given[key], found)
        if message then
            return nil, message
        end
    end
    return found
end

-- One text for a manifest.
function constraints.text(list)
    local parts = {}
    for i, entry in ipairs(list or {}) do
        parts[i] = entry.text
    end
    return #parts > 0 and table.concat(parts, ";") or "none"
end

-- Whether some of a list are limits of metrics.
function constraints.has_limits(list)
    for _, entry in ipairs(list or {}) do
        if entry.g then
            return true
        end
    end
    return false
end

-- The sum of what a trial's constraints are violated by, 0 when all hold; nil, message when one
-- cannot be told.
--     metrics    of the result, nil without a strategy
--     call       function(f): ok, value of f on what it is to see
function constraints.violation(list, metrics, call)
    local sum = 0
    for _, entry in ipairs(list) do
        local value, ok
        if entry.g then
            value = entry.g(metrics)
        else
            ok, value = call(entry.f)
            if not ok then
                return nil, "constraints: " .. value
            elseif type(value) ~= "number" then
                return nil, "constraints: the function must return a number (0 or less when it "
                    .. "holds), got a " .. type(value)
            end
        end
        if value ~= value then
            return math.huge
        end
        sum = sum + math.max(value, 0)
    end
    return sum
end

return constraints
