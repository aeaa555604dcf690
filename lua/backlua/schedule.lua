-- ctx:schedule_function: functions that run on some bars, after handle_data.
--
-- At the first bar of a session, or of a run that begins within one, the engine is asked once where
-- the session stands in its week and month; the functions due that day wait for their time. A
-- strategy that schedules nothing has nothing of this in its loop.

local ffi = require "ffi"
local current = require "backlua.current"
local misuse = require "backlua.misuse"
local rules = require "backlua.rules"
local C = require("backlua.ffi").C

local lent = current.pointers

local methods = {}
local schedule = { methods = methods }

-- Of the run: functions in the order they were given, and those due in this session.
local entries, due = {}, {}
local session = ffi.new "bt_session"

-- Forget everything: a run begins. daily: a session is one bar.
function schedule.reset(daily)
    entries, due = {}, {}
    schedule.daily, schedule.open, schedule.begun = daily, true, false
end

-- Initialize is over: whoever schedules now is too late.
function schedule.close()
    schedule.open = false
    return #entries > 0
end

local function need_rule(family, rule, default)
    local checked, message = rules.read(family, rule == nil and default or rule)
    if not checked then
        error("schedule_function: " .. message, 3)
    end
    return checked
end

--- Call func(ctx, data) on the sessions of a date rule, at the time of a time rule, after
-- handle_data; in initialize. Without rules every day, a minute after the open.
--     date_rule   of require "backlua.date_rules"
--     time_rule   of require "backlua.time_rules"; one bar a day leaves no choice
--     half_days   false: not on sessions that close early (under 80 % of the usual length)
-- Raises outside initialize, and for anything that is not a function and two rules.
function methods:schedule_function(func, date_rule, time_rule, half_days)
    if self ~= current.context then
        misuse.wrong_self(self, "schedule_function", 2)
    elseif not schedule.open then
        error("schedule_function belongs in initialize, before the first bar", 2)
    elseif type(func) ~= "function" then
        error("schedule_function: a function is expected first, got " .. tostring(func), 2)
    elseif half_days ~= nil and type(half_days) ~= "boolean" then
        error("schedule_function: half_days is true or false, got " .. tostring(half_days), 2)
    end
    entries[#entries + 1] = {
        run = func, half_days = half_days ~= false,
        date = need_rule("date_rules", date_rule, rules.dates.every_day()),
        time = need_rule("time_rules", time_rule, rules.times.market_open()),
    }
end

local function is_due(entry)
    return rules.is_day(entry.date, session) and (entry.half_days or session.half_day == 0)
end

-- What this session has after an instant, with the one from which it is due.
local function plan(after)
    C.bt_run_session(lent.run, session)
    due = {}
    for _, entry in ipairs(entries) do
        local at = schedule.daily and 0 or rules.instant(entry.time, session)
        local again = entry.time.rule == "every_minute" and not schedule.daily
        if at and (again or at > after) and is_due(entry) then
            due[#due + 1] = { run = entry.run, at = at, again = again }
        end
    end
end

local function call_due(ctx, data)
    local now, i = tonumber(lent.account.now) / 1e6, 1
    while i <= #due do
        local entry = due[i]
        if entry.at > now then
            i = i + 1
        else
            if entry.again then
                i = i + 1
            else
                table.remove(due, i)
            end
            entry.run(ctx, data)
        end
    end
end

-- handle_data with the scheduled functions after it. enter: function(stage), told where we are.
function schedule.wrap(handle_data, enter)
    return function(ctx, data)
        if C.bt_run_is_session_start(lent.run) ~= 0 then
            schedule.begun = true
            plan(-math.huge)
        elseif not schedule.begun then
            schedule.begun = true
            plan(current.start)
        end
        handle_data(ctx, data)
        if #due > 0 then
            enter "a scheduled function"
            call_due(ctx, data)
            enter "handle_data"
        end
    end
end

return schedule
