-- Options of orders are a table made by the strategy and read at once, by next(): compiled together
-- they kill one run in twenty where LuaJIT's fault is not mended (engine/host/next.c), depending on
-- where memory happens to be. So many runs have to live.

local bundles = require "spec.support.bundles"
local child = require "spec.support.child"

local RUNS = 40

describe("a strategy of orders with many options", function()
    teardown(child.clean)

    it("runs to its end wherever memory is, with one result", function()
        local data = bundles.folder("demo", 8)
        local r = child.run { "-c", ([[
            for i in $(seq %d); do
                BACKLUA_BUNDLES=%s %s run examples/13_brackets.lua -b demo -s 2015-01-02 \
                    --capital 50000 --lot 0.1 --no-save --quiet | sed -n 's/^ *result *//p'
            done | sort | uniq -c]]):format(RUNS, data, child.program), program = "sh" }
        assert.truthy(r.out:find("^ *" .. RUNS .. " %x+\n$"), r.out .. r.err)
    end)
end)
