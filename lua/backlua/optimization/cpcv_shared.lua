-- The winners of a cross-validation with one search for all splits (cpcv.lua): of each trial the
-- returns by session are kept, and a split scores it by those of its sessions.
--
-- A trial takes part when it has a score over the whole run and violates no constraint there.

local errors = require "backlua.errors"
local metrics = require "backlua.metrics"
local spread = require "backlua.optimization.spread"
local vector = require "backlua.vector"

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
    if count < 2 or not split.trial or not split.test.median then
        return nil
    end
    return not split.test.score
        or judge.sign * split.test.score < judge.sign * split.test.median
end

local function split_of(judge, list, s, given)
    local winner, score = winner_of(judge, list, given.train_sessions)
    local scores = {}
    for _, t in ipairs(list) do
        scores[#scores + 1] = score_of(judge, t.returns, given.test_sessions)
    end
    local split = {
        split = s, tested = given.tested, trial = winner and winner.trial,
        params = winner and winner.params,
        train = { sessions = #given.train_sessions, score = score, trials = #list },
        test = {
            sessions = #given.test_sessions, median = spread(scores).median,
            score = winner and score_of(judge, winner.returns, given.test_sessions),
        },
    }
    split.below_median = is_below(judge, split, #list)
    return split, winner
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

local function warnings_of(object, search)
    local list = {}
    if not BLIND[search] then
        list[1] = ("the search (%s) learned from the whole run, the tested groups included; a grid "
            .. "or a random search does not, nor does a search of each split's own (without "
            .. "shared_search)"):format(search)
    end
    if object.below_median and object.below_median >= 0.5 then
        list[#list + 1] = "at least half of the winners are below the median in test: "
            .. "choosing by train did not help"
    end
    return list
end

-- Of a plan and the results of its search: { splits, below_median, warnings, luck }, and
-- returns(s, g): those of split s's winner in the sessions of group g, double *; nil without a
-- winner. nil, err when a trial lacks returns.
return function(plan, results, judge)
    local list, err = candidates(results, #plan.cpcv.sessions)
    if not list then
        return nil, err
    end
    local object, winners = { splits = {} }, {}
    for s, split in ipairs(plan.cpcv.splits) do
        object.splits[s], winners[s] = split_of(judge, list, s, split)
    end
    object.below_median = share_below(object.splits)
    object.warnings = warnings_of(object, plan.cpcv.search)
    return object, function(s, g)
        return winners[s] and vector.doubles(winners[s].returns) + plan.cpcv.groups[g].from - 1
    end
end
