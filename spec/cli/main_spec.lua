local child = require "spec.support.child"

local run = child.run

describe("the command line", function()
    teardown(child.clean)

    it("without words shows short help on stderr and exits 2", function()
        local r = run {}
        assert.equal(2, r.code)
        assert.equal("", r.out)
        assert.truthy(r.err:find("backlua run", 1, true))
    end)

    it("shows help on stdout, examples first, in at most 24 lines", function()
        for _, words in ipairs { { "--help" }, { "-h" }, { "help" }, { "run", "--help" },
            { "help", "run" }, { "run", "x.lua", "-h" } } do
            local r = run(words)
            local _, lines = r.out:gsub("\n", "")
            assert.equal(0, r.code)
            assert.equal("", r.err)
            assert.is_true(lines <= 24, lines .. " lines: " .. table.concat(words, " "))
            assert.truthy(r.out:match "^[^\n]*\n?[^\n]*\n  backlua " or r.out:match "^  backlua ")
        end
    end)

    it("shows examples first at each level, in at most 24 lines", function()
        local registry = require "backlua.cli.commands"
        local parser_of = require "backlua.cli.parser"
        for _, name in ipairs(registry.names()) do
            local module = registry.module(name)
            local parser = require "argparse"(name)
            module.configure(parser)
            local levels = { {} }
            for _, verb in ipairs(parser._commands) do
                levels[#levels + 1] = { verb._name }
            end
            for _, words in ipairs(levels) do
                local text = parser_of(module).help(words)
                local shown = name .. " " .. (words[1] or "")
                local _, lines = text:gsub("\n", "")
                assert.equal(1, text:find("  [^\n]*backlua " .. name), shown)
                assert.is_true(lines <= 24, shown .. ": " .. lines)
            end
        end
    end)

    it("fits help into 80 columns, all of it, and into fewer, but for examples", function()
        local registry = require "backlua.cli.commands"
        local parser_of = require "backlua.cli.parser"
        local output = require "backlua.text.output"
        local columns_of, columns = output.columns, nil
        output.columns = function() return columns end
        local function check(text, what)
            for line in text:gmatch "[^\n]+" do
                local is_example = columns ~= nil and line:find "^  .*backlua " ~= nil
                local fits = #line <= (columns or 80) or is_example
                    or line:find "^ +%S+$" ~= nil -- a word is not broken
                assert.is_true(fits or false, what .. ": " .. line)
            end
        end
        for _, given in ipairs { "any", "80", "60" } do
            columns = tonumber(given)
            check(registry.help(), "help")
            for _, name in ipairs(registry.names()) do
                local module = registry.module(name)
                local parser = require "argparse"(name)
                module.configure(parser)
                check(parser_of(module).help { "--verbose" }, name)
                check(parser_of(module).help {}, name)
                for _, verb in ipairs(parser._commands) do
                    check(parser_of(module).help { verb._name }, name .. " " .. verb._name)
                end
            end
        end
        output.columns = columns_of
    end)

    it("says of every option what it does, when all is asked for", function()
        local short = run { "ingest", "--help" }.out
        assert.truthy(short:find("--epoch UNIT", 1, true))
        assert.truthy(short:find("--help (with --verbose: all of it)", 1, true))
        local all = run({ "ingest", "--help", "--verbose" }).out:gsub("%s+", " ")
        local parser = require "argparse" "x"
        local module = require "backlua.cli.ingest"
        module.configure(parser)
        for _, option in ipairs(parser._options) do
            local alias, text = option._aliases[#option._aliases], option._description
            assert.truthy(all:find(" " .. alias:gsub("%-", "%%-") .. " [%u ]*"
                .. text:gsub("%p", "%%%0") .. " ") or alias == "--help", alias)
        end
        for _, example in ipairs(module.more_examples) do
            assert.truthy(all:find(example[1], 1, true), example[1])
        end
    end)

    it("prints versions", function()
        local r = run { "--version" }
        assert.equal(0, r.code)
        assert.truthy(r.out:match "^backlua %d+%.%d+%.%d+\n")
        for _, name in ipairs { "LuaJIT", "SQLite", "OpenSSL", "zlib", "lua%-cjson", "argparse",
            "dygraphs", "libedit" } do
            assert.truthy(r.out:match(name .. " %d+%.%d+"), name)
        end
    end)

    it("suggests the nearest command, option and file", function()
        for words, hint in pairs {
            [{ "runn" }] = "unknown command 'runn'; did you mean 'run'?",
            [{ "optimise", "x.lua" }] = "did you mean 'optimize'?",
            [{ "run", "a.lua", "-q" }] = "unknown option '-q'; did you mean '--quiet'?",
            [{ "run", "a.lua", "-z" }] = "unknown option '-z'\n",
            [{ "--qiet", "run" }] = "unknown option '--qiet'; did you mean '--quiet'?",
            [{ "run", "x.lua", "--captial", "5" }] = "'--captial'; did you mean '--capital'?",
            [{ "exmaples/01_sma_cros.lua" }] = "no such file: exmaples/01_sma_cros.lua; "
                .. "did you mean examples/01_sma_cross.lua?",
            [{ "run", "exmaples/01_sma_cross.lua", "-b", "x" }] = "did you mean "
                .. "examples/01_sma_cross.lua?",
        } do
            local r = run(words)
            assert.equal(2, r.code)
            assert.equal("", r.out)
            assert.truthy(r.err:find(hint, 1, true), r.err)
        end
    end)

    it("names the word that is one too many, and what it may have been meant as", function()
        for words, says in pairs {
            [{ "run", "a.lua", "jsn" }] = "'jsn'; did you mean '--json'?",
            [{ "run", "a.lua", "fast=3" }] = "'fast=3'; did you mean '--param fast=3'?",
            [{ "report", "last", "r.html" }] = "'r.html'; did you mean '-o r.html'?",
            [{ "run", "a.lua", "a/b.lua" }] = "'a/b.lua'; did you mean '-o a/b.lua'?",
            -- one that is there is not to be overwritten
            [{ "run", "a.lua", "spec/readme_spec.lua" }] = "'spec/readme_spec.lua'\n",
            [{ "bundle", "info", "demo", "x" }] = "'x'\nSee: backlua bundle info --help",
            [{ "config", "show", "csv" }] = "'csv'; did you mean '--csv'?",
        } do
            local r = run(words)
            assert.same({ 2, "" }, { r.code, r.out })
            assert.truthy(r.err:find("backlua: one word too many: " .. says, 1, true), r.err)
        end
    end)

    it("names the argument that is missing, and the whole line", function()
        for words, says in pairs {
            [{ "bundle", "diff", "a" }] = "which B? backlua bundle diff A B\n",
            [{ "bundle", "rm" }] = "which NAME? backlua bundle rm NAME...\nSee: ",
            [{ "study", "replay" }] = "which NAME? backlua study replay NAME TRIAL\n",
        } do
            local r = run(words)
            assert.same({ 2, "" }, { r.code, r.out })
            assert.truthy(r.err:find("backlua: " .. says, 1, true), r.err)
        end
    end)

    it("takes global flags before the command as after it", function()
        local r = run { "--no-color", "--quiet", "runn" }
        assert.equal(2, r.code)
        assert.truthy(r.err:find("did you mean 'run'", 1, true))
    end)

    it("survives words that are empty, long or not UTF-8", function()
        for _, word in ipairs { "", " ", "\255\254", ("x"):rep(100000), "-", "--", "%s%n",
            "../.." } do
            local r = run { word }
            assert.is_true(r.code == 2 or word == "-" and r.code == 0, word:sub(1, 20))
            assert.is_true(#r.err < 2000)
        end
    end)
end)

describe("a batch script", function()
    local folder, script

    setup(function()
        folder = child.scratch()
        script = folder .. "/s.lua"
    end)
    teardown(child.clean)

    it("has its words in arg and as arguments, and the library in reach", function()
        child.write(script, "require 'backlua.text.number'\n"
            .. "print(arg[0], arg[1], arg[2], #arg, ...)")
        local r = run { script, "a b", "-x" }
        assert.equal("", r.err)
        assert.equal(script .. "\ta b\t-x\t2\ta b\t-x\n", r.out)
        assert.equal(0, r.code)
    end)

    it("may come from the command line or from stdin", function()
        assert.equal("3\tx\n", run { "-e", "print(1 + 2, ...)", "x" }.out)
        assert.equal("7\n", run { "-", stdin = "print(7)" }.out)
    end)

    it("may start with a #! line", function()
        child.write(script, "#!/usr/bin/env backlua\nprint 'ok'\n")
        assert.equal("ok\n", run { script }.out)
    end)

    it("that fails says where, and exits 1", function()
        child.write(script, "local x = nil\nprint 'first'\nprint(x.y)\n")
        local r = run { script }
        assert.equal(1, r.code)
        assert.equal("first\n", r.out)
        assert.truthy(r.err:find(script .. ":3:", 1, true), r.err)
        assert.is_nil(r.err:find("traceback", 1, true))
        assert.truthy(run { "--verbose", script }.err:find("traceback", 1, true))
    end)

    it("that does not parse says where, and exits 1", function()
        child.write(script, "print(\n")
        local r = run { script }
        assert.equal(1, r.code)
        assert.truthy(r.err:find(script .. ":", 1, true), r.err)
    end)

    it("decides its own exit code", function()
        assert.equal(7, run { "-e", "os.exit(7)" }.code)
    end)

    it("ends with the code of the failure it raises", function()
        local r = run { "-e", "error { code = 'data', message = 'no prices' }" }
        assert.equal(3, r.code)
        assert.equal("backlua: no prices\n", r.err)
    end)

    it("needs code after -e", function()
        assert.equal(2, run { "-e" }.code)
    end)
end)

describe("the streams", function()
    teardown(child.clean)

    it("stay quiet when the reader of stdout goes away", function()
        local r = run { "-e", "for i = 1, 1e5 do print(i) end", stdout = "| head -1" }
        assert.equal("", r.err)
    end)

    it("report a result that cannot be written, exit 4", function()
        local r = run { "--help", stdout = "/dev/full" }
        assert.equal(4, r.code)
        assert.truthy(r.err:find("cannot write", 1, true))
        r = run { "-c", child.program .. " --help >&-", program = "sh" }
        assert.equal(4, r.code)
        assert.truthy(r.err:find("cannot write", 1, true))
        r = run { "-c", child.program .. " -e 'io.stderr:write(tostring(io.read()))' <&- >&-",
            program = "sh" }
        assert.same({ 0, "nil" }, { r.code, r.err })
        assert.equal(2, run({ "-c", child.program .. " runn 2>&-", program = "sh" }).code)
    end)

    it("are coloured only when forced here, and never under NO_COLOR", function()
        assert.is_nil(run { "runn" }.err:find "\27")
        assert.truthy(run { "runn", env = { FORCE_COLOR = "1" } }.err:find "\27")
        assert.is_nil(run { "runn", env = { FORCE_COLOR = "1", NO_COLOR = "1" } }.err:find "\27")
        assert.is_nil(run { "--no-color", "runn", env = { FORCE_COLOR = "1" } }.err:find "\27")
    end)
end)

describe("the environment", function()
    local BAD = { "", " ", "-1", "1e308", "nan", "inf", "99999999999999999999", "4,0", "0x10",
        ("9"):rep(100000), "\255\254" }
    local NUMBERS = { "CACHE_SIZE_GB", "LRU_MAXSIZE", "MAX_BUNDLE_POOL_SIZE", "TIER2_MAXSIZE",
        "PERMANENT_WINDOWS" }
    local SWITCHES = { "ENABLE_CACHING", "ENABLE_BUNDLE_POOLING" }

    teardown(child.clean)

    local function refused(name, value)
        local r = run { "-e", "print 'ran'", env = { [name] = value } }
        assert.equal(2, r.code, name .. "=" .. value:sub(1, 30))
        assert.equal("", r.out)
        assert.truthy(r.err:find(name, 1, true), r.err)
        assert.is_true(#r.err < 1000)
    end

    it("is refused where it makes no sense, naming variable and range", function()
        for _, prefix in ipairs { "BACKLUA_", "RUSTYBT_" } do
            for _, value in ipairs(BAD) do
                for _, name in ipairs(NUMBERS) do
                    refused(prefix .. name, value)
                end
                for _, name in ipairs(SWITCHES) do
                    refused(prefix .. name, value)
                end
            end
        end
        for _, name in ipairs(NUMBERS) do
            refused("BACKLUA_" .. name, "0")
        end
    end)

    it("may name folders of any bytes and length: messages stay short and printable", function()
        local folder = child.scratch()
        local long = ("x"):rep(100000)
        for _, value in ipairs { "/dev/null", "/proc/self", long, "\255\27[31m" } do
            for _, name in ipairs { "BACKLUA_BUNDLES", "BACKLUA_HOME" } do
                local r = run { "bundle", "list", cwd = folder, env = { [name] = value } }
                local shown = name .. "=" .. value:sub(1, 20)
                assert.is_true(r.code == 0 or r.code == 3 or r.code == 4, shown .. r.code .. r.err)
                assert.is_true(#r.err < 2200, shown)
                assert.is_nil(r.err:find("\27", 1, true), shown)
            end
        end
    end)

    it("is taken where it does, BACKLUA before RUSTYBT", function()
        local code = [[local c = require "backlua.ffi".C.bt_config_get()
            print(c.enable_caching, c.cache_size_gb, c.lru_maxsize)]]
        local r = run { "-e", code, env = { BACKLUA_ENABLE_CACHING = "off",
            RUSTYBT_CACHE_SIZE_GB = "4.5", RUSTYBT_LRU_MAXSIZE = "7", BACKLUA_LRU_MAXSIZE = "9" } }
        assert.equal("0\t4.5\t9\n", r.out)
    end)
end)
