-- .help: what there is to say at the prompt, and what a name means.
--
-- Every name has its text in backlua.reference, which editors read, too.

local help = {}

local OVERVIEW = [[
An expression shows its value, `;` behind it silences, `_` is the last value,
`_1`, `_2` earlier ones. Tab completes, Ctrl-R searches what was typed, Ctrl-C
stops, Ctrl-D leaves.
]]

local FORMS = {
    { 'bundle "demo"', "open a bundle" },
    { "bars { 10, 11, 12 }", "a small one, of closes" },
    { 'r = run("sma.lua", { fast = 10 })', "one backtest" },
    { "diff(r, run(r, { fast = 20 }))", "two, side by side" },
    { "plot(r)  save(r)", "curves; keep its summary" },
    { 'grid("sma.lua", { fast = {5, 9}, slow = {50, 90} })', "a grid, its heat map" },
    { 's = session "sma.lua"  s:step(10)  s:why "AAPL"', "step and ask" },
}

local WORDS = "run session grid bundle bundles bars diff plot heat save opt backlua ta metrics "
    .. "commission slippage   (.help NAME)"

--- Names that .help takes and that may begin with a text, for completion: behind "opt." those that
-- opt has.
function help.names(text)
    local reference = require "backlua.reference"
    local owner, separator = text:match "^([%w_]+)([.:])"
    if not owner then
        return reference.names()
    end
    local names = reference.names_of(owner)
    for i, name in ipairs(names) do
        names[i] = owner .. separator .. name
    end
    return names
end

local MOST = 4
local TEXT_LEAST = 25 -- columns that a text beside its form needs

-- The word of the prompt alone, where a bare name is one.
local function words_first(found)
    for _, entry in ipairs(found) do
        if entry.owner == "prompt" then
            return { entry }
        end
    end
    return found
end

--- Text about a name, that of the prompt's word when it is one. nil and a message when nothing has
-- the name.
function help.about(name)
    local found, nearest = require "backlua.reference".find(name)
    if #found == 0 then
        return nil, ("no help on %s; %s"):format(require "backlua.text.quote"(name), nearest
            and ("did you mean '%s'?"):format(nearest) or ".help lists what there is")
    end
    local color = require "backlua.text.color"
    local entries = words_first(found)
    return require "backlua.reference_text"({ unpack(entries, 1, MOST) },
        require "backlua.text.output".page_columns(), function(title)
            return color.paint(1, "bold", title)
        end, true)
end

-- Rows of two columns, or each text below its form where the page is narrow.
local function listed(rows, columns)
    local width = 0
    for _, row in ipairs(rows) do
        width = math.max(width, #row[1])
    end
    if columns - width >= TEXT_LEAST then
        return require "backlua.text.table"({ {}, {} }, rows, { indent = "  ", columns = columns })
    end
    local parts = {}
    for i, row in ipairs(rows) do
        parts[i] = ("  %s\n      %s\n"):format(row[1], row[2])
    end
    return table.concat(parts)
end

--- The overview. commands: rows of what they are and do.
function help.overview(commands)
    local paragraph = require "backlua.text.paragraph"
    local columns = require "backlua.text.output".page_columns()
    return table.concat { paragraph(OVERVIEW, columns), "\n", listed(FORMS, columns), "\n",
        paragraph(WORDS, columns, "Words: ", "       "), "Commands:\n", listed(commands, columns) }
end

return help
