-- A saved run done again from its manifest, for all that its summary does not hold.
--
-- The result hash has to be the one that was saved: a report never shows another run than the one
-- that it names. The same machinery runs the benchmark: the assets bought on the first bar and
-- held, without costs, over the same sessions.

local errors = require "backlua.errors"
local C = require("backlua.ffi").C

local again = {}

-- What the command line can set; the rest is the strategy's, which sets it again.
local SAME = { "start_date", "end_date", "capital", "fill", "lot", "adjust", "periods_per_year",
    "risk_free", "convention", "seed", "benchmark" }

-- Texts and path of the bundle, as a summary or `run --json` has them; {} in a file that has not.
local function source_of(saved)
    return saved.texts and saved or saved.manifest.source or {}
end

-- What runner.prepare takes as the strategy: the texts that were saved, or the file as it is.
local function strategy_of(saved)
    local strategy = require "backlua.strategy"
    local texts = source_of(saved).texts
    if texts then
        return strategy.restore(texts)
    end
    local manifest = saved.manifest.strategy
    if manifest.kind ~= "file" then
        return nil, errors.new("data", "the file does not hold the strategy, which was no file; "
            .. "`backlua report last` right after the run knows it")
    end
    local program, err = strategy.load(manifest.name)
    if not program then
        return nil, err
    elseif program.sha256 ~= manifest.sha256 then
        return nil, errors.new("reproduce", ("%s has changed since the run (its SHA-256 was %s...);"
            .. " restore it or run it again"):format(manifest.name, manifest.sha256:sub(1, 12)))
    end
    return manifest.name
end

-- Where the bundle was, else one of its name where bundles are now; of that version alone.
local function bundle_of(saved)
    local bundle, path = saved.manifest.bundle, source_of(saved).bundle_path
    local there = path and C.bt_path_kind(path) == C.BT_PATH_FOLDER
    return (there and path or bundle.name) .. "@" .. bundle.sha256
end

-- A failure to open it, with what a report needs it for.
local function without_bundle(saved, err)
    local bundle = saved.manifest.bundle
    return errors.new(err.code, ("%s\nA report runs the backtest again and needs bundle %s of "
        .. "sha256 %s: put it back, or name the folder it is in as BACKLUA_BUNDLES"):format(
            err.message, bundle.name, bundle.sha256:sub(1, 12)))
end

-- Options of the run as runner.prepare takes them.
local function options_of(saved)
    local options = {}
    for _, name in ipairs(SAME) do
        options[name] = saved.manifest[name]
    end
    options.bundle = bundle_of(saved)
    options.unsafe = saved.manifest.sandbox == false or nil
    return options
end

local function changed_hash(saved, hash)
    local engine = require("ffi").string(C.bt_version())
    local was = saved.manifest.engine
    return errors.new("reproduce", ("the run came out otherwise when it was repeated (%s, then "
        .. "%s)%s; run it again"):format(saved.result_hash:sub(1, 12), hash:sub(1, 12), was
        and was ~= engine and (": it was made by backlua %s, this is %s"):format(was, engine)
        or ": something outside of the strategy decides about it"))
end

local function quiet()
end

-- The run of a saved summary or `run --json` file: result, job; nil, err: "reproduce" when it does
-- not come out as it was. runner.release the job.
function again.run(saved)
    local runner = require "backlua.run"
    local strategy, err = strategy_of(saved)
    if not strategy then
        return nil, err
    end
    local options = options_of(saved)
    options.strategy = strategy
    local job, failure = runner.prepare(options)
    if not job then
        return nil, failure.code == "data" and without_bundle(saved, failure) or failure
    end
    local result
    result, err = runner.execute(job, saved.manifest.params or {}, { print = quiet })
    if result and result.hash ~= saved.result_hash then
        result, err = nil, changed_hash(saved, result.hash)
    end
    if not result then
        runner.release(job)
        return nil, err
    end
    return result, job
end

-- Fractions of units, so that small accounts hold all of it.
local LOT = 1e-6

local function holder(symbols, share)
    local commission, slippage = require "backlua.commission", require "backlua.slippage"
    return {
        initialize = function(ctx)
            ctx:set_commission(commission.none())
            ctx:set_slippage(slippage.none())
            ctx.todo = ctx:symbols(unpack(symbols))
        end,
        handle_data = function(ctx, data)
            local left = {}
            for _, asset in ipairs(ctx.todo) do
                if data:can_trade(asset) then
                    ctx:order_value(asset, share * ctx.portfolio.starting_cash)
                else
                    left[#left + 1] = asset
                end
            end
            ctx.todo = left
        end,
    }
end

-- Buy and hold of these symbols, equal shares of the capital: { name, value (per bar), start,
-- statistics, yearly, returns (of sessions) }, or nil, err.
-- saved: whose bundle, dates and capital; fill as there, so that both start on one bar.
function again.benchmark(saved, symbols)
    local options, manifest = {}, saved.manifest
    for _, name in ipairs { "start_date", "end_date", "capital", "fill", "periods_per_year",
        "risk_free", "convention" } do
        options[name] = manifest[name]
    end
    options.bundle, options.lot = bundle_of(saved), LOT
    options.strategy = holder(symbols, 1 / #symbols)
    options.unsafe = true
    local runner = require "backlua.run"
    local job, err = runner.prepare(options)
    if not job then
        return nil, err
    end
    local result
    result, err = runner.execute(job, {}, { print = quiet })
    runner.release(job)
    if not result then
        return nil, err
    end
    local name = #symbols == 1 and symbols[1] .. ", bought and held"
        or ("%d assets, bought and held in equal shares"):format(#symbols)
    return { name = name, value = result.equity.value, start = result.starting_cash,
        statistics = result.statistics, yearly = result.yearly, returns = result.daily.returns }
end

--- The benchmark that the run itself had, in the same form: { name, value (per bar, of the starting
-- cash), start, statistics, yearly, returns (of sessions) }; nil without one.
function again.own_benchmark(result)
    local own = result.benchmark
    if not own then
        return nil
    end
    local struct = require "backlua.result".engine(result)
    local unit, value = struct.benchmark_start, {}
    local days = require "backlua.result_statistics".days(struct, own.time)
    for i = 1, result.bars do
        unit = unit == unit and unit or own.value[i]
        value[i] = own.value[i] / unit * result.starting_cash
    end
    return { name = own.name, value = value, start = result.starting_cash,
        statistics = own.statistics, returns = own.returns,
        yearly = require "backlua.metrics".aggregate(days, own.returns, "year") }
end

return again
