-- An optimisation from the command line, shared by `optimize` and `study resume`: load the script,
-- search with progress on stderr, say what came out.

local failure = require "backlua.cli.failure"
local native = require "backlua.ffi"
local number = require "backlua.text.number"
local output = require "backlua.text.output"
local progress = require "backlua.text.progress"

local C = native.C

local job = {}

local SCORE_DECIMALS, AUTO_TRIES = 4, 100

-- ---- the study's name --------------------------------------------------------------------------

local function exists(name)
    local folder = C.bt_study_folder()
    return folder ~= nil and C.bt_path_kind(require "ffi".string(folder) .. "/" .. name
        .. ".study") ~= C.BT_PATH_NONE
end

local function four_digits(salt)
    return require "backlua.sha256"(("%.9f %d"):format(C.bt_clock_seconds(), salt)):sub(1, 4)
end

-- <config>-<date>-<4 hex>, not in use.
local function auto_name(path)
    local stem = path:match "([^/]*)$":gsub("%.lua$", ""):gsub("[^%w._-]", "-"):gsub("^[.-]", "_")
    for salt = 1, AUTO_TRIES do
        local name = ("%s-%s-%s"):format(stem:sub(1, 100), os.date "!%Y-%m-%d", four_digits(salt))
        if not exists(name) then
            return name
        end
    end
end

-- ---- progress ----------------------------------------------------------------------------------

local function best_text(best, metric)
    return best and ("%s %s {%s}"):format(metric, number.fixed(best.score, SCORE_DECIMALS),
        (best.text:gsub(";", ", "))) or nil
end

local function follow(metric)
    local line = progress.new { unit = "trials" }
    return line, function(state)
        line:update {
            done = state.done, total = state.total, rate = state.rate, eta = state.eta,
            best = metric and best_text(state.best, metric) or nil,
        }
    end
end

-- ---- endings -----------------------------------------------------------------------------------

local function say_interrupted(name, results)
    local saved = results and C.bt_study_saved(require "backlua.optimization.results"
        .pointer(results)) or 0
    output.fail(("interrupted; %s trial%s saved in study %s. Go on with: backlua study resume %s")
        :format(number.count(saved), saved == 1 and " is" or "s are", name, name))
    return failure.exit_code { code = "interrupt" }
end

