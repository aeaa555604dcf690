-- Is the best of a study luck? What results.luck holds:
--
--     verdict     "luck" when dsr < 0.95 or pbo > 0.2, else "not luck"; "unknown" when neither can
--                 be told
--     sentence    the verdict in words, and what drove it
--     driver      of "luck": "best" (dsr), "choice" (pbo: which of the trials is best is luck, the
--                 strategy may not be), "both"; but: the end of the sentence that says so
--     sharpe, sharpe_low, sharpe_high   annual, of the best, and its 95 % interval by resampling
--     psr         probability that the best's true Sharpe ratio is above 0
--     dsr         the same above what the best of so many trials shows without skill; dsr_all:
--                 as if all of them were independent
--     tried       trials with a score ever run on the bundle, over all studies (the ledger)
--     effective   how many independent ones those are worth; correlation: mean of the trials'
--     expected_best     annual Sharpe ratio that the best of them shows by luck
--     min_track_record  sessions after which the Sharpe ratio is above 0 with 95 %; infinite: never
--     min_backtest      years below which luck shows as much
--     pbo         probability of backtest overfitting; pbo_loss: share of halves whose choice lost
--                 money outside of them; pbo_blocks
--     reality_check     White's p-value; spa: Hansen's { lower, consistent, upper }
--     plateau     0 (a spike) .. 1: how high the best's neighbours are; plateau_by_parameter,
--                 plateau_neighbours (of how many), plateau_missing (how many one step away were
--                 not run; nothing is guessed of them)
--     importance  by parameter: share of the score's variance it explains alone
--     chosen      number of the trial that is the best for its plateau, when select = "plateau"
--     trials, periods   that this was reckoned from: the trials whose returns are kept
--
-- Returns are in excess of the risk-free rate, as in the Sharpe ratio. Formulas and sources:
-- engine/backlua/odds.h. The same study and ledger give the same digits.

local ffi = require "ffi"
local canonical = require "backlua.optimization.canonical"
local number = require "backlua.text.number"
local study_module = require "backlua.optimization.study"
local C = require("backlua.ffi").C

local luck = {}

-- Bounds of what is looked at: a sample stands for larger studies.
local TRIALS_MAX, CELLS_MAX = 2000, 8e6

local VERDICT = {
    [C.BT_LUCK_UNKNOWN] = "unknown", [C.BT_LUCK_NO] = "not luck", [C.BT_LUCK_YES] = "luck",
}

-- nil for NaN.
local function known(x)
    return x == x and x or nil
end

-- ---- words -------------------------------------------------------------------------------------

local function fixed(x)
    return x and number.fixed(x) or "-"
end

-- A probability that is not quite one must not look like it.
local function probability(x)
    return x and x > 0.995 and x < 1 and "> 0.99" or fixed(x)
end

local function because(l)
    local parts = {}
    if l.dsr and l.dsr < 0.95 then
        parts[#parts + 1] = ("a Sharpe ratio of %s is not far enough from the %s that luck alone "
            .. "shows as the best of %s (DSR %s, below 0.95)"):format(fixed(l.sharpe),
            fixed(l.expected_best), number.count(l.tried), number.apart(l.dsr, 0.95))
    end
    if l.pbo and l.pbo > 0.2 then
        parts[#parts + 1] = ("what is best in one half of the time is below the median in the "
            .. "other half too often (PBO %s, above 0.2)"):format(number.apart(l.pbo, 0.2))
    end
    return table.concat(parts, "; ")
end

-- When all trials have the same skill none of them is better than another, and that is all that the
-- probability of overfitting says.
local function but(l)
    if l.driver ~= "choice" then
        return nil
    end
    return ("so the choice among %s trials (correlation %s) is luck, but the strategy may not be: "
        .. "DSR %s, and what was chosen lost money outside its half in %s"):format(
        number.count(l.trials), fixed(l.correlation), probability(l.dsr),
        number.percent(l.pbo_loss, 0))
end

-- What makes a verdict "luck": "best", "choice", "both"; nil: nothing does.
function luck.driver(l)
    local by_best, by_choice = l.dsr and l.dsr < 0.95, l.pbo and l.pbo > 0.2
    return by_best and by_choice and "both" or by_best and "best" or by_choice and "choice" or nil
end

