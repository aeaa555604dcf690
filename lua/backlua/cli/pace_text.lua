-- "1.03 s  390/s  1 worker"; only the time when nothing was computed, all trials being known.

local number = require "backlua.text.number"

-- stats: of a search's results.
return function(stats)
    local seconds = number.seconds(stats.seconds)
    if stats.computed == 0 or stats.seconds <= 0 then
        return seconds
    end
    local rate = stats.computed / stats.seconds
    local workers = stats.workers == 0 and "" -- ended by an interrupt
        or ("  %s worker%s"):format(number.count(stats.workers), stats.workers == 1 and "" or "s")
    return ("%s  %s/s%s"):format(seconds, number.grouped(rate, rate < 10 and 1 or 0), workers)
end
