-- The name that a mistyped one most likely meant.

local ffi = require "ffi"
local C = require "backlua.ffi".C

local nearest = {}

-- The name in the array `names` nearest to `name`, or nil when none is near.
function nearest.find(name, names)
    if #names == 0 or #name > 256 then
        return nil
    end
    local found = C.bt_nearest(name, ffi.new("const char *[?]", #names, names), #names)
    return found ~= nil and ffi.string(found) or nil
end

-- "; did you mean 'x'?" for the end of a message, or "".
function nearest.hint(name, names)
    local found = nearest.find(name, names)
    return found and ("; did you mean '%s'?"):format(found) or ""
end

-- The existing path nearest to one that does not exist, component by component, or nil.
function nearest.path(path)
    local real = path:sub(1, 1) == "/" and "/" or ""
    for part in path:gmatch "[^/]+" do
        local step = real .. part
        if C.bt_path_kind(step) == C.BT_PATH_NONE then
            local list = ffi.new "const char *const *[1]"
            local count = C.bt_folder_list(real == "" and "." or real, list)
            local found = count > 0 and #part <= 256 and C.bt_nearest(part, list[0], count)
            if not found or found == nil then
                return nil
            end
            step = real .. ffi.string(found)
        end
        real = step .. "/"
    end
    return (real:gsub("(.)/$", "%1"))
end

return nearest
