-- backlua ingest: a bundle from CSV files, or a synthetic one.

local ffi = require "ffi"
local failure = require "backlua.cli.failure"
local form = require "backlua.cli.form"
local native = require "backlua.ffi"
local number = require "backlua.text.number"
local output = require "backlua.text.output"
local values = require "backlua.text.values"

local C = native.C

local DATES = { mdy = C.BT_DATES_MDY, dmy = C.BT_DATES_DMY }
local EPOCHS = { s = C.BT_EPOCH_S, ms = C.BT_EPOCH_MS, us = C.BT_EPOCH_US, ns = C.BT_EPOCH_NS }
local DECIMALS = { point = C.BT_DECIMAL_POINT, comma = C.BT_DECIMAL_COMMA }
local ADJUSTED = { none = C.BT_ADJUSTED_NONE, splits = C.BT_ADJUSTED_SPLITS,
    all = C.BT_ADJUSTED_ALL }
local STAMPS = { open = C.BT_STAMP_OPEN, close = C.BT_STAMP_CLOSE }

local command = {
    name = "ingest",
    summary = "make a bundle from CSV files, or a synthetic one",
    usage = "PATH... -b NAME [options]",
    examples = {
        { "backlua ingest prices/ -b mine", "a file per symbol" },
        { "backlua ingest GOOG.csv --symbol GOOG --dry-run", "what it understands" },
        { "duckdb -csv -c \"from 'x.parquet'\" | backlua ingest - -b x", "standard input" },
        { "backlua ingest --synthetic mag7 --seed 7 -b demo", "8 symbols, 25 years" },
    },
    more_examples = {
        { "backlua ingest 2024/ -b mine --append", "newer rows, a new version" },
        { "backlua ingest sentiment.csv --into mine --lag 2h", "a field of its own" },
        { "backlua ingest q.csv --columns date,open,high,low,close -b q", "no header" },
        { "backlua ingest --synthetic mag7 --minutes 20000 -b m", "one-minute bars" },
    },
}

-- What other programs call our options.
command.meant = { ["--timezone"] = "--tz", ["--time-zone"] = "--tz", ["--zone"] = "--tz",
    ["--name"] = "--bundle", ["--ticker"] = "--symbol", ["--freq"] = "--frequency",
    ["--timeframe"] = "--frequency", ["--interval"] = "--frequency" }

