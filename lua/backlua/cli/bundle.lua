-- backlua bundle: list, info, verify, diff, clean, rm.

local ffi = require "ffi"
local date = require "backlua.text.date"
local confirm = require "backlua.cli.confirm"
local failure = require "backlua.cli.failure"
local form = require "backlua.cli.form"
local native = require "backlua.ffi"
local number = require "backlua.text.number"
local output = require "backlua.text.output"
local values = require "backlua.text.values"

local C = native.C

local command = {
    name = "bundle",
    summary = "list, describe, verify, clean or remove bundles",
    usage = "list | info NAME | verify NAME... | diff A B | export NAME | clean NAME... | "
        .. "rm NAME...",
    examples = {
        { "backlua bundle list" },
        { "backlua bundle info demo", "symbols, dates, where its bars come from" },
        { "backlua bundle info demo@3fa901c2", "an earlier version of it" },
        { "backlua bundle verify demo", "hash every file, check every bar" },
        { "backlua bundle diff demo@3fa901c2 demo", "what changed" },
        { "backlua bundle clean demo --keep-last 2", "forget older versions" },
    },
    more_examples = {
        { "backlua bundle export demo -o demo_files", "files that can be ingested again" },
        { "backlua bundle rm old", "all its versions" },
    },
}

-- Subcommands on an argparse parser.
function command.configure(parser)
    parser:require_command(false) -- its absence deserves a better message
    parser:command_target "verb"
    local function verb(name, text)
        local inner = parser:command(name, text)
        inner:add_help(false)
        return inner
    end
    local name = values.text("NAME", "the name of a bundle")
    form.configure(verb("list", "Bundles, their size and version."), "As a JSON array.",
        "As CSV, a line each.")
    local info = verb("info", "All about one bundle.")
    info:argument("name"):argname("NAME"):convert(name)
    form.configure(info, "As a JSON object.", "The symbols as CSV.")
    local verify = verb("verify", "Hash every file and check every bar.")
    verify:argument("names"):args "+":argname("NAME"):convert(name)
    form.configure(verify, "As a JSON array.", "As CSV, a line each.")
    local diff = verb("diff", "What the second has that the first has not.")
    diff:argument("a"):argname("A"):convert(name)
    diff:argument("b"):argname("B"):convert(name)
    form.configure(diff, "As a JSON object.", "As CSV, key,value.")
    local export = verb("export", "Write a bundle as files that can be ingested again.")
    export:argument("name"):argname("NAME"):convert(name)
    export:option("--format", "csv (default), csvdir or lean."):argname "F":default "csv"
        :convert(values.choice("--format", { "csv", "csvdir", "lean" }))
    export:option("-o --output", "The folder to make."):argname "FOLDER"
        :convert(values.text("--output", "a folder"))
    form.configure(export, "What was written as a JSON object.", "The same as CSV, key,value.")
    local clean = verb("clean", "Forget earlier versions and files that nobody needs.")
    clean:argument("names"):args "+":argname("NAME"):convert(name)
    clean:option("--keep-last", "Versions to keep, the current one included."):argname "N"
        :convert(values.number("--keep-last", { min = 1, max = 1e6, whole = true }))
    clean:option("--before", "Forget only what was made before then."):argname "DATE"
        :convert(values.date "--before")
    local rm = verb("rm", "Remove bundles, all their versions.")
    rm:argument("names"):args "+":argname("NAME"):convert(name)
    for _, deleting in ipairs { clean, rm } do
        form.configure(deleting, "As a JSON array.", "As CSV, a line each.")
        confirm.configure(deleting)
    end
end

-- ---- reading -----------------------------------------------------------------------------------

local FACTS = { "name", "exchange", "tick_size", "lot_size", "multiplier", "first_date",
    "last_date" }

-- What assets.csv said of an asset, by name; nil where it said nothing.
local function facts_of_asset(bundle, sid)
    local f, told = ffi.new "bt_asset_facts", {}
    C.bt_bundle_get_facts(bundle, sid, f)
    for _, key in ipairs { "name", "exchange" } do
        local text = ffi.string(f[key])
        told[key] = text ~= "" and text or nil
    end
    told.tick_size = f.tick_size > 0 and f.tick_size or nil
    told.lot_size = f.lot_size > 0 and f.lot_size or nil
    told.multiplier = f.multiplier ~= 1 and f.multiplier or nil
    for _, key in ipairs { "first_date", "last_date" } do
        told[key] = f[key] == f[key] and date.day(f[key]) or nil
    end
    return told
end

