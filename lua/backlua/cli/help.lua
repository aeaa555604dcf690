-- Help of a command: examples first, then usage, then a line for each argument, option and
-- subcommand; options marked `minor` share one line by name. It reads the parser that argparse
-- built, so it cannot disagree with it.

local width = require "backlua.text.width".of

local MARGIN, LABEL_MAX = "  ", 26

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

local function add_lines(lines, elements, label_of)
    for _, element in ipairs(elements) do
        local text = element._summary or element._description
        if not element._hidden and not element.minor and text then
            local label = label_of(element)
            local gap = (" "):rep(math.max(LABEL_MAX - width(label), 2))
            lines[#lines + 1] = MARGIN .. label .. gap .. text
        end
    end
end

-- "--lot N  --no-cache", or nil.
local function minor_options(parser)
    local labels = {}
    for _, option in ipairs(parser._options) do
        labels[#labels + 1] = option.minor and option_label(option):gsub("^ +", "") or nil
    end
    return #labels > 0 and table.concat(labels, MARGIN) or nil
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

-- Help text of a parser; examples: array of { command line, what it does }, or nil.
return function(parser, examples)
    local lines = {}
    if examples then
        add_examples(lines, examples)
    end
    lines[#lines + 1] = parser:get_usage()
    lines[#lines + 1] = ""
    add_lines(lines, parser._arguments, argument_label)
    add_lines(lines, parser._options, option_label)
    add_lines(lines, parser._commands, command_label)
    lines[#lines + 1] = ""
    lines[#lines + 1] = minor_options(parser)
    lines[#lines + 1] = "Also: -h, --help  --quiet  --verbose  --no-color"
    return table.concat(lines, "\n") .. "\n"
end
