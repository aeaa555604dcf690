-- A config script: a file that returns an optimiser.
--
-- It runs in the sandbox, with require "backlua.optimization" in reach beside what strategies have.
-- Its functions (constraint, objective) are called in workers, in the same surroundings.

local ffi = require "ffi"
local errors = require "backlua.errors"
local fault = require "backlua.fault"
local parallel_optimizer = require "backlua.optimization.parallel_optimizer"
local walk_forward = require "backlua.optimization.walk_forward"
local sandbox = require "backlua.sandbox"
local strategy = require "backlua.strategy"
local C = require("backlua.ffi").C

local script = {}

local path_buffer = ffi.new "char[4096]"

local function real_path(path)
    return C.bt_path_real(path, path_buffer) == C.BT_OK and ffi.string(path_buffer) or path
end

-- Execute the chunk in its space: true, value; or false, what fault.capture caught.
local function execute(program, space)
    local function caught(raised)
        return fault.capture(raised, program)
    end
    setfenv(program.chunk, space.env)
    local previous = sandbox.activate(space)
    local ok, value = xpcall(program.chunk, caught)
    sandbox.activate(previous)
    return ok, value
end

-- A call in a return statement leaves no line behind: then the file is named, at least.
local function described(what, space, path)
    local err = fault.describe(what, space.env)
    if not what.file then
        err.message = ("%s: %s"):format(path, err.message)
    end
    err.code = "usage" -- a config that does not work is wrong usage, not a failed run
    return err
end

local function is_strategy(value)
    return type(value) == "table" and (type(value.handle_data) == "function"
        or type(value.initialize) == "function")
end

local function wrong_value(path, value)
    if is_strategy(value) then
        return errors.new("usage", ("%s is a strategy; run: backlua run %s"):format(path, path))
    end
    return errors.new("usage", ("%s must return a ParallelOptimizer or a WalkForwardOptimizer, got "
        .. "%s"):format(path, value == nil and "nothing" or "a " .. type(value)))
end

local function sha_of_files(program)
    local texts = { program.sha256 }
    for _, file in ipairs(program.files) do
        texts[#texts + 1] = file.name .. " " .. file.sha256
    end
    if #texts == 1 then
        return program.sha256
    end
    return require "backlua.sha256"(table.concat(texts, "\n"))
end

-- The optimiser of the script at a path, and the script: { path (real), shown, folder (with its
-- slash, "" for the current one), sha256, space, kind = "optimize" or "walkforward" (the
-- command that runs it) }. nil, err when it cannot be read or does not
-- return one.
--     unsafe   true: without the sandbox
function script.load(path, unsafe)
    local program, err = strategy.load(path)
    if not program then
        if err.code == "strategy" then
            err.code = "usage"
        end
        return nil, err
    end
    local space = sandbox.new(program, {
        config = true, modules = { "backlua.optimization" }, unsafe = unsafe,
    })
    local ok, value = execute(program, space)
    if not ok then
        return nil, described(value, space, path)
    end
    local kind = parallel_optimizer.is(value) and "optimize"
        or walk_forward.is(value) and "walkforward"
    if not kind then
        return nil, wrong_value(path, value)
    end
    return value, {
        path = real_path(path), shown = path, folder = path:match "^(.*/)" or "",
        sha256 = sha_of_files(program), space = space, kind = kind,
    }
end

return script
