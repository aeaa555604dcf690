-- Bundles for specs that run the program.

local child = require "spec.support.child"

local bundles = {}

local SYNTHETIC = [[
    local C, ffi = require "backlua.ffi".C, require "ffi"
    local config = ffi.new "bt_synthetic_config"
    config.bundle, config.preset, config.seed = arg[1], "mag7", 7
    config.assets, config.minutes = tonumber(arg[2]), tonumber(arg[3])
    if C.bt_synthetic(config, ffi.new "char[65]") ~= C.BT_OK then
        error(ffi.string(C.bt_error_message()))
    end
]]

-- A folder with the bundle `name`: the first `assets` (default 2) symbols of the demo, daily, or
-- `minutes` one-minute bars of each. To be set as BACKLUA_BUNDLES.
function bundles.folder(name, assets, minutes)
    local folder = child.scratch()
    local r = child.run { "-e", SYNTHETIC, name, assets or 2, minutes or 0,
        env = { BACKLUA_BUNDLES = folder } }
    assert(r.code == 0, r.err)
    return folder
end

return bundles
