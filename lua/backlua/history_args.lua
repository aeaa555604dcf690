-- What a call of data:history or data:current asks for: assets, fields, lengths and options, read
-- and checked. Functions answer nil and a message for a mistake.

local assets = require "backlua.assets"
local frame = require "backlua.frame"
local native = require "backlua.ffi"
local stranger = require "backlua.stranger"

local C = native.C
local MAX = C.BT_HISTORY_MAX

local type, tostring, ipairs, rawget = type, tostring, ipairs, rawget
local tobit = bit.tobit
local sid_of = assets.sid_of

local args = {}

-- Fields of every bundle, then those of the active run's.
local FIELD_NAMES = { "open", "high", "low", "close", "volume", "price" }
-- Field ids by name; shapes of one column by field id.
local FIELD_ID, SHAPE_OF = {}, {}
for _, name in ipairs(FIELD_NAMES) do
    local id = C.bt_field_find(name)
    FIELD_ID[name] = id
    SHAPE_OF[id] = frame.of_fields({ name }, { id })
end
args.FIELD_NAMES, args.FIELD_ID, args.SHAPE_OF = FIELD_NAMES, FIELD_ID, SHAPE_OF

-- Take in the names of a bundle's own fields in place of the last one's.
function args.learn_fields(names)
    for i = #FIELD_NAMES, C.BT_FIELDS + 1, -1 do
        FIELD_ID[FIELD_NAMES[i]], SHAPE_OF[i - 1], FIELD_NAMES[i] = nil, nil, nil
    end
    for i, name in ipairs(names) do
        local id = C.BT_FIELDS + i - 1
        FIELD_NAMES[id + 1], FIELD_ID[name] = name, id
        SHAPE_OF[id] = frame.of_fields({ name }, { id })
    end
end

-- An asset, of this run or another: no list, though it is a table.
local function is_asset(value)
    return type(value) == "table" and rawget(value, "sid") ~= nil
end

-- ---- words -------------------------------------------------------------------------------------

local function shown(value)
    if type(value) == "string" then
        return require "backlua.text.quote"(value)
    end
    return type(value) == "table" and "a table" or tostring(value)
end

local function hint(name, names)
    return type(name) == "string" and require "backlua.text.nearest".hint(name, names) or ""
end
args.shown = shown

local function no_field(what, field)
    local near = hint(field, FIELD_NAMES)
    return ("%s: no field %s%s"):format(what, shown(field),
        near ~= "" and near or "; there are " .. table.concat(FIELD_NAMES, ", "))
end

-- ---- arguments ---------------------------------------------------------------------------------

-- Asset ids of one asset or a list: { ids }, is_list; nil, message.
function args.assets(what, asked)
    local sid = sid_of[asked]
    if sid then
        return { sid }, false
    elseif type(asked) ~= "table" or is_asset(asked) then
        return nil, assets.unknown(what, asked)
    elseif #asked == 0 then
        return nil, what .. ": the list of assets is empty"
    end
    local sids = {}
    for i = 1, #asked do
        sid = sid_of[asked[i]]
        if not sid then
            return nil, assets.unknown(what, asked[i])
        end
        sids[i] = sid
    end
    return sids, true
end

-- Field names and ids of one field or a list: names, ids, is_list; nil, message.
function args.fields(what, asked)
    local id = FIELD_ID[asked]
    if id then
        return { asked }, { id }, false
    elseif type(asked) ~= "table" then
        return nil, no_field(what, asked)
    elseif #asked == 0 then
        return nil, what .. ": the list of fields is empty"
    end
    local names, ids = {}, {}
    for i = 1, #asked do
        id = FIELD_ID[asked[i]]
        if not id then
            return nil, no_field(what, asked[i])
        end
        names[i], ids[i] = asked[i], id
    end
    return names, ids, true
end

-- What is wrong with a bar_count, or nil.
function args.count(n)
    if type(n) ~= "number" then
        return ("history: bar_count must be a whole number 1..%d, got %s"):format(MAX, shown(n))
    elseif not (n >= 1 and n <= MAX) or tobit(n) ~= n then
        return ("history: bar_count must be %s1..%d, got %s"):format(
            n >= 1 and n <= MAX and "a whole number " or "", MAX, ("%.14g"):format(n))
    end
end

local RETURN_TYPES = { array = "array", frame = "frame", dataframe = "frame" }

-- "array" or "frame" of a return_type, "frame" of nil; nil, message.
function args.return_type(return_type)
    if return_type == nil then
        return "frame"
    end
    local form = RETURN_TYPES[return_type]
    if form then
        return form
    end
    return nil, ("history: return_type must be \"array\" or \"frame\", got %s%s"):format(
        shown(return_type), hint(return_type, { "array", "frame", "dataframe" }))
end

local ADJUSTS = { "none", "splits", "all" }
args.ADJUSTS = ADJUSTS

-- BT_ADJUST_* of a text, nil for the run's own; nil, message.
function args.adjust(adjust)
    if adjust == nil then
        return nil
    end
    local mode = type(adjust) == "string" and C.bt_adjust_find(adjust) or -1
    if mode >= 0 then
        return mode
    end
    return nil, ("history: adjust must be \"none\", \"splits\" or \"all\", got %s%s"):format(
        shown(adjust), hint(adjust, ADJUSTS))
end

-- ---- options -----------------------------------------------------------------------------------

local KEYS = {
    "assets", "fields", "bar_count", "frequency", "return_type", "adjust", "partial",
}
-- What may stand behind the positions, by call.
local OPTIONS = { history = { "adjust", "partial" }, current = { "partial" } }

-- The same as sets.
local function set_of(list)
    local set = {}
    for _, key in ipairs(list) do
        set[key] = true
    end
    return set
end
local IS_KEY = set_of(KEYS)
local IS_OPTION = { history = set_of(OPTIONS.history), current = set_of(OPTIONS.current) }

-- The first of the unknown keys by their text: the same one every time.
local function unknown_key(what, given, keys, known)
    local unknown = stranger(known, given)
    if unknown == nil then
        return nil
    end
    for key in next, given do
        if not known[key] and tostring(key) < tostring(unknown) then
            unknown = key
        end
    end
    local near = hint(unknown, keys)
    return ("%s: no option %s%s"):format(what, shown(unknown),
        near ~= "" and near or "; there are " .. table.concat(keys, ", "))
end

-- True for the one table of keys that data:history takes in place of positions.
function args.is_keyed(asked, fields)
    return fields == nil and type(asked) == "table" and not is_asset(asked)
        and asked[1] == nil
end

-- What is wrong with the keys of such a table, or nil.
function args.check_keys(given)
    return unknown_key("history", given, KEYS, IS_KEY)
end

local NONE = {}

-- What stands behind the positions of "history" or "current": an adjustment, or a table of options;
-- nil, message.
function args.options(what, given)
    local keys, known = OPTIONS[what], IS_OPTION[what]
    if given == nil then
        return NONE
    elseif type(given) ~= "table" and known.adjust then
        return { adjust = given }
    elseif type(given) ~= "table" then
        return nil, ("%s: options are a table such as { partial = true }, got %s"):format(what,
            shown(given))
    end
    local message = unknown_key(what, given, keys, known)
    if message then
        return nil, message
    end
    return given
end

return args
