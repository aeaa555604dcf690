-- The words of the prompt where nobody types: -, -e, files, and the prompt itself behind a pipe.

local child = require "spec.support.child"

local run = child.run

local DIP = "function handle_data(ctx) ctx:order_target('X', 10) end\n"

describe("the words of the prompt", function()
    local folder

    setup(function()
        folder = child.scratch()
        child.write(folder .. "/dip.lua", DIP)
        child.write(folder .. "/words.lua", [[
            bars { X = { 10, 11, 12 } }
            print(run("dip.lua").bars, session("dip.lua"):step(2).bar)]])
    end)
    teardown(child.clean)

    it("work in a pipe", function()
        local r = run { "-", stdin = "bars { X = { 10, 11, 12 } } print(run('dip.lua').bars)",
            cwd = folder }
        assert.equal("", r.err)
        assert.equal("3\n", r.out)
    end)

    it("work in -e and in files", function()
        assert.equal("2\n", run { "-e", "print(#bars({ 1, 2 }):history('X'))" }.out)
        local r = run { "words.lua", cwd = folder }
        assert.equal("", r.err)
        assert.equal("3\t2\n", r.out)
    end)

    it("show an expression's values", function()
        assert.equal("3\n", run { "-", stdin = "1 + 2" }.out)
        assert.equal("{1, 2}\nx\n", run { "-e", "{1, 2}, 'x'" }.out)
        assert.equal(1, run { "-e", "1 +" }.code)
    end)

    it("give way to a script's own globals", function()
        assert.equal("mine\n", run { "-e", "run = 'mine' print(run)" }.out)
    end)

    it("take fractions as ranges of a grid, and refuse what is no range", function()
        child.write(folder .. "/two.lua", "params = { a = 1, b = 1 }\n" .. DIP)
        local function grid(range)
            return run { "-e", "bars { X = { 10, 11, 12 } } for _, t in ipairs(grid('two.lua', "
                .. "{ a = " .. range .. " }).trials) do print(t.params.a) end", cwd = folder }
        end
        assert.equal("0.1\n0.2\n0.3\n0.4\n", grid("{ 0.1, 0.4, 0.1 }").out)
        assert.equal("1\n3\n", grid("{ 1, 3, 2 }").out)
        assert.equal("2\n5\n", grid("{ choices = { 2, 5 } }").out)
        local expected = "a: { min, max, step } in numbers or { choices = {...} } is expected"
        for range, message in pairs {
            ["{ 1, 2, 1, 4 }"] = expected,
            ["{ 'x', 'y' }"] = expected,
            ["{ 0.1, 0.2 }"] = "a: fractions need a step, { min, max, step }",
            ["{ 1, 4, 2 }"] = "DiscreteParameter: parameter 'a': step 2 does not divide the range "
                .. "1..4; set max_value to 3 or 5",
        } do
            assert.equal("backlua: grid: " .. message .. "\n", grid(range).err)
        end
    end)

    it("say where options go, when they are given as parameters", function()
        local r = run { "-e", "bars { X = { 10, 11 } } run('dip.lua', { bundle = 'demo' })",
            cwd = folder }
        assert.equal("backlua: unknown parameter 'bundle'; it has none; it is an option, they come "
            .. "third: run(strategy, {}, { bundle = ... })\n", r.err)
    end)

    it("end a script with the code of what went wrong", function()
        local r = run { "-e", "run('dip.lua', nil, { bundle = 'nowhere' })", cwd = folder }
        assert.equal(3, r.code)
        assert.truthy(r.err:find "nowhere")
        r = run { "-e", "run 'dip.lau'", cwd = folder }
        assert.equal(2, r.code)
        r = run { "-e", "bars { 10, { close = 'x' } }" }
        assert.equal(2, r.code)
        assert.equal("backlua: bars: bar 2 of X: close must be a number, got x\n", r.err)
    end)

    it("leave nothing behind", function()
        -- In a folder of this test: whoever makes bars in the same one sweeps up, too.
        local env = { TMPDIR = folder }
        local code = "io.write(bars({ 1, 2 }).path)"
        local r = run { "-e", code, env = env }
        assert.equal(folder, r.out:match "^(.*)/[^/]+/bars$")
        assert.is_nil(io.open(r.out .. "/bundle.sqlite"))
        local killed = run { "-e", code .. " io.flush() require 'ffi'.cdef 'int raise(int);'"
            .. " require 'ffi'.C.raise(9)", env = env }
        assert.not_nil(io.open(killed.out .. "/bundle.sqlite"))
        run { "-e", code, env = env } -- sweeps up after the dead
        assert.is_nil(io.open(killed.out .. "/bundle.sqlite"))
    end)
end)

