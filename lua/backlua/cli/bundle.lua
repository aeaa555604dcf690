-- backlua bundle: list, info, verify, diff, clean, rm.

local ffi = require "ffi"
local bundle_facts = require "backlua.cli.bundle_facts"
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
        { "backlua bundle info demo", "symbols, dates, how it was made" },
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

-- ---- list --------------------------------------------------------------------------------------

local function list_value(all)
    local json = require "backlua.text.json"
    local entries = {}
    for i, item in ipairs(all) do
        entries[i] = item.facts and bundle_facts.entries(item.facts)
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
        local facts, err = bundle_facts.read(name)
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
    info = function(args) return require "backlua.cli.bundle_info"(args) end,
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
