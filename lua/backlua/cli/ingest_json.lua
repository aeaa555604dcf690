-- What an ingest came to as one JSON object, under the names that a bundle's provenance has.

local ffi = require "ffi"
local json = require "backlua.text.json"
local C = require("backlua.ffi").C

local COUNTS = { "files", "symbols", "rows", "stored", "duplicates", "rejected", "empty",
    "tolerated", "unsorted" }

local function texts(get, ingest)
    local list = {}
    local text = get(ingest, 0)
    while text ~= nil do
        list[#list + 1] = ffi.string(text)
        text = get(ingest, #list)
    end
    return json.array(list)
end

-- ingest: a bt_ingest that is done; bundle: the name it was made under, nil in a dry run. At most
-- the first 20 bad rows are in words, `rejected` counts all.
return function(ingest, bundle)
    local report = C.bt_ingest_get_report(ingest)
    local sha = ffi.string(report.sha256)
    local object = { { "bundle", bundle }, { "sha256", sha ~= "" and sha or nil },
        { "dry_run", sha == "" }, { "frequency", ffi.string(report.frequency) } }
    for _, name in ipairs(COUNTS) do
        object[#object + 1] = { name, report[name] }
    end
    object[#object + 1] = { "decisions", texts(C.bt_ingest_note, ingest) }
    object[#object + 1] = { "bad_rows", texts(C.bt_ingest_bad_row, ingest) }
    return json.object(object)
end
