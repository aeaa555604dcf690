-- Walks and cross-validations whose truth is known: the worlds of luck_studies.lua as markets.
--
-- Every cell of a world's grid is an asset whose returns are the cell's, and the strategy holds the
-- one that its parameters name. So trains, tests and paths are cut from backtests as anybody's are.
--
--     walk    train two years, test half a year, roll on by half a year: 16 windows
--     cpcv    six groups, two of them tested, 5 sessions purged and 5 more embargoed: 15 splits

local luck_studies = require "spec.support.luck_studies"
local market = require "spec.support.market"
local opt = require "backlua.optimization"

local luck_walks = {}

local HOLD = [[
    local s = { params = { i = 1, j = 1 } }
    function s.initialize(ctx)
        ctx:set_commission(require("backlua.commission").none())
        ctx:set_slippage(require("backlua.slippage").none())
        ctx.asset = ctx:symbol(("A%02d%02d"):format(ctx.params.i, ctx.params.j))
    end
    function s.handle_data(ctx)
        if ctx.portfolio.positions[ctx.asset].amount == 0 then
            ctx:order_percent(ctx.asset, 1)
        end
    end
    return s
]]

local CONFIG = {
    walk = { train_period_days = 504, validation_period_days = 0, test_period_days = 126,
        step_size_days = 126 },
    cpcv = { mode = "cpcv", groups = 6, test_groups = 2, purge_days = 5, embargo_days = 5 },
}

local SEARCH = {
    grid = function(space) return opt.GridSearchAlgorithm(space) end,
    random = function(space, n) return opt.RandomSearchAlgorithm { space, n_iter = n } end,
    tpe = function(space, n) return opt.TPEOptimizer { space, n_iter = n } end,
}

local function prices_of(returns)
    local prices, level = { 100 }, 100
    for t, r in ipairs(returns) do
        level = level * (1 + r)
        prices[t + 1] = level
    end
    return market.path(prices, 1e12)
end

-- Name of the bundle of a world.
local function make(world, seed)
    local name, assets = ("%s%d"):format(world, seed), {}
    for i = 1, luck_studies.SIDE do
        for j = 1, luck_studies.SIDE do
            assets[("A%02d%02d"):format(i, j)] = prices_of(luck_studies.returns(world, seed, i, j))
        end
    end
    market.daily(name, assets)
    return name
end

--- The luck of a walk in world number `seed`.
-- @param mode "walk" or "cpcv"; search: "grid", "random", "tpe"; trials: of each train, of a grid
--   all
function luck_walks.luck(world, seed, mode, search, trials)
    local bundle = make(world, seed)
    local results = assert(opt.WalkForwardOptimizer {
        algorithm = SEARCH[search](luck_studies.space(), trials), seed = seed, n_jobs = 1,
        audit = "none", window_config = opt.WindowConfig(CONFIG[mode]),
    }:run { strategy = HOLD, bundle = bundle, lot = 1e-9, periods_per_year = 252 })
    require("backlua.ffi").C.bt_bundle_remove(bundle)
    return results.luck
end

--- How many of `count` walks are called luck; how many for their tests, how many for their choice.
function luck_walks.count(world, count, mode, search, trials)
    local said, tests, choice = 0, 0, 0
    for seed = 1, count do
        local l = luck_walks.luck(world, seed, mode, search, trials)
        said = said + (l.verdict == "luck" and 1 or 0)
        tests = tests + (l.dsr < 0.95 and 1 or 0)
        choice = choice + (l.pbo > 0.2 and 1 or 0)
    end
    return said, tests, choice
end

return luck_walks
