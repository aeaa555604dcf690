-- Prices times noise: what the noise is, and what comes of it.
--
-- Market "pair": 3,000 days; B's returns are 0.8 of A's and 0.6 of others, C stands still, D is
-- there in the second half only.

local child = require "spec.support.child"
local ffi = require "ffi"
local market = require "spec.support.market"
local opt = require "backlua.optimization"
local C = require "backlua.ffi".C

ffi.cdef [[
bt_status bundle_column(bt_bundle *b, int32_t sid, int32_t field, const double **out);
]]

local DAYS = 3000
local FIELDS = { open = C.BT_FIELD_OPEN, high = C.BT_FIELD_HIGH, low = C.BT_FIELD_LOW,
    close = C.BT_FIELD_CLOSE, volume = C.BT_FIELD_VOLUME }

local BUY = [[
    local s = { params = { n = 10 } }
    function s.initialize(ctx)
        ctx:set_commission(require("backlua.commission").none())
        ctx:set_slippage(require("backlua.slippage").none())
        ctx.mean = ctx:indicator("sma", "A", { n = 20 })
    end
    function s.handle_data(ctx, data)
        local close, mean = data:history("A", "close", 20, "1d", "array"), ctx.mean[-1]
        local sum = 0
        for i = 1, 20 do
            sum = sum + close[i]
        end
        assert(mean ~= mean or math.abs(sum / 20 / mean - 1) < 1e-9, "of another market")
        ctx:order_target("A", close[-1] > mean and ctx.params.n or 0)
    end
    return s
]]

local function random(seed)
    local state = seed
    return function()
        state = (state * 16807) % 2147483647
        return state / 2147483647 - 0.5
    end
end

local function bars(returns, from)
    local list, price, next_unit = {}, 100, random(99)
    for i, r in ipairs(returns) do
        price = price * (1 + r)
        local open = price * (1 + next_unit() / 50)
        local top, bottom = math.max(open, price), math.min(open, price)
        list[i] = i >= from and { open, top * 1.01, bottom * 0.99, price, 1000 + i }
    end
    return list
end

local function open(name)
    local out = ffi.new "bt_bundle *[1]"
    assert(C.bt_bundle_acquire(name, out) == C.BT_OK, ffi.string(C.bt_error_message()))
    return ffi.gc(out[0], C.bt_bundle_release)
end

local function noise(bundle, model, std, seed)
    local out = ffi.new "bt_noise *[1]"
    assert(C.bt_noise_new(bundle, model, std, seed or 1, out) == C.BT_OK)
    return ffi.gc(out[0], C.bt_noise_free)
end

local function column(bundle, sid, field)
    local out = ffi.new "const double *[1]"
    assert(C.bundle_column(bundle, sid, FIELDS[field], out) == C.BT_OK)
    return out[0]
end

