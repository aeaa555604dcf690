-- A study's manifest for people and JSON: a table by name from its entries.

local NUMBERS = { seed = true, batch = true, max_trials = true,
    periods_per_year = true, risk_free = true }

-- true or false; an array of them with several objectives.
local function directions(text)
    local list = {}
    for word in text:gmatch "%d" do
        list[#list + 1] = word == "1"
    end
    return #list > 1 and list or list[1]
end

-- entries: array of { key, value text }; cache: what its layers and tiers were asked in this run;
-- nil: in the last one, as the entries have it.
return function(entries, cache)
    local manifest = { cache = cache }
    for _, entry in ipairs(entries) do
        local key, value = entry[1], entry[2]
        if key == "higher_is_better" then
            value = directions(value)
        elseif key == "options" or key == "cache" then
            value = require "backlua.json".decode(value)
        elseif NUMBERS[key] then
            value = tonumber(value)
        end
        manifest[key] = value
    end
    return manifest
end
