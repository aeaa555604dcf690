-- explain, completion, doctor, bench and the manual page: what they say comes from one source.

local bundles = require "spec.support.bundles"
local child = require "spec.support.child"
local completion = require "backlua.cli.completion"
local json = require "backlua.json"
local probes = require "backlua.cli.probes"

local run = child.run

describe("explain", function()
    teardown(child.clean)

    local function explained(topic)
        local r = run { "explain", topic }
        assert.same({ 0, "" }, { r.code, r.err }, topic)
        return r.out
    end

    -- The same without where its lines end.
    local function flat(topic)
        return (explained(topic):gsub("%s+", " "))
    end

    it("knows every metric, reason, search and name that can be called", function()
        local explain = "local e = require 'backlua.cli.explain' for _, n in ipairs(%s) do "
            .. "assert(e.run { topic = n } == 0, n) end"
        for _, names in ipairs { "require 'backlua.metrics'.names()",
            "require 'backlua.metric_keys'()", "require 'backlua.reference'.names()" } do
            local r = run { "-e", explain:format(names) }
            assert.same({ 0, "" }, { r.code, r.err })
            assert.is_true(#r.out > 1000)
        end
    end)

    it("gives formula and source, reason and remedy, options of a search", function()
        assert.truthy(explained("sharpe"):find("(m - f)/s sqrt(A) (Sharpe 1994)", 1, true))
        assert.truthy(flat("reduced_cash"):find("ask for less", 1, true))
        assert.truthy(flat("BayesianOptimizer"):find(" n_iter integer trials (default 50) ", 1,
            true))
        assert.truthy(explained("order_target"):find("Hold so many units", 1, true))
        for _, word in ipairs { "nsga2", "nsga2(population_size=20)", "NSGA2Optimizer" } do
            assert.equal(1, (explained(word):find("optimization.NSGA2Optimizer(", 1, true)))
        end
        assert.truthy(explained("random"):find("RandomSearchAlgorithm.*ctx:random"))
        assert.truthy(explained("exit"):find("\n6    not reproducible", 1, true))
        assert.truthy(flat("cache"):find("A run over 500,000 asset-bars or more", 1, true))
    end)

    it("lists what constructors and methods take, once on a page", function()
        local text = explained "WindowConfig"
        assert.truthy(text:find('\n  groups +integer +of cpcv: groups of sessions\n'
            .. " +%(default 6%)\n"), text)
        text = explained "ParallelOptimizer"
        assert.truthy(text:find("\n  param_space +ParameterSpace +a grid", 1))
        assert.truthy(text:find("\n  start_date +string +its first session", 1))
        text = explained "ctx:order"
        assert.truthy(text:find("\n  amount +number\n  options +OrderOptions +%(optional%)\n"
            .. '    size_at +"decision"|"fill" +which price sizes'), text)
        assert.truthy(explained("sma"):find("\n    n +integer +1..100000 %(default 30%)\n"))
        assert.equal(1, select(2, explained("run"):gsub("\n +start_date", "")))
        assert.truthy(explained("SensitivityAnalyzer:run"):find("\n  n_jobs +integer "))
    end)

    it("wraps at the terminal's columns, at 80 elsewhere, all but examples", function()
        local script = [[
            local output = require "backlua.text.output"
            local explain = require "backlua.cli.explain"
            local columns, examples = tonumber(arg[1]), {}
            output.columns = function() return columns end
            for _, entry in ipairs(require "backlua.reference".entries()) do
                examples["  " .. tostring(entry.example)] = true
            end
            local topics = { "assumptions", "metrics", "reasons", "searches", "output", "exit" }
            for _, names in ipairs { require "backlua.metrics".names(),
                require "backlua.metric_keys"(), require "backlua.reference".names() } do
                for _, name in ipairs(names) do
                    topics[#topics + 1] = name
                end
            end
            output.write = function(text)
                for line in text:gmatch "[^\n]+" do
                    assert(#line <= (columns or 80) or examples[line], line)
                end
            end
            for _, topic in ipairs(topics) do
                assert(explain.run { topic = topic } == 0)
            end
        ]]
        for _, columns in ipairs { "60", "80", "any" } do
            local r = run { "-e", script, columns }
            assert.same({ 0, "" }, { r.code, r.err })
        end
    end)

    it("says on the page of a kind once what holds for all of it", function()
        local reasons, all = explained "reasons", explained "metrics"
        assert.truthy(reasons:find("^Why an order ended:\n  filled +filled as asked\n"))
        assert.truthy(reasons:find("\n  reduced_cash +reduced to what the buying power pays"))
        assert.equal(1, select(2, flat("metrics"):gsub("V value of 1 invested, f", "")))
        assert.truthy(all:find("\nturnover = [^\n]+\n[^\n]*\n?ulcer_index = "))
        for _, page in ipairs { reasons, all, explained "searches" } do
            local seen = {}
            for line in page:gsub("\n    +", " "):gmatch "[^\n]+" do
                assert.is_nil(seen[line], line)
                seen[line] = true
            end
        end
    end)

    it("knows what ctx, a cost model, a rule and a policy are", function()
        assert.truthy(explained("ctx"):find("\n  [^\n]*order_target_percent, order_target_value"))
        assert.truthy(flat("fixed_bps"):find("within the bar's low and high", 1, true))
        assert.truthy(explained("month_end"):find("last session of a month", 1, true))
        assert.truthy(explained("trades"):find("round trips", 1, true))
        assert.truthy(explained("same_close"):find("leans: Optimistic", 1, true))
        assert.truthy(explained("pessimistic"):find("traded the stop", 1, true))
    end)

    it("leaves no model of costs and no rule without a word", function()
        for _, owner in ipairs { "commission", "slippage", "date_rules", "time_rules" } do
            local count = 0
            for _, entry in ipairs(require "backlua.reference".entries()) do
                if entry.owner == owner and entry.kind == "function" then
                    count = count + 1
                    assert.is_true(#entry.text > 5, owner .. "." .. entry.name)
                end
            end
            assert.is_true(count >= 3, owner)
        end
    end)

    it("says of a run's account what the report says", function()
        local trading = require "backlua.report.run_trading"
        local values = { turnover = 2, exposure_time = 0.5, total_slippage = 1, trades = 1 }
        local page = trading.metrics { statistics = values,
            result = { periods_per_year = 252 }, manifest = { risk_free = 0, convention = "own" } }
        local said = {}
        for _, row in ipairs(page.blocks[1].rows) do
            said[row[1]] = row[4]
        end
        assert.truthy(said.turnover:find("buys and sells", 1, true))
        for name in pairs(values) do
            assert.equal(name .. " = " .. said[name] .. " ", flat(name))
        end
    end)

    it("gives the assumptions of the reports", function()
        local text = explained "assumptions"
        for _, word in ipairs { "Fills: next_open", "Limits and stops", "Adjustment: all",
            "worked from the bar after their", "a buy at the high costs none",
            "per_share{cost = 0.001", "leans:", "test it with:" } do
            assert.truthy(text:find(word, 1, true), word)
        end
    end)

    it("names the nearest topic on a miss", function()
        local r = run { "explain", "shrpe_ratio" }
        assert.equal(2, r.code)
        assert.truthy(r.err:find("did you mean 'sharpe_ratio'?", 1, true), r.err)
        assert.equal(2, run({ "explain" }).code)
    end)
end)

describe("completion", function()
    teardown(child.clean)

    local function complete(...)
        local words = { ... }
        local script = ('eval "$(%s completion bash)"; COMP_WORDS=(backlua %s); COMP_CWORD=%d; '
            .. 'COMPREPLY=(); _backlua 2>/dev/null; echo "${COMPREPLY[*]}"'):format(child.program,
            table.concat(words, " "), #words)
        return run({ "-c", script, program = "bash" }).out:gsub("\n$", "")
    end

    it("offers commands, verbs and options to bash", function()
        assert.equal("walkforward", (complete "walk"))
        assert.equal("--capital", (complete("run", "--capi")))
        assert.equal("list", (complete("study", "li")))
        assert.equal("--keep-last", (complete("bundle", "clean", "--keep")))
        assert.equal("config", (complete "conf"))
    end)

    it("offers names and values: bundles, studies, shells, one of a few", function()
        local folder = child.scratch()
        child.write(folder .. "/backlua", ("#!/bin/sh\nexec %s \"$@\"\n"):format(child.program))
        os.execute("chmod +x " .. folder .. "/backlua")
        local bundle = bundles.folder("demo", 2, 20)
        local function offered(...)
            local words = table.concat({ ... }, " ")
            local script = ('PATH=%s:$PATH; eval "$(%s completion bash)"; COMP_WORDS=(backlua %s); '
                .. 'COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _backlua; echo "${COMPREPLY[*]}"'):format(
                folder, child.program, words)
            return run({ "-c", script, program = "bash", cwd = folder,
                env = { BACKLUA_BUNDLES = bundle } }).out:gsub("\n$", "")
        end
        assert.equal("demo", (offered("run", "s.lua", "-b", "d")))
        os.execute(("cp -r %s/demo %s/dips"):format(bundle, bundle))
        assert.equal("demo dips", (offered("bundle", "verify", "d")))
        assert.equal("demo", (offered("bundle", "info", "de")))
        assert.equal("zsh", (offered("completion", "z")))
        assert.equal("next_open next_close", (offered("run", "s.lua", "--fill", "next")))
        assert.equal("lean", (offered("bundle", "export", "demo", "--format", "l")))
        assert.equal("mean_reversion", (offered("new", "x", "--template", "me")))
        assert.equal("--capital", (offered("--quiet", "run", "--capi")))
    end)

    -- Whether a shell is there, and what words it has besides the folder of the program in PATH.
    local function shell_in(folder, shell, words)
        child.write(folder .. "/backlua", ("#!/bin/sh\nexec %s \"$@\"\n"):format(child.program))
        os.execute("chmod +x " .. folder .. "/backlua")
        child.write(folder .. "/sma.lua", "")
        words.program, words.cwd = shell, folder
        words.env = { BACKLUA_BUNDLES = bundles.folder("demo", 2, 20),
            PATH = folder .. ":" .. os.getenv "PATH", BACKLUA_HOME = folder .. "/home" }
        return run(words)
    end

    local function has(shell)
        return os.execute("command -v " .. shell .. " >/dev/null 2>&1") == 0
    end

    it("is read by fish, which offers what it says", function()
        if not has "fish" then
            return pending "fish is not installed"
        end
        for line, offered in pairs {
            ["backlua run sma.lua --fill next"] = "next_close next_open",
            ["backlua run sma.lua -b "] = "demo", ["backlua bundle info "] = "demo",
            ["backlua bundle ver"] = "verify", ["backlua bundle clean --keep"] = "--keep-last",
            ["backlua completion "] = "bash fish zsh", ["backlua walk"] = "walkforward",
        } do
            local r = shell_in(child.scratch(), "fish", { "--no-config", "-c",
                "backlua completion fish | source; complete -C '" .. line .. "'" })
            local names = {}
            for name in r.out:gmatch "([^\t\n]+)[^\n]*\n" do
                names[#names + 1] = name
            end
            assert.same({ line, offered, "" }, { line, table.concat(names, " "), r.err })
        end
    end)

    -- A line that is typed, its Tab, and then `print 42` put before what has become of it.
    local ZSH = [[
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'autoload -U compinit; compinit -D -u; eval "$(backlua completion zsh)"; print $((6*7))'
zpty -r z out '*42*'
zpty -w -n z "$1"$'\t\x01print $((6*7)) \n'
zpty -r z out $'*42 *\n*'
print -r -- "${out##*$'\n'42 }"
zpty -d z
]]

    it("is loaded by zsh, whose Tab completes by it", function()
        if not has "zsh" then
            return pending "zsh is not installed"
        end
        for line, completed in pairs {
            ["backlua run sma.lua --fill sam"] = "backlua run sma.lua --fill same_close",
            ["backlua bundle info d"] = "backlua bundle info demo",
            ["backlua walk"] = "backlua walkforward",
        } do
            local r = shell_in(child.scratch(), "timeout", { "60", "zsh", "-f", "-c", ZSH, "zsh",
                line })
            assert.equal(completed, (r.out:match "^[^\r\n]*":gsub("%s+$", "")))
        end
    end)

    it("is the parsers' own for each shell, down to every option", function()
        for _, shell in ipairs { "bash", "zsh", "fish" } do
            local r = run { "completion", shell }
            assert.same({ 0, "" }, { r.code, r.err })
            for _, node in ipairs(completion.tree()) do
                assert.truthy(r.out:find(node.name, 1, true), node.name)
                for _, option in ipairs(node.options) do
                    local long = option.aliases[#option.aliases]
                    local shown = shell == "fish" and "-l " .. long:sub(3) or long
                    assert.truthy(r.out:find(shown, 1, true), shell .. " " .. long)
                end
            end
        end
    end)

    it("refuses other shells with the nearest one", function()
        local r = run { "completion", "bsh" }
        assert.equal(2, r.code)
        assert.truthy(r.err:find("did you mean 'bash'?", 1, true), r.err)
    end)
end)

describe("the manual page", function()
    it("has every command, option and example of the help", function()
        local text = require "backlua.cli.manual".text()
        assert.equal(1, text:find("%.TH BACKLUA 1"))
        for _, node in ipairs(completion.tree()) do
            assert.truthy(text:find(".SS backlua " .. node.name, 1, true), node.name)
            for _, option in ipairs(node.options) do
                local shown = option.aliases[1]:gsub("%-", "\\-")
                assert.truthy(text:find("\\fB" .. shown .. "\\fR", 1, true), shown)
            end
        end
    end)

    it("is what man takes without a warning", function()
        if os.execute "command -v groff >/dev/null 2>&1" == 0 then
            local path = os.tmpname()
            child.write(path, require "backlua.cli.manual".text())
            local pipe = io.popen("groff -man -Tascii -ww " .. path .. " 2>&1 >/dev/null")
            assert.equal("", pipe:read "*a")
            pipe:close()
            os.remove(path)
        end
    end)
end)

describe("doctor", function()
    teardown(child.clean)

    it("says versions, paths, the compiler's state and what the probes found", function()
        local r = run { "doctor", "--json" }
        assert.same({ 0, "" }, { r.code, r.err })
        local all = json.decode(r.out)
        for _, key in ipairs { "backlua", "with", "system", "processor", "memory", "bundles",
            "runs", "studies", "compiler", "probes" } do
            assert.is_true(#all[key] > 1, key)
        end
        assert.truthy(all.with:find("SQLite", 1, true))
        assert.truthy(all.probes:find "^%d+ probes, " or all.probes:find "^%d+ of %d+ probes ")
        assert.truthy(run({ "doctor" }).out:find("\ncompiler +LuaJIT"))
    end)

    it("probes fifteen things and more, and sees a difference", function()
        assert.is_true(#probes.names() >= 15)
        assert.is_true(probes.agrees "return i * 2, i % 7")
        assert.is_false(probes.agrees "return collectgarbage 'count'")
    end)
end)

describe("bench", function()
    teardown(child.clean)

    it("measures backtests and trials, and leaves nothing behind", function()
        local tmp = child.scratch()
        local r = run { "bench", "--json", env = { TMPDIR = tmp } }
        assert.same({ 0, "" }, { r.code, r.err })
        local rows = json.decode(r.out)
        assert.equal(3, #rows)
        for _, row in ipairs(rows) do
            assert.is_true(row.seconds > 0 and row.per_second > 0, row.name)
        end
        assert.equal("", io.popen("ls -A " .. tmp):read "*a")
    end)
end)