local function asset_of(bundle, sid)
    local first, last = ffi.new "int32_t[1]", ffi.new "int32_t[1]"
    C.bt_bundle_asset_rows(bundle, sid, first, last)
    return {
        symbol = ffi.string(C.bt_bundle_symbol(bundle, sid)),
        first = date.day(C.bt_bundle_session(bundle, first[0])),
        last = date.day(C.bt_bundle_session(bundle, last[0])),
        facts = facts_of_asset(bundle, sid),
    }
end

-- Names of the bundle's own fields.
local function fields_of(bundle)
    local names = {}
    for id = C.BT_FIELDS, C.bt_bundle_fields(bundle) - 1 do
        names[#names + 1] = ffi.string(C.bt_bundle_field(bundle, id))
    end
    return names
end

-- Several symbols, and each of them trades on the last day: whoever failed on the way is missing.
local function is_survivors(facts)
    for _, s in ipairs(facts.symbols) do
        if s.last ~= facts.last then
            return false
        end
    end
    return facts.assets > 1
end

local function facts_of(bundle)
    local info = ffi.new "bt_bundle_info"
    C.bt_bundle_get_info(bundle, info)
    local facts = {
        name = ffi.string(info.name),
        path = ffi.string(info.path),
        frequency = ffi.string(info.frequency),
        sha256 = ffi.string(info.sha256),
        assets = info.assets,
        rows = info.rows,
        bars = info.bars,
        first = date.day(C.bt_bundle_session(bundle, 0)),
        last = date.day(C.bt_bundle_session(bundle, info.rows - 1)),
        periods_per_year = info.periods_per_year,
        skipped_rows = info.skipped_rows,
        calendar = ffi.string(info.calendar),
        provenance = ffi.string(info.provenance),
        symbols = {},
    }
    for sid = 0, info.assets - 1 do
        facts.symbols[sid + 1] = asset_of(bundle, sid)
    end
    facts.fields = fields_of(bundle)
    facts.survivors_only = is_survivors(facts)
    return facts
end

-- Its versions, oldest first: array of { sha256, made, current }.
local function versions_of(path)
    local list, versions = ffi.new "const bt_bundle_version *[1]", {}
    for i = 0, C.bt_bundle_versions(path, list) - 1 do
        local v = list[0][i]
        versions[i + 1] = {
            sha256 = ffi.string(v.sha256), made = date.time(math.floor(v.made)),
            current = v.current ~= 0,
        }
    end
    return versions
end

-- What there is to say of a bundle, or nil and a failure.
local function read(name)
    local out = ffi.new "bt_bundle *[1]"
    local status = C.bt_bundle_acquire(name, out)
    if status ~= C.BT_OK then
        return nil, failure.native(status)
    end
    local facts = facts_of(out[0])
    C.bt_bundle_release(out[0])
    facts.versions = versions_of(facts.path)
    return facts
end

-- ---- list --------------------------------------------------------------------------------------

local KEYS = { "name", "frequency", "assets", "rows", "bars", "first", "last", "sha256", "path" }

local function entry(facts)
    local json = require "backlua.text.json"
    local entries = {}
    for i, key in ipairs(KEYS) do
        entries[i] = { key, facts[key] }
    end
    local versions = {}
    for i, v in ipairs(facts.versions) do
        versions[i] = json.object { { "sha256", v.sha256 }, { "made", v.made },
            { "current", v.current } }
    end
    entries[#entries + 1] = { "versions", json.array(versions) }
    return json.object(entries)
end

local function list_value(all)
    local json = require "backlua.text.json"
    local entries = {}
    for i, item in ipairs(all) do
        entries[i] = item.facts and entry(item.facts)
            or json.object { { "name", item.name }, { "error", item.err.message } }
    end
    return json.array(entries)
end

local COLUMNS = { { title = "name" }, { title = "bars of" }, { title = "symbols", right = true },
    { title = "bars", right = true }, { title = "first" }, { title = "last" },
    { title = "version", optional = true }, { title = "kept", right = true, optional = true } }

local function list_text(all)
    local color = require "backlua.text.color"
    local rows, damaged = {}, {}
    for _, item in ipairs(all) do
        local f = item.facts
        if f then
            rows[#rows + 1] = { f.name, f.frequency, number.count(f.assets), number.count(f.bars),
                f.first, f.last, f.sha256:sub(1, 12), number.count(#f.versions) }
        else
            rows[#rows + 1] = { item.name, "damaged" }
            damaged[#damaged + 1] = item.err.message
        end
    end
    output.write(require "backlua.text.table"(COLUMNS, rows, { columns = output.columns(),
        paint = function(text) return color.paint(1, "bold", text) end,
    }))
    for _, message in ipairs(damaged) do
        output.warn(message)
    end
end

local function list(args)
    local all = {}
    for i, name in ipairs(require("backlua.cli.missing").bundles()) do
        local facts, err = read(name)
        all[i] = { name = name, facts = facts, err = err }
    end
    if form.asked(args) then
        form.write(args, list_value(all))
    elseif #all == 0 then
        output.note(("no bundle in %s; `backlua ingest --synthetic mag7 --seed 7 -b demo` "
            .. "makes one"):format(ffi.string(C.bt_bundles_folder())))
    else
        list_text(all)
    end
    return 0
end

-- ---- info --------------------------------------------------------------------------------------

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
    local object = entry(facts)
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

local function symbols_text(f)
    local columns = { { title = "symbol" }, { title = "first bar" }, { title = "last bar" } }
    local keys, rows = known_facts(f.symbols), {}
    for _, key in ipairs(keys) do
        columns[#columns + 1] = { title = (key:gsub("_", " ")) }
    end
    for i, s in ipairs(f.symbols) do
        rows[i] = { s.symbol, s.first, s.last }
        for k, key in ipairs(keys) do
            local value = s.facts[key]
            rows[i][3 + k] = type(value) == "number" and number.shortest(value) or value or ""
        end
    end
    return require "backlua.text.table"(columns, rows)
end

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
    }))
    output.write("\n" .. symbols_text(f))
    if f.survivors_only then
        output.write(("\nAll %s symbols trade to the last day: if this is today's list, those that "
            .. "failed on the way\nare missing, and results will flatter. Add delisted symbols.\n")
            :format(number.count(f.assets)))
    end
    local versions = {}
    for i, v in ipairs(f.versions) do
        versions[i] = { v.sha256:sub(1, 12), v.made, v.current and "current" or "",
            v.sha256 == f.sha256 and "shown here" or "" }
    end
    output.write("\n" .. layout({ { title = "version" }, { title = "made" }, {}, {} }, versions))
    output.write "\nHow it was made\n"
    for _, text in ipairs(decisions_of(f)) do
        output.write("  " .. tostring(text) .. "\n")
    end
end

local function info(args)
    local facts, err = read(args.name)
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

-- ---- verify, clean, rm -------------------------------------------------------------------------

-- All bundles named are looked at; the exit code is that of the first that is not good.
local function verify(args)
    local json, rows, code = require "backlua.text.json", {}, 0
    for i, name in ipairs(args.names) do
        local status = C.bt_bundle_verify(name)
        local err = status ~= C.BT_OK and failure.native(status) or nil
        if err and err.code == "interrupt" then
            return nil, err
        end
        rows[i] = json.object { { "name", name }, { "ok", err == nil },
            { "error", err and err.message } }
        code = code ~= 0 and code or err and failure.exit_code(err) or 0
        if not form.asked(args) and err then
            failure.report(err)
        elseif not form.asked(args) then
            output.write(name .. ": good\n")
        end
    end
    if form.asked(args) then
        form.write(args, json.array(rows))
    end
    return code
end

local function clean(args)
    if not args.keep_last and not args.before then
        return nil, failure.usage(
            "which versions? give --keep-last N (the current one counts) or --before DATE")
    end
    local before, has_time = ffi.new("bt_time[1]", 0x7fffffffffffffffLL), ffi.new "int32_t[1]"
    if args.before then
        C.bt_date_parse(args.before, before, has_time)
    end
    local agreed, err = confirm.ask(args, "forget versions of "
        .. confirm.named("bundle", args.names))
    if not agreed then
        return nil, err
    end
    local done, lines = ffi.new "bt_bundle_cleaning", require "backlua.cli.lines"(args)
    for _, name in ipairs(args.names) do
        local status = C.bt_bundle_clean(name, args.keep_last or 0, before[0], done)
        if status ~= C.BT_OK then
            return nil, failure.native(status)
        end
        lines:add(("%s: %s version%s forgotten, %s files removed, %.1f MB"):format(name,
            number.count(done.versions), done.versions == 1 and "" or "s",
            number.count(done.files), done.bytes / 1e6), { { "name", name },
            { "versions", done.versions }, { "files", done.files }, { "bytes", done.bytes } })
    end
    lines:finish()
    return 0
end

local function rm(args)
    return require "backlua.cli.remove"(args,
        confirm.named("bundle", args.names) .. " and all versions", C.bt_bundle_remove)
end

local VERBS = {
    list = list,
    info = info,
    verify = verify,
    diff = function(args) return require "backlua.cli.bundle_diff"(args) end,
    export = function(args)
        if not args.output then
            return nil, failure.usage("where to? backlua bundle export NAME -o FOLDER")
        end
        return require "backlua.cli.bundle_export"(args)
    end,
    clean = clean,
    rm = rm,
}

-- Run with parsed values; exit code, or nil and a failure.
function command.run(args)
    local verb = VERBS[args.verb]
    if not verb then
        return nil, failure.usage("which? backlua bundle %s", command.usage)
    end
    return verb(args)
end

return command
