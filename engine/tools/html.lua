-- The pages of `make docs` as HTML: each FOLDER/*.md becomes FOLDER/*.html, with an index of both
-- kinds: what strategies and scripts use first, with a sentence from each page.
--
--     luajit html.lua FOLDER
--
-- Of Markdown it knows what those pages use: headings, paragraphs, fenced and indented code,
-- tables, lists, `code`, links. Everything else is text.

local folder = arg[1]

local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

local function escape(text)
    return (text:gsub('[&<>"]', ENTITIES))
end

-- `code` and [text](page.md) in a line.
local function inline(text)
    local kept = {}
    local function keep(html)
        kept[#kept + 1] = html
        return "\1" .. #kept .. "\1"
    end
    text = text:gsub("`([^`]+)`", function(code)
        return keep("<code>" .. escape(code) .. "</code>")
    end)
    text = text:gsub("%[([^%]]+)%]%(([^)%s]+)%)", function(title, target)
        return keep(('<a href="%s">%s</a>'):format(escape((target:gsub("%.md$", ".html"))),
            escape(title)))
    end)
    return (escape(text):gsub("\1(%d+)\1", function(i) return kept[tonumber(i)] end))
end

local function slug(title)
    return (title:lower():gsub("`", ""):gsub("[^%w_]+", "-"):gsub("^%-+", ""):gsub("%-+$", ""))
end

local function cells_of(line)
    local cells = {}
    for cell in line:gsub("\\|", "\2"):match "^|(.*)|%s*$":gmatch "([^|]*)|?" do
        cells[#cells + 1] = inline((cell:match "^%s*(.-)%s*$":gsub("\2", "|")))
    end
    if cells[#cells] == "" then
        cells[#cells] = nil
    end
    return cells
end

local function row(line, tag)
    return "<tr><" .. tag .. ">" .. table.concat(cells_of(line), "</" .. tag .. "><" .. tag .. ">")
        .. "</" .. tag .. "></tr>"
end

-- Readers of one block: lines and the position it begins at; HTML and the position behind it. nil
-- where it is none of theirs.
local blocks = {}

function blocks.fence(lines, i)
    if not lines[i]:find "^```" then
        return nil
    end
    local code, last = {}, i + 1
    while lines[last] and not lines[last]:find "^```" do
        code[#code + 1] = escape(lines[last])
        last = last + 1
    end
    return "<pre>" .. table.concat(code, "\n") .. "</pre>", last + 1
end

function blocks.indented(lines, i)
    local code, last = {}, i
    while lines[last] and lines[last]:find "^    " do
        code[#code + 1] = escape(lines[last]:sub(5))
        last = last + 1
    end
    if last == i then
        return nil
    end
    return "<pre>" .. table.concat(code, "\n") .. "</pre>", last
end

function blocks.heading(lines, i)
    local marks, title = lines[i]:match "^(#+) (.*)$"
    if not marks then
        return nil
    end
    return ('<h%d id="%s">%s</h%d>'):format(#marks, slug(title), inline(title), #marks), i + 1
end

function blocks.table(lines, i)
    if not (lines[i]:find "^|" and (lines[i + 1] or ""):find "^|[-:| ]+|") then
        return nil
    end
    local rows, last = {}, i + 2
    while lines[last] and lines[last]:find "^|" do
        rows[#rows + 1] = row(lines[last], "td")
        last = last + 1
    end
    return "<table>" .. row(lines[i], "th") .. table.concat(rows) .. "</table>", last
end

function blocks.list(lines, i)
    local items, last = {}, i
    while lines[last] and lines[last]:find "^%- " do
        items[#items + 1] = "<li>" .. inline(lines[last]:sub(3)) .. "</li>"
        last = last + 1
    end
    if last == i then
        return nil
    end
    return "<ul>" .. table.concat(items) .. "</ul>", last
end

function blocks.paragraph(lines, i)
    local words, last = {}, i
    while lines[last] and lines[last] ~= "" and not lines[last]:find "^[#|]"
        and not lines[last]:find "^```" and not lines[last]:find "^    " do
        words[#words + 1] = lines[last]
        last = last + 1
    end
    if last == i then -- a line of another kind that was none after all
        words[1], last = lines[i], i + 1
    end
    return "<p>" .. inline(table.concat(words, "\n")) .. "</p>", last
end

local ORDER = { "fence", "indented", "heading", "table", "list", "paragraph" }

local function body_of(text)
    local lines, out, i = {}, {}, 1
    for line in (text .. "\n"):gmatch "(.-)\n" do
        lines[#lines + 1] = line
    end
    while i <= #lines do
        if lines[i]:find "^%s*$" then
            i = i + 1
        else
            for _, kind in ipairs(ORDER) do
                local html, after = blocks[kind](lines, i)
                if html then
                    out[#out + 1], i = html, after
                    break
                end
            end
        end
    end
    return table.concat(out, "\n")
end

local PAGE = [[
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport"
content="width=device-width, initial-scale=1"><title>%s</title><style>
:root { color-scheme: light dark; --soft: #667085; --line: #dfe3e8; --panel: #f6f7f9; }
@media (prefers-color-scheme: dark) { :root { --line: #303945; --panel: #1a2028; } }
body { margin: 0 auto; max-width: 1040px; padding: 16px 20px 60px; overflow-wrap: anywhere;
font: 15px/1.55 system-ui, sans-serif; }
pre { background: var(--panel); padding: 10px 14px; overflow-x: auto; font-size: 13px;
border-radius: 6px; overflow-wrap: normal; }
code { background: var(--panel); font-size: 13px; padding: 1px 3px; border-radius: 3px; }
table { border-collapse: collapse; display: block; overflow-x: auto; font-size: 13px;
overflow-wrap: normal; }
td, th { border-bottom: 1px solid var(--line); padding: 4px 12px 4px 0; text-align: left;
vertical-align: top; } h3 { margin: 28px 0 4px; } nav { color: var(--soft); }
</style></head><body>
<nav><a href="index.html">backlua reference</a></nav>
%s
</body></html>
]]

local function read(path)
    local file = assert(io.open(path))
    local text = file:read "*a"
    file:close()
    return text
end

local function write(path, text)
    local file = assert(io.open(path, "w"))
    file:write(text)
    file:close()
end

-- ---- index -------------------------------------------------------------------------------------

-- Where a page is listed: the first group with a pattern that finds its title.
local GROUPS = {
    { "For strategies", { "^Indicators$", "^backlua%.context$", "^backlua%.data$",
        "^backlua%.view$", "^backlua%.frame$", "^backlua%.orders$", "^backlua%.portfolio$",
        "^backlua%.account$", "^backlua%.settings$", "^backlua%.control$", "^backlua%.schedule$",
        "^backlua%.indicator$", "^backlua%.ta$", "^backlua%.commission$", "^backlua%.slippage$",
        "^backlua%.%a+_rules$" } },
    { "For scripts and the prompt", { "^backlua$", "^backlua%.result$", "^backlua%.metrics$",
        "^backlua%.stats$", "^backlua%.json$", "^backlua%.session$" } },
    { "Search", { "^backlua%.optimization$", "^backlua%.optimization%." } },
    { "C", { "^The C interface$" } },
    { "Inside: the command", { "^backlua%.cli%." } },
    { "Inside: reports", { "^backlua%.report%." } },
    { "Inside: the prompt", { "^backlua%.repl%." } },
    { "Inside: the rest", { "" } },
}

local function group_of(title)
    for i, group in ipairs(GROUPS) do
        for _, pattern in ipairs(group[2]) do
            if title:find(pattern) then
                return i
            end
        end
    end
end

-- The first sentence below the title, without its full stop.
local function sentence_of(text)
    local paragraph = (text .. "\n\n"):match "^# [^\n]*\n+(.-)\n\n" or ""
    return (paragraph:gsub("\n", " "):gsub("([%w)\"'`])%. .*$", "%1"):gsub("[.:]%s*$", ""))
end

local pages, entries = {}, {}
for path in io.popen(("LC_ALL=C ls '%s'/*.md"):format(folder)):lines() do
    if path:match "[^/]*$" ~= "index.md" then
        local text = read(path)
        local title, name = text:match "^# ([^\n]+)", path:match "[^/]*$"
        local at = group_of(title)
        pages[path] = text
        entries[at] = entries[at] or {}
        table.insert(entries[at], ("- [%s](%s): %s"):format(title, name, sentence_of(text)))
    end
end

local index = { "# backlua reference\n" }
for i, group in ipairs(GROUPS) do
    index[#index + 1] = ("## %s\n\n%s\n"):format(group[1], table.concat(entries[i] or {}, "\n"))
end
pages[folder .. "/index.md"] = table.concat(index, "\n")
write(folder .. "/index.md", pages[folder .. "/index.md"])
for path, text in pairs(pages) do
    write(path:gsub("%.md$", ".html"), PAGE:format(escape(text:match "^# ([^\n]+)"),
        body_of(text)))
end
