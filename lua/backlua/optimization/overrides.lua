-- What the command line sets in place of a config script: bundle and dates. A study remembers it,
-- and goes on, is repeated and is reported under it.
--
-- Overrides are a table with bundle, start_date and end_date, those that were given.

local errors = require "backlua.errors"

local overrides = {}

local KEYS = { "bundle", "start_date", "end_date" }
local PREFIX = "given_"

-- Those among the parsed values of a command.
function overrides.of_command(args)
    return { bundle = args.bundle, start_date = args.start_date, end_date = args.end_date }
end

-- Those that a study was made under. lookup(key): a value of its manifest, or nil.
function overrides.of_manifest(lookup)
    local over = {}
    for _, key in ipairs(KEYS) do
        over[key] = lookup(PREFIX .. key)
    end
    return over
end

-- Entries of a manifest, { key, value } each.
function overrides.entries(over)
    local entries = {}
    for _, key in ipairs(KEYS) do
        entries[#entries + 1] = over[key] and { PREFIX .. key, over[key] } or nil
    end
    return entries
end

-- An error when a search without backtests is given any; else nil.
function overrides.check(over, fields)
    if next(over) and fields.strategy == nil then
        return errors.new("usage", "this search runs no backtests: -b, -s and -e have nothing to "
            .. "set")
    end
end

return overrides
