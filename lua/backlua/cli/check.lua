-- backlua check: does a strategy see the future, and does it repeat itself?

local form = require "backlua.cli.form"
local output = require "backlua.text.output"
local run_job = require "backlua.cli.run_job"
local values = require "backlua.text.values"

local INSTANTS, INSTANTS_MAX = 8, 1000
local EXIT_REPRODUCE = 6

local command = {
    name = "check",
    summary = "prove that a strategy sees no future and repeats itself",
    usage = "STRATEGY.lua -b BUNDLE [options]",
    examples = {
        { "backlua check sma.lua -b demo" },
        { "backlua check sma.lua -b demo --instants 50", "ask at more bars" },
    },
}

-- Arguments and options on an argparse parser.
function command.configure(parser)
    run_job.configure(parser)
    parser:option("--instants", "Bars after which the future is taken away; default 8.")
        :argname("N"):default(INSTANTS)
        :convert(values.number("--instants", { min = 1, max = INSTANTS_MAX, whole = true }))
    form.configure(parser, "The verdict as one JSON object.", "Its checks as CSV, a line each.")
end

-- Run with parsed values; exit code, or nil and a failure.
function command.run(args)
    local err = run_job.check(args, command.name)
    if err then
        return nil, err
    end
    run_job.warn(args)
    local job, params = run_job.prepare(args)
    if not job then
        return nil, params
    end
    local line = require "backlua.text.progress".new { unit = "runs" }
    local verdict
    verdict, err = require "backlua.proof.proof".of(job, params, {
        instants = args.instants,
        progress = function(done, total)
            line:update { done = done, total = total }
        end,
    })
    line:finish()
    require "backlua.run".release(job)
    if not verdict then
        return nil, err
    elseif verdict.interrupted then
        return nil, { code = "interrupt", message = "interrupted" }
    end
    local facts = {
        name = run_job.shown(args), bundle = args.bundle, program = job.program,
        daily = job.info.frequency == "1d", bundle_of = job.bundle,
    }
    if form.asked(args) then
        form.write(args, require "backlua.cli.check_json"(verdict, facts), "checks")
    else
        output.say(require "backlua.cli.check_text"(verdict, facts))
    end
    return verdict.ok and 0 or EXIT_REPRODUCE
end

return command
