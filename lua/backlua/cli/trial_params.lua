-- Names of the parameters that trials of a study have: those of one of them may be fewer, where a
-- parameter depends on another.

local ffi = require "ffi"
local C = require "backlua.ffi".C
local canonical = require "backlua.optimization.canonical"

-- Sorted names of all parameters of the trials at some positions (0-based) of a bt_study.
return function(study, positions)
    local t, all = ffi.new "bt_trial", {}
    for _, position in ipairs(positions) do
        C.bt_study_trial(study, position, t)
        for name in next, canonical(ffi.string(t.params)) do
            all[name] = true
        end
    end
    return require "backlua.sorted_keys"(all)
end
