-- Mistakes of a first week: what is said names the place, the reason and the remedy, in at most
-- eight lines.

local bundles = require "spec.support.bundles"
local child = require "spec.support.child"

-- Bodies of handle_data by what is to be said of them.
local BODIES = {
    ["attempt to call global 'symbol' (a nil value); it is a method here: ctx:symbol(...)"] =
        "ctx.a = symbol('AAPL')",
    ["attempt to call global 'sqrt' (a nil value); it is math.sqrt"] = "ctx.a = sqrt(4)",
    ["field 'sqrt2' (a nil value); did you mean 'sqrt'?"] = "ctx.a = math.sqrt2(4)",
    ["data:history(...) is a method of data"] = "ctx.a = ctx:history('AAPL', 'close', 3)",
    ["portfolio has no field 'postions'; did you mean 'positions'?"] =
        "ctx.a = ctx.portfolio.postions",
    ["view: no method 'maen'; did you mean 'mean'?\n"] =
        "ctx.a = data:history('AAPL', 'close', 3, '1d', 'array'):maen()",
    ["field 'foo' (a nil value)\n"] = "ctx.a = ctx.foo.bar",
    ["until there are bars enough; test it with x == x first\n"] = "ctx:order('AAPL', 0 / 0)",
    ["global 'n'; write 'local' before it to make it a variable, or keep it in ctx from"] =
        "n = (n or 0) + 1",
    ["stack overflow\n"] = "local function f() return f() + 1 end f()",
    ["stack overflow"] = "handle_data(ctx, data) return 1",
    ["C stack overflow\n"] = "local function f() return coroutine.wrap(f)() end f()",
}

-- Files by what is to be said of them.
local FILES = {
    ["s.lua: a strategy needs handle_data(ctx, data), and may have initialize(ctx), before_trading"
        .. "_start(ctx, data) and analyze(ctx, result); this one returns nothing: end it with "
        .. "`return` and the table"] = "local s = {}\nfunction s.handle_data() end\n",
    ["s.lua: the strategy has 'handel_data'; did you mean 'handle_data'?"] =
        "return { handel_data = function() end }\n",
    ["s.lua: a strategy must return a table of callbacks or define them as globals; this one "
        .. "returned a number"] = "return 3\n",
    ["s.lua:2: attempt to call method 'order' (a nil value); ctx:order(...) is a method of ctx, "
        .. "and callbacks are declared with a dot"] =
        "local s = {}\nfunction s:handle_data(ctx) ctx:order('AAPL', 1) end\nreturn s\n",
    ["s.lua:2: attempt to index local 'ctx' (a nil value); initialize gets ctx"] =
        "local s = {}\nfunction s:initialize(ctx) ctx.a = 1 end\nreturn s\n",
    ["s.lua:1: unexpected symbol near '!'; not equal is ~="] = "local a = 1 != 2\n",
    ["s.lua:2: '=' expected near '+'; Lua writes x = x + 1\n     2 | a += 1"] =
        "local a = 1\na += 1\n",
    ["s.lua:1: 'then' expected near '='; equal is ==\n     1 | if a = 1 then end"] =
        "if a = 1 then end\n",
    ["s.lua:3: attempt to compare number with nil; there is no parameter 'fats'; did you mean "
        .. "'fast'?\n"] = "params = { fast = 3 }\nfunction handle_data(ctx)\n"
            .. "if ctx.params.fats > 1 then end\nend\n",
    ["got nil; there is no parameter 'slo'; did you mean 'slow'?\n"] =
        "params = { slow = 3 }\nfunction handle_data(ctx, data)\n"
            .. "data:history('AAPL', 'close', ctx.params.slo, '1d', 'array')\nend\n",
    ["s.lua:3: 'for' limit must be a number; there is no parameter 'q'\n"] =
        "params = { slow = 3 }\nfunction handle_data(ctx)\nfor i = 1, ctx.params.q do end\nend\n",
    ["s.lua:3: attempt to compare nil with number\n"] = "params = { slow = 3 }\n"
        .. "function handle_data(ctx)\nif ctx.slow < ctx.params.slow then end\nend\n",
    ["s.lua:1: require: a strategy has no backlua.optimization; if this file is a search, run: "
        .. "backlua optimize FILE"] = "local opt = require 'backlua.optimization'\n",
}

