-- Batch scripts: `backlua FILE.lua [ARGS]`, `backlua -e CODE [ARGS]`, `backlua - [ARGS]`.
--
-- They are the user's own programs: the whole of LuaJIT is theirs, with `require "backlua"` and the
-- words of the prompt in reach and `arg` set as in the plain interpreter. What comes from -e or a
-- pipe may also be an expression, whose values are shown as at the prompt.

local failure = require "backlua.cli.failure"
local iterate = require "backlua.iterate"

local function show_all(...)
    local show, output = require "backlua.repl.show", require "backlua.text.output"
    for i = 1, select("#", ...) do
        output.write(show.value((select(i, ...))))
    end
end

-- A chunk of a text, or of an expression whose values it shows.
local function load_text(text, name)
    local chunk, message = load(text, name)
    local expression = not chunk and load("return " .. text, name)
    if expression then
        return function(...)
            show_all(expression(...))
        end
    end
    return chunk, message
end

-- A chunk, or nil and a message; and its text, where it is from no file.
local function load_script(args)
    local word = args[1]
    if word ~= "-e" and word ~= "-" then
        return loadfile(word)
    end
    local text = word == "-e" and args[2] or io.read "*a":gsub("^#[^\n]*", "")
    local chunk, message = load_text(text, word == "-e" and "=(command line)" or "=stdin")
    return chunk, message, text
end

-- `arg` as the plain interpreter sets it: [0] the script, [1] the first word after it.
local function set_arg(args)
    local skip = args[1] == "-e" and 2 or 1
    local words = { [0] = args[skip] }
    for i = skip + 1, #args do
        words[i - skip] = args[i]
    end
    rawset(_G, "arg", words)
    return words
end

local function text_of_file(path)
    local file = io.open(path, "rb")
    local text = file and file:read(1e6)
    if file then
        file:close()
    end
    return text
end

-- A message of Lua with the nearest name, and the line it is about. text: of the script when that
-- is from no file.
local function located(message, text)
    local where, line = message:match "^([^\n]-):(%d+): "
    if not where then
        return message
    end
    local hints = require "backlua.hints"
    local of_parser = hints.syntax(message)
    return message .. (of_parser ~= "" and of_parser or hints.explain(message, _G))
        .. require "backlua.text.line_of"(text or text_of_file(where), tonumber(line))
end

-- The handler of errors of a script; its text where it is from no file.
local function traced(text)
    return function(err)
        if type(err) == "table" and err.message then
            err.traceback = err.traceback or debug.traceback("", 2)
            return err
        end
        return { code = "strategy", message = located(tostring(err), text),
            traceback = debug.traceback("", 2) }
    end
end

-- args: array of words, the first being FILE.lua, "-e" or "-". Returns the exit code, or nil and a
-- failure.
return function(args)
    if args[1] == "-e" and not args[2] then
        return nil, failure.usage("-e needs Lua code after it")
    end
    local chunk, message, text = load_script(args)
    if not chunk then
        return nil, { code = "strategy", message = located(message, text) }
    end
    local ok, err = require "backlua.cli.commands".settings()
    if not ok then
        return nil, err
    end
    local words = set_arg(args)
    rawset(_G, "pairs", iterate.wrap(pairs)) -- views and frames, too
    rawset(_G, "ipairs", iterate.wrap(ipairs))
    local prompt_words = require "backlua.repl.words"
    prompt_words.install()
    ok, err = xpcall(chunk, traced(text), unpack(words))
    prompt_words.clean()
    if not ok then
        return nil, err
    end
    return 0
end
