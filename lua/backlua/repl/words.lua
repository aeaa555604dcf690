-- The words of the prompt and of batch scripts: globals that need no require.
--
--     run("sma.lua", { fast = 10 })    session("sma.lua")    grid("sma.lua", {...})
--     bundle "demo"   bars { 10, 11 }  bundles()             diff(a, b)
--     plot(x)   heat(results, "x", "y")   save(result)       opt
--
-- They are found when nothing else has the name, so a script's own globals come first. What goes
-- wrong raises an error with code and message: at the prompt it is shown, in a script it ends the
-- program with its exit code.

local errors = require "backlua.errors"
local C = require "backlua.ffi".C

local words = {}

-- The bundle that is used where none is named.
words.bundle = nil

local function fail(format, ...)
    error(errors.new("usage", format:format(...)), 0)
end

-- ---- what is meant -----------------------------------------------------------------------------

-- Name of the bundle to use: the one given, the open one, the only one there is.
local function bundle_name(given)
    if given then
        return given
    elseif words.bundle then
        return words.bundle
    end
    local names = require "backlua.cli.missing".bundles()
    if #names == 1 then
        require "backlua.text.output".note(("on bundle %s, the only one"):format(names[1]))
        words.bundle = names[1]
        return names[1]
    elseif #names == 0 then
        fail("which bundle? there is none yet; `backlua ingest --synthetic mag7 --seed 7 -b demo` "
            .. "makes one, bars { 10, 11, 12 } a small one")
    end
    fail("which bundle? say bundle \"NAME\" first, or give bundle = \"NAME\"; there are %s",
        table.concat(names, ", "))
end

-- A bundle as text: its name or path, or what bundle() and bars{} gave.
local function as_name(value)
    local bundle = package.loaded["backlua.repl.bundle"]
    if type(value) == "table" and bundle and bundle.is(value) then
        return value.path
    end
    return value
end

local function is_result(value)
    local result = package.loaded["backlua.result"]
    return result ~= nil and result.is(value)
end

local function copy(t)
    local mine = {}
    for key, value in pairs(t or {}) do
        mine[key] = value
    end
    return mine
end

local function check_table(value, what)
    if value ~= nil and type(value) ~= "table" then
        fail("%s: a table is expected, got %s", what, tostring(value))
    end
end

local function merged(base, changes)
    local all = copy(base)
    for key, value in pairs(changes or {}) do
        all[key] = value
    end
    return all
end

-- Options of a run from the forms that run and session take: (strategy, params, options), one table
-- of options, or a result in the place of the strategy.
local function options_of(what, strategy, params, options)
    check_table(params, what .. ": parameters")
    check_table(options, what .. ": options")
    local all
    if is_result(strategy) then
        local job = require "backlua.result".job(strategy)
        all = merged(job.options, options)
        all.params = merged(strategy.manifest.params, params)
    elseif type(strategy) == "table" and strategy.strategy ~= nil then
        all = merged(strategy, options)
        all.params = merged(all.params, params)
    else
        all = merged(options)
        all.strategy, all.params = strategy, merged(all.params, params)
    end
    all.bundle = as_name(bundle_name(all.bundle))
    return all
end

-- What to add to an error about parameters that are options of a run.
local function misplaced(err, params)
    local name = err.code == "name" and err.message:match "^unknown parameter '([%w_]+)'"
    if not name or not params or params[name] == nil then
        return ""
    end
    local known = require "backlua.options".keys_of(require("backlua.job").prepare, {})
    for _, option in ipairs(known) do
        if option == name then
            return ("; it is an option, they come third: run(strategy, {}, { %s = ... })")
                :format(name)
        end
    end
    return ""
end

-- ---- the words ---------------------------------------------------------------------------------

local list = {}

--- One backtest: run(strategy, params, options); a result in the place of the strategy is run again
-- with other parameters. Options are those of require "backlua".run. Returns a result.
function list.run(strategy, params, options)
    local started = C.bt_clock_seconds()
    local result, err = require "backlua".run(options_of("run", strategy, params, options))
    if not result then
        err.message = err.message .. misplaced(err, params)
        error(err, 0)
    end
    require "backlua.repl.show".seconds[result] = C.bt_clock_seconds() - started
    return result
end

--- A backtest to step through and to ask: session(strategy, options), as run otherwise.
function list.session(strategy, options)
    return require "backlua.session".open(options_of("session", strategy, nil, options))
