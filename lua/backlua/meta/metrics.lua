---@meta
-- require "backlua.metrics": what is not one statistic. For editors; never executed.

---@alias backlua.Convention "own"|"empyrical"|"quantstats"|"backtesting.py"

---@class backlua.MetricOptions
---@field periods_per_year? number what annual figures scale with (default 252)
---@field risk_free? number annual (default 0)
---@field required? number annual return below which a period counts as a loss (default risk_free)
---@field tail? number share of periods that count as the worst (default 0.05)
---@field years? number elapsed, for cagr (default by periods_per_year)
---@field benchmark? backlua.Series for summary
---@field returns? backlua.Series of the round trips
---@field convention? backlua.Convention whose definitions are followed (default "own")

---@class backlua.metrics
local metrics = {}

---Keys of all statistics.
---@return string[]
function metrics.names() end

---How a statistic is computed, and its source.
---@param name string
---@return string
function metrics.formula(name) end

---All statistics of returns by key.
---Example: `local s = metrics.summary(result.daily.returns, { periods_per_year = 252 })`
---@param returns backlua.Series
---@param options? backlua.MetricOptions
---@return table<string, number>
function metrics.summary(returns, options) end

---All statistics of round trips by key, from the pnl of each.
---@param pnls backlua.Series
---@param options? backlua.MetricOptions
---@return table<string, number>
function metrics.trade_summary(pnls, options) end

---A statistic over each window, ending at each period.
---@param name string
---@param returns backlua.Series
---@param window integer
---@param options? backlua.MetricOptions
---@return backlua.View
function metrics.rolling(name, returns, window, options) end

---Sharpe ratio of each window: [n] values, NaN for the first window - 1.
---@param returns backlua.Series
---@param window integer
---@param options? backlua.MetricOptions
---@return backlua.View
function metrics.rolling_sharpe(returns, window, options) end

---Volatility of each window: [n] values, NaN for the first window - 1.
---@param returns backlua.Series
---@param window integer
---@param options? backlua.MetricOptions
---@return backlua.View
function metrics.rolling_volatility(returns, window, options) end

---Beta of each window: [n] values, NaN for the first window - 1.
---@param returns backlua.Series
---@param benchmark backlua.Series
---@param window integer
---@param options? backlua.MetricOptions
---@return backlua.View
function metrics.rolling_beta(returns, benchmark, window, options) end

---Value of 1 invested, after each period.
---@param returns backlua.Series
---@return backlua.View
function metrics.cumulative(returns) end

---Returns of a curve of values.
---@param values backlua.Series
---@param start? number
---@return backlua.View
function metrics.returns(values, start) end

---Share below the highest value so far, after each period, <= 0.
---@param returns backlua.Series
---@return backlua.View
function metrics.underwater(returns) end

---Drawdowns of returns, oldest first.
---@param returns backlua.Series
---@return { depth: number, start: integer, trough: integer, stop?: integer, bars: integer }[]
function metrics.drawdowns(returns) end

---Returns compounded by calendar period.
---@param times backlua.Series unix seconds
---@param returns backlua.Series
---@param by? "day"|"week"|"month"|"quarter"|"year"
---@return table[]
function metrics.aggregate(times, returns, by) end

---Probability that the true Sharpe ratio exceeds an annual benchmark.
---@param returns backlua.Series
---@param benchmark? number
---@param options? backlua.MetricOptions
---@return number
function metrics.probabilistic_sharpe_ratio(returns, benchmark, options) end

---The same against what the best of many trials would show by luck.
---@param returns backlua.Series
---@param trials number
---@param variance number
---@param options? backlua.MetricOptions
---@return number
function metrics.deflated_sharpe_ratio(returns, trials, variance, options) end
