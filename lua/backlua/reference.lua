-- What there is to call, for editors and for people who ask.
--
-- The texts in backlua/meta/*.lua declare the public interface in LuaLS's notation; those of the
-- indicators and of the statistics are written here, from what the engine says of each. The
-- program holds the texts; a plain LuaJIT has the files, and not this module's use.
--
--     reference.files()             array of { name, text }: what an editor reads
--     reference.find "order_target" array of entries that have this name
--
-- An entry: { name = "order_target", owner = "Context", kind = "method", "function", "class" or
-- "field", title = "ctx:order_target(asset, target, options)", text = "Hold so many units...",
-- example = "ctx:order_target(ctx.asset, 0)" or nil }

local reference = {}

local TEXTS = { "strategy", "orders", "library", "metrics", "ta", "optimization",
    "searches", "robustness", "session", "prompt" }

-- How scripts call what the texts name.
local SHOWN = {
    Context = "ctx", Data = "data", View = "view", Frame = "frame", Result = "result",
    Results = "results", Session = "s", Bundle = "b",
}

local LIST_COLUMNS = 76

-- ---- indicators and statistics -----------------------------------------------------------------

local function options_text(parameters)
    if #parameters == 0 then
        return nil
    end
    local parts = {}
    for i, p in ipairs(parameters) do
        parts[i] = ("%s?: %s"):format(p.name, p.is_int and "integer" or "number")
    end
    return "{ " .. table.concat(parts, ", ") .. " }"
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
    local names, wanted = {}, options_text(info.parameters)
    local function param(name, kind)
        names[#names + 1] = name:gsub("%?", "")
        lines[#lines + 1] = ("---@param %s %s"):format(name, kind)
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
        param("options?", wanted)
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

local function title_of(owner, separator, name, arguments)
    if owner == "prompt" then
        return name .. arguments
    end
    return ("%s%s%s%s"):format(SHOWN[owner] or owner, separator, name, arguments)
end

-- What one line declares, given the comment above it; nil when it declares nothing.
local function declared(line, class)
    local owner, separator, name, arguments = line:match
        "^function ([%w_.]-)([.:])([%w_]+)(%(.*%)) end$"
    if owner then
        return { owner = owner, name = name, kind = separator == ":" and "method" or "function",
            title = title_of(owner, separator, name, arguments) }
    end
    local field, rest = line:match "^%-%-%-@field ([%w_]+)%??%s+(.*)$"
    if field and class then
        local owner_name = class:gsub("^backlua%.", "")
        return { owner = owner_name, name = field, kind = "field",
            title = title_of(owner_name, ".", field, ""), text = rest }
    end
end

local function add_class(entries, class, comment)
    local name = class:gsub("^backlua%.", "")
    entries[#entries + 1] = { owner = "", name = name, kind = "class", title = SHOWN[name] or name,
        text = table.concat(comment, "\n") }
end

local function read(text, entries)
    local comment, example, class = {}, nil, nil
    for line in text:gmatch "([^\n]*)\n?" do
        local said, made = line:match "^%-%-%-([^@].*)$", line:match "^%-%-%-@class ([%w_.]+)"
        local entry = declared(line, class)
        if said then
            local code = said:match "^Example: `(.*)`$"
            example = code or example
            comment[#comment + 1] = not code and said or nil
        elseif made then
            class = made
            add_class(entries, made, comment)
            comment, example = {}, nil
        elseif entry then
            entry.text = entry.text or table.concat(comment, "\n")
            entry.example = example
            entries[#entries + 1] = entry
            comment, example = entry.kind == "field" and comment or {}, nil
        elseif line == "" then
            comment, example, class = {}, nil, nil
        end
    end
end

-- Heirs of each class by its name, in the order of the texts.
local function read_heirs(text, heirs)
    for heir, class in text:gmatch "\n%-%-%-@class backlua%.([%w_]+): backlua%.([%w_]+)" do
        heirs[class] = heirs[class] or {}
        table.insert(heirs[class], heir)
    end
end

-- Entries of which a class that scripts have no name for has lent its methods to its heirs.
local function lent(entries, heirs)
    local list = {}
    for _, entry in ipairs(entries) do
        local to = entry.kind == "method" and not SHOWN[entry.owner] and heirs[entry.owner]
        for _, heir in ipairs(to or {}) do
            local title = SHOWN[heir] .. entry.title:match ":.*$"
            list[#list + 1] = setmetatable({ owner = heir, title = title }, { __index = entry })
        end
        list[#list + 1] = not to and entry or nil
    end
    return list
end

-- "a, b, c" in lines.
local function listed(names)
    return table.concat(require "backlua.text.fill"(table.concat(names, ", "), LIST_COLUMNS), "\n")
end

-- A class says what can be called on it.
local function add_members(entries)
    local by_class = {}
    for _, entry in ipairs(entries) do
        if entry.kind == "method" or entry.kind == "function" then
            by_class[entry.owner] = by_class[entry.owner] or {}
            table.insert(by_class[entry.owner], entry.name)
        end
    end
    for _, entry in ipairs(entries) do
        local names = entry.kind == "class" and by_class[entry.name]
        if names then
            table.sort(names)
            entry.text = entry.text .. (entry.text ~= "" and "\n" or "") .. listed(names)
        end
    end
    return entries
end

local known

--- All entries, in the order of the texts.
function reference.entries()
    if not known then
        local entries, heirs = {}, {}
        for _, file in ipairs(reference.files()) do
            read(file.text, entries)
            read_heirs(file.text, heirs)
        end
        known = add_members(lent(entries, heirs))
    end
    return known
end

local function matches(entry, owner, name)
    local shown = entry.kind == "class" and SHOWN[entry.name]
    if entry.name ~= name and shown ~= name then
        return false
    end
    return not owner or owner == entry.owner or owner == SHOWN[entry.owner]
        or owner == "opt" and entry.owner == "optimization"
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

--- Names of everything that can be called or is a class, sorted, each once.
function reference.names()
    local names, seen = {}, {}
    for _, entry in ipairs(reference.entries()) do
        local name = entry.kind == "class" and SHOWN[entry.name] or entry.name
        if entry.kind ~= "field" and not seen[name] then
            seen[name] = true
            names[#names + 1] = name
        end
    end
    table.sort(names)
    return names
end

return reference
