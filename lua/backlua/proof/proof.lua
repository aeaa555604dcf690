-- Does a strategy see the future, and does it repeat itself?
--
--     local verdict, err = proof.of(job, params, { instants = 8, progress = f(done, total) })
--
-- The first run is traced (trace.lua). Then the same is run again: in this process; in a new one;
-- interpreted; and on bundles that know nothing of what follows after some bars (instants.lua), in
-- three ways (bt_bundle_cut). Decisions up to each must be the same to the bit, and so must the
-- account's worth at every close (closes.lua). All but the second run are processes of their own
-- (rerun.lua), as many at a time as there are cores.
--
-- verdict: { checks = array of { name, title, ok, runs, difference or nil, error or nil, row },
--            decisions, bars, instants = array of rows, flags = array, ok }
-- A difference: { row, time, base, other, failed, line, file }: what was decided in the first run
-- (base) and in the other one, or how that failed.

local ffi = require "ffi"
local closes = require "backlua.proof.closes"
local compare = require "backlua.proof.compare"
local errors = require "backlua.errors"
local json = require "backlua.json"
local runner = require "backlua.run"
local trace = require "backlua.proof.trace"
local C = require("backlua.ffi").C

local proof = {}

local function nothing()
end

-- ---- runs in this process ----------------------------------------------------------------------

