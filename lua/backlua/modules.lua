-- require for scripts in the sandbox: our public modules, and files in the script's own folder.
--
-- A public module is given as a copy, made once per run: what a script writes into it stays its
-- own. A file is found by name under the folder of the main script, links resolved: whatever its
-- path looks like, it must lie inside. It is read once per program and executed anew, in an
-- environment of its own, in every run.

local debug, setfenv = debug, setfenv

local modules = {}

local PUBLIC = {
    ["backlua.commission"] = true, ["backlua.slippage"] = true, ["backlua.ta"] = true,
    ["backlua.json"] = true, ["backlua.metrics"] = true,
    ["backlua.date_rules"] = true, ["backlua.time_rules"] = true,
}

local LOADING = {} -- marks a file that is being executed

local function copy(module)
    if type(module) ~= "table" then
        return module
    end
    local result = {}
    for key, value in next, module do
        result[key] = value
    end
    return setmetatable(result, debug.getmetatable(module))
end

local function is_public(space, name)
    if PUBLIC[name] then
        return true
    end
    for _, other in ipairs(space.modules or {}) do
        if name == other then
            return true
        end
    end
    return false
end

local function public_names(space)
    local names = {}
    for name in pairs(PUBLIC) do
        names[#names + 1] = name
    end
    for _, name in ipairs(space.modules or {}) do
        names[#names + 1] = name
    end
    table.sort(names)
    return names
end

local function run_file(space, name, file)
    local environment = require("backlua.sandbox").environment
    space.loaded[name] = LOADING
    setfenv(file.chunk, environment(space, false))
    local value = file.chunk(name)
    if value == nil then
        value = true
    end
    space.loaded[name] = value
    return value
end

-- Of the library, what searches and scripts have and strategies do not.
local ELSEWHERE = { ["backlua"] = true, ["backlua.optimization"] = true }

local function missing(space, name, why)
    if ELSEWHERE[name] then
        error(("require: a strategy has no %s; if this file is a search, run: backlua optimize"
            .. " FILE, if it is a script: backlua FILE"):format(name), 2)
    end
    if type(name) == "string" and name:find "^backlua%." then
        error(("require: a strategy has no %s; it has %s"):format(name,
            table.concat(public_names(space), ", ")), 2)
    end
    local hint = require "backlua.text.nearest".hint(tostring(name), public_names(space))
    error(("require: no module %s: %s%s"):format(require "backlua.text.quote"(name), why, hint), 2)
end

-- What require(name) gives to a script of the space. Raises at the caller of the caller's line
-- when there is no such module, or when the file does not load.
function modules.require(space, name)
    local value = space.loaded[name]
    if value == LOADING then
        error(("require: loop, %s is still being loaded"):format(name), 2)
    elseif value ~= nil then
        return value
    elseif is_public(space, name) then
        value = copy(require(name))
        space.loaded[name] = value
        return value
    end
    local file, why = require("backlua.strategy").file(space.program, name)
    if file then
        return run_file(space, name, file)
    elseif space.unsafe then
        return require(name)
    end
    return missing(space, name, why)
end

return modules
