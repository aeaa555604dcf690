-- SensitivityAnalyzer { base_params =, ... }:run { strategy =, bundle =, ... }
--
-- One study of points around the base: each parameter alone, and each pair on a small grid. All
-- measures are shares, so neither the unit of a parameter nor that of the objective is in them.

local class = require "backlua.optimization.class"
local errors = require "backlua.errors"
local options = require "backlua.options"
local execution = require "backlua.optimization.execution"
local optimizer_options = require "backlua.optimization.optimizer_options"

local methods = {}
local analyzer_class = class.new("SensitivityAnalyzer", methods)

local POINT = "sensitivity_point" -- the one parameter of the study
local PAIR_POINTS = 5
local ROBUST, MODERATE = 0.8, 0.5

local function check_params(value)
    if type(value) ~= "table" or next(value) == nil then
        return "must be a table of parameters by name"
    end
    for name, v in pairs(value) do
        if type(name) ~= "string" or type(v) == "number" and (v ~= v or math.abs(v) == 1 / 0) then
            return "must be a table of finite parameters by name"
        end
    end
end

local SPEC = {
    base_params = { check = check_params, required = true },
    n_points = { kind = "integer", min = 3, max = 1000, default = 20 },
    perturbation_pct = { kind = "number", above = 0, max = 10, default = 0.5 },
    interaction_threshold = { kind = "number", min = 0, max = 1, default = 0.1 },
    interactions = { kind = "boolean", default = true },
    n_bootstrap = { refused = "a curve of exact scores has no interval: a strategy scores the same "
        .. "each time; NoiseInfusionSimulator and MonteCarloSimulator give intervals" },
    random_seed = { refused = "nothing is drawn here; the seed of the backtests is an option of "
        .. ":run" },
}

--- How much the score hangs on each parameter, alone and with another.
-- Numbers are moved within +- perturbation_pct of the base; whole ones stay whole. Texts and
-- booleans stay as they are.
--
-- Of rustybt's class of this name the arguments are kept, these faults are not: its stability score
-- 1 / (1 + variance + gradient + curvature) changes with the units of parameter and score; whole
-- parameters were given fractions; and its intervals shuffled the curve they were of.
-- @param given base_params; n_points (20, of each parameter), perturbation_pct (0.5),
--   interactions (true), interaction_threshold (0.1)
local function SensitivityAnalyzer(given)
    return analyzer_class.new(options.check("SensitivityAnalyzer", SPEC, given, 2))
end

-- ---- points ------------------------------------------------------------------------------------

