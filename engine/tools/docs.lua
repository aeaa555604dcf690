-- Reference pages from the docstrings, and the rule that there is one.
--
--     luajit docs.lua OUT engine/backlua.h LUA_FILE...
--
-- C: a function is documented by the comment above it in the same paragraph (one
-- comment may head a group) or behind it on its line. Where it applies the comment
-- must say: errors (a bt_status is returned), the shape of an array ("[n]": a char
-- array that is filled, an array of numbers beside a count), the source of a formula
-- (statistics: names in FORMULAS).
-- Lua: a file starts with a comment; a function of the module's table has one above
-- it, which says what is raised or returned when the body can fail, where the head of
-- the file does not say so for all. In the modules
-- that strategies and scripts use (PUBLIC) one with three dashes names every parameter,
-- or the head of the file does for all.
--
-- Each gap is printed as file:line and fails. OUT gets engine.md and one page per
-- module.

local out = arg[1]
local gaps = 0

local function gap(path, line, text, ...)
    gaps = gaps + 1
    print(("%s:%d: %s"):format(path, line, text:format(...)))
end

local function lines_of(path)
    local list = {}
    for line in io.lines(path) do
        list[#list + 1] = line
    end
    return list
end

local function write(name, parts)
    local file = assert(io.open(out .. "/" .. name, "w"))
    file:write(table.concat(parts, "\n"), "\n")
    file:close()
end

-- ---- C ------------------------------------------------------------------------

local function strip(comment)
    local text = comment:gsub("^%s*/%*+", ""):gsub("%*/%s*$", "")
    return (text:gsub("\n%s*%*", "\n"):gsub("^%s+", ""):gsub("%s+$", ""))
end

local FORMULAS = { "^bt_odds_", "^bt_moments_of$", "^bt_measure$", "^bt_bootstrap_" }
local COUNTS = { "int32_t n[,)]", "int64_t n[,)]", "int32_t %w+_count[,)]", "int32_t periods[,)]" }

local function any(text, patterns)
    for _, pattern in ipairs(patterns) do
        if text:find(pattern) then
            return true
        end
    end
    return false
end

local function check_prototype(path, line, code, comment)
    local name = code:match "(bt_[%w_]+)%s*%("
    if comment == "" then
        gap(path, line, "%s has no docstring", name)
        return
    end
    if code:find "^bt_status" and not comment:find "errors" then
        gap(path, line, "%s returns a bt_status: say which errors", name)
    end
    if any(code, COUNTS) and code:find "double %*" and not comment:find "%[" then
        gap(path, line, "%s takes or fills an array: say its shape, [n]", name)
    end
    if any(name, FORMULAS) and not any(comment, { "source", "%u%a+,? %d%d%d%d" }) then
        gap(path, line, "%s computes a statistic: name the source of its formula", name)
    end
    for kind, parameter in code:gmatch "([%w_]+) %*([%w_]+)[,)]" do
        local array = kind == "char" and not code:find("const char *" .. parameter, 1, true)
        if array and not comment:find "%[" then
            gap(path, line, "%s fills %s: say its length, [n]", name, parameter)
        end
    end
end

-- One run of lines without a blank one: comments and declarations in turn.
local function read_paragraph(path, lines, first, last, page)
    local i, comment = first, ""
    local code_lines = {}
    local function flush()
        if #code_lines > 0 then
            page[#page + 1] = "```c\n" .. table.concat(code_lines, "\n") .. "\n```\n"
            code_lines = {}
        end
    end
    while i <= last do
        if lines[i]:find "^%s*/%*" then
            local start = i
            while not lines[i]:find "%*/" do
                i = i + 1
            end
            flush()
            comment = strip(table.concat(lines, "\n", start, i))
            local title = comment:match "^%-%-%-%- (.-) %-+$"
            page[#page + 1] = (title and "## " .. title or comment) .. "\n"
        elseif not lines[i]:find "^#" then
            local start, code = i, lines[i]
            while code:find "%(" and not code:find ";" and i < last do
                i = i + 1
                code = code .. " " .. lines[i]:gsub("^%s+", "")
            end
            for l = start, i do
                code_lines[#code_lines + 1] = lines[l]
            end
            local behind = code:match ";%s*/%*(.-)%*/" or ""
            if code:find "^[%w_][%w_ %*]*bt_[%w_]+%s*%(" then
                check_prototype(path, start, code, behind .. comment)
            end
        end
        i = i + 1
    end
    flush()
end

local function read_paragraphs(path, page)
    local lines, first = lines_of(path), nil
    for i = 1, #lines + 1 do
        local blank = i > #lines or lines[i]:find "^%s*$"
        if blank and first then
            read_paragraph(path, lines, first, i - 1, page)
            first = nil
        elseif not blank and not first then
            first = i
        end
    end
end

-- The header and, in its order, those it includes.
local function read_header(path)
    local page = { "# The C interface\n" }
    read_paragraphs(path, page)
    for _, line in ipairs(lines_of(path)) do
        local part = line:match '^#include "(.*)"'
        if part then
            read_paragraphs(path:gsub("[^/]*$", "") .. part, page)
        end
    end
    write("engine.md", page)
end

-- ---- Lua ----------------------------------------------------------------------

-- Comment lines that end right above line i, without their dashes.
local function comment_above(lines, i)
    local first = i
    while first > 1 and lines[first - 1]:find "^%-%-" do
        first = first - 1
    end
    local text = {}
    for l = first, i - 1 do
        text[#text + 1] = lines[l]:gsub("^%-+%s?", "")
    end
    return table.concat(text, "\n")
end

local function head_comment(lines)
    local last = 1
    while lines[last] and lines[last]:find "^%-%-" do
        last = last + 1
    end
    return comment_above(lines, last)
end

local FAILS = { "%f[%w_]error%s*%(", "%f[%w_]error%s*\"", "%f[%w_]misuse%s*[%(\"]" }
local SAYS = { "rror", "aise" }

-- Files of what strategies and scripts call.
local PUBLIC = { "^init$", "^context$", "^account$", "^schedule$", "^control$", "^settings$",
    "^orders$", "^data$", "^portfolio$", "^view$", "^frame$", "^indicator$", "^ta$", "^metrics$",
    "^stats$", "^commission$", "^slippage$", "^date_rules$", "^time_rules$", "^json$", "^result$",
    "^session$", "^optimization/" }

local function body_of(lines, i)
    local last = i
    while lines[last] and not lines[last]:find "^end" do
        last = last + 1
    end
    return table.concat(lines, "\n", i, math.min(last, #lines))
end

-- Each parameter is a word of the text.
local function check_parameters(path, lines, i, name, text)
    local own = lines[i]:match "^function methods%.[%w_]+%(([%w_]+)" or "self" -- the object
    for parameter in (lines[i]:match "%((.-)%)" or ""):gmatch "[%a_][%w_]*" do
        if parameter ~= own and not text:find("%f[%w_]" .. parameter .. "%f[^%w_]") then
            gap(path, i, "%s: say what %s is", name, parameter)
        end
    end
end

local function is_for_users(path)
    return any(path:match "lua/backlua/(.*)%.lua$" or "", PUBLIC)
end

-- Documented with three dashes: for those who use the library.
local function is_public(lines, i)
    local first = i
    while first > 1 and lines[first - 1]:find "^%-%-" do
        first = first - 1
    end
    return first < i and lines[first]:find "^%-%-%-"
end

local function check_function(path, lines, i, name)
    local comment = comment_above(lines, i)
    if comment == "" then
        gap(path, i, "%s has no docstring", name)
    elseif any(body_of(lines, i), FAILS)
        and not any(comment .. "\n" .. head_comment(lines), SAYS) then
        gap(path, i, "%s can fail: say what is raised or returned", name)
    end
    if is_public(lines, i) and is_for_users(path) then
        check_parameters(path, lines, i, name, comment .. "\n" .. head_comment(lines))
    end
    return comment
end

-- What people call the object whose methods a file has.
local OBJECTS = { view = "view", frame = "frame", data = "data", context = "ctx", orders = "ctx",
    control = "ctx", settings = "ctx", schedule = "ctx", account = "ctx", result = "result",
    portfolio = "ctx.portfolio", session = "session", ["optimization/results"] = "results",
    ["optimization/parallel_optimizer"] = "optimizer", ["optimization/walk_forward"] = "optimizer",
    ["optimization/persistent_worker_pool"] = "pool", ["optimization/algorithm"] = "algorithm",
    ["optimization/ask_tell"] = "algorithm", ["optimization/data_cache"] = "cache",
    ["optimization/bundle_connection_pool"] = "pool" }

-- "view:last(n)" of "function methods.last(v, n)": a method as it is called.
local function as_called(path, line)
    local owner, mark, name, parameters = line:match "^function ([%w_]+)([.:])([%w_]+)(%b())"
    if owner ~= "methods" then
        return line:match "^function (.*)$"
    elseif mark == "." then
        parameters = "(" .. parameters:sub(2, -2):gsub("^[%w_]+,?%s*", "") .. ")"
    end
    return (OBJECTS[path:match "lua/backlua/(.*)%.lua$"] or "object") .. ":" .. name .. parameters
end

local function read_module(path)
    local lines = lines_of(path)
    local module = path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", ".")
    local page = { "# " .. module .. "\n", head_comment(lines) .. "\n" }
    if head_comment(lines) == "" then
        gap(path, 1, "the file has no comment at its top")
    end
    local returned = lines[#lines]:match "^return ([%w_]+)$"
    for i, line in ipairs(lines) do
        local owner, name = line:match "^function ([%w_]+)([.:][%w_]+)%s*%("
        if owner and not name:find "^[.:]_" and (owner == returned
            or is_public(lines, i) and is_for_users(path)) then
            local comment = check_function(path, lines, i, owner .. name)
            page[#page + 1] = "### `" .. as_called(path, line) .. "`\n"
            page[#page + 1] = comment .. "\n"
        end
    end
    write(module .. ".md", page)
end

read_header(arg[2])
for i = 3, #arg do
    read_module(arg[i])
end
if gaps > 0 then
    print(("docs: %d gaps"):format(gaps))
    os.exit(1)
end
