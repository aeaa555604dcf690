-- A search as it is run: crew, plan, study, the engine's loop, audit, results. Also a trial of it
-- run again, and what a study holds read without another trial.

local ffi = require "ffi"
local errors = require "backlua.errors"
local pool_module = require "backlua.optimization.persistent_worker_pool"
local C = require("backlua.ffi").C

local execution = {}

-- ---- workers -----------------------------------------------------------------------------------

-- The crew of optimisers without a pool: one per process, kept for the next run.
local shared

local function shared_crew(n)
    if not shared or shared.n ~= n then
        if shared then
            C.bt_crew_close(ffi.gc(shared.crew, nil))
        end
        shared = { n = n, crew = pool_module.open(n) }
    end
    return shared.crew
end

-- Crew and the number of its workers to use; nil, message.
local function crew_for(settings)
    local pool = settings.worker_pool
    if not pool then
        local n = pool_module.jobs(settings.n_jobs)
        return shared_crew(n), n
    end
    local crew = pool_module.crew(pool)
    if not crew then
        return nil, "run: the worker_pool is closed"
    end
    return crew, settings.n_jobs and pool_module.jobs(settings.n_jobs) or pool.n_jobs
end

-- ---- a run -------------------------------------------------------------------------------------

local function address(pointer)
    return tonumber(ffi.cast("intptr_t", pointer))
end

local function as_best_text(progress)
    if progress.best_params then
        progress.best = {
            params = require "backlua.optimization.canonical"(progress.best_params),
            score = progress.best_score, text = progress.best_params,
        }
    end
    progress.best_params, progress.best_score = nil, nil
    return progress
end

-- The line that verbose asks for, as a callback; ended by finish().
local function progress_line()
    local line = require "backlua.text.progress".new { unit = "trials" }
    return function(state)
        line:update { done = state.done, total = state.total, rate = state.rate, eta = state.eta }
    end, function()
        line:finish()
    end
end

local function spec_of(plan, settings, crew, workers, study, cohort)
    local callback = settings.progress
    return {
        space = address(plan.space_pointer), search = address(plan.search),
        study = address(study), cohort = cohort and address(cohort), crew = address(crew),
        workers = workers, key = plan.key, batch = plan.batch, max_trials = plan.max_trials,
        stall_seconds = plan.stall_seconds, job_seconds = plan.trial_seconds,
        lower_is_better = plan.objectives.lower, fenced = plan.fenced, pruner = plan.pruner,
        async = plan.async, ahead = plan.ahead, meanwhile = plan.meanwhile,
        evaluate = require "backlua.evaluate"(plan.evaluator),
        progress = callback and function(progress)
            function progress.trials(known)
                return require "backlua.optimization.results".behind(study, known or 0)
            end
            callback(as_best_text(progress))
        end,
    }
end

-- Why trials came to no score: how many violate a constraint, and the first that says more.
local function reasons(study, stats)
    local results = require "backlua.optimization.results"
    local text = ""
    if stats.violated and stats.violated > 0 then
        text = ("; %d violate a constraint on results"):format(stats.violated)
    end
    for i = 0, C.bt_study_count(study) - 1 do
        local t = results.at(study, i)
        if t.message ~= "" then
            return text .. ("; trial %d (%s): %s"):format(t.trial, t.state, t.message)
        end
    end
    return text
end

-- Results, or nil and why there are none.
local function outcome(study, stats, plan)
    local results_module = require "backlua.optimization.results"
    local evaluator = plan.evaluator
    local results = results_module.new(study, {
        derive = #evaluator.derived > 0 and function(params)
            require "backlua.optimization.derive"(evaluator.derived, evaluator.space, params)
        end or nil,
        stats = stats,
        manifest = require "backlua.optimization.manifest"(plan.manifest, stats.cache),
    })
    if results.best or results.front[1] then
        return results
    elseif stats.interrupted then
        return nil, errors.new("interrupt", "interrupted before a trial was done",
            { results = results })
    elseif stats.trials == stats.infeasible then
        return nil, errors.new("usage", ("the constraint refused all %d points that were asked; "
            .. "loosen it or change the ranges of the parameters"):format(stats.trials),
            { results = results })
    end
    return nil, errors.new("strategy", ("no trial of %d came to a score%s"):format(
        stats.trials - stats.infeasible, reasons(study, stats)), { results = results })
