-- A strategy text run on a bundle, for specs.
--
--     local backtest = require "spec.support.backtest"
--     local result, err = backtest.run("function handle_data(ctx) ... end", { bundle = "two" })
--     backtest.printed                      -- what the strategy printed, line by line
--     backtest.error(text, options)         -- the failure's message; fails when there is none
--     backtest.handle("ctx:order('A', 1)")  -- text of a strategy that does this on its first bar
--
-- Runs are free of commission and slippage unless the options say otherwise.

local commission = require "backlua.commission"
local runner = require "backlua.run"
local slippage = require "backlua.slippage"

local backtest = { printed = {} }

-- options: those of runner.prepare, and params (overrides), repeat_index.
function backtest.run(strategy, options)
    options = options or {}
    local given = {}
    for key, value in pairs(options) do
        given[key] = key ~= "params" and key ~= "repeat_index" and value or nil
    end
    given.strategy = strategy
    given.commission = given.commission or commission.none()
    given.slippage = given.slippage or slippage.none()
    local job, err = runner.prepare(given)
    if not job then
        return nil, err
    end
    backtest.printed = {}
    local result
    result, err = runner.execute(job, options.params, {
        repeat_index = options.repeat_index,
        print = function(line)
            table.insert(backtest.printed, (line:gsub("\n$", "")))
        end,
    })
    runner.release(job)
    return result, err
end

function backtest.error(strategy, options)
    local result, err = backtest.run(strategy, options)
    assert(result == nil, "the run succeeded")
    return err.message, err
end

-- A strategy in global form that runs a body once, on its first bar. The body stands on line 3.
function backtest.handle(body)
    return "function handle_data(ctx, data)\n    if ctx.done then return end ctx.done = true\n"
        .. body .. "\nend\n"
end

return backtest
