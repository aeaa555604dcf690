-- Page of all indicators, from what they say of themselves.
--
--     build/backlua engine/tools/indicators.lua OUT.md

local ta = require "backlua.ta"

local HEAD = [[
# Indicators

`ctx:indicator(name, asset, { parameters, field = "close" })` in `initialize` gives a handle:
`h[-1]` is the value at the current bar, NaN while it warms up and where the asset has no bar.
Several outputs give a table of handles by name. `require "backlua.ta"` has the same as functions
over arrays: `ta.sma(x, { n = 20 })`, `ta.atr({ high =, low =, close = }, { n = 14 })`,
`ta.correl(x, y, { n = 30 })`.

`x` is the series of the field chosen, `other` that of the asset given as `other`; `x[-1]` in a
formula is the bar before. Parameters are shown with default and limits. The lookback, how many
values stay NaN, is that of the defaults. Sums over a window are exact and rounded once.
]]

local function number(x)
    return ("%.10g"):format(x)
end

local function parameter(p)
    return ("`%s` = %s (%s%s..%s)"):format(p.name, number(p.default), p.is_int and "whole, " or "",
        number(p.min), number(p.max))
end

local function joined(list, each)
    local parts = {}
    for i, value in ipairs(list) do
        parts[i] = each and each(value) or "`" .. value .. "`"
    end
    return #parts > 0 and table.concat(parts, ", ") or "-"
end

local function escaped(text)
    return (text:gsub("|", "\\|"))
end

local function row(info)
    return ("| `%s` | %s | %s | %s | %s | %d | %s | %s |"):format(info.name, info.title,
        joined(info.inputs), joined(info.parameters, parameter), joined(info.outputs),
        ta.lookback(info.name), escaped(info.formula), escaped(info.source))
end

local page = { HEAD,
    "| name | what | reads | parameters | outputs | lookback | formula | source |",
    "|---|---|---|---|---|---|---|---|" }
for _, name in ipairs(ta.names()) do
    page[#page + 1] = row(ta.info(name))
end
local file = assert(io.open(arg[1], "w"))
file:write(table.concat(page, "\n"), "\n")
file:close()
