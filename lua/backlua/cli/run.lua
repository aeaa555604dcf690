-- backlua run: one backtest, its result in the form asked for.

local failure = require "backlua.cli.failure"
local native = require "backlua.ffi"
local output = require "backlua.text.output"
local quote = require "backlua.text.quote"
local values = require "backlua.text.values"

local C = native.C

local FILLS = { "next_open", "next_close", "same_close" }
local MAX_SEED = 2 ^ 53
local ADJUSTS = { "none", "splits", "all" }
local STDIN = "-"

local command = {
    name = "run",
    summary = "run one backtest of a strategy",
    usage = "STRATEGY.lua -b BUNDLE [options]",
    examples = {
        { "backlua run sma.lua -b demo -s 2010-01-01 -e 2019-12-31 --param fast=10" },
        { "backlua run sma.lua -b demo --json -o sma.json" },
    },
}

-- Arguments and options on an argparse parser.
function command.configure(parser)
    parser:argument("strategy"):args "?" -- its absence deserves a better message
    local function option(names, argname, text, convert)
        return parser:option(names, text):argname(argname):convert(convert)
    end
    option("-b --bundle", "NAME", "Bundle to run on; NAME@HASH pins a version.",
        values.text("--bundle", "the name of a bundle"))
    option("-s --start", "DATE", "First session; default: the bundle's first.",
        values.date "--start")
    option("-e --end", "DATE", "Last session, included; a time is exclusive.",
        values.date "--end"):target "end_date"
    option("--param", "K=V", "A parameter of the strategy; may be repeated.",
        values.assignment "--param"):count "*"
    option("--params", "FILE", "Parameters from a Lua file (optimize writes one).",
        values.text("--params", "a file"))
    option("--capital", "N", "Starting cash; default 100000.",
        values.number("--capital", { above = 0, max = 1e15 }))
    option("--fill", "WHEN", "next_open (default), next_close or same_close.",
        values.choice("--fill", FILLS))
    option("--adjust", "HOW", "History: all (splits and dividends, default), splits or none.",
        values.choice("--adjust", ADJUSTS))
    option("--lot", "N", "Smallest unit of an order; default 1.",
        values.number("--lot", { above = 0, max = 1e9 }))
    option("--seed", "N", "Seed of ctx:random(); default 1.",
        values.number("--seed", { min = 0, max = MAX_SEED, whole = true }))
    option("--periods-per-year", "N", "For Sharpe and volatility; default 252 or 365.",
        values.number("--periods-per-year", { above = 0, max = 1e6 }))
    parser:mutex(
        parser:flag("--json", "The whole result as one JSON object."),
        parser:flag("--csv", "The whole result as CSV; column 1 names the table."))
    option("-o --output", "FILE", "Write there, not to stdout; .json, .csv set the form.",
        values.text("--output", "a file, or - for stdout"))
    parser:flag("--no-save", "Keep no summary of the run.")
    parser:flag("--no-cache", "Compute everything anew: caching off.")
    parser:flag("--unsafe", "Without the sandbox: files, ffi, processes.")
end

-- ---- what to run -----------------------------------------------------------------------------

local function check_strategy(path)
    if not path then
        return failure.usage("which strategy? backlua run STRATEGY.lua -b BUNDLE")
    end
    local kind = path == STDIN and C.BT_PATH_FILE or C.bt_path_kind(path)
    if kind == C.BT_PATH_FILE or kind == C.BT_PATH_OTHER then
        return nil
    end
    return require("backlua.cli.missing").file(path)
end

local function check_bundle(name)
    if name then
        return nil
    end
    local bundles = require("backlua.cli.missing").bundles()
    if #bundles == 0 then
        return failure.usage("which bundle? give -b NAME; there is none yet, "
            .. "`backlua ingest --synthetic mag7 --seed 7 -b demo` makes one")
    end
    return failure.usage("which bundle? give -b NAME; there is %s", table.concat(bundles, ", "))
end

-- A run may take long: say now that its result has nowhere to go.
local function check_output(path)
    local folder = path and path:match "^(.*)/[^/]*$"
    if path and C.bt_path_kind(path) == C.BT_PATH_FOLDER then
        return { code = "io", message = ("cannot write %s: it is a folder"):format(path) }
    elseif folder and folder ~= "" and C.bt_path_kind(folder) ~= C.BT_PATH_FOLDER then
        return { code = "io", message = ("cannot write %s: there is no folder %s"):format(
            quote(path), quote(folder)) }
    end
