local parameters = require "backlua.parameters"

describe("parameters", function()
    it("overrides defaults in a fresh table", function()
        local defaults = { fast = 20, slow = 100, list = { 1, 2 } }
        local values = parameters.effective(defaults, { fast = 5 })
        assert.same({ fast = 5, slow = 100, list = { 1, 2 } }, values)
        values.list[1], values.slow = 9, 1
        assert.same({ fast = 20, slow = 100, list = { 1, 2 } }, defaults)
        assert.same({}, parameters.effective(nil, nil))
    end)

    it("names an unknown parameter and the nearest one", function()
        local values, err = parameters.effective({ fast = 20, slow = 100 }, { fats = 12, zz = 1 })
        assert.is_nil(values)
        assert.equal("name", err.code)
        assert.equal("unknown parameter 'fats'; did you mean 'fast'?", err.message)
        local _
        _, err = parameters.effective({ fast = 20, slow = 100 }, { zz = 12 })
        assert.equal("unknown parameter 'zz'; it has fast, slow", err.message)
        _, err = parameters.effective(nil, { zz = 12 })
        assert.equal("unknown parameter 'zz'; it has none", err.message)
    end)

    it("has one canonical text: sorted names, shortest numbers, quoted strings", function()
        assert.equal('fast=20;mode="up";on=true;slow=0.1;x=1e+300',
            parameters.canonical { slow = 0.1, fast = 20, mode = "up", on = true, x = 1e300 })
        assert.equal('s="a\\"b\\\\c\\nd\\x01"', parameters.canonical { s = 'a"b\\c\nd\1' })
        assert.equal('t={[1]=5;[2]="x";k=false}', parameters.canonical {
            t = { 5, "x", k = false },
        })
        assert.equal("", parameters.canonical {})
    end)

    it("refuses values without a canonical text", function()
        assert.has_error(function() parameters.canonical { f = print } end,
            "params: numbers, strings, booleans and tables of these, got a function")
        local loop = {}
        loop.loop = loop
        assert.has_error(function() parameters.effective(loop) end)
    end)
end)
