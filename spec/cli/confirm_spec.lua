-- Deleting asks a person first, and never a script.

local bundles = require "spec.support.bundles"
local child = require "spec.support.child"
local terminal = require "spec.support.terminal"

describe("deleting", function()
    local folder, env

    before_each(function()
        folder = child.scratch()
        env = { BACKLUA_HOME = folder, BACKLUA_BUNDLES = folder .. "/bundles" }
        local source = bundles.folder("demo", 8)
        assert.equal(0, os.execute(("mkdir -p %s/bundles && cp -r %s/. %s/bundles"):format(folder,
            source, folder)))
    end)
    teardown(function()
        terminal.stop()
        child.clean()
    end)

    local function there()
        return child.run { "bundle", "list", env = env }.out:find("demo", 1, true) ~= nil
    end

    it("asks a person and goes by the answer", function()
        local t = terminal.open { "bundle", "rm", "demo", env = env }
        t:expect "remove bundle demo and all versions? [y/N]"
        t:type "n\n"
        t:expect "nothing was removed"
        t:close()
        assert.is_true(there())
        t = terminal.open { "bundle", "rm", "demo", env = env }
        t:expect "[y/N]"
        t:type "y\n"
        t:expect "demo: removed"
        t:close()
        assert.is_false(there())
    end)

    it("does not ask with --force, and refuses with --no-input", function()
        local t = terminal.open { "bundle", "rm", "demo", "--no-input", env = env }
        t:expect "remove bundle demo and all versions? --no-input forbids to ask; --force does it"
        t:close()
        assert.is_true(there())
        t = terminal.open { "bundle", "rm", "demo", "--force", env = env }
        t:expect "demo: removed"
        t:close()
        assert.is_false(there())
    end)

    it("asks no script", function()
        local r = child.run { "bundle", "rm", "demo", env = env }
        assert.same({ 0, "demo: removed\n", "" }, { r.code, r.out, r.err })
        r = child.run { "bundle", "clean", "demo", "--keep-last", "1", "--no-input", env = env }
        assert.equal(3, r.code) -- there is none
    end)
end)
