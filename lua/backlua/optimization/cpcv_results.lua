-- What a combinatorial purged cross-validation (cpcv.lua) came to.
--
--     groups      array of { first =, last = (dates), sessions = }
--     splits      array of { split =, tested = (numbers of groups), params =, trial =, train =,
--                 test =, efficiency = }: train and test are { sessions =, score =, metrics =,
--                 trial =, trials = } as in a walk-forward (walk_results.lua), trial that of the
--                 test; params are nil where no trial of train came to a score
--     paths       array of { path =, splits = (by group), time = (unix seconds at which the
--                 sessions begin), value = (equity from the capital on), daily = (returns),
--                 trades =, metrics = }; where a split found nothing a path holds cash
--     sharpe      of the paths: mean, std (n - 1), min, max, median, n
--     efficiency, parameter_stability, aggregate   over the splits, as in a walk-forward
--     luck        of the path of median Sharpe ratio (the lower one of two), and of the choice in
--                 train (walk_luck.lua)
--     warnings    array of sentences
--     trials, stats, result_hash, study, manifest   of the study (results.lua)
--
-- With shared_search train and test have sessions and score alone, test also median (of all
-- trials' test scores); trial is the winner's, below_median says whether it is below that median,
-- and below_median of the whole which share of the winners is (one without a score in test
-- included; nil for fewer than two trials). Paths have no trades; best and luck are those of the
-- search over the whole run.

local metrics = require "backlua.metrics"
local results_module = require "backlua.optimization.results"
local spread = require "backlua.optimization.spread"
local study_module = require "backlua.optimization.study"
local vector = require "backlua.vector"

-- ---- paths -------------------------------------------------------------------------------------

-- Returns of a path by session: 0 where a split found nothing.
local function path_returns(plan, sources, returns)
    local data = vector.allocate(#plan.cpcv.sessions)
    for g, group in ipairs(plan.cpcv.groups) do
        local from = returns(sources[g], g)
        for i = group.from - 1, group.to - 1 do
            data[i] = from and from[i - group.from + 1] or 0
        end
    end
    return data
end

local function trades_of(plan, sources, trades)
    local list = {}
    for g in ipairs(plan.cpcv.groups) do
        for _, trade in ipairs(trades(sources[g], g)) do
            list[#list + 1] = trade
        end
    end
    return list
end

local function path_of(plan, judge, j, returns, trades)
    local sources, times = plan.cpcv.paths[j], plan.cpcv.times
    local n = #times
    local data, time, value = path_returns(plan, sources, returns), vector.allocate(n),
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
        trades = trades and trades_of(plan, sources, trades),
    }
end

local function sharpe_of(paths)
    local list = {}
    for _, path in ipairs(paths) do
        local sharpe = path.metrics.sharpe_ratio
        list[#list + 1] = sharpe == sharpe and sharpe or nil
    end
    return spread(list)
end

-- The path whose Sharpe ratio is the median, the lower one of two; nil without any.
local function middle_of(paths)
    local list = {}
    for _, path in ipairs(paths) do
        if path.metrics.sharpe_ratio == path.metrics.sharpe_ratio then
            list[#list + 1] = path
        end
    end
    table.sort(list, function(a, b)
        local x, y = a.metrics.sharpe_ratio, b.metrics.sharpe_ratio
        return x < y or x == y and a.path < b.path
    end)
    return list[math.floor((#list + 1) / 2)]
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

local function add_warnings(object, stats)
    local list, empty = object.warnings, 0
    for _, split in ipairs(object.splits) do
        empty = empty + (split.trial and 0 or 1)
    end
    if empty > 0 and not stats.interrupted then
        list[#list + 1] = ("%d splits have no trial with a score in train; the paths hold cash "
            .. "there"):format(empty)
    end
    if stats.interrupted then
        list[#list + 1] = "interrupted: the splits chose among the trials so far"
    end
end

-- best and luck of a search over the whole run say nothing of splits that were searched apart.
local function over(results, object, shared)
    return setmetatable(object, {
        __metatable = false,
        __index = function(_, key)
            if not shared and (key == "luck" or key == "best" or key == "front") then
                return nil
            end
            return results[key]
        end,
        __tostring = function()
            return ("CrossValidationResults(%d splits, %d paths, %d trials, %s)"):format(
                #object.splits, #object.paths, results.stats.trials,
                results.result_hash:sub(1, 12))
        end,
    })
end

local function luck_of(object, results, lists)
    local path = middle_of(object.paths)
    local daily = {}
    for i = 1, path and #path.daily or 0 do
        daily[i] = path.daily[i]
    end
    return path and require "backlua.optimization.walk_luck"(results_module.pointer(results), daily,
        lists)
end

-- The results of a cross-validation under a plan, from those of its study; nil, err when a trial
-- lacks returns or a test does not repeat.
return function(plan, results)
    local judge = judge_of(plan, results)
    local object, returns, trades, lists = require("backlua.optimization." .. (plan.cpcv.shared
        and "cpcv_shared" or "cpcv_each"))(plan, results, judge)
    if not object then
        return nil, returns
    end
    object.groups, object.paths = groups_of(plan), {}
    for j in ipairs(returns and plan.cpcv.paths or {}) do
        object.paths[j] = path_of(plan, judge, j, returns, trades)
    end
    object.sharpe = sharpe_of(object.paths)
    add_warnings(object, results.stats)
    if lists and returns then
        object.luck = luck_of(object, results, lists)
    end
    results_module.adopt(over(results, object, plan.cpcv.shared), results)
    return object
end
