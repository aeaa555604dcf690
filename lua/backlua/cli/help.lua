-- Help of a command: examples first, then usage, then a line for each argument, option and
-- subcommand; options marked `minor` share a paragraph by name unless everything is asked for. It
-- reads the parser that argparse built, so it cannot disagree with it.

local width = require "backlua.text.width".of

local MARGIN, LABEL_MAX, COLUMNS = "  ", 26, 84

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

local function add_lines(lines, elements, label_of, all)
    for _, element in ipairs(elements) do
        local text = element._summary or element._description
        if not element._hidden and (all or not element.minor) and text then
            local label = label_of(element)
            local gap = (" "):rep(math.max(LABEL_MAX - width(label), 2))
            lines[#lines + 1] = MARGIN .. label .. gap .. text
        end
    end
end

-- "--lot N  --no-cache ...", within the columns of a page; whether there are any.
local function add_minor(lines, parser)
    local line = ""
    for _, option in ipairs(parser._options) do
        local label = option.minor and option_label(option):gsub("^ +", "")
        if label and line ~= "" and width(line .. MARGIN .. label) > COLUMNS then
            lines[#lines + 1], line = line, label
        elseif label then
            line = line .. (line ~= "" and MARGIN or "") .. label
        end
    end
    lines[#lines + 1] = line ~= "" and line or nil
    return line ~= ""
end

local function add_examples(lines, examples)
    local columns = 0
    for _, entry in ipairs(examples) do
        columns = math.max(columns, entry[2] and width(entry[1]) or 0)
    end
    for _, entry in ipairs(examples) do
        local gap = entry[2] and (" "):rep(columns - width(entry[1])) .. MARGIN .. entry[2] or ""
        lines[#lines + 1] = MARGIN .. entry[1] .. gap
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
    lines[#lines + 1] = parser:get_usage()
    lines[#lines + 1] = ""
    add_lines(lines, parser._arguments, argument_label)
    add_lines(lines, parser._options, option_label, all)
    add_lines(lines, parser._commands, command_label)
    lines[#lines + 1] = ""
    local more = not all and add_minor(lines, parser)
    lines[#lines + 1] = ("Also: -h, --help%s  --quiet  --verbose  --no-color"):format(
        more and " (--help --verbose: what these do)" or "")
    return table.concat(lines, "\n") .. "\n"
end
