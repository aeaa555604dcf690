-- Is a function of a config script told by its fingerprint alone? Then it decides the same wherever
-- it stands, and the rest of the script may change.
--
-- It is when it captured numbers, texts, booleans and such functions only, and uses no global but
-- the sandbox's own library, as that is, without what is not a function of its arguments.

local sandbox = require "backlua.sandbox"
local util = require "jit.util"

-- Other code, other environments, chance.
local REFUSED = {
    _G = true, require = true, load = true, random = true, collectgarbage = true,
}

-- Whether no text in the code of a function or prototype, those inside of it included, is refused;
-- the name of a global is such a text.
local function is_plain(code)
    for i = 1, util.funcinfo(code).gcconsts do
        local constant = util.funck(code, -i)
        local kind = type(constant)
        if REFUSED[constant] or kind == "proto" and not is_plain(constant) then
            return false
        end
    end
    return true
end

local CAPTURED = { ["nil"] = true, number = true, string = true, boolean = true }

local function is_told(f, env, seen)
    if seen[f] then
        return true
    elseif getfenv(f) ~= env or not util.funcinfo(f).gcconsts or not is_plain(f) then
        return false
    end
    seen[f] = true
    for i = 1, math.huge do
        local name, value = debug.getupvalue(f, i)
        if not name then
            return true
        elseif not CAPTURED[type(value)]
            and not (type(value) == "function" and is_told(value, env, seen)) then
            return false
        end
    end
end

-- Whether the library in an environment is as it was given.
local function is_untouched(env)
    for name, value in next, sandbox.environment({}, false) do
        if type(value) == "table" and name ~= "_G" then
            for key, entry in next, value do
                if rawget(env[name], key) ~= entry then
                    return false
                end
            end
            for key in next, env[name] do
                if value[key] == nil then
                    return false
                end
            end
        elseif name ~= "_G" and rawget(env, name) ~= value then
            return false
        end
    end
    return true
end

-- Whether all functions of a list are, in the environment of their script.
return function(functions, env)
    local seen = {}
    for _, f in ipairs(functions) do
        if not is_told(f, env, seen) then
            return false
        end
    end
    return is_untouched(env)
end
