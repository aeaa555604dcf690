-- What the classes of backlua.optimization share.
--
-- An object is a table of its settings, not to be changed, behind a metatable that a script cannot
-- get at. is(object) is true for objects made here and for nothing else.

local class = {}

-- Methods of the class by object.
local methods_of = setmetatable({}, { __mode = "k" })

local function refuse(object, key)
    error(("%s: its settings cannot be changed after it was made (%s)"):format(
        tostring(object), require "backlua.text.quote"(tostring(key))), 2)
end

-- A class: { new(fields, hidden) -> object, is(value), hidden(object) }.
--     name      for messages and tostring
--     methods   table of functions(object, ...)
-- hidden is what the object holds and does not show.
function class.new(name, methods)
    local settings, secrets = setmetatable({}, { __mode = "k" }), setmetatable({}, { __mode = "k" })
    local meta = {
        __metatable = false,
        __newindex = refuse,
        __index = function(object, key)
            local value = settings[object][key]
            if value == nil then
                value = methods and methods[key]
            end
            return value
        end,
        __tostring = function()
            return name
        end,
    }
    local made = { name = name }

    function made.new(fields, hidden)
        local object = setmetatable({}, meta)
        settings[object], secrets[object] = fields, hidden
        methods_of[object] = methods or {}
        return object
    end

    function made.is(value)
        return type(value) == "table" and settings[value] ~= nil
    end

    function made.hidden(object)
        return secrets[object]
    end

    function made.fields(object)
        return settings[object]
    end

    return made
end

-- True for an object of any of these classes.
function class.is(value)
    return methods_of[value] ~= nil
end

-- Names of its methods, for completion.
function class.names(object)
    local names = {}
    for name in next, methods_of[object] do
        names[#names + 1] = name
    end
    return names
end

-- The options of a call Class(x): x itself when it is a plain table of options, else { [key] = x }.
-- An option table may give the value of `key` as its first entry.
function class.named(given, key)
    if type(given) ~= "table" or getmetatable(given) == false then
        return { [key] = given }
    elseif given[1] == nil then
        return given
    end
    local named = {}
    for name, value in pairs(given) do
        named[name] = value
    end
    if named[key] == nil then
        named[1], named[key] = nil, named[1]
    end
    return named
end

-- What a value is, for a message.
function class.shown(value)
    if type(value) == "string" then
        return (require "backlua.text.quote"(value))
    end
    return type(value) == "table" and "a table" or tostring(value)
end

return class
