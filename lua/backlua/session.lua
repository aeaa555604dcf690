--- A backtest to step through and to ask: require "backlua.session".
--
--     local s = session.open { strategy = "sma.lua", bundle = "demo" }
--     s:step(250)   s:goto_date "2015-08-24"   print(s)
--     s.portfolio   s.orders   s:history("AAPL", "close", 20)   s:why("AAPL", "2015-08-24")
--     s:order("AAPL", 100)   s.params.fast = 10
--     local b = s:branch()   b:step(20)   print(compare.diff(s, b))
--
-- A session is a position: strategy, parameters, what was done to it and when (the journal), and
-- the bar it stands at, after handle_data. Nothing of it runs between two questions: whoever asks
-- has the backtest done again from its first bar to that one, the journal's entries at their bars.
-- That costs the milliseconds of a backtest, and it makes going back the same as going on, a branch
-- a copy of a few tables, and every answer repeatable. What the strategy prints is shown the first
-- time a bar is met.

local ffi = require "ffi"
local errors = require "backlua.errors"
local replay = require "backlua.session_replay"
local runner = require "backlua.run"
local C = require("backlua.ffi").C

local session = {}
local methods, fields = {}, {}

local copy, plain, visit = replay.copy, replay.plain, replay.visit

-- What a session is (session_replay.lua), by session.
local owned = setmetatable({}, { __mode = "k" })

-- ---- moving ------------------------------------------------------------------------------------

-- What is known of the session's bar.
local function state_of(own)
    if own.bar == 0 then
        error(errors.new("usage", "session: it stands before the first bar; s:step() goes on"), 0)
    end
    own.state = own.state or visit(own)
    return own.state
end

-- Go to a bar; where that fails the session stays where it was.
local function go(own, bar)
    local before, state = own.bar, own.state
    own.bar, own.state = bar, nil
    if bar == 0 then
        return
    end
    local ok, found = pcall(visit, own)
    if not ok then
        own.bar, own.state = before, state
        error(found, 0)
    end
    own.state = found
end

local function need(self, name)
    local own = owned[self]
    if not own then
        error(("session: call it with a colon, s:%s(...)"):format(name), 3)
    end
    return own
end

--- Go on by n bars (1), at most to the last one; a negative number goes back. Returns the session.
-- Raises what the strategy raises, the session staying where it was.
function methods:step(n)
    local own = need(self, "step")
    n = n == nil and 1 or n
    if type(n) ~= "number" or n % 1 ~= 0 then
        error("step: a whole number of bars is expected, got " .. tostring(n), 2)
    end
    go(own, math.max(0, math.min(own.bars, own.bar + n)))
    return self
end

--- Go to the first bar that closes on a date or after it, forwards or backwards. Returns the
-- session. Raises for a text that is no date, and for a date after the last bar.
function methods:goto_date(date)
    local own = need(self, "goto_date")
    if type(date) ~= "string" then
        error("goto_date: a date such as \"2015-08-24\" is expected, got " .. tostring(date), 2)
    end
    local config, first, last = own.job.config, ffi.new "bt_time[1]", ffi.new "bt_time[1]"
    if C.bt_span(own.job.bundle, date, nil, first, last) ~= C.BT_OK then
        error(errors.native(), 0)
    end
    local bar = first[0] <= config.start and 1
        or C.bt_span_bars(own.job.bundle, config.start, first[0]) + 1
    if bar > own.bars then
        error(errors.new("usage", ("goto_date: the run ends before %s"):format(date)), 0)
    end
    go(own, bar)
    return self
end

--- Go on to the last bar; the result, which is that of a run when nothing was done to the session.
function methods:finish()
    local own = need(self, "finish")
    go(own, own.bars)
    return own.state.result
end

-- ---- doing -------------------------------------------------------------------------------------

local function need_bar(own, name)
    if own.bar == 0 then
        error(name .. ": the session stands before the first bar; s:step() goes on", 4)
    end
end

