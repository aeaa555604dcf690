---@meta
-- A backtest to step through: session(strategy) at the prompt. For editors; never executed.

---A position in a backtest: a strategy, what was done to it, the bar it stands at.
---@class backlua.Session: backlua.Orders
---@field bar integer where it stands; 0: before the first bar
---@field bars integer of the whole run
---@field time number unix seconds of the bar's close
---@field date string day of the bar
---@field params table<string, any> as they are at this bar; setting one is s:set
---@field portfolio table portfolio_value, cash, starting_cash, positions_value, pnl, returns, commission, slippage, positions by symbol
---@field orders table[] all so far, oldest first, as they stand at this bar
---@field open_orders table[]
---@field journal { bar: integer, name: string, arguments: string }[] what was done to it
---@field result backlua.Result of the run so far
---@field equity table of the run so far
---@field metrics table<string, number> of the run so far
local Session = {}

---Goes on by n bars (1), at most to the last one; back where n is negative.
---Example: `s:step(20)`
---@param n? integer
---@return backlua.Session
function Session:step(n) end

---To the first bar that closes on the date or after it, forwards or backwards.
---Example: `s:goto_date "2015-08-24"`
---@param date string
---@return backlua.Session
function Session:goto_date(date) end

---Goes on to the last bar; the result.
---Example: `r = s:finish()`
---@return backlua.Result
function Session:finish() end

---Changes a parameter from the next bar on: what ctx.params says. What initialize made of the old
---value stays; s:branch { name = value } does not have it.
---Example: `s:set("fast", 10)`
---@param name string
---@param value any
function Session:set(name, value) end

---What happened to an asset around a bar (the session's own without a date): orders, checks, fills
---or reasons, cash before and after.
---Example: `s:why("AAPL", "2015-08-24")`
---@param symbol string
---@param date? string
---@return table
function Session:why(symbol, date) end

---A session of its own that stands at the same bar with the same past; params: begun anew with
---other parameters.
---Example: `b = s:branch()`
---@param params? table<string, any>
---@return backlua.Session
function Session:branch(params) end

---data:history at the session's bar; a view, of 20 closes unless said otherwise.
---@param asset string
---@param field? string
---@param n? integer
---@param frequency? string
---@param kind? "array"|"frame"
---@param options? table
---@return backlua.View|backlua.Frame
function Session:history(asset, field, n, frequency, kind, options) end

---data:current at the session's bar.
---@param asset string
---@param field? string "price"
---@return number
function Session:current(asset, field) end
