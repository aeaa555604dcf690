-- What Tab offers.
--
-- The text before the cursor decides: a dot command and its argument; inside quotes the symbols of
-- the open bundle, its fields, the bundles or files, by what the quote is an argument of; behind
-- `{` or `,` of a call's table the options of that call; else names, along `a.b.c` and `a:b`.
-- Nothing is called to find out: names are read from tables, and from our own objects, which tell
-- theirs.

local words = require "backlua.repl.words"
local C = require "backlua.ffi".C

-- before: lines of the same input that were typed before this one, each with its end.
local complete = { before = "" }

local KEYWORDS = { "and", "break", "do", "else", "elseif", "end", "false", "for", "function",
    "goto", "if", "in", "local", "nil", "not", "or", "repeat", "return", "then", "true", "until",
    "while" }
local SHOWN = 60

local function is_name(key)
    return type(key) == "string" and key:match "^[%a_][%w_]*$"
end

local function add_keys(names, t)
    for key in next, t do
        if is_name(key) then
            names[#names + 1] = key
        end
    end
end

-- ---- names of values ---------------------------------------------------------------------------

local function loaded(name)
    return package.loaded["backlua." .. name]
end

-- Modules of our own kinds, each with is(value) and names(value).
local KINDS = { "repl.bundle", "session", "result", "optimization.results", "optimization.class",
    "frame", "view" }

local function own_names(value)
    if value == loaded "ta" then
        local names = value.names()
        add_keys(names, value)
        return names
    end
    for _, name in ipairs(KINDS) do
        local kind = loaded(name)
        if kind and kind.is and kind.is(value) then
            local names = kind.names and kind.names(value) or {}
            add_keys(names, kind.methods or {})
            if name == "frame" then
                for column in kind.pairs(value) do
                    names[#names + 1] = column
                end
            end
            return names
        end
    end
end

-- Names that value.NAME may have.
local function names_of(value)
    local own = own_names(value)
    if own then
        return own
    end
    local names = {}
    if type(value) == "table" then
        add_keys(names, value)
    end
    local meta = debug.getmetatable(value)
    if type(meta) == "table" and rawget(meta, "names") then
        return meta.names()
    end
    local index = type(meta) == "table" and rawget(meta, "__index")
    if type(index) == "table" then
        add_keys(names, index)
    end
    return names
end

local function global_names()
    local names = {}
    add_keys(names, _G)
    add_keys(names, words.list)
    add_keys(names, words.modules)
    for _, keyword in ipairs(KEYWORDS) do
        names[#names + 1] = keyword
    end
    return names
end

local function global(name)
    local value = rawget(_G, name)
    if value == nil and words.modules[name] then
        return require(words.modules[name])
    end
    return value == nil and words.list[name] or value
end

-- The value of a path such as a.b.c, nothing called but the readers of our own objects.
local function value_of(path)
    local value
    for name in path:gsub("%[(%d+)%]", ".%1"):gmatch "[^.:]+" do
        name = tonumber(name) or name
        if value == nil then
            value = global(name)
        elseif type(value) == "table" or type(value) == "cdata" or type(value) == "string" then
            local ok, inner = pcall(function(v) return v[name] end, value)
            value = ok and inner or nil
        else
            return nil
        end
        if value == nil then
            return nil
        end
    end
    return value
end

-- ---- inside quotes -----------------------------------------------------------------------------

local function open_bundle()
    if words.bundle then
        local facts = require("backlua.job").bundle_facts(words.bundle)
        return facts
    end
end

local function symbols()
    local facts = open_bundle()
    return facts and facts.symbols or {}
end

local FIELDS = { "open", "high", "low", "close", "volume", "price" }

local function files(prefix)
    local ffi = require "ffi"
    local folder = prefix:match "^(.*/)" or ""
    local names, list = ffi.new "const char *const *[1]", {}
    for i = 0, C.bt_folder_list(folder == "" and "." or folder, names) - 1 do
        list[i + 1] = folder .. ffi.string(names[0][i])
    end
    for i, path in ipairs(list) do
        list[i] = C.bt_path_kind(path) == C.BT_PATH_FOLDER and path .. "/" or path
    end
    return list
end

local function bundles()
    return require "backlua.cli.missing".bundles()
end

-- What a quoted text is, by what stands before the quote: the first pattern that fits.
local QUOTED = {
    { "[%w_]*history%s*%(?%s*[\"'][^\"']*[\"']%s*,%s*$", function() return FIELDS end },
    { "[%w_]*current%s*%(?%s*[\"'][^\"']*[\"']%s*,%s*$", function() return FIELDS end },
    { "fields%s*=%s*{?%s*$", function() return FIELDS end },
    { "symbols?%s*%(?%s*$", symbols }, { "assets%s*=%s*{?%s*$", symbols },
    { "history%s*%(?%s*$", symbols }, { "current%s*%(?%s*$", symbols },
    { ":bars%s*%(?%s*$", symbols }, { "why%s*%(?%s*$", symbols },
    { "order[%w_]*%s*%(?%s*$", symbols }, { "close_position%s*%(?%s*$", symbols },
    { "bundle%s*[=(]?%s*$", bundles },
}

-- Beginning of the quoted text that the cursor is in, and what stands before it; nil outside. No
-- such text goes on from line to line.
local function open_quote(text)
    local quote, at
    local i = #text:match "^(.-)[^\n]*$" + 1
    while i <= #text do
        local c = text:sub(i, i)
        if quote and c == "\\" then
            i = i + 1
        elseif quote then
            quote = c ~= quote and quote or nil
        elseif c == '"' or c == "'" then
            quote, at = c, i
        elseif c == "-" and text:sub(i, i + 1) == "--" then
            return nil
        end
        i = i + 1
    end
    if quote then
        return text:sub(at + 1), text:sub(1, at - 1), quote
    end
end

-- ---- options of a call -------------------------------------------------------------------------

local function option_names(text)
    local call = require "backlua.repl.call_at".of(text)
    if call then
        return require "backlua.repl.option_names"(call, value_of)
    end
end

-- What a text behind `key = ` of a call's table may be, where that is one of a few.
local function choices(before)
    local start, key = before:match "^(.-)([%a_][%w_]*)%s*=%s*$"
    local _, spec = option_names(start or "")
    local entry = spec and spec[key]
    return entry and entry.choices
end

-- ---- together ----------------------------------------------------------------------------------

local function quoted(inner, before)
    local last = before:match "[^\n]*$"
    for _, entry in ipairs(QUOTED) do
        if last:find(entry[1]) then
            return entry[2](), inner
        end
    end
    return choices(before) or files(inner), inner
end

-- Names that may stand at the cursor, and how much of one is typed.
local function candidates(text)
    local inner, before, quote = open_quote(text)
    if inner then
        local list, typed = quoted(inner, before)
        return list, typed, quote
    end
    local path, separator, typed = text:match "([%a_][%w_.:%[%]]*)([.:])([%w_]*)$"
    if path then
        local value = value_of(path)
        local names = value ~= nil and names_of(value) or {}
        if separator == ":" then
            local methods = {}
            for _, name in ipairs(names) do
                local ok, member = pcall(function() return value[name] end)
                if ok and type(member) == "function" then
                    methods[#methods + 1] = name
                end
            end
            names = methods
        end
        return names, typed
    end
    typed = text:match "[%a_][%w_]*$" or ""
    local start = text:sub(1, #text - #typed)
    if start:find "[.:]%s*$" then
        return {}, typed -- of a value that only a call would give
    elseif require "backlua.repl.call_at".plain(start):find "[{,]%s*$" then
        local names = option_names(start)
        if names then
            return names, typed, "="
        end
    end
    return global_names(), typed
end

local function commands_candidates(text)
    local commands = require "backlua.repl.commands"
    local name, argument = text:match "^%.(%w*)%s+(.*)$"
    if name then
        return commands.arguments(name, argument, { files = files, bundles = bundles }), argument
    end
    local names = commands.names()
    for i, command in ipairs(names) do
        names[i] = "." .. command
    end
    return names, text
end

local function starting_with(list, typed)
    local found, seen = {}, {}
    for _, name in ipairs(list) do
        if name:sub(1, #typed) == typed and not seen[name] then
            seen[name] = true
            found[#found + 1] = name
        end
    end
    table.sort(found)
    return found
end

local function common_start(list)
    local start = list[1]
    for _, name in ipairs(list) do
        while name:sub(1, #start) ~= start do
            start = start:sub(1, -2)
        end
    end
    return start
end

-- Names in columns, as many as a person reads.
local function columns(list)
    local widest = 0
    for i = 1, math.min(#list, SHOWN) do
        widest = math.max(widest, #list[i])
    end
    local terminal = C.bt_terminal_columns(1)
    local each = math.max(1, math.floor((terminal > 0 and terminal or 80) / (widest + 2)))
    local parts = {}
    for i = 1, math.min(#list, SHOWN) do
        local last = i % each == 0 or i == math.min(#list, SHOWN)
        parts[i] = last and list[i] .. "\n" or list[i] .. (" "):rep(widest + 2 - #list[i])
    end
    local text = table.concat(parts):gsub(" *\n", "\n"):gsub("\n$", "")
    return text .. (#list > SHOWN and ("\n... %d more"):format(#list - SHOWN) or "")
end

-- What follows a name that is whole.
local function closing(name, after)
    if after == "=" then
        return " = "
    elseif after and name:sub(-1) ~= "/" then
        return after
    end
    return ""
end

--- What to insert at the cursor and what to show below, for the text before it; nil where there is
-- nothing.
function complete.at(text)
    text = complete.before .. text
    local list, typed, after
    if text:find "^%.%a*$" or text:find "^%.%a+%s" then
        list, typed = commands_candidates(text)
    else
        list, typed, after = candidates(text)
    end
    local found = starting_with(list, typed)
    if #found == 0 then
        return nil
    elseif #found == 1 then
        return found[1]:sub(#typed + 1) .. closing(found[1], after)
    end
    local start = common_start(found)
    if #start > #typed then
        return start:sub(#typed + 1)
    end
    return nil, columns(found)
end

return complete
