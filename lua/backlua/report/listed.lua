-- The trials that a study's page lists, which its drawings read as well, where all of them are too
-- many for a page: the best and, evenly chosen, others.

local number = require "backlua.text.number"
local shell = require "backlua.text.shell"
local numbers = require "backlua.report.study_numbers"

local MOST, BEST = 400, 150

local function is_best(view)
    local best = {}
    for i, t in ipairs(numbers.ranked(view.done, view.higher)) do
        best[t] = i <= BEST or nil
    end
    return best
end

--- Of rows, one a trial of the view: { rows (in order), note (which these are) }; nil where a page
-- has room for all.
return function(view, rows)
    if #rows <= MOST then
        return nil
    end
    local best, part, others = is_best(view), {}, 0
    local step = math.ceil((#rows - BEST) / (MOST - BEST))
    for i, row in ipairs(rows) do
        local chosen = best[view.trials[i]]
        others = others + (chosen and 0 or 1)
        if chosen or others % step == 1 % step then
            part[#part + 1] = row
        end
    end
    return { rows = part, note = ("%s of %s trials: the %d best and, evenly chosen, others. All of "
        .. "them: backlua study export %s"):format(number.count(#part), number.count(#rows), BEST,
        view.name and shell(view.name) or "STUDY") }
end
