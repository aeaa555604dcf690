-- What went wrong in a search that came to something all the same: by state how many trials, and
-- the first of them with its message. Without this a mistake that only some parameters meet would
-- look like parameters that score nothing.

local ffi = require "ffi"
local C = require("backlua.ffi").C
local number = require "backlua.text.number"

local STATES = {
    { C.BT_TRIAL_FAILED, "Failed" },
    { C.BT_TRIAL_CRASHED, "Crashed" },
    { C.BT_TRIAL_TIMEOUT, "Timed out" },
}

-- By state its count and the first trial with its message.
local function gather(study)
    local found, t = {}, ffi.new "bt_trial"
    for i = 0, C.bt_study_count(study) - 1 do
        C.bt_study_trial(study, i, t)
        local entry = found[t.state] or { count = 0, trial = t.number,
            params = ffi.string(t.params), message = ffi.string(t.message):match "[^\n]*" }
        entry.count = entry.count + 1
        found[t.state] = entry
    end
    return found
end

-- Rows of a table, { word, text }: none when every trial ran. study: a bt_study.
return function(study)
    local rows, found = {}, gather(study)
    for _, state in ipairs(STATES) do
        local entry = found[state[1]]
        if entry then
            rows[#rows + 1] = { state[2], ("%s trial%s; trial %d {%s}: %s"):format(
                number.count(entry.count), entry.count == 1 and "" or "s", entry.trial,
                (entry.params:gsub(";", ", ")), entry.message) }
        end
    end
    return rows
end
