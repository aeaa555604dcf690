-- What a mistyped name in a script most likely meant. Loaded when something went wrong.

local nearest = require "backlua.text.nearest"

local hints = {}

local ABSENT = {
    io = true, os = true, package = true, debug = true, ffi = true, jit = true, dofile = true,
    loadfile = true, loadstring = true, getfenv = true, setfenv = true, module = true,
    newproxy = true,
}

local function add(names, name)
    if type(name) == "string" and name:match "^[%a_]" then
        names[#names + 1] = name
    end
end

-- Names of locals and upvalues in sight of the function at a stack level.
local function add_locals(names, level)
    for i = 1, 200 do
        local name = debug.getlocal(level, i)
        if not name then
            break
        end
        add(names, name)
    end
    local info = debug.getinfo(level, "f")
    for i = 1, 60 do
        local name = info and debug.getupvalue(info.func, i)
        if not name then
            break
        end
        add(names, name)
    end
    return names
end

local function add_keys(names, t)
    for name in next, t do
        add(names, name)
    end
    return names
end

-- Message about an assignment to an undeclared global by the function at a stack level.
function hints.undeclared(env, name, level)
    local names = { "initialize", "handle_data", "before_trading_start", "analyze", "params" }
    add_keys(add_locals(names, level + 1), env)
    table.sort(names)
    local quote = require "backlua.text.quote"
    local hint = nearest.hint(tostring(name), names)
    return ("assignment to undeclared global %s%s"):format(quote(name), hint ~= "" and hint
        or "; write 'local' before it to make it a variable")
end

-- ---- messages of the interpreter -------------------------------------------------------------

-- Keys of a table and of the tables that its metatable leads to, for fields and methods.
local function sources(...)
    local names = {}
    for i = 1, select("#", ...) do
        add_keys(names, (select(i, ...)))
    end
    table.sort(names)
    return names
end

local function known_members()
    local loaded = package.loaded
    local function of(name, key)
        local module = loaded["backlua." .. name]
        return type(module) == "table" and (module[key] or {}) or {}
    end
    return sources(of("context", "methods"), of("data", "methods"), of("view", "methods"),
        of("frame", "methods"), of("portfolio", "fields"))
end

local function absent(name)
    if ABSENT[name] then
        return (" ('%s' is not part of what a strategy may use; `--unsafe` opens it)"):format(name)
    end
end

-- A few words to put behind an error message that names a nil global, field or method; "" when
-- there is nothing to say. env: the script's globals; params: its parameters.
function hints.explain(message, env, params)
    local kind, name = message:match "(%a+) '([%w_]+)' %(a nil value%)"
    if not kind then
        return ""
    elseif kind == "global" then
        return absent(name) or nearest.hint(name, add_keys({}, env or {}))
    elseif kind == "field" or kind == "method" then
        local names = known_members()
        add_keys(names, params or {})
        return nearest.hint(name, names)
    end
    return ""
end

return hints
