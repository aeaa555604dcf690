-- Combinatorial purged cross-validation: what is trained on what, and which paths come of it.
--
-- The sessions of a run fall into N groups of floor(n / N), the rest in the last. Each choice of k
-- groups is a split: those are tested, the others train, without `purge` sessions on both sides of
-- every tested group and `embargo` more behind it. Each group is tested in C(N-1, k-1) splits; path
-- j takes every group from the j-th split that tests it, so there are C(N, k) k / N paths over all
-- sessions. Six groups of which two are tested: 15 splits, 5 paths. Source: Lopez de Prado,
-- Advances in Financial Machine Learning, 2018, chapter 12.
--
-- Each split has a search of its own, as a window of a walk has. A trial of its train is a backtest
-- over each stretch of sessions that train may see, with a fresh account in each (indicators look
-- back across the border, as a trader could); its score is that of the stretches joined
-- (stretches.lua). What the search found is tested once, on each tested group alone.
--
-- With shared_search there is one search for all splits: a trial is a backtest over the whole run,
-- and a split's score of it is the metric over the returns of the split's sessions. That costs one
-- search instead of 15. It says the same as far as a trial's returns in a session do not depend on
-- the split: positions and money go on across the borders of groups, and a search that learns has
-- seen the tested groups (results.warnings says so).

local ffi = require "ffi"
local errors = require "backlua.errors"
local run_sessions = require "backlua.optimization.run_sessions"
local C = require("backlua.ffi").C

local cpcv = {}

-- ---- groups, splits, paths ---------------------------------------------------------------------

--- Groups: array of { from =, to = }, 1-based, the last included.
-- @param n sessions; count: of groups
function cpcv.groups(n, count)
    local list, size = {}, math.floor(n / count)
    for g = 1, count do
        list[g] = { from = (g - 1) * size + 1, to = g < count and g * size or n }
    end
    return list
end

