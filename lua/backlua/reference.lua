-- What there is to call, for editors and for people who ask.
--
-- The texts in backlua/meta/*.lua declare the public interface in LuaLS's notation; those of the
-- indicators and of the statistics are written here, from what the engine says of each. The
-- program holds the texts; a plain LuaJIT has the files, and not this module's use.
--
--     reference.files()             array of { name, text }: what an editor reads
--     reference.find "order_target" array of entries that have this name
--
--     reference.keys(param)         what its table of options takes
--
-- An entry: { name = "order_target", owner = "Context", kind = "method", "function", "class",
-- "alias" or "field", title = "ctx:order_target(asset, target, options)", text = "Hold so many
-- units...", example = "ctx:order_target(ctx.asset, 0)" or nil }, and what declarations.lua adds;
-- a class has members, names of what can be called on it.

local declarations = require "backlua.declarations"

local reference = {}

local TEXTS = { "strategy", "orders", "library", "metrics", "ta", "optimization",
    "searches", "robustness", "session", "prompt" }

-- How scripts call what the texts name.
local SHOWN = {
    Context = "ctx", Data = "data", View = "view", Frame = "frame", Result = "result",
    Results = "results", Session = "s", Bundle = "b",
}

-- ---- indicators and statistics -----------------------------------------------------------------

-- "SmaOptions" of sma.
local function options_class(name)
    return name:gsub("_?(%l)(%w*)", function(first, rest)
        return first:upper() .. rest
    end) .. "Options"
end

local function number_text(x)
    return ("%.10g"):format(x)
end

local function add_options(lines, info)
    lines[#lines + 1] = "---@class backlua." .. options_class(info.name)
    for _, p in ipairs(info.parameters) do
        lines[#lines + 1] = ("---@field %s? %s %s..%s (default %s)"):format(p.name,
            p.is_int and "integer" or "number", number_text(p.min), number_text(p.max),
            number_text(p.default))
    end
    lines[#lines + 1] = ""
end

local function result_text(outputs)
    if #outputs == 1 then
        return "backlua.View"
    end
    return "{ " .. table.concat(outputs, ": backlua.View, ") .. ": backlua.View }"
end

local function has(list, value)
    for _, element in ipairs(list) do
        if element == value then
            return true
        end
    end
    return false
end

local function add_indicator(lines, info)
    local names, wanted = {}, #info.parameters > 0
    local function param(name, kind)
        names[#names + 1] = name:gsub("%?", "")
        lines[#lines + 1] = ("---@param %s %s"):format(name, kind)
    end
    if wanted then
        add_options(lines, info)
    end
    lines[#lines + 1] = ("---%s: %s. %s."):format(info.title, info.formula, info.source)
    if info.inputs[1] == "x" and not has(info.inputs, "volume") then
        param("x", "backlua.Series")
    else
        param("bars", "table<string, backlua.Series>|backlua.Frame")
    end
    if has(info.inputs, "other") then
        param("other", "backlua.Series|number")
    end
    if wanted then
        param("options?", "backlua." .. options_class(info.name))
    end
    lines[#lines + 1] = "---@return " .. result_text(info.outputs)
    lines[#lines + 1] = ("function ta.%s(%s) end\n"):format(info.name, table.concat(names, ", "))
end

local function indicators_text()
    local ta = require "backlua.ta"
    local lines = { "---@meta", "-- Indicators of require \"backlua.ta\".\n",
        "---@class backlua.ta", "local ta = {}\n" }
    for _, name in ipairs(ta.names()) do
        add_indicator(lines, ta.info(name))
    end
    return table.concat(lines, "\n")
end

local function needs_benchmark(name)
    local C = require "backlua.ffi".C
    return C.bt_measure_of(C.bt_measure_find(name)) == C.BT_OF_BENCHMARK
end

local function statistics_text()
    local metrics = require "backlua.metrics"
    local lines = { "---@meta", "-- Statistics of require \"backlua.metrics\".\n",
        "---@class backlua.metrics", "local metrics = {}\n" }
    for _, name in ipairs(metrics.names()) do
        local beside = needs_benchmark(name) and "benchmark, " or ""
        lines[#lines + 1] = "---" .. metrics.formula(name)
        lines[#lines + 1] = "---@param values backlua.Series returns, or pnls of round trips"
        if beside ~= "" then
            lines[#lines + 1] = "---@param benchmark backlua.Series"
        end
        lines[#lines + 1] = "---@param options? backlua.MetricOptions"
        lines[#lines + 1] = "---@return number"
        lines[#lines + 1] = ("function metrics.%s(values, %soptions) end\n"):format(name, beside)
    end
    return table.concat(lines, "\n")
end

--- The texts for editors: array of { name = "orders.lua", text }.
function reference.files()
    local files = {}
    for i, name in ipairs(TEXTS) do
        files[i] = { name = name .. ".lua", text = require("backlua.meta." .. name) }
    end
    files[#files + 1] = { name = "indicators.lua", text = indicators_text() }
    files[#files + 1] = { name = "statistics.lua", text = statistics_text() }
    return files
end

--- Write them into a folder that exists. Returns true, or nil and a failure of the system.
function reference.write(folder)
    local C = require "backlua.ffi".C
    for _, file in ipairs(reference.files()) do
        local path = folder .. "/" .. file.name
        if C.bt_file_write(path, file.text, #file.text, C.BT_WRITE_CACHED) ~= C.BT_OK then
            return nil, require "backlua.errors".native()
        end
    end
    return true
end

-- ---- reading them ------------------------------------------------------------------------------

-- "ctx:order(asset, amount, options)"; what the prompt has no owner for is a word.
local function title_of(entry)
    local owner = SHOWN[entry.owner] or entry.owner
    if entry.kind == "class" then
        return SHOWN[entry.name] or entry.name
    elseif entry.kind == "alias" then
        return entry.name
    elseif entry.owner == "prompt" and entry.kind ~= "field" then
        return entry.name .. entry.arguments
    end
    return owner .. entry.separator .. entry.name .. entry.arguments
end

-- Heirs of each class by its name, in the order of the texts.
local function heirs_of(entries)
    local heirs = {}
    for _, entry in ipairs(entries) do
        if entry.parent then
            heirs[entry.parent] = heirs[entry.parent] or {}
            table.insert(heirs[entry.parent], entry.name)
        end
    end
    return heirs
end

-- Entries of which a class that scripts have no name for has lent its methods to its heirs.
local function lent(entries)
    local list, heirs = {}, heirs_of(entries)
    for _, entry in ipairs(entries) do
        local to = entry.kind == "method" and not SHOWN[entry.owner] and heirs[entry.owner]
        for _, heir in ipairs(to or {}) do
            list[#list + 1] = setmetatable({ owner = heir }, { __index = entry })
        end
        list[#list + 1] = not to and entry or nil
    end
    return list
end

-- A class knows what can be called on it.
local function add_members(entries)
    local by_class = {}
    for _, entry in ipairs(entries) do
        if entry.kind == "method" or entry.kind == "function" then
            by_class[entry.owner] = by_class[entry.owner] or {}
            table.insert(by_class[entry.owner], entry.name)
        end
    end
    for _, entry in ipairs(entries) do
        entry.title = title_of(entry)
        entry.members = entry.kind == "class" and by_class[entry.name] or nil
        if entry.members then
            table.sort(entry.members)
        end
    end
    return entries
end

local known

--- All entries, in the order of the texts.
function reference.entries()
    if not known then
        local entries = {}
        for _, file in ipairs(reference.files()) do
            declarations.read(file.text, entries)
        end
        known = add_members(lent(entries))
    end
    return known
end

-- ---- asking ------------------------------------------------------------------------------------

local function belongs(entry, owner)
    return owner == entry.owner or owner == SHOWN[entry.owner]
        or owner == "opt" and entry.owner == "optimization"
end

local function matches(entry, owner, name)
    local shown = entry.kind == "class" and SHOWN[entry.name]
    if entry.name ~= name and shown ~= name then
        return false
    end
    return not owner or belongs(entry, owner)
end

--- Entries of a name ("order_target", "ctx:order_target", "ta.sma"), those that can be called
-- first; an empty array and the nearest name when there is none.
function reference.find(word)
    local owner, name = word:match "^([%w_]+)[.:]([%w_]+)$"
    local found = {}
    for _, wanted in ipairs { true, false } do
        for _, entry in ipairs(reference.entries()) do
            local callable = entry.kind == "method" or entry.kind == "function"
            if callable == wanted and matches(entry, owner, name or word) then
                found[#found + 1] = entry
            end
        end
    end
    if #found > 0 then
        return found
    end
    return found, require "backlua.text.nearest".find(name or word, reference.names())
end

--- Names of everything that can be called or is a class, sorted, each once; without those of
-- options, which are shown with what takes them.
function reference.names()
    local names, seen = {}, {}
    for _, entry in ipairs(reference.entries()) do
        local name = entry.kind == "class" and SHOWN[entry.name] or entry.name
        if entry.kind ~= "field" and not seen[name] and not name:find "%lOptions$" then
            seen[name] = true
            names[#names + 1] = name
        end
    end
    table.sort(names)
    return names
end

--- Names of what an owner ("opt", "ctx", "ta") has, in the order of the texts.
function reference.names_of(owner)
    local names = {}
    for _, entry in ipairs(reference.entries()) do
        names[#names + 1] = belongs(entry, owner) and entry.name or nil
    end
    return names
end

-- The class or alias of a name.
local function heading(name)
    for _, entry in ipairs(reference.entries()) do
        if (entry.kind == "class" or entry.kind == "alias") and entry.name == name then
            return entry
        end
    end
end

--- Fields of a class in the order of its text, then those it inherits: entries.
function reference.fields(class)
    local list, seen, name = {}, {}, class
    while name do
        for _, entry in ipairs(reference.entries()) do
            if entry.kind == "field" and entry.owner == name and not seen[entry.name] then
                list[#list + 1], seen[entry.name] = entry, true
            end
        end
        local found = heading(name)
        name = found and found.parent
    end
    return list
end

--- Whether a class is a table of options, and no object.
function reference.is_keys(class)
    return (class:find "Options$" or class:find "Changes$" or class:find "Keys$") ~= nil
end

--- Keys of the table that a parameter takes: array of { name, type, text, optional }; nil where it
-- takes none, or an object with methods.
function reference.keys(param)
    local class = declarations.class(param.type)
    local found = class and heading(class)
    if found and found.kind == "alias" then
        return declarations.fields(found.type)
    elseif found and reference.is_keys(class) then
        return reference.fields(class)
    end
    return declarations.fields(param.type)
end

return reference
