-- What workers of an optimisation may ask of the system, and that it is said.

local child = require "spec.support.child"
local study = require "spec.support.study"

-- A sanitizer's reports need calls that the fence would refuse.
local has_fence = not child.program:find "/asan/"

describe("the workers of an optimisation", function()
    local bed

    setup(function()
        bed = study.bed { slow = 10 }
    end)

    teardown(function()
        bed:close()
    end)

    it("have no system calls of their own", function()
        assert.equal(has_fence, bed:optimize({}).stats.fenced)
    end)

    it("have them under --unsafe", function()
        assert.is_false(bed:optimize({ "--unsafe" }).stats.fenced)
    end)

    it("have them without pooling, which is said", function()
        bed.env.BACKLUA_ENABLE_BUNDLE_POOLING = "0"
        local r = bed:run { "optimize", bed.home .. "/handle_config.lua" }
        bed.env.BACKLUA_ENABLE_BUNDLE_POOLING = nil
        assert.equal(0, r.code)
        assert.truthy(r.err:find("sandbox: workers are held by process limits only; bundle "
            .. "pooling is off", 1, true))
    end)
end)
