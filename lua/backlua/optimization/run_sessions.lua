-- Sessions of a run: the bundle's that lie inside of it.

local ffi = require "ffi"
local errors = require "backlua.errors"
local date = require "backlua.text.date"
local C = require("backlua.ffi").C

local first_out, last_out = ffi.new "bt_time[1]", ffi.new "bt_time[1]"

-- Instants of a span of dates; nil, err.
local function instants(bundle, first, last)
    local status = C.bt_span(bundle, first, last, first_out, last_out)
    if status ~= C.BT_OK then
        return nil, errors.native(status)
    end
    return first_out[0], last_out[0]
end

-- Dates of the bundle's sessions in the job's run, which may begin or end inside of one;
-- and the first instant of each in unix seconds.
local function dates(job)
    local list, times, known = {}, {}, nil
    for row = 0, job.info.rows - 1 do
        local day = C.bt_bundle_session(job.bundle, row)
        if day ~= known then
            known = day
            local text = date.day(day)
            local from, to = instants(job.bundle, text, text)
            if from and to > job.config.start and from < job.config["end"] then
                times[#times + 1] = date.seconds(from)
                list[#list + 1] = text
            end
        end
    end
    return list, times
end

-- Of int64 values, which math.max does not take.
local function later(a, b)
    return a > b and a or b
end

local function earlier(a, b)
    return a < b and a or b
end

-- Instants of a span of dates inside the job's run, the end exclusive; nil, err.
local function span(job, first, last)
    local from, to = instants(job.bundle, first, last)
    if not from then
        return nil, to
    end
    return later(from, job.config.start), earlier(to, job.config["end"])
end

return { span = span, dates = dates }
