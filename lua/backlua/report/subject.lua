-- What `backlua report NAME` means: a run that was saved (its id, the start of it, or "last"), a
-- study by name, or a file that `--json` wrote.

local ffi = require "ffi"
local errors = require "backlua.errors"
local C = require("backlua.ffi").C

local subject = {}

local ID_MIN = 4
local FILE_MAX = 512 * 1024 * 1024 -- bytes; a million bars as JSON are 100 MB

local function read(path)
    local file, message = io.open(path, "rb")
    local text = file and file:read "*a"
    if file then
        file:close()
    end
    if not text then
        return nil, errors.new("io", "cannot read " .. (message or path))
    end
    return text
end

local function runs_folder()
    local folder = ffi.new "char[4096]"
    local status = C.bt_place(C.BT_PLACE_HOME, "runs", folder)
    if status ~= C.BT_OK then
        return nil, errors.native(status)
    end
    return ffi.string(folder)
end

local function names_in(folder)
    local list, names = ffi.new "const char *const *[1]", {}
    for i = 0, C.bt_folder_list(folder, list) - 1 do
        names[#names + 1] = ffi.string(list[0][i]):match "^(%x+)%.json$"
    end
    return names
end

-- Ids of saved runs that begin with `digits`.
local function runs_like(folder, digits)
    local found = {}
    for _, id in ipairs(names_in(folder)) do
        if id:sub(1, #digits) == digits then
            found[#found + 1] = id
        end
    end
    return found
end

-- The decoded content of a file of ours; nil, err.
local function decoded(path)
    local text, err = read(path)
    if not text then
        return nil, err
    end
    local value, message = require "backlua.json".decode(text, FILE_MAX)
    if type(value) ~= "table" or type(value.manifest) ~= "table"
        or type(value.result_hash) ~= "string" then
        return nil, errors.new("data", ("%s is not what `backlua run --json` or `optimize --json` "
            .. "writes%s"):format(path, message and ": " .. message or ""))
    end
    return value
end

local function from_file(path)
    local value, err = decoded(path)
    if not value then
        return nil, err
    end
    local kind = (value.windows or value.splits) and "walkforward"
        or type(value.trials) == "table" and "study" or "run"
    return { kind = kind, name = path:match "[^/]*$":gsub("%.json$", ""), saved = value }
end

local function from_run(folder, id)
    local value, err = decoded(folder .. "/" .. id .. ".json")
    if not value then
        return nil, err
    end
    return { kind = "run", name = id, saved = value }
end

local function last(folder)
    local text = C.bt_path_kind(folder .. "/last") == C.BT_PATH_FILE and read(folder .. "/last")
    if not text then
        return nil, errors.new("data",
            "no run is saved yet; `backlua run STRATEGY.lua -b BUNDLE` saves one")
    end
    return from_run(folder, text)
end

local function unknown(name)
    local found, names = require "backlua.text.nearest",
        require "backlua.optimization.study".names()
    table.insert(names, 1, "last")
    return errors.new("data", ("there is no run, study or file %s%s; `last` is the last run, "
        .. "`backlua study list` shows the studies"):format((require "backlua.text.quote"(name)),
        found.hint(name, names)))
end

-- The subject of a name: { kind = "run", "study" or "walkforward", name, saved = decoded file, nil
-- for a study that is to be opened }; nil, err when there is none or several.
function subject.find(name)
    local folder, err = runs_folder()
    if not folder then
        return nil, err
    elseif name == "last" then
        return last(folder)
    elseif C.bt_path_kind(name) == C.BT_PATH_FILE then
        return from_file(name)
    elseif require "backlua.optimization.study".exists(name) then
        return { kind = "study", name = name }
    end
    local found = #name >= ID_MIN and name:find "^%x+$" and runs_like(folder, name) or {}
    if #found > 1 then
        return nil, errors.new("usage", ("%s begins the ids of %d runs: %s; give more digits")
            :format(name, #found, table.concat(found, ", ")))
    elseif found[1] then
        return from_run(folder, found[1])
    end
    return nil, unknown(name)
end

return subject
