local child = require "spec.support.child"
local cjson = require "cjson"
local bundles = require "spec.support.bundles"

local STRATEGY = "examples/01_sma_cross.lua"

local BUNDLES, FOLDER

local function run(words, more)
    local spec = more or {}
    for i, word in ipairs(words) do
        spec[i + 1] = word
    end
    spec[1] = "run"
    spec.env = spec.env or {}
    spec.env.BACKLUA_BUNDLES = BUNDLES
    return child.run(spec)
end

local function strategy(text)
    local path = FOLDER .. "/s.lua"
    child.write(path, text)
    return path
end

local function hash_of(r)
    assert.equal(0, r.code, r.err)
    return (assert(r.out:match '"result_hash":"(%x+)"'))
end

local function holds(text, part)
    assert.truthy(text:find(part, 1, true), ("%q is not in\n%s"):format(part, text))
end

describe("backlua run", function()
    setup(function()
        BUNDLES, FOLDER = bundles.folder "demo", child.scratch()
    end)
    teardown(child.clean)

    describe("as text", function()
        it("puts the result on stdout and what is said about it on stderr", function()
            local r = run { STRATEGY, "-b", "demo" }
            assert.equal(0, r.code, r.err)
            assert.truthy(r.out:match "^01_sma_cross%.lua  2000%-01%-03%.%.2024%-12%-31  2 assets")
            assert.truthy(r.err:match "^run %x+ saved%.[^\n]*\n$")
            assert.equal("", run({ STRATEGY, "-b", "demo", "--quiet" }).err)
        end)

        it("shows what a strategy prints on stderr", function()
            local r = run { strategy "return { initialize = function() print 'hello' end }", "-b",
                "demo", "--no-save" }
            assert.equal("hello\n", r.err)
            holds(r.out, "No orders: the strategy never asked")
        end)

        it("prints frames and views as what they hold", function()
            local r = run { strategy [[return { handle_data = function(_, data)
                print(data:history("AAPL", "close", 2, "1d"))
                print(data:history("AAPL", "close", 2, "1d", "array"))
            end }]], "-b", "demo", "-s", "2024-12-31", "--no-save" }
            holds(r.err, "close")
            holds(r.err, "2024-12-31")
            holds(r.err, "view[2]")
            assert.is_nil(r.err:find("table:", 1, true))
        end)

        it("dates -s and -e to their sessions", function()
            local r = run { STRATEGY, "-b", "demo", "-s", "2010-01-01", "-e", "2010-12-31" }
            assert.truthy(r.out:match "^%S+  2010%-01%-04%.%.2010%-12%-31  ")
        end)

        it("takes a strategy from stdin", function()
            local r = run({ "-", "-b", "demo" }, { stdin = child.read(STRATEGY) })
            assert.equal(0, r.code, r.err)
            local result = "result +(%x+)"
            assert.truthy(r.out:match "^%(stdin%)  ")
            assert.equal(run({ STRATEGY, "-b", "demo" }).out:match(result), r.out:match(result))
            assert.equal(1, run({ "-", "-b", "demo" }).code)
        end)

        it("flags the optimistic fill", function()
            holds(run({ STRATEGY, "-b", "demo", "--fill", "same_close" }).out, "optimistic")
        end)
    end)

    describe("as JSON", function()
        local text, object

        setup(function()
            local r = run { STRATEGY, "-b", "demo", "--json" }
            assert.equal(0, r.code, r.err)
            text, object = r.out, cjson.decode(r.out)
        end)

        it("is one object with the documented keys and no others", function()
            local keys = {}
            for key in pairs(object) do
                keys[#keys + 1] = key
            end
            table.sort(keys)
            assert.is_false(object.cached)
            assert.same({ "cached", "equity", "fills", "manifest", "metrics", "orders", "records",
                "result_hash", "trades" }, keys)
            assert.truthy(object.result_hash:match "^%x+$" and #object.result_hash == 64)
        end)

        it("says in the manifest what it takes to repeat the run", function()
            for _, key in ipairs { "strategy", "params", "bundle", "first_bar", "last_bar",
                "capital", "fill", "commission", "slippage", "seed", "engine", "luajit", "cpu",
                "lot", "leverage", "on_insufficient", "history_start", "periods_per_year" } do
                assert.not_nil(object.manifest[key], key)
            end
            assert.equal(64, #object.manifest.bundle.sha256)
            assert.equal(64, #object.manifest.strategy.sha256)
            assert.same({ fast = 20, slow = 100 }, object.manifest.params)
        end)

        it("has the metrics by their keys", function()
            for key in ([[total_return cagr volatility sharpe_ratio sortino_ratio calmar_ratio
                max_drawdown max_drawdown_bars win_rate profit_factor expectancy trades
                exposure_time exposure_gross turnover total_commission total_slippage]])
                :gmatch "%S+" do
                assert.equal("number", type(object.metrics[key]), key)
            end
            assert.is_true(object.metrics.max_drawdown <= 0)
        end)

        it("adds up: fills are the orders' amounts, cash and costs", function()
            local cash, commission, filled = 100000, 0, {}
            for _, f in ipairs(object.fills) do
                cash = cash - f.amount * f.price - f.commission
                commission = commission + f.commission
                filled[f.order_id] = (filled[f.order_id] or 0) + f.amount
            end
            local last = object.equity[#object.equity]
            assert.is_true(math.abs(cash - last.cash) < 1e-6 * last.value)
            assert.is_true(math.abs(commission - object.metrics.total_commission) < 1e-6)
            for _, o in ipairs(object.orders) do
                assert.equal(o.filled, filled[o.id] or 0)
            end
            assert.equal(object.metrics.trades, #object.trades)
            assert.is_true(math.abs(last.value / 100000 - 1 - object.metrics.total_return) < 1e-12)
        end)

        it("writes NaN as null", function()
            local r = run { strategy "return { handle_data = function() end }", "-b", "demo",
                "--json" }
            assert.equal(cjson.null, cjson.decode(r.out).metrics.win_rate)
            assert.same({}, cjson.decode(r.out).orders)
            assert.truthy(r.out:find('"orders":[]', 1, true))
        end)

        it("is the same twice, with caches off, and from a file", function()
            local path = FOLDER .. "/r.json"
            assert.equal(text, run({ STRATEGY, "-b", "demo", "--json" }).out)
            local function but_hit_rates(json)
                return (json:gsub('"cache":%b{},', ""))
            end
            assert.not_equal(text, but_hit_rates(text))
            assert.equal(but_hit_rates(text), but_hit_rates(run({ STRATEGY, "-b", "demo", "--json",
                "--no-cache" }).out))
            local r = run { STRATEGY, "-b", "demo", "-o", path }
            assert.equal("", r.out)
            holds(r.err, "wrote " .. path)
            assert.equal(text, child.read(path))
        end)
    end)

    describe("as CSV", function()
        it("names the table in the first field, header lines too", function()
            local out = run({ STRATEGY, "-b", "demo", "--csv" }).out
            local object = cjson.decode(run({ STRATEGY, "-b", "demo", "--json" }).out)
            local rows = {}
            for line in out:gmatch "[^\n]+" do
                local name = line:match "^[^,]*"
                rows[name] = (rows[name] or -1) + 1
            end
            assert.equal(17, rows.metrics)
            for _, name in ipairs { "orders", "fills", "trades", "equity", "records" } do
                assert.equal(#object[name], rows[name], name)
            end
            holds(out, "\nequity,time,cash,value\nequity,2000-01-03T21:00:00Z,100000,100000\n")
        end)

        it("quotes a record's name", function()
            local path = strategy [[return { handle_data = function(ctx)
                ctx:record { ['a,"b"'] = 1 } end }]]
            local out = run({ path, "-b", "demo", "-s", "2024-12-31", "--csv" }).out
            holds(out, 'records,2024-12-31T21:00:00Z,"a,""b""",1\n')
        end)
    end)

    describe("-o FILE", function()
        local function mode(path)
            return (io.popen("stat -c %a " .. child.quote(path)):read "*l")
        end

        it("makes a file of its own, whatever the umask, and keeps the mode of another", function()
            local path = FOLDER .. "/new.csv"
            assert.equal(0, run({ STRATEGY, "-b", "demo", "-o", path }).code)
            assert.equal("600", mode(path))
            os.execute("chmod 640 " .. path)
            assert.equal(0, run({ STRATEGY, "-b", "demo", "-o", path }).code)
            assert.equal("640", mode(path))
        end)

        it("- is stdout", function()
            holds(run({ STRATEGY, "-b", "demo", "--csv", "-o", "-" }).out, "metrics,key,value")
        end)

        it("writes through a link and into a device, not over them", function()
            local target, link = FOLDER .. "/target.json", FOLDER .. "/link.json"
            child.write(target, "old")
            os.execute("ln -s " .. target .. " " .. link)
            assert.equal(0, run({ STRATEGY, "-b", "demo", "-o", link }).code)
            assert.equal("{", child.read(target):sub(1, 1))
            assert.equal(0, run({ STRATEGY, "-b", "demo", "-o", "/dev/null" }).code)
            assert.truthy(io.popen "stat -c %F /dev/null":read "*l":find "special")
        end)

        it("that cannot be written exits 4 with path and reason, and leaves nothing", function()
            local r = run { STRATEGY, "-b", "demo", "-o", "/dev/full" }
            assert.equal(4, r.code)
            holds(r.err, "/dev/full: No space left on device")
            r = run { STRATEGY, "-b", "demo", "-o", "/proc/r.json" }
            assert.equal(4, r.code)
            holds(r.err, "/proc/r.json")
        end)
    end)

    it("makes files for the user alone, whatever the umask", function()
        for _, umask in ipairs { "000", "777" } do
            local home = child.scratch()
            local command = ("umask %s; exec %s run %s -b demo -o %s/r.json"):format(umask,
                child.program, STRATEGY, home)
            local r = child.run { "-c", command, program = "sh",
                env = { HOME = home .. "/user", BACKLUA_HOME = home .. "/own",
                    BACKLUA_BUNDLES = BUNDLES } }
            assert.equal(0, r.code, r.err)
            local pipe, seen = io.popen("find " .. home .. " -mindepth 1 -printf '%y%m %p\n'"), 0
            for kind, mode, path in pipe:read "*a":gmatch "(%a)(%d+) (%S+)" do
                assert.equal(kind == "d" and "700" or "600", mode, umask .. " " .. path)
                seen = seen + 1
            end
            assert.is_true(seen > 3)
        end
    end)

    describe("the summary", function()
        it("is saved once for equal runs, and not under --no-save", function()
            local home = child.scratch()
            for _, form in ipairs { "--no-color", "--no-color", "--json" } do
                run({ STRATEGY, "-b", "demo", form }, { env = { BACKLUA_HOME = home } })
            end
            run({ STRATEGY, "-b", "demo", "--param", "fast=10", "--no-save" },
                { env = { BACKLUA_HOME = home } })
            local files = {}
            for name in io.popen("ls " .. home .. "/runs"):lines() do
                files[#files + 1] = name ~= "last" and name or nil
            end
            assert.equal(1, #files)
            assert.equal(files[1], child.read(home .. "/runs/last") .. ".json")
            local summary = cjson.decode(child.read(home .. "/runs/" .. files[1]))
            assert.equal(hash_of(run { STRATEGY, "-b", "demo", "--json" }), summary.result_hash)
            assert.equal(20, summary.manifest.params.fast)
            assert.is_true(summary.manifest.jit)
            assert.not_nil(summary.metrics.cagr)
        end)

        it("that was made last is known, and what is known is not written again", function()
            local home = child.scratch()
            local last = home .. "/runs/last"
            local function again(...)
                run({ STRATEGY, "-b", "demo", ... }, { env = { BACKLUA_HOME = home } })
            end
            local function inode()
                local pipe = io.popen("stat -c %i " .. last)
                local text = pipe:read "*a"
                pipe:close()
                return text
            end
            again()
            local id, there = child.read(last), inode()
            again()
            assert.equal(there, inode())
            again("--param", "fast=10")
            assert.not_equal(id, child.read(last))
            again()
            assert.equal(id, child.read(last))
        end)

        it("that cannot be saved is one warning", function()
            local file = FOLDER .. "/file"
            child.write(file, "")
            local r = run({ STRATEGY, "-b", "demo" }, { env = { BACKLUA_HOME = file } })
            assert.equal(0, r.code)
            local _, lines = r.err:gsub("\n", "")
            assert.equal(1, lines, r.err)
            holds(r.err, "warning: the run was not saved")
        end)
    end)

    describe("parameters", function()
        local PARAMS = [[
            return {
                params = { n = 1, name = "x", on = false },
                initialize = function(ctx)
                    local p = ctx.params
                    print(type(p.n), p.n, type(p.name), p.name, type(p.on), p.on)
                end,
            }]]

        local function said(...)
            local words = { strategy(PARAMS), "-b", "demo", "-s", "2024-12-31", "--no-save" }
            for _, word in ipairs { ... } do
                words[#words + 1] = word
            end
            return run(words)
        end

        it("take the type of the default", function()
            assert.equal("number\t2\tstring\t7\tboolean\ttrue\n",
                said("--param", "n=2", "--param", "name=7", "--param", "on=yes").err)
            assert.equal("number\t1\tstring\ta=b\tboolean\tfalse\n",
                said("--param", "name=a=b").err)
        end)

        it("come from a file, and single ones win over it", function()
            local file = FOLDER .. "/best.lua"
            child.write(file, "return { n = 5, name = 'file' }")
            assert.equal("number\t6\tstring\tfile\tboolean\tfalse\n",
                said("--params", file, "--param", "n=6").err)
        end)

        it("may be tables, from a file and in what is shown", function()
            local path = strategy [[
                return { params = { list = { "A", 1 }, w = { b = 0.5, a = { 2 } } },
                    handle_data = function() end }]]
            local words = { path, "-b", "demo", "-s", "2024-12-30", "--no-save" }
            holds(run(words).out, "params      list={A, 1} w={a={2}, b=0.5}")
            local file = FOLDER .. "/list.lua"
            child.write(file, "return { list = { 'B', 2, 3 } }")
            words[#words + 1], words[#words + 2] = "--params", file
            holds(run(words).out, "params      list={B, 2, 3} w={a={2}, b=0.5}")
        end)

        it("that are unknown are refused with the nearest name", function()
            local r = said("--param", "nam=7")
            assert.equal(2, r.code)
            assert.equal("backlua: unknown parameter 'nam'; did you mean 'name'?\n", r.err)
        end)

        it("of the wrong type are refused", function()
            for text, word in pairs { ["n=x"] = "number", ["n=0x10"] = "number", ["n="] = "number",
                ["on=maybe"] = "true or false" } do
                local r = said("--param", text)
                assert.equal(2, r.code, text)
                holds(r.err, word)
            end
        end)

        it("files that are none are refused", function()
            local file = FOLDER .. "/bad.lua"
            for text, word in pairs {
                ["return 1"] = "table of parameters", ["return {"] = "bad.lua:1:",
                ["return { n = {} }"] = "is a number, got a table", ["x = 1"] = "table of param",
                ["local t = {} t[1] = t return { n = t }"] = "got a table inside itself",
                ["return { [1] = 2 }"] = "names must be strings", ["return { m = 1 }"] = "'m'",
                ["return { n = 'a' }"] = "is a number, got a string",
                ["return os.exit(0)"] = "os", ["while true do end"] = "too long",
                ["\27LJ"] = "bad.lua",
            } do
                child.write(file, text)
                local r = said("--params", file)
                assert.equal(2, r.code, text .. ": " .. r.err)
                holds(r.err, word)
            end
        end)
    end)

    describe("when it fails", function()
        it("names the nearest bundle: exit 3", function()
            local r = run { STRATEGY, "-b", "dmeo" }
            assert.equal(3, r.code)
            assert.equal("", r.out)
            holds(r.err, "demo")
        end)

        it("shows file, line, source and bar of a strategy's error in 8 lines: exit 1", function()
            local path = strategy "return {\n  handle_data = function(ctx)\n    ctx.a.b = 1\nend }"
            local r = run { path, "-b", "demo" }
            assert.equal(1, r.code)
            assert.equal("", r.out)
            holds(r.err, path .. ":3:")
            holds(r.err, "ctx.a.b = 1")
            holds(r.err, "2000-01-03")
            local _, lines = r.err:gsub("\n", "")
            assert.is_true(lines <= 8)
        end)

        it("leaves the output file as it was", function()
            local path = FOLDER .. "/kept.json"
            child.write(path, "old")
            run { strategy "return { initialize = function() error 'no' end }", "-b", "demo", "-o",
                path }
            assert.equal("old", child.read(path))
        end)

        it("ends on Ctrl-C at the next bar: exit 130", function()
            local path = strategy [[return { handle_data = function()
                local x = 0
                for i = 1, 1e7 do x = x + i end
            end }]]
            local r = child.run { "--preserve-status", "-s", "INT", "1", child.program, "run", path,
                "-b", "demo", program = "timeout", env = { BACKLUA_BUNDLES = BUNDLES } }
            assert.equal(130, r.code, r.err)
            assert.equal("", r.out)
        end)
    end)

    it("draws other random numbers under another seed, the same under the same", function()
        local path = strategy [[return { handle_data = function(ctx)
            ctx:record { x = ctx:random() } end }]]
        local function seeded(seed)
            return hash_of(run { path, "-b", "demo", "-s", "2024-01-01", "--json", "--seed", seed })
        end
        assert.equal(seeded(5), seeded(5))
        assert.not_equal(seeded(5), seeded(6))
    end)

    it("opens the sandbox only under --unsafe, and says so", function()
        local path = strategy "return { initialize = function() print(io ~= nil) end }"
        assert.equal("false\n", run({ path, "-b", "demo", "--no-save" }).err)
        local r = run { path, "-b", "demo", "--no-save", "--unsafe" }
        holds(r.err, "warning: --unsafe")
        holds(r.err, "true\n")
        holds(r.out, "sandbox     off (--unsafe)")
    end)
end)
