-- The package of `make deb`. It needs dpkg-dev; lintian has a say where it is installed.

local child = require "spec.support.child"

local function has(program)
    return os.execute("command -v " .. program .. " >/dev/null") == 0
end

describe("engine/tools/deb.sh", function()
    local package, root

    setup(function()
        if not has "dpkg-shlibdeps" then
            return
        end
        local version = child.run { "--version" }.out:match "backlua (%S+)"
        local pipe = io.popen(("env -u MAKEFLAGS -u MAKELEVEL engine/tools/deb.sh build %s make "
            .. "2>/dev/null"):format(version))
        package = pipe:read "*a":match "(%S+%.deb)\n$"
        pipe:close()
        root = child.scratch()
        assert.equal(0, os.execute(("dpkg-deb -x %s %s"):format(assert(package), root)))
    end)
    teardown(child.clean)

    it("makes a package that runs and says what it needs", function()
        if not package then
            pending "dpkg-dev is not installed"
            return
        end
        local r = child.run { "--version", program = root .. "/usr/bin/backlua", cwd = "/" }
        assert.equal(0, r.code, r.err)
        local control = io.popen("dpkg-deb -f " .. package):read "*a"
        for _, name in ipairs { "libc6", "libsqlite3%-0", "libssl3", "zlib1g", "tzdata" } do
            assert.truthy(control:match("Depends:[^\n]*" .. name), name)
        end
        for _, path in ipairs { "/usr/share/man/man1/backlua.1.gz",
            "/usr/share/doc/backlua/copyright",
            "/usr/share/lua/5.1/backlua/init.lua" } do
            assert.is_true(#child.read(root .. path) > 0)
        end
    end)
end)
