-- MonteCarloSimulator { n_simulations =, method =, ... }:run(what happened)
--
-- Simulations are made CHUNK at a time by workers, each chunk from a seed of its own, so their
-- number decides what comes out and the number of workers does not.

local ffi = require "ffi"
local class = require "backlua.optimization.class"
local options = require "backlua.options"
local C = require("backlua.ffi").C

local CHUNK = 50
local MOST_SEED = 2 ^ 53

local methods = {}
local simulator_class = class.new("MonteCarloSimulator", methods)

local SPEC = {
    n_simulations = { kind = "integer", min = 100, max = 1e6, default = 1000 },
    method = { kind = "string", choices = { "bootstrap", "permutation" }, default = "bootstrap" },
    seed = { kind = "integer", min = 0, max = MOST_SEED, default = 1 },
    confidence_level = { kind = "number", above = 0, max = 0.9999, default = 0.95 },
    block_length = { kind = "number", min = 1, max = 1e6 },
    n_jobs = { kind = "integer", min = -1, max = 1024 },
}

--- What else could have happened to a strategy that trades as it does.
-- "bootstrap" resamples the sessions' returns in blocks (stationary bootstrap, which keeps their
-- memory) and gives bands for Sharpe ratio, return and drawdown, and of a result's trades, also in
-- blocks, for the win rate. "permutation" puts the trades into other orders and gives bands of what
-- depends on the order only: the drawdown.
--
-- Of rustybt's class of this name the arguments are kept, these faults are not: there, permutation
-- also gave p-values of Sharpe ratio and return, which no order can change; the bootstrap drew
-- single trades and so lost their memory, and its p-values, from draws around what was observed,
-- were near 0.5 whatever that was; "robust" was what lies outside its own band; a Sharpe ratio of
-- trades was annualised as if they were days; money was shuffled instead of returns; and the seed
-- went to a generator shared by all.
-- @param given n_simulations (1000), method ("bootstrap", "permutation"), seed (1),
--   confidence_level (0.95), block_length (mean, in sessions; chosen from the data), n_jobs
local function MonteCarloSimulator(given)
    return simulator_class.new(options.check("MonteCarloSimulator", SPEC, given or {}, 2))
end

local BOOTSTRAP = {
    { name = "sharpe_ratio", id = C.BT_STAT_SHARPE, of_money = true },
    { name = "total_return", id = C.BT_STAT_RETURN, of_money = true },
    { name = "max_drawdown", id = C.BT_STAT_DRAWDOWN },
}
local PERMUTATION = { { name = "max_drawdown", id = C.BT_STAT_DRAWDOWN } }
local TRADES = { { name = "win_rate", id = C.BT_STAT_WIN_RATE } }

-- ---- what happened -----------------------------------------------------------------------------

-- Returns of the trades on what the account was worth before each.
local function trade_returns(trades, capital)
    local returns, value = {}, capital
    for i, trade in ipairs(trades) do
        returns[i] = trade.pnl / value
        value = value + trade.pnl
    end
    return returns
end

local function trades_of(what)
    return type(what.trades) == "table" and #what.trades >= 2
        and trade_returns(what.trades, what.starting_cash or what.capital
            or what.initial_capital or 100000) or nil
end

-- Series that are drawn from: { x =, statistics = }; nil, message.
local function sources_of(self, what)
    if type(what) ~= "table" then
        return nil, "run: give a result, or { returns = } or { trades =, capital = }"
    end
    local trades = trades_of(what)
    if self.method == "permutation" then
        if not trades then
            return nil, "run: permutation needs at least two trades"
        end
        return { { series = trades, statistics = PERMUTATION } }
    end
    local returns = what.returns or what.daily and what.daily.returns
    if not returns or #returns < 2 then
        return nil, "run: bootstrap needs the returns of at least two sessions"
    end
    return { { series = returns, statistics = BOOTSTRAP },
        trades and { series = trades, statistics = TRADES } or nil }
end

-- ---- simulations -------------------------------------------------------------------------------

