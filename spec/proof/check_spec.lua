-- The verdict of `backlua check`, its forms, and that every example passes.

local bundles = require "spec.support.bundles"
local child = require "spec.support.child"
local json = require "backlua.json"

-- Examples that are strategies: file, the bundle they are for, and the words that make it.
local function strategies()
    local list = {}
    for path in io.popen "ls examples/*.lua":lines() do
        local text = child.read(path)
        local bundle = text:match("%-%-     backlua run " .. path:gsub("%p", "%%%0")
            .. "[^\n]* %-b (%S+)")
        if bundle and not path:find "%.best%." then
            list[#list + 1] = { path = path, bundle = bundle,
                made_by = text:match "%-%-     backlua (ingest [^\n]+)" }
        end
    end
    return list
end

describe("the check", function()
    local env, folder

    setup(function()
        env = { BACKLUA_BUNDLES = bundles.folder("demo", 8) }
        folder = child.scratch()
    end)
    teardown(child.clean)

    local function check(text, ...)
        child.write(folder .. "/s.lua", text)
        return child.run { "check", folder .. "/s.lua", "-b", "demo", "-s", "2023-01-01",
            "--instants", "2", "--quiet", env = env, ... }
    end

    it("passes every example", function()
        local list = strategies()
        assert.is_true(#list >= 8)
        for _, example in ipairs(list) do
            local words = { env = env }
            for word in (example.made_by or ""):gmatch "%S+" do
                words[#words + 1] = word
            end
            assert.equal(0, example.made_by and child.run(words).code or 0, example.path)
            words = { "check", example.path, "-b", example.bundle, "--instants", "3", "--quiet",
                env = env }
            if example.bundle == "demo" then
                words[#words + 1], words[#words + 2] = "-s", "2023-06-01"
            end
            local r = child.run(words)
            assert.same({ 0, "" }, { r.code, r.err }, example.path .. "\n" .. r.out)
            assert.truthy(r.out:find("It sees no future and repeats itself", 1, true), r.out)
            assert.is_nil(r.out:find("In its text", 1, true), r.out)
        end
    end)

    it("names globals that nothing declares, with the nearest name", function()
        local r = check("function handle_data(ctx)\n  local n = maths and 1 or 0\n"
            .. "  ctx:order_target('AAPL', n)\nend")
        assert.equal(0, r.code)
        assert.truthy(r.out:find("s.lua:2: global 'maths' is declared nowhere: it is nil; "
            .. "did you mean 'math'?", 1, true), r.out)
    end)

    it("names a parameter that is nearly one of the strategy's", function()
        local r = check("local s = { params = { stop_loss = 0.1 } }\nfunction s.handle_data(ctx)\n"
            .. "  local own = ctx.params.verbose\n  ctx:order('AAPL', own and 2 or 1, "
            .. "{ stop_loss = ctx.params.stop_los })\nend\nreturn s")
        assert.equal(0, r.code, r.err)
        assert.truthy(r.out:find("s.lua:4: params.stop_los is no parameter: it is nil; did you "
            .. "mean 'stop_loss'?\n", 1, true), r.out)
        assert.is_nil(r.out:find("verbose", 1, true), r.out)
    end)

    it("says so when there is nothing to ask", function()
        local r = check "function handle_data() end"
        assert.equal(0, r.code)
        assert.truthy(r.out:find("later bars removed +nothing to ask"), r.out)
    end)

    it("sees whether the future makes a run fail", function()
        local r = check [[
            local kept = {}
            function initialize(ctx)
                ctx.n = 0
                ctx:indicator(function(bars)
                    if #kept == 0 then kept = bars.close:totable() end
                    return bars.close
                end, "AAPL")
            end
            function handle_data(ctx)
                ctx.n = ctx.n + 1
                ctx:record { ahead = kept[math.min(5820 + ctx.n, 6289)] + 1 }
            end
        ]]
        assert.equal(6, r.code)
        assert.truthy(r.out:find("It sees the future", 1, true), r.out)
    end)

    it("gives the verdict as JSON", function()
        local r = check("function handle_data(ctx) ctx:order('AAPL', 1) end", "--json")
        local verdict = json.decode(r.out)
        assert.equal(0, r.code)
        assert.is_true(verdict.ok)
        assert.equal(6, #verdict.checks)
        assert.equal(2, verdict.checks[4].runs)
        assert.equal(verdict.bars, verdict.decisions)
        assert.equal(64, #verdict.result_hash)
    end)

    it("takes parameters and leaves nothing behind", function()

        local tmp = child.scratch()
        child.write(folder .. "/s.lua", "local s = { params = { n = 3 } }\n"
            .. "function s.handle_data(ctx) ctx:order_target('AAPL', ctx.params.n) end\nreturn s")
        local r = child.run { "check", folder .. "/s.lua", "-b", "demo", "--param", "n=7",
            "-s", "2023-01-01", "--quiet",
            env = { BACKLUA_BUNDLES = env.BACKLUA_BUNDLES, TMPDIR = tmp } }
        assert.equal(0, r.code, r.out .. r.err)
        assert.equal("", io.popen("ls -A " .. tmp):read "*a")
    end)

    it("needs a strategy and a bundle, and names the nearest option", function()
        assert.equal(2, child.run { "check" }.code)
        local r = child.run { "check", "examples/01_sma_cross.lua", "-b", "dmo", env = env }
        assert.equal(3, r.code)
        assert.truthy(r.err:find("did you mean", 1, true), r.err)
        r = child.run { "check", "x.lua", "--instant", "3" }
        assert.truthy(r.err:find("did you mean '--instants'?", 1, true), r.err)
    end)
end)