describe("a mistake", function()
    local env, folder

    setup(function()
        env = { BACKLUA_BUNDLES = bundles.folder("demo", 2, 50) }
        folder = child.scratch()
    end)
    teardown(child.clean)

    local function run(text, command)
        child.write(folder .. "/s.lua", text)
        return child.run { command or "run", "s.lua", "-b", "demo", env = env, cwd = folder }
    end

    local function says(said, r)
        local _, lines = r.err:gsub("\n", "")
        assert.truthy(r.err:find(said, 1, true), said .. "\n" .. r.err)
        assert.is_true(lines <= 8, r.err)
        assert.equal("", r.out)
    end

    for said, body in pairs(BODIES) do
        it("in handle_data: " .. body, function()
            says(said, run("function handle_data(ctx, data)\n" .. body .. "\nend\n"))
        end)
    end

    for said, text in pairs(FILES) do
        it("of a file: " .. text:gsub("\n", " "), function()
            says(said, run(text))
        end)
    end

    it("deep in a module is shown with the way there, and the line", function()
        child.write(folder .. "/size.lua", "local m = {}\nlocal function double(x)\n"
            .. "    return x.price * 2\nend\nfunction m.size(x)\n    local y = double(x)\n"
            .. "    return y\nend\nreturn m\n")
        says("backlua: size.lua:3: attempt to index local 'x' (a nil value)\n"
            .. "     3 |     return x.price * 2\n       called from size.lua:6, s.lua:3\n"
            .. "       at bar 2000-01-03",
            run("local size = require 'size'\nfunction handle_data()\n    size.size(nil)\nend\n"))
    end)

    it("in a parameter's name that only changes what is done is a warning", function()
        local r = run("params = { fast = 3, slow = 5 }\nfunction handle_data(ctx)\n"
            .. "    ctx:order('AAPL', 1, { stop_loss = ctx.params.slw })\n"
            .. "    ctx.kept = ctx.params.verbose or ctx.params.fast\nend\n")
        assert.equal(0, r.code, r.err)
        assert.truthy(r.err:find("backlua: warning: s.lua:3: params.slw is no parameter: it is "
            .. "nil; did you mean 'slow'?\n", 1, true), r.err)
        assert.is_nil(r.err:find("verbose", 1, true), r.err)
    end)

    it("of a command: a strategy in the place of a search", function()
        child.write(folder .. "/s.lua", "return { handle_data = function() end }\n")
        local r = child.run { "optimize", "s.lua", cwd = folder }
        says("s.lua is a strategy; run: backlua run s.lua", r)
        assert.equal(2, r.code)
    end)

    it("in a script or a text is shown with its line and the nearest name", function()
        child.write(folder .. "/batch.lua", "local x = 3\nprnt(x)\n")
        says("batch.lua:2: attempt to call global 'prnt' (a nil value); did you mean 'print'?\n"
            .. "     2 | prnt(x)\n", child.run { "batch.lua", cwd = folder })
        says("(command line):1: attempt to call global 'prnt' (a nil value); did you mean "
            .. "'print'?\n     1 | prnt(1)\n", child.run { "-e", "prnt(1)" })
        child.write(folder .. "/batch.lua", "local x = 3\nx += 1\n")
        says("batch.lua:2: '=' expected near '+'; Lua writes x = x + 1\n     2 | x += 1\n",
            child.run { "batch.lua", cwd = folder })
    end)

    it("of a file's name: what its ending has in common with others is no likeness", function()
        child.write(folder .. "/loaderr.lua", "")
        local r = child.run { "run", "nothere.lua", "-b", "demo", cwd = folder, env = env }
        assert.equal("backlua: no such file: nothere.lua\n", r.err)
        r = child.run { "run", "loadrer.lua", "-b", "demo", cwd = folder, env = env }
        assert.equal("backlua: no such file: loadrer.lua; did you mean loaderr.lua?\n", r.err)
    end)
end)
