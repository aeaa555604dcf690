-- Cost models: what the constructors of backlua.commission and backlua.slippage make, and how the
-- engine is told.
--
-- A model is a plain table { kind =, <options of the kind> }. It is checked when it is made and
-- again when it is put to use, since a script can write into it.

local ffi = require "ffi"
local options = require "backlua.options"
local C = require("backlua.ffi").C
local sorted_keys = require "backlua.sorted_keys"

local costs = {}

local CURRENCY_MAX = 1e9
local function currency(default)
    return { kind = "number", min = 0, max = CURRENCY_MAX, default = default }
end

-- Share of a bar's volume that one asset's orders may take; 0 takes no notice of volume.
local function volume_limit(default)
    return { kind = "number", min = 0, max = 1, default = default }
end

local function rate(default)
    return { kind = "number", min = 0, below = 1, default = default }
end

local function check_tiers(tiers)
    if #tiers < 1 or #tiers > C.BT_TIERS_MAX then
        return ("must hold 1..%d tiers, such as {{from = 0, rate = 0.001}}, got %d"):format(
            C.BT_TIERS_MAX, #tiers)
    end
    for i, tier in ipairs(tiers) do
        if type(tier) ~= "table" or type(tier.from) ~= "number" or type(tier.rate) ~= "number" then
            return ("must be tables {from = , rate = } of numbers; tier %d is not"):format(i)
        end
        for key in next, tier do
            if key ~= "from" and key ~= "rate" then
                return ("must be tables {from = , rate = }; tier %d has %s"):format(i,
                    tostring(key))
            end
        end
    end
end

local impact = { kind = "number", min = 0, max = 1e6 }
local custom = { kind = "function", required = true }

local SPECS = {
    commission = {
        none = {},
        per_share = { cost = currency(0.001), min_trade_cost = currency(0) },
        per_trade = { cost = currency(0) },
        per_dollar = { cost = rate(0.0015), min_trade_cost = currency(0) },
        maker_taker = { maker = rate(0.001), taker = rate(0.002), min_trade_cost = currency(0) },
        tiered = {
            tiers = { kind = "table", required = true, check = check_tiers },
            min_trade_cost = currency(0),
        },
        custom = { fee = custom },
    },
    slippage = {
        none = { volume_limit = volume_limit(0) },
        fixed_bps = {
            basis_points = { kind = "number", min = 0, below = 10000, default = 5 },
            volume_limit = volume_limit(0.1),
        },
        fixed_spread = { spread = currency(0), volume_limit = volume_limit(0) },
        volume_share = {
            price_impact = setmetatable({ default = 0.1 }, { __index = impact }),
            volume_limit = volume_limit(0.025),
        },
        volatility_volume = {
            eta = setmetatable({ default = 1 }, { __index = impact }),
            volume_limit = volume_limit(0.05),
        },
        custom = { price = custom, volume_limit = volume_limit(0.1) },
    },
}

local shortest = ffi.new "char[32]"
local function number_text(v)
    return ffi.string(shortest, C.bt_number_format(v, shortest))
end

local function value_text(value)
    if type(value) == "table" then
        local parts = {}
        for i, tier in ipairs(value) do
            parts[i] = ("{from = %s, rate = %s}"):format(number_text(tier.from),
                number_text(tier.rate))
        end
        return "{" .. table.concat(parts, ", ") .. "}"
    elseif type(value) == "function" then
        local info = debug.getinfo(value, "S")
        return ("function at %s:%d"):format(info.short_src, info.linedefined)
    end
    return number_text(value)
end

-- "per_share{cost = 0.001, min_trade_cost = 0}"
function costs.describe(model)
    local parts = {}
    for _, name in ipairs(sorted_keys(model)) do
        if name ~= "kind" then
            parts[#parts + 1] = name .. " = " .. value_text(model[name])
        end
    end
    return model.kind .. "{" .. table.concat(parts, ", ") .. "}"
end

local model_meta = { __metatable = false, __tostring = costs.describe }

local function unknown_kind(family, name)
    local text = tostring(name)
    local hint = require "backlua.text.nearest".hint(text, sorted_keys(SPECS[family]))
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
        maker_taker = C.BT_COMMISSION_MAKER_TAKER, tiered = C.BT_COMMISSION_TIERED,
        custom = C.BT_COMMISSION_CUSTOM,
    },
    slippage = {
        none = C.BT_SLIPPAGE_NONE, fixed_bps = C.BT_SLIPPAGE_FIXED_BPS,
        fixed_spread = C.BT_SLIPPAGE_FIXED_SPREAD, volume_share = C.BT_SLIPPAGE_VOLUME_SHARE,
        volatility_volume = C.BT_SLIPPAGE_VOLATILITY, custom = C.BT_SLIPPAGE_CUSTOM,
    },
}

local function write_tiers(tiers, out)
    out.tiers = #tiers
    for i, tier in ipairs(tiers) do
        out.tier_from[i - 1], out.tier_rate[i - 1] = tier.from, tier.rate
    end
end

-- Write a checked model into a bt_commission or bt_slippage.
function costs.write(family, model, out)
    out.kind = KINDS[family][model.kind]
    if family == "commission" then
        out.rate = model.cost or model.maker or 0
        out.taker = model.taker or 0
        out.minimum = model.min_trade_cost or 0
        out.tiers = 0
        if model.tiers then
            write_tiers(model.tiers, out)
        end
    else
        out.bps = model.basis_points or 0
        out.spread = model.spread or 0
        out.impact = model.price_impact or model.eta or 0
        out.volume_limit = model.volume_limit
    end
end

-- What applies when nobody sets anything.
function costs.default(family)
    local kind = family == "commission" and "per_share" or "fixed_bps"
    return assert(costs.read(family, { kind = kind }))
end

return costs
