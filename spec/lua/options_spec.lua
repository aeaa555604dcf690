local options = require "backlua.options"

local SPEC = {
    capital = { kind = "number", above = 0, default = 100 },
    points = { kind = "integer", min = 2, max = 10 },
    fill = { kind = "string", choices = { "next_open", "next_close" } },
    share = { kind = "number", min = 0, below = 1 },
    name = { kind = "string", required = true },
    odd = { check = function(v) return v ~= 1 and "must be one" or nil end },
}

local function refused(given)
    given.name = given.name or "x"
    local values, message = options.read("run", SPEC, given)
    assert.is_nil(values)
    return message
end

describe("options", function()
    it("fills in defaults and leaves the given table alone", function()
        local given = { name = "x", points = 3 }
        assert.same({ name = "x", points = 3, capital = 100 }, options.read("run", SPEC, given))
        assert.same({ name = "x", points = 3 }, given)
    end)

    it("names an unknown key and the nearest known one", function()
        assert.equal("run: unknown option 'captial'; did you mean 'capital'?",
            refused { captial = 1 })
        assert.truthy(refused { zzz = 1 }:find("it takes capital, fill, name, odd, points, share",
            1, true))
        assert.truthy(refused { 5 }:find "unknown option 1")
    end)

    it("names value and limits", function()
        assert.equal("run: capital must be a number above 0, got 0", refused { capital = 0 })
        assert.equal("run: capital must be a number above 0, got 'x'", refused { capital = "x" })
        assert.equal("run: points must be an integer at least 2 and at most 10, got 11",
            refused { points = 11 })
        assert.equal("run: points must be an integer at least 2 and at most 10, got 2.5",
            refused { points = 2.5 })
        assert.equal("run: share must be a number at least 0 and below 1, got 1",
            refused { share = 1 })
        assert.equal("run: fill must be one of next_open, next_close, got 'next_opne'; "
            .. "did you mean 'next_open'?", refused { fill = "next_opne" })
        assert.equal("run: odd must be one", refused { odd = 2 })
    end)

    it("takes NaN for no number in any range", function()
        assert.truthy(refused { capital = 0 / 0 }:find "capital must be")
        assert.truthy(refused { share = 0 / 0 }:find "share must be")
        assert.truthy(refused { points = 0 / 0 }:find "points must be")
    end)

    it("wants what is required, and a table", function()
        local _, message = options.read("run", SPEC, {})
        assert.equal("run: name is required", message)
        _, message = options.read("run", SPEC, "x")
        assert.equal("run: options must be a table, got 'x'", message)
    end)

    it("raises at the line of the caller of the function that checks", function()
        local function constructor(given)
            local values = options.check("thing", SPEC, given)
            return values
        end
        local line = debug.getinfo(1, "l").currentline + 1
        local _, message = pcall(function() constructor { name = "x", pionts = 2 } end)
        assert.truthy(message:find("options_spec.lua:" .. line .. ": thing: unknown option", 1,
            true), message)
    end)
end)
