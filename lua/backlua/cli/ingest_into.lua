-- backlua ingest FILE --into NAME: a side file becomes fields of a bundle.

local ffi = require "ffi"
local failure = require "backlua.cli.failure"
local form = require "backlua.cli.form"
local native = require "backlua.ffi"
local number = require "backlua.text.number"
local output = require "backlua.text.output"

local C = native.C

local into = {}

local OWN = { into = true, lag = true, tz = true }

--- A failure when arguments do not go together, else nil. names: of the other options.
function into.check(args, names)
    for _, name in ipairs(names) do
        if args[name] and not OWN[name] then
            return failure.usage("--into takes a file of times and numbers; leave out --%s",
                (name:gsub("_", "-")))
        end
    end
    if args.bundle or args.assets then
        return failure.usage("--into names the bundle; leave out %s",
            args.bundle and "-b" or "--assets")
    elseif args.paths[2] then
        return failure.usage("--into takes one file, got %d", #args.paths)
    end
    args.bundle = args.into
end

local function plural(n, noun)
    return ("%s %s%s"):format(number.count(n), noun, n == 1 and "" or "s")
end

local function list_of(text)
    local list = {}
    for name in text:gmatch "[^,%s]+" do
        list[#list + 1] = name
    end
    return list
end

local function value_of(args, report)
    local json, left_out = require "backlua.text.json", ffi.string(report.left_out)
    return json.object {
        { "bundle", args.into }, { "sha256", ffi.string(report.sha256) },
        { "fields", json.array(list_of(ffi.string(report.fields))) },
        { "rows", report.rows }, { "values", report.cells }, { "lag", args.lag or "0s" },
        { "former_symbol_values", report.former }, { "unknown_symbols", report.unknown_symbols },
        { "left_out", left_out ~= "" and left_out or nil },
    }
end

--- Join. Exit code, or nil and a failure.
function into.run(args)
    local path = args.paths[1]
    if C.bt_path_kind(path) == C.BT_PATH_NONE then
        return nil, require "backlua.cli.missing".file(path)
    end
    local options, report = ffi.new "bt_join_options", ffi.new "bt_join_report"
    options.bundle, options.path, options.lag, options.zone = args.into, path, args.lag, args.tz
    local status = C.bt_bundle_join(options, report)
    if status ~= C.BT_OK then
        return nil, failure.native(status)
    end
    if form.asked(args) then
        form.write(args, value_of(args, report))
        return 0
    end
    output.note(("%s, each known %s after its time"):format(plural(report.rows, "row"),
        args.lag or "0s"))
    if args.tz then
        output.note(("times without UTC offset are of %s, as given"):format(args.tz))
    end
    if report.former > 0 then
        output.note(("%s under former symbols, given to the assets that bore them then"):format(
            plural(report.former, "value")))
    end
    if report.unknown_symbols > 0 then
        output.note(("left out %s that the bundle has not: %s"):format(
            plural(report.unknown_symbols, "symbol"), ffi.string(report.unknown)))
    end
    local left_out = ffi.string(report.left_out)
    if left_out ~= "" then
        output.note("left out, being no numbers: " .. left_out)
    end
    output.write(("bundle %s: fields %s, %s, sha256 %s\n"):format(args.into,
        ffi.string(report.fields), plural(report.cells, "value"),
        ffi.string(report.sha256):sub(1, 12)))
    return 0
end

return into
