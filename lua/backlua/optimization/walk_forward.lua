-- WalkForwardOptimizer { param_space | algorithm =, window_config =, ... }:run { ... }
--
-- The whole walk is one study of one search (engine/search/walk.c): its trials carry two more
-- parameters, the number of the window (or, in a cross-validation, of the split) and the stage.

local ffi = require "ffi"
local class = require "backlua.optimization.class"
local errors = require "backlua.errors"
local options = require "backlua.options"
local execution = require "backlua.optimization.execution"
local optimizer_options = require "backlua.optimization.optimizer_options"
local parameter = require "backlua.optimization.parameter"
local window_config = require "backlua.optimization.window_config"
local C = require("backlua.ffi").C

local methods = {}
local optimizer_class = class.new("WalkForwardOptimizer", methods)

local function check_config(value)
    if not window_config.is(value) then
        return "must be a WindowConfig, got " .. class.shown(value)
    end
end

local OWN = optimizer_options.join(optimizer_options.constructor, {
    window_config = { check = check_config, required = true },
    max_trials_per_window = { kind = "integer", min = 1, max = 2 ^ 31 - 2 },
    validate_best = { kind = "integer", min = 1, max = 1000, default = 1 },
})
OWN.max_trials = { refused = "it is max_trials_per_window: each window has a search of its own" }
OWN.select = { refused = "each window chooses among its best by validation: validate_best" }

--- A search in each of many windows of time, validated and tested on what follows them.
-- @param given those of ParallelOptimizer but max_trials and select; window_config (WindowConfig);
--   max_trials_per_window (a grid: all; otherwise the algorithm's n_iter, or 100; not more than an
--   n_iter that was given): trials of each window's train that count; validate_best (1): so many
--   of the best of train are validated, and the best of those is tested (of those that hold the
--   constraints there, if any does). With 1 validation only reports. With a window_config of mode
--   "cpcv" the splits of a combinatorial purged cross-validation take the place of the windows
--   (cpcv.lua); max_trials_per_window counts for each split
local function WalkForwardOptimizer(given)
    local values = options.check("WalkForwardOptimizer", OWN, optimizer_options.of(given), 2)
    local message = optimizer_options.settle(values, "WalkForwardOptimizer")
    if message then
        error(message, 2)
    end
    return optimizer_class.new(values)
end

-- ---- the plan ----------------------------------------------------------------------------------

local STAGES = { "train", "validation", "test" }
local DEFAULT_TRIALS, MOST_AT_ONCE = 100, 4096

-- The parameters of the search, and behind them window and stage.
local function space_with_windows(plan, count)
    local space, by = ffi.gc(C.bt_space_new(), C.bt_space_free), plan.evaluator.window_name
    for _, entry in ipairs(plan.parameter_space.parameters) do
        if entry.name == by or entry.name == "stage" then
            return nil, errors.new("usage", ("WalkForwardOptimizer: a parameter cannot be called "
                .. "'%s' here: trials are told apart by it; rename it"):format(entry.name),
                { misuse = true })
        end
        parameter.add(entry, space)
    end
    C.bt_space_int(space, by, 1, count, 1)
    C.bt_space_choice(space, "stage")
    for _, stage in ipairs(STAGES) do
        C.bt_space_choice_string(space, stage)
    end
    return space
end

local function trials_of(plan, settings)
    local is_grid = ffi.string(C.bt_search_options_text(plan.search)) == "grid"
    return settings.max_trials_per_window or plan.max_trials > 0 and plan.max_trials
        or is_grid and 0 or DEFAULT_TRIALS
end

local walk_out = ffi.new "bt_search_options *[1]"

local function set_walk(plan, settings)
    local windows = plan.evaluator.windows
    local space, err = space_with_windows(plan, #windows)
    if not space then
        return err
    end
    local status = C.bt_search_walk_new(plan.space_pointer, plan.search, #windows,
        trials_of(plan, settings), settings.validate_best, windows[1].validation and 1 or 0,
        walk_out)
    if status ~= C.BT_OK then
        return errors.native(status)
    end
    plan.inner_search, plan.search = plan.search, ffi.gc(walk_out[0], C.bt_search_options_free)
    plan.inner_space, plan.space_pointer = plan.space_pointer, space
    plan.batch, plan.max_trials = math.min(plan.batch * #windows, MOST_AT_ONCE), 0
end

local function text_of(windows)
    local lines = {}
    for i, window in ipairs(windows) do
        local parts = {}
        for _, stage in ipairs(STAGES) do
            local span = window[stage]
            parts[#parts + 1] = span and ("%s %s..%s"):format(stage, span[1], span[2]) or nil
        end
        lines[i] = table.concat(parts, " ")
    end
    return table.concat(lines, "\n")
end

local function all_validate(windows)
    for i, window in ipairs(windows) do
        if (window.validation == nil) ~= (windows[1].validation == nil) then
            return errors.new("usage", ("WindowConfig: windows[%d] and windows[1] must both have a "
                .. "validation or both none"):format(i), { misuse = true })
        end
    end
end

local function can_choose(windows, settings)
    if settings.validate_best > 1 and not windows[1].validation then
        return errors.new("usage", ("WalkForwardOptimizer: validate_best = %d chooses by "
            .. "validation, and there is none; give the windows one (validation_period_days), or "
            .. "remove validate_best"):format(settings.validate_best), { misuse = true })
    end
end

local function extend_cpcv(plan, settings)
    local err = require "backlua.optimization.cpcv".extend(plan, settings)
    if err or not plan.cpcv.shared then
        return err or set_walk(plan, settings)
    end
    plan.max_trials = trials_of(plan, settings)
end

local function extend(plan, settings)
    if not plan.job then
        return errors.new("usage", "WalkForwardOptimizer: strategy is required",
            { misuse = true })
    elseif settings.window_config.mode == "cpcv" then
        return extend_cpcv(plan, settings)
    end
    local windows, err = require "backlua.optimization.walk_windows"(plan.job,
        settings.window_config)
    err = err or all_validate(windows) or can_choose(windows, settings)
    if err then
        return err
    end
    plan.evaluator.windows, plan.evaluator.window_name = windows, "window"
    plan.entries = { { "windows", text_of(windows) } }
    return set_walk(plan, settings)
end

local MORE = {
    extend = extend,
    conclude = function(plan, results)
        return require("backlua.optimization." .. (plan.cpcv and "cpcv_results"
            or "walk_results"))(plan, results)
    end,
}

-- ---- a run -------------------------------------------------------------------------------------

--- Walk forward. given: options as of ParallelOptimizer:run.
-- @return results (backlua.optimization.walk_results), or nil and an error with code and message
function methods:run(given)
    if not optimizer_class.is(self) then
        error("run: call it with a colon, optimizer:run { ... }", 2)
    end
    local values = options.check("run", optimizer_options.call, given, 2)
    local results, err = execution.run(optimizer_options.join(
        optimizer_class.fields(self), values), MORE)
    if not results and err.misuse then
        error(err.message, 2)
    end
    return results, err
end

return {
    public = WalkForwardOptimizer, is = optimizer_class.is, fields = optimizer_class.fields,
    -- What a study holds of a walk, without another trial: results, or nil, err.
    read = function(self, changes)
        return execution.read_script(optimizer_class.fields(self), changes, MORE)
    end,
    run = function(self, changes)
        return execution.run_script(optimizer_class.fields(self), changes, MORE)
    end,
    replay = function(self, changes, number)
        return execution.replay_script(optimizer_class.fields(self), changes, number, MORE)
    end,
}
