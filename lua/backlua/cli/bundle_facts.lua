-- What a bundle says of itself: size, dates, symbols, versions.

local ffi = require "ffi"
local date = require "backlua.text.date"
local failure = require "backlua.cli.failure"

local C = require("backlua.ffi").C

local bundle_facts = {}

-- What assets.csv said of an asset, by name; nil where it said nothing.
local function facts_of_asset(bundle, sid)
    local f, told = ffi.new "bt_asset_facts", {}
    C.bt_bundle_get_facts(bundle, sid, f)
    for _, key in ipairs { "name", "exchange" } do
        local text = ffi.string(f[key])
        told[key] = text ~= "" and text or nil
    end
    told.tick_size = f.tick_size > 0 and f.tick_size or nil
    told.lot_size = f.lot_size > 0 and f.lot_size or nil
    told.multiplier = f.multiplier ~= 1 and f.multiplier or nil
    for _, key in ipairs { "first_date", "last_date" } do
        told[key] = f[key] == f[key] and date.day(f[key]) or nil
    end
    return told
end

local function asset_of(bundle, sid)
    local first, last = ffi.new "int32_t[1]", ffi.new "int32_t[1]"
    C.bt_bundle_asset_rows(bundle, sid, first, last)
    return {
        symbol = ffi.string(C.bt_bundle_symbol(bundle, sid)),
        first = date.day(C.bt_bundle_session(bundle, first[0])),
        last = date.day(C.bt_bundle_session(bundle, last[0])),
        facts = facts_of_asset(bundle, sid),
    }
end

-- Several symbols, and each of them trades on the last day: whoever failed on the way is missing.
local function is_survivors(facts)
    for _, s in ipairs(facts.symbols) do
        if s.last ~= facts.last then
            return false
        end
    end
    return facts.assets > 1
end

local function facts_of(bundle)
    local info = ffi.new "bt_bundle_info"
    C.bt_bundle_get_info(bundle, info)
    local facts = {
        name = ffi.string(info.name),
        path = ffi.string(info.path),
        frequency = ffi.string(info.frequency),
        sha256 = ffi.string(info.sha256),
        assets = info.assets,
        rows = info.rows,
        bars = info.bars,
        first = date.day(C.bt_bundle_session(bundle, 0)),
        last = date.day(C.bt_bundle_session(bundle, info.rows - 1)),
        periods_per_year = info.periods_per_year,
        skipped_rows = info.skipped_rows,
        calendar = ffi.string(info.calendar),
        provenance = ffi.string(info.provenance),
        symbols = {},
    }
    for sid = 0, info.assets - 1 do
        facts.symbols[sid + 1] = asset_of(bundle, sid)
    end
    facts.fields = require "backlua.bundle_fields"(bundle, C.BT_FIELDS)
    facts.survivors_only = is_survivors(facts)
    return facts
end

-- Its versions, oldest first: array of { sha256, made, current }.
local function versions_of(path)
    local list, versions = ffi.new "const bt_bundle_version *[1]", {}
    for i = 0, C.bt_bundle_versions(path, list) - 1 do
        local v = list[0][i]
        versions[i + 1] = {
            sha256 = ffi.string(v.sha256), made = date.time(math.floor(v.made)),
            current = v.current ~= 0,
        }
    end
    return versions
end

--- What there is to say of a bundle by name, or nil and a failure.
function bundle_facts.read(name)
    local out = ffi.new "bt_bundle *[1]"
    local status = C.bt_bundle_acquire(name, out)
    if status ~= C.BT_OK then
        return nil, failure.native(status)
    end
    local facts = facts_of(out[0])
    C.bt_bundle_release(out[0])
    facts.versions = versions_of(facts.path)
    return facts
end

local KEYS = { "name", "frequency", "assets", "rows", "bars", "first", "last", "sha256", "path" }

--- The same as entries of a JSON object.
function bundle_facts.entries(facts)
    local json = require "backlua.text.json"
    local entries = {}
    for i, key in ipairs(KEYS) do
        entries[i] = { key, facts[key] }
    end
    local versions = {}
    for i, v in ipairs(facts.versions) do
        versions[i] = json.object { { "sha256", v.sha256 }, { "made", v.made },
            { "current", v.current } }
    end
    entries[#entries + 1] = { "versions", json.array(versions) }
    return json.object(entries)
end

return bundle_facts
