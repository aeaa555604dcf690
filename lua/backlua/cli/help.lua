-- Help of a command: examples first, then usage, then a line for each argument, option and
-- subcommand; options marked `minor` share a paragraph by name unless everything is asked for. It
-- reads the parser that argparse built, so it cannot disagree with it.

local output = require "backlua.text.output"
local paragraph = require "backlua.text.paragraph"
local width = require "backlua.text.width".of

local MARGIN, LABEL_MAX = "  ", 26
local USAGE = "Usage: "

local function is_long(alias)
    return alias:sub(1, 2) == "--"
end

-- "-b, --bundle NAME"; an option without a short form is set under the long ones.
local function option_label(option)
    local names = {}
    for _, alias in ipairs(option._aliases) do
        names[#names + 1] = alias
    end
    table.sort(names, function(a, b)
        return not is_long(a) and is_long(b)
    end)
    local label = table.concat(names, ", ")
    if is_long(names[1]) then
        label = "    " .. label
    end
    local argname = option._argname or option:_get_default_argname()
    if option._maxargs > 0 then
        label = label .. " " .. (type(argname) == "table" and table.concat(argname, " ") or argname)
    end
    return label
end

local function argument_label(argument)
    local argname = argument._argname or argument._name
    return type(argname) == "table" and table.concat(argname, " ") or argname
end

local function command_label(command)
    return command._name
end

-- A text in lines of the page, the first behind one prefix, the others behind spaces as wide.
local function add_text(lines, prefix, text)
    local block = paragraph(text, output.page_columns(), prefix, (" "):rep(width(prefix)))
    lines[#lines + 1] = block:sub(1, -2)
end

-- What is in brackets stays on one line.
local function add_usage(lines, usage)
    local held = usage:gsub("%b[]", function(group)
        return (group:gsub(" ", "\1"))
    end)
    add_text(lines, USAGE, held)
    lines[#lines] = lines[#lines]:gsub("\1", " ")
end

-- Pairs of label and text of what is to be shown.
local function add_pairs(list, elements, label_of, all)
    for _, element in ipairs(elements) do
        local text = element._summary or element._description
        if not element._hidden and (all or not element.minor) and text then
            list[#list + 1] = { label_of(element), text }
        end
    end
end

-- A line, or several, for each argument, option and subcommand.
local function add_lines(lines, parser, all)
    local list, columns = {}, 0
    add_pairs(list, parser._arguments, argument_label)
    add_pairs(list, parser._options, option_label, all)
    add_pairs(list, parser._commands, command_label)
    for _, pair in ipairs(list) do
        columns = math.max(columns, width(pair[1]))
    end
    for _, pair in ipairs(list) do
        local gap = (" "):rep(math.min(columns, LABEL_MAX) - width(pair[1]))
        add_text(lines, MARGIN .. pair[1] .. gap .. MARGIN, pair[2])
    end
end

-- "--lot N  --no-cache ...", within the columns of a page; whether there are any.
local function add_minor(lines, parser)
    local line = ""
    for _, option in ipairs(parser._options) do
        local label = option.minor and option_label(option):gsub("^ +", "")
        if label and line ~= "" and width(line .. MARGIN .. label) > output.page_columns() then
            lines[#lines + 1], line = line, label
        elseif label then
            line = line .. (line ~= "" and MARGIN or "") .. label
        end
    end
    lines[#lines + 1] = line ~= "" and line or nil
    return line ~= ""
end

-- What examples do stands beside them, or below where that is too wide.
local function add_examples(lines, examples)
    local commands, texts = 0, 0
    for _, entry in ipairs(examples) do
        commands = math.max(commands, entry[2] and width(entry[1]) or 0)
        texts = math.max(texts, width(entry[2] or ""))
    end
    local beside = 2 * #MARGIN + commands + texts <= output.page_columns()
    for _, entry in ipairs(examples) do
        local gap = beside and entry[2] and (" "):rep(commands - width(entry[1])) .. MARGIN or ""
        lines[#lines + 1] = MARGIN .. entry[1] .. gap .. (beside and entry[2] or "")
        if not beside and entry[2] then
            add_text(lines, MARGIN:rep(3), entry[2])
        end
    end
    lines[#lines + 1] = ""
end

-- Help text of a parser; examples: array of { command line, what it does }, or nil; all: with a
-- line for each minor option, too.
return function(parser, examples, all)
    local lines = {}
    if examples then
        add_examples(lines, examples)
    end
    add_usage(lines, parser:get_usage():gsub("^Usage: ", ""))
    lines[#lines + 1] = ""
    add_lines(lines, parser, all)
    lines[#lines + 1] = ""
    local more = not all and add_minor(lines, parser)
    add_text(lines, "", ("Also: -h, --help%s, --quiet, --verbose, --no-color"):format(
        more and " (with --verbose: all of it)" or ""))
    return table.concat(lines, "\n") .. "\n"
end
