-- Is a walk-forward luck? Of the stitched test returns there is one series, chosen before it was
-- seen, so its deflated Sharpe ratio is the plain probability that it is above 0. The probability
-- of overfitting is that of the choices, by CSCV among train's trials. Where all windows tried the
-- same parameters, as a grid does, their trains are joined, each session once: a train alone is
-- too short to tell a good choice from luck (of five parameters, one with an annual Sharpe ratio of
-- 1.5 over ten years, trains of two years gave 0.35 on average, joined ones 0.03). Else, as with a
-- search that learns, they are pooled: a half of one window goes with the same blocks of all
-- others, what is best there has a rank in the other half, and the probability is the share of
-- halves in which the mean rank is no better than the middle. Other fields as in luck.lua;
-- pbo_windows says of how many windows.

local ffi = require "ffi"
local luck = require "backlua.optimization.luck"
local number = require "backlua.text.number"
local C = require("backlua.ffi").C

local TRIALS_MAX, BLOCK_PERIODS = 500, 4
local HALVES_MAX = 252 -- of ten blocks
local MIDDLE = 0.5 + 1e-12 -- a rank in the middle counts as below, rounded sums of it as well

-- Trials of a window's train of one length, evenly chosen when they are many.
local function picks(study, trials)
    local list, periods = {}, nil
    for _, t in ipairs(trials) do
        local n = C.bt_study_periods(study, t.trial)
        periods = periods or n > 0 and n or nil
        if n > 0 and n == periods then
            list[#list + 1] = t.trial
        end
    end
    local step = math.max(1, #list / TRIALS_MAX)
    local chosen = {}
    for i = 1, math.min(#list, TRIALS_MAX) do
        chosen[i] = list[1 + math.floor((i - 1) * step)]
    end
    return chosen, periods
end

local function blocks_of(periods, trials)
    local blocks = math.min(10, math.floor(periods / BLOCK_PERIODS / 2) * 2)
    return trials >= 2 and blocks >= 4 and blocks or nil
end

-- Of trials in columns of returns, which this makes excess ones.
local function overfit_of(returns, periods, trials, blocks, risk_free, logits)
    for i = 0, risk_free ~= 0 and trials * periods - 1 or -1 do
        returns[i] = returns[i] - risk_free
    end
    local pbo = ffi.new "bt_pbo"
    local status = C.bt_odds_pbo(returns, periods, trials, blocks, logits, pbo)
    return status == C.BT_OK and pbo or nil
end

-- ---- pooled trains -----------------------------------------------------------------------------

local function returns_of(study, numbers, periods)
    local returns = ffi.new("double[?]", #numbers * periods)
    for i, trial in ipairs(numbers) do
        if C.bt_study_series(study, trial, returns + (i - 1) * periods) ~= C.BT_OK then
            return nil
        end
    end
    return returns
end

-- Windows with enough in train, each { numbers =, periods = }, and blocks that all of them allow.
local function usable(study, lists)
    local windows, least = {}, nil
    for _, window in ipairs(lists) do
        local numbers, periods = picks(study, window.train)
        local blocks = blocks_of(periods or 0, #numbers)
        if blocks then
            windows[#windows + 1] = { numbers = numbers, periods = periods }
            least = math.min(least or blocks, blocks)
        end
    end
    return windows, least
end

-- Adds the ranks, 0 to 1, that the choices of a window's halves have outside; how many halves.
local function add_ranks(study, window, blocks, risk_free, ranks)
    local logits = ffi.new("double[?]", HALVES_MAX)
    local returns = returns_of(study, window.numbers, window.periods)
    local pbo = returns and overfit_of(returns, window.periods, #window.numbers, blocks, risk_free,
        logits)
    for i = 1, pbo and pbo.halves or 0 do
        ranks[i] = (ranks[i] or 0) + 1 / (1 + math.exp(-logits[i - 1]))
    end
    return pbo ~= nil
end

local function pooled_overfit(study, lists, risk_free)
    local ranks, count, below = {}, 0, 0
    local windows, blocks = usable(study, lists)
    for _, window in ipairs(windows) do
        count = count + (add_ranks(study, window, blocks, risk_free, ranks) and 1 or 0)
    end
    for _, sum in ipairs(ranks) do
        below = below + (sum / count <= MIDDLE and 1 or 0)
    end
    return count > 0 and below / #ranks or nil, count
end

-- ---- joined trains -----------------------------------------------------------------------------

local function key_of(params)
    local parts = {}
    for i, name in ipairs(require "backlua.sorted_keys"(params)) do
        parts[i] = name .. "=" .. tostring(params[name])
    end
    return table.concat(parts, "\0")
end

-- Trials that every window has with its returns: array of arrays, a trial for each window.
local function common(study, lists, spans)
    local by_key, found = {}, {}
    for w, window in ipairs(lists) do
        for _, t in ipairs(window.train) do
            local key = key_of(t.own)
            local row = by_key[key] or {}
            by_key[key] = row
            if #row == w - 1 and C.bt_study_periods(study, t.trial) == spans[w].train.sessions then
                row[w] = t.trial
            end
            if #row == #lists and w == #lists then
                found[#found + 1] = row
            end
        end
    end
    return found
end

-- Column `out` of a trial over all windows.
local function join(study, row, spans, out)
    for w, trial in ipairs(row) do
        local train = spans[w].train
        local whole = ffi.new("double[?]", train.sessions)
        if C.bt_study_series(study, trial, whole) ~= C.BT_OK then
            return false
        end
        ffi.copy(out, whole + (train.sessions - train.fresh), train.fresh * 8)
        out = out + train.fresh
    end
    return true
end

-- nil where the windows did not try the same.
local function joined_overfit(study, lists, spans, risk_free)
    local rows, periods, most = common(study, lists, spans), 0, 0
    for w, window in ipairs(lists) do
        periods, most = periods + spans[w].train.fresh, math.max(most, #window.train)
    end
    if #rows < most or #rows > TRIALS_MAX then
        return nil
    end
    local returns = ffi.new("double[?]", #rows * periods)
    for i, row in ipairs(rows) do
        if not join(study, row, spans, returns + (i - 1) * periods) then
            return nil
        end
    end
    local blocks = blocks_of(periods, #rows)
    local pbo = blocks and overfit_of(returns, periods, #rows, blocks, risk_free)
    return pbo and pbo.pbo
end

local function sentence_of(l)
    local parts = {}
    if l.dsr < 0.95 then
        parts[1] = ("the tests' Sharpe ratio of %s is above 0 with %s only"):format(
            number.fixed(l.sharpe), number.apart(l.dsr, 0.95))
    end
    if l.pbo and l.pbo > 0.2 then
        parts[#parts + 1] = ("what is best in one half of train is too often below the median in "
            .. "the other (PBO %s, above 0.2)"):format(number.apart(l.pbo, 0.2))
    end
    if l.driver == "choice" then
        parts[#parts + 1] = ("so the choice of parameters is luck, but the strategy may not be: "
            .. "the tests' Sharpe ratio of %s is above 0 with %s"):format(number.fixed(l.sharpe),
            number.fixed(l.dsr, 3))
    end
    if #parts > 0 then
        return "probably luck: " .. table.concat(parts, "; ")
    end
    return ("probably not luck: the tests' Sharpe ratio of %s is above 0 with %s"):format(
        number.fixed(l.sharpe), number.fixed(l.dsr, 3))
end

-- Luck of a walk: daily (array of test returns), lists (trials by window and stage), spans (the
-- windows; nil: their trains are not joined).
return function(study, daily, lists, spans)
    local periods_per_year, risk_free = luck.periods(study)
    local returns = ffi.new("double[?]", math.max(#daily, 1))
    for i = 1, #daily do
        returns[i - 1] = daily[i] - risk_free
    end
    local l, message = luck.of_matrix(returns, #daily, 1, 0, 1, periods_per_year,
        luck.seed(study))
    if not l then
        return { verdict = "unknown", sentence = "cannot be told: " .. message }
    end
    l.pbo, l.pbo_windows = spans and joined_overfit(study, lists, spans, risk_free), #lists
    if not l.pbo then
        l.pbo, l.pbo_windows = pooled_overfit(study, lists, risk_free)
    end
    if l.verdict ~= "unknown" then
        l.verdict = (l.dsr < 0.95 or l.pbo and l.pbo > 0.2) and "luck" or "not luck"
        l.driver = luck.driver(l)
        l.sentence = sentence_of(l)
    end
    return l
end
