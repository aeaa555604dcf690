-- Statistics of a result: its returns by session, month and year, its drawdowns, what it was beside
-- a benchmark. Parts of result.lua, where they are described: functions of the engine's result, its
-- facts and the result object.

local seconds = require "backlua.text.date".seconds
local vector = require "backlua.vector"
local C = require("backlua.ffi").C

local parts = {}
local result_statistics = { parts = parts }

-- What the entry of a round trip was worth.
function result_statistics.stake(t)
    return math.abs(t.amount * t.multiplier * t.entry_price)
end

-- Returns of the sessions, from close to close, net of deposits: { returns, time, n }: views.
function parts.daily(r)
    local returns, time = vector.allocate(r.bars), vector.allocate(r.bars)
    local n = C.bt_result_daily(r, returns, time)
    return { returns = vector.view(returns, n), time = vector.view(time, n), n = n }
end

-- The days of sessions, as unix seconds, by the closes of their last bars. What is traded around
-- the clock closes as the next day begins, in its month.
function result_statistics.days(r, closes)
    local day_of, days = {}, {}
    for bar = 0, r.bars - 1 do
        local day = C.bt_result_day(r, bar)
        if C.bt_result_day(r, bar + 1) ~= day then
            day_of[seconds(r.times[bar])] = day * 86400
        end
    end
    for i = 1, #closes do
        days[i] = day_of[closes[i]]
    end
    return days
end

local function period(r, result, by)
    local days = result_statistics.days(r, result.daily.time)
    return require "backlua.metrics".aggregate(days, result.daily.returns, by)
end

function parts.monthly(r, _, result)
    return period(r, result, "month")
end

function parts.yearly(r, _, result)
    return period(r, result, "year")
end

-- Drawdowns of the sessions' closes with their times: start, trough, stop (nil: not recovered).
function parts.drawdowns(_, _, result)
    local time = result.daily.time
    local list = require "backlua.metrics".drawdowns(result.daily.returns)
    for _, d in ipairs(list) do
        d.start_time = d.start > 0 and time[d.start] or nil
        d.trough_time, d.stop_time = time[d.trough], d.stop and time[d.stop]
    end
    return list
end

-- The annual rate of the run as its convention takes it: empyrical's is one per period.
local function risk_free(r, given)
    if given.convention ~= "empyrical" then
        return given.risk_free
    end
    return (1 + given.risk_free) ^ (1 / r.periods_per_year) - 1
end

-- Options of backlua.metrics for statistics of a run's returns.
local function options_of(r, own, more)
    local given = own.facts.job.options
    local options = { periods_per_year = r.periods_per_year, risk_free = risk_free(r, given),
        convention = given.convention }
    for key, value in pairs(more or {}) do
        options[key] = value
    end
    return options
end
result_statistics.options = options_of

-- The same for a share of the run's time, 1 for all of it: empyrical and quantstats count periods
-- where others count days.
local function options_of_all(r, own, share, more)
    local options, convention = options_of(r, own, more), own.facts.job.options.convention
    local counts = convention == "empyrical" or convention == "quantstats"
    options.years = not counts and r.years * share or nil
    return options
end

-- The session of a benchmark's first value, from which its first return counts; 0 when it has one
-- from before the run.
local function session_of_first(r, daily)
    local session = 1
    if r.benchmark_start == r.benchmark_start then
        return 0
    end
    for i = 0, r.bars - 1 do
        if seconds(r.times[i]) == daily[session] then
            if r.benchmark[i] == r.benchmark[i] then
                return session
            end
            session = session + 1
        end
    end
    return session
end

-- Sessions from the benchmark's first value to that of its last return. Where it begins later or
-- ends earlier than the run, there are no gaps.
local function covered_sessions(r, daily, times)
    local last = times.n > 0 and times[times.n]
    local covered = -session_of_first(r, daily)
    for i = 1, daily.n do
        covered = covered + (last and daily[i] <= last and 1 or 0)
    end
    return math.max(covered, 0)
end

function parts.benchmark(r, own, result)
    if r.benchmark == nil then
        return nil
    end
    local own_returns, returns, time = vector.allocate(r.bars), vector.allocate(r.bars),
        vector.allocate(r.bars)
    local n = C.bt_result_paired(r, own_returns, returns, time)
    local view, closes = vector.view(returns, n), vector.view(time, n)
    local sessions, covered = result.daily.n, covered_sessions(r, result.daily.time, closes)
    local periods = r.periods_per_year * math.max(n, 1) / math.max(covered, 1)
    return {
        name = own.facts.benchmark, value = vector.copy(r.benchmark, r.bars), n = n,
        returns = view, own_returns = vector.view(own_returns, n), time = closes,
        gaps = sessions - n, periods_per_year = periods,
        statistics = require "backlua.metrics".summary(view, options_of_all(r, own,
            covered / math.max(sessions, 1), { periods_per_year = periods })),
    }
