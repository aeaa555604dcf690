-- When something is odd: less memory, fewer workers, a fixed seed, a cleared cache.
--
--     backlua examples/30_troubleshooting.lua demo
--
-- Look for: one result hash in every line. A strategy draws its random numbers from ctx:random,
-- which the seed decides, not the clock; so two runs that differ have different inputs, and
-- `backlua study replay NAME TRIAL` names the one that changed. What is slow, `backlua run
-- --profile` shows; what this machine lacks, `backlua doctor`.

local opt = require "backlua.optimization"

local lucky = [[
    local lucky = { params = { n = 5 } }

    function lucky.handle_data(ctx, data)
        for _, asset in ipairs(ctx:symbols()) do
            if ctx:random() < 1 / ctx.params.n and data:can_trade(asset) then
                ctx:order_target_percent(asset, ctx:random() / 8)
            end
        end
    end

    return lucky
]]

local function search(what, options)
    options.param_space = opt.ParameterSpace {
        opt.DiscreteParameter { name = "n", min_value = 5, max_value = 100, step = 5 },
    }
    options.seed = 42
    local results = assert(opt.ParallelOptimizer(options):run {
        strategy = lucky, bundle = arg[1] or "demo", start_date = "2020-01-01",
    })
    print(("%-34s  result %s"):format(what, results.result_hash:sub(1, 12)))
end

search("as it comes", {})
search("again", {})
opt.DataCache.get_instance():clear()
search("after the cache was cleared", {})
search("out of memory: a smaller cache", {
    config = opt.OptimizationConfig { cache_size_gb = 1.0 },
})
search("out of memory: one worker", { n_jobs = 1 })
search("too many workers: back to two", { n_jobs = 2, audit = 3 }) -- three trials interpreted, too
