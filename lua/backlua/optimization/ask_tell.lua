-- Asking an algorithm by hand: suggest, update, is_complete.

local ffi = require "ffi"
local class = require "backlua.optimization.class"
local parameter_space = require "backlua.optimization.parameter_space"
local C = require("backlua.ffi").C

local ask_tell = {}

local SET = {
    number = C.bt_point_number, string = C.bt_point_string,
    boolean = function(point, name, value)
        return C.bt_point_bool(point, name, value and 1 or 0)
    end,
}

-- ---- points ------------------------------------------------------------------------------------

-- Put params (a table by name) into a bt_point; nil, message when they are no point of the space.
-- What is derived is passed over.
function ask_tell.fill(point, space, params)
    if type(params) ~= "table" then
        return nil, "params must be a table by name, got " .. class.shown(params)
    end
    C.bt_point_clear(point)
    local status = C.BT_OK
    for name, value in pairs(params) do
        local entry = type(name) == "string" and space:get_parameter(name)
        if not (entry and entry.type == "derived") and status == C.BT_OK then
            local set = SET[type(value)]
            if not set then
                return nil, ("parameter '%s' must be a string, number or boolean, got %s")
                    :format(tostring(name), class.shown(value))
            end
            status = set(point, tostring(name), value)
        end
    end
    if status == C.BT_OK then
        status = C.bt_point_check(point)
    end
    if status ~= C.BT_OK then
        return nil, ffi.string(C.bt_error_message())
    end
    return true
end

local function params_of(point, space)
    local params = require "backlua.optimization.canonical"(ffi.string(C.bt_point_text(point)))
    local ok, message = require "backlua.optimization.derive"(parameter_space.derived(space), nil,
        params)
    if not ok then
        error(message, 0)
    end
    return params
end

-- ---- state -------------------------------------------------------------------------------------

-- What an algorithm object holds while it is asked by hand.
local states = setmetatable({}, { __mode = "k" })

local out = ffi.new "bt_asker *[1]"

local function start(object, new_search)
    local space, higher = object.parameter_space, {}
    local pointer = parameter_space.pointer(space)
    for i = 1, object.objectives or 1 do
        higher[i] = false
    end
    local search, err = new_search(object, object.n_iter or 0, object.seed or 1, higher)
    if search and C.bt_asker_new(pointer, search, out) == C.BT_OK then
        return {
            asker = ffi.gc(out[0], C.bt_asker_free), space = space, objectives = #higher,
            verdict = ffi.new "bt_verdict",
            point = ffi.gc(C.bt_point_new(pointer), C.bt_point_free),
        }
    end
    return nil, err and err.message or ffi.string(C.bt_error_message())
end

-- ---- methods -----------------------------------------------------------------------------------

local function one(state)
    if C.bt_asker_ask(state.asker, state.point) == 0 then
        return nil
    end
    return params_of(state.point, state.space)
end

local function several(state, n)
    local list = {}
    for i = 1, n do
        list[i] = one(state)
        if not list[i] then
            break
        end
    end
    return list
end

local MORE = {
    violation = { kind = "number", min = 0 },
    steps = { kind = "integer", min = 1, max = C.BT_STEPS_MAX },
}

-- Put what update was given into the state's verdict; a message when it makes no sense.
local function read_verdict(state, score, more)
    local verdict, n = state.verdict, state.objectives
    local scores = n == 1 and type(score) == "number" and { score } or score
    if type(scores) ~= "table" or #scores ~= n then
        return ("score must be %s (NaN for a failure), got %s"):format(
            n == 1 and "a number" or ("an array of %d numbers"):format(n), class.shown(score))
    end
    for i, value in ipairs(scores) do
        if type(value) ~= "number" then
            return ("score[%d] must be a number, got %s"):format(i, class.shown(value))
        end
        verdict.score[i - 1] = value
    end
    local values, message = require("backlua.options").read("update", MORE, more)
    if not values then
        return (message:gsub("^update: ", ""))
    end
    verdict.violation, verdict.steps = values.violation or 0, values.steps or 0
end

-- The methods of all algorithms; they raise at their caller's line when they are misused.
--     is            function(value): whether it is an algorithm
--     new_search    algorithm.search
function ask_tell.methods(is, new_search)
    local methods = {}

    local function state_of(object, name)
        if not is(object) then
            error(("%s: call it with a colon, algorithm:%s(...)"):format(name, name), 3)
        end
        if states[object] then
            return states[object]
        end
        local state, message = start(object, new_search)
        if not state then
            error(("%s: %s"):format(name, message), 3)
        end
        states[object] = state
        return state
    end

    --- The next parameters to try: a table by name, nil when there are none (now, as long as
    -- suggestions wait for their score, or at all: is_complete). With n an array of at most n,
    -- asked as one batch. The seed is the algorithm's, 1 unless given.
    function methods:suggest(n)
        local state = state_of(self, "suggest")
        if n == nil then
            return one(state)
        elseif type(n) ~= "number" or n % 1 ~= 0 or n < 1 or n > 1e6 then
            error(("suggest: n must be an integer 1..1000000, got %s"):format(class.shown(n)), 2)
        end
        return several(state, n)
    end

    --- Say what parameters scored: larger is better; NaN when they have no score; with several
    -- objectives an array. more, which may be absent: { violation = how much constraints on the
    -- result are violated by (0: they hold), steps = after how many steps it was pruned, at that
    -- score }. In any order; the search learns in the order of its suggestions. Others than it
    -- suggested are welcome.
    function methods:update(params, score, more)
        local state = state_of(self, "update")
        local message, ok = read_verdict(state, score, more), nil
        if not message then
            ok, message = ask_tell.fill(state.point, state.space, params)
        end
        if message and not ok then
            error("update: " .. message, 2)
        end
        C.bt_asker_tell(state.asker, state.point, state.verdict)
    end

    --- true when there is nothing left to suggest and every suggestion has its score.
    function methods:is_complete()
        return C.bt_asker_is_over(state_of(self, "is_complete").asker) ~= 0
    end

    return methods
end

return ask_tell
