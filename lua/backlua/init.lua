--- The library for batch scripts: require "backlua".
--
--     local backlua = require "backlua"
--     local result, err = backlua.run { strategy = "sma.lua", bundle = "demo" }
--
-- Misuse (an unknown option, a value out of range) raises at the caller's line; what the world
-- does (a missing bundle, a strategy that fails) comes back as nil, err with err.code and
-- err.message.

local ffi = require "ffi"
local C = require("backlua.ffi").C

local backlua = { version = ffi.string(C.bt_version()) }

-- The program has read the settings of the environment before any script runs; a plain LuaJIT has
-- not.
if not package.loaded["backlua.cli.main"] and C.bt_config_load() ~= C.BT_OK then
    error(ffi.string(C.bt_error_message()), 0)
end

local function split(given)
    local params, print_to, rest = nil, nil, {}
    for key, value in pairs(given) do
        if key == "params" then
            params = value
        elseif key == "print" then
            print_to = value
        else
            rest[key] = value
        end
    end
    return rest, params, print_to
end

--- One backtest. options: strategy (a path, a source text or a table of callbacks), bundle, params
-- (overrides by name), start_date, end_date, capital, fill ("next_open", "next_close",
-- "same_close"), intrabar ("pessimistic", "optimistic", "ohlc"), commission, slippage, lot,
-- on_insufficient ("reduce", "reject"), leverage, long_only, seed, adjust ("all", "splits",
-- "none"), delisting ("close", "keep"), close_at_end (true: sell what is held at the last close),
-- benchmark (a symbol, or a CSV file of dates and values), history_start ("nan", "error"),
-- periods_per_year, risk_free (annual), convention (whose definitions the statistics follow: "own",
-- "empyrical", "quantstats", "backtesting.py"), unsafe, and print, a function that takes what the
-- strategy prints.
-- @return a result (backlua.result), or nil and an error with code and message
function backlua.run(options)
    if type(options) ~= "table" then
        error("backlua.run: a table of options is expected, got a " .. type(options), 2)
    end
    local runner = require "backlua.run"
    local rest, params, print_to = split(options)
    local job, err = runner.prepare(rest)
    if not job and err.misuse then
        error("backlua." .. err.message, 2)
    elseif not job then
        return nil, err
    end
    local result
    result, err = runner.execute(job, params, { print = print_to })
    runner.release(job)
    return result, err
end

--- Names of the bundles in the bundles folder, sorted.
function backlua.bundles()
    local names = ffi.new "const char *const *[1]"
    local list = {}
    for i = 0, C.bt_bundle_list(names) - 1 do
        list[i + 1] = ffi.string(names[0][i])
    end
    return list
end

--- Facts of a bundle: name, path, frequency, sha256, assets, rows, bars, periods_per_year,
-- first_close and last_close (unix seconds), symbols (array, in the order of their ids).
-- @return a table, or nil and an error with code and message
function backlua.bundle(name)
    if type(name) ~= "string" then
        error("backlua.bundle: a name is expected, got a " .. type(name), 2)
    end
    return require("backlua.job").bundle_facts(name)
end

return backlua
