-- One command's parser: lua-argparse with our manners.
--
-- Ours are: examples first in the help, values quoted and nearest names given in the messages, a
-- negative number after an option taken as its value, failures returned and not fatal.

local argparse = require "argparse"
local failure = require "backlua.cli.failure"
local help = require "backlua.cli.help"
local nearest = require "backlua.text.nearest"
local quote = require "backlua.text.quote"

local FORMS = { ["--json"] = true, ["--csv"] = true }
local GLOBAL_FLAGS = { "--quiet", "--verbose", "--no-color" }

-- Options that take a value, by alias, of a parser and its subcommands.
local function valued_options(parser, found)
    for _, option in ipairs(parser._options) do
        for _, alias in ipairs(option._aliases) do
            found[alias] = option._maxargs > 0 or nil
        end
    end
    for _, command in ipairs(parser._commands) do
        valued_options(command, found)
    end
    return found
end

local function is_negative(word)
    return word:match "^%-[%d.]" or word == "-inf" or word == "-nan"
end

-- "--capital -1" is a value that may be wrong, not an option "-1": join them, so that the message
-- is about the value.
local function join_negative(parser, args)
    local valued, joined, i = valued_options(parser, {}), {}, 1
    local plain = false -- after "--" all words are arguments
    while i <= #args do
        local word, follower = args[i], args[i + 1]
        plain = plain or word == "--"
        if not plain and valued[word] and follower and is_negative(follower) then
            word = word .. (word:sub(1, 2) == "--" and "=" or "") .. follower
            i = i + 1
        end
        joined[#joined + 1], i = word, i + 1
    end
    return joined
end

local function aliases_of(parser)
    local names = {}
    for _, option in ipairs(parser._options) do
        for _, alias in ipairs(option._aliases) do
            names[#names + 1] = alias
        end
    end
    return names
end

local function subcommand(parser, args)
    for _, word in ipairs(args) do
        for _, command in ipairs(parser._commands) do
            if command._name == word then
                return command
            end
        end
    end
end

local function name_of(parser, inner)
    return parser._name .. (inner and " " .. inner._name or "")
end

local function seen(message, parser, inner)
    return failure.usage("%s\nSee: %s --help", message, name_of(parser, inner))
end

-- "which NAME? backlua bundle rm NAME..."
local function missing_argument(name, parser, inner)
    local words, asked = { name_of(parser, inner) }, name
    for _, argument in ipairs((inner or parser)._arguments) do
        if not argument._hidden then
            local word = argument._argname or argument._name
            asked = argument._name == name and word or asked
            words[#words + 1] = word .. (argument._maxargs > 1 and "..." or "")
        end
    end
    return ("which %s? %s"):format(asked, table.concat(words, " "))
end

-- One letter is near to every other one, so it stands for a long option that begins with it.
local function option_hint(option, names)
    local letter = option:match "^%-(%a)$"
    if not letter then
        return nearest.hint(option, names)
    end
    for _, name in ipairs(names) do
        if name:sub(1, 3) == "--" .. letter then
            return ("; did you mean '%s'?"):format(name)
        end
    end
    return ""
end

-- argparse's message in our words: values quoted, the nearest valid name from our own measure.
local function usage_failure(parser, args, message, of)
    local inner = subcommand(parser, args)
    message = message:gsub("\nDid you mean.*$", "")
    local option = message:match "^unknown option '(.*)'$"
    local command = message:match "^unknown command '(.*)'$"
    local argument = message:match "^missing argument '(.*)'$"
    if option and FORMS[option] and of.no_form then
        message = of.no_form .. "; it has no " .. option
    elseif option then
        local names = aliases_of(parser)
        for _, name in ipairs(inner and aliases_of(inner) or {}) do
            names[#names + 1] = name
        end
        local meant = of.meant and of.meant[option]
        message = "unknown option " .. quote(option) .. (meant
            and ("; did you mean '%s'?"):format(meant) or option_hint(option, names))
    elseif argument then
        message = missing_argument(argument, parser, inner)
    elseif command then
        local names = {}
        for i, entry in ipairs(parser._commands) do
            names[i] = entry._name
        end
        message = "unknown command " .. quote(command) .. nearest.hint(command, names)
    end
    return seen(message, parser, inner)
end

-- Words beyond those that a command takes are gathered here, so that the message can name them.
local SURPLUS = "surplus"

local function gather_surplus(parser)
    for _, inner in ipairs(parser._commands) do
        gather_surplus(inner)
    end
    if #parser._commands == 0 then
        parser:argument(SURPLUS):args "*":hidden(true)
    end
end

local function build(command)
    local parser = argparse("backlua " .. command.name)
    parser:add_help(false)
    if command.usage then
        parser:usage(("Usage: backlua %s %s"):format(command.name, command.usage))
    end
    command.configure(parser)
    gather_surplus(parser)
    for _, flag in ipairs(GLOBAL_FLAGS) do
        parser:flag(flag):hidden(true)
    end
    return parser
end

local function wants_help(args)
    for _, word in ipairs(args) do
        if word == "--" then
            return false
        elseif word == "-h" or word == "--help" then
            return true
        end
    end
    return false
end

local function holds(words, wanted)
    for _, word in ipairs(words) do
        if word == wanted then
            return true
        end
    end
    return false
end

-- Examples of a command, or those of one of its verbs; more_examples are shown with the verb, and
-- when everything is asked for.
local function examples_of(command, inner, all)
    if not inner and not all then
        return command.examples
    end
    local list, start = {}, inner and ("backlua %s %s "):format(command.name, inner._name) or ""
    for _, group in ipairs { command.examples, command.more_examples or {} } do
        for _, example in ipairs(group) do
            if (example[1] .. " "):find(start, 1, true) then
                list[#list + 1] = example
            end
        end
    end
    return #list > 0 and list or nil
end

-- The parser of a command module (see main.lua): { wants_help(args), help(args) -> text,
-- parse(args) -> table of values, or nil and a usage failure }.
return function(command)
    local parser = build(command)
    return {
        wants_help = wants_help,
        help = function(args)
            local inner, all = subcommand(parser, args), holds(args, "--verbose")
            return help(inner or parser, examples_of(command, inner, all), all)
        end,
        parse = function(args)
            local ok, parsed = parser:pparse(join_negative(parser, args))
            if not ok then
                return nil, usage_failure(parser, args, parsed, command)
            elseif #(parsed[SURPLUS] or {}) > 0 then
                local inner = subcommand(parser, args)
                return nil, seen(require "backlua.cli.surplus"(parsed[SURPLUS][1],
                    aliases_of(inner or parser)), parser, inner)
            end
            return parsed
        end,
    }
end
