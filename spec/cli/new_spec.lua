-- What `backlua new` writes runs, passes its own spec, the check and luacheck; its hints work.

local bundles = require "spec.support.bundles"
local child = require "spec.support.child"

local function has_luacheck()
    return os.execute "command -v luacheck >/dev/null 2>&1" == 0
end

describe("a new strategy", function()
    local env

    setup(function()
        env = { BACKLUA_BUNDLES = bundles.folder("demo", 4) }
    end)
    teardown(child.clean)

    -- The commands of a hint, pasted.
    local function paste(hints, folder)
        local inside = folder
        for line in hints:gmatch "\n  ([^\n]+)" do
            local to = line:match "^cd (.*)$"
            if to then
                inside = folder .. "/" .. to
            else
                local words = { cwd = inside, env = env }
                for word in line:gmatch "%S+" do
                    words[#words + 1] = word ~= "backlua" and word or nil
                end
                if words[1] == "check" then
                    words[#words + 1], words[#words + 2] = "--instants", "2"
                end
                local r = child.run(words)
                assert.equal(0, r.code, line .. ": " .. r.out .. r.err)
            end
        end
    end

    for _, template in ipairs { "dma", "momentum", "pairs", "mean_reversion" } do
        it(template .. " runs as its hints say", function()
            local folder = child.scratch()
            local r = child.run { "new", "my-own", "--template", template, cwd = folder,
                env = env }
            assert.same({ 0, "" }, { r.code, r.err })
            local _, hints = r.out:gsub("\n  backlua ", "")
            assert.equal(4, hints)
            paste(r.out, folder)
            if has_luacheck() then
                assert.equal(0, os.execute(("cd %s/my-own && luacheck -q . >/dev/null"):format(
                    folder)))
            end
        end)
    end

    it("tells the editor where the declarations are", function()
        local folder = child.scratch()
        local home = child.scratch()
        local with = { BACKLUA_BUNDLES = env.BACKLUA_BUNDLES, BACKLUA_HOME = home }
        assert.equal(0, child.run({ "new", "x", cwd = folder, env = with }).code)
        local luarc = require "backlua.json".decode(child.read(folder .. "/x/.luarc.json"))
        assert.equal("LuaJIT", luarc["runtime.version"])
        local meta = luarc["workspace.library"][1]
        assert.equal(home .. "/meta", meta)
        assert.truthy(child.read(meta .. "/orders.lua"):find("function Orders:order(", 1, true))
    end)

    it("takes symbols of the bundle that it is for", function()
        local folder = child.scratch()
        child.write(folder .. "/p.csv", "date,symbol,open,high,low,close,volume\n"
            .. "2020-01-02,XYZ,1,1,1,1,10\n2020-01-03,XYZ,1,1,1,1,10\n")
        local with = { BACKLUA_BUNDLES = folder .. "/b" }
        local r = child.run { "ingest", "p.csv", "-b", "mine", cwd = folder, env = with }
        assert.equal(0, r.code, r.err)
        r = child.run { "new", "x", "-b", "mine", cwd = folder, env = with }
        assert.equal(0, r.code, r.err)
        assert.truthy(child.read(folder .. "/x/x.lua"):find('ctx:symbol "XYZ"', 1, true))
    end)

    it("refuses names that are taken or none, and writes nothing then", function()
        local folder = child.scratch()
        os.execute("mkdir " .. folder .. "/taken")
        for name, said in pairs { taken = "there already", ["a/b"] = "letters, digits",
            ["1x"] = "letters, digits", [""] = "letters, digits" } do
            local r = child.run { "new", name, cwd = folder, env = env }
            assert.equal(2, r.code, name)
            assert.truthy(r.err:find(said, 1, true), r.err)
        end
        local r = child.run { "new", "x", "--template", "momentm", cwd = folder, env = env }
        assert.truthy(r.err:find("did you mean 'momentum'?", 1, true), r.err)
        assert.equal(3, child.run({ "new", "x", "-b", "dmo", cwd = folder, env = env }).code)
        assert.equal("taken\n", io.popen("ls " .. folder):read "*a")
    end)
end)
