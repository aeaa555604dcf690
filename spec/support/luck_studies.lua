-- Studies whose truth is known, for the calibration of the verdict.
--
-- A study has 100 trials on a 10 x 10 grid over 10 years of 252 sessions; the score is the Sharpe
-- ratio and the trial's returns come with it, so that the whole path is tested: workers, study,
-- results.luck. Worlds:
--
--     independent  no trial has skill, and none knows of another
--     field        no skill; neighbours on the grid have 2/3 of their noise in common
--     planted      the field, with a hill of skill: an annual Sharpe ratio of 1.5 at its top, which
--                  falls to 0.9 two steps away
--     half         the field; one half of the grid has an annual Sharpe ratio of 1.5, all alike
--     equal        the field; all of it has
--     rules        crossings of two moving averages of a random walk: no skill
--     trend        the same rules in a market whose drift changes sign now and then; DRIFT is such
--                  that the best rule has an annual Sharpe ratio of 1.5 in the long run
local opt = require "backlua.optimization"
local bit = require "bit"

local luck_studies = { SIDE = 10 }

local PERIODS, SIDE, SHARPE, REACH = 2520, luck_studies.SIDE, 1.5, 2
local SIGMA, STAY = 0.01, 1 - 1 / 60

-- Standard normals by the polar method on a 32-bit xorshift; the same everywhere.
local function normals(seed)
    local state, spare = bit.bxor(seed * 2654435 + 12345, 0x5bd1e995), nil
    local function unit()
        state = bit.bxor(state, bit.lshift(state, 13))
        state = bit.bxor(state, bit.rshift(state, 17))
        state = bit.bxor(state, bit.lshift(state, 5))
        return (state % 2 ^ 32 + 0.5) / 2 ^ 32
    end
    for _ = 1, 20 do
        unit()
    end
    return function()
        if spare then
            local value = spare
            spare = nil
            return value
        end
        local u, v, s
        repeat
            u, v = 2 * unit() - 1, 2 * unit() - 1
            s = u * u + v * v
        until s > 0 and s < 1
        local scale = math.sqrt(-2 * math.log(s) / s)
        spare = v * scale
        return u * scale
    end, unit
end

