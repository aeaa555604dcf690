-- A result as one JSON object: manifest, metrics, under a convention of others also restated,
-- orders, fills, trades, equity, records, cached, result_hash; with everything asked for also
-- statistics, benchmark, and the tables of daily, monthly and yearly returns, drawdowns, positions
-- and what was open at the end. Times are text in UTC; NaN is null, an infinity the string "inf".
-- In the manifest `source` is what a report runs it again from: bundle_path, and texts of the
-- strategy and the files it required (absent for a table of callbacks).

local json = require "backlua.text.json"
local tables = require "backlua.cli.run_tables"

-- Texts in a result repeat: symbols, states, reasons.
local texts = setmetatable({}, {
    __index = function(known, value)
        known[value] = json.encode(value)
        return known[value]
    end,
})

local form = {
    text = function(value) return texts[value] end,
    number = json.encode,
    quote = '"', empty = "null", close = "}", between = ",\n",
    head = function(columns)
        local heads = {}
        for c, column in ipairs(columns) do
            heads[c] = (c > 1 and "," or "{") .. json.encode(column) .. ":"
        end
        return heads
    end,
}

-- Numbers, not tables.
local function statistics_of(result)
    local benchmark = result.benchmark
    return json.object {
        { "liquidation_value", result.liquidation_value },
        { "statistics", result.statistics },
        { "benchmark", benchmark and json.object { { "name", benchmark.name },
            { "gaps", benchmark.gaps }, { "statistics", benchmark.statistics } } or nil },
    }
end

local function manifest_of(result)
    local job, manifest = require "backlua.result".job(result), {}
    for key, value in pairs(result.manifest) do
        manifest[key] = value
    end
    manifest.source = { bundle_path = job.info.path,
        texts = require "backlua.strategy".texts(job.program) }
    return manifest
end

-- Write the object, and a newline at its end, through emit(text); all: with every statistic and
-- table; is_cached: it is that of an earlier run.
return function(result, emit, all, is_cached)
    emit('{"manifest":' .. json.encode(manifest_of(result)) .. ",\n")
    emit('"metrics":' .. json.encode(result.metrics) .. ",\n")
    if result.manifest.convention ~= "own" then
        emit('"restated":' .. json.encode(result.restated) .. ",\n")
    end
    if all then
        emit('"all":' .. json.encode(statistics_of(result)) .. ",\n")
    end
    for _, name in ipairs(tables.names(result, all)) do
        emit(json.encode(name) .. ":[")
        tables.write(result, name, form, emit)
        emit "],\n"
    end
    emit('"cached":' .. tostring(is_cached or false) .. ",\n")
    emit('"result_hash":' .. json.encode(result.hash) .. "}\n")
end
