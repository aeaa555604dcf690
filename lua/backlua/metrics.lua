--- Statistics of returns and of round trips: require "backlua.metrics".
--
--     local metrics = require "backlua.metrics"
--     metrics.sharpe_ratio(returns, { periods_per_year = 252, risk_free = 0.02 })
--     metrics.beta(returns, benchmark)
--     metrics.sqn(pnls)
--     metrics.rolling("volatility", returns, 63)
--
-- Arrays are Lua arrays of numbers or views, oldest first: simple returns per period (0.01 is one
-- percent), or the pnl of round trips. Every statistic is a function under its key; metrics.names()
-- lists them, metrics.formula(name) says how each is computed, after whom. The same kernels work
-- for result.statistics. NaN means undefined; misuse raises at the caller's line.
--
-- Options (the parameter `given`), all optional:
--     periods_per_year  252
--     risk_free   annual rate, 0 (a rate per period under "empyrical", as there)
--     required    annual return below which a period counts as a loss; the risk-free rate
--     tail        0.05, share of the worst for value_at_risk and expected_shortfall
--     years       elapsed years, for cagr; else the number of periods tells
--     benchmark   returns of the same periods, for summary
--     returns     returns of the round trips, for those statistics that ask for them
--     convention  "own", "empyrical", "quantstats" or "backtesting.py", where theirs differ

local ffi = require "ffi"
local options = require "backlua.options"
local vector = require "backlua.vector"
local C = require("backlua.ffi").C

local metrics = {}

local CONVENTIONS = {
    own = C.BT_CONVENTION_OWN, empyrical = C.BT_CONVENTION_EMPYRICAL,
    quantstats = C.BT_CONVENTION_QUANTSTATS, ["backtesting.py"] = C.BT_CONVENTION_BACKTESTING,
}

local function is_array(value)
    if not vector.doubles(value) then
        return "must be an array of numbers"
    end
end

local SPEC = {
    periods_per_year = { kind = "number", above = 0, max = 1e6, default = 252 },
    risk_free = { kind = "number", above = -1, max = 10, default = 0 },
    required = { kind = "number", max = 1e6 },
    tail = { kind = "number", min = 0, max = 1, default = 0.05 },
    years = { kind = "number", above = 0, max = 1e6 },
    convention = { kind = "string", default = "own", choices = require "backlua.conventions" },
    benchmark = { check = is_array }, returns = { check = is_array },
}

-- ---- samples ---------------------------------------------------------------------------------

-- double * and length; raises at `level` of the caller.
local function array(name, x, level)
    local data, n = vector.doubles(x)
    if not data then
        error(("metrics.%s: %s"):format(name, n), level + 1)
    end
    return data, n
end

local function beside(name, x, n, level)
    local data, count = array(name, x, level + 1)
    if count ~= n then
        error(("metrics.%s: both arrays must have one length, got %d and %d"):format(name, n,
            count), level + 1)
    end
    return data
end

-- Arrays of the last sample: C reads them, the collector must not.
local held = {} -- luacheck: ignore 241

-- A bt_sample over x and, if given, other; good until the next one.
local function sample_of(name, x, other, given, level)
    local values = options.check("metrics." .. name, SPEC, given, level + 1)
    local data, n = array(name, x, level + 1)
    local second = other ~= nil and beside(name, other, n, level + 1) or nil
    local sample = ffi.new("bt_sample", {
        x = data, other = second, n = n, convention = CONVENTIONS[values.convention],
        periods_per_year = values.periods_per_year, risk_free = values.risk_free,
        required = values.required or 0 / 0, tail = values.tail, years = values.years or 0,
    })
    held.x, held.other = data, second
    return sample
end

-- ---- one function a statistic ----------------------------------------------------------------

local numbers, names = {}, {}

local function of_one(name, number, of)
    return function(x, given)
        local other = of == C.BT_OF_TRADES and type(given) == "table" and given.returns or nil
        local sample = sample_of(name, x, other, given, 2)
        return C.bt_measure(number, sample)
    end
end

local function of_two(name, number)
    return function(x, benchmark, given)
        if benchmark == nil then
            error(("metrics.%s: the benchmark's returns are the second argument"):format(name), 2)
        end
        local sample = sample_of(name, x, benchmark, given, 2)
        return C.bt_measure(number, sample)
    end
end

do
    local number = 0
    while C.bt_measure_name(number) ~= nil do
        local name, of = ffi.string(C.bt_measure_name(number)), C.bt_measure_of(number)
        numbers[name], names[number + 1] = number, name
        metrics[name] = (of == C.BT_OF_BENCHMARK and of_two or of_one)(name, number, of)
        number = number + 1
    end
end

--- Keys of all statistics.
function metrics.names()
    local list = {}
    for i, name in ipairs(names) do
        list[i] = name
    end
    return list
