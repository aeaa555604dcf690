-- How likely the best of many trials is luck: a section of a study's and of a walk's document, from
-- what backlua.optimization.luck and walk_luck reckoned.

local number = require "backlua.text.number"

local fixed = number.fixed

-- A probability that is not quite one must not look like it.
local function probability(p)
    return p > 0.995 and p < 1 and "> 0.99" or fixed(p)
end

local function sessions_text(n)
    return n < 1e6 and number.count(math.ceil(n)) .. " sessions" or "for ever"
end

-- Rows { label, value, note } of what is there.
local function rows_of(l)
    local rows = {}
    local function add(label, value, show, note)
        if type(value) == "number" and value == value then
            rows[#rows + 1] = { label, show(value), note }
        end
    end
    local low, high = l.sharpe_low, l.sharpe_high
    add("Sharpe ratio", l.sharpe, fixed, low and high and ("95 %% within %s and %s"):format(
        fixed(low), fixed(high)) or "a year")
    add("Above 0", l.psr, probability, "probabilistic Sharpe ratio")
    add("Above luck", l.dsr, probability, "deflated Sharpe ratio; below 0.95: luck")
    if (l.tried or 0) > 1 then -- the tests of a walk are one series, chosen before it was seen
        add("Best by luck", l.expected_best, fixed, "Sharpe ratio, without any skill")
        add("Trials", l.tried, number.count, "with a score ever run on this data")
        add("Worth", l.effective, function(v) return fixed(v, 1) end, "independent ones")
        add("Correlation", l.correlation, fixed, "mean of the trials'")
        add("Shortest test", l.min_backtest, function(v) return fixed(v, 1) .. " years" end,
            "below it luck shows as much")
    end
    add("Overfitting", l.pbo, fixed, "probability by CSCV; above 0.2: luck")
    add("Lost after all", l.pbo_loss, function(v) return number.percent(v, 0) end,
        "of halves whose choice lost money in the other half")
    add("Reality check", l.reality_check, fixed, "p-value, White 2000")
    add("Superior ability", l.spa and l.spa.consistent, fixed, "p-value, Hansen 2005")
    add("Track record", l.min_track_record, sessions_text, "to see it above 0 with 95 %")
    add("Plateau", l.plateau, function(v) return number.percent(v, 0) end,
        "of the way from the median to the best, by the best's neighbours")
    return rows
end

--- The section of a view (study.lua), nil where nothing can be told.
return function(view)
    local l = view.luck
    if not l then
        return nil
    end
    return { id = "luck", title = "Is it luck?",
        lead = l.sentence and l.sentence:sub(1, 1):upper() .. l.sentence:sub(2) .. ".",
        blocks = { { type = "facts", rows = rows_of(l) } } }
end