end

-- Settings that are flags here and configuration elsewhere.
local function apply_config(args)
    if not args.no_cache then
        return nil
    end
    local status = C.bt_config_flag("ENABLE_CACHING", "false")
    return status ~= C.BT_OK and failure.native(status) or nil
end

-- A path, or the text that comes on stdin. A newline tells the text from a path.
local function source_of(args)
    return args.strategy == STDIN and io.read "*a" .. "\n" or args.strategy
end

local function job_options(args)
    return {
        strategy = source_of(args),
        bundle = args.bundle,
        start_date = args.start,
        end_date = args.end_date,
        capital = args.capital,
        fill = args.fill,
        adjust = args.adjust,
        lot = args.lot,
        seed = args.seed,
        periods_per_year = args.periods_per_year,
        unsafe = args.unsafe or nil,
    }
end

-- The table of --params, or an empty one.
local function file_params(args)
    local path = args.params
    if not path then
        return {}
    elseif C.bt_path_kind(path) == C.BT_PATH_NONE then
        return nil, require("backlua.cli.missing").file(path)
    end
    return require("backlua.params").read(path)
end

local function chosen_params(runner, job, args, from_file)
    if #args.param == 0 and next(from_file) == nil then
        return {}
    end
    local defaults, err = runner.defaults(job)
    if not defaults then
        return nil, err
    end
    return require("backlua.params").merge(from_file, args.param, defaults)
end

local function backtest(args)
    local runner = require "backlua.run"
    local from_file, job, params, result, err
    from_file, err = file_params(args)
    if not from_file then
        return nil, err
    end
    job, err = runner.prepare(job_options(args))
    if not job then
        return nil, err
    end
    params, err = chosen_params(runner, job, args, from_file)
    local started = C.bt_clock_seconds()
    if params then
        result, err = runner.execute(job, params)
    end
    if not result then
        runner.release(job)
        return nil, err
    end
    return result, nil, C.bt_clock_seconds() - started, job
end

-- ---- what to say -----------------------------------------------------------------------------

local function form(args)
    local path = args.output or "-"
    if args.json or not args.csv and path:find "%.json$" then
        return "json"
    elseif args.csv or path:find "%.csv$" then
        return "csv"
    end
    return "text"
end

local function write_form(kind, result, facts, emit)
    if kind == "text" then
        emit(require "backlua.cli.run_text"(result, facts))
    else
        require("backlua.cli.run_" .. kind)(result, emit)
    end
end

-- To stdout as it is made, to a file when it is whole.
local function deliver(args, result, facts)
    local path = args.output or "-"
    if path == "-" then
        write_form(form(args), result, facts, output.write)
        output.flush()
        return nil
    end
    local emit, gathered = require("backlua.cli.run_tables").gather()
    write_form(form(args), result, facts, emit)
    local bytes, n = gathered()
    local status = C.bt_file_write(path, bytes, n, C.BT_WRITE_DURABLE)
    if status ~= C.BT_OK then
        return failure.native(status)
    end
    output.note("wrote " .. path)
end

local function facts_of(args, job, seconds)
    return {
        name = args.strategy == STDIN and "(stdin)" or args.strategy:match "[^/]*$",
        seconds = seconds, assets = job.info.assets,
        daily = job.info.frequency == "1d",
        color_fd = (args.output or "-") == "-" and 1 or nil,
    }
end

local function save(args, result)
    local id = not args.no_save and require "backlua.cli.run_save"(result)
    if id and form(args) == "text" then
        output.note(("run %s saved. Every order, fill and trade: --json or --csv"):format(id))
    end
end

-- Run with parsed values; exit code, or nil and a failure.
function command.run(args)
    local err = check_strategy(args.strategy) or check_output(args.output)
        or check_bundle(args.bundle) or apply_config(args)
    if err then
        return nil, err
    end
    if args.unsafe then
        output.warn "--unsafe: the strategy runs without the sandbox, with all your rights"
    end
    local result, job, seconds
    result, err, seconds, job = backtest(args)
    if not result then
        return nil, err
    end
    if form(args) == "text" then
        require("backlua.startup").defer() -- what is printed is printed once
    end
    err = deliver(args, result, facts_of(args, job, seconds))
    if not err then
        save(args, result)
    end
    require("backlua.run").release(job)
    if err then
        return nil, err
    end
    return 0
end

return command
