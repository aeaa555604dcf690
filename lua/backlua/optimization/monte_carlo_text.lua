-- What a MonteCarloSimulator found, for people: a line for each statistic, a histogram below.
--
--     bootstrap, 1,000 simulations, blocks of 2.9 sessions on average, 95 % bands
--                   observed          band  percentile  p-value
--     sharpe_ratio      0.41  0.02 .. 0.82        51 %    0.026  robust
--     sharpe_ratio  ▁▁▁▃▄▃▅▆█▇███▆▅▆▄▂▂▂▁▁▁  -0.28 to 1.20

local number = require "backlua.text.number"
local sparkline = require "backlua.text.sparkline"
local text_table = require "backlua.text.table"

local ORDER = { "sharpe_ratio", "total_return", "max_drawdown", "win_rate" }
local AS_PERCENT = { total_return = true, max_drawdown = true, win_rate = true }
local BINS = 32

local COLUMNS = { { title = "" }, { title = "observed", right = true },
    { title = "band", right = true }, { title = "percentile", right = true },
    { title = "p-value", right = true }, { title = "" } }

local function shown(name, value)
    return AS_PERCENT[name] and number.percent(value, 1) or number.fixed(value, 2)
end

-- Counts in BINS equal parts from the least value to the most.
local function histogram(values)
    local low, high, counts = math.huge, -math.huge, {}
    for _, value in ipairs(values) do
        low, high = math.min(low, value), math.max(high, value)
    end
    for bin = 1, BINS do
        counts[bin] = 0
    end
    for _, value in ipairs(values) do
        local at = high > low and math.floor((value - low) / (high - low) * BINS) or 0
        at = math.min(at, BINS - 1) + 1
        counts[at] = counts[at] + 1
    end
    return counts, low, high
end

local function row_of(name, band)
    return { name, shown(name, band.observed),
        shown(name, band.low) .. " .. " .. shown(name, band.high),
        number.percent(band.percentile, 0), band.p_value and number.fixed(band.p_value, 3) or "-",
        band.is_robust and "robust" or band.is_robust == false and "its band reaches 0" or "" }
end

local function picture(name, band)
    local counts, low, high = histogram(band.values)
    return ("%-12s  %s  %s to %s"):format(name, sparkline(counts), shown(name, low),
        shown(name, high))
end

-- The text; found as MonteCarloSimulator:run returns it.
return function(found)
    local rows, pictures = {}, {}
    for _, name in ipairs(ORDER) do
        local band = found[name]
        if band then
            rows[#rows + 1], pictures[#pictures + 1] = row_of(name, band), picture(name, band)
        end
    end
    local blocks = found.block_length
        and (", blocks of %s sessions on average"):format(number.fixed(found.block_length, 1)) or ""
    return ("%s, %s simulations%s, %s bands\n%s%s\n"):format(found.method,
        number.count(found.n_simulations), blocks, number.percent(found.confidence_level, 0),
        text_table(COLUMNS, rows), table.concat(pictures, "\n"))
end
