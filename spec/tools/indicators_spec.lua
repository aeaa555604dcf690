-- The page of all indicators is made of what they say of themselves.

local child = require "spec.support.child"
local ta = require "backlua.ta"

describe("the page of indicators", function()
    teardown(child.clean)

    it("has a row for each, with parameters, outputs and source", function()
        local folder = child.scratch()
        local r = child.run { child.root .. "/engine/tools/indicators.lua", folder .. "/page.md" }
        assert.equal(0, r.code, r.err)
        local page = child.read(folder .. "/page.md")
        for _, name in ipairs(ta.names()) do
            local row = page:match("\n(| `" .. name .. "` |[^\n]*)\n")
            assert.truthy(row, name)
            local info = ta.info(name)
            for _, p in ipairs(info.parameters) do
                assert.truthy(row:find("`" .. p.name .. "` = ", 1, true), row)
            end
            for _, output in ipairs(info.outputs) do
                assert.truthy(row:find("`" .. output .. "`", 1, true), row)
            end
            assert.truthy(row:find(info.source, 1, true), row)
        end
    end)
end)
