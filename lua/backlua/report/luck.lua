-- How likely the best of many trials is luck: a section of a study's document.

local number = require "backlua.text.number"

local function mean_and_variance(values)
    local sum, squares = 0, 0
    for _, v in ipairs(values) do
        sum = sum + v
    end
    local mean = sum / #values
    for _, v in ipairs(values) do
        squares = squares + (v - mean) ^ 2
    end
    return mean, #values > 1 and squares / (#values - 1) or 0
end

local function sharpes(done)
    local list = {}
    for _, t in ipairs(done) do
        local v = t.metrics and t.metrics.sharpe_ratio
        list[#list + 1] = v and v - v == 0 and v or nil
    end
    return list
end

local function rows_of(view, list)
    local stats = require "backlua.stats"
    local mean, variance = mean_and_variance(list)
    local luck = math.sqrt(variance) * stats.expected_max(#list)
    local best = view.best.metrics.sharpe_ratio
    return {
        { "Trials with a Sharpe ratio", number.count(#list) },
        { "Their mean", number.fixed(mean, 3) },
        { "Their deviation", number.fixed(math.sqrt(variance), 3) },
        { "Best by luck alone", number.fixed(luck, 3),
            "expected of so many trials without any skill" },
        { "Sharpe ratio of the best", number.fixed(best, 3), best > luck
            and "above what luck explains" or "no more than luck explains" },
        { "Years that would take", number.fixed(stats.min_backtest_length(#list,
            math.max(best, 1e-9)), 1),
            "shorter than this, so many trials show such a best without skill" },
    }
end

--- The section, nil where trials have no Sharpe ratio.
return function(view)
    local list = sharpes(view.done)
    if #list < 2 or not view.best or not view.best.metrics then
        return nil
    end
    return { id = "luck", title = "Is it luck?",
        lead = "Annual Sharpe ratios. The best of many looks good even when none is: Bailey, "
            .. "Lopez de Prado 2014.",
        blocks = { { type = "facts", rows = rows_of(view, list) } } }
end
