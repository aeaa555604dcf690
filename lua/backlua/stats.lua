-- Is it real? Statistics of returns and of the best of many trials.
--
-- Returns are arrays of simple returns per period: Lua tables of numbers or views. A matrix is an
-- array of such arrays of one length, one per trial. Sharpe ratios are mean / sd (ddof 1) per
-- period, never annualised; kurtosis is raw (3 for a normal). Errors are raised at the caller's
-- line. Formulas and papers: engine/backlua/odds.h.

local ffi = require "ffi"
local nearest = require "backlua.text.nearest"
local options = require "backlua.options"
local quote = require "backlua.text.quote"
local vector = require "backlua.vector"
local C = require("backlua.ffi").C

local stats = {}

-- ---- arguments ---------------------------------------------------------------------------------

-- All that follows in this part is called by the functions of stats themselves, and raises where
-- those were called.

local function shown(value)
    if type(value) == "string" then
        return (quote(value))
    end
    return type(value) == "table" and "a table" or tostring(value)
end

local function check(status)
    if status ~= C.BT_OK then
        error(ffi.string(C.bt_error_message()), 3)
    end
end

local function number(what, name, value, low, high)
    if type(value) ~= "number" or not (value >= low and value <= high) then
        local range = low > -math.huge and (" of at least %g"):format(low) or ""
        range = range .. (high < math.huge and (" and at most %g"):format(high) or "")
        error(("%s: %s must be a number%s, got %s"):format(what, name, range, shown(value)), 3)
    end
    return value
end

local ANY = { -math.huge, math.huge }

-- double * and length of a Lua array or view. level: of the caller of who calls this.
local function doubles(what, name, x, level)
    local data, n = vector.doubles(x)
    if not data then
        error(("%s: %s: %s"):format(what, name, n), (level or 2) + 1)
    end
    return data, n
end

local function list(what, name, value)
    if type(value) ~= "table" then
        error(("%s: %s must be an array, got %s"):format(what, name, shown(value)), 3)
    end
    return value
end

-- double [trials * n], n, trials.
local function matrix(columns, what)
    if type(columns) ~= "table" or #columns == 0 then
        error(("%s: columns must be an array of return series, one a trial, got %s"):format(what,
            type(columns) == "table" and "an empty one" or shown(columns)), 3)
    end
    local trials, out, n = #columns, nil, nil
    for k = 1, trials do
        local data, length = doubles(what, ("columns[%d]"):format(k), columns[k], 3)
        n = n or length
        out = out or ffi.new("double[?]", math.max(trials * n, 1))
        if length ~= n then
            error(("%s: series %d has %d values, the first has %d; all need one length")
                :format(what, k, length, n), 3)
        end
        ffi.copy(out + (k - 1) * n, data, n * 8)
    end
    return out, n, trials
end

-- ---- one series --------------------------------------------------------------------------------

local function moments(x, n)
    local m = ffi.new "bt_moments"
    C.bt_moments_of(x, n, m)
    return { mean = m.mean, sd = m.sd, skew = m.skew, kurt = m.kurt, sharpe = m.sharpe, n = n }
end

--- Mean, sd (ddof 1), skewness, raw kurtosis and Sharpe ratio of one series.
-- @param returns array [n]
-- @return table {mean, sd, skew, kurt, sharpe, n}
function stats.moments(returns)
    return moments(doubles("moments", "returns", returns))
end

--- Quantiles, linear between order statistics (type 7 of Hyndman, Fan 1996).
-- @param values array [n], n >= 1, in any order; ... probabilities 0..1
-- @return a number for each probability; NaN when a value is NaN
-- @raise an empty array, a probability outside 0..1
function stats.quantile(values, ...)
    local x, n = doubles("quantile", "values", values)
    local count = select("#", ...)
    local p, found = doubles("quantile", "probabilities", { ... }), ffi.new("double[?]",
        math.max(count, 1))
    check(C.bt_quantiles(x, n, p, count, found))
    local out = {}
    for i = 1, count do
        out[i] = found[i - 1]
    end
    return unpack(out)
