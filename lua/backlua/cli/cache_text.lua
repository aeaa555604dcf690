-- What the caches of a run were asked, on one line for people.

local number = require "backlua.text.number"

local LAYERS = { "indicators", "sums", "adjusted", "resampled" }

local function add(parts, name, asked)
    local all = asked.hits + asked.misses
    if all > 0 then
        parts[#parts + 1] = ("%s %.0f %% of %s%s"):format(name, 100 * asked.hit_rate,
            number.count(all), asked.evictions > 0 and (" (%s evicted)"):format(
                number.count(asked.evictions)) or "")
    end
end

-- rates: what data_cache.rates gives, as JSON text.
return function(rates)
    local told, parts = require "backlua.json".decode(rates), {}
    for _, name in ipairs(LAYERS) do
        add(parts, name, told.layers[name])
    end
    for i, tier in ipairs(told.tiers) do
        add(parts, "tier " .. i, tier)
    end
    add(parts, "asset lists", told.assets)
    return #parts > 0 and ("hits: %s; %.1f MB"):format(table.concat(parts, ", "),
        told.memory_usage_mb) or "nothing was asked for"
end
