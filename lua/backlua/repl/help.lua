-- .help: what there is to say at the prompt, and what a name means.
--
-- Every name has its text in backlua.reference, which editors read, too.

local help = {}

local OVERVIEW = [[
An expression shows its value, `;` behind it silences, `_` is the last value,
`_1`, `_2` earlier ones. Tab completes, Ctrl-R searches what was typed, Ctrl-C
stops, Ctrl-D leaves.

  bundle "demo"                      open a bundle
  bars { 10, 11, 12 }                a small one of these closes
  r = run("sma.lua", { fast = 10 })  one backtest
  diff(r, run(r, { fast = 20 }))     another parameter, side by side
  plot(r)   save(r)                  curves; keep its summary
  grid("sma.lua", { fast = {5, 43, 2}, slow = {50, 240, 10} })  a heat map, too
  s = session "sma.lua"              step and ask: s:step(10)  s:why "AAPL"

Words: %s
Commands:
%s]]

--- Names that .help takes, for completion.
function help.names()
    return require "backlua.reference".names()
end

local MOST = 4

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
        end)
end

--- The overview. commands: their lines.
function help.overview(commands)
    return OVERVIEW:format("run session grid bundle bundles bars diff plot heat save\n"
        .. "       opt backlua ta metrics commission slippage   (.help NAME)", commands)
end

return help
