-- The synthetic market with splits and dividends: quoted as companies are, and the plain market's
-- path again once history is adjusted for both.

local backlua = require "backlua"
local child = require "spec.support.child"
local actions = require "spec.support.actions"

local folder

local function make(name, ...)
    local r = child.run { "ingest", "--synthetic", "mag7", "--seed", "7", "-b", name, ...,
        env = { BACKLUA_BUNDLES = folder } }
    assert.equal(0, r.code, r.err)
    return r.out:match "sha256 (%x+)"
end

-- Closes of a symbol on the last bar, in an adjustment.
local function closes(name, symbol, adjust, n)
    local list, row = nil, 0
    local function handle_data(_, data)
        row = row + 1
        if row == n then
            list = data:history(symbol, "close", n, "1d", "array", adjust):totable()
        end
    end
    assert(backlua.run { bundle = folder .. "/" .. name, strategy = { handle_data = handle_data } })
    return list
end

describe("the synthetic market with splits and dividends", function()
    setup(function()
        folder = child.scratch()
    end)
    teardown(child.clean)

    it("is the same every time, and the plain one does not know of it", function()
        local plain = make "plain"
        local one = make("one", "--with-actions")
        assert.equal(one, make("two", "--with-actions"))
        assert.not_equal(one, plain)
        assert.same({}, actions(folder .. "/plain"))
    end)

    it("has dividends of every other symbol each quarter, and splits of what gets dear", function()
        local kinds = {}
        for _, line in ipairs(actions(folder .. "/one")) do
            local symbol, kind, day, value, pay = line:match "(%S+) (%S+) (%S+) (%S+) ?(%S*)"
            local key = symbol .. " " .. kind
            kinds[key] = (kinds[key] or 0) + 1
            if kind == "dividend" then
                assert.truthy(({ ["02"] = 1, ["05"] = 1, ["08"] = 1, ["11"] = 1 })[day:sub(6, 7)])
                assert.is_true(pay > day and tonumber(value) > 0)
            else
                assert.is_true(value == "4" or value == "0.1")
            end
        end
        assert.equal(100, kinds["AAPL dividend"]) -- 25 years
        assert.is_nil(kinds["AMZN dividend"])
        assert.is_true(kinds["AAPL split"] > 0)
    end)

    it("gives the plain path back when it is adjusted", function()
        local n = 6289
        for _, symbol in ipairs { "AAPL", "AMZN", "NVDA" } do
            local plain, all = closes("plain", symbol, "none", n), closes("one", symbol, "all", n)
            local quoted, factor = closes("one", symbol, "none", n), all[n] / plain[n]
            local furthest = 0
            for i = 1, n do
                furthest = math.max(furthest, math.abs(all[i] / plain[i] / factor - 1))
                assert.is_true(quoted[i] < 700 and quoted[i] > 1)
            end
            -- prices are rounded to a ten-thousandth, the factor of a split is at most 1/4 each
            assert.is_true(furthest < 1e-3, symbol .. " " .. furthest)
            assert.is_true(math.abs(quoted[1] - plain[1]) < 1e-9)
        end
    end)

    it("may be of minutes, and only synthetic", function()
        make("minutes", "--with-actions", "--minutes", "40000", "--symbols", "1")
        assert.is_true(#actions(folder .. "/minutes") >= 1)
        local r = child.run { "ingest", "x.csv", "--with-actions", "-b", "x" }
        assert.equal(2, r.code)
        assert.truthy(r.err:find("--with-actions belongs to --synthetic", 1, true), r.err)
    end)
end)