end

local function number_of(what, name, level)
    local number = numbers[name]
    if not number then
        error(("metrics.%s: no statistic %s%s"):format(what,
            require "backlua.text.quote"(tostring(name)),
            require "backlua.text.nearest".hint(tostring(name), names)), level + 1)
    end
    return number
end

--- How a statistic is computed, and its source.
function metrics.formula(name)
    return ffi.string(C.bt_measure_text(number_of("formula", name, 2)))
end

local function gather(sample, wanted)
    local out = {}
    for number, name in ipairs(names) do
        if wanted[C.bt_measure_of(number - 1)] then
            out[name] = C.bt_measure(number - 1, sample)
        end
    end
    return out
end

--- All statistics of returns by key; those against a benchmark with option benchmark.
function metrics.summary(returns, given)
    local benchmark = type(given) == "table" and given.benchmark or nil
    local sample = sample_of("summary", returns, benchmark, given, 2)
    return gather(sample, {
        [C.BT_OF_RETURNS] = true, [C.BT_OF_BENCHMARK] = benchmark ~= nil,
    })
end

--- All statistics of round trips by key, from the pnl of each.
function metrics.trade_summary(pnls, given)
    local other = type(given) == "table" and given.returns or nil
    local sample = sample_of("trade_summary", pnls, other, given, 2)
    return gather(sample, { [C.BT_OF_TRADES] = true })
end

-- ---- over windows ----------------------------------------------------------------------------

local function rolling(what, name, x, other, window, given, level)
    local number = number_of(what, name, level + 1)
    if type(window) ~= "number" or window % 1 ~= 0 or window < 1 or window > 1e6 then
        error(("metrics.%s: the window must be a whole number 1..1000000, got %s"):format(what,
            tostring(window)), level + 1)
    end
    local sample = sample_of(what, x, other, given, level + 1)
    local out = vector.allocate(sample.n)
    C.bt_measure_rolling(number, sample, window, out)
    return vector.view(out, sample.n)
end

--- A statistic over each window of that many periods, ending at each: a view of the same length,
-- NaN for the first window - 1. The benchmark, where one is needed, is among the options.
function metrics.rolling(name, returns, window, given)
    local benchmark = type(given) == "table" and given.benchmark or nil
    local view = rolling("rolling", name, returns, benchmark, window, given, 2)
    return view
end

--- Sharpe ratio over each window.
function metrics.rolling_sharpe(returns, window, given)
    local view = rolling("rolling_sharpe", "sharpe_ratio", returns, nil, window, given, 2)
    return view
end

--- Volatility over each window.
function metrics.rolling_volatility(returns, window, given)
    local view = rolling("rolling_volatility", "volatility", returns, nil, window, given, 2)
    return view
end

--- Beta over each window.
function metrics.rolling_beta(returns, benchmark, window, given)
    local view = rolling("rolling_beta", "beta", returns, benchmark, window, given, 2)
    return view
end

-- ---- curves ----------------------------------------------------------------------------------

--- Value of 1 invested, after each period: a view.
function metrics.cumulative(returns)
    local data, n = array("cumulative", returns, 2)
    local out, value = vector.allocate(n), 1
    for i = 0, n - 1 do
        value = value * (1 + data[i])
        out[i] = value
    end
    return vector.view(out, n)
end

--- Returns of a curve of values, after start, a starting value (default: the first value, which
-- then has no return of its own): a view. Raises for a starting value that is not above 0.
function metrics.returns(values, start)
    local data, n = array("returns", values, 2)
    if start ~= nil and (type(start) ~= "number" or start ~= start or start <= 0) then
        error("metrics.returns: the starting value must be a number above 0, got "
            .. tostring(start), 2)
    end
    local from = start and 0 or 1
    local count = math.max(n - from, 0)
    local out, before = vector.allocate(count), start or n > 0 and data[0]
    for i = from, n - 1 do
        out[i - from] = data[i] / before - 1
        before = data[i]
    end
    return vector.view(out, count)
end

--- Share below the highest value so far, after each period, <= 0: a view.
function metrics.underwater(returns)
    local curve = metrics.cumulative(returns)
    local data, n = vector.doubles(curve)
    local out = vector.allocate(n)
    C.bt_underwater(1, data, n, out)
    return vector.view(out, n)
end

--- Drawdowns of returns, oldest first: { depth (< 0), start, trough, stop, bars }: numbers of
-- periods, start 0 for a fall from the beginning, stop nil while it is not recovered; bars from
-- the peak to the recovery, or to the end.
function metrics.drawdowns(returns)
    local curve = metrics.cumulative(returns)
    local data, n = vector.doubles(curve)
    local most = C.bt_drawdowns(1, data, n, nil, 0)
    local found, list = ffi.new("bt_drawdown[?]", most + 1), {}
    C.bt_drawdowns(1, data, n, found, most)
    for i = 1, most do
        local d = found[i - 1]
        local stop = d["end"] >= 0 and d["end"] + 1 or nil
        list[i] = { depth = d.depth, start = d.start + 1, trough = d.trough + 1, stop = stop,
            bars = (stop or n) - d.start - 1 }
    end
    return list
