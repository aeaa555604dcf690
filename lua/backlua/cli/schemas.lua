-- What --json and --csv write, command by command: `backlua explain output`, and a page of the
-- reference.
--
-- `of` is what JSON is: an object, or an array of such. A line of `keys` is a key, `?` behind it
-- where it may be absent, and what it means. `csv` says what is a line there; `alike` names the
-- command that writes the same.

local schemas = {}

local TRIAL = [[
trial         its number, from 1
params        by name
state         done, pruned, violated, invalid, failed, crashed, timeout or infeasible
score         of the objective, null without one
scores        of several objectives, in their order; else null
violation     by how much constraints on results are broken, null without any
steps         scores on the way, that a pruner saw; else null
metrics       by key, null when the trial was not done
hash          of its run
seconds       of work
started       seconds since the study began
worker        its number
attempts      how often it was tried
signal        that killed it, null
duplicate_of  the trial whose outcome it took, null
message       why it failed, null
]]

local SEARCH = [[
manifest      what was searched: config, strategy, files with hashes, bundle, dates, space, ...
best          trial, params, score, metrics; null without one
front?        of several objectives: trial, params, scores by name, metrics
luck          how likely the best is luck: deflated Sharpe, PBO and their parts
trials        array, as of `study trials`
stats?        trials by fate, seconds, workers, audit, caches; nothing of it is in the hash
result_hash   SHA-256 over the trials: spec/golden/STUDY_HASH.md
]]

local WINDOWS = [[
windows?      params; train, validation and test: first, last, score, metrics, ...; efficiency
oos?          metrics, equity, trades of the tests, stitched
groups?       of a cross-validation: spans of time
splits?       of a cross-validation: params, groups tested, metrics
paths?        of a cross-validation: metrics, equity, trades
sharpe?       of a cross-validation: distribution over its paths
below_median? of a cross-validation: share of choices that were below the median out of sample
efficiency    growth a session of test over that of train, null when train had next to none
parameter_stability  by parameter
aggregate     by stage: mean, median, std, min, max of score and metrics
warnings      sentences
]]

local BUNDLE = [[
name              its name
error?            why it cannot be read; then nothing else is there
frequency?        of a bar: 1d, 1m, ...
assets?           how many
rows?             times of bars
bars?             of all assets together
first?            first session
last?             last session
sha256?           of its current version
path?             its folder
versions?         sha256, made, current; oldest first
]]

