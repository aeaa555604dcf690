-- A result as one JSON object: manifest, metrics, orders, fills, trades, equity, records,
-- result_hash. Times are text in UTC; NaN is null, an infinity the string "inf".

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

-- Write the object, and a newline at its end, through emit(text).
return function(result, emit)
    emit('{"manifest":' .. json.encode(result.manifest) .. ",\n")
    emit('"metrics":' .. json.encode(result.metrics) .. ",\n")
    for _, name in ipairs(tables.names(result)) do
        emit(json.encode(name) .. ":[")
        tables.write(result, name, form, emit)
        emit "],\n"
    end
    emit('"result_hash":' .. json.encode(result.hash) .. "}\n")
end
