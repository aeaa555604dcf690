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
--     efficiency  profit per session of test over that of train, pooled over all windows; nil when
--                 train had no profit. windows[i].efficiency: of that window. Source: Pardo, The
--                 Evaluation and Optimization of Trading Strategies, 2008
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
local spread = require "backlua.optimization.spread"

local STAGES = { "train", "validation", "test" }

-- ---- windows -----------------------------------------------------------------------------------

local function own_params(params)
    local own = {}
    for name, value in pairs(params) do
        if name ~= "window" and name ~= "stage" then
            own[name] = value
        end
    end
    return own
end

local function same(a, b)
    for name, value in pairs(a) do
        if b[name] ~= value then
            return false
        end
    end
    return true
end

-- Trials by window and stage: those of train that have a score, those of the other stages that ran
-- (a test without a trade has no Sharpe ratio, and is a test).
local function by_stage(results, count)
    local table_of = {}
    for w = 1, count do
        table_of[w] = { train = {}, validation = {}, test = {} }
    end
    for _, t in ipairs(results.trials) do
        if t.state == "done" or t.params.stage ~= "train" and t.hash ~= "" then
            local list = table_of[t.params.window][t.params.stage]
            t.own = own_params(t.params)
            list[#list + 1] = t
        end
    end
    return table_of
end

local function of_params(list, params)
    for _, t in ipairs(list) do
        if same(params, t.own) then
            return t
        end
    end
end

-- nil for NaN.
local function number(x)
    return x == x and x or nil
end

local function stage_of(span, list, params)
    if not span then
        return nil
    end
    local t = params and of_params(list, params)
    return {
        first = span[1], last = span[2], sessions = span.sessions, trials = #list,
        score = t and number(t.score), metrics = t and t.metrics, trial = t and t.trial,
    }
end

-- Profit per session of test over that of train.
local function efficiency(profit)
    local train = profit.train / profit.train_sessions
    return train > 0 and profit.test / profit.test_sessions / train or nil
end

local function profit_of(window)
    return {
        train = window.train.metrics.total_return, train_sessions = window.train.sessions,
        test = window.test.metrics.total_return, test_sessions = window.test.sessions,
    }
end

local function window_of(w, spans, lists)
    local test = lists.test[1]
    local params = test and test.own
    local window = { window = w, params = params }
    for _, stage in ipairs(STAGES) do
        window[stage] = stage_of(spans[stage], lists[stage], params)
    end
    window.efficiency = test and efficiency(profit_of(window)) or nil
    return window
end

local function pooled(windows)
    local sum = { train = 0, train_sessions = 0, test = 0, test_sessions = 0 }
    for _, window in ipairs(windows) do
        for name, value in pairs(window.params and profit_of(window) or {}) do
            sum[name] = sum[name] + value
        end
    end
    return sum.train_sessions > 0 and efficiency(sum) or nil
end

-- ---- numbers over windows ----------------------------------------------------------------------

local AGGREGATED = { "sharpe_ratio", "total_return", "max_drawdown" }

local function aggregate(windows, stage)
    local lists = { score = {} }
    for _, name in ipairs(AGGREGATED) do
        lists[name] = {}
    end
    for _, window in ipairs(windows) do
        local s = window[stage]
        if s and s.metrics then
            table.insert(lists.score, s.score)
            for _, name in ipairs(AGGREGATED) do
                table.insert(lists[name], number(s.metrics[name]))
            end
        end
    end
    local all = {}
    for name, list in pairs(lists) do
        all[name] = spread(list)
    end
    return all
end

local STABLE = 0.2 -- coefficient of variation

local function of_numbers(values)
    local s, drift = spread(values), 0
    for i = 2, #values do
        drift = drift + math.abs(values[i] - values[i - 1])
    end
    s.drift = #values > 1 and drift / (#values - 1) or 0
    s.cv = s.mean ~= 0 and s.std / math.abs(s.mean) or nil
    s.is_stable = s.std == 0 or s.cv ~= nil and s.cv < STABLE
    return s
end

local function of_choices(values)
    local counts, mode, changes = {}, values[1], 0
    for i, value in ipairs(values) do
        counts[value] = (counts[value] or 0) + 1
        mode = counts[value] > counts[mode] and value or mode
        changes = changes + (i > 1 and value ~= values[i - 1] and 1 or 0)
    end
    return { mode = mode, share = counts[mode] / #values, changes = changes,
        is_stable = changes == 0 }
end

local function stability(windows, parameters)
    local all = {}
    for _, entry in ipairs(parameters) do
        local values = {}
        for _, window in ipairs(windows) do
            table.insert(values, window.params and window.params[entry.name])
        end
        if #values > 0 then
            all[entry.name] = (type(values[1]) == "number" and of_numbers or of_choices)(values)
        end
    end
    return all
end

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

local function worse(after, before)
    return after < before - 0.3 * math.abs(before)
end

-- Objectives that grow with the length of a slice do not compare stages of other lengths.
local GROWS = { total_return = true, trades = true, total_commission = true, total_slippage = true }

-- Of scores: 30 % of its size below what it was, whatever its sign.
local function falls(object, plan, list)
    local sign, means = plan.higher_is_better and 1 or -1, {}
    if GROWS[plan.objective_name] then
        return
    end
    for _, stage in ipairs(STAGES) do
        means[stage] = object.aggregate[stage].score.mean
    end
    for _, pair in ipairs { { "train", "test" }, { "validation", "test" } } do
        local before, after = means[pair[1]], means[pair[2]]
        if before and after and worse(sign * after, sign * before) then
            list[#list + 1] = ("the score falls from %.4g in %s to %.4g in %s: the search may have "
                .. "fitted noise"):format(before, pair[1], after, pair[2])
        end
    end
end

local function warnings_of(object, plan)
    local list = {}
    falls(object, plan, list)
    if object.efficiency and object.efficiency < 0.5 then
        list[#list + 1] = ("efficiency %.2f: less than half of train's profit was found out of "
            .. "sample"):format(object.efficiency)
    end
    for _, window in ipairs(object.windows) do
        if not window.params then
            list[#list + 1] = ("window %d has no test: no trial of its train came to a score")
                :format(window.window)
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

local function over(results, object)
    return setmetatable(object, {
        __metatable = false,
        __index = function(_, key)
            return key ~= "luck" and results[key] or nil
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
    local lists = by_stage(results, #spans)
    local windows, hashes = {}, {}
    for w = 1, #spans do
        windows[w] = window_of(w, spans[w], lists[w])
        hashes[w] = lists[w].test[1] and lists[w].test[1].hash
    end
    local object = {
        windows = windows, efficiency = pooled(windows), best = newest(windows),
        parameter_stability = stability(windows, plan.parameter_space.parameters), aggregate = {},
    }
    for _, stage in ipairs(STAGES) do
        object.aggregate[stage] = aggregate(windows, stage)
    end
    object.warnings = warnings_of(object, plan)
    if object.best and not results.stats.interrupted then
        local err
        object.oos, err = stitch(plan, windows, hashes)
        if not object.oos then
            return nil, err
        end
        object.luck = require "backlua.optimization.walk_luck"(results_module.pointer(results),
            object.oos.daily, lists)
    end
    results_module.adopt(over(results, object), results)
    return object
end
