-- A strategy's source: where it comes from, its text, and the callbacks it defines.
--
-- Text is read and parsed once per process. For every run the same chunk is called again in a
-- fresh environment: locals, upvalues and globals are new, machine code that belongs to the
-- functions is kept.
--
-- A program is a table
--     kind     "file", "text" or "table"
--     name     for messages and manifests: the path as given, "(text)" or "(table)"
--     folder   real path of the file's folder; nil unless a file
--     text, sha256, chunk, source   of the main file; source is its chunk name
--     files    array of the files its scripts required: { name, path, text, sha256, chunk, source }
--     missed   true when a script required what is not there, or does not parse

local ffi = require "ffi"
local errors = require "backlua.errors"
local native = require "backlua.ffi"
local sha256 = require "backlua.sha256"

local C = native.C

-- loaded: nil, or the prompt's function, called with the chunk of every text that is read.
local strategy = { loaded = nil }

-- A strategy is written by people: more than this is some other file.
local TEXT_MAX = 4 * 1024 * 1024
local ESCAPE = "\27"

local PATH_MAX = 4096
local path_buffer = ffi.new("char[?]", PATH_MAX)
local function real_path(path)
    if C.bt_path_real(path, path_buffer) == C.BT_OK then
        return ffi.string(path_buffer)
    end
end

local function missing_file(path)
    local found = require "backlua.text.nearest".path(path)
    return errors.new("usage", ("no such file: %s%s"):format(path,
        found and "; did you mean " .. found .. "?" or ""))
end