-- What the bars of an asset were multiplied by, less 1.
local function factors(bundle, noisy, sid)
    local was, is, list = column(bundle, sid, "close"), column(noisy, sid, "close"), {}
    for i = 0, DAYS - 1 do
        list[#list + 1] = was[i] == was[i] and is[i] / was[i] - 1 or nil
    end
    return list
end

local function moments(x, y)
    local a, b = 0, 0
    for i = 1, #x do
        a, b = a + x[i] / #x, b + y[i] / #x
    end
    local xx, yy, xy = 0, 0, 0
    for i = 1, #x do
        xx, yy, xy = xx + (x[i] - a) ^ 2, yy + (y[i] - b) ^ 2, xy + (x[i] - a) * (y[i] - b)
    end
    return a, math.sqrt(xx / #x), xy / math.sqrt(xx * yy)
end

local A_RETURNS, B_RETURNS

setup(function()
    local x, y, z, a, b, d, still = random(7), random(8), random(9), {}, {}, {}, {}
    for i = 1, DAYS do
        local own = x() / 20
        a[i], b[i] = own, 0.8 * own + 0.6 * y() / 20
        d[i], still[i] = z() / 20, market.flat(50)
    end
    A_RETURNS, B_RETURNS = a, b
    market.daily("pair", { A = bars(a, 1), B = bars(b, 1), C = still, D = bars(d, DAYS / 2) })
    market.synthetic("wide", {})
end)
teardown(market.clean)

for model, id in pairs { gaussian = C.BT_NOISE_GAUSSIAN, bootstrap = C.BT_NOISE_BOOTSTRAP } do
    describe(model .. " noise", function()
        it("multiplies a bar's prices by one factor, and no volume", function()
            local bundle = open "pair"
            local noisy = ffi.gc(C.bt_noise_bundle(noise(bundle, id, 0.3), 5), C.bt_bundle_release)
            for sid = 0, 3 do
                local was, is = {}, {}
                for field in pairs(FIELDS) do
                    was[field] = column(bundle, sid, field)
                    is[field] = column(noisy, sid, field)
                end
                for i = 0, DAYS - 1 do
                    assert.equal(was.volume[i], is.volume[i])
                    if was.close[i] == was.close[i] then
                        local top = math.max(is.open[i], is.close[i])
                        local bottom = math.min(is.open[i], is.close[i])
                        assert.is_true(is.low[i] > 0 and is.low[i] <= bottom and top <= is.high[i])
                        assert.near(is.close[i] / was.close[i], is.high[i] / was.high[i], 1e-12)
                    else
                        assert.is_true(is.close[i] ~= is.close[i])
                    end
                end
            end
        end)

        it("has the deviation asked for and the returns' correlation", function()
            local bundle = open "pair"
            local noisy = ffi.gc(C.bt_noise_bundle(noise(bundle, id, 0.02), 1),
                C.bt_bundle_release)
            local a, b = factors(bundle, noisy, 0), factors(bundle, noisy, 1)
            local mean, deviation, together = moments(a, b)
            local _, _, wanted = moments(A_RETURNS, B_RETURNS)
            assert.near(0, mean, 0.0015)
            assert.near(0.02, deviation, 0.001)
            assert.near(wanted, together, 0.03)
            assert.is_true(wanted > 0.75)
            local _, late = moments(factors(bundle, noisy, 3), factors(bundle, noisy, 3))
            assert.near(0.02, late, 0.002)
            assert.same(0, factors(bundle, noisy, 2)[17]) -- its price never moved
        end)

        it("is another one for each simulation and seed, the same for the same", function()
            local bundle = open "pair"
            local function first(seed, simulation)
                local noisy = C.bt_noise_bundle(noise(bundle, id, 0.1, seed), simulation)
                local value = column(noisy, 0, "close")[0]
                C.bt_bundle_release(noisy)
                return value
            end
            assert.equal(first(1, 1), first(1, 1))
            assert.is_not.equal(first(1, 1), first(1, 2))
            assert.is_not.equal(first(1, 1), first(2, 1))
        end)
    end)
end

local function memory_kb()
    local file = io.open "/proc/self/statm"
    local text = file:read "*a"
    file:close()
    return tonumber(text:match "^%d+ (%d+)") * 4
end

describe("noisy bundles", function()
    it("take no more memory after 200 than after 50", function()
        local bundle = open "wide"
        local made = noise(bundle, C.BT_NOISE_BOOTSTRAP, 0.01)
        local function simulate(from, to)
            for i = from, to do
                local noisy = C.bt_noise_bundle(made, i)
                for sid = 0, 7 do
                    column(noisy, sid, "close")
                    column(noisy, sid, "open")
                    column(noisy, sid, "high")
                    column(noisy, sid, "low")
                end
                C.bt_bundle_release(noisy)
            end
            return memory_kb()
        end
        -- A sanitizer keeps what was freed for a while, 256 MB of it.
        local slack = (child.program:find "/asan/" and 300 or 8) * 1024
        local early = simulate(1, 50)
        assert.is_true(simulate(51, 250) - early < slack)
    end)

    it("are refused where there is nothing to draw from", function()
        local bundle, out = open "pair", ffi.new "bt_noise *[1]"
        for _, case in ipairs { { 2, 0.1 }, { 0, 0 }, { 0, 0.6 }, { 0, 0 / 0 } } do
            assert.equal(C.BT_E_RANGE, C.bt_noise_new(bundle, case[1], case[2], 1, out))
        end
    end)
end)

local function infuse(settings, given)
    settings.n_simulations = settings.n_simulations or 100
    given = given or {}
    given.strategy, given.bundle = BUY, given.bundle or "pair"
    return opt.NoiseInfusionSimulator(settings):run(given)
end

describe("NoiseInfusionSimulator", function()
    it("is the same for any number of workers", function()
        local one = assert(infuse({}, { n_jobs = 1 }))
        for _, n_jobs in ipairs { 2, 3 } do
            local other = assert(infuse({}, { n_jobs = n_jobs }))
            assert.equal(one.result_hash, other.result_hash)
            assert.same(one.score.values, other.score.values)
        end
        assert.is_not.equal(one.result_hash, assert(infuse { seed = 2 }).result_hash)
        assert.is_not.equal(one.result_hash,
            assert(infuse { noise_model = "bootstrap" }).result_hash)
        assert.equal(100, #one.score.values)
        assert.equal(0, one.failed)
        assert.is_true(one.score.std > 0)
    end)

    it("counts for no tries of a search on the bundle", function()
        local function tried()
            return assert(opt.ParallelOptimizer { param_space = opt.ParameterSpace {
                opt.DiscreteParameter { name = "n", min_value = 1, max_value = 4 },
            } }:run { strategy = BUY, bundle = "pair" }).luck.tried
        end
        local before = tried()
        assert(infuse { seed = 5 })
        assert.equal(before, tried())
    end)

    it("is no result when every simulation fails, and says why the first did", function()
        local bundle = open "pair"
        local strategy = ([[
            return { handle_data = function(ctx, data)
                if ctx.seen then return end
                ctx.seen = true
                assert(data:current("A", "close") == %.17g, "of another market")
            end }
        ]]):format(column(bundle, 0, "close")[0])
        local results, err = opt.NoiseInfusionSimulator({ n_simulations = 100 }):run {
            strategy = strategy, bundle = "pair", objective = "total_return" }
        assert.is_nil(results)
        assert.equal("strategy", err.code)
        assert.truthy(err.message:find(
            "^no simulation of 100 came to a score: .*of another market"), err.message)
    end)

    it("is the undisturbed run when there is next to no noise", function()
        local s = assert(infuse({ std_pct = 1e-20, params = { n = 7 } }))
        local run = assert(require "backlua".run { strategy = BUY, bundle = "pair",
            params = { n = 7 } })
        assert.equal(run.metrics.sharpe_ratio, s.score.observed)
        for name, row in pairs(s.metrics) do
            assert.equal(run.metrics[name], row.observed)
            for _, value in ipairs(row.values) do
                assert.equal(row.observed, value)
            end
            assert.equal(0, row.degradation)
            assert.equal(0, row.std)
        end
        assert.equal("robust", s.verdict)
        assert.truthy(s.summary:find("simulations, 95 % bands: robust\n", 1, true), s.summary)
        assert.truthy(s.summary:find "\nscore +%-?%d+%.%d%d%d%d ")
    end)

    it("gives mean, degradation, interval and verdict of what the runs came to", function()
        local s = assert(infuse({ std_pct = 0.02, confidence_level = 0.8 },
            { objective = "max_drawdown" }))
        local sum, sorted = 0, {}
        for i, value in ipairs(s.score.values) do
            sum, sorted[i] = sum + value, value
        end
        table.sort(sorted)
        local mean = sum / #sorted
        assert.near(mean, s.score.mean, 1e-12)
        -- a drawdown is 0 or below: deeper is worse
        local worse = 100 * (s.score.observed - mean) / -s.score.observed
        assert.near(worse, s.score.degradation, 1e-9)
        assert.near(sorted[10] + 0.9 * (sorted[11] - sorted[10]), s.score.low, 1e-12)
        assert.near(sorted[5] + 0.95 * (sorted[6] - sorted[5]), s.score.p5, 1e-12)
        assert.equal(worse < 20 and "robust" or worse <= 50 and "moderate" or "fragile", s.verdict)
        for i = 2, #s.table do
            assert.is_true((s.table[i - 1].degradation or -math.huge)
                >= (s.table[i].degradation or -math.huge))
        end
    end)

    it("knows which way a negative score and a cost are worse", function()
        local function percent(objective)
            local s = assert(infuse({ std_pct = 0.02 }, { objective = objective })).score
            return s.degradation, s.observed, s.mean
        end
        local against, was, is = percent(opt.ObjectiveFunction(function(result)
            return -1 - result.metrics.volatility
        end))
        assert.is_true(was < 0 and is < was)
        assert.near(100 * (was - is) / -was, against, 1e-9)
        local volatility, quiet, loud = percent "volatility"
        assert.is_true(loud > quiet)
        assert.near(100 * (loud - quiet) / quiet, volatility, 1e-9)
    end)

    it("always keeps the structure, and says so", function()
        assert.error_matches(function()
            opt.NoiseInfusionSimulator { preserve_structure = false }
        end, "preserve_structure.*the structure is always kept")
    end)

    it("says what is wrong", function()
        local function refuses(settings, pattern)
            assert.error_matches(function() opt.NoiseInfusionSimulator(settings) end, pattern)
        end
        refuses({ n_simulations = 99 }, "n_simulations must be")
        refuses({ std_pct = 0.51 }, "std_pct must be")
        refuses({ std_pct = 0 }, "std_pct must be")
        refuses({ noise_model = "gausian" }, "gaussian")
        refuses({ preserve_structure = true }, "preserve_structure")
        assert.error_matches(function()
            opt.NoiseInfusionSimulator {}:run { objective = function() return 1 end }
        end, "strategy is required")
        local _, err = infuse({}, { bundle = "pear" })
        assert.equal("data", err.code)
        _, err = infuse { params = { m = 1 } }
        assert.matches("m", err.message)
    end)
end)
