-- The program as an interpreter: bytecode, embedded modules, arguments, signals.

local child = require "spec.support.child"

local function run(code, ...)
    return child.run { "-e", code, ... }
end

local function value_of(expression)
    local r = run("io.write(tostring(" .. expression .. "))")
    assert.equal("", r.err)
    return r.out
end

describe("the program", function()
    teardown(child.clean)

    it("refuses bytecode from every loader, in trusted code too", function()
        local folder = child.scratch()
        child.write(folder .. "/code.lua", string.dump(function() return 1 end))
        local code = "string.dump(function() end)"
        assert.equal("nil", value_of("(load(" .. code .. "))"))
        assert.equal("nil", value_of("(loadstring(" .. code .. "))"))
        assert.equal("nil", value_of("(load(" .. code .. ", 'x', 'b'))"))
        assert.equal("nil", value_of(("(loadfile('%s/code.lua'))"):format(folder)))
        assert.equal("nil", value_of(("(loadfile('%s/code.lua', 'b'))"):format(folder)))
        assert.equal("false", value_of(("(pcall(dofile, '%s/code.lua'))"):format(folder)))
        assert.equal("false", value_of(("(function() package.path = '%s/?.lua' return "
            .. "(pcall(require, 'code')) end)()"):format(folder)))
        local r = child.run { folder .. "/code.lua" }
        assert.equal(1, r.code)
        assert.truthy(r.err:find "mode")
    end)

    it("loads text as Lua does: with names, environments and readers", function()
        assert.equal("7", value_of "load('return x', 'n', nil, {x = 7})()")
        assert.equal("3", value_of("(function() local n = 0 return load(function() n = n + 1"
            .. " return ({'return ', '1 + 2'})[n] end)() end)()"))
        assert.equal("nil", value_of "(load('return +'))")
        assert.equal("5", value_of "select(2, pcall(load 'return ...', 5))")
    end)

    it("keeps the decimal point, whatever a script asks for", function()
        for _, locale in ipairs { "", "C.UTF-8", "de_DE.UTF-8" } do
            assert.equal("nil", value_of(("os.setlocale('%s')"):format(locale)))
            assert.equal("nil", value_of(("os.setlocale('%s', 'numeric')"):format(locale)))
        end
        assert.equal("C", value_of "os.setlocale()")
        assert.equal("C", value_of "os.setlocale('C', 'all')")
    end)

    it("finds its library before any file", function()
        local folder = child.scratch()
        os.execute("mkdir -p " .. folder .. "/backlua")
        child.write(folder .. "/backlua/errors.lua", "return 'hijacked'")
        local r = child.run { "-e", "io.write(type(require 'backlua.errors'))", cwd = folder }
        assert.equal("table", r.out)
    end)

    it("hands a script its arguments", function()
        local folder = child.scratch()
        child.write(folder .. "/args.lua",
            "io.write(arg[0], '|', table.concat(arg, ','), '|', ...)")
        local r = child.run { folder .. "/args.lua", "a", "b c" }
        assert.equal(folder .. "/args.lua|a,b c|ab c", r.out)
        assert.equal(0, r.code)
        child.write(folder .. "/plain", "io.write('no suffix')")
        assert.equal("no suffix", child.run({ folder .. "/plain" }).out)
        assert.equal("3", child.run({ "-", stdin = "io.write(1 + 2)" }).out)
    end)

    it("computes x^2 as x*x, interpreted and compiled", function()
        local code = [[
            local function square(x) return x^2 end
            if arg[1] == "off" then jit.off() end
            local x, bad = 1.1, 0
            for i = 1, 5000 do
                x = x * 1.37 % 10
                if square(x) ~= x * x then bad = bad + 1 end
            end
            io.write(bad, " ", ("%.17g"):format(math.pow(1.1, 2) - 1.1 * 1.1), " ", 2^10)]]
        assert.equal("0 0 1024", run(code).out)
        assert.equal("0 0 1024", run(code, "off").out)
    end)

    it("ends by the first SIGINT in a run's loop and at once by the second", function()
        local r = child.run { "-e", [[
            local ffi = require "ffi"
            ffi.cdef "int raise(int);"
            ffi.C.raise(2)
            io.write "alive "
            io.flush()
            ffi.C.raise(2)
            io.write "dead"]] }
        assert.equal("alive ", r.out)
        assert.equal(128 + 2, r.code)
    end)

    it("does not die of a reader that went away", function()
        local code = "for i = 1, 1e5 do io.write(i, '\\n') end io.stderr:write 'end'"
        local r = child.run { "-e", code, stdout = "| head -1 >/dev/null" }
        assert.equal("end", r.err)
    end)

    it("keeps descriptors 0 to 2 taken", function()
        local code = "io.stderr:write(io.popen('ls -l /proc/self/fd/0'):read '*a')"
        local r = child.run { "-c", child.quote(child.program) .. " -e " .. child.quote(code)
            .. " <&- >&-", program = "/bin/sh" }
        assert.truthy(r.err:find "/dev/null")
    end)
end)
