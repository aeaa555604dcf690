-- backlua bench: how fast this machine is at it. A seeded market of eight symbols, 25 years of
-- days, is made for a moment; each figure is the median of several runs.

local ffi = require "ffi"
local errors = require "backlua.errors"
local form = require "backlua.cli.form"
local number = require "backlua.text.number"
local output = require "backlua.text.output"
local C = require("backlua.ffi").C

local ROUNDS = 7

local command = {
    name = "bench",
    summary = "how fast this machine is at it",
    usage = "[--json | --csv]",
    examples = { { "backlua bench" }, { "backlua bench --json" } },
}

-- Options on an argparse parser.
function command.configure(parser)
    form.configure(parser, "As a JSON array.", "As CSV, a line each.")
end

local HANDLES = [[
local s = {}
function s.initialize(ctx)
    ctx.list = {}
    for i, asset in ipairs(ctx:symbols()) do
        ctx.list[i] = { asset = asset, fast = ctx:indicator("sma", asset, { n = 20 }),
            slow = ctx:indicator("sma", asset, { n = 100 }) }
    end
end
function s.handle_data(ctx)
    for i = 1, #ctx.list do
        local entry = ctx.list[i]
        local up = entry.fast[-1] > entry.slow[-1]
        if up ~= entry.up then
            entry.up = up
            ctx:order_target_percent(entry.asset, up and 1 / 8 or 0)
        end
    end
end
return s
]]

local WINDOWS = [[
local s = {}
function s.initialize(ctx) ctx.list, ctx.up = ctx:symbols(), {} end
function s.handle_data(ctx, data)
    for i = 1, #ctx.list do
        local close = data:history(ctx.list[i], "close", 100, "1d", "array")
        local up = close:last(20):mean() > close:mean()
        if up ~= ctx.up[i] then
            ctx.up[i] = up
            ctx:order_target_percent(ctx.list[i], up and 1 / 8 or 0)
        end
    end
end
return s
]]

local function median(list)
    table.sort(list)
    return list[math.floor(#list / 2) + 1]
end

-- Seconds of one backtest, the median; nil and a failure.
local function time_of(job)
    local runner, seconds = require "backlua.run", {}
    for round = 0, ROUNDS do
        local started = C.bt_clock_seconds()
        local result, err = runner.execute(job, nil, { print = function() end })
        if not result then
            return nil, err
        end
        result:free()
        seconds[round] = C.bt_clock_seconds() - started -- [0]: what warms up
    end
    return median(seconds)
end

local function strategy_row(name, text, bundle)
    local runner = require "backlua.run"
    local job, err = runner.prepare { strategy = text, bundle = bundle }
    if not job then
        return nil, err
    end
    local seconds
    seconds, err = time_of(job)
    local bars = job.info.bars
    runner.release(job)
    if not seconds then
        return nil, err
    end
    return { name, seconds, bars / seconds }
end

local function optimizer_row(bundle)
    local opt = require "backlua.optimization"
    local started = C.bt_clock_seconds()
    local text = HANDLES:gsub("n = 20 ", "n = ctx.params.n ")
        :gsub("local s = {}", "local s = { params = { n = 20 } }", 1)
    local space = opt.ParameterSpace { opt.DiscreteParameter { name = "n", min_value = 5,
        max_value = 204 } }
    local results, err = opt.ParallelOptimizer { space, strategy = text, bundle = bundle }:run()
    if not results then
        return nil, err
    end
    local seconds = C.bt_clock_seconds() - started
    return { ("grid of %d trials, %d worker%s"):format(#results.trials, results.stats.workers,
        results.stats.workers == 1 and "" or "s"), seconds, #results.trials / seconds, "trials" }
end

local function make_market(folder)
    local config = ffi.new("bt_synthetic_config", { bundle = "bench", folder = folder,
        preset = "mag7", seed = 7, full = 1 })
    local status = C.bt_synthetic(config, ffi.new "char[65]")
    return status ~= C.BT_OK and errors.native(status) or nil
end

local function measure(folder)
    local err = make_market(folder)
    if err then
        return nil, err
    end
    local bundle, rows = folder .. "/bench", {}
    for i, make in ipairs {
        function() return strategy_row("indicators, 25 years of 8 symbols", HANDLES, bundle) end,
        function() return strategy_row("windows, 25 years of 8 symbols", WINDOWS, bundle) end,
        function() return optimizer_row(bundle) end,
    } do
        rows[i], err = make()
        if err then
            return nil, err
        end
    end
    return rows
end

local function as_text(rows)
    local cells = {}
    for i, row in ipairs(rows) do
        cells[i] = { row[1], number.seconds(row[2]), number.count(row[3]) .. " "
            .. (row[4] or "bars") .. "/s" }
    end
    return require "backlua.text.table"({ {}, { right = true }, { right = true } }, cells)
end

local function value_of(rows)
    local json, list = require "backlua.text.json", {}
    for i, row in ipairs(rows) do
        list[i] = { name = row[1], seconds = row[2], per_second = row[3], unit = row[4] or "bars" }
    end
    return json.array(list)
end

-- Run with parsed values; exit code, or nil and a failure.
function command.run(args)
    local out = ffi.new "char[4096]"
    if C.bt_scratch_folder(out) ~= C.BT_OK then
        return nil, errors.native()
    end
    local folder = ffi.string(out)
    local rows, err = measure(folder)
    C.bt_folder_remove(folder)
    if not rows then
        return nil, err
    end
    if form.asked(args) then
        form.write(args, value_of(rows))
    else
        output.write(as_text(rows))
    end
    return 0
end

return command