end

local BUDGET = { summary = 0, returns = C.BT_KEEP_BYTES, all = math.huge }

-- In workers of its own: those of a pool stay as they are.
local function run_apart(plan, workers, study)
    local crew = pool_module.open(workers)
    local status = require "backlua.optimization.engine_loop"(spec_of(plan, {}, crew, workers,
        study))
    C.bt_crew_close(ffi.gc(crew, nil))
    return status
end

-- The audit of a study into its statistics; err. meanwhile(): what there is to do beside it.
local function audit(plan, settings, workers, study, stats, meanwhile)
    local err
    stats.audit, err = require "backlua.optimization.audit".run(plan, study, stats,
        function(again, into)
            return run_apart(again, workers, into)
        end, settings.audit, meanwhile)
    return err
end

-- As outcome, with what a kind of optimiser makes of it, and the odds of luck when they will be
-- asked for.
local function conclusion(plan, settings, more, study, stats)
    local results, err = outcome(study, stats, plan)
    if results and more.conclude then
        results, err = more.conclude(plan, results)
    end
    if results and settings.tells_luck and results.best then
        assert(results.luck) -- reckoned now, and kept
    end
    return results, err
end

local function optimize(plan, settings, crew, workers, more)
    local study_module = require "backlua.optimization.study"
    local study, err = study_module.open(settings.study, plan.manifest,
        settings.continue_anyway)
    if not study then
        return nil, err
    end
    err = plan.async and require "backlua.optimization.async"(plan, study)
    if err then
        study_module.close(study)
        return nil, err
    end
    C.bt_study_keep(study, BUDGET[settings.keep])
    local cohort = settings.tells_luck and require "backlua.optimization.luck".prepare(study)
    local memory = require "backlua.optimization.memory"
    local spec, earlier = spec_of(plan, settings, crew, workers, study, cohort),
        memory.open(plan, settings.study)
    spec.memory, spec.series_width = {}, plan.evaluator.series_width
    for i, other in ipairs(earlier) do
        spec.memory[i] = address(other)
    end
    memory.add(plan, settings.study)
    local status, stats = require "backlua.optimization.engine_loop"(spec, function(rates)
        C.bt_study_set_meta(study, "cache", require "backlua.text.json".encode(rates))
    end)
    memory.close(earlier)
    require "backlua.optimization.luck".count(study)
    if status ~= C.BT_OK then
        err = errors.native(status)
        study_module.close(study)
        return nil, err
    end
    err = require "backlua.optimization.luck".choose(study, settings.select)
    local ended
    local function conclude()
        ended = ended or { conclusion(plan, settings, more, study, stats) }
    end
    if not err and not stats.interrupted then
        err = audit(plan, settings, workers, study, stats, conclude)
    end
    C.bt_study_unlock(study)
    if err then
        study_module.close(study)
        return nil, err
    end
    conclude()
    return ended[1], ended[2]
end

-- Everything after the options were checked: results; nil, err; or an error raised by a progress
-- callback. more: what a kind of optimiser adds: extend (plan.lua), and conclude(plan, results),
-- which gives results, or nil, err, while the plan still holds its bundle.
function execution.run(settings, more)
    more = more or {}
    local plan_module = require "backlua.optimization.plan"
    local crew, workers = crew_for(settings)
    if not crew then
        return nil, errors.new("usage", workers, { misuse = true })
    end
    local plan, err = plan_module.new(settings, more.extend)
    if not plan then
        return nil, err
    end
    local ok, results, finish
    if settings.verbose and not settings.progress then
        settings.progress, finish = progress_line()
    end
    ok, results, err = pcall(optimize, plan, settings, crew, workers, more)
    if finish then
        finish()
    end
    plan_module.release(plan)
    if not ok then
        error(results, 0)
    end
    return results, err
