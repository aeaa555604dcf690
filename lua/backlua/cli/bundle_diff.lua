-- backlua bundle diff A B: counts of what came, went and changed, and the first examples.

local ffi = require "ffi"
local failure = require "backlua.cli.failure"
local form = require "backlua.cli.form"
local native = require "backlua.ffi"
local number = require "backlua.text.number"
local output = require "backlua.text.output"

local C = native.C

local KEYS = { "assets_added", "assets_removed", "fields_added", "fields_removed", "rows_added",
    "rows_removed", "bars_added", "bars_removed", "cells", "cells_changed", "facts_changed",
    "actions_added", "actions_removed" }

local function examples_of(d)
    local list = {}
    for line in ffi.string(d.examples):gmatch "[^\n]+" do
        list[#list + 1] = line
    end
    return list
end

local function value_of(d)
    local json = require "backlua.text.json"
    local entries = { { "same", d.same ~= 0 } }
    for i, key in ipairs(KEYS) do
        entries[i + 1] = { key, d[key] }
    end
    entries[#entries + 1] = { "examples", json.array(examples_of(d)) }
    return json.object(entries)
end

-- What came and went, by kind: the text and the keys without "_added".
local KINDS = { { "assets", "assets" }, { "own fields", "fields" }, { "times", "rows" },
    { "bars of assets in both", "bars" }, { "corporate actions", "actions" } }

local function as_text(args, d)
    if d.same ~= 0 then
        output.write(("%s and %s hold the same\n"):format(args.a, args.b))
        return
    end
    local rows = {}
    for i, kind in ipairs(KINDS) do
        rows[i] = { kind[1], "+" .. number.count(d[kind[2] .. "_added"]),
            "-" .. number.count(d[kind[2] .. "_removed"]) }
    end
    output.write(require "backlua.text.table"({ {}, { right = true }, { right = true } }, rows))
    output.write(("%s of %s values changed, facts of %s assets\n"):format(
        number.count(d.cells_changed), number.count(d.cells), number.count(d.facts_changed)))
    for _, line in ipairs(examples_of(d)) do
        output.write("  " .. line .. "\n")
    end
end

-- args: a, b, json, csv. Exit code, or nil and a failure.
return function(args)
    local d = ffi.new "bt_bundle_difference"
    local status = C.bt_bundle_diff(args.a, args.b, d)
    if status ~= C.BT_OK then
        return nil, failure.native(status)
    end
    if form.asked(args) then
        form.write(args, value_of(d))
    else
        as_text(args, d)
    end
    return 0
end