schemas.LIST = {
    { "run", of = "object", csv = "all tables one after the other, the first column names the "
        .. "table; `metrics` has lines key,value", keys = [[
manifest      strategy and files with hashes, params, bundle, dates, capital, fill, costs, seed, ...
metrics       by key; backlua explain metrics
restated?     the metrics as --convention has them
all?          with --metrics all: every statistic, of the benchmark too
orders        id symbol kind size_at request amount filled limit stop status reason created ended
              average_price commission slippage
fills         order_id symbol time phase amount price commission slippage; time is the bar's open,
              its close in the phase close
trades        symbol entry_time exit_time bars amount entry_price exit_price commission pnl return
              mae mfe entry_order exit_order
equity        time cash value
records       time name value
flows?        money that moved without a fill: time kind symbol amount
actions?      corporate actions: time kind symbol value before after cash due price other received
open_trades?  with --metrics all, as trades
positions?    likewise: time symbol amount price value
daily?        likewise: time return benchmark sharpe_ratio volatility beta
monthly?      likewise: year month value
yearly?       likewise: year value
drawdowns?    likewise: depth start_time trough_time stop_time bars
cached        whether it is the kept result of an identical run
result_hash   SHA-256 over what happened: spec/golden/RESULT_HASH.md
]] },
    { "run --why", of = "object", csv = "its bars", keys = [[
symbol        of the asset
time          that was asked for
bar           its number
note          what to know of it, null
orders        how many orders concern the asset
before        the last order before, null
bars          time, prices, holdings and cash before and after, orders given and ended, fills, ...
after         the next order after, null
result_hash   of the run
]] },
    { "optimize", of = "object", csv = "its trials, as of `study trials`", keys = SEARCH },
    { "walkforward", of = "object", csv = "its windows; of a cross-validation its splits",
        keys = SEARCH .. WINDOWS },
    { "check", of = "object", csv = "its checks", keys = [[
strategy      name of the file
bundle        it ran on
ok            whether it passed; the exit code is 0 or 6
bars          of the run
decisions     made in it
instants      after which the future was taken away
result_hash   of the first run
checks        name, ok, runs, error, difference: row, time, first_run, this_run, failed
flags         file, line, text: what its text is suspicious for
]] },
    { "ingest", of = "object", csv = "key,value", keys = [[
bundle        made, null in a dry run
sha256        of its version, null in a dry run
dry_run       true or false
frequency     of a bar
files         read
symbols       found
rows          read
stored        bars in the bundle
duplicates    left out
rejected      bad rows
empty         rows without prices
tolerated     rows that --skip-bad or a rule let pass
unsorted      rows that had to be sorted
decisions     what was understood, in words
bad_rows      the first 20, in words
]] },
    { "ingest --synthetic", of = "object", csv = "key,value", keys = [[
bundle        made
sha256        of its version
synthetic     the market
seed          it was made with
]] },
    { "ingest --into", of = "object", csv = "key,value", keys = [[
bundle                that was joined
sha256                of its new version
fields                joined
rows                  read
values                stored
lag                   after which a value is known
former_symbol_values  of them, under a symbol that the asset bears no more
unknown_symbols       left out
left_out              columns that are no numbers, null
]] },
    { "bundle list", of = "array", csv = "a bundle", keys = BUNDLE },
    { "bundle info", of = "object", csv = "its symbols", keys = BUNDLE .. [[
periods_per_year  sessions
calendar          its name or its text
skipped_rows      bad rows left out when it was made
fields            of its own
survivors_only    every symbol trades to the last day
symbols           symbol, first, last, and what assets.csv said
provenance        how it was made
]] },
    { "bundle verify", of = "array", csv = "a bundle", keys = [[
name   its name
ok     true or false
error  why not, null
]] },
    { "bundle diff", of = "object", csv = "key,value", keys = [[
same             true when nothing differs
assets_added     in the second only
assets_removed   in the first only
fields_added     likewise
fields_removed   likewise
rows_added       times
rows_removed     times
bars_added       of assets in both
bars_removed     likewise
cells            values compared
cells_changed    of them
facts_changed    assets whose facts differ
actions_added    corporate actions
actions_removed  likewise
examples         the first differences, in words
]] },
    { "bundle export", of = "object", csv = "key,value", keys = [[
name     of the bundle
format   csv, csvdir or lean
folder   written
symbols  how many
again    the command that makes the bundle again
]] },
    { "bundle clean", of = "array", csv = "a bundle", keys = [[
name      its name
versions  forgotten
files     removed
bytes     of them
]] },
    { "bundle rm", of = "array", csv = "a bundle", keys = [[
name     its name
removed  true
]] },
    { "study list", of = "array", csv = "a study", keys = [[
name        its name
error?      why it cannot be read; then nothing else is there
trials?     how many
objective?  its name
best?       score of the best, null
front?      of several objectives: how many trials are on the front
strategy?   its path
bundle?     its name
created?    when
]] },
    { "study show", of = "object", csv = "its trials", alike = "optimize" },
    { "study best", of = "object", csv = "the best, or a line for each of the front", keys = [[
trial    its number; of several objectives the value is an array of such, the front
params   by name
score    of the objective; of several `scores` by name
metrics  by key
]] },
    { "study trials", of = "array", csv = "a trial: params as param.NAME, each metric a column",
        keys = TRIAL },
    { "study resume", of = "object", csv = "its trials or windows",
        alike = "optimize or walkforward" },
    { "study replay", of = "object", csv = "the trial", keys = [[
trial    its number
params   by name
state    as it was
score    as it was
metrics  by key
hash     of its run
same     true: it came out the same to the bit; otherwise exit 6
]] },
    { "study export", of = "object", csv = "its trials", alike = "study show" },
    { "study rm", of = "array", csv = "a study", alike = "bundle rm" },
    { "report", of = "object", csv = "its tables, the first column names the table", keys = [[
kind      run, study, walk, ...
title     of the page
subtitle  of the page
sections  id, title, headline, facts; tables: id, caption, columns, rows
]] },
    { "new", of = "object", csv = "key,value", keys = [[
name      of the folder
template  it began as
bundle    it runs on
files     written
]] },
    { "explain", of = "object", csv = "key,value", keys = [[
topic  that was asked for
text   what there is to say
]] },
    { "config show", of = "object", csv = "setting,value,origin", keys = [[
NAME  of each setting: value, origin
]] },
    { "doctor", of = "object", csv = "key,value", keys = [[
NAME  of each line: its text
]] },
    { "bench", of = "array", csv = "a figure", keys = [[
name        what was timed
seconds     the median
per_second  bars or trials
unit        which of them
]] },
}

--- The schema of a command ("study list"), or nil.
function schemas.of(name)
    for _, entry in ipairs(schemas.LIST) do
        if entry[1] == name then
            return entry
        end
    end
end

schemas.HEAD = [[
--json writes one value and a newline, --csv a table with a header; nothing else is on stdout, and
the exit code is what it is without. A number is the shortest text that reads back to the same
double; NaN is null (CSV: empty), an infinity "inf" or "-inf"; times are UTC. In CSV an object
inside a line is columns with a dot (params.fast), a list inside it a cell of JSON. completion
and the prompt have neither.
]]

--- Pairs of key and meaning of an entry's keys; none when it has no own.
function schemas.rows(entry)
    local rows = {}
    for key, text in (entry.keys or ""):gsub("\n%s+", " "):gmatch "([%w_]+%??)%s+([^\n]+)" do
        rows[#rows + 1] = { key, text }
    end
    return rows
end

--- All of it as text in lines of so many columns.
function schemas.text(columns)
    local paragraph = require "backlua.text.paragraph"
    local parts = { paragraph(schemas.HEAD, columns) }
    for _, entry in ipairs(schemas.LIST) do
        local rows = schemas.rows(entry)
        parts[#parts + 1] = "\n" .. paragraph(("%s: %s%s; --csv: %s"):format(entry[1],
            entry.of == "array" and "an array of objects" or "an object",
            entry.alike and ", as of " .. entry.alike or "", entry.csv), columns)
        parts[#parts + 1] = #rows > 0 and require "backlua.text.table"({ {}, {} }, rows,
            { indent = "  ", columns = columns }) or nil
    end
    return table.concat(parts)
end

return schemas
