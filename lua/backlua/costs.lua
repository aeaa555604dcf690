-- Cost models: what the constructors of backlua.commission and backlua.slippage make, and how the
-- engine is told.
--
-- A model is a plain table { kind =, <options of the kind> }. It is checked when it is made and
-- again when it is put to use, since a script can write into it.

local ffi = require "ffi"
local options = require "backlua.options"
local C = require("backlua.ffi").C

local costs = {}

local CURRENCY_MAX = 1e9
local function currency(default)
    return { kind = "number", min = 0, max = CURRENCY_MAX, default = default }
end

-- Share of a bar's volume that one asset's orders may take; 0 takes no notice of volume.
local function volume_limit(default)
    return { kind = "number", min = 0, max = 1, default = default }
end

local SPECS = {
    commission = {
        none = {},
        per_share = { cost = currency(0.001), min_trade_cost = currency(0) },
        per_trade = { cost = currency(0) },
        per_dollar = { cost = { kind = "number", min = 0, below = 1, default = 0.0015 } },
    },
    slippage = {
        none = { volume_limit = volume_limit(0) },
        fixed_bps = {
            basis_points = { kind = "number", min = 0, below = 10000, default = 5 },
            volume_limit = volume_limit(0.1),
        },
    },
}

local shortest = ffi.new "char[32]"
local function number_text(v)
    return ffi.string(shortest, C.bt_number_format(v, shortest))
end

-- "per_share{cost = 0.001, min_trade_cost = 0}"
function costs.describe(model)
    local parts = {}
    for _, name in ipairs(options.names(model)) do
        if name ~= "kind" then
            parts[#parts + 1] = name .. " = " .. number_text(model[name])
        end
    end
    return model.kind .. "{" .. table.concat(parts, ", ") .. "}"
end

local model_meta = { __metatable = false, __tostring = costs.describe }

local function unknown_kind(family, name)
    local text = tostring(name)
    local hint = require "backlua.text.nearest".hint(text, options.names(SPECS[family]))
    return ("backlua.%s: no model %s%s"):format(family, require "backlua.text.quote"(text), hint)
end

--- The public module of a family ("commission", "slippage"): a constructor per kind. An unknown
-- kind raises at the caller's line, with the nearest name.
function costs.constructors(family)
    local module = {}
    for kind, spec in pairs(SPECS[family]) do
        module[kind] = function(given)
            local model = options.check(family .. "." .. kind, spec, given)
            model.kind = kind
            return setmetatable(model, model_meta)
        end
    end
    return setmetatable(module, {
        __metatable = false,
        __index = function(_, name)
            error(unknown_kind(family, name), 2)
        end,
    })
end

-- A checked copy of a model; nil and a message when it is none.
function costs.read(family, model)
    if type(model) ~= "table" then
        return nil, ("a model is expected, such as require(\"backlua.%s\").%s, got %s"):format(
            family, family == "commission" and "per_share{cost = 0.001}"
                or "fixed_bps{basis_points = 5}", tostring(model))
    end
    local kind = rawget(model, "kind")
    local spec = SPECS[family][kind]
    if not spec then
        return nil, unknown_kind(family, kind)
    end
    local given = {}
    for key, value in next, model do
        given[key] = value
    end
    given.kind = nil
    local values, message = options.read(family .. "." .. kind, spec, given)
    if values then
        values.kind = kind
        return setmetatable(values, model_meta)
    end
    return nil, message
end

local KINDS = {
    commission = {
        none = C.BT_COMMISSION_NONE, per_share = C.BT_COMMISSION_PER_SHARE,
        per_trade = C.BT_COMMISSION_PER_TRADE, per_dollar = C.BT_COMMISSION_PER_DOLLAR,
    },
    slippage = { none = C.BT_SLIPPAGE_NONE, fixed_bps = C.BT_SLIPPAGE_FIXED_BPS },
}

-- Write a checked model into a bt_commission or bt_slippage.
function costs.write(family, model, out)
    out.kind = KINDS[family][model.kind]
    if family == "commission" then
        out.rate = model.cost or 0
        out.minimum = model.min_trade_cost or 0
    else
        out.bps = model.basis_points or 0
        out.volume_limit = model.volume_limit
    end
end

-- What applies when nobody sets anything.
function costs.default(family)
    local kind = family == "commission" and "per_share" or "fixed_bps"
    return assert(costs.read(family, { kind = kind }))
end

return costs
