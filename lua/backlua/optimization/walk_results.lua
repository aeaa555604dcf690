-- What a walk-forward came to.
--
--     windows     array of { window =, params =, train =, validation =, test = }; a stage is
--                 { first =, last = (dates), sessions =, score =, metrics =, trial = }; train also
--                 trials = (how many had a score); params nil where no trial came to a score
--     oos         the tests one after another, as one account that is never reset:
--                 { time =, value =, returns = (views, an entry per bar), daily = (returns of
--                 the sessions, an array), trades =, metrics = (of daily),
--                 t = Sharpe's t-statistic, profitable = share of windows with a profit,
--                 largest_share = of the total profit, nil when there is none }
--     efficiency  growth (the logarithm of what 1 became) per session of test over that of train,
--                 pooled over all windows; nil when train's growth in a year is below a tenth of
--                 its volatility: a share of next to nothing. windows[i].efficiency: of that
--                 window. Source: Pardo, The Evaluation and Optimization of Trading Strategies,
--                 2008, of profits; a growth compares trains and tests of different lengths
--     parameter_stability  by name: numbers { mean =, std =, min =, max =, cv =, is_stable =,
--                 drift = mean step between windows }, choices { mode =, share =, changes = }
--     aggregate   by stage: score, sharpe_ratio, total_return, max_drawdown, each { mean =, median
--                 =, std =, min =, max =, n = }
--     luck        of the test returns, stitched, and of the choice in train (walk_luck.lua)
--     warnings    array of sentences
--     best        { trial =, params =, score =, metrics = } of the newest window, as tested
--     trials, stats, result_hash, study, manifest   of the study (results.lua)
--
-- Where tests overlap (a step shorter than the test), a bar counts for the newer window.

local errors = require "backlua.errors"
local results_module = require "backlua.optimization.results"
local stages = require "backlua.optimization.walk_stages"

local STAGES = { "train", "validation", "test" }

-- ---- out of sample -----------------------------------------------------------------------------

-- The test of a window again, for its curve and its trades; nil, err.
local function repeat_test(plan, window)
    local runner = require "backlua.run"
    local span = plan.evaluator.windows[window.window].test
    plan.job.config.start, plan.job.config["end"] = span.start, span.stop
    local result, err = runner.execute(plan.job, window.params, { print = function() end })
    if not result then
        return nil, err
    end
    return result
end

local function check_repeated(result, hash, window)
    if result.hash ~= hash then
        return errors.new("reproduce", ("the test of window %d came out otherwise when it was "
            .. "repeated: %s, then %s; something outside of the strategy decides about it"):format(
                window.window, hash:sub(1, 12), result.hash:sub(1, 12)))
    end
end

-- Bars of a test that no newer window's test has.
local function bars_until(result, next_window)
    local time, n = result.equity.time, result.bars
    if next_window then
        while n > 0 and time[n] >= next_window.start do
            n = n - 1
        end
    end
    return n
end

