-- Ctrl-C at the prompt: it ends what is evaluated, not the shell.

local child = require "spec.support.child"
local terminal = require "spec.support.terminal"

-- Loops without an end, each of another kind.
local LOOPS = {
    { "that does nothing", "while true do end" },
    { "that counts", "for i = 1, 1e18 do x = i end" },
    { "of calls", "function f() return f() end f()" },
    { "of C functions that make garbage", "while true do x = ('x'):rep(1000) end" },
    { "around pcall", "repeat pcall(error, 'again') until false" },
    { "in a pcall in a loop", "repeat pcall(function() while true do end end) until nil" },
    { "of a module that is required", "require 'spin'.spin()" },
    { "of a file", "dofile 'loop.lua'" },
    { "in a coroutine", "coroutine.wrap(function() while true do end end)()" },
}

local SLOW = [[
local s = { params = { a = 1, b = 1 } }
function s.handle_data(ctx, data)
    local x = 0
    for i = 1, 3e5 do x = x + i % 7 end
    ctx:record("x", x)
end
return s
]]

describe("Ctrl-C", function()
    local t, folder

    local function prompt_again()
        t:expect_prompt "backlua> "
    end

    setup(function()
        folder = child.scratch()
        child.write(folder .. "/slow.lua", SLOW)
        child.write(folder .. "/spin.lua", "local m = {} function m.spin() local n = 0 "
            .. "while true do n = n + 1 end end return m")
        child.write(folder .. "/loop.lua", "while true do end")
        child.write(folder .. "/spins.lua", "local spin = require 'spin'\n"
            .. "function handle_data() spin.spin() end")
        t = terminal.open { cwd = folder }
        prompt_again()
    end)
    teardown(function()
        terminal.stop()
        child.clean()
    end)

    -- The clock runs once the input has been read: its own words say that it runs.
    local function cancel(code)
        t:type("io.write('run', 'ning\\n') " .. code .. "\n")
        t:expect "\nrunning\n"
        t:key "C-c"
        t:expect "interrupted"
        prompt_again()
        t:type "1 + 1\n"
        t:expect "\n2\n"
        prompt_again()
    end

    for _, loop in ipairs(LOOPS) do
        it("stops a loop " .. loop[1], function()
            cancel(loop[2])
        end)
    end

    -- Each in a strategy, which is compiled as a rule.
    for what, code in pairs {
        ["that does nothing"] = "run [[function handle_data() while true do end end]]",
        ["that waits"] = "run [[function handle_data(c) repeat c.n = 1 until c.x end]]",
        ["in initialize"] = "run [[function initialize() ::a:: goto a end]]",
        ["that counts"] = "run [[function handle_data(c) for i = 1, 1e18 do c.n = i end end]]",
        ["that counts to infinity"] = "run [[function handle_data(c) "
            .. "for i = 1, math.huge do c.n = i end end]]",
        ["of a module"] = "run 'spins.lua'",
        ["in a session"] = "session([[function handle_data() while true do end end]]):step()",
        ["around pcall"] = "run [[function handle_data() while true do pcall(error) end end]]",
    } do
        it("stops a loop of a strategy " .. what, function()
            cancel("bars { 1, 2, 3 } " .. code)
            t:type "run({ handle_data = function() end }).bars\n"
            t:expect "\n3\n"
            prompt_again()
        end)
    end

    it("stops a script that is read", function()
        t:type ".read loop.lua\n"
        t:expect ".read loop.lua\n"
        t:key "C-c"
        t:expect "interrupted"
        prompt_again()
    end)

    it("stops a backtest at its next bar, and another one can start", function()
        t:type("closes = {} for i = 1, 50000 do closes[i] = 100 end "
            .. "bars { X = closes, frequency = '1m' };\n")
        prompt_again()
        cancel "run 'slow.lua'"
        t:type "run({ handle_data = function() end }).bars\n"
        t:expect "\n50000\n"
        prompt_again()
    end)

    it("stops a session, which stays where it was", function()
        t:type "s = session 'slow.lua'; s:step(2).bar\n"
        t:expect "\n2\n"
        prompt_again()
        cancel "s:finish()"
        t:type "s.bar\n"
        t:expect "\n2\n"
        prompt_again()
    end)

    it("stops a grid", function()
        t:type("closes = {} for i = 1, 1000 do closes[i] = 100 end bars { X = closes };\n")
        prompt_again()
        t:type "g = grid('slow.lua', { a = { 1, 20 }, b = { 1, 20 } }, { jobs = 2 })\n"
        t:expect "down\n" -- the map stands there, empty or not
        t:key "C-c"
        prompt_again()
        t:type "rawget(_G, 'g') == nil or g.stats.interrupted\n"
        t:expect "\ntrue\n"
        prompt_again()
        t:type "head = rawget(_G, 'g') and require 'backlua.repl.show'.value(g):match '[^\\n]*'\n"
        prompt_again()
        t:type "not head or head:find 'interrupted)' and not head:find '0 workers'\n"
        t:expect "\ntrue\n"
        prompt_again()
        t:type "1 + 2\n"
        t:expect "\n3\n"
        prompt_again()
    end)

    it("says before it ends what cannot be stopped", function()
        t:type ".jit on\n"
        t:expect "three times"
        prompt_again()
        t:type "io.write('run', 'ning\\n') local n = 0 while true do n = n + 1 end\n"
        t:expect "\nrunning\n"
        t:press("C-c", "press Ctrl-C once more to end backlua")
        t:key "C-c"
        t:expect_exit(130)
    end)

    it("is not SIGTERM, which ends the prompt", function()
        local other = terminal.open { cwd = folder }
        other:expect_prompt "backlua> "
        other:type "os.execute 'kill -TERM $PPID';\n"
        other:expect_exit(143)
    end)
end)
