-- Indicator handles: h[-1] is the value at the current bar, h[-2] the one before.
--
-- A handle is a struct of two pointers, the series and the portal that knows the current row, so
-- reading it compiles to a few loads. It stays valid as long as its run: when the run ends, its
-- handles are pointed at an inert portal, and reading them raises. An indicator with several
-- outputs is a table of handles by the outputs' names.

local ffi = require "ffi"
local assets = require "backlua.assets"
local args = require "backlua.history_args"
local current = require "backlua.current"
local history = require "backlua.history"
local levels = require "backlua.levels"
local native = require "backlua.ffi"
local options = require "backlua.options"
local outputs = require "backlua.outputs"

local C = native.C
local DATA, PORTAL, FLOOR = native.hidden.data, native.hidden.portal, native.hidden.floor

local indicator = {}

local NAN = 0 / 0
local error, type = error, type

-- Its cursor lies so far back that every index falls before row 0.
local inert_portal = ffi.new("bt_portal", { cursor = -0x40000000 })
local inert = ffi.cast("const bt_portal *", inert_portal)
indicator.inert = inert_portal -- a pointer keeps nothing alive

local function bad_index(i, level)
    if type(i) == "number" and i >= 0 and i % 1 == 0 then
        error(("indicator: index %d lies in the future or nowhere; -1 is the current bar, -2 the"
            .. " one before"):format(i), level)
    end
    error(("indicator: the index must be a negative whole number, got %s; -1 is the current bar")
        :format(type(i) == "string" and require "backlua.text.quote"(i) or tostring(i)), level)
end

-- The value of a row that is not at hand: none before the data; else all rows are fetched.
local function far_back(handle, row)
    if handle[PORTAL] == inert then
        error("indicator: its run has ended", 3)
    elseif row < 0 then
        return NAN
    elseif C.bt_handle_reach(handle) ~= C.BT_OK then
        error(ffi.string(C.bt_error_message()), 3)
    end
    return handle[DATA][row]
end

local meta = {
    __index = function(handle, i)
        if type(i) ~= "number" or i >= 0 or i % 1 ~= 0 then
            bad_index(i, 3)
        end
        local row = handle[PORTAL].cursor + (i + 1)
        if row < handle[FLOOR] then
            local value = far_back(handle, row)
            return value
        end
        return handle[DATA][row]
    end,
    __newindex = function()
        error("indicator: values are read-only", 2)
    end,
    __len = function()
        error("indicator: a handle has no length; -1 is the current bar, -2 the one before", 2)
    end,
    __tostring = function(handle)
        local row = handle[PORTAL].cursor
        return ("Indicator(%g)"):format(row < 0 and NAN or handle[DATA][row])
    end,
}
local handle_type = ffi.metatype("bt_handle", meta)

-- ---- what there is -----------------------------------------------------------------------------

local INPUTS = { "x", "other", "open", "high", "low", "close", "volume", "session" }

local known = {}

local function read_parameters(info)
    local list = {}
    for i = 0, info.param_count - 1 do
        local p = info.params[i]
        list[i + 1] = {
            name = ffi.string(p.name), default = p.fallback, min = p.min, max = p.max,
            is_int = p.is_int ~= 0, sweep = { p.sweep_min, p.sweep_max, p.sweep_step },
        }
    end
    return list
end

local function read(info)
    local result = { parameters = read_parameters(info), inputs = {}, reads = {}, outputs = {} }
    for _, key in ipairs { "name", "title", "formula", "source" } do
        result[key] = ffi.string(info[key])
    end
    for i, name in ipairs(INPUTS) do
        if bit.band(bit.rshift(info.inputs, i - 1), 1) == 1 then
            result.reads[name] = i - 1
            table.insert(result.inputs, name)
        end
    end
    for i = 0, info.output_count - 1 do
        result.outputs[i + 1] = ffi.string(info.outputs[i])
    end
    return result
end

-- What the engine says of an indicator: { name, title, formula, source, inputs, reads (its place by
-- input), outputs, parameters = { { name, default, min, max, is_int, sweep }, ... } }; nil when
-- unknown. Shared: not to be changed.
function indicator.info(name)
    if known[name] == nil then
        local info = C.bt_indicator_find(name)
        if info == nil then
            return nil
        end
        known[name] = read(info)
    end
    return known[name]
end

-- Names of all indicators, in the engine's order.
function indicator.names()
    local names, i = {}, 0
    local info = C.bt_indicator_at(0)
    while info ~= nil do
        i = i + 1
        names[i] = ffi.string(info.name)
        info = C.bt_indicator_at(i)
    end
    return names
end

-- Message for a name that is no indicator.
function indicator.unknown(what, name)
    local names = indicator.names()
    local hint = require "backlua.text.nearest".hint(tostring(name), names)
    return ("%s: no indicator %s%s"):format(what, require "backlua.text.quote"(tostring(name)),
        hint ~= "" and hint or "; there are " .. table.concat(names, ", "))
end

-- ---- options -----------------------------------------------------------------------------------

local field_option = { kind = "string", choices = history.FIELD_NAMES, default = "close" }
local other_field_option = { kind = "string", choices = history.FIELD_NAMES }
local other_option = { required = true }
local frequency_option = { kind = "string" }
local adjust_option = { kind = "string", choices = args.ADJUSTS }
local specs = { [true] = {}, [false] = {} }