end

local RECORD = {
    sharpe = { kind = "number", required = true }, n = { kind = "number", min = 1 },
    skew = { kind = "number", default = 0 }, kurt = { kind = "number", default = 3 },
    mean = { kind = "number" }, sd = { kind = "number" },
}

-- { sharpe, n, skew, kurt } from a table of these keys (that of stats.moments will do) or an array
-- of returns. level: as of doubles.
local function record_of(x, what, level)
    if type(x) == "table" and x.sharpe then
        return options.check(what, RECORD, x, level or 3) or nil
    end
    return moments(doubles(what, "returns", x, level or 3))
end

-- The same where the number of periods counts.
local function long_record_of(x, what)
    local r = record_of(x, what, 4)
    if not r.n then
        error(what .. ": n, the number of periods, is missing beside sharpe", 3)
    end
    return r
end

--- Standard error of a Sharpe ratio.
-- @param x returns [n], or {sharpe=, n=, skew=0, kurt=3} per period
-- @return per period; Bailey, Lopez de Prado 2012
function stats.sharpe_error(x)
    local r = long_record_of(x, "sharpe_error")
    return C.bt_odds_sharpe_error(r.sharpe, r.n, r.skew, r.kurt)
end

--- Probability that the true Sharpe ratio exceeds a benchmark.
-- @param x returns [n], or {sharpe=, n=, skew=0, kurt=3} per period
-- @param benchmark Sharpe ratio per period, default 0
-- @return probability in 0..1; Bailey, Lopez de Prado 2012
function stats.psr(x, benchmark)
    local r = long_record_of(x, "psr")
    benchmark = number("psr", "benchmark", benchmark or 0, unpack(ANY))
    return C.bt_odds_psr(r.sharpe, benchmark, r.n, r.skew, r.kurt)
end

--- Expected maximum of independent standard normals; trials may be fractional.
function stats.expected_max(trials)
    return C.bt_odds_expected_max(number("expected_max", "trials", trials, 1, math.huge))
end

--- Deflated Sharpe ratio of the best of many trials.
-- @param x as in psr
-- @param trials number of independent trials, 1 at least
-- @param variance variance (ddof 1) of the trials' Sharpe ratios per period
-- @return probability in 0..1; Bailey, Lopez de Prado 2014
function stats.dsr(x, trials, variance)
    local r = long_record_of(x, "dsr")
    number("dsr", "trials", trials, 1, math.huge)
    number("dsr", "variance", variance, 0, math.huge)
    return C.bt_odds_dsr(r.sharpe, variance, trials, r.n, r.skew, r.kurt)
end

--- Periods after which the Sharpe ratio exceeds a benchmark with confidence (default 0.95).
-- @param x as in psr
function stats.min_track_record(x, benchmark, confidence)
    local r = record_of(x, "min_track_record")
    benchmark = number("min_track_record", "benchmark", benchmark or 0, unpack(ANY))
    confidence = number("min_track_record", "confidence", confidence or 0.95, 0, 1)
    return C.bt_odds_min_track_record(r.sharpe, benchmark, confidence, r.skew, r.kurt)
end

--- Years below which so many trials show annual_sharpe by luck; Bailey et al. 2014.
function stats.min_backtest_length(trials, annual_sharpe)
    number("min_backtest_length", "trials", trials, 1, math.huge)
    number("min_backtest_length", "annual_sharpe", annual_sharpe, unpack(ANY))
    return C.bt_odds_min_backtest(trials, annual_sharpe)
end

-- ---- many series -------------------------------------------------------------------------------

--- Effective number of independent trials, rho + (1 - rho) * trials.
-- @param columns array of return series, one per trial
function stats.effective_trials(columns)
    local x, n, trials = matrix(columns, "effective_trials")
    return C.bt_odds_effective_trials(x, n, trials)
