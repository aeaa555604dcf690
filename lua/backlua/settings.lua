-- ctx's set_ methods: the rules of the account, set in initialize. What makes no sense raises at
-- the strategy's line.

local ffi = require "ffi"
local assets = require "backlua.assets"
local args = require "backlua.history_args"
local costs = require "backlua.costs"
local current = require "backlua.current"
local history = require "backlua.history"
local misuse = require "backlua.misuse"
local options = require "backlua.options"
local portfolio = require "backlua.portfolio"
local C = require("backlua.ffi").C

local lent = current.pointers
local need_self = misuse.need_self
local error, type = error, type

local settings = {}
local methods = {}
settings.methods = methods

-- What the strategy has changed in this run, by the name of the run's option.
settings.changed = {}

-- A benchmark that the run was given from outside: a strategy's own does not count.
local given_benchmark = false

--- Forget what a strategy changed: a run begins. benchmark: it was given one.
function settings.reset(benchmark)
    settings.changed = {}
    given_benchmark = benchmark or false
    portfolio.leverage, portfolio.margin = 1, nil
end

-- The strategy is at level 3.
local function apply(name, option, value, status)
    if status ~= C.BT_OK then
        misuse.refused(name, 3)
    end
    settings.changed[option] = value
end

local commission_struct = ffi.new "bt_commission"
local slippage_struct = ffi.new "bt_slippage"

--- Commission of all assets: a model of require "backlua.commission".
function methods:set_commission(model)
    need_self(self, "set_commission")
    local checked, message = costs.read("commission", model)
    if not checked then
        error("set_commission: " .. message, 2)
    end
    costs.write("commission", checked, commission_struct)
    apply("set_commission", "commission", checked,
        C.bt_run_set_commission(lent.run, commission_struct))
end

--- Slippage of all assets: a model of require "backlua.slippage".
function methods:set_slippage(model)
    need_self(self, "set_slippage")
    local checked, message = costs.read("slippage", model)
    if not checked then
        error("set_slippage: " .. message, 2)
    end
    costs.write("slippage", checked, slippage_struct)
    apply("set_slippage", "slippage", checked, C.bt_run_set_slippage(lent.run, slippage_struct))
end

local function set_leverage(name, leverage)
    local status = C.bt_run_set_leverage(lent.run, leverage)
    if status ~= C.BT_OK then
        misuse.refused(name, 3)
    end
    settings.changed.leverage = leverage
    portfolio.leverage = leverage
end

local LEVERAGE = {
    on_error = { kind = "string", choices = { "fail", "log" } },
}

--- Gross exposure may reach leverage times the portfolio's value; what an order asks beyond it is
-- cut or rejected when it trades (option on_insufficient). Default 1. With given = {on_error =
-- "fail"} giving an order that would go beyond it, at the prices of now and with the open orders
-- done, is an error at its line, and so is a close at which prices have driven exposure beyond;
-- with "log" such an order is rejected with the reason `control`.
function methods:set_max_leverage(leverage, given)
    need_self(self, "set_max_leverage")
    if type(leverage) ~= "number" then
        misuse.no_number(leverage, "set_max_leverage", "the leverage", 2)
    end
    local values = options.check("set_max_leverage", LEVERAGE, given)
    set_leverage("set_max_leverage", leverage)
    if values.on_error
        and require("backlua.control").limit_leverage(leverage, values.on_error) ~= C.BT_OK then
        misuse.refused("set_max_leverage", 2)
    end
end

local INTRABARS = {
    pessimistic = C.BT_INTRABAR_PESSIMISTIC, optimistic = C.BT_INTRABAR_OPTIMISTIC,
    ohlc = C.BT_INTRABAR_OHLC,
}

--- Which way a bar went where it does not say so. policy: "pessimistic" (of a stop and a target
-- inside one bar the stop trades; default), "optimistic" (the target), "ohlc" (open, high, low,
-- close).
function methods:set_intrabar(policy)
    need_self(self, "set_intrabar")
    local intrabar = INTRABARS[policy]
    if not intrabar then
        error(("set_intrabar: \"pessimistic\", \"optimistic\" or \"ohlc\" is expected, got %s")
            :format(type(policy) == "string" and require "backlua.text.quote"(policy)
                or tostring(policy)), 2)
    end
    apply("set_intrabar", "intrabar", policy, C.bt_run_set_intrabar(lent.run, intrabar))
