-- WindowConfig { train_period_days =, validation_period_days =, test_period_days =,
-- step_size_days =, window_type =, purge_days =, embargo_days = },
-- WindowConfig { windows = { ... } }, or
-- WindowConfig { mode = "cpcv", groups =, test_groups =, purge_days =, embargo_days =,
-- shared_search = }

local ffi = require "ffi"
local class = require "backlua.optimization.class"
local options = require "backlua.options"
local sorted_keys = require "backlua.sorted_keys"
local C = require("backlua.ffi").C

local config_class = class.new "WindowConfig"

-- Sessions, or a share of the run's: 252 or "20 %".
local function period(least)
    return function(value)
        local percent = type(value) == "string" and tonumber(value:match "^%s*([%d.]+)%s*%%%s*$")
        if percent and percent > 0 and percent <= 100 then
            return nil
        elseif type(value) ~= "number" or value % 1 ~= 0 or value < least or value > 1e6 then
            return ("must be a whole number of sessions of at least %d, or a share of the run like "
                .. "\"20 %%\", got %s"):format(least, class.shown(value))
        end
    end
end

local STAGES = { "train", "validation", "test" }

local time, has_time = ffi.new "bt_time[1]", ffi.new "int32_t[1]"

-- Dates are compared as texts, so all of them are written alike.
local function is_date(text)
    return type(text) == "string" and text:find "^%d%d%d%d%-%d%d%-%d%d$" ~= nil
        and C.bt_date_parse(text, time, has_time) == C.BT_OK
end

local function check_dates(dates)
    if type(dates) ~= "table" then
        return "must be { FIRST, LAST }, two dates, got " .. class.shown(dates)
    end
    for i = 1, 2 do
        if not is_date(dates[i]) then
            return "must be { FIRST, LAST }, dates like 2012-01-31, got " .. class.shown(dates[i])
        end
    end
    return dates[2] < dates[1] and ("ends %s, before it begins on %s; swap them"):format(dates[2],
        dates[1]) or nil
end

local function check_window(i, window)
    for _, stage in ipairs(STAGES) do
        local dates = window[stage]
        local message = (dates ~= nil or stage ~= "validation") and check_dates(dates)
        if message then
            return ("[%d].%s %s"):format(i, stage, message)
        end
    end
end

local function check_windows(list)
    if #list == 0 then
        return "must be a list of { train = { FIRST, LAST }, test = { FIRST, LAST } }"
    end
    for i, window in ipairs(list) do
        local message = type(window) ~= "table" and ("[%d] must be a table"):format(i)
            or check_window(i, window)
        if message then
            return message
        end
    end
end

local SPEC = {
    train_period_days = { check = period(1) },
    validation_period_days = { check = period(0) },
    test_period_days = { check = period(1) },
    step_size_days = { check = period(1) },
    window_type = { kind = "string", choices = { "rolling", "expanding", "anchored" } },
    purge_days = { kind = "integer", min = 0, max = 1e6 },
    embargo_days = { kind = "integer", min = 0, max = 1e6 },
    windows = { kind = "table", check = check_windows },
    mode = { kind = "string", choices = { "walk", "cpcv" }, default = "walk" },
    groups = { kind = "integer", min = 2, max = 30 },
    test_groups = { kind = "integer", min = 1, max = 29 },
    shared_search = { kind = "boolean" },
    train_period = { refused = "it is train_period_days, in sessions" },
    validation_period = { refused = "it is validation_period_days, in sessions" },
    test_period = { refused = "it is test_period_days, in sessions" },
    step_size = { refused = "it is step_size_days, in sessions" },
}

local SPLITS_MAX = 1000

-- The first key of the list that has a value.
local function first_given(values, keys)
    for _, key in ipairs(keys) do
        if values[key] ~= nil then
            return key
        end
    end
end

local function splits(groups, test_groups)
    local count = 1
    for i = 1, test_groups do
        count = count * (groups - test_groups + i) / i
    end
    return count
end

local function settle_cpcv(values)
    local stray = first_given(values, { "train_period_days", "validation_period_days",
        "test_period_days", "step_size_days", "window_type", "windows" })
    if stray then
        return ("WindowConfig: in mode \"cpcv\" groups and test_groups make the splits; %s has no "
            .. "say"):format(stray)
    end
    values.groups, values.test_groups = values.groups or 6, values.test_groups or 2
    values.purge_days, values.embargo_days = values.purge_days or 0, values.embargo_days or 0
    values.shared_search = values.shared_search or false
    if values.test_groups >= values.groups then
        return ("WindowConfig: test_groups %d of %d groups leave none to train"):format(
            values.test_groups, values.groups)
    elseif splits(values.groups, values.test_groups) > SPLITS_MAX then
        return ("WindowConfig: %d of %d groups make %.0f splits, more than %d; take fewer"):format(
            values.test_groups, values.groups, splits(values.groups, values.test_groups),
            SPLITS_MAX)
    end
end

local function settle(values)
    local stray = first_given(values, { "groups", "test_groups", "shared_search" })
    if values.mode == "cpcv" then
        return settle_cpcv(values)
    elseif stray then
        return ("WindowConfig: %s belongs to mode = \"cpcv\""):format(stray)
    elseif values.windows then
        for _, key in ipairs(sorted_keys(SPEC)) do
            if key ~= "windows" and key ~= "mode" and values[key] ~= nil then
                return ("WindowConfig: windows are given by their dates; %s has no say"):format(key)
            end
        end
        return nil
    end
    for _, key in ipairs { "train_period_days", "test_period_days" } do
        if not values[key] then
            return ("WindowConfig: %s is required"):format(key)
        end
    end
    values.validation_period_days = values.validation_period_days or 0
    values.step_size_days = values.step_size_days or values.test_period_days
    values.window_type = values.window_type or "rolling"
    values.purge_days, values.embargo_days = values.purge_days or 0, values.embargo_days or 0
end

--- The windows of a walk-forward, or the splits of a combinatorial purged cross-validation.
-- @param given train_period_days, validation_period_days (0: none), test_period_days,
--   step_size_days (the test period): sessions, or shares of the run like "20 %"; window_type
--   ("rolling"; "expanding" or "anchored": train always begins with the run); purge_days (0):
--   sessions left out before validation and before test; embargo_days (0): so many more before
--   test. Or windows: a list of { train = { FIRST,
--   LAST }, validation = { FIRST, LAST } or nil, test = { FIRST, LAST } }, dates included.
--   Or mode ("walk") "cpcv" (cpcv.lua): groups (6) of sessions, test_groups (2) of them tested in
--   each split; purge_days (0): sessions left out of train on both sides of every test group;
--   embargo_days (0): so many more behind it; shared_search (false; true: one search over the whole
--   run serves all splits, see cpcv.lua). At most 1000 splits
local function WindowConfig(given)
    local values = options.check("WindowConfig", SPEC, given, 2)
    local message = settle(values)
    if message then
        error(message, 2)
    end
    return config_class.new(values)
end

return { public = WindowConfig, is = config_class.is }
