-- resume and wrap of scripts: coroutines may resume one another to a depth of 200, as in Lua 5.1.
--
-- LuaJIT has no limit of its own here: each resume stands on the C stack, and a hundred thousand of
-- them end the process.

local create, resume, running = coroutine.create, coroutine.resume, coroutine.running
local error, type = error, type

local coroutines = {}

local DEPTH_MAX = 200

-- Of the script that runs: how many have resumed and wait.
local depth = 0

local function leave(before, ...)
    depth = before
    return ...
end

-- What resume gives. A failure that passed by `leave` is forgotten outside of all coroutines.
local function enter(co, ...)
    local before = running() and depth or 0
    if before >= DEPTH_MAX then
        return false, "C stack overflow"
    end
    depth = before + 1
    return leave(before, resume(co, ...))
end

--- As coroutine.resume; false, "C stack overflow" when 200 wait already. Raises at the caller's
-- line for anything but a coroutine.
function coroutines.resume(co, ...)
    if type(co) ~= "thread" then
        error("bad argument #1 to 'resume' (coroutine expected)", 2)
    end
    return enter(co, ...)
end

local function values(ok, ...)
    if not ok then
        error((...), 2)
    end
    return ...
end

--- As coroutine.wrap; the function raises "C stack overflow" when 200 wait already. Raises at the
-- caller's line for anything but a function.
function coroutines.wrap(f)
    if type(f) ~= "function" then
        error("bad argument #1 to 'wrap' (function expected)", 2)
    end
    local co = create(f)
    return function(...)
        return values(enter(co, ...))
    end
end

return coroutines
