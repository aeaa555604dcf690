-- What to say about a name that leads nowhere.

local ffi = require "ffi"
local C = require "backlua.ffi".C
local failure = require "backlua.cli.failure"
local nearest = require "backlua.text.nearest"
local quote = require "backlua.text.quote"

local missing = {}

-- Names of the bundles there are, sorted.
function missing.bundles()
    local list, names = ffi.new "const char *const *[1]", {}
    for i = 0, C.bt_bundle_list(list) - 1 do
        names[i + 1] = ffi.string(list[0][i])
    end
    return names
end

-- The failure for a file that does not exist, with the nearest one that does.
function missing.file(path)
    if C.bt_path_kind(path) == C.BT_PATH_FOLDER then
        return failure.usage("%s is a folder; name a file in it", path)
    end
    local found = nearest.path(path)
    return failure.usage("no such file: %s%s", quote(path):gsub("^'(.*)'$", "%1"),
        found and ("; did you mean %s?"):format(found) or "")
end

-- The failure for an output path (nil: none) that cannot be written to, to be said before the work
-- and not after it; nil when it can.
function missing.folder_of(path)
    local folder = path and path:match "^(.*)/[^/]*$"
    if path and C.bt_path_kind(path) == C.BT_PATH_FOLDER then
        return { code = "io", message = ("cannot write %s: it is a folder"):format(path) }
    elseif folder and folder ~= "" and C.bt_path_kind(folder) ~= C.BT_PATH_FOLDER then
        return { code = "io", message = ("cannot write %s: there is no folder %s"):format(
            quote(path), quote(folder)) }
    end
end

return missing
