local native = require "backlua.ffi"
local ffi = require "ffi"

describe("the FFI gate", function()
    it("declares what the public header declares", function()
        assert.equal(100000, native.C.BT_HISTORY_MAX)
        assert.equal(4, ffi.sizeof "int32_t")
        assert.is_true(ffi.sizeof "bt_view" >= 2 * ffi.sizeof "void *" + 4)
    end)

    it("hides the pointer of a view behind 128 random bits", function()
        local name = native.hidden.data
        assert.matches("^_" .. ("%x"):rep(32) .. "_data$", name)
        assert.is_truthy(ffi.offsetof("bt_view", name))
        assert.is_nil(ffi.offsetof("bt_view", "hidden_data"))
    end)

    it("raises for a hidden field that does not exist", function()
        assert.has_error(function()
            return native.hidden.dta
        end, "backlua.ffi: no hidden field 'dta' in backlua.h")
    end)

    it("gives the same gate when it is loaded again", function()
        package.loaded["backlua.ffi"] = nil
        assert.equal(native, require "backlua.ffi")
    end)
end)