end

-- Options for the two arrays of a benchmark; a gap makes their periods longer, and fewer a year.
local function against(r, own, benchmark)
    return options_of(r, own, { benchmark = benchmark.returns,
        periods_per_year = benchmark.periods_per_year })
end

-- A statistic over windows of sessions, those that the benchmark has where it needs one; or nil and
-- a message.
function result_statistics.rolling(r, own, result, name, window)
    local metrics = require "backlua.metrics"
    local number = type(name) == "string" and C.bt_measure_find(name) or -1
    if number < 0 then
        return nil, ("no statistic %s%s"):format(require "backlua.text.quote"(tostring(name)),
            require "backlua.text.nearest".hint(tostring(name), metrics.names()))
    elseif type(window) ~= "number" or window % 1 ~= 0 or window < 1 or window > 1e6 then
        return nil, "the window must be a whole number 1..1000000, got " .. tostring(window)
    elseif C.bt_measure_of(number) ~= C.BT_OF_BENCHMARK then
        return metrics.rolling(name, result.daily.returns, window, options_of(r, own))
    end
    local benchmark = result.benchmark
    if not benchmark then
        return nil, name .. " needs a benchmark; ctx:set_benchmark(asset) or --benchmark sets one"
    end
    return metrics.rolling(name, benchmark.own_returns, window,
        against(r, own, benchmark))
end

local function half_years(r, own, result, name)
    local window = math.max(2, math.floor(r.periods_per_year / 2 + 0.5))
    return assert(result_statistics.rolling(r, own, result, name, window)), window
end

function parts.rolling(r, own, result)
    local sharpe, window = half_years(r, own, result, "sharpe_ratio")
    local list = { window = window, time = result.daily.time, sharpe_ratio = sharpe,
        volatility = half_years(r, own, result, "volatility") }
    if result.benchmark then
        list.beta = half_years(r, own, result, "beta")
        list.beta_time = result.benchmark.time
    end
    return list
end

local function put(into, from)
    for key, value in pairs(from) do
        into[key] = value
    end
end

-- Which quantstats takes from the returns of the sessions, zeros left out, and not from trades.
local OF_SESSIONS = { "win_rate", "profit_factor", "payoff_ratio", "kelly", "average_win",
    "average_loss", "winning_streak", "losing_streak" }

-- Of the round trips by key.
local function of_trades(r, own, result)
    local metrics, convention = require "backlua.metrics", own.facts.job.options.convention
    local pnls, returns = {}, {}
    for i = 0, r.trades - 1 do
        local t = r.trade[i]
        pnls[i + 1] = t.pnl
        returns[i + 1] = t.pnl / result_statistics.stake(t)
    end
    local quantstats = convention == "quantstats"
    local out = metrics.trade_summary(pnls, { returns = returns,
        convention = quantstats and "own" or convention })
    for _, key in ipairs(quantstats and OF_SESSIONS or {}) do
        out[key] = metrics[key](result.daily.returns, { convention = convention })
    end
    return out
end

-- The metrics by the run's convention, from the returns of the sessions and the round trips.
function parts.restated(_, own, result)
    if own.facts.job.options.convention == "own" then
        return result.metrics
    end
    local out = {}
    for key in pairs(result.metrics) do
        out[key] = result.statistics[key]
    end
    return out
end

-- Every statistic by key: the metrics, those of the sessions' returns, those of the round trips,
-- those against the benchmark, cost_share.
function parts.statistics(r, own, result)
    local metrics = require "backlua.metrics"
    local out = of_trades(r, own, result)
    local benchmark = result.benchmark
    if benchmark then
        put(out, metrics.summary(benchmark.own_returns,
            against(r, own, benchmark)))
    end
    put(out, metrics.summary(result.daily.returns, options_of_all(r, own, 1)))
    local ours = own.facts.job.options.convention == "own"
    for key, value in pairs(result.metrics) do
        out[key] = (ours or out[key] == nil) and value or out[key]
    end
    out.cost_share = require "backlua.cost_share"(r)
    return out
end

return result_statistics
