-- backlua optimize: search the parameters of a strategy as a config script says.

local failure = require "backlua.cli.failure"
local native = require "backlua.ffi"
local output = require "backlua.text.output"
local quote = require "backlua.text.quote"
local values = require "backlua.text.values"

local C = native.C

local command = {
    name = "optimize",
    summary = "search the parameters of a strategy",
    usage = "CONFIG.lua [-j N] [--study NAME] [options]",
    examples = {
        { "backlua optimize grid.lua", "on all cores but one" },
        { "backlua optimize grid.lua -j 4 --study grid", "a second run goes on with it" },
        { "backlua optimize grid.lua -b mine -s 2015-01-01", "on other data than it names" },
        { "backlua optimize grid.lua --json" },
    },
}

local function audit_of(text)
    if text == "auto" or text == "none" or text == "all" then
        return text
    end
    local n = text:match "^%d+$" and tonumber(text) or 0
    if n >= 1 and n < 2 ^ 31 then
        return n
    end
    return nil, "--audit must be auto, none, all or a number of trials, got " .. quote(text)
end

-- Arguments and options on an argparse parser.
function command.configure(parser)
    parser:argument("config"):args "?" -- its absence deserves a better message
    local function option(names, argname, text, convert)
        return parser:option(names, text):argname(argname):convert(convert)
    end
    option("-b --bundle", "NAME", "On this bundle, whatever the script says.",
        values.text("-b", "the name of a bundle"))
    option("-s --start", "DATE", "First session, whatever the script says.",
        values.text("-s", "a date")):target "start_date"
    option("-e --end", "DATE", "Last session, likewise.", values.text("-e", "a date"))
        :target "end_date"
    option("-j --jobs", "N", "Workers; default: physical cores less one.",
        values.number("-j", { min = 1, max = C.BT_CREW_MAX, whole = true }))
    option("--study", "NAME", "Keep the trials under this name; go on if it exists.",
        values.text("--study", "the name of a study"))
    option("--trial-timeout", "S", "Stop a trial after so many seconds.",
        values.number("--trial-timeout", { above = 0, max = 1e7 }))
    option("--audit", "N", "Trials run twice, compiled and not: auto, none, all, N.",
        audit_of)
    parser:flag("--async", "No batches: no worker waits, no two runs are alike.")
    option("--heat", "X,Y", "Draw the scores over two parameters as a map.",
        values.pair("--heat", "two parameters such as fast,slow"))
    require "backlua.cli.form".configure(parser, "Manifest, best, trials, stats and hash as JSON.",
        "Trials as CSV; of a walk-forward its windows.")
    parser:flag("--no-cache", "Compute everything anew: caching off.")
    parser:flag("--unsafe", "Without the sandbox: files, ffi, processes.")
    parser:flag("--continue-anyway", "Go on though strategy, bundle or program changed.")
    parser:flag("--i-know", "Accept a studies folder on a network file system."):target "i_know"
end

local function check_config(path, name)
    if not path then
        return failure.usage("which script? backlua %s CONFIG.lua", name)
    end
    local kind = C.bt_path_kind(path)
    if kind ~= C.BT_PATH_FILE and kind ~= C.BT_PATH_OTHER then
        return require("backlua.cli.missing").file(path)
    end
end

local function apply_config(args)
    C.bt_study_trust_file_system(args.i_know and 1 or 0)
    local status = args.no_cache and C.bt_config_flag("ENABLE_CACHING", "false") or C.BT_OK
    return status ~= C.BT_OK and failure.native(status) or nil
end

-- Run with parsed values; exit code, or nil and a failure. name: of the command that does.
function command.run(args, name)
    name = name or command.name
    local err = check_config(args.config, name) or apply_config(args)
    if err then
        return nil, err
    end
    if args.unsafe then
        output.warn "--unsafe: script and strategy run without the sandbox, with all your rights"
    end
    return require("backlua.cli.optimize_job").run(args.config, {
        command = name, jobs = args.jobs, study = args.study, json = args.json,
        csv = args.csv,
        heat = args.heat, over = require "backlua.optimization.overrides".of_command(args),
        unsafe = args.unsafe, trial_timeout = args.trial_timeout, audit = args.audit,
        async = args.async,
        continue_anyway = args.continue_anyway,
    })
end

return command