-- Arguments and options on an argparse parser.
function command.configure(parser)
    parser:argument("paths"):args "*":argname "PATH"
    local function option(names, argname, text, convert)
        return parser:option(names, text):argname(argname):convert(convert)
    end
    local function minor(...)
        option(...).minor = true
    end
    option("-b --bundle", "NAME", "Bundle to make; one of that name is replaced.",
        values.text("--bundle", "a name"))
    parser:flag("--append", "Add newer rows to the bundle, as its next version.")
    minor("--into", "NAME", "Join columns of numbers to a bundle, as fields of its own.",
        values.text("--into", "the name of a bundle"))
    minor("--lag", "D", "With --into: known so much after their time: 15m, 2h, 1d.",
        values.text("--lag", "a duration such as 2h"))
    parser:flag("--dry-run", "Read and check everything, make nothing.")
    local as_json, as_csv = form.configure(parser, "What came of it as a JSON object.",
        "The same as CSV, key,value.")
    as_json.minor, as_csv.minor = true, true
    parser:flag("--skip-bad", "Leave bad rows out and store the rest.")
    option("--symbol", "SYMBOL", "Of all rows; default: a column, or the file's name.",
        values.text("--symbol", "a symbol"))
    minor("--frequency", "F", "Length of a bar: 1m, 1h, 1d, 1w, 1mo; default: their distance.",
        values.text("--frequency", "a frequency such as 1d"))
    option("--format", "F", "Whose files, such as tiingo; default: by their looks.",
        values.text("--format", "a format's name"))
    option("--map", "PAIRS", "What columns are: close=5,volume=-1; numbers or names.",
        values.text("--map", "pairs such as close=5"))
    minor("--columns", "NAMES", "Columns of files without a header: date,open,high,low,close.",
        values.text("--columns", "names such as date,open,high,low,close,volume"))
    option("--tz", "ZONE", "Of times that carry none: Asia/Tokyo, UTC+2, UTC.",
        values.text("--tz", "a time zone"))
    minor("--calendar", "NAME", "When sessions are: union, weekdays, 24/7, XNYS, or a file.",
        values.text("--calendar", "a calendar or a file"))
    option("--adjusted", "FOR", "What prices are adjusted for: none, splits or all.",
        values.choice("--adjusted", { "none", "splits", "all" }))
    minor("--scale", "F", "Multiply prices by F.",
        values.number("--scale", { above = 0, max = 1e12 }))
    minor("--splits", "FILE", "Splits: symbol,date,ratio (also found among the files).",
        values.text("--splits", "a file"))
    minor("--dividends", "FILE", "Dividends: symbol,ex_date,amount[,pay_date,currency].",
        values.text("--dividends", "a file"))
    minor("--actions", "FILE", "Mergers, delistings or changes of symbol: bundles/README.md.",
        values.text("--actions", "a file"))
    parser:flag("--keep-listed", "An asset whose bars end early has not been delisted.")
        .minor = true
    minor("--dates", "ORDER", "1/2/2012 is mdy or dmy; default: as all rows show.",
        values.choice("--dates", { "mdy", "dmy" }))
    minor("--epoch", "UNIT", "Counts since 1970 are s, ms, us or ns; default: by their size.",
        values.choice("--epoch", { "s", "ms", "us", "ns" }))
    minor("--decimal", "SIGN", "Sign of 1.234,5 or 1,234.5: comma or point; default: as all rows"
        .. " show.", values.choice("--decimal", { "comma", "point" }))
    minor("--stamp", "END", "A bar's time marks its open or its close.",
        values.choice("--stamp", { "open", "close" }))
    minor("--memory", "MB", "For rows in memory, default 256; the rest goes to disk.",
        values.number("--memory", { above = 0, max = 1e6 }))
    option("--synthetic", "MARKET", "A synthetic market instead of files: mag7.",
        values.text("--synthetic", "a market: mag7"))
    minor("--seed", "N", "Synthetic: its seed; default 1.",
        values.number("--seed", { min = 0, max = 2 ^ 53, whole = true }))
    parser:flag("--full", "Synthetic: every symbol from the first session on.").minor = true
    minor("--minutes", "N", "Synthetic: N one-minute bars for each symbol.",
        values.number("--minutes", { min = 1, max = 2400000, whole = true }))
    parser:flag("--with-actions", "Synthetic: splits and dividends, and prices as quoted.")
        .minor = true
    minor("--symbols", "N", "Synthetic: how many symbols, 1 to 8.",
        values.number("--symbols", { min = 1, max = 8, whole = true }))
    minor("--assets", "FILE", "Tick size, lot size and more of the symbols, as in assets.csv.",
        values.text("--assets", "a file"))
end

-- ---- synthetic ---------------------------------------------------------------------------------

local OF_FILES = { "dry_run", "skip_bad", "symbol", "frequency", "format", "map", "columns", "tz",
    "adjusted", "scale", "splits", "dividends", "actions", "keep_listed", "dates", "epoch",
    "decimal", "stamp", "memory", "append", "into", "lag" }
local OF_SYNTHETIC = { "seed", "full", "minutes", "with_actions", "symbols" }

local function first_given(args, names)
    for _, name in ipairs(names) do
        if args[name] then
            return "--" .. name:gsub("_", "-")
        end
    end
end

local function check_args(args)
    if args.synthetic then
        local other = args.paths[1] or first_given(args, OF_FILES)
        if args.assets then
            return failure.usage("--assets names a file of facts about real symbols; --symbols N "
                .. "says how many --synthetic makes")
        elseif other then
            return failure.usage("--synthetic makes its own bars; leave out %s", other)
        end
    elseif first_given(args, OF_SYNTHETIC) then
        return failure.usage("%s belongs to --synthetic", first_given(args, OF_SYNTHETIC))
    elseif not args.paths[1] then
        return failure.usage("which files? backlua ingest PATH... -b NAME")
    elseif args.into then
        return require "backlua.cli.ingest_into".check(args, OF_FILES)
    elseif args.assets and C.bt_path_kind(args.assets) ~= C.BT_PATH_FILE then
        return failure.usage("--assets must be a file of facts, got %s",
            require "backlua.text.quote"(args.assets))
    elseif args.lag then
        return failure.usage("--lag belongs to --into")
    end
    if not args.bundle and not args.dry_run then
        return failure.usage("which bundle? give -b NAME (or --dry-run)")
    end
