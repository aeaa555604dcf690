-- backlua walkforward: search in windows of time, test on what follows, as a config script says.

local optimize = require "backlua.cli.optimize"

local command = {
    name = "walkforward",
    summary = "search in windows of time, test on what follows",
    usage = "CONFIG.lua [-j N] [--study NAME] [options]",
    examples = {
        { "backlua walkforward walk.lua", "on all cores but one" },
        { "backlua walkforward walk.lua -j 4 --study walk", "a second run goes on with it" },
        { "backlua walkforward walk.lua -b mine", "on other data than it names" },
        { "backlua walkforward walk.lua --json" },
    },
    configure = optimize.configure,
}

-- Run with parsed values; exit code, or nil and a failure.
function command.run(args)
    return optimize.run(args, "walkforward")
end

return command
