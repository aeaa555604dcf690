---@meta
-- What a strategy sees: ctx, data, and what they give. For editors; never executed.

---@alias backlua.Field "open"|"high"|"low"|"close"|"volume"|"price"|string
---@alias backlua.Frequency "1m"|"3m"|"5m"|"15m"|"30m"|"1h"|"2h"|"4h"|"1d"|"1w"|"1mo"
---@alias backlua.ReturnType "array"|"frame"|"dataframe"
---@alias backlua.Adjust "none"|"splits"|"all"

---An asset of the bundle; may be a table's key. Every method takes its symbol as well.
---@class backlua.Asset
---@field sid integer its id, from 0
---@field symbol string
local Asset = {}

---What a strategy file returns, or defines as globals.
---@class backlua.Strategy
---@field params? table<string, any> defaults: numbers, texts, booleans, tables of these; the optimiser overrides them
---@field initialize? fun(ctx: backlua.Context) once, before the first bar: assets, indicators, settings, schedules
---@field handle_data? fun(ctx: backlua.Context, data: backlua.Data) at each bar's close; orders are worked from the next bar on
---@field before_trading_start? fun(ctx: backlua.Context, data: backlua.Data) before each session, as the market was at the close before; before the bundle's first there are no prices yet: NaN
---@field analyze? fun(ctx: backlua.Context, result: backlua.Result) once, when the run is over
local Strategy = {}

-- ---- data ------------------------------------------------------------------------------------

---What is knowable at the current bar.
---@class backlua.Data
local Data = {}