-- All of an open file, a pipe perhaps; nil when it is too long.
local function read_all(file)
    local pieces, size = {}, 0
    repeat
        local piece = file:read(65536)
        pieces[#pieces + 1] = piece
        size = size + #(piece or "")
    until not piece or size > TEXT_MAX
    return size <= TEXT_MAX and table.concat(pieces) or nil
end

local function read(path)
    local file, message = io.open(path, "rb")
    if not file then
        return nil, errors.new("io", "cannot read " .. message)
    end
    local text = read_all(file)
    file:close()
    if not text then
        return nil, errors.new("usage", ("%s is longer than %d bytes: not a script")
            :format(path, TEXT_MAX))
    end
    return text
end

--- In a worker, which its parent can end whatever it does: all texts of a program are compiled,
-- those read already and those to come.
function strategy.compile(program)
    strategy.loaded = nil
    if program.chunk then
        jit.on(program.chunk, true)
    end
    for _, file in ipairs(program.files) do
        jit.on(file.chunk, true)
    end
end

-- Sets text, sha256 and chunk of a file table that has name and source.
local function parse(file, text)
    if text:sub(1, 1) == ESCAPE then
        return nil, errors.new("usage", file.name .. " holds bytecode; only source text is loaded")
    end
    local chunk, message = load(text, file.source, "t", {})
    if not chunk then
        file.text = text
        return nil, require("backlua.fault").syntax(file, message)
    end
    if strategy.loaded then
        strategy.loaded(chunk)
    end
    file.text, file.sha256, file.chunk = text, sha256(text), chunk
    return file
end

local function from_path(path)
    if C.bt_path_kind(path) == C.BT_PATH_NONE then
        return nil, missing_file(path)
    elseif C.bt_path_kind(path) == C.BT_PATH_FOLDER then
        return nil, errors.new("usage", path .. " is a folder; name a file")
    end
    local text, err = read(path)
    if not text then
        return nil, err
    end
    local real = real_path(path)
    return parse({
        kind = "file", name = path, path = path, source = "@" .. path,
        folder = real and real:match "^(.*)/" or ".", files = {},
    }, text)
end

local function from_text(text)
    return parse({ kind = "text", name = "(text)", source = "=(text)", files = {} }, text)
end

-- One line that names no file may still be a script: `return { handle_data = ... }`.
local function looks_like_code(text)
    return text:find "\n" or text:find "%f[%w]return%f[%W]" or text:find "%f[%w]function%f[%W]"
end

-- Programs made by strategy.restore.
local restored = setmetatable({}, { __mode = "k" })

-- What strategy.restore makes a program of again: its texts, as a plain table; nil for a table of
-- callbacks, which has none.
function strategy.texts(program)
    if program.kind == "table" then
        return nil
    end
    local files = {}
    for i, file in ipairs(program.files) do
        files[i] = { name = file.name, path = file.path, shown = file.shown, text = file.text }
    end
    return { kind = program.kind, name = program.name, folder = program.folder,
        text = program.text, files = files }
end

-- A program from its texts, whatever the files they came from hold by now; it may be given where a
-- strategy is. nil, err when a text does not parse.
function strategy.restore(texts)
    local program, err = parse({
        kind = texts.kind, name = texts.name, path = texts.kind == "file" and texts.name or nil,
        source = texts.kind == "file" and "@" .. texts.name or "=(text)", folder = texts.folder,
        files = {},
    }, texts.text)
    for i, saved in ipairs(program and texts.files or {}) do
        program.files[i], err = parse({ name = saved.name, path = saved.path, shown = saved.shown,
            source = "@" .. saved.shown }, saved.text)
        if not program.files[i] then
            return nil, err
        end
    end
    restored[program or texts] = true
    return program, err
end

-- The program of a path, a source text or a table of callbacks; nil, err when it cannot be read
-- or parsed.
function strategy.load(source)
    if restored[source] then
        return source
    elseif type(source) == "table" then
        return { kind = "table", name = "(table)", table = source, files = {} }
    elseif type(source) ~= "string" then
        return nil, errors.new("usage", "strategy must be a path, a source text or a table, got "
            .. type(source))
    elseif source:sub(1, 1) == ESCAPE then
        return nil, errors.new("usage", "strategy is bytecode; only source text is loaded")
    elseif #source < PATH_MAX and C.bt_path_kind(source) ~= C.BT_PATH_NONE then
        return from_path(source)
    elseif looks_like_code(source) then
        return from_text(source)
    end
    return from_path(source)
end

-- ---- files beside it -------------------------------------------------------------------------

local function remembered(program, name)
    for _, file in ipairs(program.files) do
        if file.name == name then
            return file
        end
    end
end

local function inside(folder, path)
    return path:sub(1, #folder + 1) == folder .. "/"
end

local function locate(program, name)
    local stem = program.folder .. "/" .. name:gsub("%.", "/")
    for _, path in ipairs { stem .. ".lua", stem .. "/init.lua" } do
        local real = C.bt_path_kind(path) == C.BT_PATH_FILE and real_path(path)
        if real and inside(program.folder, real) then
            return real
        elseif real then
            return nil, "its file lies outside the strategy's folder"
        end
    end
    return nil, "no " .. name:gsub("%.", "/") .. ".lua beside the strategy"
end

local function open_file(program, name, path)
    local text, err = read(path)
    if not text then
        return nil, err
    end
    local shown = path:sub(#program.folder + 2)
    return parse({ name = name, path = path, shown = shown, source = "@" .. shown }, text)
end

-- The file that require(name) means for a script of the program; nil and the reason when there is
-- none. Raises when the file does not parse.
function strategy.file(program, name)
    if type(name) ~= "string" or not name:match "^[%w_%-]+[%w_%-.]*$" or name:find("..", 1, true)
    then
        return nil, "not the name of a module"
    elseif not program.folder then
        return nil, "a strategy without a file has no folder to look in"
    end
    local file = remembered(program, name)
    if file then
        return file
    end
    local missed_before = program.missed
    program.missed = true
    local path, why = locate(program, name)
    if not path then
        return nil, why
    end
    local err
    file, err = open_file(program, name, path)
    if not file then
        error(err, 0)
    end
    program.missed = missed_before
    table.insert(program.files, file)
    return file
end

-- ---- callbacks -------------------------------------------------------------------------------

local CALLBACKS = { "initialize", "handle_data", "before_trading_start", "analyze" }
local NAMES = { "initialize", "handle_data", "before_trading_start", "analyze", "params" }

-- Raises what is wrong with the program as a whole.
local function refuse(program, format, ...)
    local name = program.kind == "file" and program.name .. ": " or ""
    error(name .. format:format(...), 0)
end

local function looks_like_callback(found, key, value)
    if type(key) ~= "string" or type(value) ~= "function" and type(value) ~= "table" then
        return nil
    end
    local near = require "backlua.text.nearest".find(key, NAMES)
    local fits = near == "params" and "table" or "function"
    return near and near ~= key and found[near] == nil and type(value) == fits and near
end

-- An entry of the returned table whose name is nearly that of a callback it does not have.
local function check_spelling(program, found)
    for key, value in next, found do
        local near = looks_like_callback(found, key, value)
        if near then
            refuse(program, "the strategy has '%s'; did you mean '%s'?", key, near)
        end
    end
end

local function check_kinds(program, found)
    for _, name in ipairs(CALLBACKS) do
        local value = rawget(found, name)
        if value ~= nil and type(value) ~= "function" then
            refuse(program, "%s must be a function, got a %s", name, type(value))
        end
    end
    if found.params ~= nil and type(found.params) ~= "table" then
        refuse(program, "params must be a table of defaults, got a %s", type(found.params))
    end
end

local function refuse_idle(program, returned)
    refuse(program, "a strategy needs handle_data(ctx, data), and may have initialize(ctx),"
        .. " before_trading_start(ctx, data) and analyze(ctx, result)%s", returned and ""
        or "; this one returns nothing: end it with `return` and the table that has them")
end

-- Execute the program's main chunk in env and return the table that holds its callbacks and
-- params: what the chunk returned, or the globals it defined. Raises what the script raises, and
-- when there is nothing to run.
function strategy.instantiate(program, env)
    local found = program.table
    if not found then
        setfenv(program.chunk, env)
        found = program.chunk()
        if found == nil then
            found = env
        elseif type(found) ~= "table" then
            refuse(program, "a strategy must return a table of callbacks or define them as"
                .. " globals; this one returned a %s", type(found))
        end
    end
    check_kinds(program, found)
    if found ~= env and not program.checked then
        check_spelling(program, found)
        program.checked = true
    end
    if not (found.handle_data or found.initialize) then
        refuse_idle(program, found ~= env)
    end
    return found
end

return strategy
