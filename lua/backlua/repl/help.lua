-- .help: what there is to say at the prompt, and what a name means.
--
-- The words of the prompt are described here; everything else has its text in backlua.reference,
-- which editors read, too.

local help = {}

local OVERVIEW = [[
An expression shows its value, `;` behind it silences, `_` is the last value, `_1`, `_2` earlier
ones. Tab completes, Ctrl-R searches what was typed, Ctrl-C stops, Ctrl-D leaves.

  bundle "demo"                        open a bundle; bars { 10, 11, 12 } makes a small one
  r = run("sma.lua", { fast = 10 })    one backtest; run(r, { fast = 20 }) changes a parameter
  diff(r, run(r, { fast = 20 }))       two results side by side
  plot(r)   save(r)                    curves; keep its summary
  grid("sma.lua", { fast = {5, 43, 2}, slow = {50, 240, 10} })    a grid and its heat map
  s = session "sma.lua"                step and ask: s:step(10)  s:goto_date "2015-08-24"

Words: %s
Commands:
%s]]

-- { name, title, text, example } of the prompt's words.
local WORDS = {
    { "run", "run(strategy, params, options)", "One backtest; raises what goes wrong. strategy: a"
        .. " path, a source text, a table of callbacks, or a result, which is run again with other"
        .. " parameters. options: those of require \"backlua\".run.",
        'r = run("sma.lua", { fast = 10 }, { start_date = "2010-01-01" })' },
    { "session", "session(strategy, options)", "A backtest to step through and to ask, see"
        .. " .help step.", 's = session("sma.lua", { params = { fast = 10 } })' },
    { "grid", "grid(strategy, ranges, options)", "A grid of parameters, the heat map of its scores"
        .. " filling. ranges: { min, max, step } or { choices = {...} } by parameter. options:"
        .. " those of a backtest, pool, jobs, objective, study, constraint, over = { x, y }.",
        'g = grid("sma.lua", { fast = {5, 43, 2}, slow = {50, 240, 10} }, { pool = pool })' },
    { "bundle", "bundle(name)", "Opens a bundle: b.symbols, b:history(symbol, field, n),"
        .. " b:bars(symbol, n), b:time(n). run and session use it from then on.",
        'b = bundle "demo"; b:history("AAPL", "close", 250)' },
    { "bundles", "bundles()", "Names of the bundles there are.", "bundles()" },
    { "bars", "bars { ... }", "A small bundle written down on the spot: closes, or records of"
        .. " open, high, low, close, volume, by symbol; start, frequency.",
        'bars { AAPL = { 10, 11, 12.5 }, start = "2020-01-02" }' },
    { "diff", "diff(a, b)", "Two results or two sessions side by side, and where they part.",
        "diff(r, run(r, { fast = 20 }))" },
    { "plot", "plot(x, ...)", "Draws results (equity, drawdown), views or arrays.", "plot(r)" },
    { "heat", "heat(results, x, y)", "Draws the scores of an optimisation over two parameters.",
        'heat(g, "fast", "slow")' },
    { "save", "save(result)", "Keeps the summary of a result among the runs; its id.", "save(r)" },
    { "opt", "opt", "require \"backlua.optimization\".",
        "pool = opt.PersistentWorkerPool { n_jobs = 2 }" },
    { "step", "s:step(n)", "Goes on by n bars (1).", "s:step(20)" },
    { "goto_date", "s:goto_date(date)", "To the first bar that closes on the date or after it,"
        .. " forwards or backwards.", 's:goto_date "2015-08-24"' },
    { "why", "s:why(symbol, date)", "What happened to an asset around a bar: orders, checks, fills"
        .. " or reasons, cash before and after.", 's:why("AAPL", "2015-08-24")' },
    { "branch", "s:branch(params)", "A session of its own that stands at the same bar with the same"
        .. " past; params: begun anew with other parameters.", "b = s:branch()" },
    { "set", "s:set(name, value)", "Changes a parameter from the next bar on: what ctx.params"
        .. " says. What initialize made of the old value stays; s:branch { name = value } does not"
        .. " have it.", 's:set("fast", 10)' },
    { "finish", "s:finish()", "Goes on to the last bar; the result.", "r = s:finish()" },
}

local function of_words(name)
    for _, entry in ipairs(WORDS) do
        if entry[1] == name then
            return { { title = entry[2], text = entry[3], example = entry[4] } }
        end
    end
end

-- Text in lines of at most 78 columns.
local function wrapped(text)
    local lines, line = {}, ""
    for word in text:gsub("`", ""):gmatch "%S+" do
        if #line + 1 + #word > 78 then
            lines[#lines + 1], line = line, word
        else
            line = line == "" and word or line .. " " .. word
        end
    end
    lines[#lines + 1] = line
    return table.concat(lines, "\n  ")
end

local function entry_text(entry)
    local color = require "backlua.text.color"
    return color.paint(1, "bold", entry.title) .. "\n  " .. wrapped(entry.text or "") .. "\n"
        .. (entry.example and "  > " .. entry.example .. "\n" or "")
end

-- Entries of a name in the reference, and the nearest name when there is none.
local function of_reference(name)
    return require "backlua.reference".find(name)
end

local function names_of_words()
    local names = {}
    for i, entry in ipairs(WORDS) do
        names[i] = entry[1]
    end
    return names
end

--- Names that .help takes, for completion.
function help.names()
    local names = names_of_words()
    for _, name in ipairs(require "backlua.reference".names()) do
        names[#names + 1] = name
    end
    return names
end

local MOST = 4

--- Text about a name: the words of the prompt first, then the library. nil and a message when
-- nothing has the name.
function help.about(name)
    local bare = name:match "([%w_]+)$" or name
    local entries = of_words(bare)
    if not entries or name ~= bare then
        local found, nearest = of_reference(name)
        if #found == 0 and not entries then
            nearest = nearest or require "backlua.text.nearest".find(bare, names_of_words())
            return nil, ("no help on %s; %s"):format(require "backlua.text.quote"(name), nearest
                and ("did you mean '%s'?"):format(nearest) or ".help lists what there is")
        end
        entries = #found > 0 and found or entries
    end
    local parts = {}
    for i = 1, math.min(#entries, MOST) do
        parts[i] = entry_text(entries[i])
    end
    return table.concat(parts)
end

--- The overview. commands: their lines.
function help.overview(commands)
    return OVERVIEW:format("run session grid bundle bundles bars diff plot heat save\n"
        .. "       opt backlua ta metrics commission slippage   (.help NAME)", commands)
end

return help
