-- NoiseInfusionSimulator { n_simulations =, std_pct =, ... }:run { strategy =, bundle =, ... }
--
-- One study whose only parameter is the number of the simulation: 0 is the market as it was, the
-- others are its prices times noise (engine/store/noise.c), of which a number always makes the
-- same. So workers, batches and hash are those of any study.

local ffi = require "ffi"
local class = require "backlua.optimization.class"
local errors = require "backlua.errors"
local objective_function = require "backlua.optimization.objective_function"
local options = require "backlua.options"
local execution = require "backlua.optimization.execution"
local optimizer_options = require "backlua.optimization.optimizer_options"
local parameters = require "backlua.parameters"
local C = require("backlua.ffi").C

local methods = {}
local simulator_class = class.new("NoiseInfusionSimulator", methods)

local MODELS = { gaussian = C.BT_NOISE_GAUSSIAN, bootstrap = C.BT_NOISE_BOOTSTRAP }
local MODERATE, FRAGILE = 20, 50 -- per cent

local SPEC = {
    n_simulations = { kind = "integer", min = 100, max = 1e6, default = 1000 },
    std_pct = { kind = "number", above = 0, max = 0.5, default = 0.01 },
    noise_model = { kind = "string", choices = { "gaussian", "bootstrap" }, default = "gaussian" },
    seed = { kind = "integer", min = 0, max = 2 ^ 53, default = 1 },
    confidence_level = { kind = "number", above = 0, max = 0.9999, default = 0.95 },
    params = { kind = "table" },
    preserve_structure = { refused = "the structure is always kept: noise has the returns' "
        .. "correlation and one factor for the prices of a bar" },
}

--- Does a strategy live on the exact prices of its history?
-- Runs it over the market as it was, and over n_simulations in which every bar's open, high, low
-- and close are multiplied by 1 + std_pct * e: e has mean 0 and variance 1, is another one for each
-- bar, and of one bar belongs together over the assets as their returns do. "gaussian" draws normal
-- e with the returns' correlation; "bootstrap" takes the standardised returns of another bar, all
-- assets of one. std_pct * e is held within 0.9. Volume stays; an asset whose price never moved,
-- too.
--
-- Of rustybt's class of this name the arguments are kept, these faults are not: its
-- preserve_structure did nothing, so it is none here; a drawdown that became deeper counted as an
-- improvement, and the sign of a negative score went wrong; it took the prices of a single asset.
-- @param given n_simulations (1000, at least 100), std_pct (0.01, at most 0.5), noise_model
--   ("gaussian", "bootstrap"), seed (1, of the noise), confidence_level (0.95), params (of the
--   strategy; its own)
local function NoiseInfusionSimulator(given)
    return simulator_class.new(options.check("NoiseInfusionSimulator", SPEC, given or {}, 2))
end

-- ---- measures ----------------------------------------------------------------------------------

-- How much worse in per cent of the base's size; negative when better; nil without a measure.
local function degradation(base, mean, is_lower_better)
    local worse = is_lower_better and mean - base or base - mean
    if worse == 0 then
        return 0
    end
    return base ~= 0 and 100 * worse / math.abs(base) or nil
end

local function verdict_of(percent)
    if not percent then
        return nil
    end
    return percent < MODERATE and "robust" or percent <= FRAGILE and "moderate" or "fragile"
end

local function is_finite(x)
    return type(x) == "number" and x - x == 0
end