end

--- Probability of backtest overfitting by CSCV.
-- @param columns array of return series, one per trial
-- @param blocks even, 2..20, default 16
-- @return table {pbo, loss, slope, intercept, r2, logits (array)}
function stats.pbo(columns, blocks)
    local x, n, trials = matrix(columns, "pbo")
    blocks = number("pbo", "blocks", blocks or 16, unpack(ANY))
    local room = 1
    for i = 1, blocks / 2 do
        room = room * (blocks - i + 1) / i
    end
    local logits = ffi.new("double[?]", math.max(1, math.min(room, 200000)))
    local p = ffi.new "bt_pbo"
    check(C.bt_odds_pbo(x, n, trials, blocks, logits, p))
    local out = { pbo = p.pbo, loss = p.loss, slope = p.slope, intercept = p.intercept,
                  r2 = p.r2, logits = {} }
    for i = 1, p.halves do
        out.logits[i] = logits[i - 1]
    end
    return out
end

-- ---- resamples ---------------------------------------------------------------------------------

local rows_type = ffi.typeof "int32_t[?]"

-- Lua index rows (1-based, as bootstrap_rows gives them) to C.
local function index_rows(rows, n, what)
    if type(rows) ~= "table" or type(rows[1]) ~= "table" then
        error(("%s: rows must be index rows as bootstrap_rows gives them, got %s"):format(what,
            shown(rows)), 3)
    end
    local out = rows_type(math.max(#rows * n, 1))
    for b = 1, #rows do
        for i = 1, n do
            local at = rows[b][i]
            if type(at) ~= "number" or not (at >= 1 and at <= n) then
                error(("%s: row %d, position %d: index must be 1..%d, got %s")
                    :format(what, b, i, n, tostring(at)), 3)
            end
            out[(b - 1) * n + i - 1] = at - 1
        end
    end
    return out
end

--- Index rows of the stationary bootstrap, 1-based.
-- @param n observations; count rows; mean_block >= 1; seed, default 1
-- @return array [count] of arrays [n]
function stats.bootstrap_rows(n, count, mean_block, seed)
    number("bootstrap_rows", "n", n, 1, 1e7)
    number("bootstrap_rows", "count", count, 1, 1e7)
    number("bootstrap_rows", "mean_block", mean_block, 1, math.huge)
    seed = number("bootstrap_rows", "seed", seed or 1, 0, 2 ^ 53)
    local raw = rows_type(math.max(n * count, 1))
    check(C.bt_bootstrap_rows(n, count, mean_block, seed, raw))
    local rows = {}
    for b = 1, count do
        local row = {}
        for i = 1, n do
            row[i] = raw[(b - 1) * n + i - 1] + 1
        end
        rows[b] = row
    end
    return rows
end

--- Block length of the stationary bootstrap; Politis, White 2004 with the 2009 correction.
function stats.block_length(returns)
    local x, n = doubles("block_length", "returns", returns)
    return C.bt_bootstrap_block(x, n)
end

local STATISTICS = { sharpe = C.BT_STAT_SHARPE, total_return = C.BT_STAT_RETURN,
                     max_drawdown = C.BT_STAT_DRAWDOWN, win_rate = C.BT_STAT_WIN_RATE }

--- A statistic of each resample.
-- @param returns array [n]; rows index rows; name "sharpe" (per period), "total_return",
-- "max_drawdown" (<= 0, starting value included), "win_rate" (share of values above 0)
-- @return array [#rows]
-- @raise unknown name; an index outside 1..n
function stats.bootstrap(returns, rows, name)
    local statistic = STATISTICS[name]
    if not statistic then
        error(("bootstrap: unknown statistic '%s' (sharpe, total_return, max_drawdown, "
            .. "win_rate)"):format(tostring(name)), 2)
    end
    local x, n = doubles("bootstrap", "returns", returns)
    local indices = index_rows(rows, n, "bootstrap")
    local out = ffi.new("double[?]", math.max(#rows, 1))
    check(C.bt_bootstrap_stat(x, n, indices, #rows, statistic, out))
    local values = {}
    for b = 1, #rows do
        values[b] = out[b - 1]
    end
    return values
end

--- White's reality check: p-value of the best mean.
-- @param columns array of (returns - benchmark) series; rows index rows
function stats.reality_check(columns, rows)
    local x, n, trials = matrix(columns, "reality_check")
    local indices, p = index_rows(rows, n, "reality_check"), ffi.new "double[1]"
    check(C.bt_odds_reality_check(x, n, trials, indices, #rows, p))
    return p[0]
end

--- Hansen's test of superior predictive ability, studentised.
-- @param columns as in reality_check; rows index rows; mean_block of those rows
-- @return table {lower, consistent, upper} of p-values; 1 when no mean is above 0
function stats.spa(columns, rows, mean_block)
    local x, n, trials = matrix(columns, "spa")
    local indices, p = index_rows(rows, n, "spa"), ffi.new "double[3]"
    number("spa", "mean_block", mean_block, 1, math.huge)
    check(C.bt_odds_spa(x, n, trials, indices, #rows, mean_block, p))
    return { lower = p[0], consistent = p[1], upper = p[2] }
end

-- ---- all of it ---------------------------------------------------------------------------------

-- Best row of a matrix by Sharpe ratio, 0-based.
local function best_row(x, n, trials)
    local best, most = 0, -math.huge
    for k = 1, trials do
        local sharpe = moments(x + (k - 1) * n, n).sharpe
        if sharpe > most then
            best, most = k - 1, sharpe
        end
    end
    return best
end

local LUCK = {
    best = { kind = "integer", min = 1, max = 2 ^ 31 - 1 },
    tried = { kind = "number", min = 0 },
    periods_per_year = { kind = "number", above = 0, default = 252 },
    seed = { kind = "integer", min = 0, max = 2 ^ 53, default = 1 },
}

--- All that results.luck says of trials' returns (backlua.optimization.luck), at once.
-- @param columns array of return series, one per trial, in excess of the risk-free rate
-- @param given best (position of the chosen trial; default: that of the highest Sharpe ratio),
--   tried (trials ever run on the data; #columns), periods_per_year (252), seed (1)
-- @return table {verdict, sentence, dsr, pbo, ...}
-- @raise series of several lengths, too few, best outside
function stats.luck(columns, given)
    local o = options.check("luck", LUCK, given or {}, 2)
    local x, n, trials = matrix(columns, "luck")
    local l, message = require "backlua.optimization.luck".of_matrix(x, n, trials, o.best
        and o.best - 1 or best_row(x, n, trials), o.tried or trials, o.periods_per_year, o.seed)
    return l or error(message, 2)
end

--- How flat the top of trials is, without units, and how much each parameter matters.
-- @param rows array of tables of parameters by name; scores array: larger is better, NaN for none
-- @param seed of the importance, default 1
-- @return table {plateau (0, a spike, .. 1), plateau_neighbours, plateau_missing (next to the best,
--   but not run), plateau_by_parameter, importance (by name: share of the variance it explains
--   alone)}; Hutter, Hoos, Leyton-Brown 2014
function stats.parameters(rows, scores, seed)
    list("parameters", "rows", rows)
    list("parameters", "scores", scores)
    seed = number("parameters", "seed", seed or 1, 0, 2 ^ 53)
    return require "backlua.optimization.luck".of_parameters(rows, scores, seed)
end

return setmetatable(stats, {
    __metatable = false,
    __index = function(_, name)
        error(("backlua.stats has no %s%s"):format(quote(tostring(name)), nearest.hint(
            tostring(name), require "backlua.sorted_keys"(stats))), 2)
    end,
})
