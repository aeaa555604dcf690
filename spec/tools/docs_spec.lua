-- The rule that public functions are documented, on small files made for it.

local child = require "spec.support.child"

local function docs(header, module)
    local folder = child.scratch()
    os.execute("mkdir -p " .. folder .. "/out " .. folder .. "/lua/backlua")
    child.write(folder .. "/api.h", header)
    child.write(folder .. "/lua/backlua/thing.lua", module or "-- A thing.\nreturn {}\n")
    local r = child.run {
        child.root .. "/engine/tools/docs.lua", "out", "api.h", "lua/backlua/thing.lua",
        program = "luajit", cwd = folder,
    }
    r.page = function(name)
        return child.read(folder .. "/out/" .. name)
    end
    return r
end

describe("the docstring check", function()
    after_each(child.clean)

    it("passes documented functions and writes their pages", function()
        local r = docs(
            "/* Half of v. errors BT_E_RANGE v < 0. */\nbt_status bt_half(double v);\n",
            "-- A thing.\n\nlocal thing = {}\n\n-- Turns it by degrees.\n"
            .. "function thing.turn(degrees)\n    return degrees\nend\n\nreturn thing\n")
        assert.same({ 0, "" }, { r.code, r.out })
        assert.matches("Half of v", r.page "engine.md")
        assert.matches("### `thing.turn%(degrees%)`\n\nTurns it by degrees.",
            r.page "backlua.thing.md")
    end)

    it("lets one comment head a group, but not across a blank line", function()
        local r = docs("/* Two. */\nint32_t bt_a(void);\nint32_t bt_b(void);\n\n"
            .. "int32_t bt_c(void);\n")
        assert.equal("api.h:5: bt_c has no docstring\ndocs: 1 gaps\n", r.out)
        assert.equal(1, r.code)
    end)

    it("asks for the errors of what can fail and the length of what is filled", function()
        local r = docs "/* Text. */\nbt_status bt_text(double v, char *out);\n"
        assert.matches("api.h:2: bt_text returns a bt_status: say which errors", r.out, 1, true)
        assert.matches("api.h:2: bt_text fills out: say its length", r.out, 1, true)
    end)

    it("asks a module for a comment on top and on each public function", function()
        local r = docs("/* x */\n", "local thing = {}\n\nlocal function inner() end\n\n"
            .. "function thing.turn() inner() end\n\nreturn thing\n")
        assert.matches("thing.lua:1: the file has no comment at its top", r.out, 1, true)
        assert.matches("thing.lua:5: thing.turn has no docstring", r.out, 1, true)
        assert.is_nil(r.out:find "inner")
    end)

    it("asks a function that raises to say so", function()
        local r = docs("/* x */\n", "-- A thing.\nlocal thing = {}\n\n-- Turns it.\n"
            .. "function thing.turn()\n    error \"no\"\nend\n\nreturn thing\n")
        assert.matches("thing.turn can fail: say what is raised", r.out, 1, true)
    end)

    it("asks for the shape of arrays, the source of formulas", function()
        local r = docs("/* Odds. */\ndouble bt_odds_x(const double *x, int32_t n);\n")
        assert.equal("api.h:2: bt_odds_x takes or fills an array: say its shape, [n]\n"
            .. "api.h:2: bt_odds_x computes a statistic: name the source of its formula\n"
            .. "docs: 2 gaps\n", r.out)
        assert.equal("", docs("/* Odds of x [n]. source Fisher 1925 */\n"
            .. "double bt_odds_x(const double *x, int32_t n);\n").out)
    end)

    it("asks what each parameter of the library's functions is", function()
        local folder = child.scratch()
        os.execute("mkdir -p " .. folder .. "/out " .. folder .. "/lua/backlua")
        child.write(folder .. "/api.h", "/* One. */\nint32_t bt_a(void);\n")
        child.write(folder .. "/lua/backlua/view.lua", "-- Views.\n\nlocal methods = {}\n\n"
            .. "--- The newest n.\nfunction methods.last(v, n, odd)\nend\n\nreturn 1\n")
        local r = child.run { child.root .. "/engine/tools/docs.lua", "out", "api.h",
            "lua/backlua/view.lua", program = "luajit", cwd = folder }
        assert.equal("lua/backlua/view.lua:6: methods.last: say what odd is\ndocs: 1 gaps\n", r.out)
        assert.matches("### `view:last%(n, odd%)`\n\nThe newest n.",
            child.read(folder .. "/out/backlua.view.md"))
    end)

    it("has a page entry for every method of ctx and data", function()
        local folder, headings = child.scratch(), {}
        os.execute("mkdir -p " .. folder .. "/out")
        child.write(folder .. "/api.h", "/* One. */\nint32_t bt_a(void);\n")
        local files = {}
        for path in io.popen("cd " .. child.root .. " && ls lua/backlua/*.lua"):lines() do
            files[#files + 1] = path
        end
        local r = child.run { child.root .. "/engine/tools/docs.lua", folder .. "/out",
            folder .. "/api.h", program = "luajit", cwd = child.root, unpack(files) }
        assert.equal("", r.out)
        for line in io.popen("cat " .. folder .. "/out/*.md"):lines() do
            headings[line:match "^### `([%w_:]+)%(" or ""] = true
        end
        local missing, seen = {}, 0
        for _, name in ipairs { "orders", "strategy" } do
            local text = child.read(child.root .. "/lua/backlua/meta/" .. name .. ".lua")
            for class, method in text:gmatch "\nfunction (%u%l+):([%w_]+)%(" do
                local object = ({ Orders = "ctx", Context = "ctx", Data = "data" })[class]
                if object then
                    seen = seen + 1
                    missing[#missing + 1] = not headings[object .. ":" .. method] and method or nil
                end
            end
        end
        assert.same({}, missing)
        assert.is_true(seen > 50, seen)
    end)
end)
