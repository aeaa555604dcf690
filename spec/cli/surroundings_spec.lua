-- Time zone, locale, clock, folders that cannot be written, masks: nothing of the surroundings
-- enters a result, and what cannot be written is said or done without.

local bundles = require "spec.support.bundles"
local child = require "spec.support.child"
local json = require "backlua.json"

local STRATEGY = "function handle_data(ctx, data)\n"
    .. "  local c = data:history('AAPL', 'close', 5, nil, 'array')\n"
    .. "  ctx:order_target_percent('AAPL', c[-1] > c:mean() and 0.5 or 0)\n"
    .. "  ctx:record { month = ctx:get_datetime().month, price = c[-1] }\nend\n"

local function shell(command)
    local pipe = io.popen(command)
    local text = pipe:read "*a"
    pipe:close()
    return text
end

describe("the surroundings", function()
    local folder, data

    setup(function()
        folder = child.scratch()
        child.write(folder .. "/s.lua", STRATEGY)
        data = bundles.folder("demo", 2, 300)
    end)
    teardown(child.clean)

    local function run(env, ...)
        env.BACKLUA_BUNDLES = env.BACKLUA_BUNDLES or data
        return child.run { "run", folder .. "/s.lua", "-b", "demo", env = env, ... }
    end

    local function output_of(env)
        local r = run(env, "--json")
        assert.equal(0, r.code, r.err)
        return r.out
    end

    it("do not change a byte: time zones and locales", function()
        local expected = output_of {}
        assert.equal(64, #json.decode(expected).result_hash)
        for _, zone in ipairs { "UTC", "America/New_York", "Pacific/Apia", "Asia/Kathmandu",
            "nonsense" } do
            assert.equal(expected, output_of { TZ = zone }, zone)
        end
        for _, locale in ipairs { "C", "de_DE.UTF-8", "tr_TR.UTF-8", "nonsense" } do
            assert.equal(expected, output_of { LC_ALL = locale }, locale)
        end
    end)

    it("do not need a home folder: the result comes, its summary is not kept", function()
        local r = child.run { "-c", ("env -u HOME -u BACKLUA_HOME -u XDG_DATA_HOME "
            .. "-u XDG_CACHE_HOME BACKLUA_BUNDLES=%s %s run %s/s.lua -b demo"):format(data,
            child.program, folder),
            program = "sh" }
        assert.equal(0, r.code, r.err)
        assert.truthy(r.out:find("\n  result ", 1, true))
    end)

    it("may be folders that cannot be written: one warning, or exit 4 with the path", function()
        local locked = child.scratch()
        os.execute("chmod 500 " .. locked)
        if shell("touch " .. locked .. "/x 2>/dev/null && echo y") == "" then -- not for root
            local r = run { XDG_CACHE_HOME = locked .. "/cache" }
            assert.equal(0, r.code, r.err)
            r = child.run { "ingest", "--synthetic", "mag7", "--seed", "1", "-b", "x",
                env = { BACKLUA_BUNDLES = locked } }
            assert.equal(4, r.code)
            assert.truthy(r.err:find(locked, 1, true), r.err)
        end
        -- a file in the place of a folder stops root as well
        child.write(folder .. "/file", "")
        local r = run { XDG_CACHE_HOME = folder .. "/file", BACKLUA_HOME = folder .. "/file/h" }
        assert.equal(0, r.code, r.err)
        local _, warnings = r.err:gsub("warning", "")
        assert.is_true(warnings <= 2, r.err)
        r = child.run { "ingest", "--synthetic", "mag7", "--seed", "1", "-b", "x",
            env = { BACKLUA_BUNDLES = folder .. "/file" } }
        assert.equal(4, r.code, r.err)
        assert.truthy(r.err:find(folder .. "/file", 1, true), r.err)
    end)

    it("may be a folder of bundles that is read-only", function()
        local copy = child.scratch()
        os.execute(("cp -r %s/demo %s/ && chmod -R a-w %s"):format(data, copy, copy))
        assert.equal(output_of {}, output_of { BACKLUA_BUNDLES = copy })
    end)

    it("have no say in the modes of what is made: 0600 and 0700 under any mask", function()
        for _, mask in ipairs { "000", "077", "777" } do
            local home = child.scratch()
            local r = child.run { "-c", ("umask %s; env BACKLUA_HOME=%s/h XDG_CACHE_HOME=%s/c "
                .. "BACKLUA_BUNDLES=%s %s run %s/s.lua -b demo --quiet"):format(mask, home, home,
                data, child.program, folder), program = "sh" }
            assert.equal(0, r.code, mask .. r.err)
            local made = shell(("find %s/h %s/c -printf '%%y %%m\\n' 2>/dev/null | sort -u"):format(
                home, home))
            assert.is_true(#made > 0)
            for kind, mode in made:gmatch "(%l) (%d+)" do
                local most = kind == "d" and "700" or "[46]00"
                assert.truthy(mode:find("^" .. most .. "$"), mask .. ": " .. kind .. " " .. mode)
            end
        end
    end)
end)
