-- Two runs of one strategy, decision by decision, up to a row.
--
--     local compare = compare.new(base, row)     -- base: a trace, of the first run
--     compare.tell(decision)                     -- of the second; raises when there is no need
--                                                -- to go on
--     compare.difference(failed)                 -- nil, or { row, time, base =, other = }

local compare = {}

local STOP = "(stop)"

local function difference(base, other)
    local at = base and (not other or base.row <= other.row) and base or other
    return { row = at.row, time = at.time, base = base, other = other }
end

-- A comparison with `base` of decisions up to a row (math.huge: all). Its tell raises, to stop a
-- run.
function compare.new(base, last)
    local self, i, found = {}, 0, nil

    local function expected()
        local next_one = base[i + 1]
        return next_one and next_one.row <= last and next_one or nil
    end

    function self.tell(decision)
        local wanted = expected()
        if found then
            error(STOP, 0)
        elseif decision.row > last then
            found = wanted and difference(wanted, nil)
            error(STOP, 0)
        elseif not wanted or wanted.row ~= decision.row or wanted.text ~= decision.text then
            found = difference(wanted, decision)
            error(STOP, 0)
        end
        i = i + 1
    end

    -- The first difference. failed: of the second run, nil when it ended well.
    function self.difference(failed)
        if found or (failed and tostring(failed.reason or failed.message):find(STOP, 1, true)) then
            return found
        end
        local wanted = expected()
        if failed then
            return { row = wanted and wanted.row, time = wanted and wanted.time, base = wanted,
                failed = failed.message, line = failed.line, file = failed.file }
        end
        return wanted and difference(wanted, nil)
    end

    return self
end

return compare
