---@meta
-- ctx: orders, settings and the rest. For editors; never executed.

---@alias backlua.AssetOrSymbol backlua.Asset|string

---An exit of a bracket: a price, or one of price, percent, amount.
---@class backlua.ExitOptions
---@field price? number of the exit
---@field percent? number of the entry's price: 0.05
---@field amount? number currency away from the entry's price
---@field limit? number of a stop loss: not worse than this once it is met: a price, or placed as percent or amount is
---@field trail? number a stop that follows the price, in currency
---@field trail_percent? number the same as a fraction: 0.05
---@field limit_offset? number makes a trailing stop a stop-limit
---@field time_in_force? "gtc"|"day"|"gtd" until cancelled, the session's end, or good_till (default "gtc")
---@field good_till? string|number last day of "gtd", or unix seconds

---@class backlua.OrderOptions
---@field size_at? "decision"|"fill" which price sizes a value or percent order (default "decision")
---@field limit? number not worse than this price
---@field stop? number waits until this price is met
---@field trail? number a stop that follows the price, in currency
---@field trail_percent? number the same as a fraction: 0.05
---@field limit_offset? number makes a trailing stop a stop-limit
---@field at? "close" trades at the close of the next session end
---@field time_in_force? "gtc"|"day"|"gtd" until cancelled, the session's end, or good_till (default "gtc")
---@field good_till? string|number last day of "gtd", or unix seconds
---@field reduce_only? boolean never opens or turns a position (default false)
---@field oco? integer|backlua.Order ends when this one trades
---@field stop_loss? number|backlua.ExitOptions an exit, worked from the bar after the entry's
---@field take_profit? number|backlua.ExitOptions likewise

---What modify_order may change.
---@class backlua.OrderChanges
---@field amount? number units in all, signed
---@field limit? number not worse than this price
---@field stop? number waits until this price is met
---@field trail? number of a trailing stop, in currency
---@field trail_percent? number the same as a fraction
---@field limit_offset? number of a trailing stop-limit, in currency
---@field time_in_force? "gtc"|"day"|"gtd" until cancelled, the session's end, or good_till
---@field good_till? string|number last day of "gtd", or unix seconds

---@class backlua.Order
---@field id integer 1, 2, .. as they were given
---@field asset backlua.Asset
---@field sid integer of the asset
---@field type "market"|"limit"|"stop"|"stop_limit"|"trailing_stop"|"trailing_stop_limit"|"market_on_close"
---@field status "open"|"filled"|"cancelled"|"rejected"|"partial"
---@field reason string why it ended; see `backlua explain reasons`
---@field amount number 0 until it is sized
---@field filled number after the splits while it was open, fractions included
---@field open_amount number amount - filled
---@field request number as it was asked for: units, currency or a fraction
---@field limit? number a trailing stop-limit has it from when it is met
---@field stop? number where a trailing one stands
---@field trail? number currency
---@field trail_percent? number fraction
---@field limit_offset? number currency
---@field time_in_force string "gtc", "day" or "gtd"
---@field good_till? number unix seconds
---@field reduce_only boolean
---@field parent? integer id of the entry of its bracket
---@field oco? integer id of the first order of its group
---@field average_price? number of its fills
---@field commission number currency
---@field created number unix seconds
---@field ended? number unix seconds

---Orders: those of ctx, worked from the next bar on; those of a session at its bar, kept in its
---journal.
---@class backlua.Orders
local Orders = {}

---Buy (> 0) or sell (< 0) units.
---Example: `ctx:order(ctx.asset, 100, { limit = 99.5 })`
---@param asset backlua.AssetOrSymbol
---@param amount number
---@param options? backlua.OrderOptions
---@return integer? id nil when there is nothing to do
function Orders:order(asset, amount, options) end

---Buy or sell for an amount of currency.
---Example: `ctx:order_value("AAPL", 10000)`
---@param asset backlua.AssetOrSymbol
---@param value number
---@param options? backlua.OrderOptions
---@return integer? id
function Orders:order_value(asset, value, options) end

---Buy or sell for a fraction of the portfolio's value.
---Example: `ctx:order_percent("AAPL", 0.1)`
---@param asset backlua.AssetOrSymbol
---@param percent number 0.1 is a tenth
---@param options? backlua.OrderOptions
---@return integer? id
function Orders:order_percent(asset, percent, options) end

---Hold so many units: orders what is missing, open orders counted.
---Example: `ctx:order_target(ctx.asset, 0)`
---@param asset backlua.AssetOrSymbol
---@param target number
---@param options? backlua.OrderOptions
---@return integer? id
function Orders:order_target(asset, target, options) end

---Hold so much currency.
---Example: `ctx:order_target_value(ctx.asset, 25000)`
---@param asset backlua.AssetOrSymbol
---@param target number
---@param options? backlua.OrderOptions
---@return integer? id
function Orders:order_target_value(asset, target, options) end

---Hold a fraction of the portfolio's value.
---Example: `ctx:order_target_percent(ctx.asset, up and 1 or 0)`
---@param asset backlua.AssetOrSymbol
---@param target number 1.0 is all of it
---@param options? backlua.OrderOptions
---@return integer? id
function Orders:order_target_percent(asset, target, options) end

