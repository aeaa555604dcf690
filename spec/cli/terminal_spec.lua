-- What people see: widths that adapt, curves, maps, and one spec for each rule of streams, colours
-- and exit codes.

local background = require "spec.support.background"
local bundles = require "spec.support.bundles"
local child = require "spec.support.child"
local render = require "backlua.text.table"

local run = child.run

-- The program in a terminal of its own; both streams as they arrive there.
local function in_terminal(columns, command, env)
    local words = {}
    for name, value in pairs(env) do
        words[#words + 1] = name .. "=" .. child.quote(value)
    end
    local inner = ("stty cols %d; env -u NO_COLOR TERM=xterm %s %s %s"):format(columns,
        table.concat(words, " "), child.program, command)
    local pipe = io.popen(("script -qec %s /dev/null </dev/null 2>&1"):format(child.quote(inner)))
    local text = pipe:read "*a"
    pipe:close()
    return (text:gsub("\r", ""))
end

local STRATEGY = "local s = { params = { fast = 3, slow = 9 } }\n"
    .. "function s.handle_data(ctx, data)\n"
    .. "  local c = data:history('AAPL', 'close', ctx.params.slow, nil, 'array')\n"
    .. "  ctx:order_target_percent('AAPL', c:last(ctx.params.fast):mean() > c:mean() and 1 or 0)\n"
    .. "end\nreturn s\n"

local CONFIG = [[
    local opt = require "backlua.optimization"
    return opt.ParallelOptimizer {
        strategy = "s.lua", bundle = "demo",
        param_space = opt.ParameterSpace {
            opt.DiscreteParameter { name = "fast", min_value = 2, max_value = 4 },
            opt.DiscreteParameter { name = "slow", min_value = 8, max_value = 10 },
        },
    }
]]

describe("a table", function()
    local columns = { { title = "n", right = true }, { title = "extra", right = true,
        optional = true }, { title = "text" } }
    local rows = { { "1", "22222", "some words that are long enough to be wrapped" } }

    it("leaves out what is optional before it wraps", function()
        assert.equal("n  extra  text\n1  22222  some words that are long enough to be wrapped\n",
            render(columns, rows))
        assert.equal("n  text\n1  some words that are long enough to be wrapped\n",
            render(columns, rows, { columns = 50 }))
        assert.equal("n  text\n1  some words that are\n   long enough to be\n   wrapped\n",
            render(columns, rows, { columns = 24 }))
    end)

    it("leaves out first what is to go first", function()
        local sought = { { title = "aaaa", optional = "first" }, { title = "b" },
            { title = "cccc", optional = true } }
        local row = { { "1", "2", "3" } }
        assert.equal("aaaa  b  cccc\n1     2  3\n", render(sought, row, { columns = 13 }))
        assert.equal("b  cccc\n2  3\n", render(sought, row, { columns = 12 }))
        assert.equal("b\n2\n", render(sought, row, { columns = 6 }))
    end)

    it("keeps numbers whole and to the right", function()
        local text = render({ {}, { right = true } }, { { "a", "1,234" }, { "b", "5" } },
            { columns = 5 })
        assert.equal("a  1,234\nb      5\n", text)
    end)
end)

local WALK = [[
    local opt = require "backlua.optimization"
    return opt.WalkForwardOptimizer {
        strategy = "s.lua", bundle = "demo",
        param_space = opt.ParameterSpace {
            opt.DiscreteParameter { name = "fast", min_value = 2, max_value = 3 },
            opt.DiscreteParameter { name = "slow", min_value = 8, max_value = 9 },
        },
        window_config = opt.WindowConfig { train_period_days = 750, validation_period_days = 120,
            test_period_days = 250, step_size_days = 1500 },
    }
]]

describe("the terminal", function()
    local env, folder

    setup(function()
        env = { BACKLUA_BUNDLES = bundles.folder("demo", 2, 800) }
        folder = child.scratch()
        child.write(folder .. "/s.lua", STRATEGY)
        child.write(folder .. "/grid.lua", CONFIG)
        env.BACKLUA_HOME = folder .. "/home"
    end)
    teardown(child.clean)

    it("shows the equity of a run as a line of blocks, everywhere", function()
        local r = run { "run", "s.lua", "-b", "demo", cwd = folder, env = env }
        local curve = r.out:match "\n  equity +([^\n]+)\n"
        local _, blocks = curve:gsub("[▁-█][\128-\191]*", "")
        assert.is_true(blocks >= 60, curve)
    end)

    it("fits a run into 60 and into 100 columns, but for its hash", function()
        for _, columns in ipairs { 60, 100 } do
            local text = in_terminal(columns, "run " .. folder .. "/s.lua -b demo --no-save", env)
            for line in text:gmatch "[^\n]+" do
                local shown = line:gsub("\27%[[%d;]*m", "")
                local fits = require "backlua.text.width".of(shown) <= columns
                local whole = shown:find "%x%x%x%x%x%x%x%x" -- a hash is never cut
                assert.is_true(fits or whole ~= nil, shown)
            end
            assert.truthy(text:find "\n  equity")
        end
    end)

    it("fits all that is printed into 60 columns, but for paths and hashes", function()
        assert.equal(0, run({ "optimize", "grid.lua", "--study", "grid", cwd = folder,
            env = env }).code)
        local s = folder .. "/s.lua -b demo"
        for _, command in ipairs { "doctor", "config show", "bundle list", "bundle info demo",
            "study list", "study show grid", "study trials grid", "study replay grid 1",
            "check " .. s .. " --instants 1", "run " .. s .. " --no-save --metrics all",
            "run " .. s .. " --no-save --why AAPL 2000-06-01", "explain reasons" } do
            for line in in_terminal(60, command .. " 2>/dev/null", env):gmatch "[^\n]+" do
                local shown = line:gsub("\27%[[%d;]*m", "")
                assert.is_true(require "backlua.text.width".of(shown) <= 60
                    or shown:find "/%w" ~= nil or shown:find(("%x"):rep(13)) ~= nil, shown)
            end
        end
    end)

    it("shows the first symbols of many, and all of them where it is no terminal", function()
        local wide = { BACKLUA_BUNDLES = child.scratch() }
        local rows = { "symbol,date,open,high,low,close" }
        for i = 1, 45 do
            rows[i + 1] = ("S%02d,2020-01-02,1,1,1,1\nS%02d,2020-01-03,1,1,1,1"):format(i, i)
        end
        child.write(folder .. "/wide.csv", table.concat(rows, "\n") .. "\n")
        assert.equal(0, run({ "ingest", folder .. "/wide.csv", "-b", "wide", env = wide }).code)
        local text = in_terminal(80, "bundle info wide", wide)
        assert.truthy(text:find("\nS20     2020-01-02  2020-01-03\n... 25 more; --csv lists all\n",
            1, true), text)
        local plain = run({ "bundle", "info", "wide", env = wide }).out
        assert.truthy(plain:find("\nS45     2020-01-02  2020-01-03\n\n", 1, true), plain)
    end)

    it("writes the best of a study in 80 columns, wherever it goes", function()
        local text = run({ "study", "best", "grid", cwd = folder, env = env }).out
        assert.truthy(text:find "\n%-%- Is it real%? [^\n]+\n%-%- [^\n]+\n", text)
        for line in text:gmatch "[^\n]+" do
            assert.is_true(#line <= 80, line)
        end
    end)

    it("fits the windows of a walk-forward, what was tested before what was trained", function()
        local daily = { BACKLUA_BUNDLES = bundles.folder("demo", 2), BACKLUA_HOME = folder .. "/w" }
        child.write(folder .. "/walk.lua", WALK)
        for columns, titles in pairs { [60] = "window  test +params +tested",
            [90] = "window  test +params +score +validated +tested +return" } do
            local text = in_terminal(columns, "walkforward " .. folder .. "/walk.lua -j 1", daily)
            assert.truthy(text:find("\n  " .. titles .. "\n"), text)
            for line in text:gmatch "\n( +%d+  %d%d%d%d%-[^\n]+)" do
                assert.is_true(#line <= columns, line)
            end
        end
    end)

    it("draws the scores over two parameters, and refuses names that are none", function()
        local r = run { "optimize", "grid.lua", "--heat", "fast,slow", cwd = folder, env = env }
        assert.equal(0, r.code, r.err)
        assert.truthy(r.out:find("fast to the right, slow down", 1, true), r.out)
        assert.truthy(r.out:find "\n *8 .*\n *9 .*\n *10 ", r.out)
        r = run { "optimize", "grid.lua", "--heat", "fats,slow", cwd = folder, env = env }
        assert.equal(2, r.code)
        assert.truthy(r.err:find("did you mean 'fast'?", 1, true), r.err)
        assert.equal(2, run({ "optimize", "grid.lua", "--heat", "fast", cwd = folder }).code)
    end)

    it("gets hints that work when they are pasted", function()
        local r = run { "run", "s.lua", "-b", "demo", cwd = folder, env = env }
        local hint = r.err:match "backlua (report %x+ %-o [%w.]+)"
        local words = { cwd = folder, env = env }
        for word in hint:gmatch "%S+" do
            words[#words + 1] = word
        end
        assert.equal(0, run(words).code)
        r = run { "optimize", "grid.lua", cwd = folder, env = env }
        for command in r.err:gmatch "backlua (%l+ [^\n`]+)" do
            words = { cwd = folder, env = env }
            for word in command:gmatch "%S+" do
                words[#words + 1] = word
            end
            local pasted = run(words)
            assert.equal(0, pasted.code, command .. ": " .. pasted.err)
        end
    end)

    it("sees colours; a pipe, NO_COLOR, TERM=dumb and --no-color do not", function()
        local command = "run " .. folder .. "/s.lua -b demo --no-save"
        assert.truthy(in_terminal(80, command, env):find("\27[1m", 1, true))
        assert.is_nil(in_terminal(80, "--no-color " .. command, env):find("\27", 1, true))
        assert.is_nil(in_terminal(80, command .. " | cat", env):find("\27[1m", 1, true))
        local function with(name, value)
            local more = { [name] = value }
            for key, other in pairs(env) do
                more[key] = other
            end
            return more
        end
        assert.is_nil(in_terminal(80, command, with("NO_COLOR", "1")):find("\27", 1, true))
        assert.is_nil(in_terminal(80, command, with("TERM", "dumb")):find("\27", 1, true))
        assert.truthy(in_terminal(80, command, with("NO_COLOR", "")):find("\27[1m", 1, true))
    end)

    it("obeys no escape that a fenced strategy prints; a pipe gets its bytes", function()
        child.write(folder .. "/loud.lua", "return { initialize = function()\n"
            .. "print('gr\\195\\182\\195\\159e\\t\\27[2J\\27]0;title\\7') end,\n"
            .. "handle_data = function() end }\n")
        local command = "run " .. folder .. "/loud.lua -b demo --no-save"
        assert.truthy(in_terminal(80, command, env):find("größe\t\\x1B[2J\\x1B]0;title\\x07\n",
            1, true))
        assert.truthy(in_terminal(80, command .. " --unsafe", env):find("\27[2J", 1, true))
        local r = run { "run", "loud.lua", "-b", "demo", "--no-save", cwd = folder, env = env }
        assert.equal("größe\t\27[2J\27]0;title\7\n", r.err)
    end)

    it("colours each stream by what that stream is", function()
        -- stdout is a terminal, stderr a file: the error is plain, the header is not
        local path = folder .. "/err"
        in_terminal(80, "run nowhere.lua -b demo 2>" .. path, env)
        assert.truthy(child.read(path):find("no such file", 1, true))
        assert.is_nil(child.read(path):find("\27", 1, true))
        assert.truthy(in_terminal(80, "run nowhere.lua -b demo >/dev/null", env)
            :find("\27[31m", 1, true))
        for _, name in ipairs { "FORCE_COLOR", "CLICOLOR_FORCE" } do
            local r = run { "run", "nowhere.lua", "-b", "demo", env = { [name] = "1" } }
            assert.truthy(r.err:find("\27[31m", 1, true), name)
            r = run { "run", "nowhere.lua", "-b", "demo", env = { [name] = "1", NO_COLOR = "1" } }
            assert.is_nil(r.err:find("\27", 1, true), name)
            r = run { "run", "nowhere.lua", "-b", "demo", env = { [name] = "0" } }
            assert.is_nil(r.err:find("\27", 1, true), name)
        end
    end)

    it("sees progress on a terminal only", function()
        local command = "optimize " .. folder .. "/grid.lua -j 1 --no-cache"
        assert.truthy(in_terminal(100, command, env):find("/9 trials", 1, true))
        assert.is_nil(run({ "optimize", "grid.lua", "--quiet", cwd = folder, env = env }).err
            :find("trials", 1, true))
    end)
end)

describe("an exit code", function()
    local env, folder

    setup(function()
        env = { BACKLUA_BUNDLES = bundles.folder("demo", 2, 400) }
        folder = child.scratch()
        child.write(folder .. "/s.lua", STRATEGY)
    end)
    teardown(child.clean)

    local function code(...)
        return run({ cwd = folder, env = env, ... }).code
    end

    it("is 0 when it is done", function()
        assert.equal(0, code("run", "s.lua", "-b", "demo"))
    end)

    it("is 1 when the strategy fails", function()
        child.write(folder .. "/bad.lua", "function handle_data() error 'no' end")
        assert.equal(1, code("run", "bad.lua", "-b", "demo"))
        child.write(folder .. "/syntax.lua", "function handle_data(")
        assert.equal(1, code("run", "syntax.lua", "-b", "demo"))
    end)

    it("is 2 for wrong usage and configuration", function()
        assert.equal(2, code("run", "s.lua", "-b", "demo", "--capital", "x"))
        assert.equal(2, code("run", "s.lua", "-b", "demo", "--param", "fats=3"))
        assert.equal(2, code())
    end)

    it("is 3 for data that is missing or damaged", function()
        assert.equal(3, code("run", "s.lua", "-b", "dmo"))
    end)

    it("is 4 when input or output fails", function()
        assert.equal(4, code("run", "s.lua", "-b", "demo", "-o", "no/such/folder/x.json"))
        -- it ends where it stands: what is not freed then is no leak
        local at_once = { ASAN_OPTIONS = "detect_leaks=0" }
        for name, value in pairs(env) do
            at_once[name] = value
        end
        assert.equal(4, run({ "run", "s.lua", "-b", "demo", cwd = folder, env = at_once,
            stdout = "/dev/full" }).code)
    end)

    it("is 6 when a check finds that a run does not repeat", function()
        child.write(folder .. "/c.lua", "function handle_data(ctx) "
            .. "ctx:record { kb = collectgarbage 'count' } end")
        assert.equal(6, code("check", "c.lua", "-b", "demo", "--instants", "1"))
    end)

    it("is 130 after Ctrl-C and 143 after SIGTERM", function()
        child.write(folder .. "/slow.lua", "function handle_data(ctx)\n"
            .. "  for i = 1, 3e7 do ctx.x = (ctx.x or 0) + i % 7 end\nend")
        for signal, expected in pairs { [2] = 130, [15] = 143 } do
            local job = background.start { "run", folder .. "/slow.lua", "-b", "demo", env = env }
            background.sleep(0.5)
            job:signal(signal)
            local r = job:wait()
            assert.equal(expected, r.code, r.err)
            assert.truthy(r.err:find("interrupted", 1, true), r.err)
            assert.equal("", r.out)
        end
    end)

    it("is quiet when the reader goes away", function()
        local r = run { "run", "s.lua", "-b", "demo", "--csv", cwd = folder, env = env,
            stdout = "| head -1 >/dev/null" }
        assert.is_nil(r.err:find("cannot", 1, true))
    end)
end)