end

-- A trial of a study run again: { stored =, again = }, trials that are equal to the bit; nil, err,
-- of code "usage" when an input changed, "reproduce" when only the outcome did.
local function repeat_trial(plan, settings, crew, number)
    local study_module, replay = require "backlua.optimization.study",
        require "backlua.optimization.replay"
    local study, err = study_module.read(settings.study)
    err = err or study_module.compare(study, plan.manifest, "be repeated",
        "take this run for another study")
    local stored, text
    if not err then
        stored, text = replay.stored(study, number)
    end
    if not stored then
        return nil, err or text
    end
    local trials
    trials, err = replay.run(plan, { text }, function(again, into)
        return require "backlua.optimization.engine_loop"(spec_of(again, settings, crew, 1, into))
    end, { pruner = replay.pruner(plan, stored) })
    if not trials then
        return nil, err
    end
    local name, was, is = replay.difference(stored, trials[1])
    if name then
        return nil, replay.failure(number, name, was, is)
    end
    return { stored = stored, again = trials[1] }
end

local function replay(settings, number, more)
    local plan_module = require "backlua.optimization.plan"
    local crew = crew_for(settings)
    local plan, err = plan_module.new(settings, more and more.extend)
    if not plan then
        return nil, err
    end
    local found
    found, err = repeat_trial(plan, settings, crew, number)
    plan_module.release(plan)
    return found, err
end

-- Results of a study as it stands, none of its trials run; nil, err when an input changed.
local function read_study(plan, settings, more)
    local study_module = require "backlua.optimization.study"
    local study, err = study_module.read(settings.study)
    err = err or study_module.compare(study, plan.manifest, "be read",
        "restore it, or walk again under another name")
    if err then
        return nil, err
    end
    local trials = C.bt_study_count(study)
    local results
    results, err = outcome(study, { trials = trials, infeasible = 0 }, plan)
    if not results then
        return nil, err
    end
    return more.conclude(plan, results)
end

-- ---- for a config script -----------------------------------------------------------------------

-- Settings of an optimiser that a config script gave, with changes: n_jobs, study, progress,
-- trial_timeout, unsafe, script (script.lua), over (overrides.lua). nil, err: misuse is an error of
-- usage here.
local function script_settings(fields, changes)
    local settings = require "backlua.optimization.optimizer_options".join(fields, changes,
        changes.over)
    settings.unsafe = changes.unsafe
    if fields.unsafe and not changes.unsafe then
        return nil, errors.new("usage", changes.script.shown
            .. " sets unsafe: only the command line may, with --unsafe")
    end
    return settings
end

-- As run, for the optimiser of a config script.
function execution.run_script(fields, changes, more)
    local settings, err = script_settings(fields, changes)
    if not settings then
        return nil, err
    end
    return execution.run(settings, more)
end

-- Trial `number` of a config script's study run again: { stored =, again = }; nil, err.
function execution.replay_script(fields, changes, number, more)
    local settings, err = script_settings(fields, changes)
    if not settings then
        return nil, err
    end
    return replay(settings, number, more)
end

-- Results of a config script's study as it stands; nil, err.
function execution.read_script(fields, changes, more)
    local settings, err = script_settings(fields, changes)
    local plan
    if settings then
        plan, err = require "backlua.optimization.plan".new(settings, more.extend)
    end
    if not plan then
        return nil, err
    end
    local results
    results, err = read_study(plan, settings, more)
    require "backlua.optimization.plan".release(plan)
    return results, err
end

return execution
