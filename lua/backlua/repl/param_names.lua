-- Names of the parameters of what a run or a session is made from, for completion: of a result or a
-- session the ones it has; of a file those that its text declares, params = { fast = 20, ... }. No
-- file is executed to find out.

local LONGEST = 1000000 -- bytes that are read

local function declared(path)
    local file = io.open(path, "rb")
    local text = file and file:read(LONGEST) or ""
    if file then
        file:close()
    end
    local inner = text:gsub("%-%-[^\n]*", ""):match "params%s*=%s*(%b{})"
    local names = {}
    for name in (inner or ""):sub(2, -2):gsub("%b{}", ""):gmatch "([%a_][%w_]*)%s*=[^=]" do
        names[#names + 1] = name
    end
    return names
end

local function of_value(value)
    local result, session = package.loaded["backlua.result"], package.loaded["backlua.session"]
    if result and result.is(value) then
        return require "backlua.sorted_keys"(value.manifest.params)
    elseif session and session.is(value) then
        return session.param_names(value)
    end
    return {}
end

-- source: a path in quotes as it was typed, or a value.
return function(source)
    local path = type(source) == "string" and source:match "^[\"'](.*)[\"']$"
    return path and declared(path) or of_value(source)
end
