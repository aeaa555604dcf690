-- PersistentWorkerPool { n_jobs = }

local ffi = require "ffi"
local class = require "backlua.optimization.class"
local options = require "backlua.options"
local C = require("backlua.ffi").C

local methods = {}
local pool_class = class.new("PersistentWorkerPool", methods)

local function check_jobs(value)
    if type(value) ~= "number" or value % 1 ~= 0 or value == 0 or value < -1
        or value > C.BT_CREW_MAX then
        return ("must be 1..%d, or -1 for all cores; got %s"):format(C.BT_CREW_MAX,
            class.shown(value))
    end
end

local SPEC = {
    n_jobs = { check = check_jobs }, processes = { check = check_jobs },
    initializer = { refused = "workers are forked with all that the script has; make things ready "
        .. "before the first run" },
    initargs = { refused = "workers are forked with all that the script has" },
    maxtasksperchild = { refused = "each trial begins with a state of its own, so workers need no "
        .. "replacing; those that die are" },
    context = { refused = "workers are always forked" },
}

-- Workers meant by n_jobs: nil for the default, -1 for one on each physical core.
local function jobs(n)
    if n == nil then
        return C.bt_crew_default()
    end
    return n > 0 and n or C.bt_crew_default() + 1
end

local out = ffi.new "bt_crew *[1]"

-- A crew of the engine, closed when it is collected.
local function open(n)
    if C.bt_crew_open(n, out) ~= C.BT_OK then
        error(ffi.string(C.bt_error_message()), 0)
    end
    return ffi.gc(out[0], C.bt_crew_close)
end

--- Workers that stay for several optimisations. They are forked when they are first needed; a
-- changed strategy, bundle or setting is picked up by forking anew.
-- @param given n_jobs (also by itself, also as processes): 1..1024, -1 for one on each physical
--   core; default: one less than that, at least 1
local function PersistentWorkerPool(given)
    local values = options.check("PersistentWorkerPool", SPEC,
        given ~= nil and class.named(given, "n_jobs") or {}, 2)
    if values.n_jobs and values.processes then
        error("PersistentWorkerPool: n_jobs and processes are one option; give one of them", 2)
    end
    local n = jobs(values.n_jobs or values.processes)
    return pool_class.new({ n_jobs = n }, { crew = open(n) })
end

-- The crew of a pool; nil when it is closed.
local function crew_of(pool)
    return pool_class.hidden(pool).crew
end

--- End the workers. The pool is not usable after it; closing twice does nothing.
function methods:close()
    local hidden = pool_class.hidden(self)
    if hidden.crew then
        C.bt_crew_close(ffi.gc(hidden.crew, nil))
        hidden.crew = nil
    end
end

-- terminate and join are words of Python's pools, of which the guide's engine made its own.

--- End the workers: the same as close, since no trial outlives the run that it belongs to.
function methods:terminate()
    methods.close(self)
end

--- Wait for the workers' end, which close has done: raises while the pool is open.
function methods:join()
    if crew_of(self) then
        error("PersistentWorkerPool: join waits for workers that were told to end; call close "
            .. "first", 2)
    end
end

--- End the workers; the next run forks new ones. What the pool has done so far is forgotten. Raises
-- once it is closed.
function methods:reset_workers()
    local hidden = pool_class.hidden(self)
    if not hidden.crew then
        error("PersistentWorkerPool: the pool is closed", 2)
    end
    methods.close(self)
    hidden.crew = open(self.n_jobs)
end

-- A place of the crew: what its workers have done.
local function worker_at(crew, place, into)
    C.bt_crew_get_worker(crew, place, into)
    return {
        pid = into.pid ~= 0 and into.pid or nil, total_tasks = into.jobs, forks = into.forks,
        respawns = into.respawns, worked_seconds = into.seconds,
        uptime_seconds = into.uptime_seconds,
    }
end

--- What the pool has done: batch_count (optimisations), total_tasks (trials computed),
-- average_tasks_per_batch, processes (alive now), forks, respawns, uptime_seconds; and workers, an
-- array with one entry for each place of the pool: pid (nil: nobody stands there), total_tasks,
-- worked_seconds, forks, respawns, uptime_seconds (of the present worker). Raises once it is
-- closed.
function methods:get_statistics()
    local crew = crew_of(self)
    if not crew then
        error("PersistentWorkerPool: the pool is closed", 2)
    end
    local stats = ffi.new "bt_crew_stats"
    C.bt_crew_get_stats(crew, stats)
    local workers, one = {}, ffi.new "bt_worker_stats"
    for place = 1, stats.capacity do
        workers[place] = worker_at(crew, place - 1, one)
    end
    return {
        batch_count = stats.batches, total_tasks = stats.jobs,
        average_tasks_per_batch = stats.batches > 0 and stats.jobs / stats.batches or 0,
        processes = stats.alive, forks = stats.forks, respawns = stats.respawns,
        uptime_seconds = stats.uptime_seconds, workers = workers,
    }
end

return {
    public = PersistentWorkerPool, is = pool_class.is, crew = crew_of, open = open, jobs = jobs,
    check_jobs = check_jobs,
}