local function sentence_of(l)
    if l.verdict == "luck" then
        return "probably luck: " .. because(l) .. (l.but and "; " .. l.but or "")
    elseif l.verdict == "not luck" then
        return ("probably not luck: a Sharpe ratio of %s where luck alone shows %s (DSR %s%s)")
            :format(fixed(l.sharpe), fixed(l.expected_best), probability(l.dsr),
                l.pbo and ", PBO " .. fixed(l.pbo) or "")
    end
    return "cannot be told: the best trial's returns do not vary"
end

-- ---- numbers -----------------------------------------------------------------------------------

local function as_table(l)
    return {
        verdict = VERDICT[l.verdict], sharpe = known(l.sharpe), sharpe_low = known(l.sharpe_low),
        sharpe_high = known(l.sharpe_high), skew = known(l.skew), kurt = known(l.kurt),
        psr = known(l.psr), dsr = known(l.dsr), dsr_all = known(l.dsr_all), tried = l.tried,
        effective = l.effective, correlation = l.correlation,
        expected_best = known(l.expected_best), min_track_record = known(l.min_track_record),
        min_backtest = known(l.min_backtest), pbo = known(l.pbo.pbo), pbo_loss = known(l.pbo.loss),
        pbo_blocks = l.blocks > 0 and l.blocks or nil, reality_check = l.reality_check,
        spa = { lower = l.spa[0], consistent = l.spa[1], upper = l.spa[2] },
        trials = l.trials, periods = l.periods,
    }
end

local function in_words(out)
    local l = as_table(out)
    l.driver = l.verdict == "luck" and luck.driver(l) or nil
    l.but = but(l)
    l.sentence = sentence_of(l)
    return l
end

--- All of it but what needs parameters, from a matrix of returns.
-- @param returns double [trials * periods] in excess of the risk-free rate, periods, trials; best:
--   0-based row of the chosen trial; tried, periods_per_year, seed
-- @return table as above; nil and a message when there are too few
function luck.of_matrix(returns, periods, trials, best, tried, periods_per_year, seed)
    local out = ffi.new "bt_luck"
    if C.bt_odds_luck(returns, periods, trials, best, tried, periods_per_year, seed, out)
        ~= C.BT_OK then
        return nil, ffi.string(C.bt_error_message())
    end
    return in_words(out)
end

-- Trials with a score that repeat no earlier one.
local function count_tried(study)
    local count, t = 0, ffi.new "bt_trial"
    for i = 0, C.bt_study_count(study) - 1 do
        C.bt_study_trial(study, i, t)
        count = count + (t.state == C.BT_TRIAL_DONE and t.duplicate_of == 0 and 1 or 0)
    end
    return count
end

-- ---- parameters --------------------------------------------------------------------------------

local MISSING = -1e300 -- of a parameter that another one switches off: a level of its own

