-- backlua config show: every setting, its value, and where that comes from.

local cache_settings = require "backlua.cache_settings"
local config_file = require "backlua.cli.config_file"
local failure = require "backlua.cli.failure"
local ffi = require "ffi"
local form = require "backlua.cli.form"
local number = require "backlua.text.number"
local output = require "backlua.text.output"
local C = require("backlua.ffi").C

local command = {
    name = "config",
    summary = "show every setting and where it comes from",
    usage = "show [--json | --csv]",
    examples = {
        { "backlua config show" },
        { "BACKLUA_CACHE_SIZE_GB=0.5 backlua config show", "the environment wins over files" },
    },
}

-- Subcommands on an argparse parser.
function command.configure(parser)
    parser:require_command(false) -- its absence deserves a better message
    parser:command_target "verb"
    local show = parser:command("show", "Settings, values, origins.")
    show:add_help(false)
    form.configure(show, "As a JSON object.", "As CSV, a line each.")
end

-- What holds without a word from anybody.
local DEFAULTS = {
    capital = "100000", fill = "next_open", adjust = "all", lot = "1", seed = "1",
    color = "auto", periods_per_year = "252 or 365", jobs = "physical cores less one",
}

local function cache_row(name)
    local path = select(2, config_file.value(name))
    for _, prefix in ipairs { "BACKLUA_", "RUSTYBT_" } do
        if os.getenv(prefix .. name:upper()) then
            path = "environment, " .. prefix .. name:upper()
            break
        end
    end
    local text = cache_settings.text(cache_settings.get(C.bt_config_get(), name))
    return { name, text, path or "default" }
end

local function plain_row(name)
    local value, path = config_file.value(name)
    if value == nil then
        return { name, DEFAULTS[name] or "-", "default" }
    end
    return { name, type(value) == "number" and number.shortest(value) or tostring(value), path }
end

local out = ffi.new "char[4096]"

local function path_of(status, behind)
    return status == C.BT_OK and ffi.string(out):gsub("/$", "") .. (behind or "") or "-"
end

-- The first of some variables that names a folder; those of XDG do so with an absolute path alone.
local function first_set(names, otherwise)
    for _, name in ipairs(names) do
        local value = os.getenv(name)
        if value and value ~= "" and (not name:find "^XDG" or config_file.folder(name)) then
            return "environment, " .. name
        end
    end
    return otherwise
end

local function path_rows()
    local bundles = C.bt_bundles_folder()
    local local_one = C.bt_path_kind "bundles" == C.BT_PATH_FOLDER and "./bundles is there"
    local home = first_set({ "BACKLUA_HOME", "XDG_DATA_HOME" }, "default")
    return {
        { "bundles", bundles ~= nil and ffi.string(bundles) or "-",
            first_set({ "BACKLUA_BUNDLES" }, local_one or home) },
        { "runs", path_of(C.bt_place(C.BT_PLACE_HOME, "runs", out)), home },
        { "studies", path_of(C.bt_place(C.BT_PLACE_HOME, "studies", out)), home },
        { "cache", path_of(C.bt_place(C.BT_PLACE_CACHE, "", out)),
            first_set({ "XDG_CACHE_HOME" }, "default") },
        { "history", path_of(C.bt_place(C.BT_PLACE_STATE, "", out), "/history"),
            first_set({ "XDG_STATE_HOME" }, "default") },
        { "user's file", config_file.user_path() or "-",
            first_set({ "XDG_CONFIG_HOME" }, "default") },
    }
end

-- Array of { name, value, origin }.
local function all_rows()
    local rows, is_cache = {}, {}
    for i, name in ipairs(cache_settings.NAMES) do
        rows[i], is_cache[name] = cache_row(name), true
    end
    for _, name in ipairs(config_file.names) do
        if not is_cache[name] then
            rows[#rows + 1] = plain_row(name)
        end
    end
    for _, row in ipairs(path_rows()) do
        rows[#rows + 1] = row
    end
    for _, entry in ipairs(require "backlua.cli.other_environment".set()) do
        rows[#rows + 1] = { entry[1], entry[2], "no effect: " .. entry[3] }
    end
    return rows
end

-- Rows as people read them: a path may hold any bytes, and many.
local function shown(rows)
    local text, list = require "backlua.text.path", {}
    for i, row in ipairs(rows) do
        list[i] = { row[1], text(row[2]), text(row[3]) }
    end
    return list
end

-- As an object by setting, and as an array of them.
local function values_of(rows)
    local json = require "backlua.text.json"
    local entries, list = {}, {}
    for i, row in ipairs(rows) do
        entries[i] = { row[1], json.object { { "value", row[2] }, { "origin", row[3] } } }
        list[i] = json.object { { "setting", row[1] }, unpack(entries[i][2]) }
    end
    return json.object(entries), list
end

local COLUMNS = { { title = "setting" }, { title = "value" }, { title = "from" } }

-- Settings, then folders: these are long, and are not to push those apart.
local function as_text(rows)
    local render, settings, paths = require "backlua.text.table", {}, {}
    for _, row in ipairs(rows) do
        table.insert(row[2]:find "^/" and paths or settings, row)
    end
    local shape = { columns = output.columns() }
    return render(COLUMNS, settings, shape) .. "\n" .. render({ {}, {}, {} }, paths, shape)
end

-- Run with parsed values; exit code, or nil and a failure.
function command.run(args)
    if args.verb ~= "show" then
        return nil, failure.usage("which? backlua config %s", command.usage)
    end
    local rows = all_rows()
    if form.asked(args) then
        form.write(args, values_of(rows))
    else
        output.write(as_text(shown(rows)))
    end
    output.note "order: flags, environment, script, ./backlua.conf.lua, user's file, defaults"
    return 0
end

return command
