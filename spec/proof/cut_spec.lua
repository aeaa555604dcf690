-- A bundle as it was at a row: nothing earlier is other than it was, nothing later is as it was.

local ffi = require "ffi"
local C = require "backlua.ffi".C
local bar = require "spec.support.bar"
local market = require "spec.support.market"

local ROWS, ROW = 60, 19 -- counted from 0

local function closes(first, step)
    local list = {}
    for i = 1, ROWS do
        list[i] = i >= first and not (step == 1 and i == 8) and 100 + step * i
    end
    return list
end

market.daily("whole", {
    A = market.path(closes(1, 1)), B = market.path(closes(1, 2)), C = market.path(closes(40, 3)),
}, {
    { kind = "split", symbol = "A", day = 10, ratio = 2 },
    { kind = "split", symbol = "A", day = 30, ratio = 2 },
    { kind = "rename", symbol = "B", day = 50, old = "OLD" },
})

local function open(name)
    local out = ffi.new "bt_bundle *[1]"
    assert(C.bt_bundle_acquire(name, out) == C.BT_OK, ffi.string(C.bt_error_message()))
    return out[0]
end

local folder = market.folder .. "/cuts"

local function cut(later)
    local whole = open "whole"
    local to = ("%s/%d"):format(folder, later)
    assert.equal(C.BT_OK, C.bt_bundle_cut(whole, ROW, later, to))
    C.bt_bundle_release(whole)
    return to .. "/whole"
end

-- What a strategy sees at each bar: closes as they are adjusted then, by symbol.
local function seen(bundle)
    local rows = {}
    bar.each({ bundle = bundle }, function(_, data, i)
        local texts = {}
        for _, symbol in ipairs { "A", "B", "C" } do
            texts[#texts + 1] = tostring(data:history(symbol, "close", 12, "1d", "array"))
        end
        rows[i] = table.concat(texts, " ")
    end)
    return rows
end

local function actions(bundle)
    local list, names = ffi.new "const bt_action *[1]", {}
    local opened = open(bundle)
    for i = 0, C.bt_bundle_actions(opened, list) - 1 do
        names[#names + 1] = ffi.string(C.bt_action_name(list[0][i].kind)) .. list[0][i].row
    end
    C.bt_bundle_release(opened)
    table.sort(names)
    return table.concat(names, " ")
end

describe("a bundle cut at a row", function()
    teardown(market.clean)

    for name, later in pairs { cut = 0, empty = 1, other = 2 } do
        it("shows what was seen up to it, and no more: " .. name, function()
            local path = cut(later)
            assert.equal(C.BT_OK, C.bt_bundle_verify(path))
            local whole, part = seen "whole", seen(path)
            for i = 1, ROW + 1 do
                assert.equal(whole[i], part[i], "bar " .. i)
            end
            for i = ROW + 2, #part do
                assert.is_true(whole[i] ~= part[i], "bar " .. i)
            end
        end)
    end

    it("has the calendar of the near future, and of what is listed later", function()
        local info = ffi.new "bt_bundle_info"
        for later, rows in pairs { [0] = ROW + 1 + 40, [1] = ROWS, [2] = ROWS } do
            local opened = open(cut(later))
            C.bt_bundle_get_info(opened, info)
            assert.equal(math.min(rows, ROWS), info.rows)
            assert.equal(3, info.assets)
            C.bt_bundle_release(opened)
        end
    end)

    it("forgets splits that come later, and keeps old symbols", function()
        assert.equal("split29 split9 symbol49", actions "whole")
        assert.equal("split9 symbol49", actions(cut(0)))
    end)

    it("refuses rows and words that there are not", function()
        local whole = open "whole"
        for _, case in ipairs { { -1, 0 }, { ROWS, 0 }, { 0, 3 }, { 0, -1 } } do
            assert.equal(C.BT_E_RANGE, C.bt_bundle_cut(whole, case[1], case[2], folder))
        end
        C.bt_bundle_release(whole)
    end)
end)
