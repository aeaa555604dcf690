-- The page about results that are not computed again.

local ffi = require "ffi"
local number = require "backlua.text.number"
local paragraph = require "backlua.text.paragraph"
local C = require("backlua.ffi").C

local RUNS = [[A run over %s asset-bars or more (assets times bars) keeps its result in %s/results.
An identical one takes it from there: it says "cached" on stderr, and --json has "cached": true. All
else is the same: numbers, texts, the result hash, what the strategy printed. The form of the output
does not matter: --json, --why and --metrics all come from one result.]]

local IDENTICAL = [[Identical: the texts of the strategy and of the files that it requires, its
parameters, the content of the bundle, the dates and all other options, and the build of the
program. There is nothing to refresh.]]

local ANEW = [[Computed anew, and not kept: with --no-cache, --profile or --unsafe; while caching is
off (BACKLUA_ENABLE_CACHING, enable_caching); a strategy that has analyze, costs that are functions,
or more than 64 KiB of prints, or that required a module which is not there; a result larger than a
column of its bars, as of one asset over minutes.]]

local DISK = [[The folder holds 256 results and cache_size_gb at most; those not used for the
longest go first. It may be removed at any time. A damaged file is noticed, and its result
computed.]]

local STUDIES = [[A trial of a study is taken from an earlier study with the same inputs; what that
comes to is printed as "cached" among the trials. There, too, --no-cache computes all.]]

local place = ffi.new "char[4096]"

-- Text of the page in lines of so many columns.
return function(columns)
    local known = C.bt_place(C.BT_PLACE_CACHE, "", place) == C.BT_OK
    local runs = RUNS:format(number.count(require "backlua.cli.run".kept_from),
        known and ffi.string(place) or "the cache folder")
    local parts = {}
    for i, text in ipairs { runs, IDENTICAL, ANEW, DISK, STUDIES } do
        parts[i] = paragraph(text, columns)
    end
    return table.concat(parts, "\n")
end