local function sharpe(returns)
    local sum, square = 0, 0
    for i = 1, #returns do
        sum = sum + returns[i]
    end
    local mean = sum / #returns
    for i = 1, #returns do
        square = square + (returns[i] - mean) ^ 2
    end
    return square > 0 and mean / math.sqrt(square / (#returns - 1)) * math.sqrt(252) or 0
end

-- ---- worlds of given returns -------------------------------------------------------------------

-- A layer of noise, wider than the grid by a margin: [cell][period]. Kept for the next trial.
local layer = {}

local function noise(seed)
    if layer.seed ~= seed then
        local draw = normals(seed)
        layer.seed, layer.at = seed, {}
        for cell = 1, (SIDE + 2) ^ 2 do
            local x = {}
            for t = 1, PERIODS do
                x[t] = draw()
            end
            layer.at[cell] = x
        end
    end
    return layer.at
end

local function cell(i, j)
    return i * (SIDE + 2) + j + 1
end

local worlds = {}

function worlds.independent(seed, i, j)
    local x, returns = noise(seed)[cell(i, j)], {}
    for t = 1, PERIODS do
        returns[t] = SIGMA * x[t]
    end
    return returns
end

-- Mean of the nine cells around, with the variance of one.
local function field(seed, i, j, mean)
    local all, returns = noise(seed), {}
    for t = 1, PERIODS do
        returns[t] = 0
    end
    for a = i - 1, i + 1 do
        for b = j - 1, j + 1 do
            local x = all[cell(a, b)]
            for t = 1, PERIODS do
                returns[t] = returns[t] + x[t]
            end
        end
    end
    for t = 1, PERIODS do
        returns[t] = SIGMA * (returns[t] / 3 + mean)
    end
    return returns
end

function worlds.field(seed, i, j)
    return field(seed, i, j, 0)
end

function worlds.planted(seed, i, j)
    local top_i, top_j = 2 + seed % 7, 2 + math.floor(seed / 7) % 7
    local distance = (i - top_i) ^ 2 + (j - top_j) ^ 2
    return field(seed, i, j, SHARPE / math.sqrt(252) * math.exp(-distance / (2 * REACH ^ 2)))
end

function worlds.half(seed, i, j)
    return field(seed, i, j, i <= SIDE / 2 and SHARPE / math.sqrt(252) or 0)
end

function worlds.equal(seed, i, j)
    return field(seed, i, j, SHARPE / math.sqrt(252))
end

-- ---- worlds of rules on a market ---------------------------------------------------------------

local FAST, SLOW = { 2, 3, 4, 5, 6, 8, 10, 12, 15, 20 }, { 10, 15, 20, 25, 30, 40, 50, 65, 80, 100 }

local market = {}

-- Prefix sums of the logarithms of prices.
local function prices(seed, drift, periods)
    if market.seed ~= seed or market.drift ~= drift then
        local draw, unit = normals(seed)
        local sign, level, returns, prefix = 1, 0, {}, { [0] = 0 }
        for t = 1, periods + 100 do
            sign = unit() < STAY and sign or -sign
            returns[t] = SIGMA * (draw() + sign * drift)
            level = level + returns[t]
            prefix[t] = prefix[t - 1] + level
        end
        market.seed, market.drift, market.returns, market.prefix = seed, drift, returns, prefix
    end
    return market.returns, market.prefix
end

local function rule(seed, i, j, drift, periods)
    periods = periods or PERIODS
    local returns, prefix = prices(seed, drift, periods)
    local fast, slow, out = FAST[i], SLOW[j], {}
    for t = 101, periods + 100 do
        local quick = (prefix[t - 1] - prefix[t - 1 - fast]) / fast
        local long = (prefix[t - 1] - prefix[t - 1 - slow]) / slow
        out[t - 100] = (quick > long and 1 or -1) * returns[t]
    end
    return out
end

function worlds.rules(seed, i, j)
    return rule(seed, i, j, 0)
end

luck_studies.DRIFT = 0.2

function worlds.trend(seed, i, j)
    return rule(seed, i, j, luck_studies.DRIFT)
end

-- Sharpe ratio of a rule over many years: what DRIFT is tuned by.
function luck_studies.true_sharpe(i, j, drift, years)
    return sharpe(rule(1, i, j, drift, years * 252))
end

-- ---- studies -----------------------------------------------------------------------------------

-- The returns of a cell.
function luck_studies.returns(world, seed, i, j)
    return assert(worlds[world], world)(seed, i, j)
end

function luck_studies.space()
    local parameters = {}
    for k, name in ipairs { "i", "j" } do
        parameters[k] = opt.DiscreteParameter { name = name, min_value = 1, max_value = SIDE }
    end
    return opt.ParameterSpace { parameters = parameters }
end

-- results.luck of study number `seed` of a world.
function luck_studies.luck(world, seed, n_jobs)
    local results = assert(opt.ParallelOptimizer {
        param_space = luck_studies.space(), n_jobs = n_jobs,
        objective = function(p)
            local returns = luck_studies.returns(world, seed, p.i, p.j)
            return sharpe(returns), returns
        end }:run())
    return results.luck
end

-- How many of `count` studies of a world were called luck, from seed `first` on. each: called with
-- each study's luck, or nil.
function luck_studies.count(world, count, first, n_jobs, each)
    local said = 0
    for seed = first, first + count - 1 do
        local l = luck_studies.luck(world, seed, n_jobs)
        said = said + (l.verdict == "luck" and 1 or 0)
        if each then
            each(l)
        end
    end
    return said
end

return luck_studies
