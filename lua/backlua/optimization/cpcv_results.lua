-- What a combinatorial purged cross-validation (cpcv.lua) came to.
--
--     groups      array of { first =, last = (dates), sessions = }
--     splits      array of { split =, test = (numbers of groups), train = { sessions =, score = },
--                 test_sessions =, test_score =, trial =, params =, median = (of all trials' test
--                 scores), below_median = }: trial has the best score in train, the earlier of
--                 equals; trial and params are nil where none has a score there
--     paths       array of { path =, splits = (by group), time = (unix seconds at which the
--                 sessions begin), value = (equity from the capital on), daily = (returns),
--                 metrics = }
--     sharpe      of the paths: mean, std (n - 1), min, max, median, n
--     below_median  share of the splits whose winner is below the median of all trials in test, one
--                 without a score there included; nil for fewer than two trials
--     warnings    array of sentences
--     best        of the whole run, and luck: as those of a search (results.lua), like all else
--
-- A trial takes part when it has a score over the whole run and violates no constraint there.

local errors = require "backlua.errors"
local metrics = require "backlua.metrics"
local results_module = require "backlua.optimization.results"
local spread = require "backlua.optimization.spread"
local study_module = require "backlua.optimization.study"
local vector = require "backlua.vector"

-- ---- scores ------------------------------------------------------------------------------------