---Buy or sell with exits: stop_loss or take_profit is a must.
---Example: `ctx:order_bracket(ctx.asset, 100, { stop_loss = { percent = 0.05 } })`
---@param asset backlua.AssetOrSymbol
---@param amount number
---@param options backlua.OrderOptions
---@return integer? id of the entry
function Orders:order_bracket(asset, amount, options) end

---Orders of one amount of which one cancels the others.
---Example: `ctx:order_oco(ctx.asset, -100, { { limit = 110 }, { stop = 95 } })`
---@param asset backlua.AssetOrSymbol
---@param amount number
---@param styles backlua.OrderOptions[]
---@return integer[] ids
function Orders:order_oco(asset, amount, styles) end

---Close the position in an asset, whatever its size is then.
---Example: `ctx:close_position(ctx.asset)`
---@param asset backlua.AssetOrSymbol
---@param options? backlua.OrderOptions
---@return integer? id nil when nothing is held
function Orders:close_position(asset, options) end

---Cancel an order.
---@param order integer|backlua.Order
function Orders:cancel_order(order) end

---Cancel the open orders of one asset, or all.
---@param asset? backlua.AssetOrSymbol
---@return integer count
function Orders:cancel_all_orders(asset) end

---Change an open order from the next bar on.
---Example: `ctx:modify_order(id, { stop = 98 })`
---@param order integer|backlua.Order
---@param changes backlua.OrderChanges
---@return boolean changed false: a limit of the strategy's own left it as it is
function Orders:modify_order(order, changes) end

---What a strategy does. A table: keep in it what you like.
---@class backlua.Context: backlua.Orders
---@field params table<string, any>
---@field portfolio backlua.Portfolio
---@field account backlua.Account
---@field metrics backlua.Metrics
---@field [any] any
local Context = {}

-- ---- assets ----------------------------------------------------------------------------------

---The asset of a symbol.
---Example: `ctx.asset = ctx:symbol "AAPL"`
---@param symbol string
---@return backlua.Asset
function Context:symbol(symbol) end

---Assets of symbols; without arguments all, in id order.
---Example: `for _, asset in ipairs(ctx:symbols()) do end`
---@param ... string|string[]
---@return backlua.Asset[]
function Context:symbols(...) end

---The asset of an id; 0 is the first.
---@param sid integer
---@return backlua.Asset
function Context:sid(sid) end

-- ---- orders as they stand ---------------------------------------------------------------------

---The order with an id, nil when there is none.
---@param id integer
---@return backlua.Order?
function Context:get_order(id) end

---Open orders as an array, oldest first.
---@param asset? backlua.AssetOrSymbol
---@return backlua.Order[]
function Context:open_orders(asset) end

---Open orders: of one asset an array; of all, arrays by asset.
---@param asset? backlua.AssetOrSymbol
---@return backlua.Order[]|table<backlua.Asset, backlua.Order[]>
function Context:get_open_orders(asset) end

-- ---- signals and time ------------------------------------------------------------------------

