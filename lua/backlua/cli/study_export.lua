-- backlua study export NAME [-o FILE]: a whole study as one JSON object, or its trials as CSV.

local ffi = require "ffi"
local failure = require "backlua.cli.failure"
local native = require "backlua.ffi"
local number = require "backlua.text.number"
local output = require "backlua.text.output"

local C = native.C

local FORMATS = { json = true, csv = true }

local function format_of(args)
    local ending = (args.output or ""):match "%.(%w+)$"
    return args.format or args.json and "json" or args.csv and "csv"
        or FORMATS[ending] and ending or "json"
end

local function write(study, form, write_json, emit)
    if form == "csv" then
        require "backlua.cli.trial_csv".all(study, emit)
    else
        write_json(study, emit)
    end
end

-- args: output ("-" or nil: stdout), format ("json", "csv", nil: by the flags, the file's ending,
-- else JSON), json, csv.
-- write_json(study, emit) is the command's. Exit code, or nil and a failure.
return function(study, args, write_json)
    local path, form = args.output or "-", format_of(args)
    if path == "-" then
        write(study, form, write_json, output.write)
        return 0
    end
    local emit, gathered = require("backlua.cli.run_tables").gather()
    write(study, form, write_json, emit)
    local bytes, n = gathered()
    local status = C.bt_file_write(path, bytes, n, C.BT_WRITE_DURABLE)
    if status ~= C.BT_OK then
        return nil, failure.native(status)
    end
    output.note(("wrote %s: %s trials of study %s"):format(path,
        number.count(C.bt_study_count(study)), ffi.string(C.bt_study_name(study))))
    return 0
end
