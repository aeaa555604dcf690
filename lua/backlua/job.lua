-- Jobs: the options of a backtest checked, its strategy parsed, its bundle opened.

local ffi = require "ffi"
local conventions = require "backlua.conventions"
local costs = require "backlua.costs"
local errors = require "backlua.errors"
local options = require "backlua.options"
local strategy = require "backlua.strategy"
local C = require("backlua.ffi").C

local job_module = {}

local FILLS = {
    next_open = C.BT_FILL_NEXT_OPEN, next_close = C.BT_FILL_NEXT_CLOSE,
    same_close = C.BT_FILL_SAME_CLOSE,
}
local INTRABARS = {
    pessimistic = C.BT_INTRABAR_PESSIMISTIC, optimistic = C.BT_INTRABAR_OPTIMISTIC,
    ohlc = C.BT_INTRABAR_OHLC,
}
local POLICIES = { reduce = C.BT_INSUFFICIENT_REDUCE, reject = C.BT_INSUFFICIENT_REJECT }

local function check_leverage(value)
    if value ~= "unlimited" and (type(value) ~= "number" or value ~= value or value <= 0) then
        return "must be a number above 0 or \"unlimited\", got " .. tostring(value)
    end
end

local SPEC = {
    strategy = { required = true },
    bundle = { kind = "string", required = true },
    start_date = { kind = "string" },
    end_date = { kind = "string" },
    capital = { kind = "number", above = 0, max = 1e15, default = 100000 },
    fill = { kind = "string", choices = { "next_open", "next_close", "same_close" },
        default = "next_open" },
    commission = { kind = "table" },
    slippage = { kind = "table" },
    lot = { kind = "number", min = 1e-9, max = 1e9, default = 1 },
    intrabar = { kind = "string", choices = { "pessimistic", "optimistic", "ohlc" },
        default = "pessimistic" },
    on_insufficient = { kind = "string", choices = { "reduce", "reject" }, default = "reduce" },
    leverage = { check = check_leverage, default = 1 },
    long_only = { kind = "boolean", default = false },
    margin = { kind = "table" },
    capital_changes = { kind = "table" },
    seed = { kind = "integer", min = 0, max = 2 ^ 53, default = 1 },
    adjust = { kind = "string", choices = { "none", "splits", "all" }, default = "all" },
    delisting = { kind = "string", choices = { "close", "keep" }, default = "close" },
    close_at_end = { kind = "boolean", default = false },
    benchmark = { kind = "string" },
    history_start = { kind = "string", choices = { "nan", "error" }, default = "nan" },
    periods_per_year = { kind = "number", above = 0, max = 1e6 },
    risk_free = { kind = "number", above = -1, max = 10, default = 0 },
    convention = { kind = "string", choices = conventions, default = "own" },
    unsafe = { kind = "boolean", default = false },
}

job_module.options = SPEC

local bundle_out = ffi.new "bt_bundle *[1]"

local function acquire(name)
    local status = C.bt_bundle_acquire(name, bundle_out)
    if status ~= C.BT_OK then
        return nil, errors.native(status)
    end
    return bundle_out[0]
end

-- Facts of a bundle as Lua values: they outlive it.
local function describe(bundle)
    local info = ffi.new "bt_bundle_info"
    C.bt_bundle_get_info(bundle, info)
    return {
        name = ffi.string(info.name), path = ffi.string(info.path),
        frequency = ffi.string(info.frequency), sha256 = ffi.string(info.sha256),
        assets = info.assets, rows = info.rows, bars = info.bars,
        periods_per_year = info.periods_per_year,
        first_close = tonumber(info.first_close) / 1e6,
        last_close = tonumber(info.last_close) / 1e6,
    }
end

-- Symbols by id.
local function symbols_of(bundle, count)
    local symbols = {}
    for sid = 0, count - 1 do
        symbols[sid] = ffi.string(C.bt_bundle_symbol(bundle, sid))
    end
    return symbols
end

local function read_costs(job, values)
    for _, family in ipairs { "commission", "slippage" } do
        local model, message = costs.default(family), nil
        if values[family] then
            model, message = costs.read(family, values[family])
        end
        if not model then
            return errors.new("usage", family .. ": " .. message)
        end
        job[family] = model
        costs.write(family, model, job.config[family])
    end
end

local function fill_config(config, values)
    C.bt_run_config_init(config)
    config.capital, config.lot = values.capital, values.lot
    config.fill = FILLS[values.fill]
    config.intrabar = INTRABARS[values.intrabar]
    config.on_insufficient = POLICIES[values.on_insufficient]
    config.leverage = values.leverage == "unlimited" and math.huge or values.leverage
    config.long_only = values.long_only and 1 or 0
    config.adjust = C.bt_adjust_find(values.adjust)
    config.keep_delisted = values.delisting == "keep" and 1 or 0
    config.close_at_end = values.close_at_end and 1 or 0
    config.strict_start = values.history_start == "error" and 1 or 0
    config.periods_per_year = values.periods_per_year or 0
    config.risk_free = values.risk_free
    config.seed = values.seed
