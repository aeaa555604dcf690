-- Assets: interned tables { sid =, symbol = }, fresh in every run, usable as keys.
--
-- Whatever a script hands over, an asset or a symbol, assets.sid_of[it] is its id, or nil. The
-- fields of an asset are for reading and printing only: the id that C sees comes from sid_of, so
-- a script that writes into an asset changes nothing but its own copy.
--
-- sid_of is the same table in all runs (compiled code holds it); bind() empties it.

local ffi = require "ffi"
local clear = require "table.clear"
local current = require "backlua.current"
local C = require("backlua.ffi").C

local assets = {}

local rawget, rawset, type = rawget, rawset, type

-- The bundle of the active run, borrowed from it, or nil.
local bundle
local by_sid = {}

local asset_meta = {
    __metatable = false,
    __tostring = function(asset)
        return "Asset(" .. tostring(rawget(asset, "symbol")) .. ")"
    end,
}

-- The day (since 1970-01-01) that a symbol is looked up as of: today's session, before the first
-- bar that one, or what strategy or caller says.
local lookup_day

local function today()
    if lookup_day then
        return lookup_day
    end
    local row = math.max(current.pointers.portal.cursor, current.first_row)
    return C.bt_bundle_session(bundle, row) / 86400
end

local how = ffi.new "int32_t[1]"

-- Symbols enter when they are first asked for, assets when they are made. What one stands for may
-- depend on the day: then it does not enter.
assets.sid_of = setmetatable({}, {
    __index = function(t, key)
        if not bundle or type(key) ~= "string" then
            return nil
        end
        local sid = C.bt_bundle_find_at(bundle, key, today(), how)
        if sid < 0 then
            return nil
        elseif how[0] == C.BT_SYMBOL_ALWAYS then
            rawset(t, key, sid)
        end
        return sid
    end,
})
local sid_of = assets.sid_of

-- Start over with a bundle (const bt_bundle *, kept alive by the run), or with nil.
function assets.bind(to)
    clear(sid_of)
    clear(by_sid)
    bundle, lookup_day = to, nil
end

-- Look symbols up as of a day (since 1970-01-01), nil: as of the current session.
function assets.look_up_as_of(day)
    lookup_day = day
end

-- The id of the asset that bore a symbol on a day, or nil and when another day would do: "never",
-- or the symbol that the asset has in the end.
function assets.sid_at(symbol, day)
    local sid = C.bt_bundle_find_at(bundle, symbol, day, how)
    if sid >= 0 and how[0] ~= C.BT_SYMBOL_ONCE then
        return sid
    end
    return nil, sid >= 0 and ffi.string(C.bt_bundle_symbol(bundle, sid)) or "never"
end

-- The asset of an id that exists.
function assets.of(sid)
    local asset = by_sid[sid]
    if not asset then
        asset = setmetatable({ sid = sid, symbol = ffi.string(C.bt_bundle_symbol(bundle, sid)) },
            asset_meta)
        by_sid[sid] = asset
        sid_of[asset] = sid
    end
    return asset
end

-- The symbol of an id that exists, whatever a script has written into the asset.
function assets.symbol_of(sid)
    return ffi.string(C.bt_bundle_symbol(bundle, sid))
end

--- What sid_of[asset] says. An asset is mostly told by its own field, which must lead back to it:
-- with hundreds of assets, hashing each of them at every call would be felt.
function assets.id(asset)
    if type(asset) == "table" then
        local sid = rawget(asset, "sid")
        if sid and by_sid[sid] == asset then
            return sid
        end
    end
    return sid_of[asset]
end

-- Id of an asset table (not of a symbol), nil for any other table: their order.
function assets.rank(asset)
    return rawget(sid_of, asset)
end

local function info()
    local out = ffi.new "bt_bundle_info"
    C.bt_bundle_get_info(bundle, out)
    return out
end

-- How many assets the bundle has.
function assets.count()
    return info().assets
end

local function symbols()
    local list = {}
    for sid = 0, assets.count() - 1 do
        list[sid + 1] = ffi.string(C.bt_bundle_symbol(bundle, sid))
    end
    return list
end

-- The three nearest symbols, or the first few there are.
local function suggestions(symbol)
    local nearest, list, found = require "backlua.text.nearest", symbols(), {}
    while #found < 3 do
        local name = nearest.find(symbol, list)
        if not name then
            break
        end
        found[#found + 1] = name
        for i = 1, #list do
            if list[i] == name then
                table.remove(list, i)
                break
            end
        end
    end
    if #found > 0 then
        return "; did you mean " .. table.concat(found, ", ") .. "?"
    end
    return "; it has " .. table.concat(list, ", ", 1, math.min(#list, 5))
        .. (#list > 5 and (" and %d more"):format(#list - 5) or "")
end

-- Message for something that is neither an asset of this run nor a symbol of its bundle.
function assets.unknown(what, key)
    if not bundle then
        return what .. ": no run is active"
    elseif type(key) == "string" then
        return ("%s: no symbol %s in bundle '%s'%s"):format(what, require "backlua.text.quote"(key),
            ffi.string(info().name), suggestions(key))
    elseif type(key) == "table" and debug.getmetatable(key) == asset_meta then
        return what .. ": this asset belongs to an earlier run; ask ctx:symbol for it again"
    end
    return ("%s: an asset or a symbol is expected, got %s"):format(what,
        type(key) == "number" and tostring(key) .. "; ctx:sid(n) gives an asset by its id"
        or key == nil and "nil" or "a " .. type(key))
end

return assets
