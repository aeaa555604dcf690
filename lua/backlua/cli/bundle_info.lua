-- backlua bundle info: all about one bundle.

local bundle_facts = require "backlua.cli.bundle_facts"
local form = require "backlua.cli.form"
local number = require "backlua.text.number"
local output = require "backlua.text.output"
local paragraph = require "backlua.text.paragraph"
local C = require("backlua.ffi").C

local FACTS = { "name", "exchange", "tick_size", "lot_size", "multiplier", "first_date",
    "last_date" }

local function info_value(facts)
    local json = require "backlua.text.json"
    local symbols = {}
    for i, s in ipairs(facts.symbols) do
        symbols[i] = json.object { { "symbol", s.symbol }, { "first", s.first },
            { "last", s.last } }
        for _, key in ipairs(FACTS) do
            if s.facts[key] then
                table.insert(symbols[i], { key, s.facts[key] })
            end
        end
    end
    local object = bundle_facts.entries(facts)
    object[#object + 1] = { "periods_per_year", facts.periods_per_year }
    object[#object + 1] = { "calendar", facts.calendar }
    object[#object + 1] = { "skipped_rows", facts.skipped_rows }
    object[#object + 1] = { "fields", json.array(facts.fields) }
    object[#object + 1] = { "survivors_only", facts.survivors_only }
    object[#object + 1] = { "symbols", json.array(symbols) }
    local provenance = require("backlua.json").decode(facts.provenance)
    object[#object + 1] = { "provenance", provenance or facts.provenance }
    return object
end

local function decisions_of(facts)
    local provenance = require("backlua.json").decode(facts.provenance)
    return type(provenance) == "table" and provenance.decisions or {}
end

-- Columns of the facts that any symbol has.
local function known_facts(symbols)
    local keys = {}
    for _, key in ipairs(FACTS) do
        for _, s in ipairs(symbols) do
            if s.facts[key] then
                keys[#keys + 1] = key
                break
            end
        end
    end
    return keys
end

-- A terminal gets no more rows than these: what stands above them would be gone.
local ROWS_MOST, ROWS_SHOWN = 40, 20

local function symbols_text(f)
    local all, shown = #f.symbols, #f.symbols
    if all > ROWS_MOST and C.bt_is_terminal(1) ~= 0 then
        shown = ROWS_SHOWN
    end
    local columns = { { title = "symbol" }, { title = "first bar" }, { title = "last bar" } }
    local keys, rows = known_facts(f.symbols), {}
    for _, key in ipairs(keys) do
        columns[#columns + 1] = { title = (key:gsub("_", " ")), optional = true }
    end
    for i = 1, shown do
        local s = f.symbols[i]
        rows[i] = { s.symbol, s.first, s.last }
        for k, key in ipairs(keys) do
            local value = s.facts[key]
            rows[i][3 + k] = type(value) == "number" and number.shortest(value) or value or ""
        end
    end
    return require "backlua.text.table"(columns, rows, { columns = output.columns() })
        .. (shown < all and ("... %s more; --csv lists all\n"):format(number.count(all - shown))
            or "")
end

local SURVIVORS = "All %s symbols trade to the last day: if this is today's list, those that "
    .. "failed on the way are missing, and results will flatter. Add delisted symbols."

local function info_text(f)
    local layout = require "backlua.text.table"
    output.write(layout({ {}, {} }, {
        { "bundle", f.name },
        { "path", f.path },
        { "version", f.sha256 },
        { "bars", ("%s of %s, %s to %s"):format(number.count(f.bars), f.frequency, f.first,
            f.last) },
        { "times", ("%s, %s a year"):format(number.count(f.rows),
            number.shortest(f.periods_per_year)) },
        { "calendar", f.calendar:match "^backlua calendar 1\n" and "a file" or f.calendar },
        { "skipped", f.skipped_rows > 0 and number.count(f.skipped_rows) .. " bad rows" or "-" },
        { "fields", #f.fields > 0 and table.concat(f.fields, ", ") or "-" },
    }, { columns = output.columns() }))
    output.write("\n" .. symbols_text(f))
    if f.survivors_only then
        output.write("\n" .. paragraph(SURVIVORS:format(number.count(f.assets)),
            output.page_columns()))
    end
    local versions = {}
    for i, v in ipairs(f.versions) do
        versions[i] = { v.sha256:sub(1, 12), v.made, v.current and "current" or "",
            v.sha256 == f.sha256 and "shown here" or "" }
    end
    output.write("\n" .. layout({ { title = "version" }, { title = "made" }, {}, {} }, versions,
        { columns = output.columns() }))
    output.write "\nHow it was made\n"
    for _, text in ipairs(decisions_of(f)) do
        output.write(paragraph(tostring(text), output.page_columns(), "  ", "    "))
    end
end

-- Run with parsed values; exit code, or nil and a failure.
return function(args)
    local facts, err = bundle_facts.read(args.name)
    if not facts then
        return nil, err
    end
    if form.asked(args) then
        form.write(args, info_value(facts), "symbols")
    else
        info_text(facts)
    end
    return 0
end