-- Trials that take part: array of { trial =, params =, returns = }; nil, err.
local function candidates(results, sessions)
    local list = {}
    for _, t in ipairs(results.trials) do
        local is_one = t.state == "done" and not t.duplicate_of
        local returns = is_one and results:returns(t.trial)
        if returns and #returns == sessions then
            list[#list + 1] = { trial = t.trial, params = t.params, returns = returns }
        elseif is_one then
            return nil, errors.new("data", ("trial %d has returns of %d sessions, the run has %d")
                :format(t.trial, returns and #returns or 0, sessions))
        end
    end
    return list
end

-- nil for NaN.
local function number(x)
    return x == x and x or nil
end

local function score_of(judge, returns, sessions)
    local data, all = vector.allocate(#sessions), vector.doubles(returns)
    for i, s in ipairs(sessions) do
        data[i - 1] = all[s - 1]
    end
    return number(metrics[judge.metric](vector.view(data, #sessions), judge.facts))
end

-- Winner in train, the earlier of equals, and its score; nil when none has one.
local function winner_of(judge, list, sessions)
    local best, top
    for _, t in ipairs(list) do
        local score = score_of(judge, t.returns, sessions)
        if score and (not top or judge.sign * score > judge.sign * top) then
            best, top = t, score
        end
    end
    return best, top
end

local function is_below(judge, split, count)
    if count < 2 or not split.trial or not split.median then
        return nil
    end
    return not split.test_score or judge.sign * split.test_score < judge.sign * split.median
end

local function split_of(judge, list, number_of_split, given)
    local winner, score = winner_of(judge, list, given.train_sessions)
    local scores = {}
    for _, t in ipairs(list) do
        scores[#scores + 1] = score_of(judge, t.returns, given.test_sessions)
    end
    local split = {
        split = number_of_split, test = given.test, test_sessions = #given.test_sessions,
        train = { sessions = #given.train_sessions, score = score },
        trial = winner and winner.trial, params = winner and winner.params,
        test_score = winner and score_of(judge, winner.returns, given.test_sessions),
        median = spread(scores).median,
    }
    split.below_median = is_below(judge, split, #list)
    return split, winner
end

-- ---- paths -------------------------------------------------------------------------------------

-- Returns of a path by session: 0 where a split has no winner.
local function path_returns(plan, sources, winners)
    local data = vector.allocate(#plan.cpcv.sessions)
    for g, group in ipairs(plan.cpcv.groups) do
        local winner = winners[sources[g]]
        local all = winner and vector.doubles(winner.returns)
        for i = group.from - 1, group.to - 1 do
            data[i] = all and all[i] or 0
        end
    end
    return data
end

local function path_of(plan, judge, j, winners)
    local sources, times = plan.cpcv.paths[j], plan.cpcv.times
    local n = #times
    local data, time, value = path_returns(plan, sources, winners), vector.allocate(n),
        vector.allocate(n)
    local level = plan.job.config.capital
    for i = 0, n - 1 do
        level = level * (1 + data[i])
        time[i], value[i] = times[i + 1], level
    end
    local daily = vector.view(data, n)
    return {
        path = j, splits = sources, time = vector.view(time, n), value = vector.view(value, n),
        daily = daily, metrics = metrics.summary(daily, judge.facts),
    }
end

-- ---- numbers over them -------------------------------------------------------------------------

local function sharpe_of(paths)
    local list = {}
    for _, path in ipairs(paths) do
        list[#list + 1] = number(path.metrics.sharpe_ratio)
    end
    return spread(list)
end

local function share_below(splits)
    local below, count = 0, 0
    for _, split in ipairs(splits) do
        if split.below_median ~= nil then
            below, count = below + (split.below_median and 1 or 0), count + 1
        end
    end
    return count > 0 and below / count or nil
end

local BLIND = { grid = true, random = true, sobol = true, lhs = true }

local function warnings_of(object, plan, results)
    local list, empty = {}, 0
    for _, split in ipairs(object.splits) do
        empty = empty + (split.trial and 0 or 1)
    end
    if not BLIND[plan.cpcv.search] then
        list[#list + 1] = ("the search (%s) learned from the whole run, the tested groups "
            .. "included; a grid or a random search does not"):format(plan.cpcv.search)
    end
    if empty > 0 then
        list[#list + 1] = ("%d splits have no trial with a score in train; the paths hold cash "
            .. "there"):format(empty)
    end
    if object.below_median and object.below_median >= 0.5 then
        list[#list + 1] = "at least half of the winners are below the median in test: "
            .. "choosing by train did not help"
    end
    if results.stats.interrupted then
        list[#list + 1] = "interrupted: the splits chose among the trials so far"
    end
    return list
end

-- ---- the object --------------------------------------------------------------------------------

local function groups_of(plan)
    local list, sessions = {}, plan.cpcv.sessions
    for g, group in ipairs(plan.cpcv.groups) do
        list[g] = { first = sessions[group.from], last = sessions[group.to],
            sessions = group.to - group.from + 1 }
    end
    return list
end

-- How trials are judged: metric, sign (-1 when less is better), facts of the metrics.
local function judge_of(plan, results)
    local annual = study_module.meta(results_module.pointer(results), "periods_per_year")
    return {
        metric = plan.objective_name, sign = plan.higher_is_better and 1 or -1,
        facts = { periods_per_year = tonumber(annual), risk_free = plan.job.config.risk_free },
    }
end

local function over(results, object)
    return setmetatable(object, {
        __metatable = false,
        __index = results,
        __tostring = function()
            return ("CrossValidationResults(%d splits, %d paths, %d trials, %s)"):format(
                #object.splits, #object.paths, results.stats.trials,
                results.result_hash:sub(1, 12))
        end,
    })
end

-- The results of a cross-validation under a plan, from those of its search; nil, err when a trial
-- lacks returns.
return function(plan, results)
    local list, err = candidates(results, #plan.cpcv.sessions)
    if not list then
        return nil, err
    end
    local judge, winners = judge_of(plan, results), {}
    local object = { groups = groups_of(plan), splits = {}, paths = {} }
    for s, split in ipairs(plan.cpcv.splits) do
        object.splits[s], winners[s] = split_of(judge, list, s, split)
    end
    for j in ipairs(plan.cpcv.paths) do
        object.paths[j] = path_of(plan, judge, j, winners)
    end
    object.sharpe, object.below_median = sharpe_of(object.paths), share_below(object.splits)
    object.warnings = warnings_of(object, plan, results)
    results_module.adopt(over(results, object), results)
    return object
end