end

local function say_made(name, sha, what)
    output.write(("bundle %s: %s, sha256 %s\n"):format(name, what, sha:sub(1, 12)))
end

local function synthetic(args)
    local config, sha = ffi.new "bt_synthetic_config", ffi.new "char[65]"
    config.bundle, config.preset = args.bundle, args.synthetic
    config.seed = args.seed or 1
    config.full = args.full and 1 or 0
    config.actions = args.with_actions and 1 or 0
    config.minutes, config.assets = args.minutes or 0, args.symbols or 0
    local status = C.bt_synthetic(config, sha)
    if status ~= C.BT_OK then
        return nil, failure.native(status)
    end
    if form.asked(args) then
        form.write(args, require "backlua.text.json".object { { "bundle", args.bundle },
            { "sha256", ffi.string(sha) }, { "synthetic", args.synthetic },
            { "seed", args.seed or 1 } })
    else
        say_made(args.bundle, ffi.string(sha), ("synthetic %s, seed %s"):format(args.synthetic,
            number.count(args.seed or 1)))
    end
    return 0
end

-- ---- files -------------------------------------------------------------------------------------

local function open(args)
    local options, out = ffi.new "bt_ingest_options", ffi.new "bt_ingest *[1]"
    options.bundle, options.symbol, options.frequency = args.bundle, args.symbol, args.frequency
    options.dates = DATES[args.dates] or C.BT_DATES_AUTO
    options.epoch = EPOCHS[args.epoch] or C.BT_EPOCH_AUTO
    options.decimal = DECIMALS[args.decimal] or C.BT_DECIMAL_AUTO
    options.stamp = STAMPS[args.stamp] or C.BT_STAMP_AUTO
    options.format, options.map, options.columns = args.format, args.map, args.columns
    options.zone, options.scale = args.tz, args.scale or 0
    options.calendar = args.calendar
    options.adjusted = ADJUSTED[args.adjusted] or C.BT_ADJUSTED_UNKNOWN
    options.skip_bad = args.skip_bad and 1 or 0
    options.dry_run = args.dry_run and 1 or 0
    options.append = args.append and 1 or 0
    options.keep_listed = args.keep_listed and 1 or 0
    options.assets = args.assets
    options.memory_mb = args.memory or 0
    local status = C.bt_ingest_open(options, out)
    if status ~= C.BT_OK then
        return nil, failure.native(status)
    end
    return ffi.gc(out[0], C.bt_ingest_close)
end

local function add_paths(ingest, paths)
    for _, path in ipairs(paths) do
        if path ~= "-" and C.bt_path_kind(path) == C.BT_PATH_NONE then
            return require("backlua.cli.missing").file(path)
        end
        local status = C.bt_ingest_add(ingest, path)
        if status ~= C.BT_OK then
            return failure.native(status)
        end
    end
end

-- What a stage counts: of reading, megabytes tell how far it is and rows how fast; to check rows is
-- to pass them twice.
local STAGES = {
    [0] = { unit = "MB read", done = "bytes_done", total = "bytes", scale = 1e6 },
    { unit = "rows checked", done = "passed", total = "to_pass", scale = 2 },
    { unit = "rows stored", done = "passed", total = "to_pass", scale = 1 },
}

-- The progress of a stage that has taken so many seconds.
local function state_of(stage, report, seconds)
    local done, total = report[stage.done] / stage.scale, report[stage.total] / stage.scale
    local some = seconds > 0 and done > 0
    local rows = stage == STAGES[0] and report.rows or done
    return { done = math.floor(done), total = math.ceil(total), rate_unit = "rows",
        rate = some and rows / seconds or nil,
        eta = some and (total - done) / done * seconds or nil }
