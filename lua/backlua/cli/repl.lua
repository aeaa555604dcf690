-- backlua repl: the prompt.

local values = require "backlua.text.values"

local command = {
    name = "repl",
    summary = "the prompt: try, step and ask",
    usage = "[FILE.lua] [-b BUNDLE]",
    no_form = "the prompt prints tables as `.mode json` or `.mode csv` says",
    examples = {
        { "backlua repl -b demo", "with a bundle open" },
        { "backlua repl setup.lua", "run a script first" },
        { "echo 'run \"sma.lua\"' | backlua repl -b demo", "from a pipe: no questions" },
    },
}

-- Arguments and options on an argparse parser.
function command.configure(parser)
    parser:argument("file", "A script to run first."):args "?"
    parser:option("-b --bundle", "Bundle to open."):argname "NAME"
        :convert(values.text("--bundle", "the name of a bundle"))
end

-- Run with parsed values; exit code, or nil and a failure.
function command.run(args)
    local C = require "backlua.ffi".C
    if args.file and C.bt_path_kind(args.file) == C.BT_PATH_NONE then
        return nil, require("backlua.cli.missing").file(args.file)
    elseif args.bundle then
        local words = require "backlua.repl.words"
        local ok, err = pcall(words.list.bundle, args.bundle)
        if not ok then
            return nil, err
        end
    end
    return require "backlua.repl.loop".run(args.file)
end

return command
