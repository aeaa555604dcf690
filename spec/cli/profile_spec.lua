local child = require "spec.support.child"
local bundles = require "spec.support.bundles"

local BUNDLES, FOLDER

local function run(text, ...)
    local path = FOLDER .. "/s.lua"
    child.write(path, text)
    return child.run { env = { BACKLUA_BUNDLES = BUNDLES }, "run", path, "-b", "demo", "--no-save",
        ... }
end

local COSTLY = [[
function initialize(ctx)
    ctx.asset, ctx.sum = ctx:symbols()[1], 0
end
function handle_data(ctx, data)
    for i = 1, 300 do
        ctx.sum = ctx.sum + math.sqrt(i) % 3
    end
    ctx.keep = function() return ctx.sum end
    if ctx.sum % 2 > 1.9 then ctx:order(ctx.asset, 1) end
end]]

local function holds(text, part)
    assert.truthy(text:find(part, 1, true), ("%q is not in\n%s"):format(part, text))
end

describe("backlua run --profile", function()
    local costly -- repeated until there are samples enough: once for all tests

    setup(function()
        BUNDLES, FOLDER = bundles.folder "demo", child.scratch()
        costly = run(COSTLY, "--profile")
    end)
    teardown(child.clean)

    it("charges the time to the lines that cost it", function()
        local r = costly
        assert.equal(0, r.code, r.err)
        assert.truthy(r.err:match "profile: %d+ runs? in [%d.]+ s, %d+ samples")
        -- the loop is lines 5 and 6
        local share = 0
        for percent in r.err:gmatch "([%d.]+) %%  s%.lua:[56] " do
            share = share + tonumber(percent)
        end
        -- a sanitizer makes the engine slow, not the compiled loop
        assert.is_true(share > (child.program:find "/asan/" and 20 or 50), r.err)
        holds(r.err, "(engine)")
        assert.is_true(r.err:find("for i = 1, 300 do", 1, true) ~= nil
            or r.err:find("ctx.sum = ctx.sum + math.sqrt(i) % 3", 1, true) ~= nil)
    end)

    it("names what is not compiled, and what helps", function()
        local r = costly
        holds(r.err, "not compiled:")
        assert.truthy(r.err:match "s%.lua:8 +NYI: bytecode FNEW %(%d+ x%): a function is made here")
        r = run("function handle_data(ctx) ctx.n = (ctx.n or 0) + 1 end", "--profile")
        holds(r.err, "not compiled: nothing that was tried")
    end)

    it("charges the library to the strategy's line, and nothing to initialize", function()
        local r = run([[
function initialize(ctx)
    ctx.list = {}
    for i = 1, 200 do ctx.list[i] = function() return i end end
end
function handle_data(ctx)
    for i = 1, 30 do
        ctx.sorted = { 3, i }
        table.sort(ctx.sorted)
    end
    for _ = 1, 30 do
        ctx.text = ("%s"):format(ctx.list)
    end
end]], "--profile")
        assert.equal(0, r.code, r.err)
        assert.is_nil(r.err:find "s%.lua:3 +NYI")
        holds(r.err, "leaves compiled code to call table.sort")
        assert.truthy(r.err:find "s%.lua:8 +leaves compiled code to call table.sort")
        assert.truthy(r.err:find "s%.lua:11 +[^\n]*: a call of the library does this")
    end)

    it("names a call whose results are all handed on", function()
        local r = run([[
local t = { 1, 2, 3 }
function handle_data(ctx)
    for _ = 1, 30 do
        ctx.top = math.max(unpack(t))
    end
end]], "--profile")
        assert.truthy(r.err:find "s%.lua:4 +leaves compiled code to call unpack %(%d+ x%): ")
    end)

    it("leaves the result what it is", function()
        local plain = run(COSTLY)
        assert.equal(plain.out:match "result +(%x+)", costly.out:match "result +(%x+)")
        assert.is_nil(plain.err:find "profile")
    end)

    it("warns when the compiler is off", function()
        local r = run("jit.off()\n" .. COSTLY, "--profile", "--unsafe", "-s", "2024-12-01")
        assert.equal(0, r.code, r.err)
        holds(r.err, "the compiler of LuaJIT is off")
        assert.is_nil(r.err:find "not compiled")
    end)

    it("prints what the strategy prints once", function()
        local r = run("function initialize() print(6 * 7 .. '!') end", "--profile")
        local _, count = r.err:gsub("42!", "")
        assert.equal(1, count)
    end)
end)