end

local LONG = 2e7 -- bytes; below this there is no time to watch

-- Steps until the stage changes or the work ends. Returns the last one's outcome.
local function work_stage(ingest, report, clock)
    local now, outcome = report.stage
    local stage = report.bytes > LONG and STAGES[now]
    local line = stage and require("backlua.text.progress").new { unit = stage.unit }
    local started = clock()
    repeat
        outcome = C.bt_ingest_step(ingest)
        if line and report.stage == now then
            line:update(state_of(stage, report, clock() - started))
        end
    until outcome ~= C.BT_INGEST_MORE or report.stage ~= now
    if line then
        line:clear()
    end
    return outcome
end

-- All steps. Returns the last one's outcome.
local function work(ingest)
    local report = C.bt_ingest_get_report(ingest)
    while true do
        local outcome = work_stage(ingest, report, C.bt_clock_seconds)
        if outcome ~= C.BT_INGEST_MORE then
            return outcome
        end
    end
end

local function each_text(get, ingest, say)
    local i = 0
    local text = get(ingest, i)
    while text ~= nil do
        say(ffi.string(text))
        i = i + 1
        text = get(ingest, i)
    end
    return i
end

local function say_bad_rows(ingest, say)
    local rejected = C.bt_ingest_get_report(ingest).rejected
    local shown = each_text(C.bt_ingest_bad_row, ingest, say)
    if rejected > shown then
        say(("... and %s more bad rows"):format(number.count(rejected - shown)))
    end
end

local function say_to_stderr(text)
    io.stderr:write(text, "\n")
end

-- What was understood: the result of a dry run, a note otherwise.
local function say_notes(ingest, dry_run)
    local say = dry_run and function(text) output.say(text .. "\n") end or output.note
    each_text(C.bt_ingest_note, ingest, say)
end

local function plural(n, noun)
    return ("%s %s%s"):format(number.count(n), noun, n == 1 and "" or "s")
end

-- Bars of a bundle, 0 when there is none.
local function bars_of(name)
    local facts = require("backlua.job").bundle_facts(name)
    return facts and facts.bars or 0
end

-- before: bars of the bundle that was appended to.
local function bars_text(args, report, before)
    if not args.append then
        return ("%s of %s"):format(plural(report.stored, "bar"), ffi.string(report.frequency))
    end
    local now = bars_of(args.bundle)
    return ("%s of %s appended, %s in all"):format(plural(now - before, "bar"),
        ffi.string(report.frequency), number.count(now))
end

local function say_result(args, ingest, before)
    local report = C.bt_ingest_get_report(ingest)
    if args.dry_run then
        output.note "dry run: nothing was made"
        return
    end
    say_made(args.bundle, ffi.string(report.sha256), ("%s, %s"):format(
        plural(report.symbols, "symbol"), bars_text(args, report, before)))
end

local function files(args)
    local before = args.append and bars_of(args.bundle)
    local ingest, err = open(args)
    if not ingest then
        return nil, err
    end
    local paths = {}
    for _, name in ipairs { "splits", "dividends", "actions" } do
        paths[#paths + 1] = args[name]
    end
    for i = 1, #args.paths do
        paths[#paths + 1] = args.paths[i]
    end
    err = add_paths(ingest, paths)
    if err then
        return nil, err
    end
    local outcome = work(ingest)
    if outcome == C.BT_INGEST_FAILED then
        err = failure.native(C.bt_ingest_status(ingest))
        say_notes(ingest, false)
        say_bad_rows(ingest, say_to_stderr)
        return nil, err
    end
    if form.asked(args) then
        form.write(args, require "backlua.cli.ingest_json"(ingest,
            not args.dry_run and args.bundle or nil))
        return 0
    end
    say_notes(ingest, args.dry_run)
    say_bad_rows(ingest, output.note)
    say_result(args, ingest, before)
    return 0
end

-- Run with parsed values; exit code, or nil and a failure.
function command.run(args)
    local err = check_args(args)
    if err then
        return nil, err
    end
    if args.into then
        return require "backlua.cli.ingest_into".run(args)
    end
    return (args.synthetic and synthetic or files)(args)
end

return command
