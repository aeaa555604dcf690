-- A report of why.lua as people read it: bar by bar, what the asset did, what the strategy saw and
-- asked for, what became of it.

local date = require "backlua.text.date"
local number = require "backlua.text.number"

local grouped, shortest, percent = number.grouped, number.shortest, number.percent

local function instant(report, seconds)
    return report.daily and date.day(seconds) or date.time(seconds)
end

local function price(v)
    return v == v and shortest(v) or "-"
end

local function line(lines, text, ...)
    lines[#lines + 1] = "  " .. (select("#", ...) > 0 and text:format(...) or text)
end

local function style(order)
    local parts = { (order.type:gsub("_", " ")) }
    for _, name in ipairs { "limit", "stop", "trail", "trail_percent" } do
        if order[name] then
            parts[#parts + 1] = name:gsub("_", " ") .. " " .. shortest(order[name])
        end
    end
    return table.concat(parts, ", ")
end

local function side(amount)
    return amount > 0 and "buy " .. shortest(amount) or amount < 0 and "sell " .. shortest(-amount)
        or "nothing"
end

local function quoted(lines, bar)
    if bar.close ~= bar.close then
        line(lines, "no bar: not traded%s", bar.price == bar.price
            and (", last price %s"):format(shortest(bar.price)) or " yet")
    else
        line(lines, "open %s  high %s  low %s  close %s  volume %s", price(bar.open),
            price(bar.high), price(bar.low), price(bar.close), price(bar.volume))
    end
end

local function happened(lines, bar)
    for _, action in ipairs(bar.actions) do
        line(lines, "%s of %s: held %s, then %s%s", action.kind, shortest(action.value),
            shortest(action.before), shortest(action.after),
            action.cash ~= 0 and (", cash %s"):format(grouped(action.cash)) or "")
    end
    for _, flow in ipairs(bar.flows) do
        line(lines, "%s %s", flow.kind, grouped(flow.amount))
    end
end

local function filled(lines, bar)
    for _, fill in ipairs(bar.fills) do
        line(lines, "order %d filled at the %s: %s at %s, commission %s, slippage %s%s",
            fill.order_id, fill.phase, side(fill.amount), shortest(fill.price),
            grouped(fill.commission), grouped(fill.slippage),
            fill.share < math.huge and (", %s of the volume%s"):format(percent(fill.share),
                fill.waits and "; it allowed no more, the rest waits" or "") or "")
        line(lines, "  cash %s before, %s after", grouped(fill.cash_before), grouped(fill.cash))
    end
    for _, order in ipairs(bar.ended) do
        line(lines, "order %d ended %s (%s): %s; %s of %s units traded", order.id, order.status,
            order.reason, order.sentence, shortest(order.filled),
            shortest(order.amount + 0)) -- 0, too, for a sale of less than a lot: -0
        if order.check then
            line(lines, "  %s", order.check)
        end
    end
end

-- The units that a request came to.
local function came_to(order)
    if order.amount == 0 then
        return ""
    end
    return ": " .. side(order.amount) .. (order.split
        and (" after a split, %s for 1"):format(shortest(order.split)) or "")
end

local function decided(lines, bar)
    if next(bar.records) then
        line(lines, "recorded %s", require("backlua.text.params").all(bar.records, "  "))
    end
    for _, order in ipairs(bar.given) do
        line(lines, "order %d given: %s, %s%s", order.id, style(order), order.asked,
            came_to(order))
    end
    if #bar.given == 0 then
        line(lines, "no order given: none asked for, or for a target that was met")
    end
end

local function of_bar(lines, report, bar)
    lines[#lines + 1] = ("%s  bar %s%s"):format(instant(report, bar.time), number.count(bar.bar),
        bar.bar == report.bar and "  <--" or "")
    quoted(lines, bar)
    happened(lines, bar)
    filled(lines, bar)
    line(lines, "at the close: held %s, cash %s, equity %s", shortest(bar.held), grouped(bar.cash),
        grouped(bar.equity))
    decided(lines, bar)
end

local function neighbour(lines, report, what, order)
    if order then
        lines[#lines + 1] = ("%s order %d, %s: %s (%s)"):format(what, order.id,
            instant(report, order.created), style(order), order.reason)
    end
end

-- Text of a report.
return function(report)
    local lines = { ("%s around %s"):format(report.symbol, instant(report, report.time)) }
    lines[2] = report.note
    neighbour(lines, report, "Before:", report.before)
    for _, bar in ipairs(report.bars) do
        of_bar(lines, report, bar)
    end
    neighbour(lines, report, "Next:", report.after)
    if report.orders == 0 then
        lines[#lines + 1] = "The run never ordered " .. report.symbol .. "."
    end
    lines[#lines + 1] = ""
    return table.concat(lines, "\n")
end