local function write_best(view)
    if view.script.kind == "walkforward" and not view.results.best then
        return -- nothing was tested, or a cross-validation, which judges and chooses nothing
    elseif not view.results.best then
        output.note("no one best of several objectives: take a trial of the front, "
            .. "`backlua study best " .. view.results.study .. " --json`")
        return
    end
    local path = view.script.shown:gsub("%.lua$", "") .. ".best.lua"
    local text = require "backlua.cli.best_file"(view.results.best, view.facts)
    local status = C.bt_file_write(path, text, #text, C.BT_WRITE_DURABLE)
    if status ~= C.BT_OK then
        output.warn("the best parameters were not written: " .. failure.native(status).message)
        return
    end
    local command, left_out = require "backlua.cli.run_command"(view.facts, path)
    output.note(("best parameters in %s; see them run:\n  %s%s"):format(path, command,
        left_out[1] and "\n  (`run` has no option for " .. table.concat(left_out, ", ")
            .. ": set it in the strategy)" or ""))
end

-- Workers may open files when each trial opens its bundle, or when the kernel has no filter.
local function say_unfenced(stats, unsafe)
    if unsafe or stats.fenced or stats.computed == 0 then
        return
    end
    local pooled = C.bt_config_get().enable_bundle_pooling ~= 0
    output.note("sandbox: workers are held by process limits only; " .. (pooled
        and "this system has no filter of system calls" or "bundle pooling is off"))
end

-- What the audit says: exit code, or nil and a failure.
local function verdict(audit)
    if not audit then
        output.detail "audit: none; a study of less than a second has none (--audit N asks for it)"
    elseif audit.difference then
        return nil, require "backlua.optimization.audit".failure(audit.difference)
    else
        output.detail(("audit: %d trials, %.3g %% of their bars, equal compiled and interpreted")
            :format(audit.trials, 100 * audit.share))
    end
    return 0
end

-- The table of a result: windows or splits where there are, else trials.
local function write_csv(results)
    local list = results.windows or results.splits
    if list then
        output.write(require "backlua.cli.form".encode("csv", list))
    else
        require "backlua.cli.trial_csv".all(require "backlua.optimization.results"
            .pointer(results), output.write)
    end
end

local function deliver(view, given)
    local form = "backlua.cli." .. view.script.kind
    if given.json then
        require(form .. "_json")(view.results, output.write)
    elseif given.csv then
        write_csv(view.results)
    else
        output.write(require(form .. "_text")(view))
    end
    output.flush()
    output.detail("policy: " .. view.results.stats.policy)
    output.note(("study %s: %s trials saved; look at it with `backlua study show %s` or\n"
        .. "  backlua report %s -o study.html"):format(
        view.results.study, number.count(view.results.stats.trials), view.results.study,
        view.results.study))
    write_best(view)
end

-- A strategy that is a text has no name to run it by.
local function strategy_shown(manifest)
    return manifest.strategy == "(text)" and "STRATEGY.lua" or manifest.strategy
end

-- bundle: as the user named it, which may be a path.
local function facts_of(results, bundle)
    local manifest = results.manifest
    return {
        objective = manifest.objective, strategy_shown = strategy_shown(manifest),
        bundle = bundle or "BUNDLE", study = results.study,
        start_date = manifest.start_date, end_date = manifest.end_date,
        higher_is_better = manifest.higher_is_better,
        options = manifest.options or {}, seed = manifest.seed,
    }
end

-- ---- the job -----------------------------------------------------------------------------------

local MODULES = {
    optimize = "backlua.optimization.parallel_optimizer",
    walkforward = "backlua.optimization.walk_forward",
}

-- Workers that a file of settings asks for, where the script says nothing.
local function jobs_of(fields)
    return not fields.n_jobs and not fields.worker_pool
        and require "backlua.cli.config_file".value "jobs" or nil
end

local function other_command(script)
    return failure.usage("%s is a config for another command; run: backlua %s %s", script.shown,
        script.kind, script.shown)
end

-- Both parameters of --heat must be in the space: said before anything runs.
local function check_heat(names, fields)
    local space = fields.param_space or fields.algorithm and fields.algorithm.parameter_space
    local known = {}
    for i, parameter in ipairs(space and space.parameters or {}) do
        known[i] = parameter.name
    end
    for _, name in ipairs(names) do
        if not (" " .. table.concat(known, " ") .. " "):find(" " .. name .. " ", 1, true) then
            local hint = require "backlua.text.nearest".hint(name, known)
            return failure.usage("--heat: no parameter %s%s", require "backlua.text.quote"(name),
                hint ~= "" and hint or "; there are " .. table.concat(known, ", "))
        end
    end
end

-- Run the config script at `path`. given: { command ("optimize" or "walkforward", nil for what the
-- script is), over (overrides.lua), jobs, study (name, nil to make one up), json, csv, unsafe,
-- trial_timeout, audit, continue_anyway, heat = { x, y } }. Exit code, or nil and a failure.
function job.run(path, given)
    local optimizer, script = require "backlua.optimization.script".load(path, given.unsafe)
    if not optimizer then
        return nil, script
    elseif given.command and given.command ~= script.kind then
        return nil, other_command(script)
    end
    local module = require(MODULES[script.kind])
    local fields = module.fields(optimizer)
    local wrong = given.heat and check_heat(given.heat, fields)
        or require "backlua.optimization.overrides".check(given.over, fields)
    if wrong then
        return nil, wrong
    end
    require "backlua.cli.other_environment".warn()
    local name = given.study or fields.study or auto_name(path)
    local objectives = require "backlua.optimization.objectives".from(fields.objective)
    -- The best score of a walk-forward's trials, of any window and stage, says nothing.
    local line, update = follow(script.kind == "optimize" and objectives.names[1])
    local results, err = module.run(optimizer, {
        n_jobs = given.jobs or jobs_of(fields), study = name, progress = update,
        unsafe = given.unsafe,
        trial_timeout = given.trial_timeout, audit = given.audit, script = script,
        async = given.async, over = given.over, tells_luck = true,
        continue_anyway = given.continue_anyway,
    })
    line:finish()
    if err and err.code == "interrupt" or results and results.stats.interrupted then
        return say_interrupted(name, results or err.results)
    elseif not results then
        return nil, err
    end
    say_unfenced(results.stats, given.unsafe)
    local bundle = given.over and given.over.bundle or fields.bundle
    deliver({ results = results, script = script, facts = facts_of(results, bundle),
        heat = given.heat }, given)
    return verdict(results.stats.audit)
end

return job
