-- What the search algorithms share: a space and the engine's options of a kind of search.
--
-- The engine's object is made for each run, when seed and number of trials are known.

local ffi = require "ffi"
local ask_tell = require "backlua.optimization.ask_tell"
local class = require "backlua.optimization.class"
local errors = require "backlua.errors"
local options = require "backlua.options"
local parameter_space = require "backlua.optimization.parameter_space"
local C = require("backlua.ffi").C
local sorted_keys = require "backlua.sorted_keys"

local algorithm = {}

local kinds

-- ask_tell.lua's methods reach what is defined below.
local methods = ask_tell.methods(function(value)
    return kinds.is(value)
end, function(...)
    return algorithm.search(...)
end)

kinds = class.new("Search algorithm", methods)

local function check_space(value)
    if not parameter_space.is(value) then
        return "must be a ParameterSpace, got " .. class.shown(value)
    end
end

local SPACE_KEYS = {
    parameter_space = { check = check_space }, param_space = { check = check_space },
    objectives = { kind = "integer", min = 1, max = C.BT_OBJECTIVES_MAX },
}

-- A constructor. What it makes raises at its caller's line when an option is wrong.
-- Beside what spec says it takes parameter_space and objectives: how many scores update gets when
-- it is asked by hand (1); an optimiser counts its own.
--     what    class name
--     kind    the engine's name of the search
--     spec    further options (options.lua); n_iter and seed have their meaning, the rest goes to
--             the engine by name: numbers, words, booleans as 0 and 1
function algorithm.constructor(what, kind, spec)
    local full = {}
    for _, part in ipairs { SPACE_KEYS, spec } do
        for key, entry in pairs(part) do
            full[key] = entry
        end
    end
    return function(given)
        local values = options.check(what, full, class.named(given, "parameter_space"), 2)
        local space = values.parameter_space or values.param_space
        if not space then
            error(what .. ": parameter_space is required", 2)
        end
        values.parameter_space, values.param_space = space, nil
        values.seed, values.random_state = values.seed or values.random_state, nil
        local object = kinds.new(values, { kind = kind, spec = spec, what = what,
            n_iter = type(given) == "table" and given.n_iter or nil })
        local made, err = algorithm.search(object, 0, 0)
        if not made then
            error(("%s: %s"):format(what, err.message), 2)
        end
        return object
    end
end

algorithm.is = kinds.is

local OWN = {
    n_iter = true, seed = true, random_state = true, initial_points = true, initial_scores = true,
}

local ENDLESS = { random = true, sobol = true, cmaes = true }

local function is_continuous(space)
    for _, entry in ipairs(space.parameters) do
        if entry.type == "continuous" and not entry.step then
            return true
        end
    end
    return false
end

-- Whether a search never ends unless it is told how many trials to make.
function algorithm.is_endless(object)
    return ENDLESS[kinds.hidden(object).kind] and not object.n_iter
        and is_continuous(object.parameter_space) or false
end

-- Why an optimiser's own number of trials, under that name, does not go with the algorithm's
-- n_iter: it was asked for more than it was made for. nil when it does.
function algorithm.contradicts(object, name, max_trials)
    local n_iter = object and kinds.hidden(object).n_iter
    if n_iter and max_trials and max_trials > n_iter then
        return ("%s is %d, but the algorithm ends after n_iter = %d; give n_iter = %d, or leave "
            .. "%s out"):format(name, max_trials, n_iter, max_trials, name)
    end
end

-- Points of a design that must be known beforehand.
local function design_size(kind, object)
    return kind == "lhs" and object.n_iter or 0
end

local function set(search, name, value)
    if type(value) == "string" then
        return C.bt_search_options_word(search, name, value)
    end
    return C.bt_search_options_number(search, name,
        type(value) == "boolean" and (value and 1 or 0) or value)
end

-- Tell the search what is known beforehand; nil, message.
local function add_known(object, search, sign)
    local pointer = parameter_space.pointer(object.parameter_space)
    local point = ffi.gc(C.bt_point_new(pointer), C.bt_point_free)
    local scores, verdict = object.initial_scores or {}, ffi.new "bt_verdict"
    if #scores ~= #object.initial_points then
        return nil, ("initial_points needs as many initial_scores, %d, got %d"):format(
            #object.initial_points, #scores)
    end
    for i, params in ipairs(object.initial_points) do
        local ok, message = ask_tell.fill(point, object.parameter_space, params)
        if not ok or type(scores[i]) ~= "number" then
            return nil, ("initial_points[%d]: %s"):format(i, message or "its score is no number")
        end
        verdict.score[0] = sign * scores[i]
        C.bt_search_options_known(search, point, verdict)
    end
    return true
end

-- Scores that are minimised reach the engine with their sign turned.
local SCORES = { target_fitness = true }

local out = ffi.new "bt_search_options *[1]"

-- The engine's options (bt_search_options *, collected) of an algorithm; nil, err.
--     lower    array of booleans, one an objective: less is better; nil: one objective, more is
function algorithm.search(object, max_trials, seed, lower)
    local hidden = kinds.hidden(object)
    lower = lower or { false }
    local lower_is_better = lower[1]
    max_trials = max_trials > 0 and max_trials or design_size(hidden.kind, object)
    local status = C.bt_search_options_new(hidden.kind, max_trials, seed, out)
    local search = status == C.BT_OK and ffi.gc(out[0], C.bt_search_options_free)
    for _, name in ipairs(search and sorted_keys(hidden.spec) or {}) do
        local value = object[name]
        if status == C.BT_OK and value ~= nil and not OWN[name] then
            status = set(search, name, SCORES[name] and lower_is_better and -value or value)
        end
    end
    if status == C.BT_OK then
        status = C.bt_search_options_objectives(search, #lower)
    end
    if status == C.BT_OK then
        status = C.bt_search_options_check(search)
    end
    if status == C.BT_OK and object.initial_points then
        local ok, message = add_known(object, search, lower_is_better and -1 or 1)
        if not ok then
            return nil, errors.new("usage", message)
        end
    end
    if status ~= C.BT_OK then
        return nil, errors.native(status)
    end
    return search
end

return algorithm
