-- backlua study: list, show, best, trials, resume, replay, export, rm.

local ffi = require "ffi"
local failure = require "backlua.cli.failure"
local form = require "backlua.cli.form"
local native = require "backlua.ffi"
local number = require "backlua.text.number"
local output = require "backlua.text.output"
local values = require "backlua.text.values"

local C = native.C

local STATES = { "done", "pruned", "violated", "invalid", "failed", "crashed", "timeout",
    "infeasible" }

local command = {
    name = "study",
    summary = "list, show or resume what optimize has saved",
    usage = "list | show NAME | best NAME | trials NAME | resume NAME | replay NAME TRIAL\n"
        .. "       | export NAME | rm NAME...",
    examples = {
        { "backlua study list" },
        { "backlua study trials grid --top -n 20", "the twenty best" },
        { "backlua study best grid > best.lua", "for backlua run --params best.lua" },
        { "backlua study resume grid", "go on where it stopped" },
        { "backlua study replay grid 7", "trial 7 again, to the bit" },
    },
    more_examples = {
        { "backlua study show grid" }, { "backlua study rm old", "with all its trials" },
        { "backlua study export grid -o grid.csv", "every trial" },
    },
}

-- Subcommands on an argparse parser.
function command.configure(parser)
    parser:require_command(false) -- its absence deserves a better message
    parser:command_target "verb"
    local name = values.text("NAME", "the name of a study")
    local function verb(word, text)
        local inner = parser:command(word, text)
        inner:add_help(false)
        return inner
    end
    local function named(word, text)
        local inner = verb(word, text)
        inner:argument("name"):argname("NAME"):convert(name)
        return inner
    end
    form.configure(verb("list", "Studies, how far they are, their best."), "As a JSON array.",
        "As CSV, a line each.")
    form.configure(named("show", "What a study is and what came out."),
        "Manifest, best, trials and hash as JSON.", "Its trials as CSV.")
    form.configure(named("best", "The best as a Lua file; of several objectives the front."),
        "As a JSON object; the front as an array.", "As CSV, a line each.")
    local trials = named("trials", "Its trials, one a line.")
    trials:option("-n", "At most so many; 0 = all, the default."):argname("N")
        :convert(values.number("-n", { min = 0, max = 2 ^ 31 - 1, whole = true })):target "limit"
    trials:option("--state", "Only these."):argname("STATE")
        :convert(values.choice("--state", STATES))
    trials:flag("--top", "Best first, only those with a score.")
    form.configure(trials, "As a JSON array, all metrics.", "As CSV, all metrics.")
    local resume = named("resume", "Go on with an optimisation.")
    resume:option("-j --jobs", "Workers; default: physical cores less one."):argname("N")
        :convert(values.number("-j", { min = 1, max = C.BT_CREW_MAX, whole = true }))
    form.configure(resume, "The result as JSON.", "Its trials or windows as CSV.")
    resume:flag("--unsafe", "Without the sandbox: files, ffi, processes.")
    resume:flag("--continue-anyway", "Also when strategy, bundle or program changed.")
    local again = named("replay", "Run a trial again and compare.")
    again:argument("trial"):argname("TRIAL")
        :convert(values.number("TRIAL", { min = 1, max = 2 ^ 31 - 1, whole = true }))
    form.configure(again, "The trial as JSON.", "The trial as CSV.")
    again:flag("--unsafe", "Without the sandbox: files, ffi, processes.")
    local export = named("export", "Everything as JSON, or the trials as CSV.")
    export:option("-o --output", "Write there, not to stdout; .csv sets the form."):argname("FILE")
    export:option("--format", "json or csv."):argname("FORM")
        :convert(values.choice("--format", { "json", "csv" }))
    form.configure(export, "As --format json.", "As --format csv.")
    local rm = verb("rm", "Remove studies.")
    rm:argument("names"):args "+":argname("NAME"):convert(name)
    form.configure(rm, "As a JSON array.", "As CSV, a line each.")
    require "backlua.cli.confirm".configure(rm)
end

-- ---- reading -----------------------------------------------------------------------------------

local function read(name)
    return require("backlua.optimization.study").read(name)
end

local facts = require "backlua.cli.study_facts"
local meta, kind_of, best_of = facts.meta, facts.kind_of, facts.best_of

local function told_of(study, name)
    return { study = name, objective = meta(study, "objective") or "score" }
end