end

local function read_account(job, values)
    local account = require "backlua.account"
    if values.margin then
        local margin, message = options.read("margin", account.MARGIN, values.margin)
        local leverage = margin and values.leverage
        if margin and (margin.leverage or margin.initial) then
            leverage, message = account.leverage(margin)
        end
        if not leverage then
            return errors.new("usage", message)
        end
        account.write(margin, job.config.margin)
        job.config.leverage = leverage == "unlimited" and math.huge or leverage
        job.margin = margin
    end
    if values.capital_changes then
        local list, message = account.read_changes(values.capital_changes)
        if not list then
            return errors.new("usage", "capital_changes " .. message)
        end
        job.capital_changes = list
    end
end

-- A file is read now, a symbol looked for.
local function read_benchmark(job, values)
    local name, file = values.benchmark, require "backlua.benchmark_file"
    if not name then
        return nil
    elseif file.is_path(name) then
        local read, err = file.read(name)
        job.benchmark = read
        return err
    end
    local sid = C.bt_bundle_find(job.bundle, name)
    if sid < 0 then
        local names = {}
        for other = 0, #job.symbols do
            names[other + 1] = job.symbols[other]
        end
        return errors.new("name", ("benchmark: no symbol %s in bundle '%s'%s; a file's name ends in"
            .. " .csv"):format(require "backlua.text.quote"(name), job.info.name,
            require "backlua.text.nearest".hint(name, names)))
    end
    job.benchmark = { name = name, sid = sid }
end

local function set_span(config, bundle, values)
    local first, last = ffi.new "bt_time[1]", ffi.new "bt_time[1]"
    local status = C.bt_span(bundle, values.start_date, values.end_date, first, last)
    if status ~= C.BT_OK then
        return errors.native(status)
    end
    config.start, config["end"] = first[0], last[0]
end

-- A job from a table of options (SPEC above); nil, err when an option is wrong (code "usage"), the
-- strategy cannot be read ("usage", "io") or parsed ("strategy"), or the bundle is missing or
-- damaged ("data", "io").
--     strategy   a path, a source text, or a table of callbacks
--     bundle     name or path; NAME@HASH pins a version
--     start_date, end_date   texts; a date stands for its whole session
function job_module.prepare(given)
    local values, message = options.read("run", SPEC, given)
    if not values then
        return nil, errors.new("usage", message, { misuse = true })
    end
    local program, err = strategy.load(values.strategy)
    if not program then
        return nil, err
    end
    local bundle
    bundle, err = acquire(values.bundle)
    if not bundle then
        return nil, err
    end
    local job = {
        program = program, options = values, unsafe = values.unsafe, bundle = bundle,
        info = describe(bundle), config = ffi.new "bt_run_config",
    }
    job.symbols = symbols_of(bundle, job.info.assets)
    fill_config(job.config, values)
    err = read_costs(job, values) or read_account(job, values)
        or read_benchmark(job, values) or set_span(job.config, bundle, values)
    if err then
        C.bt_bundle_release(bundle)
        return nil, err
    end
    return job
end

-- The bundle for one run: the job's own, or with pooling off the same version opened anew; while
-- job.noise has a simulation above 0, that one's.
function job_module.bundle(job)
    if not job.bundle then
        return nil, errors.new("state", "the job was released")
    elseif job.noise and job.noise.simulation > 0 then
        return C.bt_noise_bundle(job.noise.pointer, job.noise.simulation)
    elseif C.bt_config_get().enable_bundle_pooling ~= 0 then
        return job.bundle
    end
    return acquire(job.info.path .. "@" .. job.info.sha256)
end

-- Give back what job_module.bundle gave; nil does nothing.
function job_module.unbundle(job, bundle)
    if bundle and bundle ~= job.bundle then
        C.bt_bundle_release(bundle)
    end
end

-- Facts of a bundle by name; nil, err.
function job_module.bundle_facts(name)
    local bundle, err = acquire(name)
    if not bundle then
        return nil, err
    end
    local facts = describe(bundle)
    facts.symbols = {}
    for sid, symbol in pairs(symbols_of(bundle, facts.assets)) do
        facts.symbols[sid + 1] = symbol
    end
    C.bt_bundle_release(bundle)
    return facts
end

-- Let go of the bundle. Results of the job stay valid.
function job_module.release(job)
    if job.bundle then
        C.bt_bundle_release(job.bundle)
        job.bundle = nil
    end
end

return job_module
