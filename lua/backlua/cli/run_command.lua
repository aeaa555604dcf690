-- The backtest of a search's best parameters as a command: over the bars that were searched, with
-- the options of its trials that `backlua run` takes. What it does not take is named beside it.

local number = require "backlua.text.number"
local shell = require "backlua.text.shell"
local sorted_keys = require "backlua.sorted_keys"

local OPTIONS = { capital = true, fill = true, adjust = true, lot = true, close_at_end = true,
    benchmark = true, periods_per_year = true, risk_free = true, convention = true, unsafe = true }

-- facts: those of optimize_job, with options, a table by name as the study's manifest has them.
-- Returns the command and a list of the options that it leaves out.
return function(facts, path)
    local words = { "backlua run", shell(facts.strategy_shown), "-b", shell(facts.bundle) }
    local left_out = {}
    local function add(flag, value)
        local text = type(value) == "number" and number.shortest(value) or tostring(value)
        words[#words + 1] = value == true and flag or flag .. " " .. shell(text)
    end
    for _, span in ipairs { { "-s", facts.start_date }, { "-e", facts.end_date } } do
        if (span[2] or "") ~= "" then
            add(span[1], span[2])
        end
    end
    for _, name in ipairs(sorted_keys(facts.options)) do
        local value = facts.options[name]
        if not OPTIONS[name] then
            left_out[#left_out + 1] = name
        elseif value then
            add("--" .. name:gsub("_", "-"), value)
        end
    end
    if facts.seed and facts.seed ~= 1 then
        add("--seed", facts.seed)
    end
    add("--params", path)
    return table.concat(words, " "), left_out
end
