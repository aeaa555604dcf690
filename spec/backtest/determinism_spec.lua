-- One result, however it is computed: handles, arrays and frames; compiled and interpreted; caches
-- and pool on and off; first and second run. On eight symbols over 25 years.

local child = require "spec.support.child"
local market = require "spec.support.market"
local runner = require "backlua.run"

local HEAD = [[
params = { fast = 20, slow = 100 }
function initialize(ctx)
    ctx.assets, ctx.sign, ctx.fast, ctx.slow = ctx:symbols(), {}, {}, {}
    for i, asset in ipairs(ctx.assets) do
        ctx.fast[i] = ctx:indicator("sma", asset, { n = ctx.params.fast })
        ctx.slow[i] = ctx:indicator("sma", asset, { n = ctx.params.slow })
        ctx.sign[i] = -1
    end
end
function handle_data(ctx, data)
    for i, asset in ipairs(ctx.assets) do
        local fast, slow = %s
        if (fast - slow) * ctx.sign[i] > 0 then
            ctx.sign[i] = -ctx.sign[i]
            ctx:order_target_percent(asset, ctx.sign[i] > 0 and 1 / 8 or 0)
        end
    end
end]]

local HANDLES = HEAD:format "ctx.fast[i][-1], ctx.slow[i][-1]"
local ARRAYS = HEAD:format([[data:history(asset, "close", ctx.params.fast, "1d", "array"):mean(),
            data:history(asset, "close", ctx.params.slow, "1d", "array"):mean()]])
local FRAMES = HEAD:format([[data:history(asset, "close", ctx.params.fast):mean(),
            data:history(asset, "close", ctx.params.slow):mean()]])
-- Everything a stream, an order of keys and the mathematics library could spoil.
local NOISY = [[
function handle_data(ctx, data)
    local weights, sum = {}, 0
    for i, asset in ipairs(ctx:symbols()) do
        local price = data:current(asset, "price")
        weights[asset.symbol] = (price == price and price or 1) ^ 2 + math.sin(i) * ctx:random()
        weights[asset] = math.exp(-i) + ctx:random_normal()
    end
    for key, weight in pairs(weights) do
        sum = sum + weight / (1 + #tostring(key))
    end
    ctx:record { sum = sum, least = math.min(sum, 0 / 0, 1), log = math.log(math.abs(sum) + 1) }
    if sum %% 7 < 1 then ctx:order(ctx:sid(math.floor(sum) %% 8), ctx:random(-50, 50)) end
end]]
NOISY = NOISY:gsub("%%%%", "%%")

local function hash(text, params)
    local job = assert(runner.prepare { strategy = text, bundle = "market" })
    local result, err = runner.execute(job, params)
    assert.is_nil(err and err.message)
    runner.release(job)
    return result.hash, result
end

describe("one result", function()
    setup(function()
        market.synthetic "market"
    end)
    teardown(market.clean)
    after_each(function() jit.on() end)

    it("for handles, arrays and frames", function()
        local first, result = hash(HANDLES)
        assert.is_true(#result.orders > 300)
        assert.equal(first, hash(ARRAYS))
        assert.equal(first, hash(FRAMES))
    end)

    it("compiled and interpreted", function()
        for _, text in ipairs { HANDLES, ARRAYS, NOISY } do
            local compiled = hash(text)
            jit.off()
            jit.flush()
            local interpreted = hash(text)
            jit.on()
            assert.equal(compiled, interpreted)
        end
    end)

    it("for the first run and the tenth", function()
        local first, other = hash(NOISY), hash(HANDLES)
        for _ = 1, 5 do
            assert.equal(first, hash(NOISY))
            assert.equal(other, hash(HANDLES))
        end
    end)

    it("in other processes, with caches and pool on or off", function()
        local folder = child.scratch()
        child.write(folder .. "/noisy.lua", NOISY)
        child.write(folder .. "/handles.lua", HANDLES)
        local script = [[
            local backlua = require "backlua"
            for _, name in ipairs { "noisy", "handles", "noisy" } do
                io.write(assert(backlua.run { strategy = arg[1] .. "/" .. name .. ".lua",
                    bundle = "market" }).hash, "\n")
            end]]
        local noisy, handles = hash(NOISY), hash(HANDLES)
        local expected = noisy .. "\n" .. handles .. "\n" .. noisy .. "\n"
        for _, env in ipairs {
            {}, { BACKLUA_ENABLE_CACHING = "false" }, { BACKLUA_ENABLE_BUNDLE_POOLING = "off" },
            { BACKLUA_ENABLE_CACHING = "0", BACKLUA_ENABLE_BUNDLE_POOLING = "no" },
            { BACKLUA_CACHE_SIZE_GB = "0.0001" }, { BACKLUA_MAX_BUNDLE_POOL_SIZE = "1" },
        } do
            env.BACKLUA_BUNDLES = market.folder
            local r = child.run { "-e", script, folder, env = env }
            assert.equal("", r.err)
            assert.equal(expected, r.out)
        end
    end)
end)