---@class backlua.HistoryOptions
---@field adjust? backlua.Adjust (default the run's)
---@field partial? boolean the coarse bar that has begun counts; see set_history_partial

---The last bars of assets and fields, the current one included: views or a frame.
---Example: `local close = data:history(ctx.asset, "close", 20, "1d", "array")`
---@param assets backlua.Asset|string|(backlua.Asset|string)[]|table one, a list, or all by key
---@param fields? backlua.Field|backlua.Field[]
---@param bar_count? integer 1..100000, required
---@param frequency? backlua.Frequency the bundle's when absent
---@param return_type? backlua.ReturnType "frame" when absent
---@param options? backlua.HistoryOptions|backlua.Adjust
---@return backlua.View|backlua.Frame|table
---@overload fun(self: backlua.Data, keys: backlua.HistoryKeys): backlua.View|backlua.Frame|table
function Data:history(assets, fields, bar_count, frequency, return_type, options) end

---@class backlua.HistoryKeys
---@field assets backlua.Asset|string|(backlua.Asset|string)[] one, or a list
---@field fields backlua.Field|backlua.Field[] one, or a list
---@field bar_count integer 1..100000
---@field frequency? backlua.Frequency (default the bundle's)
---@field return_type? backlua.ReturnType (default "frame")
---@field adjust? backlua.Adjust (default the run's)
---@field partial? boolean the coarse bar that has begun counts; see set_history_partial

---@class backlua.CurrentOptions
---@field partial? boolean the coarse bar that has begun counts

---The value of a field at the current bar; NaN (volume 0) without a bar, but "price" is carried on.
---Example: `local price = data:current(ctx.asset, "price")`
---@param assets backlua.Asset|string|(backlua.Asset|string)[]
---@param fields backlua.Field|backlua.Field[]
---@param frequency? backlua.Frequency
---@param options? backlua.CurrentOptions
---@return number|table
function Data:current(assets, fields, frequency, options) end

---Whether an asset has a bar in the current session; for a list a table by symbol.
---Example: `if data:can_trade(ctx.asset) then ctx:order(ctx.asset, 100) end`
---@param assets backlua.Asset|string|(backlua.Asset|string)[]
---@return boolean|table<string, boolean>
function Data:can_trade(assets) end

---Whether an asset traded before but has no bar now, so that its price is an old one.
---@param assets backlua.Asset|string|(backlua.Asset|string)[]
---@return boolean|table<string, boolean>
function Data:is_stale(assets) end

-- ---- views -----------------------------------------------------------------------------------

---A window over numbers, oldest first, read-only: v[1] is the oldest, v[-1] the newest, #v how many.
---@class backlua.View
---@operator len: integer
---@field [integer] number
---@field n integer
local View = {}

---The newest n elements.
---Example: `close:last(5):mean()`
---@param n integer 1..#v
---@return backlua.View
function View:last(n) end

---Elements a..b, ends included, negative from the end.
---@param a integer
---@param b? integer the last when absent
---@return backlua.View
function View:slice(a, b) end

---What is not NaN, in order.
---@return backlua.View
function View:valid() end

---A Lua table with a copy of the elements.
---@return number[]
function View:totable() end

---The exact sum, rounded once; NaN when an element is NaN.
---@return number
function View:sum() end

---The sum divided by the length.
---@return number
function View:mean() end

---The standard deviation, divided by n - ddof.
---@param ddof? integer 1 when absent
---@return number
function View:std(ddof) end

---The least element; NaN when one is NaN.
---@return number
function View:min() end

---The greatest element; NaN when one is NaN.
---@return number
function View:max() end

---The raw, 0-based, unchecked pointer; only under --unsafe.
---@return ffi.cdata*
function View:ptr() end

-- ---- frames ----------------------------------------------------------------------------------

---Columns by name (of a field, or of a symbol when there are several assets): views, or frames
---where both are lists. f.time[i] is the close time of a row, f.n the number of rows.
---@class backlua.Frame
---@field n integer rows
---@field time backlua.View unix seconds
---@field open backlua.View
---@field high backlua.View
---@field low backlua.View
---@field close backlua.View
---@field volume backlua.View
---@field price backlua.View
---@field [string] backlua.View|backlua.Frame
local Frame = {}

---A row as a table by column.
---@param i integer 1..n, or negative from the end
---@return table<string, number>
function Frame:row(i) end

---A column by its name, also one that is the name of a method.
---@param name string
---@return backlua.View|backlua.Frame
function Frame:column(name) end

---A copy: tables by column.
---@return table<string, number[]>
function Frame:totable() end

---The newest n rows.
---@param n integer
---@return backlua.Frame
function Frame:last(n) end

---Rows a..b, ends included, negative from the end.
---@param a integer
---@param b? integer
---@return backlua.Frame
function Frame:slice(a, b) end

---The exact sum, rounded once; NaN where one value is.
---@return number|table<string, number> a number for one column, else a table by column
function Frame:sum() end

---The exact sum, rounded once, over n; NaN where one value is.
---@return number|table<string, number>
function Frame:mean() end

---Standard deviation; NaN where one value is.
---@param ddof? integer 1 when absent
---@return number|table<string, number>
function Frame:std(ddof) end

---The least; NaN where one value is.
---@return number|table<string, number>
function Frame:min() end

---The largest; NaN where one value is.
---@return number|table<string, number>
function Frame:max() end

---What is not NaN, column by column.
---@return backlua.View|table<string, backlua.View>
function Frame:valid() end

-- ---- indicators ------------------------------------------------------------------------------

---An indicator of one asset: h[-1] is its value at the current bar, h[-2] at the one before; NaN
---while it warms up.
---@class backlua.Handle
---@field [integer] number

---Bars given to an indicator of one's own.
---@class backlua.Bars
---@field n integer
---@field open backlua.View
---@field high backlua.View
---@field low backlua.View
---@field close backlua.View
---@field volume backlua.View
---@field [string] backlua.View

-- ---- the account -----------------------------------------------------------------------------

---@class backlua.Position
---@field asset backlua.Asset
---@field sid integer
---@field amount number units, negative when short
---@field cost_basis number mean entry price of the lots that are held, first in first out, commission in it (Zipline: of all purchases)
---@field last_sale_price number the last price, marked at each close
---@field last_sale_date? number unix seconds of the last trade

---@class backlua.Portfolio
---@field positions table<backlua.Asset|string, backlua.Position> pairs gives those that are held
---@field portfolio_value number equity: cash, positions at their last prices, dividends due
---@field cash number
---@field starting_cash number
---@field positions_value number at last prices, signed
---@field positions_exposure number the same
---@field pnl number equity beyond what was put in
---@field returns number growth since the start, deposits and withdrawals apart
---@field capital_used number cash beyond what was put in
---@field cash_flow number the same
---@field start_date number unix seconds
---@field current_portfolio_weights table<backlua.Asset, number>
---@field commission number paid so far
---@field slippage number paid so far
---@field deposits number put in after the start
---@field accrued_dividends number due, not paid yet

---@class backlua.Account
---@field settled_cash number cash
---@field accrued_interest number interest, fees, dividends so far, net
---@field available_funds number equity without initial_margin_requirement
---@field equity_with_loan number equity
---@field net_liquidation number equity
---@field regt_equity number equity
---@field regt_margin number initial_margin_requirement
---@field initial_margin_requirement number gross exposure over the leverage allowed
---@field maintenance_margin_requirement number equity below which positions are cut
---@field excess_liquidity number equity without it
---@field cushion number excess_liquidity over equity
---@field day_trades_remaining number
---@field total_positions_value number
---@field total_positions_exposure number
---@field leverage number
---@field gross_leverage number
---@field net_leverage number
---@field buying_power number
---@field margin_calls integer

---What the result's metrics would be if the run ended at this bar (under same_close: before its
---orders of the close), to the bit; NaN while undefined. O(1) a bar where they are read, nothing
---elsewhere. `backlua explain sharpe_ratio` has the formulas.
---@class backlua.Metrics
---@field total_return number
---@field cagr number
---@field volatility number
---@field sharpe_ratio number
---@field sortino_ratio number
---@field calmar_ratio number
---@field max_drawdown number
---@field max_drawdown_bars number
---@field win_rate number
---@field profit_factor number
---@field expectancy number
---@field trades number
---@field exposure_time number
---@field exposure_gross number
---@field turnover number
---@field total_commission number
---@field total_slippage number
