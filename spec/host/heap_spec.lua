-- The heap of Lua begins in one block of 2 MiB, for which a large page is asked.

local child = require "spec.support.child"

local SHOW = [[
local text = io.open "/proc/self/smaps":read "*a"
local n = 0
for kilobytes, flags in text:gmatch "\nSize: +(%d+) kB.-\nVmFlags:([^\n]*)" do
    n = n + (flags:find " hg" and tonumber(kilobytes) or 0)
end
print(n)
local list = {}
for i = 1, 200 do list[i] = ("x"):rep(100000) .. i end -- well beyond it
list = nil
collectgarbage() collectgarbage()
for i = 1, 1e5 do list = { list } end
print(collectgarbage "count" > 3000)]]

-- Where /sys is not mounted nobody knows.
local function has_large_pages()
    local file = io.open "/sys/kernel/mm/transparent_hugepage/enabled"
    return file and file:close()
end

describe("the heap of Lua", function()
    it("asks for one large page, and goes on beyond it", function()
        local r = child.run { "-e", SHOW }
        assert.equal(0, r.code, r.err)
        local kilobytes, beyond = r.out:match "^(%d+)\n(%a+)\n$"
        assert.equal("true", beyond)
        if has_large_pages() then
            assert.equal("2048", kilobytes)
        end
    end)
end)
