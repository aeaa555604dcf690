-- What a strategy decided, in the order in which it did: every order, change and cancellation, and
-- every record, with the bar and the line it came from.
--
-- While a trace is on, those methods of ctx are replaced by ones that tell first and then do, in a
-- tail call, so that an error is raised at the strategy's line as ever.

local context = require "backlua.context"
local current = require "backlua.current"
local number = require "backlua.text.number"
local sorted_keys = require "backlua.sorted_keys"

local trace = {}

local lent = current.pointers

local DECISIONS = { "order", "order_value", "order_percent", "order_target", "order_target_value",
    "order_target_percent", "order_bracket", "order_oco", "close_position", "cancel_order",
    "cancel_all_orders", "modify_order", "record" }

local DEPTH_MAX = 4

-- ---- arguments as text -------------------------------------------------------------------------

local text_of

local function table_text(value, depth)
    local symbol = rawget(value, "symbol")
    if rawget(value, "sid") and type(symbol) == "string" then
        return symbol
    elseif depth > DEPTH_MAX then
        return "{...}"
    end
    local parts = {}
    for i, key in ipairs(sorted_keys(value)) do
        local text = text_of(rawget(value, key), depth + 1)
        parts[i] = type(key) == "string" and key .. " = " .. text or text
    end
    return #parts > 0 and "{ " .. table.concat(parts, ", ") .. " }" or "{}"
end

function text_of(value, depth)
    if type(value) == "number" then
        return value == value and number.shortest(value) or "nan"
    elseif type(value) == "table" then
        return table_text(value, depth)
    elseif type(value) == "string" then
        return require "backlua.text.printable"(value)
    end
    return type(value) == "function" and "function" or tostring(value)
end

local function call_text(name, ...)
    local parts = {}
    for i = 1, select("#", ...) do
        parts[i] = text_of((select(i, ...)), 1)
    end
    return ("%s(%s)"):format(name, table.concat(parts, ", "))
end

-- ---- telling -----------------------------------------------------------------------------------

local function telling(name, method, tell)
    return function(self, ...)
        local account = lent.account
        if account ~= nil then
            local info = debug.getinfo(2, "Sl")
            tell {
                row = account.row, time = tonumber(account.now) / 1e6, text = call_text(name, ...),
                file = info.source:gsub("^[@=]", ""), line = info.currentline,
            }
        end
        return method(self, ...)
    end
end

-- Call body() while every decision is told: tell{ row, time (unix seconds), text, file, line }.
-- What it returns and raises passes through.
function trace.during(tell, body)
    local methods, originals = context.methods, {}
    for _, name in ipairs(DECISIONS) do
        originals[name] = methods[name]
        methods[name] = telling(name, originals[name], tell)
    end
    local results = { pcall(body) }
    for name, method in pairs(originals) do
        methods[name] = method
    end
    if not results[1] then
        error(results[2], 0)
    end
    return unpack(results, 2, 3)
end

-- ---- kept in a file ----------------------------------------------------------------------------

-- Text of a trace, a line each.
function trace.encode(list)
    local lines = {}
    for i, d in ipairs(list) do
        lines[i] = ("%d\t%s\t%s\t%d\t%s\n"):format(d.row, number.shortest(d.time), d.file, d.line,
            d.text)
    end
    return table.concat(lines)
end

-- The trace of such a text.
function trace.decode(text)
    local list = {}
    for row, time, file, line, what in text:gmatch
        "(%-?%d+)\t([^\t]*)\t([^\t]*)\t(%-?%d+)\t([^\n]*)\n" do
        list[#list + 1] = { row = tonumber(row), time = tonumber(time), file = file,
            line = tonumber(line), text = what }
    end
    return list
end

return trace
