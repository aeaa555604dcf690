-- A word that a command has no place for: what it was most likely meant as.

local nearest = require "backlua.text.nearest"
local quote = require "backlua.text.quote"

-- A file that is to be written: one that is there is not to be overwritten by following a hint.
local function is_new_file(word)
    local C = require "backlua.ffi".C
    return word:find "%.%a+$" and C.bt_path_kind(word) == C.BT_PATH_NONE
end

local function is_bundle(word)
    for _, name in ipairs(require "backlua.cli.missing".bundles()) do
        if name == word then
            return true
        end
    end
    return false
end

local function meant(word, has)
    local stem = word:gsub("^%-+", "")
    local names, full = {}, {}
    for alias in pairs(has) do
        local name = alias:gsub("^%-+", "")
        if #name > 1 then
            names[#names + 1], full[name] = name, alias
        end
    end
    table.sort(names)
    local found = nearest.find(stem, names)
    return found and full[found]
        or has["--param"] and word:find "^[%a_][%w_]*=" and "--param " .. word
        or has["-o"] and is_new_file(word) and "-o " .. word
        or has["-b"] and is_bundle(word) and "-b " .. word or nil
end

-- The message. aliases: of the options that the command has.
return function(word, aliases)
    local has = {}
    for _, alias in ipairs(aliases) do
        has[alias] = true
    end
    local found = meant(word, has)
    return "one word too many: " .. quote(word)
        .. (found and ("; did you mean '%s'?"):format(found) or "")
end
