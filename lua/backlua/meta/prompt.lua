---@meta
-- The words of the prompt and of batch scripts. For editors and for .help; never executed.

---A bundle to look at: its facts, and its columns as quoted.
---@class backlua.Bundle
---@field name string
---@field path string
---@field frequency string "1d", "1m", ...
---@field sha256 string of its content
---@field symbols string[] by id, from 1
---@field assets integer how many
---@field rows integer sessions or bars of the whole
---@field bars integer of all assets together
---@field periods_per_year number 252 or 365
---@field first_close number unix seconds
---@field last_close number unix seconds
local Bundle = {}

---A field of an asset over the last n rows (all), NaN where it has no bar.
---Example: `b:history("AAPL", "close", 250)`
---@param symbol string
---@param field? string "close"
---@param n? integer
---@return backlua.View
function Bundle:history(symbol, field, n) end

---Close times of the last n rows (all) in unix seconds.
---Example: `b:time(5)`
---@param n? integer
---@return backlua.View
function Bundle:time(n) end

---The last n bars of an asset (10) as records.
---Example: `b:bars("AAPL", 5)`
---@param symbol string
---@param n? integer
---@return { time: number, open: number, high: number, low: number, close: number, volume: number }[]
function Bundle:bars(symbol, n) end

---Globals there, found when nothing else has the name.
---@class backlua.prompt
---@field opt backlua.optimization require "backlua.optimization"
---@field ta backlua.ta require "backlua.ta"
---@field metrics backlua.metrics require "backlua.metrics"
---@field backlua backlua require "backlua"
---@field commission backlua.commission require "backlua.commission"
---@field slippage backlua.slippage require "backlua.slippage"
local prompt = {}

---One backtest; raises what goes wrong. strategy: a path, a source text, a table of callbacks, or a
---result, which is run again with other parameters.
---Example: `r = run("sma.lua", { fast = 10 }, { start_date = "2010-01-01" })`
---@param strategy string|table|backlua.Result
---@param params? table<string, any>
---@param options? backlua.RunOptions
---@return backlua.Result
function prompt.run(strategy, params, options) end

---A backtest to step through and to ask: s:step(10), s:why(symbol, date), s:branch().
---Example: `s = session("sma.lua", { params = { fast = 10 } })`
---@param strategy string|table|backlua.Result
---@param options? backlua.SessionOptions
---@return backlua.Session
function prompt.session(strategy, options) end

---@class backlua.GridRunOptions: backlua.BacktestOptions
---@field pool? backlua.PersistentWorkerPool workers that stay
---@field jobs? integer workers, where there is no pool
---@field objective? string|backlua.ObjectiveFunction|function (default "sharpe_ratio")
---@field study? string a name: trials are kept
---@field seed? integer of the runs (default 1)
---@field constraint? fun(params: table<string, any>): boolean false leaves a point out
---@field over? { [1]: string, [2]: string } parameters that the map is drawn over (default the first two)

---A grid of parameters, the heat map of its scores filling. ranges: { min, max, step } or
---{ choices = {...} } by parameter.
---Example: `g = grid("sma.lua", { fast = {5, 43, 2}, slow = {50, 240, 10} }, { pool = pool })`
---@param strategy string|table
---@param ranges table<string, table>
---@param options? backlua.GridRunOptions
---@return backlua.Results
function prompt.grid(strategy, ranges, options) end

---Opens a bundle to look at: b.symbols, b:history(symbol, field, n). run and session use it from
---then on.
---Example: `b = bundle "demo"; b:history("AAPL", "close", 250)`
---@param name string name or path
---@return backlua.Bundle
function prompt.bundle(name) end

---Names of the bundles there are.
---Example: `bundles()`
---@return string[]
function prompt.bundles() end

---@class backlua.BarsOptions
---@field start? string day of the first bar (default "2020-01-01")
---@field frequency? string of a bar (default "1d")
---@field [string|integer] any closes by symbol, or of one symbol

---A small bundle written down on the spot: closes, or records of open, high, low, close, volume, by
---symbol.
---Example: `bars { AAPL = { 10, 11, 12.5 }, start = "2020-01-02" }`
---@param given backlua.BarsOptions
---@return backlua.Bundle
function prompt.bars(given) end

---Two results or two sessions side by side, and where they part.
---Example: `diff(r, run(r, { fast = 20 }))`
---@param a backlua.Result|backlua.Session
---@param b backlua.Result|backlua.Session
---@return table
function prompt.diff(a, b) end

---Draws results (equity, drawdown), views or arrays.
---Example: `plot(r)`
---@param first backlua.Result|backlua.Series
---@param ... backlua.Result|backlua.Series
function prompt.plot(first, ...) end

---Draws the scores of an optimisation over two parameters.
---Example: `heat(g, "fast", "slow")`
---@param results backlua.Results
---@param x string
---@param y string
function prompt.heat(results, x, y) end

---Keeps the summary of a result among the runs; its id.
---Example: `save(r)`
---@param result backlua.Result
---@return string
function prompt.save(result) end
