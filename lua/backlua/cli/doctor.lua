-- backlua doctor: the block to paste in a report of a problem. Versions, processor, paths, memory,
-- the compiler's state, and whether it computes what the interpreter computes (probes.lua), tried
-- in a process of its own: a bad compiler may take it down.

local ffi = require "ffi"
local form = require "backlua.cli.form"
local output = require "backlua.text.output"
local C = require("backlua.ffi").C

local EXIT_FAILED = 1

local command = {
    name = "doctor",
    summary = "versions, paths, and whether the compiler can be trusted",
    usage = "[--json | --csv]",
    examples = { { "backlua doctor" }, { "backlua doctor --json" } },
}

-- Options on an argparse parser.
function command.configure(parser)
    form.configure(parser, "As a JSON object.", "As CSV, key,value.")
end

local function first_match(path, pattern)
    local file = io.open(path)
    local text = file and file:read "*a" or ""
    if file then
        file:close()
    end
    return text:match(pattern)
end

local function jit_state()
    local flags = { jit.status() }
    return (flags[1] and "on" or "off") .. ": " .. table.concat(flags, " ", 2)
end

local function memory()
    local all = tonumber(first_match("/proc/meminfo", "MemTotal:%s+(%d+)") or 0)
    return ("%.1f of %.1f GB free"):format(C.bt_memory_available() / 2 ^ 30, all / 2 ^ 20)
end

local function folder_state(path)
    if not path then
        return "-"
    end
    local kind = C.bt_path_kind(path)
    return require "backlua.text.path"(path) .. (kind == C.BT_PATH_FOLDER and ""
        or kind == C.BT_PATH_NONE and " (not there yet)" or " (no folder!)")
end

local function home(name)
    local out = ffi.new "char[4096]"
    return C.bt_place(C.BT_PLACE_HOME, name, out) == C.BT_OK and ffi.string(out) or nil
end

local function quote(word)
    return "'" .. word:gsub("'", "'\\''") .. "'"
end

-- Names of probes whose two ways differ, how many there are, or nil and how the process ended.
local function probe()
    local out = ffi.new "char[4096]"
    local program = C.bt_path_real("/proc/self/exe", out) == C.BT_OK and ffi.string(out)
        or "backlua"
    local pipe = io.popen(("exec %s --quiet -e %s 2>/dev/null"):format(quote(program),
        quote 'require "backlua.cli.probes".main()'))
    local text = pipe:read "*a"
    pipe:close()
    local count, differing = text:match "^(%d+) probes\n(.*)\nend\n$"
    if not count then
        return nil, text:match "([%w_ ]+)\n?$"
    end
    local names = {}
    for name in differing:gmatch "[^\n]+" do
        names[#names + 1] = name
    end
    return names, tonumber(count)
end

local function verdict(names, count)
    if not names then
        return "the process died" .. (count and " after " .. count or "")
    elseif #names == 0 then
        return ("%d probes, compiled and interpreted alike"):format(count)
    end
    return ("%d of %d probes differ: %s; results are checked against the interpreter, a newer "
        .. "LuaJIT is better (make LUAJIT=/prefix)"):format(#names, count,
        table.concat(names, ", "))
end

local function rows_of()
    local names, count = probe()
    local bundles = C.bt_bundles_folder()
    return {
        { "backlua", ffi.string(C.bt_version()) },
        { "with", (ffi.string(C.bt_build_info()):gsub("%s*\n%s*", ", ")) },
        { "system", first_match("/etc/os-release", 'PRETTY_NAME="([^"]*)"') or jit.os },
        { "kernel", first_match("/proc/version", "^(%S+ %S+ %S+)") or "-" },
        { "processor", first_match("/proc/cpuinfo", "model name%s*:%s*([^\n]*)") or jit.arch },
        { "workers", ("%d by default"):format(C.bt_crew_default()) },
        { "memory", memory() },
        { "bundles", folder_state(bundles ~= nil and ffi.string(bundles)) },
        { "runs", folder_state(home "runs") },
        { "studies", folder_state(home "studies") },
        { "settings", folder_state(require "backlua.cli.config_file".user_path())
            :gsub(" %(no folder!%)", "") },
        { "compiler", jit.version .. ", " .. jit_state() },
        { "probes", verdict(names, count) },
    }, names ~= nil
end

-- Run with parsed values; exit code, or nil and a failure.
function command.run(args)
    local rows, alive = rows_of()
    if form.asked(args) then
        form.write(args, require "backlua.text.json".object(rows))
    else
        output.write(require "backlua.text.table"({ {}, {} }, rows,
            { columns = output.columns() }))
    end
    return alive and 0 or EXIT_FAILED
end

return command