-- Names in order, which of them are choices (texts and booleans), and a code for each choice by
-- order of appearance.
local function columns_of(rows)
    local kinds, codes, names = {}, {}, {}
    for _, params in ipairs(rows) do
        for name, value in pairs(params) do
            if not kinds[name] then
                kinds[name] = type(value) == "number" and "number" or "choice"
                codes[name], names[#names + 1] = { n = 0 }, name
            end
            local of = codes[name]
            if kinds[name] == "choice" and not of[value] then
                of.n = of.n + 1
                of[value] = of.n
            end
        end
    end
    table.sort(names)
    return { rows = rows, names = names, kinds = kinds, codes = codes }
end

local function cells_of(c, scores)
    local trials, params = #c.rows, #c.names
    local x = ffi.new("double[?]", math.max(trials * params, 1))
    local score = ffi.new("double[?]", math.max(trials, 1))
    local is_choice = ffi.new("int32_t[?]", math.max(params, 1))
    for j, name in ipairs(c.names) do
        local codes = c.kinds[name] == "choice" and c.codes[name]
        is_choice[j - 1] = codes and 1 or 0
        for i, row in ipairs(c.rows) do
            local value = row[name]
            value = codes and codes[value] or value
            x[(i - 1) * params + j - 1] = type(value) == "number" and value or MISSING
        end
    end
    for i = 1, trials do
        score[i - 1] = scores[i]
    end
    return x, is_choice, score, trials, params
end

local function by_name(names, values)
    local out = {}
    for j, name in ipairs(names) do
        out[name] = known(values[j - 1])
    end
    return out
end

--- Plateau score and importance of parameters.
-- @param rows array of tables of parameters; scores: larger is better, NaN for none; seed
-- @return table {plateau, plateau_neighbours, plateau_missing, plateau_by_parameter, importance};
--   empty for fewer than two trials
function luck.of_parameters(rows, scores, seed)
    local l, c = {}, columns_of(rows)
    local x, is_choice, score, trials, params = cells_of(c, scores)
    if trials < 2 or params < 1 then
        return l
    end
    local values = ffi.new("double[?]", params)
    local neighbours, missing = ffi.new "int32_t[1]", ffi.new "int32_t[1]"
    local plateau = ffi.new "double[1]"
    if C.bt_odds_plateau(x, is_choice, score, trials, params, values, neighbours, missing, plateau)
        == C.BT_OK then
        l.plateau, l.plateau_neighbours = known(plateau[0]), neighbours[0]
        l.plateau_missing = missing[0]
        l.plateau_by_parameter = by_name(c.names, values)
    end
    if C.bt_odds_importance(x, is_choice, score, trials, params, seed, values) == C.BT_OK then
        l.importance = by_name(c.names, values)
    end
    return l
end

-- Parameters, scores (larger is better) and numbers of the trials that repeat no earlier one.
local function trials_of(study)
    local sign = study_module.meta(study, "higher_is_better") == "0" and -1 or 1
    local t, rows, scores, numbers = ffi.new "bt_trial", {}, {}, {}
    for i = 0, C.bt_study_count(study) - 1 do
        C.bt_study_trial(study, i, t)
        if t.duplicate_of == 0 then
            rows[#rows + 1] = canonical(ffi.string(t.params))
            scores[#rows] = t.state == C.BT_TRIAL_DONE and sign * t.score or 0 / 0
            numbers[#rows] = t.number
        end
    end
    return rows, scores, numbers
end

-- Which trial of a study counts as its best: "peak", the highest score, or "plateau", the highest
-- mean of a trial and its neighbours. nil, or what failed.
function luck.choose(study, how)
    local chosen = 0
    if how == "plateau" then
        local rows, scores, numbers = trials_of(study)
        local x, is_choice, score, trials, params = cells_of(columns_of(rows), scores)
        local at = C.bt_odds_plateau_choice(x, is_choice, score, trials, params)
        chosen = at >= 0 and numbers[at + 1] or 0
    elseif not study_module.meta(study, "chosen") then
        return nil
    end
    C.bt_study_set_meta(study, "chosen", ("%d"):format(chosen))
    return C.bt_study_flush(study) ~= C.BT_OK and require "backlua.errors".native() or nil
end

-- ---- a study -----------------------------------------------------------------------------------

-- Trials with a score ever run on a study's bundle, this study's at least.
function luck.tried(study)
    local own = count_tried(study)
    local sha, name = study_module.meta(study, "bundle_sha256"), study_module.meta(study, "bundle")
    return sha and math.max(own, C.bt_ledger_count(sha, name or "")) or own
end

-- Write a search that ended into the ledger. Runs on disturbed prices are no tries on the data:
-- nothing is chosen from them.
function luck.count(study)
    local sha, identity = study_module.meta(study, "bundle_sha256"),
        study_module.meta(study, "identity")
    if sha and identity and not study_module.meta(study, "noise") then
        C.bt_ledger_add(sha, study_module.meta(study, "bundle") or "", identity,
            count_tried(study))
    end
end

-- Periods a year and the risk-free rate of one of them.
function luck.periods(study)
    local a = tonumber(study_module.meta(study, "periods_per_year") or "") or 252
    local annual = tonumber(study_module.meta(study, "risk_free") or "") or 0
    return a, annual ~= 0 and (1 + annual) ^ (1 / a) - 1 or 0
end

-- Of resamples and importance.
function luck.seed(study)
    return tonumber(study_module.meta(study, "seed") or "") or 1
end

-- Cohorts by study, of those that were filled while their study was computed.
local filled = setmetatable({}, { __mode = "k" })

local function cohort_of(study)
    local _, risk_free = luck.periods(study)
    return ffi.gc(C.bt_cohort_new(TRIALS_MAX, CELLS_MAX, risk_free), C.bt_cohort_free)
end

-- A study whose luck will be asked for when its search has ended, before its first trial: the
-- cohort to be filled meanwhile.
function luck.prepare(study)
    filled[study] = cohort_of(study)
    return filled[study]
end

local function of_returns(study)
    local out = ffi.new "bt_luck"
    local directions = study_module.meta(study, "higher_is_better") or "1"
    if directions:find " " then
        return nil, "luck is told for one objective only, and this study has several"
    end
    local cohort, a = filled[study] or cohort_of(study), luck.periods(study)
    filled[study] = nil -- asked once, as a rule
    if C.bt_study_luck(study, cohort, luck.tried(study), a, luck.seed(study), out) ~= C.BT_OK then
        return nil, ffi.string(C.bt_error_message())
    end
    return in_words(out)
end

--- Luck of a bt_study.
-- @return table as above; without returns only verdict ("unknown"), sentence, plateau, importance
function luck.of_study(study)
    local l, message = of_returns(study)
    l = l or { verdict = "unknown", sentence = "cannot be told: " .. message }
    local chosen = tonumber(study_module.meta(study, "chosen") or "") or 0
    l.chosen = chosen > 0 and chosen or nil
    local rows, scores = trials_of(study)
    for name, value in pairs(luck.of_parameters(rows, scores, luck.seed(study))) do
        l[name] = value
    end
    return l
end

-- ---- for people --------------------------------------------------------------------------------

local function sorted_by_value(values)
    local names = {}
    for name in pairs(values) do
        names[#names + 1] = name
    end
    table.sort(names, function(a, b)
        if values[a] ~= values[b] then
            return values[a] > values[b]
        end
        return a < b
    end)
    return names
end

local function list_of(values, text)
    local parts = {}
    for _, name in ipairs(sorted_by_value(values)) do
        parts[#parts + 1] = name .. " " .. text(values[name])
    end
    return table.concat(parts, ", ")
end

local function percent(x)
    return number.percent(x, 0)
end

-- What parameters explain alone, and what is left for them together.
local function importance_text(importance)
    local alone, count = 0, 0
    for _, share in pairs(importance) do
        alone, count = alone + share, count + 1
    end
    local text = list_of(importance, percent) .. " of the variance"
    if count > 1 and alone < 0.995 then
        text = text .. (" alone; %s together, or noise"):format(percent(1 - alone))
    end
    return text
end

local function record_text(l)
    local sessions = l.min_track_record
    return sessions and sessions < math.huge and number.count(math.ceil(sessions)) .. " sessions"
        or "for ever"
end

-- What is reckoned from returns.
local function number_rows(l)
    return {
        { "Sharpe", ("%s, 95 %% within %s..%s; above 0 with %s (PSR), which takes %s to see")
            :format(fixed(l.sharpe), fixed(l.sharpe_low), fixed(l.sharpe_high),
            l.psr and probability(l.psr) or "-", record_text(l)) },
        { "Trials", ("%s ever on this data, worth %s independent ones; DSR %s, %s if all were")
            :format(number.count(l.tried), number.fixed(l.effective, 1),
                l.dsr and probability(l.dsr) or "-", l.dsr_all and probability(l.dsr_all) or "-") },
        { "p-values", ("%s reality check, %s superior predictive ability"):format(
            fixed(l.reality_check), fixed(l.spa.consistent)) },
    }
end

-- Rows { title, text } of a table for people.
function luck.rows(l)
    local rows = { { "Is it real?", l.but and l.sentence:sub(1, -#l.but - 3) or l.sentence } }
    rows[2] = l.but and { "", l.but } or nil
    for _, row in ipairs(l.trials and number_rows(l) or {}) do
        rows[#rows + 1] = row
    end
    if l.chosen then
        rows[#rows + 1] = { "Chosen", ("trial %d, for its plateau: what is said above is of it")
            :format(l.chosen) }
    end
    if l.plateau then
        local missing = l.plateau_missing
        rows[#rows + 1] = { "Plateau", ("%s of the way from the median to the best, by %d "
            .. "neighbour%s%s"):format(percent(l.plateau), l.plateau_neighbours,
            l.plateau_neighbours == 1 and "" or "s", missing > 0
            and (", %d next to it not run"):format(missing) or "") }
    end
    if l.importance and next(l.importance) then
        rows[#rows + 1] = { "Importance", importance_text(l.importance) }
    end
    return rows
end

return luck