local function append(oos, result, n, window)
    local equity, level = result.equity, oos.level
    local factor = level / result.starting_cash
    for i = 1, n do
        oos.time[#oos.time + 1] = equity.time[i]
        oos.value[#oos.value + 1] = equity.value[i] * factor
    end
    if n > 0 then
        oos.level = oos.value[#oos.value]
    end
    local last = n > 0 and equity.time[n] or -math.huge
    for i = 1, result.daily.n do
        if result.daily.time[i] <= last then
            table.insert(oos.daily, result.daily.returns[i])
        end
    end
    for _, trade in ipairs(result.trades) do
        if trade.entry_time <= last then
            trade.window = window.window
            table.insert(oos.trades, trade)
        end
    end
end

local function next_start(plan, windows, i)
    for k = i + 1, #windows do
        if windows[k].params then
            return { start = tonumber(plan.evaluator.windows[windows[k].window].test.start) / 1e6 }
        end
    end
end

local function profits(windows)
    local total, winners, largest, count = 0, 0, 0, 0
    for _, window in ipairs(windows) do
        if window.params then
            local profit = window.test.metrics.total_return
            count, total = count + 1, total + profit
            winners = winners + (profit > 0 and 1 or 0)
            largest = math.max(largest, profit)
        end
    end
    return winners / count, total > 0 and largest / total or nil
end

local function measure(oos, windows, capital, facts)
    local metrics = require "backlua.metrics"
    local returns = metrics.returns(oos.value, capital)
    local summary = metrics.summary(oos.daily, facts)
    local profitable, largest = profits(windows)
    local view = require "backlua.vector"
    local n = #oos.value
    local time, value = view.doubles(oos.time), view.doubles(oos.value)
    return {
        time = view.copy(time, n), value = view.copy(value, n), returns = returns,
        trades = oos.trades, metrics = summary, profitable = profitable, largest_share = largest,
        daily = oos.daily, t = summary.sharpe_ratio * math.sqrt(#oos.daily
            / facts.periods_per_year),
    }
end

local function stitch(plan, windows, hashes)
    local capital = plan.job.config.capital
    local oos = { level = capital, time = {}, value = {}, trades = {}, daily = {} }
    local facts
    for i, window in ipairs(windows) do
        if window.params then
            local result, err = repeat_test(plan, window)
            err = err or check_repeated(result, hashes[i], window)
            if err then
                return nil, err
            end
            facts = facts or { periods_per_year = result.periods_per_year }
            append(oos, result, bars_until(result, next_start(plan, windows, i)), window)
            result:free()
        end
    end
    facts.risk_free = plan.job.config.risk_free
    return measure(oos, windows, capital, facts)
end

-- ---- warnings ----------------------------------------------------------------------------------

-- Windows of which no candidate held the constraints in validation.
local function unheld(lists)
    local count = 0
    for _, list in ipairs(lists) do
        local held = false
        for _, t in ipairs(list.validation) do
            held = held or t.state ~= "violated"
        end
        count = count + (#list.validation > 1 and not held and 1 or 0)
    end
    return count
end

local function warnings_of(object, plan, lists)
    local list = {}
    stages.falls(object.aggregate, plan, list)
    if object.efficiency and object.efficiency < 0.5 then
        list[#list + 1] = ("efficiency %.2f: less than half of train's growth was found out of "
            .. "sample"):format(object.efficiency)
    end
    if unheld(lists) > 0 then
        list[#list + 1] = ("no candidate held the constraints in validation in %d of %d windows, "
            .. "whose best score was taken: a limit for train may not suit fewer sessions"):format(
            unheld(lists), #lists)
    end
    for _, window in ipairs(object.windows) do
        if not window.params then
            list[#list + 1] = ("window %d has no test: %s"):format(window.window,
                window.train.trials > 0 and "its trial failed"
                    or "no trial of its train came to a score")
        end
    end
    return list
end

-- ---- the object --------------------------------------------------------------------------------

local function newest(windows)
    for i = #windows, 1, -1 do
        local window = windows[i]
        if window.params then
            return { trial = window.test.trial, params = window.params,
                score = window.test.score or 0 / 0, metrics = window.test.metrics }
        end
    end
end

-- Of these a walk has its own, or none: scores of windows and stages are no one list.
local OWN = { best = true, front = true, luck = true }

local function over(results, object)
    return setmetatable(object, {
        __metatable = false,
        __index = function(_, key)
            return not OWN[key] and results[key] or nil
        end,
        __tostring = function()
            return ("WalkForwardResults(%d windows, %d trials, %s)"):format(#object.windows,
                results.stats.trials, results.result_hash:sub(1, 12))
        end,
    })
end

-- The results of a walk under a plan, from those of its study; nil, err when a test does not
-- repeat.
return function(plan, results)
    local spans = plan.evaluator.windows
    local lists = stages.trials(results, #spans, "window")
    local windows, hashes = {}, {}
    for w = 1, #spans do
        windows[w] = stages.window(w, spans[w], lists[w])
        local test = stages.tested(lists[w])
        hashes[w] = test and test.hash
    end
    local object = {
        windows = windows, efficiency = stages.efficiency(windows), best = newest(windows),
        parameter_stability = require "backlua.optimization.walk_stability"(windows,
            plan.parameter_space.parameters), aggregate = {},
    }
    for _, stage in ipairs(STAGES) do
        object.aggregate[stage] = stages.aggregate(windows, stage)
    end
    object.warnings = warnings_of(object, plan, lists)
    if object.best and not results.stats.interrupted then
        local err
        object.oos, err = stitch(plan, windows, hashes)
        if not object.oos then
            return nil, err
        end
        object.luck = require "backlua.optimization.walk_luck"(results_module.pointer(results),
            object.oos.daily, lists, spans)
    end
    results_module.adopt(over(results, object), results)
    return object
end
