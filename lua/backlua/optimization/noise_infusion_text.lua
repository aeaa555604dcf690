-- What a NoiseInfusionSimulator found, for people: the verdict, then the score and the metrics, the
-- most degraded first.

local number = require "backlua.text.number"
local text_table = require "backlua.text.table"

local COLUMNS = { { title = "" }, { title = "observed", right = true },
    { title = "mean", right = true }, { title = "5 % below", right = true },
    { title = "band", right = true }, { title = "worse by", right = true }, { title = "" } }

local function shown(value)
    return number.fixed(value, 4)
end

local function row_of(one)
    return { one.name, shown(one.observed), shown(one.mean), shown(one.p5),
        shown(one.low) .. " .. " .. shown(one.high),
        one.degradation and number.fixed(one.degradation, 1) .. " %" or "-", one.verdict or "" }
end

-- The text; found as NoiseInfusionSimulator:run returns it.
return function(found)
    local rows = { found.score and row_of(found.score) }
    for _, metric in ipairs(found.table) do
        rows[#rows + 1] = row_of(metric)
    end
    return ("%s noise of %s, %s simulations, %s bands: %s\n"):format(found.noise_model,
        number.percent(found.std_pct, 2), number.count(found.n_simulations),
        number.percent(found.confidence_level, 0), found.verdict or "cannot be told")
        .. text_table(COLUMNS, rows)
end