---@class backlua.IndicatorOptions
---@field field? backlua.Field of the asset (default "close")
---@field other? backlua.AssetOrSymbol of the second series, where there is one (default the same asset)
---@field other_field? backlua.Field of the second series (default field)
---@field frequency? backlua.Frequency coarser than the bundle's: the value at its bar that closed last
---@field adjust? backlua.Adjust (default the run's)
---@field window? integer of a function of one's own: how many bars it is given
---@field [string] any parameters by name: n, ...; see `backlua explain ta.NAME`

---A handle over an indicator; one with several outputs gives a table of handles. In initialize.
---Example: `ctx.fast = ctx:indicator("sma", ctx.asset, { n = 20 })`
---@param name string|fun(bars: backlua.Bars, options: table, previous?: number): any
---@param asset backlua.AssetOrSymbol
---@param options? backlua.IndicatorOptions and the indicator's parameters by name, as of ta.NAME
---@return backlua.Handle|table<string, backlua.Handle>
function Context:indicator(name, asset, options) end

---Record numbers at the current bar.
---Example: `ctx:record { spread = a - b }`
---@param values table<string, number|boolean>|string
---@param value? number|boolean
function Context:record(values, value) end

---Call a function on the sessions of a date rule, at the time of a time rule. In initialize.
---Example: `ctx:schedule_function(rebalance, date_rules.month_start())`
---@param func fun(ctx: backlua.Context, data: backlua.Data)
---@param date_rule? backlua.Rule
---@param time_rule? backlua.Rule
---@param half_days? boolean false: not on sessions that close early
function Context:schedule_function(func, date_rule, time_rule, half_days) end

---A random number of the run's own stream, as math.random.
---@param low? integer
---@param high? integer
---@return number
function Context:random(low, high) end

---A normally distributed number of the run's own stream.
---@param mean? number
---@param deviation? number
---@return number
function Context:random_normal(mean, deviation) end

---Close of the current bar in unix seconds (UTC).
---@return number
function Context:now() end

---The same as a table: year, month, day, hour, min, sec, wday, yday.
---@return table
function Context:get_datetime() end

---Print a line that begins with the bar's date.
---@param ... any
function Context:log(...) end

-- ---- settings, in initialize -----------------------------------------------------------------

---Commission of all assets.
---Example: `ctx:set_commission(commission.per_share { cost = 0.001 })`
---@param model backlua.Model
function Context:set_commission(model) end

---Slippage of all assets.
---Example: `ctx:set_slippage(slippage.fixed_bps { basis_points = 5 })`
---@param model backlua.Model
function Context:set_slippage(model) end

---A margin account.
---Example: `ctx:set_margin { leverage = 2, maintenance = 0.25 }`
---@param options backlua.MarginOptions
function Context:set_margin(options) end

---@class backlua.MarginOptions
---@field leverage? number|"unlimited" buying power as a multiple of the portfolio's value (default 1)
---@field initial? number 0..1, in place of leverage: the share of a position to be paid
---@field maintenance? number share of gross exposure below which positions are cut back at a close; 0: never (default 0)
---@field cash_rate? number annual, earned by cash (default 0)
---@field debit_rate? number annual, paid on cash below zero (default 0)
---@field borrow_rate? number annual, paid on the value of short positions (default 0)

---What it costs to be short of one asset, an annual rate.
---@param asset backlua.AssetOrSymbol
---@param rate number
function Context:set_borrow_rate(asset, rate) end

---@class backlua.TermsOptions
---@field lot? number its smallest unit; 0.001 for fractions
---@field multiplier? number what a unit is worth at a price of 1
---@field tick? number the step of limit and stop prices

---How an asset trades. What is left out stays as the bundle or the run has it.
---Example: `ctx:set_terms("ES", { lot = 1, multiplier = 50, tick = 0.25 })`
---@param asset backlua.AssetOrSymbol
---@param options backlua.TermsOptions
function Context:set_terms(asset, options) end

---Money that is put in or taken out, by date.
---Example: `ctx:set_capital_changes { ["2020-03-01"] = 5000 }`
---@param changes table<string, number|{ type: "delta"|"target", value: number }>
function Context:set_capital_changes(changes) end

---@class backlua.LeverageOptions
---@field on_error? "fail"|"log" an order beyond it ends the run, or is rejected (default cut to what is allowed)

---Gross exposure may reach so many times the portfolio's value.
---Example: `ctx:set_max_leverage(1.5)`
---@param leverage number
---@param options? backlua.LeverageOptions
function Context:set_max_leverage(leverage, options) end

---@class backlua.SizeLimitOptions
---@field asset? backlua.AssetOrSymbol that it is for (default all)
---@field max_shares? number units
---@field max_notional? number currency
---@field on_error? "fail"|"log" an order beyond it ends the run, or is rejected (default "fail")

---No order beyond so much.
---Example: `ctx:set_max_order_size { max_shares = 500 }`
---@param options backlua.SizeLimitOptions
function Context:set_max_order_size(options) end

---No position beyond so much.
---@param options backlua.SizeLimitOptions
function Context:set_max_position_size(options) end

---@class backlua.ControlOptions
---@field on_error? "fail"|"log" an order beyond it ends the run, or is rejected (default "fail")

---At most so many orders a session.
---@param count integer
---@param options? backlua.ControlOptions
function Context:set_max_order_count(count, options) end

---Assets that must not be ordered.
---@param list backlua.AssetOrSymbol[]
---@param options? backlua.ControlOptions
function Context:set_do_not_order_list(list, options) end

---@class backlua.LongOnlyOptions
---@field on_error? "fail"|"log" an order that would open one ends the run, or is rejected (default "log")

---No short positions.
---@param options? backlua.LongOnlyOptions
function Context:set_long_only(options) end

---When orders without a time in force of their own end.
---@param policy "never"|"end_of_day"
function Context:set_cancel_policy(policy) end

---Which way a bar went where it does not say so.
---@param policy "pessimistic"|"optimistic"|"ohlc"
function Context:set_intrabar(policy) end

---What a window that reaches before the bundle's first bar does.
---@param policy "nan"|"error"
function Context:set_history_start(policy) end

---What history shows of splits and dividends.
---@param adjust backlua.Adjust
function Context:set_history_adjust(adjust) end

---Whether windows of coarser frequencies end with the bar that has not closed yet.
---@param on boolean
function Context:set_history_partial(on) end

---What happens to a position in an asset that is delisted.
---@param policy "close"|"keep"
function Context:set_delisting(policy) end

---Compare the result with an asset of the bundle, its dividends reinvested.
---Example: `ctx:set_benchmark "AAPL"`
---@param asset backlua.AssetOrSymbol
function Context:set_benchmark(asset) end

---Whether what is held after the last bar is sold at its close.
---@param on boolean
function Context:set_close_at_end(on) end

---Look symbols up as of a date from now on; nil: as of the current session again.
---@param date? string
function Context:set_symbol_lookup_date(date) end
