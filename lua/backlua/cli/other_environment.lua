-- Variables of the guide's engine that mean nothing here: they are named, not passed over in
-- silence. The others (RUSTYBT_CACHE_SIZE_GB and kin) are understood, engine/base/config.c.

local REASONS = {
    { "RUSTYBT_ENABLE_SHARED_BUNDLE", "workers always share the mapped bundle" },
    { "RUSTYBT_ENABLE_PERSISTENT_POOL", "give optimisers a worker_pool, a PersistentWorkerPool" },
    { "RUSTYBT_ENABLE_BOHB", "a TPEOptimizer with a HyperbandPruner is that search" },
    { "RUSTYBT_ENABLE_RAY", "workers are processes of this machine" },
    { "RUSTYBT_DEBUG_OPTIMIZATION", "--verbose says more" },
    { "RUSTYBT_BENCHMARK_DIR", "`backlua bench` writes nothing" },
}

local other_environment = {}

--- Those that are set: array of { name, value, why it has no effect }.
function other_environment.set()
    local found = {}
    for _, entry in ipairs(REASONS) do
        local value = os.getenv(entry[1])
        if value then
            found[#found + 1] = { entry[1], value, entry[2] }
        end
    end
    return found
end

--- One warning that names them all, when there are any.
function other_environment.warn()
    local parts = {}
    for i, entry in ipairs(other_environment.set()) do
        parts[i] = entry[1] .. " (" .. entry[3] .. ")"
    end
    if #parts > 0 then
        require "backlua.text.output".warn("no effect here: " .. table.concat(parts, ", "))
    end
end

return other_environment
