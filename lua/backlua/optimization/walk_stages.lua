-- From the trials of a walk's study to its windows: stages, efficiency, numbers over windows. A
-- split of a cross-validation is a window without validation.

local spread = require "backlua.optimization.spread"

local stages = {}

local NAMES = { "train", "validation", "test" }

local function own_params(params, by)
    local own = {}
    for name, value in pairs(params) do
        if name ~= by and name ~= "stage" then
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
-- (a test without a trade has no Sharpe ratio, and is a test). by: the parameter that holds the
-- window's number, "window" or "split".
function stages.trials(results, count, by)
    local table_of = {}
    for w = 1, count do
        table_of[w] = { train = {}, validation = {}, test = {} }
    end
    for _, t in ipairs(results.trials) do
        if t.state == "done" or t.params.stage ~= "train" and t.hash ~= "" then
            local list = table_of[t.params[by]][t.params.stage]
            t.own = own_params(t.params, by)
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

-- ---- efficiency --------------------------------------------------------------------------------

-- Growth is the logarithm of what 1 became. It adds up over the sessions of an account that
-- compounds, so slices of different lengths compare: an expanding train that doubles each year has
-- the growth per session of a test that does, while its profit per session is many times that.

-- Growth of train in a year, in volatilities, from which on a share of it means something.
local LEAST = 0.1

local function growth(return_)
    return math.log(math.max(0, 1 + return_))
end

-- Sums over sessions, so that those of several slices add up.
local function add(sum, slice)
    local m, n = slice.metrics, slice.sessions
    sum.sessions, sum.growth = sum.sessions + n, sum.growth + growth(m.total_return)
    sum.of_year = sum.of_year + n * growth(m.cagr)
    sum.variance = sum.variance + n * m.volatility ^ 2
end

-- Growth per session of test over that of train, of all windows of a list; nil where none was
-- tested, and where train grew by next to nothing.
function stages.efficiency(windows)
    local train = { sessions = 0, growth = 0, of_year = 0, variance = 0 }
    local test = { sessions = 0, growth = 0, of_year = 0, variance = 0 }
    for _, window in ipairs(windows) do
        if window.params then
            add(train, window.train)
            add(test, window.test)
        end
    end
    local n = train.sessions
    local grew = train.growth > 0 and train.of_year / n >= LEAST * math.sqrt(train.variance / n)
    return grew and test.growth / test.sessions / (train.growth / n) or nil
end

-- The test of a window, from its trials by stage: there is one; in an asynchronous study that went
-- on there may be an older one, of what was best then.
function stages.tested(lists)
    return lists.test[#lists.test]
end

-- A window from its number, the spans of its stages and its trials by stage.
function stages.window(w, spans, lists)
    local test = stages.tested(lists)
    local params = test and test.own
    local window = { window = w, params = params }
    for _, stage in ipairs(NAMES) do
        window[stage] = stage_of(spans[stage], lists[stage], params)
    end
    window.efficiency = stages.efficiency { window }
    return window
end

local AGGREGATED = { "sharpe_ratio", "total_return", "max_drawdown" }

-- Spread of a stage's score and chosen metrics over windows.
function stages.aggregate(windows, stage)
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

-- ---- scores that fall -------------------------------------------------------------------------

local function worse(after, before)
    return after < before - 0.3 * math.abs(before)
end

-- Objectives that grow with the length of a slice do not compare stages of other lengths.
local GROWS = { total_return = true, trades = true, total_commission = true, total_slippage = true }

-- Add a sentence to a list where the mean score in test lies 30 % of its size below what it was,
-- whatever its sign.
function stages.falls(aggregate, plan, list)
    local sign, means = plan.higher_is_better and 1 or -1, {}
    if GROWS[plan.objective_name] then
        return
    end
    for _, stage in ipairs(NAMES) do
        means[stage] = aggregate[stage] and aggregate[stage].score.mean
    end
    for _, pair in ipairs { { "train", "test" }, { "validation", "test" } } do
        local before, after = means[pair[1]], means[pair[2]]
        if before and after and worse(sign * after, sign * before) then
            list[#list + 1] = ("the score falls from %.4g in %s to %.4g in %s: the search may have "
                .. "fitted noise"):format(before, pair[1], after, pair[2])
        end
    end
end

return stages
