-- backlua completion: what a shell may offer, from the same parsers as the help.

local commands = require "backlua.cli.commands"
local failure = require "backlua.cli.failure"
local output = require "backlua.text.output"

local SHELLS = { "bash", "zsh", "fish" }
local GLOBAL = { "--help", "--version", "--quiet", "--verbose", "--no-color" }
local function listing(names)
    return ("backlua --quiet -e 'for _, n in ipairs(%s) do print(n) end' 2>/dev/null"):format(names)
end

local BUNDLES = listing "require([[backlua]]).bundles()"
local STUDIES = listing "require([[backlua.optimization.study]]).names()"

-- What the arguments of a command may be beside files: a shell's command that lists them, or words.
local ARGUMENTS = {
    bundle = "$(" .. BUNDLES .. ")", study = "$(" .. STUDIES .. ")",
    report = "last $(" .. STUDIES .. ")", completion = "bash zsh fish",
}

local command = {
    name = "completion",
    summary = "completions for bash, zsh or fish",
    usage = "bash | zsh | fish",
    no_form = "completion writes a script for a shell",
    examples = {
        { 'eval "$(backlua completion bash)"', "in ~/.bashrc" },
        { 'eval "$(backlua completion zsh)"', "in ~/.zshrc, after compinit" },
        { "backlua completion fish > ~/.config/fish/completions/backlua.fish" },
    },
}

-- Arguments on an argparse parser.
function command.configure(parser)
    parser:argument("shell"):args "?" -- its absence deserves a better message
end

-- ---- what there is -----------------------------------------------------------------------------

-- Options of a parser: array of { aliases, text, has_value }.
local function options_of(parser)
    local list = {}
    for _, option in ipairs(parser._options) do
        if not option._hidden then
            list[#list + 1] = { aliases = option._aliases, text = option._description or "",
                has_value = option._maxargs > 0,
                choices = require "backlua.text.values".choices_of[option._convert or false] }
        end
    end
    return list
end

-- All commands: array of { name, text, options, verbs = array of { name, text, options } }.
function command.tree()
    local tree = {}
    for i, entry in ipairs(commands.LIST) do
        local parser = require "argparse"(entry[1])
        commands.module(entry[1]).configure(parser)
        local verbs = {}
        for k, inner in ipairs(parser._commands) do
            verbs[k] = { name = inner._name, text = inner._description or "",
                options = options_of(inner) }
        end
        tree[i] = { name = entry[1], text = entry[2], options = options_of(parser),
            verbs = verbs }
    end
    return tree
end

local function words_of(node)
    local words = {}
    for _, verb in ipairs(node.verbs or {}) do
        words[#words + 1] = verb.name
    end
    for _, option in ipairs(node.options) do
        for _, alias in ipairs(option.aliases) do
            words[#words + 1] = alias
        end
    end
    for _, flag in ipairs(GLOBAL) do
        words[#words + 1] = flag
    end
    return table.concat(words, " ")
end

-- ---- bash, and zsh by its own emulation ---------------------------------------------------------

local BASH = [=[
_backlua() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words at=1
    case $prev in
        -b|--bundle) COMPREPLY=($(compgen -W "$(%s)" -- "$cur")); return ;;
    esac
    while [ "$at" -lt "$COMP_CWORD" ] && [[ ${COMP_WORDS[at]} == --* ]]; do at=$((at+1)); done
    if [ "$COMP_CWORD" -eq "$at" ]; then
        COMPREPLY=($(compgen -W "%s" -- "$cur") $(compgen -f -X '!*.lua' -- "$cur"))
        return
    fi
    local command="${COMP_WORDS[at]} ${COMP_WORDS[at+1]}"
    case "$command $prev" in
%s        *) words= ;;
    esac
    if [ -n "$words" ]; then
        COMPREPLY=($(compgen -W "$words" -- "$cur"))
        return
    fi
    case "$command" in
%s    esac
    case $cur in
        -*) COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
        *) COMPREPLY=($(compgen -W "$words" -- "$cur") $(compgen -f -- "$cur")) ;;
    esac
}
complete -o filenames -F _backlua backlua
]=]

-- Lines of a case: values of the options that take one of a few. start: of the pattern.
local function choice_cases(cases, start, options)
    for _, option in ipairs(options) do
        for _, alias in ipairs(option.choices and option.aliases or {}) do
            cases[#cases + 1] = ('        %s" %s") words="%s" ;;\n'):format(start, alias,
                table.concat(option.choices, " "))
        end
    end
