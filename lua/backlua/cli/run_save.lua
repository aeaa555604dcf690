-- The summary of a run in the runs folder: manifest, metrics, result hash, and the texts of the
-- strategy as they were. With these the run can be done again, to the bit, whatever became of the
-- files since: that takes milliseconds, while all that a report shows would take megabytes.
--
-- Its name is the start of its own SHA-256, so the same run twice is one file, written once. It is
-- not synced to the disk: it can be made again, and two syncs would cost more than the run.

local ffi = require "ffi"
local C = require "backlua.ffi".C
local json = require "backlua.text.json"
local output = require "backlua.text.output"

local ID_DIGITS = 12

local function text_of(result, job)
    return json.encode(json.object {
        { "manifest", result.manifest },
        { "metrics", result.metrics },
        { "result_hash", result.hash },
        { "bundle_path", job.info.path },
        { "texts", require "backlua.strategy".texts(job.program) },
    }) .. "\n"
end

-- Whether a file holds a text and nothing else. Renaming a file over another has the system write
-- it out at once: what is there already is left.
local function says(path, text)
    local file = io.open(path, "rb")
    local there = file and file:read(#text + 1)
    if file then
        file:close()
    end
    return there == text
end

-- Save the result of a job; returns the run's id. A failure is one warning and nil: the result was
-- delivered. The file "last" beside it names the run.
return function(result, job)
    local text = text_of(result, job)
    local folder = ffi.new "char[4096]"
    local id = require "backlua.sha256"(text):sub(1, ID_DIGITS)
    local status = C.bt_home_folder("runs", folder)
    local path = ffi.string(folder) .. "/" .. id .. ".json"
    if status == C.BT_OK and C.bt_path_kind(path) == C.BT_PATH_NONE then
        status = C.bt_file_write(path, text, #text, C.BT_WRITE_CACHED)
    end
    local last = ffi.string(folder) .. "/last"
    if status == C.BT_OK and not says(last, id) then
        status = C.bt_file_write(last, id, #id, C.BT_WRITE_CACHED)
    end
    if status ~= C.BT_OK then
        output.warn("the run was not saved: " .. ffi.string(C.bt_error_message()))
        return nil
    end
    return id
end
