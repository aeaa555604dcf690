-- What it takes to repeat a run, as a plain table for people and JSON. Nothing in it enters the
-- result hash.

local ffi = require "ffi"
local costs = require "backlua.costs"
local C = require("backlua.ffi").C

local function files_of(program)
    local files = require "backlua.text.json".array {} -- a list, also when empty
    for i, file in ipairs(program.files) do
        files[i] = { name = file.name, path = file.shown, sha256 = file.sha256 }
    end
    return files
end

-- "x64, SSE4.1 BMI2": what the compiler may use of this processor.
local function cpu_class()
    local flags = { jit.status() }
    local features = {}
    for i = 2, #flags do
        if flags[i]:find "^%u" then
            features[#features + 1] = flags[i]
        end
    end
    return jit.arch .. (#features > 0 and ", " .. table.concat(features, " ") or "")
end

local function time_text(time)
    local date = require "backlua.text.date"
    return date.time(date.seconds(time))
end

-- facts: { job, params, changed, benchmark, repeat_index, compiled = whether LuaJIT compiled,
-- rates = of the caches, nil for those of this process }; r: bt_result.
return function(facts, r)
    local job, changed = facts.job, facts.changed
    local values, program = job.options, job.program
    local function setting(name, value)
        if changed[name] ~= nil then
            return changed[name]
        end
        return value
    end
    local leverage = setting("leverage", values.leverage)
    return {
        strategy = {
            name = program.name, kind = program.kind, sha256 = program.sha256,
            files = files_of(program),
        },
        params = facts.params,
        bundle = { name = job.info.name, sha256 = job.info.sha256,
            frequency = job.info.frequency, pin = values.bundle:match "@(%x+)$" },
        start_date = values.start_date, end_date = values.end_date,
        first_bar = r.bars > 0 and time_text(r.times[0]) or nil,
        last_bar = r.bars > 0 and time_text(r.times[r.bars - 1]) or nil,
        capital = values.capital, fill = values.fill, lot = values.lot,
        commission = costs.describe(setting("commission", job.commission)),
        slippage = costs.describe(setting("slippage", job.slippage)),
        intrabar = setting("intrabar", values.intrabar),
        on_insufficient = values.on_insufficient,
        leverage = leverage == math.huge and "unlimited" or leverage,
        margin = setting("margin", job.margin), terms = changed.terms,
        capital_changes = job.capital_changes,
        long_only = setting("long_only", values.long_only),
        adjust = setting("adjust", values.adjust),
        delisting = setting("delisting", values.delisting),
        close_at_end = setting("close_at_end", values.close_at_end),
        benchmark = facts.benchmark, benchmark_sha256 = job.benchmark and job.benchmark.sha256,
        history_start = setting("history_start", values.history_start),
        periods_per_year = r.periods_per_year, risk_free = values.risk_free,
        convention = values.convention,
        seed = values.seed, repeat_index = facts.repeat_index,
        sandbox = not values.unsafe,
        cache = facts.rates or require "backlua.optimization.data_cache".rates(),
        engine = ffi.string(C.bt_version()), libraries = ffi.string(C.bt_build_info()),
        luajit = jit.version, jit = facts.compiled, cpu = cpu_class(),
    }
end
