-- Pictures of text: sparklines, braille curves, heat maps. Expected pictures are drawn by hand.

local heat = require "backlua.text.heat"
local plot = require "backlua.text.plot"
local sparkline = require "backlua.text.sparkline"

local NAN = 0 / 0

local function lines_of(text)
    local list = {}
    for line in text:gmatch "([^\n]*)\n" do
        list[#list + 1] = line
    end
    return list
end

describe("a sparkline", function()
    it("has a block for each value, lowest to highest", function()
        assert.equal("▁▂▃▄▅▆▇█", sparkline { 0, 1, 2, 3, 4, 5, 6, 7 })
        assert.equal("█▁", sparkline { 10, -10 })
    end)

    it("takes the newest of the values that share a column", function()
        assert.equal("▁█", sparkline({ 9, 0, 5, 8 }, { width = 2 }))
    end)

    it("leaves a gap for what is not finite, and is flat for one value", function()
        assert.equal("▁ █ ", sparkline { 1, NAN, 2, math.huge })
        assert.equal("▄▄▄", sparkline { 5, 5, 5 })
        assert.equal("", sparkline {})
        assert.equal("  ", sparkline { NAN, NAN })
    end)
end)

describe("a braille curve", function()
    it("sets the dots of a rising line from the lower left to the upper right", function()
        -- 20 columns and 4 rows of dots: column x has row round(3 x / 19) from below, so columns
        -- 0..3 the lowest, 4..9 the second, 10..15 the third, 16..19 the highest; a character is
        -- two columns.
        assert.equal("3.00 ┤⣀⣀⠤⠤⠤⠒⠒⠒⠉⠉\n", plot({ 0, 1, 2, 3 }, { width = 10, height = 1 }))
    end)

    it("joins what jumps", function()
        -- The lowest of 8 rows of dots up to column 9; in column 10 all that are above it.
        local values = {}
        for i = 1, 20 do
            values[i] = i <= 10 and 0 or 1
        end
        assert.equal("1.00 ┤     ⡏⠉⠉⠉⠉\n0.00 ┤⣀⣀⣀⣀⣀⠇\n",
            plot(values, { width = 10, height = 2 }))
    end)

    it("keeps an extreme that one dot column shares with hundreds of values", function()
        local values = {}
        for i = 1, 10000 do
            values[i] = 0
        end
        values[5003] = 1
        local top = lines_of(plot(values, { width = 20, height = 4 }))[1]
        assert.truthy(top:find("[\226][\160-\163]"), top)
    end)

    it("labels its ends and dates", function()
        local lines = lines_of(plot({ 1000, 2500 }, { width = 30, height = 3,
            time = { 0, 86400 * 400 } }))
        assert.equal(4, #lines)
        assert.truthy(lines[1]:find("^2,500 ┤"))
        assert.truthy(lines[3]:find("^1,000 ┤"))
        assert.equal("       1970-01-01          1971-02-05", lines[4])
    end)

    it("has a gap where there are no values, and says when there are none", function()
        assert.equal("(no values)\n", plot({ NAN, NAN }, { width = 10 }))
        local line = lines_of(plot({ 1, NAN, NAN, NAN, 1 }, { width = 10, height = 1 }))[1]
        assert.truthy(line:find "┤[^ ]+ +[^ ]+$", line)
    end)

    it("names several curves", function()
        local text = plot({ { values = { 1, 2 }, name = "a" }, { values = { 2, 1 }, name = "b" } },
            { width = 10, height = 2 })
        assert.truthy(text:find("─ a   ─ b\n", 1, true))
        assert.is_nil(text:find "\27")
    end)
end)

describe("a heat map", function()
    local trials = {
        { params = { fast = 5, slow = 50 }, score = 0 },
        { params = { fast = 10, slow = 50 }, score = 9 },
        { params = { fast = 5, slow = 100 }, score = 4.5 },
        { params = { fast = 10, slow = 100 }, score = NAN },
    }

    it("is digits from worst to best, the best one marked", function()
        local lines = lines_of(heat.draw(heat.grid(trials, "fast", "slow"), { columns = 60 }))
        assert.same({
            "score: fast to the right, slow down",
            "     5 10",
            " 50  0*9",
            "100  5 ·",
            "0 is 0.0000, 9 is 9.0000   best 9.0000 at fast=10 slow=50",
        }, lines)
    end)

    it("turns round where lower is better", function()
        local map = heat.grid(trials, "fast", "slow", { lower_is_better = true })
        local lines = lines_of(heat.draw(map, { columns = 60 }))
        assert.equal(" 50 *9 0", lines[3])
        assert.equal("0 is 9.0000, 9 is 0.0000   best 0.0000 at fast=5 slow=50", lines[5])
    end)

    it("keeps the best of trials that share a cell", function()
        local map = heat.map("a", "b", { 1, 2 }, { 1 })
        heat.add(map, 1, 1, 3)
        heat.add(map, 1, 1, 7)
        heat.add(map, 1, 1, 5)
        assert.equal(7, map.score[1][1])
        assert.truthy(heat.draw(map, { columns = 40 }):find("\n1 *9 ·\n", 1, true))
    end)

    it("comes in blocks where the terminal is narrow", function()
        local map = heat.map("x", "y")
        for x = 1, 10 do
            heat.add(map, x, 1, x)
        end
        local text = heat.draw(map, { columns = 14 })
        for _, line in ipairs { "1  0 1 2 3 4", "1  5 6 7 8*9" } do
            assert.truthy(text:find("\n" .. line .. "\n", 1, true), text)
        end
    end)

    it("takes neighbours together where it must fit a height, marks the best", function()
        local map = heat.map("x", "y")
        for x = 1, 4 do
            for y = 1, 7 do
                heat.add(map, x, y, 10 * x + y)
            end
        end
        heat.add(map, 2, 6, 99)
        -- six lines hold three rows: of three values each, and one of the last
        assert.same({
            "score: x to the right, y down, a cell the best of up to 3",
            "   1 2 3 4",
            "1  0 1 2 3",
            "4  0*9 2 3",
            "7  0 1 2 4",
            "0 is 11.0000, 9 is 99.0000   best 99.0000 at x=2 y=6",
        }, lines_of(heat.draw(map, { columns = 60, rows = 6 })))
        -- ten lines hold all
        assert.equal(heat.draw(map, { columns = 60 }), heat.draw(map, { columns = 60, rows = 10 }))
        -- ten columns hold three cells: two runs of two values
        assert.same({
            "score: x to the right, y down, a cell the best of up to 2",
            "   1 3",
            "1  1 3",
        }, { unpack(lines_of(heat.draw(map, { columns = 10, rows = 10 })), 1, 3) })
        map.lower_is_better = true
        assert.equal("1 *9 8 7 6", lines_of(heat.draw(map, { columns = 60, rows = 6 }))[3])
    end)

    it("names the parameters there are", function()
        local map, message = heat.grid(trials, "fst", "slow")
        assert.is_nil(map)
        assert.equal("no parameter 'fst'; did you mean 'fast'?", message)
    end)
end)
