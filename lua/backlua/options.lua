-- Tables of options: unknown keys are named with the nearest known one, values are checked
-- against type and range, missing ones get their default.
--
-- A spec is a table by key; each entry holds
--     kind      "number", "integer", "boolean", "string", "table", "function", or "any"
--     min, max  limits included; above, below: limits excluded
--     choices   array of the strings allowed
--     default   value when absent
--     required  true when there is none
--     check     function(value): message or nil, for what the rest cannot say
--     refused   of a key that another program has and this one does not: what to use in its place

local sorted_keys = require "backlua.sorted_keys"

local options = {}

local function quoted(value)
    if type(value) ~= "string" then
        return tostring(value)
    end
    return (require "backlua.text.quote"(value))
end

-- "; did you mean 'x'?" or the list of the names there are.
local function hint(name, names)
    local text = require "backlua.text.nearest".hint(name, names)
    return text ~= "" and text or "; it takes " .. table.concat(names, ", ")
end

-- Sorted keys by spec: specs do not change.
local sorted = setmetatable({}, { __mode = "k" })

-- Without the refused ones, which nobody is to be pointed to.
local function names_of(spec)
    local names = sorted[spec]
    if not names then
        names = {}
        for _, name in ipairs(sorted_keys(spec)) do
            names[#names + 1] = not spec[name].refused and name or nil
        end
        sorted[spec] = names
    end
    return names
end

local function unknown_key(what, spec, given)
    local found
    for key in pairs(given) do
        if spec[key] == nil and (found == nil or tostring(key) < tostring(found)) then
            found = key
        end
    end
    if found ~= nil then
        return ("%s: unknown option %s%s"):format(what, quoted(found),
            hint(tostring(found), names_of(spec)))
    end
    for _, key in ipairs(sorted_keys(given)) do
        if spec[key].refused then
            return ("%s: %s is not an option here: %s"):format(what, key, spec[key].refused)
        end
    end
end

local function is_kind(value, kind)
    if kind == "integer" then
        return type(value) == "number" and value % 1 == 0
    end
    return kind == nil or kind == "any" or type(value) == kind
end

local function limits_text(entry)
    local low = entry.above and "above " .. entry.above or entry.min and "at least " .. entry.min
    local high = entry.below and "below " .. entry.below or entry.max and "at most " .. entry.max
    local text = (low or "") .. (low and high and " and " or "") .. (high or "")
    return text ~= "" and " " .. text or ""
end

-- NaN is outside every range.
local function in_limits(value, entry)
    return type(value) ~= "number" or value == value
        and (not entry.min or value >= entry.min) and (not entry.max or value <= entry.max)
        and (not entry.above or value > entry.above) and (not entry.below or value < entry.below)
end

local function is_choice(value, choices)
    for _, choice in ipairs(choices or {}) do
        if value == choice then
            return true
        end
    end
    return choices == nil
end

local function wrong_value(what, key, value, entry)
    local kind = entry.kind
    if not is_kind(value, kind) or not in_limits(value, entry) then
        local noun = kind == "integer" and "an integer" or "a " .. (kind or "value")
        return ("%s: %s must be %s%s, got %s"):format(what, key, noun, limits_text(entry),
            quoted(value))
    elseif not is_choice(value, entry.choices) then
        return ("%s: %s must be one of %s, got %s%s"):format(what, key,
            table.concat(entry.choices, ", "), quoted(value),
            require "backlua.text.nearest".hint(tostring(value), entry.choices))
    end
    local message = entry.check and entry.check(value)
    return message and ("%s: %s %s"):format(what, key, message)
end

-- True while somebody only asks which keys there are.
local asked = false

-- Whether that is so: who checks options without this module has to leave it to it then.
function options.are_asked_for()
    return asked
end

-- Keys of the options that f(...) takes, and their spec: it is called as far as to its check of
-- them. nil when it checks none.
function options.keys_of(f, ...)
    asked = true
    local ok, raised = pcall(f, ...)
    asked = false
    if not ok and type(raised) == "table" and raised.option_keys then
        return raised.option_keys, raised.spec
    end
end

-- Values of `given` (a table or nil) under `spec`, defaults filled in; or nil and a message that
-- starts with `what`. Raises the keys when options.keys_of asked for them.
function options.read(what, spec, given)
    if asked then
        error({ option_keys = names_of(spec), spec = spec }, 0)
    end
    if given == nil then
        given = {}
    elseif type(given) ~= "table" then
        return nil, ("%s: options must be a table, got %s"):format(what, quoted(given))
    end
    local message = unknown_key(what, spec, given)
    if message then
        return nil, message
    end
    local values = {}
    for _, key in ipairs(names_of(spec)) do
        local entry, value = spec[key], given[key]
        if value == nil then
            value = entry.default
        else
            message = wrong_value(what, key, value, entry)
        end
        if value == nil and entry.required then
            message = ("%s: %s is required"):format(what, key)
        end
        if message then
            return nil, message
        end
        values[key] = value
    end
    return values
end

-- The same, raising at `level` (as error's; 2: the caller of the function that calls this).
function options.check(what, spec, given, level)
    local values, message = options.read(what, spec, given)
    if not values then
        error(message, (level or 2) + 1)
    end
    return values
end

return options