end

-- ---- by calendar -----------------------------------------------------------------------------

local function year_key(t)
    return t.year, { year = t.year }
end

local function quarter_key(t)
    local quarter = math.floor((t.month - 1) / 3) + 1
    return t.year * 10 + quarter, { year = t.year, quarter = quarter }
end

local function month_key(t)
    return t.year * 100 + t.month, { year = t.year, month = t.month }
end

-- The ISO week belongs to the year of its Thursday (ISO 8601).
local function week_key(t, seconds)
    local weekday = (t.wday + 5) % 7 -- Monday 0
    local thursday = require "backlua.datetime"(seconds + (3 - weekday) * 86400)
    local week = math.floor((thursday.yday - 1) / 7) + 1
    return thursday.year * 100 + week, { year = thursday.year, week = week }
end

local function day_key(t, seconds)
    return math.floor(seconds / 86400), { year = t.year, month = t.month, day = t.day }
end

local KEYS = { year = year_key, quarter = quarter_key, month = month_key, week = week_key,
    day = day_key }

--- Returns compounded by calendar period, oldest first: { year, month or quarter or week or day,
-- value }. times: unix seconds, one per return (UTC); by: "day", "week" (ISO 8601), "month"
-- (default), "quarter" or "year".
-- Raises for another word, and for arrays of two lengths.
function metrics.aggregate(times, returns, by)
    local data, n = array("aggregate", returns, 2)
    local at = beside("aggregate", times, n, 2)
    local key_of = KEYS[by or "month"]
    if not key_of then
        error(("metrics.aggregate: by must be day, week, month, quarter or year, got %s"):format(
            tostring(by)), 2)
    end
    local datetime, list, last = require "backlua.datetime", {}, nil
    for i = 0, n - 1 do
        local key, row = key_of(datetime(at[i]), at[i])
        if key ~= last then
            list[#list + 1], last = row, key
            row.value = 0
        end
        row = list[#list]
        row.value = (1 + row.value) * (1 + data[i]) - 1
    end
    return list
end

-- ---- is it luck? -----------------------------------------------------------------------------

-- Sharpe ratio per period of the excess over the risk-free rate, and the shape of the returns.
local function record_of(sample)
    local number = C.bt_measure_find "sharpe_ratio"
    local sharpe = C.bt_measure(number, sample) / math.sqrt(sample.periods_per_year)
    if sample.convention == C.BT_CONVENTION_QUANTSTATS then -- excess where raw belongs
        return sharpe, C.bt_measure(C.bt_measure_find "skewness", sample),
            C.bt_measure(C.bt_measure_find "kurtosis", sample)
    end
    local m = ffi.new "bt_moments"
    C.bt_moments_of(sample.x, sample.n, m)
    return sharpe, m.skew, m.kurt
end

--- Probability that the true Sharpe ratio exceeds an annual benchmark (default 0); Bailey and
-- Lopez de Prado 2012, with raw kurtosis.
function metrics.probabilistic_sharpe_ratio(returns, benchmark, given)
    local sample = sample_of("probabilistic_sharpe_ratio", returns, nil, given, 2)
    if benchmark ~= nil and type(benchmark) ~= "number" then
        error("metrics.probabilistic_sharpe_ratio: the benchmark is an annual Sharpe ratio, a"
            .. " number before the options, got " .. type(benchmark), 2)
    end
    local sharpe, skew, kurtosis = record_of(sample)
    local per_period = (benchmark or 0) / math.sqrt(sample.periods_per_year)
    return C.bt_odds_psr(sharpe, per_period, sample.n, skew, kurtosis)
end

--- The same against what the best of `trials` would show by luck; variance (ddof 1) of the trials'
-- Sharpe ratios per period. Bailey, Lopez de Prado 2014. Raises without numbers for both.
function metrics.deflated_sharpe_ratio(returns, trials, variance, given)
    local sample = sample_of("deflated_sharpe_ratio", returns, nil, given, 2)
    if type(trials) ~= "number" or type(variance) ~= "number" then
        error("metrics.deflated_sharpe_ratio: (returns, trials, variance) is expected: how many"
            .. " trials there were and the variance of their Sharpe ratios", 2)
    end
    local sharpe, skew, kurtosis = record_of(sample)
    return C.bt_odds_dsr(sharpe, variance, trials, sample.n, skew, kurtosis)
end

return metrics