end

--- What a window that reaches before the bundle's first bar does. policy: "nan" fills it, "error"
-- raises.
function methods:set_history_start(policy)
    need_self(self, "set_history_start")
    if policy ~= "nan" and policy ~= "error" then
        error(("set_history_start: \"nan\" or \"error\" is expected, got %s"):format(
            type(policy) == "string" and require "backlua.text.quote"(policy)
                or tostring(policy)), 2)
    end
    apply("set_history_start", "history_start", policy,
        C.bt_run_set_strict_start(lent.run, policy == "error" and 1 or 0))
end

--- What history shows of splits and dividends up to now. adjust: "all" (total returns, default),
-- "splits" (today's units) or "none" (as quoted). Orders and fills are as quoted.
function methods:set_history_adjust(adjust)
    need_self(self, "set_history_adjust")
    local mode = type(adjust) == "string" and C.bt_adjust_find(adjust) or -1
    if mode < 0 then
        error(("set_history_adjust: \"none\", \"splits\" or \"all\" is expected, got %s%s"):format(
            type(adjust) == "string" and require "backlua.text.quote"(adjust) or tostring(adjust),
            type(adjust) == "string" and require "backlua.text.nearest".hint(adjust, args.ADJUSTS)
                or ""), 2)
    end
    apply("set_history_adjust", "adjust", adjust, C.bt_run_set_adjust(lent.run, mode))
    history.renew()
end

--- on: whether windows of coarser frequencies end with the bar that has not closed yet, as in
-- Zipline, where "1d" in a run over minutes ends with today so far. Default false; a call may say
-- otherwise ({ partial = false }).
function methods:set_history_partial(on)
    need_self(self, "set_history_partial")
    if type(on) ~= "boolean" then
        error("set_history_partial: true or false is expected, got " .. tostring(on), 2)
    end
    history.show_growing(on)
    settings.changed.history_partial = on
end

--- Compare the result with an asset of the bundle, its dividends reinvested: alpha, beta and kin.
-- A benchmark from outside (--benchmark, option benchmark) counts instead.
function methods:set_benchmark(asset)
    need_self(self, "set_benchmark")
    local sid = assets.sid_of[asset]
    if not sid then
        local path = type(asset) == "string" and require "backlua.benchmark_file".is_path(asset)
        if path then
            error("set_benchmark: a strategy opens no file; give it to the run: --benchmark "
                .. asset .. ", or option benchmark", 2)
        end
        misuse.unknown_asset(asset, "set_benchmark", 2)
    elseif not given_benchmark then
        apply("set_benchmark", "benchmark", assets.of(sid).symbol,
            C.bt_run_set_benchmark(lent.run, sid))
    end
end

--- on: whether what is held after the last bar is sold at its close, at the costs of any order, or
-- left as it is and marked (false, the default).
function methods:set_close_at_end(on)
    need_self(self, "set_close_at_end")
    if type(on) ~= "boolean" then
        error("set_close_at_end: true or false is expected, got " .. tostring(on), 2)
    end
    apply("set_close_at_end", "close_at_end", on,
        C.bt_run_set_close_at_end(lent.run, on and 1 or 0))
end

--- What happens to a position in an asset that is delisted. policy: "close" sells it at its last
-- price, "keep" leaves it as it is.
function methods:set_delisting(policy)
    need_self(self, "set_delisting")
    if policy ~= "close" and policy ~= "keep" then
        error(("set_delisting: \"close\" or \"keep\" is expected, got %s"):format(
            type(policy) == "string" and require "backlua.text.quote"(policy)
                or tostring(policy)), 2)
    end
    apply("set_delisting", "delisting", policy,
        C.bt_run_set_keep_delisted(lent.run, policy == "keep" and 1 or 0))
end

return settings
