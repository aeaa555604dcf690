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
        or "; write 'local' before it to make it a variable, or keep it in ctx from bar to bar")
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

-- A table of one of our modules, {} when it is not loaded.
local function of(name, key)
    local module = package.loaded["backlua." .. name]
    return type(module) == "table" and module[key] or {}
end

local function known_members()
    return sources(of("context", "methods"), of("data", "methods"), of("view", "methods"),
        of("frame", "methods"), of("portfolio", "fields"), math, string, table)
end

-- A name that is right, of a value that does not have it.
local function misplaced(kind, name)
    local owner = of("context", "methods")[name] and "ctx" or of("data", "methods")[name] and "data"
    for library, functions in pairs { math = math, string = string, table = table } do
        if kind == "global" and functions[name] then
            return ("; it is %s.%s"):format(library, name)
        end
    end
    if owner and kind == "global" then
        return ("; it is a method here: %s:%s(...)"):format(owner, name)
    elseif owner then
        return ("; %s:%s(...) is a method of %s, and callbacks are declared with a dot: "
            .. "function s.handle_data(ctx, data)"):format(owner, name, owner)
    end
end

local ARGUMENTS = { ctx = true, context = true, data = true }

-- A callback that was declared with a colon has its arguments one place later.
local function absent_argument(kind, name)
    if ARGUMENTS[name] and (kind == "local" or kind == "upvalue") then
        return "; initialize gets ctx, handle_data gets ctx and data; both are declared with a dot:"
            .. " function s.handle_data(ctx, data)"
    end
end

local function absent(name)
    if ABSENT[name] then
        return (" ('%s' is not part of what a strategy may use; `--unsafe` opens it)"):format(name)
    end
end

-- A field that was called as a method, `s:portfolio()`.
local function called_field(message)
    local name = message:match "call method '([%w_]+)' %(a %l+ value%)"
    return name and ("; it is a value, written .%s"):format(name) or ""
end

-- A method that is a function of the script's globals, or of the prompt's words: `r:plot()`.
local function called_method(message, env)
    local name = message:match "method '([%w_]+)' %(a nil value%)"
        or message:match "has no '([%w_]+)'$"
    local found = name and env and env[name]
    return type(found) == "function" and ("; it is a function, %s(...)"):format(name) or nil
end

-- Names of the globals that a message may be about: what is called is a function.
local function globals(message, env)
    local names = {}
    for name, value in next, env or {} do
        if type(value) == "function" or not message:find("attempt to call", 1, true) then
            add(names, name)
        end
    end
    table.sort(names)
    return names
end

-- A few words to put behind an error message that names a nil global, field or method, or a field
-- that was called; "" when there is nothing to say. env: the script's globals; params: its
-- parameters.
function hints.explain(message, env, params)
    local kind, name = message:match "(%a+) '([%w_]+)' %(a nil value%)"
    local method = called_method(message, env)
    if method then
        return method
    elseif not kind then
        return called_field(message)
    elseif kind == "global" then
        return absent(name) or misplaced(kind, name) or nearest.hint(name, globals(message, env))
    elseif kind == "field" or kind == "method" then
        return misplaced(kind, name) or nearest.hint(name, add_keys(known_members(), params or {}))
    end
    return absent_argument(kind, name) or ""
end

local OF_NIL = { "%f[%w]nil%f[%W]", "^'for' [%w ]+ must be a number" }

--- A few words about a parameter that the failing line reads and nobody declared: it is nil, and
-- most messages of the interpreter do not say of what. said: the message; line: the text of the
-- line; params: the strategy's parameters, or nil.
function hints.parameter(said, line, params)
    if not params or not (said:find(OF_NIL[1]) or said:find(OF_NIL[2])) then
        return ""
    end
    for name in line:gmatch "%f[%w_]params%.([%a_][%w_]*)" do
        if params[name] == nil then
            local names = add_keys({}, params)
            table.sort(names)
            local hint = nearest.hint(name, names)
            return ("; there is no parameter '%s'%s"):format(name, hint)
        end
    end
    return ""
end

-- ---- messages of the parser --------------------------------------------------------------------

-- What people write who come from other languages, by what the parser says of it.
local WRITTEN = {
    { "near '!'$", "; not equal is ~=, and not is not" },
    { "near '&'$", "; Lua writes and" }, { "near '|'$", "; Lua writes or" },
    { "'=' expected near '[+*/-]'$", "; Lua writes x = x + 1" },
    { "'then' expected near '='$", "; equal is ==" },
}

--- A few words to put behind a message of the parser; "" when there is nothing to say.
function hints.syntax(message)
    for _, entry in ipairs(WRITTEN) do
        if message:find(entry[1]) then
            return entry[2]
        end
    end
    return ""
end

return hints
