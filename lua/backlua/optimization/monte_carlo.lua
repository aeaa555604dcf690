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
-- memory) and gives bands for Sharpe ratio, return and drawdown. "permutation" puts the trades into
-- other orders and gives bands of what depends on the order only: the drawdown.
--
-- Of rustybt's class of this name the arguments are kept, these faults are not: there, permutation
-- also gave p-values of Sharpe ratio and return, which no order can change; the bootstrap drew
-- single trades and so lost their memory; a Sharpe ratio of trades was annualised as if they were
-- days; money was shuffled instead of returns; and the seed went to a generator shared by all.
-- @param given n_simulations (1000), method ("bootstrap", "permutation"), seed (1),
--   confidence_level (0.95), block_length (mean, in sessions; chosen from the data), n_jobs
local function MonteCarloSimulator(given)
    return simulator_class.new(options.check("MonteCarloSimulator", SPEC, given or {}, 2))
end

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

local function source_of(self, what)
    if type(what) ~= "table" then
        return nil, "run: give a result, or { returns = } or { trades =, capital = }"
    elseif self.method == "permutation" then
        if type(what.trades) ~= "table" or #what.trades < 2 then
            return nil, "run: permutation needs at least two trades"
        end
        return trade_returns(what.trades, what.starting_cash or what.capital
            or what.initial_capital or 100000)
    end
    local returns = what.returns or what.daily and what.daily.returns
    if not returns or #returns < 2 then
        return nil, "run: bootstrap needs the returns of at least two sessions"
    end
    return returns
end

-- ---- simulations -------------------------------------------------------------------------------

local BOOTSTRAP = { { "sharpe_ratio", C.BT_STAT_SHARPE }, { "total_return", C.BT_STAT_RETURN },
    { "max_drawdown", C.BT_STAT_DRAWDOWN } }
local PERMUTATION = { { "max_drawdown", C.BT_STAT_DRAWDOWN } }

local function draw(job, chunk, count, rows)
    local seed = ffi.cast("uint64_t", job.seed) * 1000003ULL + chunk
    if job.method == "permutation" then
        return C.bt_permutation_rows(job.n, count, seed, rows)
    end
    return C.bt_bootstrap_rows(job.n, count, job.block, seed, rows)
end

-- Statistics of the simulations of a chunk, one statistic after the other.
local function simulate(job, chunk)
    local count = math.min(CHUNK, job.n_simulations - (chunk - 1) * CHUNK)
    local rows, out = ffi.new("int32_t[?]", job.n * count), ffi.new("double[?]", count)
    local values = {}
    assert(draw(job, chunk, count, rows) == C.BT_OK)
    for _, statistic in ipairs(job.statistics) do
        assert(C.bt_bootstrap_stat(job.x, job.n, rows, count, statistic[2], out) == C.BT_OK)
        for i = 0, count - 1 do
            values[#values + 1] = out[i]
        end
    end
    return values
end

-- All simulations over the crew: arrays by statistic, in order.
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
    local all = {}
    for s in ipairs(job.statistics) do
        all[s] = {}
    end
    for chunk = 1, chunks do
        local series = results:returns(chunk)
        local count = #series / #job.statistics
        for s in ipairs(job.statistics) do
            for i = 1, count do
                table.insert(all[s], series[(s - 1) * count + i])
            end
        end
    end
    return all
end

-- ---- bands -------------------------------------------------------------------------------------

local function band(values, observed, level)
    local stats, below = require "backlua.stats", 0
    for _, value in ipairs(values) do
        below = below + (value < observed and 1 or 0)
    end
    local moments = stats.moments(values)
    local median, low, high = stats.quantile(values, 0.5, (1 - level) / 2, (1 + level) / 2)
    return {
        observed = observed, mean = moments.mean, std = moments.sd, median = median,
        low = low, high = high, percentile = below / #values, values = values,
    }
end

local function hash_of(all)
    local n, at = 0, 0
    for _, values in ipairs(all) do
        n = n + #values
    end
    local bytes, hex = ffi.new("double[?]", n), ffi.new "char[65]"
    for _, values in ipairs(all) do
        for _, value in ipairs(values) do
            bytes[at] = value
            at = at + 1
        end
    end
    C.bt_sha256(ffi.string(bytes, n * 8), n * 8, hex)
    return ffi.string(hex)
end

local function observed_of(job, statistic)
    local row, out = ffi.new("int32_t[?]", job.n), ffi.new "double[1]"
    for i = 0, job.n - 1 do
        row[i] = i
    end
    C.bt_bootstrap_stat(job.x, job.n, row, 1, statistic, out)
    return out[0]
end

local function job_of(self, returns, given)
    local x, n = require "backlua.vector".doubles(returns)
    return {
        x = x, n = n, source = returns, seed = self.seed, method = self.method,
        n_simulations = self.n_simulations,
        block = self.block_length or C.bt_bootstrap_block(x, n),
        statistics = self.method == "permutation" and PERMUTATION or BOOTSTRAP,
        annual = math.sqrt(given.periods_per_year or 252),
    }
end

--- Simulate.
-- @param what a result; or { returns = array of the sessions' returns, periods_per_year = 252 }; or
--   for permutation { trades = array of { pnl = }, capital = 100000 (also initial_capital) }
-- @return table { sharpe_ratio =, total_return =, max_drawdown = (permutation: only this), each {
--   observed, mean, std, median, low, high (the band), percentile (share of simulations below what
--   was observed), values }, n_simulations, method, confidence_level, block_length, hash (of all
--   values) }, or nil and an error
function methods:run(what)
    if not simulator_class.is(self) then
        error("run: call it with a colon, simulator:run(result)", 2)
    end
    local returns, message = source_of(self, what)
    if not returns then
        error(message, 2)
    end
    local job = job_of(self, returns, what)
    local all, err = run_chunks(job, self.n_jobs)
    if not all then
        return nil, err
    end
    local out = { n_simulations = self.n_simulations, method = self.method, hash = hash_of(all),
        confidence_level = self.confidence_level,
        block_length = self.method == "bootstrap" and job.block or nil }
    for s, statistic in ipairs(job.statistics) do
        local scale = statistic[1] == "sharpe_ratio" and job.annual or 1
        for i, value in ipairs(all[s]) do
            all[s][i] = value * scale
        end
        out[statistic[1]] = band(all[s], observed_of(job, statistic[2]) * scale,
            self.confidence_level)
    end
    return out
end

return { public = MonteCarloSimulator, is = simulator_class.is }
