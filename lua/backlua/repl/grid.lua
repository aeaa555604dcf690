-- grid("sma.lua", { fast = { 5, 43, 2 }, slow = { 50, 240, 10 } }): a grid of parameters, and the
-- map of its scores filling while it runs.
--
-- The map is drawn over two parameters: the first two by name, or those of `over`. On a terminal
-- it is drawn again in place as trials come in, at most ten times a second, neighbours taken
-- together where the screen is too small for all of it; the whole map comes once, at the end. For
-- more than this page says there is backlua.optimization itself (`opt` at the prompt).

local errors = require "backlua.errors"
local heat = require "backlua.text.heat"
local width_of = require "backlua.text.width".of
local C = require "backlua.ffi".C
local sorted_keys = require "backlua.sorted_keys"

local grid = {}

local REDRAW_SECONDS = 0.1

-- Options of the grid itself; all others are those of the backtest.
local OWN = { pool = "worker_pool", jobs = "n_jobs", objective = "objective", study = "study",
    constraint = "constraint" }

local function fail(format, ...)
    error(errors.new("usage", ("grid: " .. format):format(...)), 0)
end

-- Is it { min, max } or { min, max, step }, in numbers?
local function is_range(range)
    if #range < 2 or #range > 3 then
        return false
    end
    for _, value in ipairs(range) do
        if type(value) ~= "number" then
            return false
        end
    end
    return true
end

-- A parameter; what is wrong with it is the caller's, not a line of this file.
local function make(constructor, given)
    local ok, made = pcall(constructor, given)
    return ok and made or fail("%s", (tostring(made):gsub("^backlua/[%w_/]+%.lua:%d+: ", "")))
end

-- A parameter from { min, max [, step] } or { choices = {...} }.
local function parameter_of(name, range)
    local opt = require "backlua.optimization"
    if type(range) ~= "table" or not range.choices and not is_range(range) then
        fail("%s: { min, max, step } in numbers or { choices = {...} } is expected", tostring(name))
    elseif range.choices then
        return make(opt.CategoricalParameter, { name = name, choices = range.choices })
    end
    local given = { name = name, min_value = range[1], max_value = range[2], step = range[3] }
    if range[1] % 1 == 0 and range[2] % 1 == 0 and (range[3] or 1) % 1 == 0 then
        return make(opt.DiscreteParameter, given)
    elseif not range[3] then
        fail("%s: fractions need a step, { min, max, step }", tostring(name))
    end
    return make(opt.ContinuousParameter, given)
end

local function settings_of(strategy, ranges, options)
    local opt, parameters = require "backlua.optimization", {}
    for i, name in ipairs(sorted_keys(ranges)) do
        parameters[i] = parameter_of(name, ranges[name])
    end
    local settings = { strategy = strategy,
        param_space = opt.ParameterSpace { parameters = parameters } }
    for key, value in pairs(options) do
        if key ~= "over" then
            settings[OWN[key] or key] = value
        end
    end
    return settings
end

local function axes(ranges, over)
    local names = over or sorted_keys(ranges)
    for _, name in ipairs { names[1], names[2] } do
        if ranges[name] == nil then
            fail("over: %s is not among the parameters%s", tostring(name),
                require "backlua.text.nearest".hint(tostring(name), sorted_keys(ranges)))
        end
    end
    return names[1], names[2]
end

-- Values of a parameter in the order of a grid.
local function values_of(name, range)
    local opt, list = require "backlua.optimization", {}
    local one = opt.GridSearchAlgorithm {
        opt.ParameterSpace { parameters = { parameter_of(name, range) } } }
    for params in function() return one:suggest() end do
        list[#list + 1] = params[name]
    end
    return list
end

-- ---- the map -----------------------------------------------------------------------------------

-- Lines that a text takes on the terminal, which breaks those that are longer than it is wide.
local function count_lines(text, columns)
    local n = 0
    for line in text:gsub("\27%[[%d;]*m", ""):gmatch "([^\n]*)\n" do
        n = n + math.max(1, columns > 0 and math.ceil(width_of(line) / columns) or 1)
    end
    return n
end

-- Something that draws a map over and over in its own place.
local function painter(map, name)
    local self = { lines = 0, drawn_at = -math.huge }
    function self.draw(last)
        local now = C.bt_clock_seconds()
        if not last and now - self.drawn_at < REDRAW_SECONDS then
            return
        end
        local rows, columns = C.bt_terminal_rows(1), C.bt_terminal_columns(1)
        local text = heat.draw(map, { fd = 1, name = name, rows = not last and rows - 1 or nil })
        local lines = count_lines(text, columns)
        if not last and lines >= rows then
            return -- of a screen of few lines: what has left it cannot be drawn over
        end
        local up = self.lines > 0 and ("\27[%dA\27[J"):format(self.lines) or ""
        io.stdout:write(up, text)
        io.stdout:flush()
        self.lines, self.drawn_at = lines, now
    end
    return self
end

local function follow(map, name, x, y)
    local live = C.bt_is_terminal(1) == 1 and os.getenv "TERM" ~= "dumb"
    local paint, known = painter(map, name), 0
    local function take(trials)
        for _, trial in ipairs(trials) do
            heat.add(map, trial.params[x], trial.params[y],
                trial.state == "done" and trial.score or nil)
        end
        known = known + #trials
    end
    return function(progress)
        take(progress.trials(known))
        if live then
            paint.draw(false)
        end
    end, function(results)
        local all = results.trials
        local behind = {}
        for i = known + 1, #all do
            behind[#behind + 1] = all[i]
        end
        take(behind)
        paint.draw(true)
    end
end

--- Search a grid.
-- @param strategy a path or a source text
-- @param ranges by parameter: { min, max, step } or { choices = {...} }
-- @param options of the backtest, and pool (a PersistentWorkerPool), jobs, objective, study,
--   constraint, over ({ x, y }: the parameters of the map)
-- @return results (backlua.optimization.results). Raises an error with code and message.
function grid.search(strategy, ranges, options)
    if type(ranges) ~= "table" or next(ranges) == nil then
        fail "ranges by parameter are expected, such as { fast = { 5, 50, 5 } }"
    end
    options = options or {}
    local opt, settings = require "backlua.optimization", settings_of(strategy, ranges, options)
    local finish
    if #sorted_keys(ranges) >= 2 then
        local x, y = axes(ranges, options.over)
        local objective = require "backlua.optimization.objective_function".from(settings.objective)
        local map = heat.map(x, y, values_of(x, ranges[x]), values_of(y, ranges[y]))
        map.lower_is_better = objective.higher_is_better == false
        settings.progress, finish = follow(map, objective.metric or "score", x, y)
    end
    local progress = settings.progress
    settings.progress = nil
    local results, err = opt.ParallelOptimizer(settings):run { progress = progress }
    if not results then
        error(err, 0)
    elseif finish then
        finish(results)
    end
    return results
end

return grid
