-- Time zone, locale, clock, folders that cannot be written, masks: nothing of the surroundings
-- enters a result, and what cannot be written is said or done without.

local background = require "spec.support.background"
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

    -- The wall clock at the ends of time, at the end of 32 bits, and running backwards; what
    -- measures durations goes on as ever.
    it("do not change a byte: the clock", function()
        if child.program:find("asan", 1, true) then
            return pending "the sanitizers want to be loaded first"
        end
        child.write(folder .. "/g.lua", [[local opt = require "backlua.optimization"
            return opt.ParallelOptimizer { strategy = "p.lua", bundle = "demo",
                param_space = opt.ParameterSpace { opt.DiscreteParameter { name = "n",
                    min_value = 2, max_value = 9 } }, objective = "total_return" }]])
        child.write(folder .. "/p.lua", (STRATEGY:gsub("'close', 5", "'close', ctx.params.n"))
            .. "params = { n = 5 }\n")
        local function hash_of(r)
            assert.equal(0, r.code, r.err)
            return json.decode(r.out).result_hash
        end
        local expected = output_of {}
        local searched = hash_of(child.run { "optimize", folder .. "/g.lua", "-j", "1", "--json",
            env = { BACKLUA_BUNDLES = data } })
        for _, time in ipairs { "@1969-06-01 00:00:00", "@1970-01-02 00:00:00",
            "@2038-01-19 03:14:06", "@2100-03-01 00:00:00", "@2026-03-29 02:00:00 x-100000" } do
            local function at(...)
                return child.run { "-f", time, child.program, program = "faketime",
                    env = { BACKLUA_BUNDLES = data, DONT_FAKE_MONOTONIC = "1" }, ... }
            end
            assert.equal(time:match "@(%d+)" .. "\n", at("-e", "print(os.date '!%Y')").out)
            local r = at("run", folder .. "/s.lua", "-b", "demo", "--json")
            assert.is_true(r.out == expected, time .. r.err)
            assert.equal(searched, hash_of(at("optimize", folder .. "/g.lua", "-j", "2",
                "--json")), time)
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

    it("may limit how large a file grows: exit 4 with the path", function()
        local command = "ulimit -f 8; exec %s ingest --synthetic mag7 --seed 1 -b large"
        local r = child.run { "-c", command:format(child.program), program = "sh",
            env = { BACKLUA_BUNDLES = folder } }
        assert.equal(4, r.code, r.err)
        assert.truthy(r.err:find(folder, 1, true), r.err)
        assert.truthy(r.err:find("File too large", 1, true), r.err)
    end)

    describe("have so much memory:", function()
        local is_limited = not child.program:find("asan", 1, true) -- shadows would not fit

        -- "Max data size" of a run that never ends: soft and hard limit.
        local function limits_of(...)
            child.write(folder .. "/endless.lua", "function handle_data() while true do end end")
            local job = background.start { "run", folder .. "/endless.lua", "-b", "demo",
                env = { BACKLUA_BUNDLES = data }, ... }
            local soft, hard
            for _ = 1, 250 do
                soft, hard = child.read(("/proc/%d/limits"):format(job.pid))
                    :match "Max data size +(%w+) +(%w+)"
                if soft ~= "unlimited" then
                    break
                end
                background.sleep(0.002)
            end
            job:signal(9)
            job:wait()
            return tonumber(soft) or soft, hard
        end

        it("a strategy gets what is available, and all there is under --unsafe", function()
            if not is_limited then
                return pending "no limits under the sanitizers"
            end
            local all = 1024 * tonumber(child.read "/proc/meminfo":match "MemTotal: +(%d+)")
            local soft, hard = limits_of()
            assert.is_true(soft > all / 100 and soft <= all, tostring(soft))
            assert.equal("unlimited", hard)
            assert.same({ "unlimited", "unlimited" }, { limits_of "--unsafe" })
        end)

        it("one that takes it all is told where, and how much it had", function()
            if not is_limited then
                return pending "no limits under the sanitizers"
            end
            for _, text in ipairs { "t[i] = i", "t = { t }" } do
                child.write(folder .. "/fill.lua", ("local t = {} function handle_data() "
                    .. "for i = 1, 1e12 do %s end end"):format(text))
                local r = child.run { "-c", ("ulimit -S -d 150000; exec %s run %s/fill.lua -b demo")
                    :format(child.program, folder), program = "sh",
                    env = { BACKLUA_BUNDLES = data } }
                assert.equal(1, r.code, r.err)
                assert.truthy(r.err:find("not enough memory\n       at bar 2000-01-03", 1, true),
                    r.err)
                assert.truthy(r.err:find(", in handle_data\n       a run gets what was available "
                    .. "when it began, 0.2 GB; ", 1, true), r.err)
            end
        end)
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

    -- Every variable that names a folder, with values that no folder has, or an odd one.
    describe("may name folders that are", function()
        local RUN, SHOW = { "run", "s.lua", "-b", "demo", "--json" }, { "config", "show" }
        -- With the commands that use what is there: saved runs, stamps of verified bundles,
        -- history, settings, scratch copies of bundles.
        local VARIABLES = {
            XDG_DATA_HOME = { RUN, SHOW }, XDG_CACHE_HOME = { RUN, SHOW },
            XDG_STATE_HOME = { SHOW }, XDG_CONFIG_HOME = { RUN, { "doctor" } },
            HOME = { RUN, SHOW }, BACKLUA_HOME = { RUN, { "doctor" } },
            TMPDIR = { { "check", "s.lua", "-b", "demo", "--instants", "1" },
                { "-e", "bars { 10, 11, 12 } print(run({ handle_data = print }).bars)" } },
        }
        local expected, home

        local function run_in_home(words, env)
            local spec = { env = env, cwd = home, unpack(words) }
            spec.env.BACKLUA_BUNDLES = data
            return child.run(spec)
        end

        setup(function()
            home = child.scratch()
            os.execute(("cd %s && mkdir real odd && ln -s real link && ln -s gone dangling"
                .. " && ln -s loop loop && touch file"):format(home))
            child.write(home .. "/s.lua", STRATEGY)
            expected = run_in_home(RUN, {}).out
        end)

        local function every(value, judge)
            for name, commands in pairs(VARIABLES) do
                for _, words in ipairs(commands) do
                    local env = { XDG_DATA_HOME = home .. "/real", [name] = value,
                        XDG_CACHE_HOME = name ~= "XDG_CACHE_HOME" and home .. "/real" or value }
                    judge(run_in_home(words, env), name .. " " .. words[1] .. ": ", words[1])
                end
            end
        end

        local function judge(r, shown, command)
            assert.equal(0, r.code, shown .. r.err)
            assert.is_true(#r.err < 2000, shown .. #r.err)
            assert.is_nil(r.err:find("[%z\1-\8\11-\31\127]"), shown .. r.err)
            if command == "run" then
                assert.is_true(expected == r.out, shown .. r.out:sub(1, 2000))
            else
                assert.is_nil(r.out:find("[%z\1-\8\11-\31\127]"), shown)
            end
        end

        for what, value in pairs {
            ["not there and cannot be made"] = "/proc/nope", ["a file"] = "/file",
            ["a link to nothing"] = "/dangling", ["a link to itself"] = "/loop",
            ["a link to a folder"] = "/link", ["relative"] = "odd/relative",
            ["named with a line end and an escape sequence"] = "/odd/a\nb\27[31m",
            ["not UTF-8"] = "/odd/\255\254", ["very long"] = "/" .. ("x"):rep(100000),
            ["empty"] = "",
        } do
            it(what, function()
                local own = value:find "^/" and not value:find "^/proc" and not value:find "^/xx"
                every(own and home .. value or value, judge)
            end)
        end

        it("relative, and are then not used, but BACKLUA_HOME", function()
            os.execute(("rm -rf %s/odd/*"):format(home))
            for name in pairs(VARIABLES) do
                run_in_home(RUN, { [name] = "odd/" .. name })
            end
            assert.equal("BACKLUA_HOME\n", shell("ls " .. home .. "/odd"))
        end)
    end)

    it("may be a folder of bundles that is read-only", function()
        local copy = child.scratch()
        os.execute(("cp -r %s/demo %s/ && chmod -R a-w %s"):format(data, copy, copy))
        local printed = output_of { BACKLUA_BUNDLES = copy }:gsub(copy, (data:gsub("%%", "%%%%")))
        assert.is_true(output_of {} == printed) -- the bundle's path is in it
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
