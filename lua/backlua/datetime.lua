-- An instant as a table of calendar fields, UTC. Days to dates after Howard Hinnant,
-- "chrono-Compatible Low-Level Date Algorithms": years begin in March, eras last 400 years.

local floor = math.floor

local function civil(days)
    local z = days + 719468 -- 0000-03-01
    local era = floor(z / 146097)
    local doe = z - era * 146097
    local yoe = floor((doe - floor(doe / 1460) + floor(doe / 36524) - floor(doe / 146096)) / 365)
    local doy = doe - (365 * yoe + floor(yoe / 4) - floor(yoe / 100))
    local mp = floor((5 * doy + 2) / 153)
    local day = doy - floor((153 * mp + 2) / 5) + 1
    local month = mp < 10 and mp + 3 or mp - 9
    return yoe + era * 400 + (month <= 2 and 1 or 0), month, day
end

local DAYS_BEFORE = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 }

local function is_leap(year)
    return year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
end

local meta = {
    __metatable = false,
    __tostring = function(t)
        return ("%04d-%02d-%02dT%02d:%02d:%02dZ"):format(t.year, t.month, t.day, t.hour, t.min,
            t.sec)
    end,
}

-- { year, month, day, hour, min, sec, wday, yday } of unix seconds.
return function(seconds)
    local days = floor(seconds / 86400)
    local rest = seconds - days * 86400
    local year, month, day = civil(days)
    return setmetatable({
        year = year, month = month, day = day,
        hour = floor(rest / 3600), min = floor(rest % 3600 / 60), sec = rest % 60,
        wday = (days + 4) % 7 + 1,
        yday = DAYS_BEFORE[month] + day + (month > 2 and is_leap(year) and 1 or 0),
    }, meta)
end