local function sorted_numbers(params)
    local names = {}
    for name, value in pairs(params) do
        if type(value) == "number" then
            names[#names + 1] = name
        end
    end
    table.sort(names)
    return names
end

-- At most n values around a base, ascending, each once. A whole base above 0 has none below 1.
local function values_around(base, share, n)
    local reach = base ~= 0 and math.abs(base) * share or share
    local whole, list = base % 1 == 0 and base ~= 0, {}
    for i = 0, n - 1 do
        local value = base - reach + 2 * reach * i / (n - 1)
        value = whole and math.floor(value + 0.5) or value
        value = whole and base > 0 and math.max(1, value) or value
        if value ~= list[#list] then
            list[#list + 1] = value
        end
    end
    return list
end

local function with(base, changes)
    local point = {}
    for name, value in pairs(base) do
        point[name] = value
    end
    for name, value in pairs(changes) do
        point[name] = value
    end
    return point
end

-- A list of points, and a function that adds the base with changes and gives its number: equal
-- points have one.
local function collector(base)
    local points, known = {}, {}
    return points, function(changes)
        local point = with(base, changes)
        local text = require "backlua.parameters".canonical(point)
        if not known[text] then
            points[#points + 1], known[text] = point, #points + 1
        end
        return known[text]
    end
end

local function pair_of(base, share, x, y, add)
    local pair = { x, y, at = {}, x_values = values_around(base[x], share, PAIR_POINTS),
        y_values = values_around(base[y], share, PAIR_POINTS) }
    for a, x_value in ipairs(pair.x_values) do
        pair.at[a] = {}
        for b, y_value in ipairs(pair.y_values) do
            pair.at[a][b] = add { [x] = x_value, [y] = y_value }
        end
    end
    return pair
end

local function lay_out(self)
    local base, share = self.base_params, self.perturbation_pct
    local points, add = collector(base)
    local names = sorted_numbers(base)
    local layout = { points = points, base = add {}, lines = {}, pairs = {} }
    for i, name in ipairs(names) do
        local line = { name = name, values = values_around(base[name], share, self.n_points),
            at = {} }
        for k, value in ipairs(line.values) do
            line.at[k] = add { [name] = value }
        end
        layout.lines[i] = line
    end
    for i = 1, self.interactions and #names or 0 do
        for j = i + 1, #names do
            table.insert(layout.pairs, pair_of(base, share, names[i], names[j], add))
        end
    end
    return layout
end

-- ---- measures ----------------------------------------------------------------------------------

-- What a change of the score is measured by: the base's size, but a base near 0 is not to make
-- everything fragile, so at least half of the scores' around it.
local function scale_of(scores, count, base)
    local sum, n = 0, 0
    for i = 1, count do
        if scores[i] then
            sum, n = sum + math.abs(scores[i]), n + 1
        end
    end
    return math.max(math.abs(base), sum / n / 2)
end

local function class_of(stability)
    return stability > ROBUST and "robust" or stability > MODERATE and "moderate" or "fragile"
end

-- Mean share of the score that stays, over the points; one without a score keeps nothing.
local function line_of(line, scores, base, scale)
    local stays, curve = 0, {}
    for i, at in ipairs(line.at) do
        local score = scores[at]
        if score == base then
            stays = stays + 1
        elseif score then
            stays = stays + math.max(0, 1 - math.abs(score - base) / scale)
        end
        curve[i] = { value = line.values[i], score = score }
    end
    local stability = stays / #line.at
    return { stability = stability, class = class_of(stability), curve = curve }
end

-- Share of the variance on the grid that is left when both have had their own; nil when a point has
-- no score.
local function interaction_of(pair, scores)
    local rows, columns, all, n, m = {}, {}, 0, #pair.at, #pair.at[1]
    for a = 1, n do
        for b = 1, m do
            local score = scores[pair.at[a][b]]
            if not score then
                return nil
            end
            rows[a], columns[b] = (rows[a] or 0) + score / m, (columns[b] or 0) + score / n
            all = all + score / (n * m)
        end
    end
    local total, rest = 0, 0
    for a = 1, n do
        for b = 1, m do
            local score = scores[pair.at[a][b]]
            total = total + (score - all) ^ 2
            rest = rest + (score - rows[a] - columns[b] + all) ^ 2
        end
    end
    return total > 0 and rest / total or 0
end

-- The pair's scores: { x = values, y = values, score = [x][y], nil where there is none }.
local function grid_of(pair, scores)
    local grid = { x = pair.x_values, y = pair.y_values, score = {} }
    for a, row in ipairs(pair.at) do
        grid.score[a] = {}
        for b, at in ipairs(row) do
            grid.score[a][b] = scores[at]
        end
    end
    return grid
end

-- ---- a run -------------------------------------------------------------------------------------

-- lower: whether less of the score is better.
local function report(self, layout, results, lower)
    local scores = {}
    for _, t in ipairs(results.trials) do
        scores[t.params[POINT]] = t.state == "done" and t.score or nil
    end
    local base = scores[layout.base]
    if not base then
        return nil, errors.new("strategy", "the base parameters came to no score")
    end
    local scale = scale_of(scores, #layout.points, base)
    local out = { base_score = base, parameters = {}, interactions = {}, stats = results.stats,
        result_hash = results.result_hash }
    for _, line in ipairs(layout.lines) do
        out.parameters[line.name] = line_of(line, scores, base, scale)
    end
    for i, pair in ipairs(layout.pairs) do
        local share = interaction_of(pair, scores)
        out.interactions[i] = { pair[1], pair[2], share = share, grid = grid_of(pair, scores),
            interacts = share ~= nil and share > self.interaction_threshold }
    end
    out.summary = require "backlua.optimization.sensitivity_text"(out, lower)
    return out
end

local function points_text(points)
    local lines = {}
    for i, point in ipairs(points) do
        lines[i] = require "backlua.parameters".canonical(point)
    end
    return table.concat(lines, "\n")
end

-- seen.lower: whether less of the objective is better.
local function extension(layout, seen)
    return {
        extend = function(plan)
            seen.lower = plan.objectives.lower[1]
            plan.evaluator.points, plan.evaluator.point_name = layout.points, POINT
            plan.entries = { { "points", points_text(layout.points) } }
        end,
    }
end

--- Run the points.
-- @param given options of ParallelOptimizer and its :run (strategy, bundle, dates, objective,
--   n_jobs, seed, ...) but those that say which trials there are
-- @return table { base_score, parameters = by name { stability (0 .. 1, the mean share of the score
--   that stays), class ("robust" above 0.8, "moderate" above 0.5, "fragile"), curve = array of {
--   value, score } }, interactions = array of { name, name, share (of the variance that neither
--   explains alone), interacts, grid = { x = values, y = values, score = [x][y] } }, summary (a
--   text, with a heat map of the pair that interacts most), result_hash, stats }, or nil and an
--   error
function methods:run(given)
    if not analyzer_class.is(self) then
        error("run: call it with a colon, analyzer:run { ... }", 2)
    end
    local layout = lay_out(self)
    local fields = optimizer_options.lay_out(given, POINT, 1, #layout.points)
    local seen = {}
    local results, err = execution.run(fields, extension(layout, seen))
    if not results then
        return nil, err
    end
    return report(self, layout, results, seen.lower)
end

return { public = SensitivityAnalyzer, is = analyzer_class.is }