-- The choices of k of the numbers 1..count in lexicographic order.
local function choices(count, k)
    local list, chosen = {}, {}
    local function choose(from)
        if #chosen == k then
            list[#list + 1] = { unpack(chosen) }
            return
        end
        for i = from, count do
            chosen[#chosen + 1] = i
            choose(i + 1)
            chosen[#chosen] = nil
        end
    end
    choose(1)
    return list
end

local function train_of(groups, test, config)
    local out, list = {}, {}
    for _, g in ipairs(test) do
        local behind = config.purge_days + config.embargo_days
        for i = groups[g].from - config.purge_days, groups[g].to + behind do
            out[i] = true
        end
    end
    for i = 1, groups[#groups].to do
        list[#list + 1] = not out[i] and i or nil
    end
    return list
end

local function test_of(groups, test)
    local list = {}
    for _, g in ipairs(test) do
        for i = groups[g].from, groups[g].to do
            list[#list + 1] = i
        end
    end
    return list
end

--- Splits: array of { tested = numbers of groups, train_sessions =, test_sessions = (numbers of
-- sessions in time order) }.
-- @param groups as of cpcv.groups; config: test_groups, purge_days, embargo_days
function cpcv.splits(groups, config)
    local list = choices(#groups, config.test_groups)
    for i, tested in ipairs(list) do
        list[i] = { tested = tested, train_sessions = train_of(groups, tested, config),
            test_sessions = test_of(groups, tested) }
    end
    return list
end

--- Paths: array of arrays that give for each group the split it is taken from.
function cpcv.paths(splits)
    local paths, seen = {}, {}
    for s, split in ipairs(splits) do
        for _, g in ipairs(split.tested) do
            seen[g] = (seen[g] or 0) + 1
            paths[seen[g]] = paths[seen[g]] or {}
            paths[seen[g]][g] = s
        end
    end
    return paths
end

-- Stretches of numbers that follow each other: array of { from =, to = }.
local function stretches(numbers)
    local list = {}
    for _, i in ipairs(numbers) do
        local last = list[#list]
        if last and last.to == i - 1 then
            last.to = i
        else
            list[#list + 1] = { from = i, to = i }
        end
    end
    return list
end

-- ---- the plan ----------------------------------------------------------------------------------

local function usage(text, ...)
    return errors.new("usage", text:format(...), { misuse = true })
end

-- Only what is reckoned from returns can be reckoned from some of them.
local function check_objective(plan)
    local name, number = plan.objective_name, 0
    while C.bt_measure_name(number) ~= nil do
        if ffi.string(C.bt_measure_name(number)) == name
            and C.bt_measure_of(number) == C.BT_OF_RETURNS then
            return nil
        end
        number = number + 1
    end
    return usage("WalkForwardOptimizer: shared_search scores a trial by the returns of some of its "
        .. "sessions; the objective %s is not reckoned from returns alone, sharpe_ratio is; "
        .. "without shared_search any objective will do", name)
end

local function check_settings(settings, config)
    if settings.validate_best > 1 then
        return usage("WalkForwardOptimizer: mode \"cpcv\" has no validation; remove validate_best")
    elseif config.shared_search and settings.keep == "summary" then
        return usage("WalkForwardOptimizer: shared_search needs the returns of every trial; remove "
            .. "keep = \"summary\"")
    elseif settings.convention and settings.convention ~= "own" then
        return usage("WalkForwardOptimizer: mode \"cpcv\" joins stretches of time by our own "
            .. "definitions; remove convention = \"%s\"", settings.convention)
    end
end

local function check_lengths(splits, sessions, config)
    for _, split in ipairs(splits) do
        if #split.train_sessions < 2 or #split.test_sessions < 2 then
            return usage("WalkForwardOptimizer: %d sessions in %d groups leave %d to train when "
                .. "groups %s are tested, and %d to test; 2 are needed: take fewer groups, a "
                .. "smaller purge_days or embargo_days, or a longer run", #sessions, config.groups,
                #split.train_sessions, table.concat(split.tested, ", "), #split.test_sessions)
        end
    end
end

-- A stage of a split from stretches of sessions: as of walk_windows.lua, with stretches.
local function stage_of(job, sessions, list)
    local stage = { sessions = 0, stretches = {} }
    for i, s in ipairs(list) do
        local from, to = run_sessions.span(job, sessions[s.from], sessions[s.to])
        if not from then
            return nil, to
        end
        stage.sessions = stage.sessions + s.to - s.from + 1
        stage.stretches[i] = { start = from, stop = to }
    end
    return stage
end

-- A tested group is a run of its own, whatever stands beside it: what a path takes from a split
-- depends on the group and the parameters alone.
local function stages_of(job, sessions, groups, split)
    local tested = {}
    for i, g in ipairs(split.tested) do
        tested[i] = groups[g]
    end
    local train, err = stage_of(job, sessions, stretches(split.train_sessions))
    local test
    if train then
        test, err = stage_of(job, sessions, tested)
    end
    return test and { train = train, test = test } or nil, err
end

local function set_stages(plan, sessions, groups, splits)
    local windows = {}
    for s, split in ipairs(splits) do
        local err
        windows[s], err = stages_of(plan.job, sessions, groups, split)
        if err then
            return err
        end
    end
    plan.evaluator.windows, plan.evaluator.window_name = windows, "split"
end

-- What the splits are made of, for the manifest.
local function text_of(sessions, config)
    return ("cpcv: groups %d, tested %d, purge %d, embargo %d, of %d sessions %s..%s"):format(
        config.groups, config.test_groups, config.purge_days, config.embargo_days, #sessions,
        sessions[1], sessions[#sessions])
end

--- Make a plan that of a cross-validation; an error or nil. Without shared_search it has the splits
-- as the windows of a walk, which is still to be made.
-- @param plan plan.lua; settings: options as of WalkForwardOptimizer; for shared_search keep
--   becomes "all"
function cpcv.extend(plan, settings)
    local config = settings.window_config
    local sessions, times = run_sessions.dates(plan.job)
    local groups = cpcv.groups(#sessions, config.groups)
    local splits = cpcv.splits(groups, config)
    local shared = config.shared_search
    local err = check_settings(settings, config) or shared and check_objective(plan)
        or check_lengths(splits, sessions, config)
    if err then
        return err
    end
    plan.cpcv = { sessions = sessions, times = times, groups = groups, splits = splits,
        paths = cpcv.paths(splits), shared = shared, search = ffi.string(
            C.bt_search_options_text(plan.search)):match "^%a+" }
    if shared then
        settings.keep, plan.evaluator.series_width = "all", 8
        plan.entries = { { "cpcv", text_of(sessions, config) } }
        return nil
    end
    plan.entries = { { "windows", text_of(sessions, config) } }
    return set_stages(plan, sessions, groups, splits)
end

return cpcv
