-- backlua report: a run, a study or a walk-forward as a page to look at.

local failure = require "backlua.cli.failure"
local form = require "backlua.cli.form"
local output = require "backlua.text.output"
local values = require "backlua.text.values"

local C = require("backlua.ffi").C
local FORMATS = { "html", "svg", "md", "json", "csv" }

local command = {
    name = "report",
    summary = "a run, study or walk-forward as one page",
    usage = "RUN|STUDY|FILE.json [-o FILE] [options]",
    examples = {
        { "backlua report last -o run.html", "the last run saved" },
        { "backlua report 3f2a91 -o run.html", "a run by its id" },
        { "backlua report grid -o grid.html", "of a study" },
        { "backlua report last --format md", "tables as text" },
        { "backlua report last --figures equity,monthly -o run.svg", "a picture" },
    },
}

-- Arguments and options on an argparse parser.
function command.configure(parser)
    parser:argument("subject"):args "?" -- its absence deserves a better message
    local function option(names, argname, text, convert)
        return parser:option(names, text):argname(argname):convert(convert)
    end
    option("-o --output", "FILE", "Where to; - for stdout.",
        values.text("--output", "a file, or - for stdout"))
    option("--format", "F", "html, svg, md, json, csv; default: by FILE, or html.",
        values.choice("--format", FORMATS))
    form.configure(parser, "All that it shows as JSON; as --format json.",
        "Its figures and tables as CSV; as --format csv.")
    option("--figures", "IDS", "Of svg: only these drawings, such as equity,drawdown.",
        values.names("--figures", "ids of drawings such as equity,drawdown"))
    option("--benchmark", "SYMBOL", "Beside a run; default: what it traded, equal parts.",
        values.text("--benchmark", "a symbol, or none"))
end

local ENDINGS = { html = "html", htm = "html", svg = "svg", md = "md", json = "json", csv = "csv" }

local function flag_of(args)
    return args.json and "json" or args.csv and "csv" or nil
end

local function format_of(args)
    return args.format or flag_of(args)
        or args.output and ENDINGS[args.output:match "%.(%w+)$" or ""] or "html"
end

local function check(args)
    if not args.subject then
        return failure.usage("what? backlua report last -o r.html, or a run's id, a study's name, "
            .. "a file that --json wrote")
    elseif format_of(args) == "html" and not args.output then
        return failure.usage("where to? give -o FILE.html, or -o - for stdout")
    elseif flag_of(args) and format_of(args) ~= flag_of(args) then
        return failure.usage("--%s and --format %s are two forms; choose one", flag_of(args),
            args.format)
    elseif args.figures and format_of(args) ~= "svg" then
        return failure.usage("--figures chooses drawings of --format svg; %s has them all",
            format_of(args))
    end
    return require("backlua.cli.missing").folder_of(args.output)
end

local function deliver(path, text)
    if not path or path == "-" then
        output.write(text)
        output.flush()
        return nil
    end
    local status = C.bt_file_write(path, text, #text, C.BT_WRITE_DURABLE)
    if status ~= C.BT_OK then
        return failure.native(status)
    end
    output.note(("wrote %s, %s kB"):format(path,
        require "backlua.text.number".count(#text / 1000)))
end

-- Run with parsed values; exit code, or nil and a failure.
function command.run(args)
    local err = check(args)
    if err then
        return nil, err
    end
    local build = require "backlua.report.build"
    local document, why = build.document(args.subject, { benchmark = args.benchmark })
    if not document then
        return nil, why
    end
    local text
    text, err = build.render(document, format_of(args), args.figures)
    err = not text and err or deliver(args.output, text)
    if err then
        return nil, err
    end
    return 0
end

return command