end

--- Open a bundle to look at it; it becomes the one that run and session use.
function list.bundle(name)
    local opened = require "backlua.repl.bundle".open(as_name(name))
    words.bundle = opened.path
    return opened
end

--- Names of the bundles there are.
function list.bundles()
    return require "backlua".bundles()
end

--- A small bundle written down on the spot: bars { 10, 11, 12 } (repl/bars.lua). It becomes the one
-- that run and session use.
function list.bars(given)
    local opened = require "backlua.repl.bars".make(given)
    words.bundle = opened.path
    return opened
end

--- Two results or two sessions side by side, and where they part.
function list.diff(a, b)
    local difference = require "backlua.repl.compare".diff(a, b)
    return difference
end

-- What of a value can be drawn: a view or an array of numbers; of result.equity its values.
local function series_of(value)
    if type(value) == "table" and rawget(value, 1) == nil and value.value ~= nil then
        value = value.value
    end
    local _, n = require "backlua.vector".doubles(value)
    if type(n) ~= "number" or n == 0 then
        fail("plot: a result, a view or an array of numbers is expected, such as r, "
            .. "r.equity.value or { 1, 2, 3 }; got %s", type(value) ~= "table"
            and (n == 0 and "an empty one" or tostring(value))
            or next(value) == nil and "an empty one" or "another table")
    end
    return value
end

--- Draw in the terminal: a result (equity and drawdown), several of them, a view or an array.
function list.plot(first, ...)
    local plot = require "backlua.text.plot"
    local text
    if is_result(first) then
        local results = { { name = select("#", ...) > 0 and "1" or nil, result = first } }
        for i, other in ipairs { ... } do
            results[i + 1] = { name = tostring(i + 1), result = other }
        end
        text = plot.equity(results, { fd = 1 })
    else
        local series = { { values = series_of(first), name = select("#", ...) > 0 and "1" or nil } }
        for i, other in ipairs { ... } do
            series[i + 1] = { values = series_of(other), name = tostring(i + 1) }
        end
        text = plot.draw(series, { fd = 1 })
    end
    io.stdout:write(text)
end

--- Draw the scores of an optimisation over two of its parameters.
function list.heat(results, x, y)
    local heat = require "backlua.text.heat"
    local optimisations = package.loaded["backlua.optimization.results"]
    if not optimisations or not optimisations.is(results) then
        fail("heat: the results of an optimisation are expected first")
    end
    local lower = results.manifest.higher_is_better == false
    local map, message = heat.grid(results.trials, x, y, { lower_is_better = lower })
    if not map then
        fail("heat: %s", message)
    end
    io.stdout:write(heat.draw(map, { fd = 1, name = results.manifest.objective }))
end

--- A grid of parameters with the map of its scores filling (repl/grid.lua). Returns results.
function list.grid(strategy, ranges, options)
    check_table(options, "grid: options")
    local all = merged(options)
    all.bundle = as_name(bundle_name(all.bundle))
    return require "backlua.repl.grid".search(strategy, ranges, all)
end

--- Keep the summary of a result among the runs; returns its id.
function list.save(result)
    if not is_result(result) then
        fail("save: a result is expected, got %s", tostring(result))
    end
    local replay = package.loaded["backlua.session_replay"]
    if replay and replay.only_here[result] then
        fail("save: this is the result of a session on its way, or that something was done to; a"
            .. " run with the same settings would come to another one. diff compares such results,"
            .. " .save FILE.json writes them")
    end
    return require "backlua.cli.run_save"(result, require "backlua.result".job(result))
end

words.list = list

-- ---- finding them ------------------------------------------------------------------------------

-- Modules by the name they have at the prompt.
local MODULES = { backlua = "backlua", opt = "backlua.optimization", ta = "backlua.ta",
    metrics = "backlua.metrics", commission = "backlua.commission",
    slippage = "backlua.slippage" }
words.modules = MODULES

local function find(_, name)
    if list[name] then
        return list[name]
    end
    return MODULES[name] and require(MODULES[name]) or nil
end

--- Make the words known to the globals.
function words.install()
    setmetatable(_G, { __index = find })
end

--- The program ends: what words left behind goes.
function words.clean()
    if package.loaded["backlua.repl.bars"] then
        require "backlua.repl.bars".clean()
    end
end

return words