describe("a small bundle", function()
    teardown(child.clean)

    it("has bars of records, dates and frequencies as they are written", function()
        local r = run { "-e", [[
            local b = bars { X = { { open = 9, high = 12, low = 8, close = 11, volume = 5 },
                { date = "2020-02-03", close = 10 } }, start = "2020-01-03" }
            for _, bar in ipairs(b:bars("X")) do
                print(os.date("!%F", bar.time), bar.open, bar.high, bar.low, bar.close, bar.volume)
            end
            local m = bars { 1, 2, 3, frequency = "5m", start = "2020-01-02T10:05" }
            print(m.frequency, os.date("!%F %T", m:time()[-1]))]] }
        assert.equal("", r.err)
        assert.equal("2020-01-03\t9\t12\t8\t11\t5\n2020-02-03\t10\t10\t10\t10\t1000000\n"
            .. "5m\t2020-01-02 10:15:00\n", r.out)
    end)

    it("refuses bars that make no sense", function()
        for code, message in pairs {
            ["bars {}"] = "no bars", ["bars { X = { { cloze = 1 } } }"] = "did you mean 'close'?",
            ["bars { X = { { open = 1 } } }"] = "has no close",
            ["bars { X = 3 }"] = "a list of bars",
            ["bars { 1, frequency = '1x' }"] = "frequency is",
            ["bars { 1, start = 'soon' }"] = "a date such as",
            ["bars { { close = 5, high = 4 } }"] = "high",
        } do
            local r = run { "-e", code }
            assert.is_true(r.code == 2 or r.code == 3, code .. r.code)
            assert.truthy(r.err:find(message, 1, true), code .. "\n" .. r.err)
        end
    end)
end)

describe("the prompt behind a pipe", function()
    teardown(child.clean)

    it("asks nothing, shows values, goes on over lines", function()
        local r = run { "repl", stdin = "1 + 1\nfor i = 1, 2 do\nprint(i)\nend\nx = 5;\n_ * x\n" }
        assert.equal("", r.err)
        assert.equal("2\n1\n2\n10\n", r.out)
        assert.equal(0, r.code)
    end)

    it("walks tables in order, those with any keys as Lua does", function()
        local r = run { "repl", stdin = "for k in pairs { b = 1, a = 2, [2] = 0, [1] = 0 } do "
            .. "io.write(k, ' ') end\nn = 0; for k in pairs { [{}] = 1, [print] = 2 } do n = n + 1 "
            .. "end\nn\n" }
        assert.equal("", r.err)
        assert.equal("1 2 a b 2\n", r.out)
    end)

    it("ends at what goes wrong, with its code, and writes no history", function()
        local home = child.scratch()
        local r = run { "repl", stdin = "error 'stop'\nprint 'not reached'\n",
            env = { XDG_STATE_HOME = home } }
        assert.equal(1, r.code)
        assert.equal("", r.out)
        assert.truthy(r.err:find("stop", 1, true))
        assert.is_nil(io.open(home .. "/backlua/history"))
    end)

    it("runs a script first", function()
        local folder = child.scratch()
        child.write(folder .. "/first.lua", "y = 20")
        assert.equal("22\n", run { "-i", folder .. "/first.lua", stdin = "y + 2" }.out)
        assert.equal("22\n", run { "repl", folder .. "/first.lua", stdin = "y + 2" }.out)
        assert.equal(2, run { "-i" }.code)
        assert.equal(2, run { "-i", folder .. "/frist.lua" }.code)
        assert.equal(3, run { "repl", "-b", "nowhere" }.code)
    end)
end)