local function first_run(job, params)
    local list = {}
    local result, err = trace.during(function(decision)
        list[#list + 1] = decision
    end, function()
        return runner.execute(job, params, { print = nothing })
    end)
    return result, err or list, list
end

-- It also fills a list of closes.
local function second_run(job, params, base, hash, worth)
    local both = compare.new(base, math.huge)
    local result, err = trace.during(both.tell, function()
        return runner.execute(job, params, { print = nothing, watch = closes.gather(worth) })
    end)
    if err and err.code == "interrupt" then
        return nil, err
    end
    return { name = "again", runs = 1, difference = both.difference(err),
        hash = result and result.hash, base_hash = hash }
end

-- ---- runs in others ----------------------------------------------------------------------------

local function quote(word)
    return "'" .. word:gsub("'", "'\\''") .. "'"
end

local function program_path()
    local out = ffi.new "char[4096]"
    return C.bt_path_real("/proc/self/exe", out) == C.BT_OK and ffi.string(out) or "backlua"
end

local function start(program, folder, mode, row)
    local words = { "XDG_CACHE_HOME=" .. quote(folder .. "/cache"), "exec", quote(program),
        "--quiet -e", quote 'require "backlua.proof.rerun"(...)', quote(folder), mode,
        row or "all" }
    return { mode = mode, row = row, pipe = assert(io.popen(table.concat(words, " "), "r")) }
end

local function finish(child)
    local text = child.pipe:read "*a"
    child.pipe:close()
    local answer = json.decode(text)
    if type(answer) ~= "table" then
        answer = { error = "the process of a run ended early" }
    end
    if child.row and C.bt_folder_remove(child.folder) ~= C.BT_OK then
        answer.error = answer.error or ffi.string(C.bt_error_message())
    end
    return answer
end

-- Run the jobs ({ mode, row }), several at a time; each(job, answer) in their order.
local function run_all(jobs, folder, each)
    local program, running, started = program_path(), {}, 0
    local room = C.bt_crew_default() + 1
    for i = 1, #jobs do
        while started < #jobs and started < i - 1 + room do
            started = started + 1
            local child = start(program, folder, jobs[started].mode, jobs[started].row)
            child.folder = ("%s/%s%s"):format(folder, child.mode, child.row or "")
            running[started] = child
        end
        each(jobs[i], finish(running[i]))
        running[i] = nil
    end
end

-- ---- all of it ---------------------------------------------------------------------------------

local MODES = {
    { "process", "in a new process", "again" },
    { "interpreter", "interpreted, not compiled", "interpreted" },
    { "cut", "later bars removed", "cut" },
    { "empty", "later bars empty", "empty" },
    { "other", "later bars at other prices", "other" },
}

local function write_files(job, params, base, worth, folder)
    local given = {}
    for key, value in pairs(job.options) do
        given[key] = value
    end
    given.bundle = job.info.path .. "@" .. job.info.sha256
    local files = { ["job.json"] = json.encode { options = given, params = params },
        trace = trace.encode(base), closes = closes.encode(worth) }
    for name, text in pairs(files) do
        local path = folder .. "/" .. name
        if C.bt_file_write(path, text, #text, C.BT_WRITE_CACHED) ~= C.BT_OK then
            return errors.native()
        end
    end
end

local function jobs_for(rows)
    local jobs = { { mode = "again" }, { mode = "interpreted" } }
    for _, row in ipairs(rows) do
        for _, mode in ipairs { "cut", "empty", "other" } do
            jobs[#jobs + 1] = { mode = mode, row = row }
        end
    end
    return jobs
end

-- Keep the earliest difference of a check.
local function note(check, answer)
    local found = answer.difference
    check.runs = check.runs + 1
    check.error = check.error or answer.error
    check.interrupted = check.interrupted or answer.interrupted
    check.hash = answer.hash or check.hash
    if found and (not check.difference or (found.row or 0) < (check.difference.row or 0)) then
        check.difference = found
    end
end

local function other_runs(verdict, folder, progress)
    local by_mode, jobs, done = {}, jobs_for(verdict.instants), 0
    for _, mode in ipairs(MODES) do
        local check = { name = mode[1], title = mode[2], runs = 0, base_hash = verdict.hash }
        by_mode[mode[3]] = check
        table.insert(verdict.checks, check)
    end
    run_all(jobs, folder, function(job, answer)
        note(by_mode[job.mode], answer)
        done = done + 1
        progress(done, #jobs)
    end)
end

local function judge(verdict)
    verdict.ok = true
    for _, check in ipairs(verdict.checks) do
        local same = not check.hash or check.hash == check.base_hash
        check.ok = not check.difference and not check.error and same
        verdict.ok = verdict.ok and check.ok
        verdict.error = verdict.error or check.error
        verdict.interrupted = verdict.interrupted or check.interrupted
    end
    return verdict
end

local function flags_of(job)
    local space = require "backlua.sandbox".new(job.program, { unsafe = job.unsafe })
    return require "backlua.proof.flags".of(job.program, space.env, job.unsafe,
        runner.defaults(job) or {})
end

local function last_row(job, result)
    local last = result.equity.time[-1]
    local low, high = 0, job.info.rows - 1 -- the first row whose session is not before it
    while low < high do
        local middle = math.floor((low + high) / 2)
        if C.bt_bundle_session(job.bundle, middle) + 86400 <= last then
            low = middle + 1
        else
            high = middle
        end
    end
    return low
end

-- The verdict on a job (run.lua) under parameters; nil and a failure when its first run fails or
-- the system does. options: { instants, progress }.
function proof.of(job, params, options)
    local result, err, base = first_run(job, params)
    if not result then
        return nil, err
    end
    local verdict = {
        checks = {}, decisions = #base, bars = result.bars, hash = result.hash,
        first = result.equity.time[1], last = result.equity.time[-1], flags = flags_of(job),
        instants = require "backlua.proof.instants"(base, options.instants,
            last_row(job, result)),
    }
    local worth = {}
    local again, problem = second_run(job, params, base, result.hash, worth)
    if not again then
        return nil, problem
    end
    again.title = "again in this process"
    verdict.checks[1] = again
    local out = ffi.new "char[4096]"
    if C.bt_scratch_folder(out) ~= C.BT_OK then
        return nil, errors.native()
    end
    local folder = ffi.string(out)
    err = write_files(job, params, base, worth, folder)
    if not err then
        other_runs(verdict, folder, options.progress or nothing)
    end
    C.bt_folder_remove(folder)
    if err then
        return nil, err
    end
    return judge(verdict)
end

return proof
