---@meta
-- Modules that a strategy or a batch script requires; backlua and backlua.stats scripts alone. For
-- editors; never executed.

---A failure of the world.
---@class backlua.Error
---@field code "strategy"|"usage"|"name"|"range"|"data"|"io"|"busy"|"reproduce"|"interrupt"|"state"
---@field message string

---Numbers to reckon with: a Lua array or a view.
---@alias backlua.Series number[]|backlua.View

---A model of costs, or a rule of a schedule: what the constructors below make.
---@class backlua.Model
---@field kind string

---@class backlua.Rule
---@field rule string

-- ---- require "backlua" -----------------------------------------------------------------------

---What a backtest is told, alone or in a search.
---@class backlua.BacktestOptions
---@field strategy? string|backlua.Strategy a path, a source text or a table of callbacks
---@field bundle? string NAME, a path, or NAME@HASH
---@field start_date? string its first session (default the bundle's)
---@field end_date? string its last session, included; a time is not (default the bundle's)
---@field capital? number currency (default 100000)
---@field fill? "next_open"|"next_close"|"same_close" when orders trade (default "next_open")
---@field commission? backlua.Model (default 0.001 a share)
---@field slippage? backlua.Model (default 5 basis points, 10 % of a bar's volume)
---@field lot? number smallest unit of an order (default 1)
---@field intrabar? "pessimistic"|"optimistic"|"ohlc" which way a bar went (default "pessimistic")
---@field on_insufficient? "reduce"|"reject" an order beyond the buying power (default "reduce")
---@field leverage? number|"unlimited" buying power over equity (default 1)
---@field long_only? boolean no short positions (default false)
---@field adjust? backlua.Adjust of history (default "all")
---@field delisting? "close"|"keep" what becomes of a position (default "close")
---@field close_at_end? boolean sell what is held at the last close (default false)
---@field benchmark? string|table a symbol, or a CSV of values
---@field history_start? "nan"|"error" a window before the first session (default "nan")
---@field periods_per_year? number what annual figures scale with (default the bundle's: 252, or 365)
---@field risk_free? number annual (default 0)
---@field convention? backlua.Convention whose definitions the statistics follow (default "own")
---@field unsafe? boolean without the sandbox (default false)

---@class backlua.SessionOptions: backlua.BacktestOptions
---@field params? table<string, any> over the strategy's own
---@field margin? backlua.MarginOptions a margin account, as of ctx:set_margin
---@field capital_changes? table<string, number|table> deposits and withdrawals by day, as of ctx:set_capital_changes
---@field seed? integer of the random stream (default 1)

---@class backlua.RunOptions: backlua.SessionOptions
---@field print? fun(text: string) takes what the strategy prints

---@class backlua
---@field version string
local backlua = {}

---One backtest.
---Example: `local result, err = backlua.run { strategy = "sma.lua", bundle = "demo" }`
---@param options backlua.RunOptions
---@return backlua.Result? result
---@return backlua.Error? err
function backlua.run(options) end

---Names of the bundles in the bundles folder, sorted.
---@return string[]
function backlua.bundles() end

---Facts of a bundle: name, path, frequency, sha256, assets, rows, bars, symbols, ...
---@param name string
---@return table? facts
---@return backlua.Error? err
function backlua.bundle(name) end

-- ---- a result --------------------------------------------------------------------------------

---What a backtest left behind; each part is made when it is first asked for.
---@class backlua.Result
---@field metrics table<string, number> by key: total_return, sharpe_ratio, ...
---@field equity { time: backlua.View, cash: backlua.View, value: backlua.View, n: integer }
---@field orders table[] id, symbol, kind, size_at, request, amount, filled, status, reason, created, ended, average_price, commission, slippage, ...
---@field fills table[] order_id, symbol, time (the bar's open; its close in the phase close), phase (open, path, close), amount, price, commission, slippage
---@field trades table[] round trips, first in first out: symbol, entry_time, exit_time, bars, amount, entry_price, exit_price, commission, pnl, return, mae, mfe, multiplier, entry_order, exit_order
---@field flows table[] money that moved without a fill: time, kind (deposit, interest, borrow, dividend, ...), symbol, amount
---@field actions table[] splits, dividends, mergers, delistings of what was held
---@field records { time: number, name: string, value: number }[]
---@field reasons table<string, integer> orders by the reason they ended with
---@field drawdown { start?: number, trough?: number, stop?: number }
---@field daily { returns: backlua.View, time: backlua.View, n: integer }
---@field monthly { year: integer, month: integer, value: number }[]
---@field yearly { year: integer, value: number }[]
---@field drawdowns table[]
---@field restated table<string, number> metrics under the run's convention
---@field statistics table<string, number> restated and all of require "backlua.metrics"
---@field hash string the result hash
---@field manifest table what it takes to repeat the run
---@field bars integer
---@field fill_count integer
---@field starting_cash number
---@field periods_per_year number
---@field short_windows integer windows that reached before the first session
---@field ambiguous_bars integer bars that met both prices of a group
---@field open_trades table[] lots held at the end, as trades, marked at their last price
---@field liquidation_value number equity if all of that were sold
---@field positions table[] what was held at each close: time, symbol, amount, price, value
---@field benchmark? table name, value, returns
---@field rolling table over each half year: sharpe_ratio, volatility, beta
local Result = {}

---A statistic over each window of so many sessions.
---@param name string a key of require "backlua.metrics"
---@param window integer
---@return backlua.View
function Result:rolling_of(name, window) end

---Give the memory back now.
function Result:free() end

-- ---- require "backlua.commission" ------------------------------------------------------------

---What a broker takes, for ctx:set_commission.
---@class backlua.commission
local commission = {}

---No commission.
---@return backlua.Model
function commission.none() end

---@class backlua.PerShareOptions
---@field cost? number currency per unit (default 0.001)
---@field min_trade_cost? number at least so much an order (default 0)

---Currency per unit, at least so much an order.
---Example: `ctx:set_commission(commission.per_share { cost = 0.001 })`
---@param options? backlua.PerShareOptions
---@return backlua.Model
function commission.per_share(options) end

---@class backlua.PerTradeOptions
---@field cost? number currency per order (default 0)

---Currency per order, at its first fill.
---@param options? backlua.PerTradeOptions
---@return backlua.Model
function commission.per_trade(options) end

---@class backlua.PerDollarOptions
---@field cost? number fraction of the traded value (default 0.0015)
---@field min_trade_cost? number at least so much an order (default 0)

---A fraction of the traded value, at least so much an order.
---@param options? backlua.PerDollarOptions
---@return backlua.Model
function commission.per_dollar(options) end

---@class backlua.MakerTakerOptions
---@field maker? number where the order rested at its limit (default 0.001)
---@field taker? number elsewhere (default 0.002)
---@field min_trade_cost? number at least so much an order (default 0)

---A fraction of the traded value, which depends on who waited for whom.
---@param options? backlua.MakerTakerOptions
---@return backlua.Model
function commission.maker_taker(options) end

---@class backlua.TieredOptions
---@field tiers { from: number, rate: number }[] rates by what was traded in the month, ascending
---@field min_trade_cost? number at least so much an order (default 0)

---A fraction of the traded value that falls with what was traded in the calendar month.
---Example: `commission.tiered { tiers = { {from = 0, rate = 0.001}, {from = 1e6, rate = 0.0005} } }`
---@param options backlua.TieredOptions
---@return backlua.Model
function commission.tiered(options) end

---@class backlua.CustomCommissionOptions
---@field fee fun(fill: table): number currency of a fill: amount, price, asset, order, filled, paid, maker, open, high, low, close, volume, limit, stop

---Currency for each fill, by a function of it and of its bar.
---Example: `commission.custom { fee = function(fill) return 1 + 0.0005 * fill.price end }`
---@param options backlua.CustomCommissionOptions
---@return backlua.Model
function commission.custom(options) end

-- ---- require "backlua.slippage" --------------------------------------------------------------

---What a market takes, for ctx:set_slippage.
---@class backlua.slippage
local slippage = {}

---@class backlua.NoSlippageOptions
---@field volume_limit? number share of a bar's volume that orders may take; 0: no limit (default 0)

---The quoted price.
---@param options? backlua.NoSlippageOptions
---@return backlua.Model
function slippage.none(options) end

---@class backlua.FixedSpreadOptions
---@field spread? number in currency (default 0)
---@field volume_limit? number share of a bar's volume that orders may take; 0: no limit (default 0)

---price +- spread / 2, within the bar's low and high.
---@param options? backlua.FixedSpreadOptions
---@return backlua.Model
function slippage.fixed_spread(options) end

---@class backlua.FixedBpsOptions
---@field basis_points? number of the price (default 5)
---@field volume_limit? number share of a bar's volume that orders may take; 0: no limit (default 0.1)

---price * (1 +- basis_points / 10000), within the bar's low and high: a buy at the bar's high has
---none.
---Example: `ctx:set_slippage(slippage.fixed_bps { basis_points = 5 })`
---@param options? backlua.FixedBpsOptions
---@return backlua.Model
function slippage.fixed_bps(options) end

---@class backlua.VolumeShareOptions
---@field price_impact? number of all the bar's volume (default 0.1)
---@field volume_limit? number share of a bar's volume that orders may take; 0: no limit (default 0.025)

---price * (1 +- price_impact * share^2), the share of the bar's volume, within low and high.
---@param options? backlua.VolumeShareOptions
---@return backlua.Model
function slippage.volume_share(options) end

---@class backlua.VolatilityVolumeOptions
---@field eta? number (default 1)
---@field volume_limit? number share of a bar's volume that orders may take; 0: no limit (default 0.05)

---price * (1 +- eta * sigma * sqrt(units / V)), sigma and V of the 20 bars before, within low and
---high.
---@param options? backlua.VolatilityVolumeOptions
---@return backlua.Model
function slippage.volatility_volume(options) end

---@class backlua.CustomSlippageOptions
---@field price fun(fill: table): number of a fill: as of commission.custom, price being the one without slippage
---@field volume_limit? number share of a bar's volume that orders may take; 0: no limit (default 0.1)

---The price of each fill, by a function of it; kept within the bar's low and high.
---@param options backlua.CustomSlippageOptions
---@return backlua.Model
function slippage.custom(options) end

-- ---- require "backlua.date_rules", require "backlua.time_rules" --------------------------------

---On which sessions a scheduled function runs.
---@class backlua.date_rules
local date_rules = {}

---Every session.
---@return backlua.Rule
function date_rules.every_day() end

---@class backlua.WeekOptions
---@field days_offset? integer 0..4 (default 0)

---@class backlua.MonthOptions
---@field days_offset? integer 0..22 (default 0)

---The first session of a week, or so many after it.
---@param days_offset? integer|backlua.WeekOptions 0..4
---@return backlua.Rule
function date_rules.week_start(days_offset) end

---The last session of a week, or so many before it.
---@param days_offset? integer|backlua.WeekOptions 0..4
---@return backlua.Rule
function date_rules.week_end(days_offset) end

---The first session of a month, or so many after it.
---@param days_offset? integer|backlua.MonthOptions 0..22
---@return backlua.Rule
function date_rules.month_start(days_offset) end

---The last session of a month, or so many before it.
---@param days_offset? integer|backlua.MonthOptions 0..22
---@return backlua.Rule
function date_rules.month_end(days_offset) end

---When in a session a scheduled function runs.
---@class backlua.time_rules
local time_rules = {}

---@class backlua.DelayOptions
---@field hours? number 0..24
---@field minutes? number 0..1440

---The first bar that closes so long after the session's open, a minute where nothing is said; on
---daily bars the one there is.
---Example: `time_rules.market_open { hours = 1 }`
---@param delay? backlua.DelayOptions
---@return backlua.Rule
function time_rules.market_open(delay) end

---The first bar that closes so long before the session's close, or later.
---@param delay? backlua.DelayOptions
---@return backlua.Rule
function time_rules.market_close(delay) end

---Every bar.
---@return backlua.Rule
function time_rules.every_minute() end

-- ---- require "backlua.json" ------------------------------------------------------------------

---@class backlua.json
local json = {}

---Text of a value: sorted keys, shortest numbers, NaN as null.
---@param value any
---@return string
function json.encode(value) end

---The value of a JSON text.
---@param text string
---@return any value nil and a message when it is no JSON
---@return string? message
function json.decode(text) end

---A list, also when it is empty.
---@param list table
---@return table
function json.array(list) end

-- ---- require "backlua.stats" -----------------------------------------------------------------

---How likely a result is luck.
---@class backlua.stats
local stats = {}

---Moments: sd with n - 1, skew and kurt of the population, kurt raw; sharpe a period.
---@param returns backlua.Series
---@return { mean: number, sd: number, skew: number, kurt: number, sharpe: number, n: integer }
function stats.moments(returns) end

---Quantiles, linear between order statistics; values in any order.
---@param values backlua.Series
---@param ... number probabilities 0..1
---@return number ... one for each
function stats.quantile(values, ...) end

---Standard error of a Sharpe ratio.
---@param x backlua.Series|{ sharpe: number, n: integer, skew?: number, kurt?: number }
---@return number per period
function stats.sharpe_error(x) end

---Probability that the true Sharpe ratio exceeds a benchmark.
---@param x backlua.Series|{ sharpe: number, n: integer, skew?: number, kurt?: number }
---@param benchmark? number per period
---@return number
function stats.psr(x, benchmark) end

---Expected maximum of independent standard normals.
---@param trials number
---@return number
function stats.expected_max(trials) end

---Deflated Sharpe ratio of the best of many trials.
---@param x backlua.Series|table
---@param trials number
---@param variance number of the trials' Sharpe ratios per period
---@return number
function stats.dsr(x, trials, variance) end

---Periods after which the Sharpe ratio exceeds a benchmark with confidence.
---@param x backlua.Series|table
---@param benchmark? number
---@param confidence? number
---@return number
function stats.min_track_record(x, benchmark, confidence) end

---Years below which so many trials show a Sharpe ratio by luck.
---@param trials number
---@param annual_sharpe number
---@return number
function stats.min_backtest_length(trials, annual_sharpe) end

---How many independent trials so many are worth, by their mean correlation.
---@param columns backlua.Series[] one per trial
---@return number
function stats.effective_trials(columns) end

---Probability of backtest overfitting by CSCV.
---@param columns backlua.Series[]
---@param blocks? integer even, 2..20
---@return { pbo: number, loss: number, slope: number, intercept: number, r2: number, logits: number[] }
function stats.pbo(columns, blocks) end

---Index rows of the stationary bootstrap.
---@param n integer
---@param count integer
---@param mean_block number
---@param seed? integer
---@return integer[][]
function stats.bootstrap_rows(n, count, mean_block, seed) end

---Block length of the stationary bootstrap.
---@param returns backlua.Series
---@return number
function stats.block_length(returns) end

---A statistic of each resample.
---@param returns backlua.Series
---@param rows integer[][]
---@param name "sharpe"|"total_return"|"max_drawdown"
---@return number[]
function stats.bootstrap(returns, rows, name) end

---White's reality check: p-value of the best mean.
---@param columns backlua.Series[]
---@param rows integer[][]
---@return number
function stats.reality_check(columns, rows) end

---Hansen's test of superior predictive ability.
---@param columns backlua.Series[]
---@param rows integer[][]
---@param mean_block number
---@return { lower: number, consistent: number, upper: number }
function stats.spa(columns, rows, mean_block) end

---@class backlua.LuckOptions
---@field best? integer position of the chosen one (default that of the highest Sharpe ratio)
---@field tried? number trials ever run on the data (default #columns)
---@field periods_per_year? number (default 252)
---@field seed? integer of the bootstrap (default 1)

---How likely the best of several trials is luck, in one sentence and its numbers.
---@param columns backlua.Series[] returns, one per trial
---@param options? backlua.LuckOptions
---@return table luck verdict, sentence, driver, dsr, pbo, ...
function stats.luck(columns, options) end

---How flat the top of trials is, and how much each parameter matters.
---@param rows table<string, any>[] parameters by name
---@param scores number[] larger is better
---@param seed? integer
---@return { plateau: number, plateau_neighbours: integer, plateau_missing: integer, plateau_by_parameter: table, importance: table<string, number> }
function stats.parameters(rows, scores, seed) end
