-- The result of an identical earlier run: kept in the cache folder, taken instead of running.
--
--     local key = kept.key(job, params)             -- nil: this run is never kept
--     local result = kept.recall(job, key)          -- nil: there is none; run, then
--     kept.keep(result, key, log)                   -- log: what the strategy printed
--
-- The key is of all that goes into a run: strategy, options, parameters, bundle, program, machine.
-- The files that the strategy requires are known only afterwards: they are listed in the entry, and
-- it is taken only when they are as they were.
--
-- Never kept is what may depend on more than that, or cannot be given back as it was: a run without
-- the sandbox, costs that are functions, a strategy with `analyze` (it has the result in its hands)
-- or one that asked for a module that is not there.

local ffi = require "ffi"
local native = require "backlua.ffi"
local parameters = require "backlua.parameters"
local result_module = require "backlua.result"
local sandbox = require "backlua.sandbox"
local strategy = require "backlua.strategy"
local buffer = require "string.buffer"

local C = native.C

local kept = {}

local LOG_MOST = 64 * 1024 -- bytes of prints that are kept
-- A result that is larger than a column of the bars it was made from (one asset over minutes) is
-- not kept: it would take as long to write as a good part of the run.
local BYTES_A_BAR = 8

-- ---- the key ---------------------------------------------------------------------------------

-- What decides how the program computes; nil where nobody can tell one build from another.
local function machine()
    local build = ffi.string(C.bt_build_id())
    local parts = { build, ffi.string(C.bt_build_info()), jit.version, jit.arch,
        select(2, jit.status()) }
    return build ~= "" and table.concat(parts, "\n") or nil
end

-- The run's options but for its inputs, which count by what is in them, and the parameters given.
local function given_text(job, params)
    local given = {}
    for name, value in pairs(job.options) do
        given[name] = value
    end
    given.strategy, given.bundle = nil, nil
    return parameters.canonical(given) .. "\0" .. parameters.canonical(params)
end

-- What a job and the parameters given to it are made from, as a key; nil when that cannot be told.
function kept.key(job, params)
    local program, built_on = job.program, machine()
    local ok, given = pcall(given_text, job, params) -- functions have no text
    if job.unsafe or not program.sha256 or not built_on or not ok then
        return nil
    end
    return require "backlua.sha256"(table.concat({
        program.kind, program.name, program.sha256, job.info.sha256, given,
        job.benchmark and job.benchmark.sha256 or "", built_on,
    }, "\0"))
end

-- ---- what a strategy prints ------------------------------------------------------------------

-- A log, and the print of a run that writes to it as well as to stderr.
function kept.log()
    local log = { size = 0 }
    return log, function(text)
        log.size = log.size + #text
        if log.size <= LOG_MOST then
            log[#log + 1] = text
        end
        sandbox.write(text)
    end
end

-- ---- out and in ------------------------------------------------------------------------------

local function can_be_kept(facts, log)
    return not facts.analyzes and not facts.job.program.missed and log.size <= LOG_MOST
end

local function files_of(program)
    local files = {}
    for i, file in ipairs(program.files) do
        files[i] = { name = file.name, sha256 = file.sha256 }
    end
    return files
end

-- Keep a result under its key with what was printed; nil, or a message why it could not be written.
function kept.keep(result, key, log)
    local struct, own = result_module.engine(result)
    local facts = own.facts
    if not can_be_kept(facts, log) then
        return nil
    end
    local ok, text = pcall(buffer.encode, { -- costs that are functions cannot be written
        files = files_of(facts.job.program), log = table.concat(log), params = facts.params,
        changed = facts.changed, benchmark = facts.benchmark, repeat_index = facts.repeat_index,
        compiled = facts.compiled, rates = result.manifest.cache,
    })
    local most = BYTES_A_BAR * struct.bars * facts.job.info.assets
    if ok and C.bt_result_keep(struct, key, text, #text, most) ~= C.BT_OK then
        return ffi.string(C.bt_error_message())
    end
end

local function is_same(program, file)
    local ok, now = pcall(strategy.file, program, file.name)
    return ok and now ~= nil and now.sha256 == file.sha256
end

-- Whether the required files are there as they were: then the program has them, as after a run;
-- else it has what it had.
local function same_files(program, files)
    local before, missed = #program.files, program.missed
    for _, file in ipairs(files) do
        if not is_same(program, file) then
            for i = #program.files, before + 1, -1 do
                program.files[i] = nil
            end
            program.missed = missed
            return false
        end
    end
    return true
end

local result_out, facts_out = ffi.new "bt_result *[1]", ffi.new "const char *[1]"
local length_out = ffi.new "int64_t[1]"

-- The result that was kept under a key, its prints written again; nil when there is none.
function kept.recall(job, key)
    if C.bt_result_recall(key, job.bundle, result_out, facts_out, length_out) ~= C.BT_OK then
        return nil
    end
    local told = buffer.decode(ffi.string(facts_out[0], length_out[0]))
    if not same_files(job.program, told.files) then
        C.bt_result_free(result_out[0])
        return nil
    end
    sandbox.write(told.log)
    return result_module.new(result_out[0], {
        job = job, params = told.params, changed = told.changed, benchmark = told.benchmark,
        repeat_index = told.repeat_index, compiled = told.compiled, rates = told.rates,
    })
end

return kept
