-- A strategy once more, in a process of its own, on a bundle that knows nothing of what comes after
-- a row. The check (cli/check.lua) starts it as
--
--     backlua -e 'require "backlua.proof.rerun"(...)' FOLDER MODE ROW
--
-- FOLDER holds what the first run was told (job.json) and decided (trace), and what the account was
-- worth (closes). MODE is "again", "interpreted", or how what is later looks: "cut", "empty",
-- "other". One JSON object on stdout
-- says what differs: { same = true } or { difference = ..., hash = ... } or { error = ... }.

local ffi = require "ffi"
local closes = require "backlua.proof.closes"
local compare = require "backlua.proof.compare"
local errors = require "backlua.errors"
local json = require "backlua.json"
local runner = require "backlua.run"
local trace = require "backlua.proof.trace"
local C = require("backlua.ffi").C

local LATER = { cut = C.BT_LATER_CUT, empty = C.BT_LATER_EMPTY, other = C.BT_LATER_OTHER }
local TWO_DAYS = 2 * 86400

local function read(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read "*a"
    file:close()
    return text
end

local function nothing()
end

-- The bundle as it was at a row, in a folder of its own; its path and when its run may end.
local function cut(name, row, mode, folder)
    local out = ffi.new "bt_bundle *[1]"
    local status = C.bt_bundle_acquire(name, out)
    if status ~= C.BT_OK then
        return nil, errors.native(status)
    end
    local info = ffi.new "bt_bundle_info"
    C.bt_bundle_get_info(out[0], info)
    local path = ("%s/%s/%s"):format(folder, mode .. row, ffi.string(info.name))
    status = C.bt_bundle_cut(out[0], row, LATER[mode], folder .. "/" .. mode .. row)
    local stop = C.bt_bundle_session(out[0], row) + TWO_DAYS
    C.bt_bundle_release(out[0])
    if status ~= C.BT_OK then
        return nil, errors.native(status)
    end
    return path, stop
end

local function prepare(given, folder, mode, row)
    local job_options, stop = given.options, nil
    if LATER[mode] then
        local path
        path, stop = cut(job_options.bundle, row, mode, folder)
        if not path then
            return nil, stop
        end
        job_options.bundle, job_options.end_date = path, nil
    end
    local job, err = runner.prepare(job_options)
    if job and stop then
        job.config["end"] = math.min(tonumber(job.config["end"]), stop * 1e6)
    end
    return job, err
end

-- Of two differences the one that came first; of a bar, that of the decision, the second.
local function earlier(worth, decision)
    return worth and (not decision or worth.row < decision.row) and worth or decision
end

-- What differs from the first run: { same = true } and kin.
local function run(folder, mode, row)
    local given = json.decode(read(folder .. "/job.json"))
    local job, err = prepare(given, folder, mode, row)
    if not job then
        return { error = err.message }
    end
    local both = compare.new(trace.decode(read(folder .. "/trace")), row or math.huge)
    local worth = row and closes.compare(closes.decode(read(folder .. "/closes")), row)
    local result
    result, err = trace.during(both.tell, function()
        return runner.execute(job, given.params, { print = nothing,
            watch = worth and worth.watch })
    end)
    if err and err.code == "interrupt" then
        return { error = err.message, interrupted = true }
    end
    local difference = earlier(worth and worth.difference(), both.difference(err))
    local hash = not row and result and result.hash or nil
    return { same = not difference, difference = difference, hash = hash }
end

-- Arguments as they come from the command line.
return function(folder, mode, row)
    if mode == "interpreted" then
        jit.off()
    end
    io.write(json.encode(run(folder, mode, tonumber(row))), "\n")
end