end

local function bash(tree)
    local names, cases, choices = {}, {}, {}
    for i, node in ipairs(tree) do
        local arguments = ARGUMENTS[node.name] and " " .. ARGUMENTS[node.name] or ""
        names[i] = node.name
        for _, verb in ipairs(node.verbs) do
            choice_cases(choices, ('"%s %s"'):format(node.name, verb.name), verb.options)
            cases[#cases + 1] = ('        "%s %s") words="%s%s" ;;\n'):format(node.name, verb.name,
                words_of(verb), arguments)
        end
        choice_cases(choices, ('"%s "*'):format(node.name), node.options)
        cases[#cases + 1] = ('        "%s "*) words="%s%s" ;;\n'):format(node.name, words_of(node),
            #node.verbs == 0 and arguments or "")
    end
    return BASH:format(BUNDLES, table.concat(names, " ") .. " " .. table.concat(GLOBAL, " "),
        table.concat(choices), table.concat(cases))
end

local function zsh(tree)
    return "autoload -U bashcompinit && bashcompinit\n" .. bash(tree)
end

-- ---- fish ---------------------------------------------------------------------------------------

local function fish_quote(text)
    return "'" .. text:gsub("[\\']", "\\%0") .. "'"
end

local function fish_option(condition, option)
    local parts = { "complete -c backlua -n " .. fish_quote(condition) }
    for _, alias in ipairs(option.aliases) do
        local long = alias:match "^%-%-(.*)$"
        parts[#parts + 1] = long and "-l " .. long or "-s " .. alias:sub(2)
    end
    if option.has_value then
        local values = option.aliases[1] == "-b" and "(" .. BUNDLES .. ")"
            or option.choices and table.concat(option.choices, " ")
        parts[#parts + 1] = values and "-x -a " .. fish_quote(values) or "-r"
    end
    parts[#parts + 1] = "-d " .. fish_quote(option.text)
    return table.concat(parts, " ")
end

local SEEN = "__fish_seen_subcommand_from "

-- Condition under which a verb is next, and that under which one stands there.
local function verb_conditions(node, seen)
    local names = {}
    for i, verb in ipairs(node.verbs) do
        names[i] = verb.name
    end
    local any = SEEN .. table.concat(names, " ")
    return seen .. "; and not " .. any, #names > 0 and seen .. "; and " .. any or seen
end

-- Lines for what stands behind a command: verbs instead of files, bundles and studies by name.
local function fish_command(lines, node)
    local seen = SEEN .. node.name
    local before, behind = verb_conditions(node, seen)
    local arguments = ARGUMENTS[node.name]
    if arguments then
        lines[#lines + 1] = ("complete -c backlua -n %s %s-a %s"):format(fish_quote(behind),
            node.name == "report" and "" or "-f ", fish_quote((arguments:gsub("%$%(", "("))))
    end
    for _, option in ipairs(node.options) do
        lines[#lines + 1] = fish_option(seen, option)
    end
    for _, verb in ipairs(node.verbs) do
        lines[#lines + 1] = ("complete -c backlua -f -n %s -a %s -d %s"):format(
            fish_quote(before), fish_quote(verb.name), fish_quote(verb.text))
        for _, option in ipairs(verb.options) do
            lines[#lines + 1] = fish_option(seen .. "; and " .. SEEN .. verb.name, option)
        end
    end
end

local function fish(tree)
    local lines = {}
    for _, node in ipairs(tree) do
        lines[#lines + 1] = ("complete -c backlua -n __fish_use_subcommand -a %s -d %s"):format(
            fish_quote(node.name), fish_quote(node.text))
        fish_command(lines, node)
    end
    return table.concat(lines, "\n") .. "\n"
end

local WRITERS = { bash = bash, zsh = zsh, fish = fish }

-- Run with parsed values; exit code, or nil and a failure.
function command.run(args)
    local write = WRITERS[args.shell]
    if not args.shell then
        return nil, failure.usage("which shell? backlua completion %s", command.usage)
    elseif not write then
        local hint = require "backlua.text.nearest".hint(args.shell, SHELLS)
        return nil, failure.usage("no completion for %s%s",
            require "backlua.text.quote"(args.shell),
            hint ~= "" and hint or "; there is bash, zsh and fish")
    end
    output.write(write(command.tree()))
    return 0
end

return command
