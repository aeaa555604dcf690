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

-- Names in a folder ("" is the current one), only files or only folders.
local function names_in(folder, kind)
    local list, names = ffi.new "const char *const *[1]", {}
    for i = 0, C.bt_folder_list(folder == "" and "." or folder, list) - 1 do
        names[i + 1] = ffi.string(list[0][i])
    end
    local wanted = {}
    for _, name in ipairs(names) do
        if C.bt_path_kind(folder .. name) == kind then
            wanted[#wanted + 1] = name
        end
    end
    return wanted
end

-- The name that is meant by one without an ending, a script's first; nil when there is none.
local function with_ending(part, names)
    local stems, by_stem = {}, {}
    for _, name in ipairs(names) do
        local stem = name:match "^(.+)%.[^.]+$"
        if stem and (not by_stem[stem] or name:find "%.lua$") then
            stems[#stems + 1], by_stem[stem] = stem, name
        end
    end
    local found = by_stem[part] and part or nearest.find(part, stems)
    return by_stem[found or ""]
end

-- The nearest name of a file. An ending that is alike says nothing, so it is left out.
local function nearest_name(part, names)
    if not part:find ".%." then
        return with_ending(part, names) or nearest.find(part, names)
    end
    local stem, ending = part:match "^(.+)(%.[^.]+)$"
    local stems, others = {}, {}
    for _, name in ipairs(names) do
        local alike = ending and #name > #ending and name:sub(-#ending) == ending
        local list = alike and stems or others
        list[#list + 1] = alike and name:sub(1, -#ending - 1) or name
    end
    local found = stem and nearest.find(stem, stems)
    return found and found .. ending or nearest.find(part, others)
end

-- The existing file nearest to a path that does not exist, folder by folder, or nil.
function nearest.path(path)
    local real, rest = path:match "^(/*)(.*)$"
    for part, slash in rest:gmatch "([^/]+)(/*)" do
        local kind = slash == "" and C.BT_PATH_FILE or C.BT_PATH_FOLDER
        if C.bt_path_kind(real .. part) ~= kind then
            part = nearest_name(part, names_in(real, kind))
            if not part then
                return nil
            end
        end
        real = real .. part .. slash
    end
    return real ~= path and real or nil
end

return nearest
