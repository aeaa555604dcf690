-- From a WindowConfig and a run to windows: dates, sessions and instants of each stage.
--
-- A day is a session of the bundle inside the run. Within a window train, validation and test
-- follow each other without overlap, purge_days of sessions apart and test embargo_days more; the
-- next window begins a step later. A window whose test would pass the run's end is left out.

local errors = require "backlua.errors"
local run_sessions = require "backlua.optimization.run_sessions"

local STAGES = { "train", "validation", "test" }

-- Sessions of a period: a number, or a share of all.
local function length(period, all)
    if type(period) == "number" then
        return period
    end
    return math.max(1, math.floor(tonumber(period:match "[%d.]+") / 100 * all + 0.5))
end

local function stretch(sessions, from, count)
    return count > 0 and { sessions[from], sessions[from + count - 1], sessions = count } or nil
end

-- One window whose train begins at session `from`; nil when it passes the end.
local function window_at(sessions, from, train, config)
    local all = #sessions
    local validation = length(config.validation_period_days, all)
    if config.validation_period_days == 0 then
        validation = 0
    end
    local test, purge = length(config.test_period_days, all), config.purge_days
    local validate_at = from + train + (validation > 0 and purge or 0)
    local test_at = validate_at + validation + purge + config.embargo_days
    if test_at + test - 1 > all then
        return nil
    end
    return {
        train = stretch(sessions, from, train), validation = stretch(sessions, validate_at,
            validation), test = stretch(sessions, test_at, test),
    }
end

local function too_short(sessions, config)
    local gaps = ""
    for _, name in ipairs { "purge_days", "embargo_days" } do
        gaps = gaps .. (config[name] > 0 and (", %s of %d"):format(name, config[name]) or "")
    end
    return errors.new("usage", ("WalkForwardOptimizer: the run has %d whole sessions, too few for "
        .. "a train period of %s, validation of %s and test of %s%s; shorten them or widen the "
        .. "dates"):format(#sessions, config.train_period_days, config.validation_period_days,
            config.test_period_days, gaps), { misuse = true })
end

local function by_periods(sessions, config)
    local list = {}
    local step, train = length(config.step_size_days, #sessions),
        length(config.train_period_days, #sessions)
    local offset = 0
    while true do
        local from, count = 1 + offset, train
        if config.window_type ~= "rolling" then
            from, count = 1, train + offset
        end
        local window = window_at(sessions, from, count, config)
        if not window then
            break
        end
        list[#list + 1] = window
        offset = offset + step
    end
    if #list == 0 then
        return nil, too_short(sessions, config)
    end
    return list
end

local function overlaps(i, earlier, later, window)
    if window[earlier] and window[later] and window[later][1] <= window[earlier][2] then
        return errors.new("usage", ("WindowConfig: windows[%d]: %s begins %s, %s ends %s; a later "
            .. "stage begins after the earlier one has ended"):format(i, later, window[later][1],
                earlier, window[earlier][2]), { misuse = true })
    end
end

-- Tests are stitched in the order of the windows.
local function out_of_order(i, given)
    local before, this = given[i - 1], given[i]
    if before and this.test[1] <= before.test[1] then
        return errors.new("usage", ("WindowConfig: windows[%d].test begins %s, windows[%d].test "
            .. "%s; windows stand in the order of their tests"):format(i, this.test[1], i - 1,
                before.test[1]), { misuse = true })
    end
end

local function count_sessions(sessions, first, last)
    local count = 0
    for _, day in ipairs(sessions) do
        count = count + (day >= first and day <= last and 1 or 0)
    end
    return count
end

local function by_dates(sessions, given)
    local list = {}
    for i, window in ipairs(given) do
        local err = overlaps(i, "train", "validation", window)
            or overlaps(i, "train", "test", window) or overlaps(i, "validation", "test", window)
            or out_of_order(i, given)
        if err then
            return nil, err
        end
        list[i] = {}
        for _, stage in ipairs(STAGES) do
            local dates = window[stage]
            local count = dates and count_sessions(sessions, dates[1], dates[2])
            if count == 0 then
                return nil, errors.new("usage", ("WindowConfig: windows[%d].%s, %s to %s, holds no "
                    .. "session of the run"):format(i, stage, dates[1], dates[2]),
                    { misuse = true })
            end
            list[i][stage] = dates and { dates[1], dates[2], sessions = count }
        end
    end
    return list
end

local function set_instants(job, window)
    for _, stage in ipairs(STAGES) do
        local span = window[stage]
        if span then
            local from, to = run_sessions.span(job, span[1], span[2])
            if not from then
                return to
            end
            span.start, span.stop = from, to
        end
    end
end

-- Of each train how many sessions come after those of all earlier windows.
local function set_fresh(sessions, list)
    local seen = ""
    for _, window in ipairs(list) do
        local train = window.train
        train.fresh = 0
        for _, day in ipairs(sessions) do
            if day > seen and day >= train[1] and day <= train[2] then
                train.fresh = train.fresh + 1
            end
        end
        seen = train[2] > seen and train[2] or seen
    end
end

-- Windows of a job under a WindowConfig: array of { train, validation or nil, test }, each { first
-- date, last date, sessions =, start =, stop = (instants, the end exclusive) }, and of train fresh:
-- its sessions after those of earlier windows; nil, err.
return function(job, config)
    local sessions = run_sessions.dates(job)
    local list, err
    if config.windows then
        list, err = by_dates(sessions, config.windows)
    else
        list, err = by_periods(sessions, config)
    end
    for _, window in ipairs(list or {}) do
        err = err or set_instants(job, window)
    end
    if err then
        return nil, err
    end
    set_fresh(sessions, list)
    return list
end
