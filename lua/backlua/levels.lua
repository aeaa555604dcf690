-- Portals of the active run: the bundle's own, and one for each coarser frequency asked for.
--
-- They lie at addresses that never change, so that compiled code serves all runs: slot[0] is the
-- bundle's, the others stand in the order of the engine's frequencies. What is not open shows
-- nothing, and its floor sends every window the slow way, which opens it.

local ffi = require "ffi"
local native = require "backlua.ffi"

local C = native.C

local levels = {}

-- A portal that shows nothing.
local inert = ffi.new("bt_portal", { cursor = -1, floor = 0x7fffffff })

-- Names of frequencies, finest first, and their places by name.
local names, place_of = {}, {}

local name = C.bt_frequency_name(0)
while name ~= nil do
    names[#names + 1] = ffi.string(name)
    place_of[names[#names]] = #names
    name = C.bt_frequency_name(#names)
end

local slot = ffi.new("bt_portal *[?]", #names + 1)
for i = 0, #names do
    slot[i] = inert
end

levels.names, levels.place_of, levels.slot, levels.inert = names, place_of, slot, inert

--- Enter the run of a portal (bt_portal *), or leave it with nil.
function levels.bind(portal)
    slot[0] = portal or inert
    for i = 1, #names do
        slot[i] = inert
    end
end

-- True for a place whose portal is open.
function levels.is_open(place)
    return slot[place] ~= ffi.cast("bt_portal *", inert)
end

local out = ffi.new "bt_portal *[1]"

--- The place of a frequency of the active run, opened at first use; nil and a message for one that
-- there is not. 0 for the bundle's own.
function levels.open(frequency, own)
    if frequency == nil or frequency == own then
        return 0
    end
    local place = place_of[frequency]
    if place and levels.is_open(place) then
        return place
    elseif type(frequency) ~= "string" then
        return nil, ("frequency must be a text such as \"%s\" or \"1mo\", got %s"):format(own,
            type(frequency) == "table" and "a table" or tostring(frequency))
    elseif C.bt_portal_level(slot[0], frequency, out) ~= C.BT_OK then
        return nil, ffi.string(C.bt_error_message())
    end
    slot[place] = out[0]
    return place
end

--- Whether bars of a frequency are shown by date.
function levels.is_daily(frequency)
    return frequency:match "^%d+d$" ~= nil or frequency:match "^%d+w$" ~= nil
        or frequency:match "^%d+mo$" ~= nil
end

return levels
