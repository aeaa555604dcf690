-- backlua new: a folder of one's own, with a strategy that runs, a config, a spec, and what an
-- editor wants to know.

local ffi = require "ffi"
local failure = require "backlua.cli.failure"
local form = require "backlua.cli.form"
local output = require "backlua.text.output"
local values = require "backlua.text.values"
local C = require("backlua.ffi").C

local TEMPLATES = { "dma", "momentum", "pairs", "mean_reversion" }

local command = {
    name = "new",
    summary = "begin a strategy: its file, a config, a spec, settings of editors",
    usage = "NAME [--template dma|momentum|pairs|mean_reversion] [-b BUNDLE]",
    examples = {
        { "backlua new my_first", "a folder my_first with a strategy that runs" },
        { "backlua new spread --template pairs -b mine" },
    },
}

-- Arguments and options on an argparse parser.
function command.configure(parser)
    parser:argument("name"):args "?" -- its absence deserves a better message
    parser:option("--template", "dma (default), momentum, pairs or mean_reversion.")
        :argname "NAME":default "dma":convert(values.choice("--template", TEMPLATES))
    parser:option("-b --bundle", "The bundle it runs on; default demo."):argname "NAME"
        :convert(values.text("--bundle", "the name of a bundle"))
    form.configure(parser, "What was made as a JSON object.", "The same as CSV, key,value.")
end

-- ---- checks ------------------------------------------------------------------------------------

local function check_name(name)
    if not name then
        return failure.usage("which name? backlua new NAME")
    elseif not name:match "^[%a_][%w_-]*$" or #name > 64 then
        return failure.usage("a name is letters, digits, _ and -, at most 64, not first a digit; "
            .. "got %s", (require "backlua.text.quote"(name)))
    elseif C.bt_path_kind(name) ~= C.BT_PATH_NONE then
        return failure.usage("%s is there already; choose another name, or remove it", name)
    end
end

-- The bundle's symbols: those of the templates where it has them, else its first ones.
local function symbols_of(bundle)
    local facts, err = require "backlua.job".bundle_facts(bundle)
    if not facts then
        return nil, err
    end
    local has, list = {}, {}
    for _, symbol in ipairs(facts.symbols) do
        has[symbol] = true
    end
    for _, symbol in ipairs { "AAPL", "MSFT" } do
        list[#list + 1] = has[symbol] and symbol or nil
    end
    for _, symbol in ipairs(facts.symbols) do
        if #list < 2 and symbol ~= list[1] then
            list[#list + 1] = symbol
        end
    end
    return { list[1], list[2] or list[1] }
end

-- ---- writing -----------------------------------------------------------------------------------

local function write(path, text)
    if C.bt_file_write(path, text, #text, C.BT_WRITE_CACHED) ~= C.BT_OK then
        return failure.native(C.bt_error_code())
    end
end

-- The declarations for editors, where all strategies of this user find them.
local function write_declarations()
    local out = ffi.new "char[4096]"
    if C.bt_home_folder("meta", out) ~= C.BT_OK then
        return nil, failure.native(C.bt_error_code())
    end
    local folder = ffi.string(out)
    local ok, err = require "backlua.reference".write(folder)
    if not ok then
        return nil, err
    end
    return folder
end

local HINTS = [[
%s is begun; its strategy is a %s on %s.
  cd %s
  backlua run %s.lua -b %s
  backlua check %s.lua -b %s
  backlua optimize %s_grid.lua
  backlua %s_spec.lua
]]

local function make(args, bundle, symbols)
    local folder, err = write_declarations()
    if not folder then
        return err
    end
    local status = C.bt_folder_make(args.name)
    if status ~= C.BT_OK then
        return failure.native(status)
    end
    local files = require "backlua.cli.new_files"(args.name, args.template, bundle, symbols,
        folder)
    local paths = {}
    for i, file in ipairs(files) do
        paths[i] = args.name .. "/" .. file.name
        err = err or write(paths[i], file.text)
    end
    return err, paths
end

-- Run with parsed values; exit code, or nil and a failure.
function command.run(args)
    local config_file = require "backlua.cli.config_file"
    local bundle = args.bundle or config_file.value "bundle" or "demo"
    local err = check_name(args.name)
    local symbols
    if not err then
        symbols, err = symbols_of(bundle)
    end
    local paths
    if not err then
        err, paths = make(args, bundle, symbols)
    end
    if err then
        return nil, err
    elseif form.asked(args) then
        local json = require "backlua.text.json"
        form.write(args, json.object { { "name", args.name }, { "template", args.template },
            { "bundle", bundle }, { "files", json.array(paths) } })
        return 0
    end
    local n = args.name
    output.write(HINTS:format(n, args.template, bundle, n, n, bundle, n, bundle, n, n))
    return 0
end

return command