-- Do something at the session's bar and keep it in the journal; what it returned. Raises at the
-- caller of the caller's line, the journal as it was.
local function intervene(own, name, ...)
    need_bar(own, name)
    local entries = own.journal[own.bar] or {}
    own.journal[own.bar] = entries
    local entry = { name = name, arguments = copy { n = select("#", ...), ... } }
    entries[#entries + 1] = entry
    local ok, found = pcall(visit, own, nil, entry)
    local refused = ok and found.refused
    if not ok or refused then
        table.remove(entries)
    end
    if refused then
        error(refused, 3)
    elseif not ok then
        error(found, 0)
    end
    own.state = found
    return entry.value
end

local said_since = false

-- Said once to a person, who wonders why nothing changes: an indicator's n, for instance.
local function say_since(name)
    if not said_since and C.bt_is_terminal(2) == 1 then
        said_since = true
        require "backlua.text.output".note(("from the next bar on; what initialize made of %s "
            .. "stays: s:branch { %s = ... } begins anew"):format(name, name))
    end
end

--- Change a parameter from the next bar on: what ctx.params says. What initialize made of the old
-- value stays; s:branch { name = value } begins anew. Before the first bar it is the parameter of
-- the run. Raises for a parameter that the strategy does not have.
function methods:set(name, value)
    local own = need(self, "set")
    local params = own.params()
    if type(name) ~= "string" then
        error(("set: a name and a value are expected, s:set(\"days\", 3); got a %s")
            :format(type(name)), 2)
    elseif params[name] == nil then
        error(("set: unknown parameter %s%s"):format(require "backlua.text.quote"(tostring(name)),
            require "backlua.text.nearest".hint(tostring(name),
                require "backlua.sorted_keys"(params))), 2)
    elseif type(value) ~= type(params[name]) then
        error(("set: %s is a %s, got %s"):format(name, type(params[name]), tostring(value)), 2)
    end
    if own.bar == 0 then
        own.overrides[name] = value
        return
    end
    intervene(own, "set", name, value)
    say_since(name)
end

-- Methods of ctx that a person may call; each is one of the session with the same arguments.
for _, name in ipairs { "order", "order_value", "order_percent", "order_target",
    "order_target_value", "order_target_percent", "order_bracket", "order_oco", "close_position",
    "cancel_order", "cancel_all_orders", "modify_order" } do
    methods[name] = function(self, ...)
        local value = intervene(need(self, name), name, ...)
        return value
    end
end

-- ---- asking ------------------------------------------------------------------------------------

local function ask(own, name, arguments)
    need_bar(own, name)
    local report = visit(own, function(_, data)
        local found = { pcall(data[name], data, unpack(arguments, 1, arguments.n)) }
        return found
    end)
    local ok, value = report.answer[1], report.answer[2]
    if not ok then
        error(plain(value), 3)
    end
    return value
end

--- data:history at the session's bar: of an asset n (20) values of a field ("close") by frequency
-- (the bundle's), as kind ("array", a view; or "frame"), under its options. Raises at the caller's
-- line as that does.
function methods:history(asset, field, n, frequency, kind, options)
    local own = need(self, "history")
    local value = ask(own, "history", { n = 6, asset, field or "close", n or 20,
        frequency or own.job.info.frequency, kind or "array", options })
    return value
end

--- data:current at the session's bar: of an asset a field ("price"). Raises at the caller's line
-- as that does.
function methods:current(asset, field)
    local value = ask(need(self, "current"), "current", { n = 2, asset, field or "price" })
    return value
end

--- What happened to an asset around a bar (the session's own unless a date is given): orders,
-- checks, fills or reasons, cash before and after. Raises for an unknown symbol or a date without a
-- bar so far.
function methods:why(symbol, date)
    local own = need(self, "why")
    local state = state_of(own)
    date = date or require "backlua.text.date".day(state.time)
    local report, err = require "backlua.why".collect(state.result, symbol, date)
    if not report then
        error(err, 0)
    end
    return report
end

-- ---- branches ----------------------------------------------------------------------------------

local new

--- Another session at the same bar with the same past. params: other parameters by name, for which
-- the past is done anew, what was done to the session included. Raises for anything but a table.
function methods:branch(params)
    local own = need(self, "branch")
    if params ~= nil and type(params) ~= "table" then
        error("branch: parameters by name are expected, s:branch { days = 3 }; got "
            .. tostring(params), 2)
    end
    local overrides = copy(own.overrides)
    for name, value in pairs(params or {}) do
        overrides[name] = value
    end
    local branch = new {
        job = own.job, holder = own.holder, overrides = overrides, journal = copy(own.journal),
        bar = own.bar, bars = own.bars, seen = own.bar, state = not params and own.state or nil,
    }
    if params and own.bar > 0 then
        state_of(owned[branch])
    end
    return branch
end

-- ---- the object --------------------------------------------------------------------------------

function fields.bar(own) return own.bar end
function fields.bars(own) return own.bars end
function fields.time(own) return state_of(own).time end
function fields.portfolio(own) return state_of(own).portfolio end
function fields.orders(own) return state_of(own).orders end
function fields.result(own) return state_of(own).result end
function fields.equity(own) return state_of(own).result.equity end
function fields.metrics(own) return state_of(own).result.metrics end

function fields.date(own)
    return require "backlua.text.date".day(state_of(own).time)
end

function fields.open_orders(own)
    local list = {}
    for _, order in ipairs(state_of(own).orders) do
        if order.status == "open" then
            list[#list + 1] = order
        end
    end
    return list
end

-- What was done to it: records of bar, name, arguments.
function fields.journal(own)
    local list = {}
    for bar = 1, own.bars do
        for _, entry in ipairs(own.journal[bar] or {}) do
            local words = {}
            for i = 1, entry.arguments.n do
                words[i] = tostring(entry.arguments[i])
            end
            list[#list + 1] = { bar = bar, name = entry.name,
                arguments = table.concat(words, ", ") }
        end
    end
    return list
end

-- Parameters as they are at the session's bar: reading and setting.
function fields.params(own, self)
    return setmetatable({}, {
        __index = function(_, name) return own.params()[name] end,
        __newindex = function(_, name, value) methods.set(self, name, value) end,
        __tostring = function()
            local parts, params = {}, own.params()
            for i, name in ipairs(require "backlua.sorted_keys"(params)) do
                parts[i] = name .. " = " .. tostring(params[name])
            end
            return "{" .. table.concat(parts, ", ") .. "}"
        end,
        names = function() return session.param_names(self) end, -- for completion
    })
end

local function positions_text(positions)
    local number, lines = require "backlua.text.number", {}
    for _, symbol in ipairs(require "backlua.sorted_keys"(positions)) do
        local p = positions[symbol]
        lines[#lines + 1] = ("  %s %s at %s, now %s"):format(symbol, number.shortest(p.amount),
            number.fixed(p.cost_basis), number.fixed(p.last_price))
    end
    return #lines > 0 and "\n" .. table.concat(lines, "\n") or "  nothing held"
end

local function describe(own)
    local number = require "backlua.text.number"
    local name = own.job.program.name:match "[^/]*$"
    if own.bar == 0 then
        return ("%s before the first of %s bars"):format(name, number.count(own.bars))
    end
    local state = state_of(own)
    local open = 0
    for _, order in ipairs(state.orders) do
        open = open + (order.status == "open" and 1 or 0)
    end
    return ("%s at %s, bar %s of %s\n  equity %s  cash %s  open orders %d%s"):format(name,
        require "backlua.text.date".bar(state.time, own.job.info.frequency),
        number.count(own.bar), number.count(own.bars),
        number.grouped(state.portfolio.portfolio_value), number.grouped(state.portfolio.cash),
        open, positions_text(state.portfolio.positions))
end

local meta = {
    __metatable = false,
    __index = function(self, key)
        if methods[key] then
            return methods[key]
        elseif fields[key] then
            return fields[key](owned[self], self)
        end
        error(("session has no %s%s"):format(require "backlua.text.quote"(tostring(key)),
            require "backlua.text.nearest".hint(tostring(key), session.names())), 2)
    end,
    __newindex = function(_, key)
        error(("session: %s cannot be set; s.params.NAME = VALUE and s:order do something")
            :format(tostring(key)), 2)
    end,
    __tostring = function(self)
        return describe(owned[self])
    end,
}

-- Effective parameters: the strategy's, those of the session, what was set up to its bar.
local function params_at(own)
    local params, err = runner.defaults(own.job)
    if not params then
        error(err, 0)
    end
    for name, value in pairs(own.overrides) do
        params[name] = value
    end
    for bar = 1, own.bar do
        for _, entry in ipairs(own.journal[bar] or {}) do
            if entry.name == "set" then
                params[entry.arguments[1]] = entry.arguments[2]
            end
        end
    end
    return params
end

function new(own)
    local self = setmetatable({}, meta)
    function own.params()
        return params_at(own)
    end
    owned[self] = own
    return self
end

-- Releases the job when the last session of it is collected.
local function holder_of(job)
    local holder = newproxy(true)
    getmetatable(holder).__gc = function()
        runner.release(job)
    end
    return holder
end

--- Names of fields and methods, for completion.
function session.names()
    local names = {}
    for _, group in ipairs { methods, fields } do
        for name in pairs(group) do
            names[#names + 1] = name
        end
    end
    return names
end

--- Names of the parameters of a session, for completion; value: the session.
function session.param_names(value)
    return require "backlua.sorted_keys"(owned[value].params())
end

--- True for a value that is a session.
function session.is(value)
    return type(value) == "table" and owned[value] ~= nil
end

-- What a comparison needs (repl/compare.lua): of the run so far.
function session.side(value, name)
    local own = owned[value]
    local result = state_of(own).result
    return { name = name, params = params_at(own), metrics = result.metrics,
        equity = result.equity, orders = result.orders, frequency = own.job.info.frequency }
end

--- A session that stands before the first bar. options: those of a run, with params. Raises errors
-- with code and message.
function session.open(options)
    local given, params = copy(options), options.params
    given.params, given.print = nil, nil
    local job, err = runner.prepare(given)
    if not job then
        error(err, 0)
    end
    local overrides = copy(params or {})
    local own = { job = job, holder = holder_of(job), overrides = overrides, journal = {},
        bar = 0, seen = 0,
        bars = C.bt_span_bars(job.bundle, job.config.start, job.config["end"]) }
    local self = new(own)
    local defaults
    defaults, err = runner.defaults(job)
    if defaults then
        local effective
        effective, err = require "backlua.parameters".effective(defaults, overrides)
        defaults = effective
    end
    if not defaults then
        error(err, 0)
    end
    return self
end

return session
