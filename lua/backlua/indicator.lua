-- Indicator handles: h[-1] is the value at the current bar, h[-2] the one before.
--
-- A handle is a struct of two pointers, the series and the portal that knows the current row, so
-- reading it compiles to a few loads. It stays valid as long as its run: when the run ends, its
-- handles are pointed at an inert portal, and reading them raises.

local ffi = require "ffi"
local assets = require "backlua.assets"
local current = require "backlua.current"
local history = require "backlua.history"
local native = require "backlua.ffi"
local options = require "backlua.options"

local C = native.C
local DATA, PORTAL = native.hidden.data, native.hidden.portal

local indicator = {}

local NAN = 0 / 0
local error, type = error, type

-- Its cursor lies so far back that every index falls before row 0.
local inert_portal = ffi.new("bt_portal", { cursor = -0x40000000 })
local inert = ffi.cast("const bt_portal *", inert_portal)
indicator.inert = inert_portal -- a pointer keeps nothing alive

local function bad_index(i)
    if type(i) == "number" and i >= 0 and i % 1 == 0 then
        error(("indicator: index %d lies in the future or nowhere; -1 is the current bar, -2 the"
            .. " one before"):format(i), 3)
    end
    error(("indicator: the index must be a negative whole number, got %s; -1 is the current bar")
        :format(type(i) == "string" and require "backlua.text.quote"(i) or tostring(i)), 3)
end

local function before_data(handle)
    if handle[PORTAL] == inert then
        error("indicator: its run has ended", 3)
    end
    return NAN
end

local meta = {
    __index = function(handle, i)
        if type(i) ~= "number" or i >= 0 or i % 1 ~= 0 then
            bad_index(i)
        end
        local row = handle[PORTAL].cursor + (i + 1)
        if row < 0 then
            local nan = before_data(handle)
            return nan
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

-- ---- making them -------------------------------------------------------------------------------

local known = {}

-- Parameters of an indicator: array of { name, default, min, max, is_int }; nil when unknown.
function indicator.parameters(name)
    if known[name] then
        return known[name]
    end
    local out = ffi.new "const bt_indicator_param *[1]"
    local count = C.bt_indicator_params(name, out)
    if count < 0 then
        return nil
    end
    local list = {}
    for i = 0, count - 1 do
        local p = out[0][i]
        list[i + 1] = {
            name = ffi.string(p.name), default = p.fallback, min = p.min, max = p.max,
            is_int = p.is_int ~= 0,
        }
    end
    known[name] = list
    return list
end

-- Names of all indicators, in the engine's order.
function indicator.names()
    local names, i = {}, 0
    local name = C.bt_indicator_name(0)
    while name ~= nil do
        i = i + 1
        names[i] = ffi.string(name)
        name = C.bt_indicator_name(i)
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

local field_option = { kind = "string", choices = history.FIELD_NAMES, default = "close" }
local specs = { [true] = {}, [false] = {} }

-- The option spec (options.lua) of an indicator's parameters; with_field: and of the field that
-- it is computed of.
function indicator.spec(parameters, with_field)
    local spec = specs[with_field][parameters]
    if spec then
        return spec
    end
    spec = { field = with_field and field_option or nil }
    for _, p in ipairs(parameters) do
        spec[p.name] = {
            kind = p.is_int and "integer" or "number", min = p.min, max = p.max,
            default = p.default,
        }
    end
    specs[with_field][parameters] = spec
    return spec
end

-- Values of checked options in the engine's order: double [count].
function indicator.pack(parameters, values)
    local packed = ffi.new("double[?]", math.max(#parameters, 1))
    for i, p in ipairs(parameters) do
        packed[i - 1] = values[p.name]
    end
    return packed
end

-- Handles of the active run.
local live = {}

-- A handle over the series of an indicator in the active run.
--     options   parameters by name and `field` ("close"); a table or nil
-- Raises at level 3: the caller of ctx:indicator.
function indicator.open(name, asset, given)
    local what = "indicator"
    if type(name) ~= "string" then
        error("indicator: the name must be a string such as \"sma\", got " .. tostring(name), 3)
    end
    local parameters = indicator.parameters(name)
    if not parameters then
        error(indicator.unknown(what, name), 3)
    end
    local sid = assets.sid_of[asset]
    if not sid then
        error(assets.unknown(what, asset), 3)
    end
    local values = options.check(what .. " " .. name, indicator.spec(parameters, true), given, 3)
    local out = ffi.new "const double *[1]"
    local status = C.bt_portal_indicator(current.pointers.portal, name, sid,
        history.FIELD_ID[values.field], indicator.pack(parameters, values), #parameters, out)
    if status ~= C.BT_OK then
        error(ffi.string(C.bt_error_message()), 3)
    end
    local handle = handle_type(out[0], current.pointers.portal)
    live[#live + 1] = handle
    return handle
end

-- The run ends: its series and its portal go away.
function indicator.close_all()
    for i = 1, #live do
        local fields = ffi.cast("const void **", live[i])
        fields[0], fields[1] = nil, inert
        live[i] = nil
    end
end

return indicator
