-- Combinatorial purged cross-validation: what is trained on what, and which paths come of it.
--
-- The sessions of a run fall into N groups of floor(n / N), the rest in the last. Each choice of k
-- groups is a split: those are tested, the others train, without `purge` sessions on both sides of
-- every tested group and `embargo` more behind it. Each group is tested in C(N-1, k-1) splits; path
-- j takes every group from the j-th split that tests it, so there are C(N, k) k / N paths over all
-- sessions. Six groups of which two are tested: 15 splits, 5 paths. Source: Lopez de Prado,
-- Advances in Financial Machine Learning, 2018, chapter 12.
--
-- There is one search, not one a split: a trial is a backtest over the whole run, whose returns by
-- session are kept, and a split's score of it is the metric over the split's sessions joined.
-- That is cheap (one search instead of 15), and exact as far as a trial's returns in a session do
-- not depend on the split. Two things follow. Positions, indicators and money go on across the
-- borders of groups: holdings that last longer than a purge look across it. And which trials there
-- are is the whole run's business: a grid or a random search asks the same ones whatever the
-- split, but a search that learns has seen the tested groups (results.warnings says so). For
-- windows each with a search and an account of its own, walk forward with small budgets.

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

--- Splits: array of { test = numbers of groups, train_sessions =, test_sessions = (numbers of
-- sessions in time order) }.
-- @param groups as of cpcv.groups; config: test_groups, purge_days, embargo_days
function cpcv.splits(groups, config)
    local list = choices(#groups, config.test_groups)
    for i, test in ipairs(list) do
        list[i] = { test = test, train_sessions = train_of(groups, test, config),
            test_sessions = test_of(groups, test) }
    end
    return list
end

--- Paths: array of arrays that give for each group the split it is taken from.
function cpcv.paths(splits)
    local paths, seen = {}, {}
    for s, split in ipairs(splits) do
        for _, g in ipairs(split.test) do
            seen[g] = (seen[g] or 0) + 1
            paths[seen[g]] = paths[seen[g]] or {}
            paths[seen[g]][g] = s
        end
    end
    return paths
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
    return usage("WalkForwardOptimizer: mode \"cpcv\" scores a trial by the returns of some of its "
        .. "sessions; the objective %s is not reckoned from returns alone, sharpe_ratio is", name)
end

local function check_settings(settings)
    if settings.validate_best > 1 then
        return usage("WalkForwardOptimizer: mode \"cpcv\" has no validation; remove validate_best")
    elseif settings.keep == "summary" then
        return usage("WalkForwardOptimizer: mode \"cpcv\" needs the returns of every trial; remove "
            .. "keep = \"summary\"")
    end
end

local function check_lengths(splits, sessions, config)
    for _, split in ipairs(splits) do
        if #split.train_sessions < 2 or #split.test_sessions < 2 then
            return usage("WalkForwardOptimizer: %d sessions in %d groups leave %d to train when "
                .. "groups %s are tested, and %d to test; 2 are needed: take fewer groups, a "
                .. "smaller purge_days or embargo_days, or a longer run", #sessions, config.groups,
                #split.train_sessions, table.concat(split.test, ", "), #split.test_sessions)
        end
    end
end

local ENTRY = "groups %d, tested %d, purge %d, embargo %d"

--- Make a plan that of a cross-validation; an error or nil.
-- @param plan plan.lua; settings: options as of WalkForwardOptimizer, keep becomes "all"
function cpcv.extend(plan, settings)
    local config = settings.window_config
    local sessions, times = run_sessions.dates(plan.job)
    local groups = cpcv.groups(#sessions, config.groups)
    local splits = cpcv.splits(groups, config)
    local err = check_objective(plan) or check_settings(settings)
        or check_lengths(splits, sessions, config)
    if err then
        return err
    end
    settings.keep, plan.evaluator.series_width = "all", 8
    plan.cpcv = { sessions = sessions, times = times, groups = groups, splits = splits,
        paths = cpcv.paths(splits), search = ffi.string(
            C.bt_search_options_text(plan.search)):match "^%a+" }
    plan.entries = { { "cpcv", ENTRY:format(config.groups, config.test_groups, config.purge_days,
        config.embargo_days) } }
end

return cpcv
