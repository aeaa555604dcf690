-- The splits of a cross-validation with a search for each (cpcv.lua), from the trials of its study.
-- The tests are run again for their returns and trades, group by group, and must come out the same.

local errors = require "backlua.errors"
local stages = require "backlua.optimization.walk_stages"

local function splits_of(plan, lists)
    local splits = {}
    for s, spans in ipairs(plan.evaluator.windows) do
        local split = stages.window(s, spans, lists[s])
        split.split, split.window = s, nil
        split.tested, split.trial = plan.cpcv.splits[s].tested, split.test.trial
        splits[s] = split
    end
    return splits
end

local function warnings_of(object, plan)
    local list = {}
    stages.falls(object.aggregate, plan, list)
    if object.efficiency and object.efficiency < 0.5 then
        list[1 + #list] = ("efficiency %.2f: less than half of train's growth was found out of "
            .. "sample"):format(object.efficiency)
    end
    return list
end

-- ---- the tests again ---------------------------------------------------------------------------

local function quiet()
end

-- The joined test of a split; nil, err.
local function repeat_test(plan, split, hash)
    local test, err = require "backlua.optimization.stretches"(plan.job,
        plan.evaluator.windows[split.split].test.stretches, function()
            local result, failure = require("backlua.run").execute(plan.job, split.params,
                { print = quiet })
            return result, failure
        end)
    if test and test.hash ~= hash then
        err = errors.new("reproduce", ("the test of split %d came out otherwise when it was "
            .. "repeated: %s, then %s; something outside of the strategy decides about it"):format(
                split.split, hash:sub(1, 12), test.hash:sub(1, 12)))
        test:free()
        test = nil
    end
    return test, err
end

-- Trades of a part, marked with group and split.
local function mark(trades, split, g)
    for _, trade in ipairs(trades) do
        trade.split, trade.group = split.split, g
    end
    return trades
end

-- By split and group: { returns, trades }; nil, err.
local function tests_of(plan, splits, lists)
    local all = {}
    for s, split in ipairs(splits) do
        local test, err
        if split.params then
            test, err = repeat_test(plan, split, stages.tested(lists[s]).hash)
        end
        if err then
            return nil, err
        end
        all[s] = {}
        for i, g in ipairs(test and split.tested or {}) do
            local part = test.parts[i]
            all[s][g] = { returns = part.daily.returns, n = part.daily.n,
                trades = mark(part.trades, split, g) }
        end
        if test then
            test:free()
        end
    end
    return all
end

-- A part has one return a session.
local function check_lengths(plan, all)
    for s, groups in ipairs(all) do
        for g, part in pairs(groups) do
            local group = plan.cpcv.groups[g]
            if part.n ~= group.to - group.from + 1 then
                return errors.new("data", ("the test of split %d has %d sessions in group %d, "
                    .. "which has %d"):format(s, part.n, g, group.to - group.from + 1))
            end
        end
    end
end

-- Of a plan and the results of its walk: { splits, efficiency, parameter_stability, aggregate,
-- warnings }; returns(s, g) as of cpcv_shared.lua, trades(s, g); and the trials by split and stage.
-- Both functions are nil for a walk that was interrupted. nil, err when a test does not repeat.
return function(plan, results)
    local lists = stages.trials(results, #plan.evaluator.windows, "split")
    local splits = splits_of(plan, lists)
    local object = { splits = splits, efficiency = stages.efficiency(splits), aggregate = {
        train = stages.aggregate(splits, "train"), test = stages.aggregate(splits, "test") },
        parameter_stability = require "backlua.optimization.walk_stability"(splits,
            plan.parameter_space.parameters) }
    object.warnings = warnings_of(object, plan)
    if results.stats.interrupted then
        return object, nil, nil, lists
    end
    local all, err = tests_of(plan, splits, lists)
    err = err or check_lengths(plan, all)
    if err then
        return nil, err
    end
    return object, function(s, g)
        return all[s][g] and require("backlua.vector").doubles(all[s][g].returns)
    end, function(s, g)
        return all[s][g] and all[s][g].trades or {}
    end, lists
end
