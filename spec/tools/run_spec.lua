-- The test driver, on folders of small scripts that pose as test programs.

local child = require "spec.support.child"

-- A tree with one C test whose program is a shell script.
local function tree(scripts)
    local root = child.scratch()
    os.execute(("mkdir -p %s/spec/c %s/build/check"):format(root, root))
    for name, script in pairs(scripts) do
        child.write(("%s/spec/c/%s_test.c"):format(root, name), "")
        local program = ("%s/build/check/%s_test"):format(root, name)
        child.write(program, "#!/bin/sh\n" .. script)
        os.execute("chmod +x " .. program)
    end
    return root
end

local function drive(scripts, ...)
    return child.run {
        child.root .. "/spec/run", "-j", "2", ...,
        program = "luajit", cwd = tree(scripts), env = { TEST_TIMEOUT = "1" },
    }
end

local function last_line(text)
    return text:match "([^\n]*)\n$"
end

describe("the test driver", function()
    after_each(child.clean)

    it("adds up what all programs passed and failed", function()
        local r = drive {
            good = "echo 1..2; echo ok 1 - a; echo ok 2 - b",
            bad = "echo 1..2; echo ok 1 - a; echo not ok 2 - b; exit 1",
        }
        assert.equal("3 passed, 1 failed", last_line(r.out))
        assert.equal(1, r.code)
        assert.matches("not ok 2 %- b", r.out)
    end)

    it("ends with exit code 0 when nothing failed", function()
        local r = drive { good = "echo 1..1; echo ok 1 - a" }
        assert.equal("1 passed, 0 failed", last_line(r.out))
        assert.equal(0, r.code)
    end)

    it("counts a program that dies as a failure", function()
        local r = drive { dead = "echo 1..1; echo ok 1 - a; kill -SEGV $$" }
        assert.equal("1 passed, 1 failed", last_line(r.out))
        assert.equal(1, r.code)
    end)

    it("counts tests that were announced and never ran", function()
        local r = drive { short = "echo 1..5; echo ok 1 - a; exit 0" }
        assert.equal("1 passed, 1 failed", last_line(r.out))
        assert.matches("1 of 5 tests ran", r.out)
    end)

    it("counts a program that says nothing", function()
        local r = drive { mute = "exit 0" }
        assert.equal("0 passed, 1 failed", last_line(r.out))
    end)

    it("counts an exit code without a failed test, as of a leak", function()
        local r = drive { leak = "echo 1..1; echo ok 1 - a; exit 23" }
        assert.equal("1 passed, 1 failed", last_line(r.out))
        assert.matches("exit 23 without a failed test", r.out)
    end)

    it("ends what hangs", function()
        local r = drive { hang = "echo 1..1; echo ok 1 - a; exec sleep 30" }
        assert.equal("1 passed, 1 failed", last_line(r.out))
        assert.matches("killed after 1 s", r.out)
    end)

    it("names pending tests without counting them", function()
        local r = drive { half = "echo 1..3; echo ok 1 - a; echo 'ok 2 - # SKIP b'; "
            .. "echo 'not ok 3 # SKIP c'" }
        assert.equal("1 passed, 0 failed", last_line(r.out))
        assert.matches("2 pending", r.out)
    end)

    it("fails when there is no test at all", function()
        local r = drive {}
        assert.equal("0 passed, 1 failed", last_line(r.out))
        assert.equal(1, r.code)
    end)

    it("begins the next one when any of those that run has ended", function()
        local r = drive {
            a_slow = "sleep 0.6; echo 1..1; echo ok 1 - a",
            b_quick = "echo 1..1; echo ok 1 - a", c_quick = "echo 1..1; echo ok 1 - a",
        }
        assert.equal("3 passed, 0 failed", last_line(r.out))
        assert.matches("b_quick.*c_quick.*a_slow", r.out)
    end)

    it("lists what each file took, the longest first", function()
        local r = drive({
            idle = "sleep 0.3; echo 1..1; echo ok 1 - a",
            quick = "echo 1..2; echo ok 1 - a; echo ok 2 - b",
        }, "--times")
        local wall, cpu, tests = r.out:match "([%d.]+) +([%d.]+) +(%d+)  spec/c/idle_test.c\n"
        assert.is_true(tonumber(wall) >= 0.29 and tonumber(cpu) < 0.29, r.out)
        assert.equal("1", tests)
        assert.matches("idle_test.c\n[%d. ]+ 2  spec/c/quick_test.c\n3 passed", r.out)
    end)

    it("keeps to the files that were named", function()
        local r = drive({
            one = "echo 1..1; echo ok 1 - a",
            two = "echo 1..1; echo not ok 1 - a; exit 1",
        }, "one_test")
        assert.equal("1 passed, 0 failed", last_line(r.out))
    end)
end)
