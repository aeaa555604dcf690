-- What commands that run one backtest have in common: the arguments that say which one, and the
-- job that these make.

local failure = require "backlua.cli.failure"
local native = require "backlua.ffi"
local output = require "backlua.text.output"
local values = require "backlua.text.values"

local C = native.C

local FILLS = { "next_open", "next_close", "same_close" }
local MAX_SEED = 2 ^ 53
local ADJUSTS = { "none", "splits", "all" }
local STDIN = "-"

local run_job = {}

-- Strategy, bundle, span and policies on an argparse parser.
function run_job.configure(parser)
    parser:argument("strategy"):args "?" -- its absence deserves a better message
    local function option(names, argname, text, convert)
        return parser:option(names, text):argname(argname):convert(convert)
    end
    local function minor(names, argname, text, convert)
        option(names, argname, text, convert).minor = true
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
    minor("--adjust", "HOW", "History: all (splits and dividends, default), splits or none.",
        values.choice("--adjust", ADJUSTS))
    minor("--lot", "N", "Smallest unit of an order; default 1.",
        values.number("--lot", { above = 0, max = 1e9 }))
    option("--seed", "N", "Seed of ctx:random(); default 1.",
        values.number("--seed", { min = 0, max = MAX_SEED, whole = true }))
    option("--benchmark", "NAME", "Compare with an asset, or with a CSV of values.",
        values.text("--benchmark", "a symbol or a CSV file"))
    parser:flag("--close-at-end", "Sell what is held after the last bar; else it is marked.")
        .minor = true
    minor("--periods-per-year", "N", "For Sharpe and volatility; default 252 or 365.",
        values.number("--periods-per-year", { above = 0, max = 1e6 }))
    minor("--risk-free", "RATE", "Annual risk-free rate, 0.02 for 2 percent; default 0.",
        values.number("--risk-free", { above = -1, max = 10 }))
    minor("--convention", "WHOSE", "Metrics as own (default), empyrical, quantstats or "
        .. "backtesting.py define them.", values.choice("--convention",
            require "backlua.conventions"))
    parser:flag("--unsafe", "Without the sandbox: files, ffi, processes.")
end

local function check_strategy(path, name)
    if not path then
        return failure.usage("which strategy? backlua %s STRATEGY.lua -b BUNDLE", name)
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

local IN_FILES = { "bundle", "capital", "fill", "adjust", "lot", "seed", "periods_per_year" }

-- What is wrong with the arguments of a command, or nil. Files of settings fill in what is not
-- given.
function run_job.check(args, name)
    require "backlua.cli.config_file".fill(args, IN_FILES)
    return check_strategy(args.strategy, name) or check_bundle(args.bundle)
end

-- Say what deserves to be said before anything runs.
function run_job.warn(args)
    if args.unsafe then
        output.warn "--unsafe: the strategy runs without the sandbox, with all your rights"
    end
end

-- The strategy's name for people.
function run_job.shown(args)
    return args.strategy == STDIN and "(stdin)" or args.strategy:match "[^/]*$"
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
        risk_free = args.risk_free,
        convention = args.convention,
        benchmark = args.benchmark,
        close_at_end = args.close_at_end or nil,
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

-- The job (run.lua) of the arguments and its parameters; nil and a failure. To be released.
function run_job.prepare(args)
    local runner = require "backlua.run"
    local from_file, err = file_params(args)
    if not from_file then
        return nil, err
    end
    local job, params
    job, err = runner.prepare(job_options(args))
    if not job then
        return nil, err
    elseif not args.unsafe then
        C.bt_memory_limit()
    end
    params, err = chosen_params(runner, job, args, from_file)
    if not params then
        runner.release(job)
        return nil, err
    end
    return job, params
end

return run_job