-- The option spec (options.lua) of an indicator's parameters; of_assets: and of the series that it
-- is computed of.
function indicator.spec(info, of_assets)
    local spec = specs[of_assets][info]
    if spec then
        return spec
    end
    spec = {
        field = of_assets and info.reads.x and field_option or nil,
        frequency = of_assets and frequency_option or nil,
        adjust = of_assets and adjust_option or nil,
        other = of_assets and info.reads.other and other_option or nil,
        other_field = of_assets and info.reads.other and other_field_option or nil,
    }
    for _, p in ipairs(info.parameters) do
        spec[p.name] = {
            kind = p.is_int and "integer" or "number", min = p.min, max = p.max,
            default = p.default,
        }
    end
    specs[of_assets][info] = spec
    return spec
end

-- Values of checked options in the engine's order: double [count], count.
function indicator.pack(info, values)
    local parameters = info.parameters
    local packed = ffi.new("double[?]", math.max(#parameters, 1))
    for i, p in ipairs(parameters) do
        packed[i - 1] = values[p.name]
    end
    return packed, #parameters
end

-- ---- making them -------------------------------------------------------------------------------

-- Handles of the active run, and the memory that some of them look at.
local live, memory = {}, {}

-- Keep an array of ours until the run ends.
function indicator.keep(array)
    memory[#memory + 1] = array
end

local lives = {}

-- What a handle that is no struct knows of its run: row(i), the row of index i, negative before the
-- data, which raises like a handle; epoch(mode, sid), how many events of an asset have happened.
function indicator.life()
    local portal, life = current.pointers.portal, {}
    function life.row(i)
        if type(i) ~= "number" or i >= 0 or i % 1 ~= 0 then
            bad_index(i, 4)
        elseif portal == nil then
            error("indicator: its run has ended", 3)
        end
        return portal.cursor + (i + 1)
    end
    function life.epoch(mode, sid)
        return C.bt_portal_epoch(portal, mode, sid, portal.cursor)
    end
    lives[#lives + 1] = function()
        portal = nil
    end
    return life
end

-- A handle over [rows] doubles that live as long as the run, or that are to be set by the engine
-- (nil). portal: whose rows they are; nil for the bundle's own.
function indicator.handle(data, portal)
    local handle = handle_type(data, portal or current.pointers.portal)
    live[#live + 1] = handle
    return handle
end

-- The one of a list of handles, or a table of them by `names`.
local function named(what, names, list)
    if #names == 1 then
        local handle = list[1]
        return handle
    end
    return outputs.named(what, names, list)
end
indicator.named = named

-- BT_ADJUST_* of a checked option, -1 for the run's.
function indicator.mode(adjust)
    return adjust and C.bt_adjust_find(adjust) or -1
end

-- The id of an asset. Raises at `level`.
local function sid_of(what, asset, level)
    local sid = assets.sid_of[asset]
    if not sid then
        error(assets.unknown(what, asset), level + 1)
    end
    return sid
end
indicator.sid_of = sid_of

-- A handle over the series of an indicator in the active run, a table of them when it has several
-- outputs. name: that of an indicator, or a function (own_indicator.lua).
--     options   parameters by name; field ("close"); other, other_field of the second series;
--               frequency: the bundle's, or a coarser one, whose h[-1] is the value at its bar
--               that closed last; adjust: "none", "splits" or "all" for columns like those of
--               data:history, as of now; default the run's
-- Raises at level 3: the caller of ctx:indicator.
function indicator.open(name, asset, given)
    if type(name) == "function" then
        return require "backlua.own_indicator"(name, asset, given)
    elseif type(name) ~= "string" then
        error("indicator: the name must be a string such as \"sma\" or a function, got "
            .. tostring(name), 3)
    end
    local info = indicator.info(name)
    if not info then
        error(indicator.unknown("indicator", name), 3)
    end
    local what = "indicator " .. name
    local sid = sid_of("indicator", asset, 3)
    local values = options.check(what, indicator.spec(info, true), given, 3)
    local other = values.other == nil and sid or sid_of(what, values.other, 3)
    local field = history.FIELD_ID[values.field or "close"]
    local other_field = history.FIELD_ID[values.other_field or values.field or "close"]
    local params, count = indicator.pack(info, values)
    local place, message = levels.open(values.frequency, history.frequency())
    if not place then
        error(what .. ": " .. message, 3)
    end
    local portal, list = levels.slot[place], {}
    local handles = ffi.new("bt_handle *[?]", #info.outputs)
    for i = 1, #info.outputs do
        list[i] = indicator.handle(nil, portal)
        handles[i - 1] = list[i]
    end
    local request = ffi.new("bt_indicator_request", name, sid, field, other, other_field,
        indicator.mode(values.adjust), count, params)
    if C.bt_portal_indicator(portal, request, handles) ~= C.BT_OK then
        error(ffi.string(C.bt_error_message()), 3)
    end
    return named(what, info.outputs, list)
end

-- The run ends: its series and its portal go away.
function indicator.close_all()
    for i = 1, #live do
        local fields = ffi.cast("const void **", live[i])
        fields[0], fields[1] = nil, inert
        live[i] = nil
    end
    for i = 1, #lives do
        lives[i]()
        lives[i] = nil
    end
    memory = {}
end

return indicator