-- Draws from one series, and statistics of each: first of what was drawn, then, by the same rows,
-- of the series less its mean, in which there is nothing to be had.
local function draw(source, method, count, seed, rows)
    if method == "permutation" then
        return C.bt_permutation_rows(source.n, count, seed, rows)
    end
    return C.bt_bootstrap_rows(source.n, count, source.block, seed, rows)
end

local function add_statistics(x, source, rows, count, values)
    local out = ffi.new("double[?]", count)
    for _, statistic in ipairs(source.statistics) do
        assert(C.bt_bootstrap_stat(x, source.n, rows, count, statistic.id, out) == C.BT_OK)
        for i = 0, count - 1 do
            values[#values + 1] = out[i]
        end
    end
end

local OTHER_STREAM = 0x9E3779B97F4A7C15ULL

-- Statistics of the simulations of a chunk, one statistic after the other.
local function simulate(job, chunk)
    local count = math.min(CHUNK, job.n_simulations - (chunk - 1) * CHUNK)
    local seed, values = ffi.cast("uint64_t", job.seed) * 1000003ULL + chunk, {}
    for i, source in ipairs(job.sources) do
        local rows = ffi.new("int32_t[?]", source.n * count)
        assert(draw(source, job.method, count, seed + (i - 1) * OTHER_STREAM, rows) == C.BT_OK)
        add_statistics(source.x, source, rows, count, values)
        if source.centred then
            add_statistics(source.centred, source, rows, count, values)
        end
    end
    return values
end

-- What simulate gives, in its order: statistics, those of centred series as null.
local function columns_of(job)
    local columns = {}
    for _, source in ipairs(job.sources) do
        for pass = 1, source.centred and 2 or 1 do
            for _, statistic in ipairs(source.statistics) do
                columns[#columns + 1] = { name = statistic.name, null = pass == 2,
                    values = {} }
            end
        end
    end
    return columns
end

local function spread(series, columns)
    local count = #series / #columns
    for c, column in ipairs(columns) do
        for i = 1, count do
            table.insert(column.values, series[(c - 1) * count + i])
        end
    end
end

-- All simulations over the crew, as columns.
local function run_chunks(job, n_jobs)
    local opt = require "backlua.optimization"
    local chunks = math.ceil(job.n_simulations / CHUNK)
    local results, err = opt.ParallelOptimizer({
        param_space = opt.ParameterSpace { opt.DiscreteParameter { name = "chunk", min_value = 1,
            max_value = chunks } },
        objective = function(p)
            return p.chunk, simulate(job, p.chunk)
        end,
        keep = "all", n_jobs = n_jobs,
    }):run()
    if not results then
        return nil, err
    end
    local columns = columns_of(job)
    for chunk = 1, chunks do
        spread(results:returns(chunk), columns)
    end
    return columns
end

-- ---- bands -------------------------------------------------------------------------------------

local function count_below(values, mark)
    local below = 0
    for _, value in ipairs(values) do
        below = below + (value < mark and 1 or 0)
    end
    return below
end

local SIGNIFICANT = 0.05

-- null: what is simulated where there is nothing to be had; nil: no p-value.
local function band(values, observed, null, level)
    local stats = require "backlua.stats"
    local moments = stats.moments(values)
    local median, low, high = stats.quantile(values, 0.5, (1 - level) / 2, (1 + level) / 2)
    local p = null and (#null - count_below(null, observed) + 1) / (#null + 1) or nil
    return {
        observed = observed, mean = moments.mean, std = moments.sd, median = median,
        low = low, high = high, percentile = count_below(values, observed) / #values,
        p_value = p, is_significant = p and p < SIGNIFICANT, values = values,
    }
end

local function observed_of(source, statistic)
    local row, out = ffi.new("int32_t[?]", source.n), ffi.new "double[1]"
    for i = 0, source.n - 1 do
        row[i] = i
    end
    C.bt_bootstrap_stat(source.x, source.n, row, 1, statistic.id, out)
    return out[0]
end

-- Of what is drawn from the first series: of all simulations, by statistic.
local function hash_of(job, columns)
    local bytes, at = {}, 0
    for c = 1, #job.sources[1].statistics do
        local values = columns[c].values
        local raw = ffi.new("double[?]", #values)
        for i, value in ipairs(values) do
            raw[i - 1] = value
        end
        at = at + 1
        bytes[at] = ffi.string(raw, #values * 8)
    end
    return require "backlua.sha256"(table.concat(bytes))
end

local function less_mean(x, n)
    local mean, centred = 0, ffi.new("double[?]", n)
    for i = 0, n - 1 do
        mean = mean + x[i] / n
    end
    for i = 0, n - 1 do
        centred[i] = x[i] - mean
    end
    return centred
end

local function job_of(self, sources)
    for _, source in ipairs(sources) do
        local x, n = require "backlua.vector".doubles(source.series)
        source.x, source.n = x, n
        source.block = self.block_length or C.bt_bootstrap_block(x, n)
        source.centred = source.statistics == BOOTSTRAP and less_mean(x, n) or nil
    end
    return { sources = sources, seed = self.seed, method = self.method,
        n_simulations = self.n_simulations }
end

local function scaled(values, scale)
    for i, value in ipairs(values) do
        values[i] = value * scale
    end
    return values
end

-- Bands by name.
local function bands_of(self, job, columns, annual)
    local drawn, null, out = {}, {}, {}
    for _, column in ipairs(columns) do
        local scale = column.name == "sharpe_ratio" and annual or 1
        local into = column.null and null or drawn
        into[column.name] = scaled(column.values, scale)
    end
    for _, source in ipairs(job.sources) do
        for _, statistic in ipairs(source.statistics) do
            local name = statistic.name
            local scale = name == "sharpe_ratio" and annual or 1
            out[name] = band(drawn[name], observed_of(source, statistic) * scale, null[name]
                or self.method == "permutation" and drawn[name] or nil, self.confidence_level)
            if statistic.of_money then
                out[name].is_robust = out[name].low > 0
            end
        end
    end
    return out
end

--- Simulate.
-- @param what a result; or { returns = array of the sessions' returns, periods_per_year = 252,
--   trades = (for the win rate) }; or for permutation { trades = array of { pnl = }, capital =
--   100000 (also initial_capital) }
-- @return table { sharpe_ratio =, total_return =, max_drawdown =, win_rate = (permutation: only
--   max_drawdown; win_rate only with trades), each {
--   observed, mean, std, median, low, high (the band), percentile (share of simulations below what
--   was observed), p_value (bootstrap: share of simulations of the same returns less their mean
--   that come to as much, the observed counted in; permutation: share of orders whose drawdown is
--   no deeper; of a win rate none, which says nothing without the sizes), is_significant (p_value <
--   0.05), is_robust (of Sharpe ratio and return: the whole band is above 0), values }, summary (a
--   text, with histograms), n_simulations, method, confidence_level, block_length, hash (of the
--   values of Sharpe ratio, return and drawdown) }, or nil and an error
-- Sources: Politis, Romano 1994 (bootstrap); Davison, Hinkley 1997, sections 4.2 and 4.4 (p_value).
function methods:run(what)
    if not simulator_class.is(self) then
        error("run: call it with a colon, simulator:run(result)", 2)
    end
    local sources, message = sources_of(self, what)
    if not sources then
        error(message, 2)
    end
    local job = job_of(self, sources)
    local columns, err = run_chunks(job, self.n_jobs)
    if not columns then
        return nil, err
    end
    local hash = hash_of(job, columns)
    local out = bands_of(self, job, columns, math.sqrt(what.periods_per_year or 252))
    out.n_simulations, out.method, out.hash = self.n_simulations, self.method, hash
    out.confidence_level = self.confidence_level
    out.block_length = self.method == "bootstrap" and sources[1].block or nil
    out.summary = require "backlua.optimization.monte_carlo_text"(out)
    return out
end

return { public = MonteCarloSimulator, is = simulator_class.is }
