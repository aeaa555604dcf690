-- `backlua check` finds what is planted in spec/fixtures/leaks, and says at which line.

local bundles = require "spec.support.bundles"
local child = require "spec.support.child"

-- By file: the line of the decision (none: what differs is the account), and whether the leak needs
-- --unsafe. `differs`: it is a decision that does not come out again, and no look ahead.
local LEAKS = {
    kept_table = { line = 18 },
    weekly_early = { line = 18 },
    full_sample = { line = 15 },
    hindsight = { line = 18 },
    survivors = { line = 20 },
    last_bar = { line = 14 },
    limit_at_low = { line = 17 },
    own_slippage = {},
    own_commission = {},
    raw_pointer = { line = 7, unsafe = true },
    left_over = { line = 16, unsafe = true, differs = true },
    wall_clock = { line = 9, unsafe = true, differs = true, flag = "os.time: the wall clock" },
    random_seed = { line = 14, unsafe = true, differs = true, flag = "io: what it reads" },
    state_file = { line = 16, unsafe = true, differs = true, flag = "io: what it reads" },
    compiled = { line = 8, unsafe = true, differs = true,
        failing = { "interpreted, not compiled" } },
    memory_use = { line = 6, differs = true, flag = "collectgarbage: the amount" },
}

describe("a planted leak", function()
    local env

    setup(function()
        env = { BACKLUA_BUNDLES = bundles.folder("small", 2, 1500) }
    end)
    teardown(child.clean)

    for name, leak in pairs(LEAKS) do
        it(("is found: %s"):format(name), function()
            local path = ("spec/fixtures/leaks/%s.lua"):format(name)
            local r = child.run { "check", path, "-b", "small", "--instants", "4", "--quiet",
                leak.unsafe and "--unsafe" or "--no-color", env = env }
            assert.equal("", r.err)
            assert.equal(6, r.code, r.out)
            local where = leak.line and ("%s:%d\n"):format(path, leak.line)
                or "it differs\n    first run: equity "
            assert.truthy(r.out:find(where, 1, true), r.out)
            assert.truthy(r.out:find(leak.differs and "It does not repeat itself"
                or "It sees the future", 1, true), r.out)
            assert.truthy(r.out:find("at bar 20%d%d%-%d%d%-%d%dT"), r.out)
            assert.truthy(not leak.flag or r.out:find(leak.flag, 1, true), r.out)
            local failing = {}
            for title in r.out:gmatch "\n  (%l[%l, ]-)  +differs" do
                failing[#failing + 1] = title
            end
            assert.same(leak.failing or failing, failing)
        end)
    end

    it("is found: what this LuaJIT compiles to something else", function()
        if require "backlua.cli.probes".agrees "return 1 / math.ceil(-0.9 + i % 3 * 0)" then
            return pending "this LuaJIT compiles it right"
        end
        local r = child.run { "check", "spec/fixtures/leaks/miscompiled.lua", "-b", "small",
            "--instants", "1", "--quiet", env = env }
        assert.equal(6, r.code, r.out)
        assert.truthy(r.out:find("\n  interpreted, not compiled +differs\n"), r.out)
        assert.truthy(r.out:find("miscompiled.lua:11\n", 1, true), r.out)
    end)

    it("that the sandbox has no way for ends the run with the line", function()
        local folder = child.scratch()
        for text, said in pairs {
            ["function handle_data(ctx)\n  if os.time() then ctx:order('AAPL', 1) end\nend"] =
                "s.lua:2: ",
            ["function handle_data(ctx, data)\n  local c = data:history('AAPL', 'close', 3, nil,"
                .. " 'array')\n  ctx:order('AAPL', c[4])\nend"] = "s.lua:3: view: index 4",
            ["function initialize(ctx)\n ctx:indicator(function(b)\n  local t = b.close:totable()\n"
                .. "  table.insert(t, t[#t]) table.remove(t, 1)\n  return t end, 'AAPL')\nend"] =
                "the function looks ahead",
        } do
            child.write(folder .. "/s.lua", text)
            local r = child.run { "check", folder .. "/s.lua", "-b", "small", env = env }
            assert.equal(1, r.code, r.out .. r.err)
            assert.truthy(r.err:find(said, 1, true), r.err)
        end
    end)
end)
