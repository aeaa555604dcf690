local datetime = require "backlua.datetime"

describe("a datetime", function()
    it("agrees with the system's calendar over four centuries", function()
        for i = 0, 3000 do
            local seconds = -5000000000 + i * 4321987
            local mine, theirs = datetime(seconds), os.date("!*t", seconds)
            for name in ("year month day hour min sec wday yday"):gmatch "%a+" do
                assert.equal(theirs[name], mine[name], name .. " of " .. seconds)
            end
        end
    end)

    it("prints as ISO 8601", function()
        assert.equal("2004-08-19T20:00:00Z", tostring(datetime(1092945600)))
        assert.equal("1969-12-31T23:59:59Z", tostring(datetime(-1)))
        assert.equal("2000-02-29T00:00:00Z", tostring(datetime(951782400)))
    end)
end)
