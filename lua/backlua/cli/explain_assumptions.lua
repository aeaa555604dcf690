-- The page of assumptions, for a run in which nobody set anything: the report's own rows.

local costs = require "backlua.costs"
local width = require "backlua.text.width"

local COLUMNS, INDENT = 80, "    "

-- What holds by default, in a manifest's words.
local function defaults()
    return {
        manifest = {
            fill = "next_open", intrabar = "pessimistic", adjust = "all", leverage = 1,
            on_insufficient = "reduce", delisting = "close",
            commission = costs.describe(costs.default "commission"),
            slippage = costs.describe(costs.default "slippage"),
        },
        result = { ambiguous_bars = 0, periods_per_year = 252 },
    }
end

local function wrapped(label, text)
    local lines, line = {}, INDENT .. label
    for word in text:gmatch "%S+" do
        if width.of(line) + 1 + width.of(word) > COLUMNS then
            lines[#lines + 1] = line
            line = INDENT .. INDENT .. word
        else
            line = line .. (line == INDENT and "" or " ") .. word
        end
    end
    lines[#lines + 1] = line
    return table.concat(lines, "\n") .. "\n"
end

-- Text of the page.
return function()
    local section = require "backlua.report.assumptions"(defaults())
    local parts = { section.lead .. "\n\n" }
    for _, row in ipairs(section.blocks[1].rows) do
        parts[#parts + 1] = row[1] .. "\n" .. wrapped("", row[2])
        parts[#parts + 1] = row[3] ~= "" and wrapped("leans:", row[3]) or nil
        parts[#parts + 1] = row[4] ~= "" and wrapped("test it with:", row[4]) or nil
    end
    return table.concat(parts)
end
