-- The declarations for editors and the live interface say the same, in both directions.

local ffi = require "ffi"
local backtest = require "spec.support.backtest"
local market = require "spec.support.market"
local options = require "backlua.options"
local reference = require "backlua.reference"

market.daily("one", { A = market.path { 10, 11, 12 } })
market.daily("path", { A = market.path { 10, 11, 12, 11, 10, 12, 13, 12, 11, 13, 14, 13, 15, 14,
    13, 15, 16, 15, 14, 16, 17, 16, 18, 17 } })

-- Names declared of an owner: methods and functions, fields too when asked for.
local function declared(owner, fields)
    local names = {}
    for _, entry in ipairs(reference.entries()) do
        if entry.owner == owner and (entry.kind ~= "field" or fields) then
            names[entry.name] = true
        end
    end
    return names
end

local function keys(...)
    local names = {}
    for _, t in ipairs { ... } do
        for name in pairs(t) do
            names[name] = true
        end
    end
    return names
end

local function sorted(names)
    local list = {}
    for name in pairs(names) do
        list[#list + 1] = name
    end
    table.sort(list)
    return list
end

local function same(live, owner, fields)
    assert.same(sorted(live), sorted(declared(owner, fields)), owner)
end

-- A set of names, from arrays of them.
local function set(...)
    local names = {}
    for _, list in ipairs { ... } do
        for _, name in ipairs(list) do
            names[name] = true
        end
    end
    return names
end

-- Options that a constructor takes, from its answer to one that it cannot know.
local function options_of(call)
    local ok, message = pcall(call, { ["@@@@@@@@@@@@@@@@"] = 1 })
    local text = not ok and tostring(message):match "; it takes (.*)$"
    assert(text, "no list of options: " .. tostring(message))
    local names = {}
    for name in text:gmatch "[%w_]+" do
        names[name] = true
    end
    return names
end

-- Keys that a name's table of options takes, by the declarations: name -> entry.
local function declared_keys(word)
    local found, keys_by_name = reference.find(word), {}
    assert(found[1].params, word .. " takes nothing")
    for _, param in ipairs(found[1].params) do
        for _, entry in ipairs(reference.keys(param) or {}) do
            keys_by_name[entry.name] = entry
        end
    end
    return keys_by_name
end

-- The value that a text says is the default; nil when it is none that a literal could be.
local function said_default(text)
    local literal = text:match "%(default ([^)]*)%)$"
    local value = literal and load("return " .. literal, "", "t", {})
    local ok, result = pcall(value or error)
    if ok and type(result) ~= "table" then
        return result
    end
end

-- Literals of a type, those of an alias that it names, too.
local function literals(type)
    local found = {}
    for alias in type:gmatch "backlua%.([%w_]+)" do
        for _, entry in ipairs(reference.entries()) do
            type = entry.kind == "alias" and entry.name == alias and type .. "|" .. entry.type
                or type
        end
    end
    for text in type:gmatch '"([^"]*)"' do
        found[text] = true
    end
    return sorted(found)
end

-- Defaults that are no literal: the text says how they are come by.
local REASONED = { ["optimization.CMAESOptimizer.population_size"] = true }

-- What f(...) checks its options by, against what is declared under a name: keys, which of them are
-- required, and their defaults.
local function same_options(word, f, ...)
    local names, spec = options.keys_of(f, ...)
    local entries = declared_keys(word)
    assert(names, word .. " checks no options")
    assert.same(sorted(set(names)), sorted(entries), word)
    for name, entry in pairs(entries) do
        local told = spec[name]
        assert.equal(told.required or false, not entry.optional, word .. ": " .. name)
        assert.truthy(entry.text:find "%w", word .. ": " .. name .. " has no text")
        if told.choices then
            assert.same(sorted(set(told.choices)), literals(entry.type), word .. ": " .. name)
        end
        assert.is_true(told.default == nil or told.default == said_default(entry.text)
            or REASONED[word .. "." .. name] ~= nil, word .. ": the default of " .. name)
    end
end

describe("the declarations for editors", function()
    teardown(market.clean)

    it("have every method of ctx, and no other", function()
        same(require "backlua.context".methods, "Context")
    end)

    it("have those of data, of views and of frames", function()
        same(require "backlua.data".methods, "Data")
        same(keys(require "backlua.view".methods, { ptr = true }), "View")
        local shape = require "backlua.frame".of_fields({ "close" }, { 3 })
        same(shape.methods, "Frame")
    end)

    it("have every field of portfolio, account, metrics and positions", function()
        local portfolio = require "backlua.portfolio"
        same(keys(portfolio.fields, { positions = true }), "Portfolio", true)
        same(portfolio.account_fields, "Account", true)
        same(set(require "backlua.metric_keys"()), "Metrics", true)
        same(keys(portfolio.position_fields, { asset = true, sid = true }), "Position", true)
    end)

    it("have every part of a result", function()
        local parts = require "backlua.result".parts
        same(keys(parts, { free = true, rolling_of = true }), "Result", true)
    end)

    it("have every word of the prompt, and every method and field of a session", function()
        local words = require "backlua.repl.words"
        same(keys(words.list, words.modules), "prompt", true)
        same(set(require "backlua.session".names()), "Session", true)
    end)

    it("have every method and field of the prompt's bundle", function()
        local bundle = require "backlua.repl.bundle"
        same(set(bundle.names(bundle.open "one")), "Bundle", true)
    end)

    it("have every field of a trial, the rare ones too", function()
        local text = ffi.new("char[1]")
        local trial, steps = ffi.new "bt_trial", ffi.new "double[1]"
        trial.more_count, trial.step_count, trial.violation = 1, 1, 1
        trial.started, trial.worker, trial.signal, trial.duplicate_of = 1, 1, 1, 1
        trial.steps, trial.params, trial.message = steps, text, text
        same(require "backlua.optimization.results".trial(trial), "Trial", true)
    end)

    it("have everything that a search and a walk-forward come to", function()
        local optimization = require "backlua.optimization"
        local names = require "backlua.optimization.results".names
        local run = { strategy = "function handle_data(ctx) ctx:order('A', ctx.params.n) end\n"
            .. "params = { n = 1 }", bundle = "path" }
        local space = optimization.ParameterSpace {
            optimization.DiscreteParameter { name = "n", min_value = 1, max_value = 3 } }
        local function walk(config)
            return assert(optimization.WalkForwardOptimizer { param_space = space,
                objective = "total_return", window_config = optimization.WindowConfig(config) }
                :run(run))
        end
        local search = set(names(assert(optimization.ParallelOptimizer { param_space = space,
            objective = "total_return" }:run(run))))
        same(search, "Results", true)
        local live = set(names(walk { train_period_days = 10, test_period_days = 5 }),
            names(walk { mode = "cpcv", groups = 4, test_groups = 2 }),
            names(walk { mode = "cpcv", groups = 4, test_groups = 2, shared_search = true }))
        for name in pairs(search) do
            live[name] = nil
        end
        same(live, "WalkResults", true)
    end)

    it("have every method of the objects of optimization", function()
        local optimization = require "backlua.optimization"
        local class = require "backlua.optimization.class"
        local space = optimization.ParameterSpace {
            optimization.DiscreteParameter { name = "n", min_value = 1, max_value = 3 } }
        local window = optimization.WindowConfig { train_period_days = 2, test_period_days = 1 }
        local pool = optimization.PersistentWorkerPool { n_jobs = 1 }
        for owner, object in pairs {
            ParameterSpace = space, PersistentWorkerPool = pool,
            Algorithm = optimization.GridSearchAlgorithm { parameter_space = space },
            ParallelOptimizer = optimization.ParallelOptimizer { param_space = space },
            WalkForwardOptimizer = optimization.WalkForwardOptimizer { param_space = space,
                window_config = window },
            MonteCarloSimulator = optimization.MonteCarloSimulator {},
            NoiseInfusionSimulator = optimization.NoiseInfusionSimulator {},
            SensitivityAnalyzer = optimization.SensitivityAnalyzer { base_params = { n = 2 } },
            DataCache = optimization.DataCache.get_instance(),
            BundleConnectionPool = optimization.BundleConnectionPool.get_instance(),
        } do
            same(set(class.names(object)), owner)
        end
        pool:close()
    end)

    it("have every option of a run, at the prompt, too", function()
        local option_names = require "backlua.repl.option_names"
        local function live(word, argument)
            return sorted(set(option_names({ name = word, argument = argument }, function() end)))
        end
        local job = keys(require "backlua.job".options, { params = true, print = true })
        assert.same(sorted(job), sorted(declared_keys "backlua.run"))
        assert.same(live("run", 3), sorted(declared_keys "prompt.run"))
        assert.same(live("session", 2), sorted(declared_keys "prompt.session"))
        assert.same(live("bars", 1), sorted(declared_keys "prompt.bars"))
        assert.same(live("grid", 3), sorted(declared_keys "prompt.grid"))
    end)

    it("have every function of the library's modules", function()
        for _, name in ipairs { "commission", "slippage", "date_rules", "time_rules", "json",
            "stats", "metrics" } do
            same(require("backlua." .. name), name)
        end
        same(keys(require "backlua"), "backlua", true)
    end)

    it("have every indicator", function()
        local ta = require "backlua.ta"
        local live = keys { info = true, lookback = true, names = true, parameters = true,
            crossed_above = true, crossed_below = true }
        for _, name in ipairs(ta.names()) do
            live[name] = true
        end
        same(live, "ta")
    end)

    it("have every class of optimization, and its options", function()
        local optimization = require "backlua.optimization"
        local live = {}
        for name, value in pairs(optimization) do
            live[name] = type(value) == "function" or nil
        end
        same(live, "optimization")
        for name in pairs(live) do
            same_options("optimization." .. name, optimization[name], {})
        end
    end)

    it("have every option of what the objects of optimization are told to run", function()
        local optimization = require "backlua.optimization"
        local space = optimization.ParameterSpace {
            optimization.DiscreteParameter { name = "n", min_value = 1, max_value = 3 } }
        local window = optimization.WindowConfig { train_period_days = 2, test_period_days = 1 }
        for name, object in pairs {
            ParallelOptimizer = optimization.ParallelOptimizer { param_space = space },
            WalkForwardOptimizer = optimization.WalkForwardOptimizer { param_space = space,
                window_config = window },
            NoiseInfusionSimulator = optimization.NoiseInfusionSimulator {},
            SensitivityAnalyzer = optimization.SensitivityAnalyzer { base_params = { n = 2 } },
        } do
            same_options(name .. ":run", object.run, object, {})
        end
    end)

    it("have every option of cost models, rules, indicators and statistics", function()
        for _, family in ipairs { "commission", "slippage" } do
            for kind, constructor in pairs(require("backlua." .. family)) do
                if kind ~= "none" or family ~= "commission" then
                    same_options(family .. "." .. kind, constructor, {})
                end
            end
        end
        for _, name in ipairs { "week_start", "week_end", "month_start", "month_end" } do
            same_options("date_rules." .. name, require("backlua.date_rules")[name], {})
        end
        for _, name in ipairs { "market_open", "market_close" } do
            same_options("time_rules." .. name, require("backlua.time_rules")[name], {})
        end
        local ta = require "backlua.ta"
        for _, name in ipairs(ta.names()) do
            if #ta.info(name).parameters > 0 then
                same_options("ta." .. name, ta[name], { 1, 2 }, {})
            end
        end
        local metrics = require "backlua.metrics"
        same_options("metrics.summary", metrics.summary, { 1, 2 }, {})
        same_options("metrics.rolling", metrics.rolling, "volatility", { 1, 2 }, 2, {})
    end)

    it("have every option of an order, its exits and changes, and of ctx's settings", function()
        for call, owner in pairs {
            ["ctx:order('A', 1, %s)"] = "OrderOptions",
            ["ctx:order('A', 1, { stop_loss = %s })"] = "ExitOptions",
            ["ctx:modify_order(ctx:order('A', 1), %s)"] = "OrderChanges",
            ["ctx:set_margin(%s)"] = "MarginOptions",
            ["ctx:set_terms('A', %s)"] = "TermsOptions",
            ["ctx:set_max_order_size(%s)"] = "SizeLimitOptions",
            ["ctx:set_max_order_count(1, %s)"] = "ControlOptions",
            ["ctx:set_max_leverage(1, %s)"] = "LeverageOptions",
            ["ctx:set_long_only(%s)"] = "LongOnlyOptions",
        } do
            local body = call:format "{ ['@@@@@@@@@@@@@@@@'] = 1 }"
            same(options_of(function()
                error(backtest.error(backtest.handle(body), { bundle = "one" }):match "^[^\n]*", 0)
            end), owner, true)
        end
    end)

    it("name no type that is not declared, and declare no field twice", function()
        local known, seen = {}, {}
        for _, entry in ipairs(reference.entries()) do
            known["backlua." .. entry.name] = known["backlua." .. entry.name]
                or entry.kind == "class" or entry.kind == "alias"
        end
        for _, file in ipairs(reference.files()) do
            for line in file.text:gmatch "%-%-%-@[^\n]+" do
                for name in line:gmatch "backlua%.[%w_]+" do
                    assert.is_true(known[name] or line:find('"' .. name, 1, true) ~= nil, line)
                end
            end
        end
        for _, entry in ipairs(reference.entries()) do
            local key = entry.owner .. "." .. entry.name
            assert.is_true(entry.kind ~= "field" or not seen[key], key)
            seen[key] = true
        end
    end)

    it("parse", function()
        for _, file in ipairs(reference.files()) do
            assert(load(file.text, "=" .. file.name))
        end
    end)
end)

describe("a question for a name", function()
    it("is answered with how to call it, what it does and an example", function()
        local found = reference.find "order_target"
        assert.equal(2, #found)
        assert.equal("s:order_target(asset, target, options)", found[2].title)
        assert.equal("ctx:order_target(asset, target, options)", found[1].title)
        assert.truthy(found[1].text:find("Hold so many units", 1, true))
        assert.equal("ctx:order_target(ctx.asset, 0)", found[1].example)
    end)

    it("may name whose it is", function()
        assert.equal("view:mean()", reference.find "view:mean"[1].title)
        assert.equal("optimization.ParallelOptimizer(options)",
            reference.find "opt.ParallelOptimizer"[1].title)
        assert.equal("ta.sma(x, options)", reference.find "ta.sma"[1].title)
        assert.truthy(reference.find "ta.sma"[1].text:find("Simple moving average", 1, true))
        assert.equal("s:why(symbol, date)", reference.find "s:why"[1].title)
        assert.equal("grid(strategy, ranges, options)", reference.find "grid"[1].title)
        assert.equal("metrics.beta(values, benchmark, options)",
            reference.find "metrics.beta"[1].title)
    end)

    it("is answered with the nearest name where there is none", function()
        local found, near = reference.find "order_targt"
        assert.same({}, found)
        assert.equal("order_target", near)
    end)

    it("finds every example a piece of Lua", function()
        local count = 0
        for _, entry in ipairs(reference.entries()) do
            if entry.example then
                count = count + 1
                assert(load(entry.example) or load("return " .. entry.example), entry.example)
            end
        end
        assert.is_true(count >= 20)
    end)
end)
