-- backlua run: one backtest, its result in the form asked for.

local failure = require "backlua.cli.failure"
local form = require "backlua.cli.form"
local native = require "backlua.ffi"
local output = require "backlua.text.output"
local run_job = require "backlua.cli.run_job"
local values = require "backlua.text.values"

local C = native.C

local command = {
    name = "run",
    summary = "run one backtest of a strategy",
    usage = "STRATEGY.lua -b BUNDLE [options]",
    examples = {
        { "backlua run sma.lua -b demo -s 2010-01-01 -e 2019-12-31 --param fast=10" },
        { "backlua run sma.lua -b demo --why AAPL 2010-05-06" },
    },
}

-- Arguments and options on an argparse parser.
function command.configure(parser)
    run_job.configure(parser)
    form.configure(parser, "The whole result as one JSON object.",
        "The whole result as CSV; column 1 names the table.")
    parser:option("-o --output", "Write there, not to stdout; .json, .csv set the form.")
        :argname("FILE"):convert(values.text("--output", "a file, or - for stdout"))
    parser:option("--metrics", "short (default), or all: every statistic and table.")
        :argname("HOW"):convert(values.choice("--metrics", { "short", "all" }))
    parser:option("--why", "What happened to an asset around a day, and why.")
        :args(2):argname { "SYMBOL", "DATE" }
    local profile = "Say which lines cost the time, and what is not compiled."
    parser:flag("--profile", profile).minor = true
    parser:flag("--no-save", "Keep no summary of the run.").minor = true
    parser:flag("--no-cache", "Compute anew; take and keep no cached result.").minor = true
end

-- ---- the run --------------------------------------------------------------------------------

-- Asset-bars from which a result is kept for the next run that would come to the same: what is
-- smaller seldom takes a tenth of a second, and is not worth a file.
command.kept_from = 500000

-- Whether a run is large enough to look for its result first, and to keep it.
local function is_large(job)
    local config = job.config
    local bars = C.bt_span_bars(job.bundle, config.start, config["end"])
    return bars * job.info.assets >= command.kept_from
end

-- One backtest computes everything once, and nobody comes after it: what the cache shares among
-- processes would lie in pages that cost more than memory of its own.
local function turn_caching_off(args)
    args.no_cache = args.no_cache or C.bt_config_get().enable_caching == 0
    local status = C.bt_config_flag("ENABLE_CACHING", "false")
    return status ~= C.BT_OK and failure.native(status) or nil
end

local function executed(args, runner, job, params)
    if args.profile then
        return require "backlua.cli.run_profile"(runner, job, params)
    end
    if is_large(job) and not args.no_cache then
        return require "backlua.cli.run_kept"(runner, job, params)
    end
    return runner.execute(job, params)
end

-- { result, job, seconds, is_cached, keep = nil or function that keeps the result for a next run };
-- nil and a failure.
local function backtest(args)
    local runner = require "backlua.run"
    local job, params = run_job.prepare(args)
    if not job then
        return nil, params
    end
    local started = C.bt_clock_seconds()
    local result, err, keep, is_cached = executed(args, runner, job, params)
    if not result then
        runner.release(job)
        return nil, err
    end
    return { result = result, job = job, seconds = C.bt_clock_seconds() - started,
        keep = keep, is_cached = is_cached or false }
end

-- ---- what to say -----------------------------------------------------------------------------

local function form_of(args)
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
        if facts.all then
            emit(require "backlua.cli.run_statistics"(result, facts))
        end
    else
        require("backlua.cli.run_" .. kind)(result, emit, facts.all, facts.is_cached)
    end
end

-- What --why asks for, instead of the result.
local function write_why(kind, report, hash, columns, emit)
    if kind == "text" then
        emit((require "backlua.text.fold"(tostring(report) .. "\n", columns)))
    else
        emit(form.encode(kind, require "backlua.cli.why_json"(report, hash), "bars"))
    end
end

-- What was asked for, through emit(text); a failure.
local function write(args, result, facts, emit)
    if not args.why then
        write_form(form_of(args), result, facts, emit)
        return nil
    end
    local report, err = require "backlua.why".collect(result, args.why[1], args.why[2])
    if report then
        write_why(form_of(args), report, result.hash, facts.columns, emit)
    end
    return err
end

-- To stdout as it is made, to a file when it is whole.
local function deliver(args, result, facts)
    local path = args.output or "-"
    if path == "-" then
        local err = write(args, result, facts, output.write)
        output.flush()
        return err
    end
    local emit, gathered = require("backlua.cli.run_tables").gather()
    local err = write(args, result, facts, emit)
    if err then
        return err
    end
    local bytes, n = gathered()
    local status = C.bt_file_write(path, bytes, n, C.BT_WRITE_DURABLE)
    if status ~= C.BT_OK then
        return failure.native(status)
    end
    output.note("wrote " .. path)
end

local function facts_of(args, run)
    local info = run.job.info
    return {
        curve = require("backlua.result").curve(run.result),
        name = run_job.shown(args),
        seconds = run.seconds, assets = info.assets,
        daily = info.frequency == "1d",
        all = args.metrics == "all" or output.verbose,
        is_cached = run.is_cached,
        color_fd = (args.output or "-") == "-" and 1 or nil,
        columns = (args.output or "-") == "-" and output.columns() or nil,
    }
end

local function save(args, result, job)
    local id = not args.no_save and require "backlua.cli.run_save"(result, job)
    if id and form_of(args) == "text" then
        output.note(("run %s saved. Look at it: backlua report %s -o run.html. "
            .. "Every order, fill and trade: --json or --csv"):format(id, id:sub(1, 6)))
    end
end

-- A mistyped parameter is nil, and what it was to set keeps its default.
local function warn_of_parameters(result, job)
    local flags = require "backlua.proof.flags"
    for _, flag in ipairs(flags.parameters(job.program, result.manifest.params)) do
        output.warn(("%s:%d: %s"):format(flag.file, flag.line, flag.text))
    end
end

-- Say what came out, and leave it for later runs and reports; a failure.
local function finish(args, run)
    local result, job = run.result, run.job
    if form_of(args) == "text" then
        require("backlua.startup").defer() -- what is said is said once
    end
    warn_of_parameters(result, job)
    local err = deliver(args, result, facts_of(args, run))
    if not err then
        save(args, result, job)
        if run.keep then
            run.keep(result)
        end
    end
    return err
end

-- Run with parsed values; exit code, or nil and a failure.
function command.run(args)
    local err = run_job.check(args, command.name)
        or require("backlua.cli.missing").folder_of(args.output) or turn_caching_off(args)
    if err then
        return nil, err
    end
    run_job.warn(args)
    local run
    run, err = backtest(args)
    if not run then
        return nil, err
    end
    err = finish(args, run)
    require("backlua.run").release(run.job)
    if err then
        return nil, err
    end
    return 0
end

return command