-- What became of one number. base: undisturbed; values: of the simulations. nil when there is
-- nothing to compare.
local function summary(name, base, values, is_lower_better, level)
    local numbers, stats = {}, require "backlua.stats"
    for _, value in ipairs(values) do
        numbers[#numbers + 1] = is_finite(value) and value or nil
    end
    if not is_finite(base) or #numbers < 2 then
        return nil
    end
    local moments = stats.moments(numbers)
    local least, p5, low, high, most = stats.quantile(numbers, 0, 0.05, (1 - level) / 2,
        (1 + level) / 2, 1)
    -- Equal values have one mean, whatever rounding makes of their sum.
    local same = least == most
    local mean = same and least or moments.mean
    local percent = degradation(base, mean, is_lower_better)
    return {
        name = name, observed = base, mean = mean, std = same and 0 or moments.sd,
        degradation = percent, verdict = verdict_of(percent), p5 = p5, low = low, high = high,
        values = values,
    }
end

-- Worst first, by name among equals; without a degradation last.
local function sorted_rows(metrics)
    local rows = {}
    for _, row in pairs(metrics) do
        rows[#rows + 1] = row
    end
    table.sort(rows, function(a, b)
        local x, y = a.degradation or -math.huge, b.degradation or -math.huge
        if x ~= y then
            return x > y
        end
        return a.name < b.name
    end)
    return rows
end

-- ---- a run -------------------------------------------------------------------------------------

local function values_of(done, get)
    local values = {}
    for i, trial in ipairs(done) do
        values[i] = get(trial)
    end
    return values
end

local function split(trials)
    local base, done = nil, {}
    for _, t in ipairs(trials) do
        if t.params.simulation == 0 then
            base = t
        elseif t.state == "done" then
            done[#done + 1] = t
        end
    end
    return base, done
end

-- Why the first simulation that failed did.
local function first_message(trials)
    for _, t in ipairs(trials) do
        if t.params.simulation ~= 0 and t.state ~= "done" then
            return t.message and t.message ~= "" and t.message or t.state
        end
    end
end

local function report(self, results, is_lower_better)
    local base, done = split(results.trials)
    if not base or base.state ~= "done" then
        return nil, errors.new("strategy", "the undisturbed run came to no score"
            .. (base and base.message ~= "" and ": " .. base.message or ""))
    end
    if #done == 0 then
        return nil, errors.new("strategy", ("no simulation of %d came to a score: %s"):format(
            self.n_simulations, first_message(results.trials)))
    end
    local level, metrics = self.confidence_level, {}
    for name, value in pairs(base.metrics) do
        local lower = not objective_function.from(name).higher_is_better
        metrics[name] = summary(name, value,
            values_of(done, function(t) return t.metrics[name] end), lower, level)
    end
    local score = summary("score", base.score, values_of(done, function(t) return t.score end),
        is_lower_better, level)
    local found = { verdict = score and score.verdict, score = score, metrics = metrics,
        table = sorted_rows(metrics), n_simulations = self.n_simulations,
        failed = self.n_simulations - #done, noise_model = self.noise_model,
        std_pct = self.std_pct, confidence_level = level, stats = results.stats,
        result_hash = results.result_hash }
    found.summary = require "backlua.optimization.noise_infusion_text"(found)
    return found
end

local pointer_out = ffi.new "bt_noise *[1]"

local function noise_text(self, params)
    return ("%s std_pct=%.17g seed=%.0f %s"):format(self.noise_model, self.std_pct, self.seed,
        parameters.canonical(params))
end

-- Gives a plan its noise. seen.lower: whether less of the objective is better.
local function extension(self, seen)
    local params = self.params or {}
    return {
        extend = function(plan)
            if not plan.job then
                return errors.new("usage", "run: strategy is required: noise goes over a market",
                    { misuse = true })
            end
            local status = C.bt_noise_new(plan.job.bundle, MODELS[self.noise_model], self.std_pct,
                self.seed, pointer_out)
            if status ~= C.BT_OK then
                return errors.native(status)
            end
            plan.job.noise = { simulation = 0, params = params,
                pointer = ffi.gc(pointer_out[0], C.bt_noise_free) }
            plan.entries = { { "noise", noise_text(self, params) } }
            seen.lower = plan.objectives.lower[1]
        end,
    }
end

--- Run the simulations.
-- @param given options of ParallelOptimizer and its :run (strategy, bundle, dates, objective,
--   n_jobs, seed, ...) but those that say which trials there are
-- @return table { verdict (of the score: "robust" when it loses less than 20 % on average,
--   "moderate", "fragile" above 50 %; nil when the undisturbed one is 0), score, metrics = by name,
--   each { name, observed (undisturbed), mean, std, degradation (per cent of the observed one's
--   size by which the mean is worse; negative when better; nil of 0), verdict, p5 (5th percentile),
--   low, high (the interval of confidence_level), values }, table = the metrics, most degraded
--   first, summary (both as a text), n_simulations, failed (simulations without a score),
--   result_hash, stats }, or nil and an error
function methods:run(given)
    if not simulator_class.is(self) then
        error("run: call it with a colon, simulator:run { ... }", 2)
    end
    local seen = {}
    local fields = optimizer_options.lay_out(given, "simulation", 0, self.n_simulations)
    local results, err = execution.run(fields, extension(self, seen))
    if not results and err.misuse then
        error(err.message, 2)
    elseif not results then
        return nil, err
    end
    return report(self, results, seen.lower)
end

return { public = NoiseInfusionSimulator, is = simulator_class.is }
