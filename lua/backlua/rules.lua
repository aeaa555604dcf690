-- Rules for ctx:schedule_function: what the constructors of backlua.date_rules and
-- backlua.time_rules make, and what they mean. A rule is a plain table { rule =, ... }; it is
-- checked when it is made and again when it is put to use, since a script can write into it.

local options = require "backlua.options"
local sorted_keys = require "backlua.sorted_keys"

local rules = { dates = {}, times = {} }

local function days(most)
    return { days_offset = { kind = "integer", min = 0, max = most, default = 0 } }
end

local DELAY = {
    hours = { kind = "number", min = 0, max = 24 },
    minutes = { kind = "number", min = 0, max = 1440 },
}

local SPECS = {
    date_rules = { every_day = {}, week_start = days(4), week_end = days(4),
        month_start = days(22), month_end = days(22) },
    time_rules = { market_open = DELAY, market_close = DELAY, every_minute = {} },
}

local function build(family, into)
    for name, spec in pairs(SPECS[family]) do
        into[name] = function(given)
            if type(given) == "number" and spec.days_offset then
                given = { days_offset = given }
            end
            local rule = options.check(family .. "." .. name, spec, given)
            rule.rule = name
            return rule
        end
    end
    return setmetatable(into, {
        __metatable = false,
        __index = function(_, name)
            error(("backlua.%s: no rule %s%s"):format(family,
                require "backlua.text.quote"(tostring(name)),
                require "backlua.text.nearest".hint(tostring(name),
                    sorted_keys(SPECS[family]))), 2)
        end,
    })
end

build("date_rules", rules.dates)
build("time_rules", rules.times)

-- A checked copy of a rule of a family ("date_rules", "time_rules"); nil and a message.
function rules.read(family, rule)
    local spec = type(rule) == "table" and SPECS[family][rawget(rule, "rule")]
    if not spec then
        local sample = family == "date_rules" and "month_start()" or "market_open()"
        return nil, ("a rule of require(\"backlua.%s\") is expected, such as %s, got %s"):format(
            family, sample, type(rule) == "function" and "a function: call it, " .. sample
                or type(rule) == "table" and "another table" or tostring(rule))
    end
    local given = {}
    for key, value in next, rule do
        given[key] = value
    end
    given.rule = nil
    local values, message = options.read(family .. "." .. rule.rule, spec, given)
    if values then
        values.rule = rule.rule
    end
    return values, message
end

-- Seconds of a time rule's delay.
local function delay(rule)
    if not rule.hours and not rule.minutes then
        return 60
    end
    return (rule.hours or 0) * 3600 + (rule.minutes or 0) * 60
end

-- Does a date rule name this session (bt_session)?
function rules.is_day(rule, session)
    local offset = rule.days_offset
    if rule.rule == "week_start" then
        return session.week_index == offset
    elseif rule.rule == "week_end" then
        return session.week_left == offset
    elseif rule.rule == "month_start" then
        return session.month_index == offset
    elseif rule.rule == "month_end" then
        return session.month_left == offset
    end
    return true
end

-- Unix seconds from which a time rule is due in a session; nil when it never is.
function rules.instant(rule, session)
    if rule.rule == "every_minute" then
        return session.open
    elseif rule.rule == "market_open" then
        local at = session.open + delay(rule)
        return at <= session.close and at or nil
    end
    local at = session.close - delay(rule)
    return at > session.open and at or nil
end

return rules
