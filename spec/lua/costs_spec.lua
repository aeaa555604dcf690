local commission = require "backlua.commission"
local costs = require "backlua.costs"
local ffi = require "ffi"
local native = require "backlua.ffi"
local slippage = require "backlua.slippage"

local C = native.C

local function written(family, model)
    local out = ffi.new(family == "commission" and "bt_commission" or "bt_slippage")
    costs.write(family, assert(costs.read(family, model)), out)
    return out
end

describe("cost models", function()
    it("have Zipline's names and defaults", function()
        assert.same({ kind = "per_share", cost = 0.001, min_trade_cost = 0 },
            commission.per_share {})
        assert.same({ kind = "per_trade", cost = 0 }, commission.per_trade())
        assert.same({ kind = "per_dollar", cost = 0.0015, min_trade_cost = 0 },
            commission.per_dollar())
        assert.same({ kind = "volume_share", price_impact = 0.1, volume_limit = 0.025 },
            slippage.volume_share())
        assert.same({ kind = "fixed_spread", spread = 0, volume_limit = 0 },
            slippage.fixed_spread())
        assert.same({ kind = "fixed_bps", basis_points = 5, volume_limit = 0.1 },
            slippage.fixed_bps {})
        assert.same({ kind = "none" }, commission.none())
        assert.same({ kind = "none", volume_limit = 0 }, slippage.none())
    end)

    it("reach the engine", function()
        local c = written("commission", commission.per_share { cost = 0.005, min_trade_cost = 1 })
        assert.same({ C.BT_COMMISSION_PER_SHARE, 0.005, 1 }, { c.kind, c.rate, c.minimum })
        c = written("commission", commission.per_dollar { cost = 0.002 })
        assert.same({ C.BT_COMMISSION_PER_DOLLAR, 0.002 }, { c.kind, c.rate })
        c = written("commission", commission.none())
        assert.same({ C.BT_COMMISSION_NONE, 0 }, { c.kind, c.rate })
        c = written("commission", commission.maker_taker { maker = 0.25, taker = 0.5 })
        assert.same({ C.BT_COMMISSION_MAKER_TAKER, 0.25, 0.5 }, { c.kind, c.rate, c.taker })
        c = written("commission", commission.tiered { tiers = {
            { from = 0, rate = 0.5 }, { from = 10, rate = 0.25 } } })
        assert.same({ C.BT_COMMISSION_TIERED, 2, 10, 0.5, 0.25 },
            { c.kind, c.tiers, c.tier_from[1], c.tier_rate[0], c.tier_rate[1] })
        local s = written("slippage", slippage.fixed_bps { basis_points = 7, volume_limit = 0.5 })
        assert.same({ C.BT_SLIPPAGE_FIXED_BPS, 7, 0.5 }, { s.kind, s.bps, s.volume_limit })
        s = written("slippage", slippage.none())
        assert.same({ C.BT_SLIPPAGE_NONE, 0, 0 }, { s.kind, s.bps, s.volume_limit })
    end)

    it("raise at the caller's line for unknown keys and numbers out of range", function()
        local line = debug.getinfo(1, "l").currentline + 1
        local _, message = pcall(function() commission.per_share { costs = 1 } end)
        assert.truthy(message:find("costs_spec.lua:" .. line .. ": commission.per_share: unknown "
            .. "option 'costs'; did you mean 'cost'?", 1, true), message)
        for _, wrong in ipairs { -1, 0 / 0, 1 / 0, "1" } do
            assert.has_error(function() commission.per_share { cost = wrong } end)
            assert.has_error(function() slippage.fixed_bps { basis_points = wrong } end)
        end
        assert.has_error(function() slippage.fixed_bps { volume_limit = 1.1 } end)
        assert.has_error(function() commission.per_dollar { cost = 1 } end)
        assert.has_error(function() commission.tiered {} end)
        assert.has_error(function() commission.tiered { tiers = {} } end)
        assert.has_error(function() commission.tiered { tiers = { { rate = 1 } } } end)
        assert.has_error(function() commission.custom {} end)
        assert.has_error(function() slippage.custom { price = 5 } end)
        assert.has_error(function() commission.per_share(0.5) end)
    end)

    it("names the nearest model", function()
        local _, message = pcall(function() return commission.pershare end)
        assert.truthy(message:find("no model 'pershare'; did you mean 'per_share'?", 1, true))
    end)

    it("are checked again when they are used: a script may have written into them", function()
        local model = commission.per_share {}
        model.cost = -5
        local _, message = costs.read("commission", model)
        assert.truthy(message:find "cost must be a number at least 0")
        for _, wrong in ipairs { {}, { kind = "fixed_bps" }, 5, "x" } do
            assert.is_nil((costs.read("commission", wrong)))
        end
    end)

    it("describe themselves", function()
        assert.equal("per_share{cost = 0.001, min_trade_cost = 0}",
            tostring(commission.per_share()))
        assert.equal("none{}", tostring(commission.none()))
    end)
end)
