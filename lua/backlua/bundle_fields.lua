-- bundle_fields(bundle, from): names of the fields of a bundle (bt_bundle *) from an id on; those
-- of its own come from C.BT_FIELDS on.

local ffi = require "ffi"
local C = require("backlua.ffi").C

return function(bundle, from)
    local names = {}
    for id = from, C.bt_bundle_fields(bundle) - 1 do
        names[#names + 1] = ffi.string(C.bt_bundle_field(bundle, id))
    end
    return names
end