local function manifest_of(study)
    local entries = {}
    for _, key in ipairs { "config", "config_sha256", "strategy", "strategy_sha256", "files",
        "bundle", "bundle_sha256", "start_date", "end_date", "options", "space", "search", "seed",
        "batch", "max_trials", "objective", "higher_is_better", "constraint", "constraints",
        "pruner", "async", "keep", "periods_per_year", "risk_free", "engine", "luajit", "created",
        "timing_dependent", "audit", "epochs", "cache" } do
        local value = meta(study, key)
        if value then
            entries[#entries + 1] = { key, value }
        end
    end
    return entries
end

-- ---- show --------------------------------------------------------------------------------------

local function count_states(study)
    local counts, t = {}, ffi.new "bt_trial"
    for i = 0, C.bt_study_count(study) - 1 do
        C.bt_study_trial(study, i, t)
        local state = ffi.string(C.bt_trial_state_name(t.state))
        counts[state] = (counts[state] or 0) + 1
    end
    return counts
end

local function states_text(counts)
    local parts = {}
    for _, state in ipairs(STATES) do
        if counts[state] then
            parts[#parts + 1] = number.count(counts[state]) .. " " .. state
        end
    end
    return #parts > 0 and table.concat(parts, ", ") or "none yet"
end

local function best_line(best, objective)
    if not best then
        return "none"
    end
    return ("trial %d, %s %s {%s}%s"):format(best.trial, objective or "score",
        number.shortest(best.score), require("backlua.text.params").all(best.params),
        best.window and (", as window %d tested it"):format(best.window) or "")
end

local function front_line(study)
    return ("%s on the front; backlua study best shows them"):format(
        number.count(facts.front_size(study)))
end

local function show_text(study, name)
    local several = require "backlua.cli.front".is_several(meta(study, "objective"))
    local rows = { { "study", name }, { "trials", states_text(count_states(study)) },
        { "best", several and front_line(study)
            or best_line(best_of(study), meta(study, "objective")) },
        { "result hash", require("backlua.optimization.results").hash(study) } }
    for _, row in ipairs(require "backlua.cli.trial_failures"(study)) do
        rows[#rows + 1] = row
    end
    local luck = require "backlua.optimization.luck"
    if kind_of(study) then -- of its tests, which the config's dates cut
        rows[#rows + 1] = { "Is it real?", "backlua study resume " .. name .. " tells" }
    elseif best_of(study) then
        for _, row in ipairs(luck.rows(luck.of_study(study))) do
            rows[#rows + 1] = row
        end
    end
    for _, entry in ipairs(manifest_of(study)) do
        if entry[1] == "cache" then
            rows[#rows + 1] = { "cache", require "backlua.cli.cache_text"(entry[2]) }
        elseif entry[2] ~= "" and entry[2] ~= "{}" then
            rows[#rows + 1] = { entry[1], (entry[2]:gsub("\n", ", ")) }
        end
    end
    output.write(require "backlua.text.table"({ {}, {} }, rows, { columns = output.columns() }))
end

local function show_json(study, emit)
    local results = require("backlua.optimization.results").new(study, {
        manifest = require "backlua.optimization.manifest"(manifest_of(study)),
    })
    require "backlua.cli.optimize_json"(results, emit or output.write)
end

local function show(args)
    local study, err = read(args.name)
    if not study then
        return nil, err
    end
    if args.json then
        show_json(study)
    elseif args.csv then
        require "backlua.cli.trial_csv".all(study, output.write)
    else
        show_text(study, args.name)
    end
    return 0
end

-- ---- best, trials ------------------------------------------------------------------------------

local function no_best(name, study)
    if study and kind_of(study) == "cross-validation" then
        return { code = "usage", message = ("study %s is a cross-validation, which judges a way of "
            .. "choosing and chooses nothing; backlua study resume %s shows its splits"):format(
            name, name) }
    end
    return { code = "strategy", message = ("study %s has no trial with a score"):format(name) }
end

local function best_front(study, args)
    local front, objective = require "backlua.cli.front", meta(study, "objective")
    local members = require("backlua.optimization.results").front(study)
    if #members == 0 then
        return nil, no_best(args.name)
    elseif form.asked(args) then
        form.write(args, front.json(members, objective))
    else
        output.write(front.text(study, {
            objective = objective, backtests = meta(study, "bundle") ~= nil,
        }))
    end
    return 0
end

local function best(args)
    local study, err = read(args.name)
    local found = study and best_of(study)
    if not study then
        return nil, err
    elseif require "backlua.cli.front".is_several(meta(study, "objective")) then
        return best_front(study, args)
    elseif not found then
        return nil, no_best(args.name, study)
    elseif form.asked(args) then
        local object = require "backlua.text.json".object { { "trial", found.trial },
            { "params", found.params }, { "score", found.score }, { "metrics", found.metrics } }
        form.write(args, object, { object })
    else
        local told = told_of(study, args.name)
        told.verdict = not kind_of(study)
            and require("backlua.optimization.luck").of_study(study).sentence or nil
        output.write(require "backlua.cli.best_file"(found, told))
    end
    return 0
end

-- Positions of the trials asked for.
local function positions_of(study, args)
    local all = C.bt_study_count(study)
    local limit = (args.limit or 0) > 0 and args.limit or math.max(all, 1)
    if args.top and require "backlua.cli.front".is_several(meta(study, "objective")) then
        return require("backlua.optimization.results").front_positions(study)
    elseif args.top then
        return require "backlua.cli.trial_table".top(study,
            meta(study, "higher_is_better") ~= "0", limit)
    end
    local positions, t = {}, ffi.new "bt_trial"
    for i = 0, all - 1 do
        C.bt_study_trial(study, i, t)
        local state = ffi.string(C.bt_trial_state_name(t.state))
        if #positions < limit and (not args.state or state == args.state) then
            positions[#positions + 1] = i
        end
    end
    return positions
end

local function trials(args)
    local study, err = read(args.name)
    if not study then
        return nil, err
    end
    local positions = positions_of(study, args)
    if args.csv then
        require "backlua.cli.trial_csv".write(study, positions, output.write)
        return 0
    elseif args.json then
        output.write "["
        require "backlua.cli.trial_json".write(study, positions, output.write)
        output.write "]\n"
        return 0
    elseif #positions == 0 then
        output.note "no such trial"
        return 0
    end
    local columns, rows = require "backlua.cli.trial_table".rows(study, positions, {
        objective = meta(study, "objective") or "score", state = true,
        backtests = meta(study, "bundle") ~= nil,
    })
    output.write(require "backlua.text.table"(columns, rows, { columns = output.columns() }))
    return 0
end

-- ---- resume, replay, export, rm -----------------------------------------------------------------

-- Path of the script that a study was made by, and how: { async, over (overrides.lua) }; nil and a
-- failure.
local function config_of(name)
    local study, err = read(name)
    if not study then
        return nil, err
    end
    local path, how = meta(study, "config"), {
        async = meta(study, "async") == "1" or nil,
        over = require "backlua.optimization.overrides".of_manifest(function(key)
            return meta(study, key)
        end),
    }
    local is_walk = meta(study, "windows") or meta(study, "cpcv")
    require("backlua.optimization.study").close(study)
    if not path then
        return nil, failure.usage("study '%s' was made by a script of yours: run that again, it "
            .. "goes on by itself", name)
    elseif C.bt_path_kind(path) == C.BT_PATH_NONE then
        return nil, failure.usage("study '%s' cannot go on: its config script %s is gone; if it "
            .. "was moved, go on with: backlua %s ITS_PATH --study %s", name, path,
            is_walk and "walkforward" or "optimize", name)
    end
    return path, how
end

local function resume(args)
    local path, how = config_of(args.name)
    if not path then
        return nil, how
    end
    return require("backlua.cli.optimize_job").run(path, {
        jobs = args.jobs, study = args.name, json = args.json, csv = args.csv,
        unsafe = args.unsafe,
        continue_anyway = args.continue_anyway, async = how.async, over = how.over,
    })
end

local function rm(args)
    local names = require "backlua.cli.confirm".named("study", args.names, "studies")
    return require "backlua.cli.remove"(args, names .. " with all trials", C.bt_study_remove)
end

local function replay(args)
    local path, how = config_of(args.name)
    if not path then
        return nil, how
    end
    return require "backlua.cli.study_replay"(path, args, how)
end

local function export(args)
    local study, err = read(args.name)
    if not study then
        return nil, err
    end
    return require "backlua.cli.study_export"(study, args, show_json)
end

local VERBS = {
    list = require "backlua.cli.study_list", show = show, best = best, trials = trials,
    resume = resume, replay = replay, export = export, rm = rm,
}

-- Run with parsed values; exit code, or nil and a failure.
function command.run(args)
    local verb = VERBS[args.verb]
    if not verb then
        return nil, failure.usage("which? backlua study %s", command.usage)
    end
    return verb(args)
end

return command
