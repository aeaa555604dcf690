-- The package check, with a dpkg-query, an id and an apt-get made for it.

local child = require "spec.support.child"

local DPKG = [[#!/bin/sh
case " $INSTALLED " in *" $4 "*) printf installed ;; *) exit 1 ;; esac
]]
local APT = [[#!/bin/sh
echo "$*" >>"$APT_LOG"
case "$1 $APT_FAILS" in "install yes") echo no such thing; exit 100 ;; esac
]]

local function check(setting, ...)
    local folder = child.scratch()
    local tools = {
        ["dpkg-query"] = DPKG,
        ["apt-get"] = APT,
        id = "#!/bin/sh\necho " .. (setting.uid or 0),
        sudo = "#!/bin/sh\n" .. (setting.sudo or "exit 1"),
    }
    for name, text in pairs(tools) do
        child.write(folder .. "/" .. name, text)
        os.execute("chmod +x " .. folder .. "/" .. name)
    end
    local words = { "engine/tools/packages.sh", ... }
    words.program = "sh"
    words.env = {
        PATH = folder .. ":" .. os.getenv "PATH",
        INSTALLED = setting.installed or "",
        APT_LOG = folder .. "/log",
        APT_FAILS = setting.fails or "",
    }
    local r = child.run(words)
    local log = io.open(folder .. "/log")
    r.apt = log and log:read "*a" or ""
    if log then
        log:close()
    end
    return r
end

local LINE = "install %-y %-%-no%-install%-recommends "

describe("the package check", function()
    after_each(child.clean)

    it("is silent when nothing is missing", function()
        local r = check({ installed = "gcc make", uid = 1000 }, "gcc", "make")
        assert.same({ 0, "", "", "" }, { r.code, r.out, r.err, r.apt })
    end)

    it("installs what is missing as root, and only that", function()
        local r = check({ installed = "gcc" }, "gcc", "make", "luajit")
        assert.equal(0, r.code)
        assert.matches("^" .. LINE .. "make luajit\n$", r.apt)
    end)

    it("uses a sudo that asks for nothing", function()
        local r = check({ uid = 1000, sudo = 'shift; exec "$@"' }, "make")
        assert.equal(0, r.code)
        assert.matches(LINE .. "make\n", r.apt)
    end)

    it("prints the exact line and exits 2 without either", function()
        local r = check({ uid = 1000, installed = "gcc" }, "gcc", "make", "luajit")
        assert.equal(2, r.code)
        assert.matches("\n    apt%-get " .. LINE .. "make luajit\n$", r.err)
        assert.equal("", r.apt)
    end)

    it("refreshes the lists once, then says what failed", function()
        local r = check({ fails = "yes" }, "make")
        assert.equal(2, r.code)
        assert.equal("install update install",
            table.concat({ r.apt:match "^(%a+).-\n(%a+)\n(%a+)" }, " "))
        assert.matches("no such thing", r.err)
        assert.matches("This failed: apt%-get " .. LINE .. "make\n$", r.err)
    end)
end)
