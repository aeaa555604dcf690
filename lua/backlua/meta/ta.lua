---@meta
-- require "backlua.ta": what is not an indicator. For editors; never executed.

---@class backlua.ta
local ta = {}

---Names of all indicators.
---@return string[]
function ta.names() end

---What is known of an indicator: name, title, formula, source, inputs, outputs, parameters.
---@param name string
---@return table?
function ta.info(name) end

---Parameters of an indicator.
---@param name string
---@return { name: string, default: number, min: number, max: number, is_int: boolean, sweep: table }[]?
function ta.parameters(name) end

---How many values stay NaN at the front.
---@param name string
---@param options? table
---@return integer
function ta.lookback(name, options) end

---True when a is above b at the current bar and was not at the bar before.
---Example: `if ta.crossed_above(ctx.fast, ctx.slow) then ctx:order(ctx.asset, 100) end`
---@param a backlua.Handle|backlua.View|number
---@param b backlua.Handle|backlua.View|number
---@return boolean
function ta.crossed_above(a, b) end

---True when a is below b at the current bar and was not at the bar before.
---@param a backlua.Handle|backlua.View|number
---@param b backlua.Handle|backlua.View|number
---@return boolean
function ta.crossed_below(a, b) end
