-- A document as one HTML file that needs nothing else.
--
-- A document is { kind, title, subtitle, sections, times }; a section { id, title, lead, blocks,
-- beside = true for two blocks in a row };
-- a block is a table with a type:
--     facts    rows { label, value, note }
--     cards    items { label, value, other, tone, words = true for a value that may be long }:
--              headline figures, the benchmark's beside
--     text     paragraphs (array); note = true: what must not be missed
--     figure   svg, caption, and table: the same as a table block
--     table    id, caption, columns { title, align, show = function(v) -> text, ... }, rows;
--              part = { rows, note }: what a page has room for, where that is not all
--     chart    id, caption, time (key of document.times), daily, unit, log, fill, lines { name,
--              role, values, decimals, drawdown = { chart, line, start } of whose drawdown it is };
--              choices: one chart of several, each { name, lines, marks }
--     custom   id, caption, data: drawn by the browser (study.js)
-- Every text goes through svg.escape; data goes as JSON without "<".
--
-- The policy of the page forbids everything but its own style and scripts, named by their hashes.

local bit = require "bit"
local ffi = require "ffi"
local json = require "backlua.text.json"
local pack = require "backlua.report.pack"
local svg = require "backlua.report.svg"
local C = require("backlua.ffi").C

local escape = svg.escape
local ROWS_IN_PAGE = 60   -- a longer table is made by the browser, a page at a time
local POINTS = 16000      -- of one chart
local POINTS_OF_CHOICES = 10000 -- of all of them
local CHOICE_MIN, CHOICE_MAX = 400, 3500

-- ---- policy ------------------------------------------------------------------------------------

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function base64(bytes)
    local out = {}
    for i = 1, #bytes, 3 do
        local a, b, c = bytes:byte(i, i + 2)
        local word = bit.bor(bit.lshift(a, 16), bit.lshift(b or 0, 8), c or 0)
        for shift = 18, 0, -6 do
            local six = bit.band(bit.rshift(word, shift), 63)
            out[#out + 1] = ALPHABET:sub(six + 1, six + 1)
        end
        local missing = c and 0 or b and 1 or 2
        for k = 0, missing - 1 do
            out[#out - k] = "="
        end
    end
    return table.concat(out)
end

local function source_hash(text)
    return "'sha256-" .. base64((require "backlua.sha256"(text):gsub("%x%x", function(pair)
        return string.char(tonumber(pair, 16))
    end))) .. "'"
end

local function policy(style, scripts)
    local hashes = {}
    for i, script in ipairs(scripts) do
        hashes[i] = source_hash(script)
    end
    return ("default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'")
        :format(source_hash(style), table.concat(hashes, " "))
end

-- ---- tables ------------------------------------------------------------------------------------

local function shown(column, value)
    if value == nil then
        return ""
    end
    return column.show and column.show(value) or tostring(value)
end

local function head_row(columns, sortable)
    local cells = {}
    for i, column in ipairs(columns) do
        local title = escape(column.title)
        cells[i] = ('<th scope="col"%s>%s</th>'):format(column.align == "right"
            and ' class="r"' or "", sortable and "<button type=\"button\">" .. title .. "</button>"
            or title)
    end
    return "<thead><tr>" .. table.concat(cells) .. "</tr></thead>"
end

-- Sorting wants the number, not its text.
local function sort_key(column, value)
    return column.show and type(value) == "number" and value - value == 0
        and (' data-v="%.17g"'):format(value) or ""
end

local function body_row(columns, row, sortable)
    local cells = {}
    for i, column in ipairs(columns) do
        cells[i] = ("<td%s%s>%s"):format(column.align == "right" and ' class="r"'
            or column.wide and ' class="wide"' or "",
            sortable and sort_key(column, row[i]) or "", escape(shown(column, row[i])))
    end
    return "<tr>" .. table.concat(cells) -- HTML closes cells and rows by itself
end

local function static_table(block)
    local rows = {}
    for i, row in ipairs(block.rows) do
        rows[i] = body_row(block.columns, row, block.sortable)
    end
    return ('<div class="scroll"><table%s%s>%s<tbody>%s</tbody></table></div>'):format(
        block.id and ' id="' .. block.id .. '-table"' or "",
        block.sortable and ' class="sortable"' or "", head_row(block.columns, block.sortable),
        table.concat(rows))
end

local function text_column(values, n)
    local words, numbers, indexes = {}, {}, {}
    for i = 1, n do
        local text = require "backlua.text.width".valid(tostring(values[i] or ""))
        if not numbers[text] then
            words[#words + 1] = text
            numbers[text] = #words
        end
        indexes[i] = numbers[text] - 1
    end
    return { words = json.array(words), v = pack.numbers(indexes, 0) }
end

local DECIMALS_MAX, DECIMALS_MORE = 8, 4 -- of a column; of one beyond those it shows

-- Fewest decimals, at most so many (8), that give back every value.
local function exact_decimals(values, n, most)
    most = math.min(most or DECIMALS_MAX, DECIMALS_MAX)
    for decimals = 0, most - 1 do
        local scale, exact = 10 ^ decimals, true
        for i = 1, n do
            local whole = values[i] * scale
            if whole - whole == 0
                and math.abs(whole - math.floor(whole + 0.5)) > 1e-7 * math.max(1, math.abs(whole))
            then
                exact = false
                break
            end
        end
        if exact then
            return decimals
        end
    end
    return most
end

local function decimals_wanted(column)
    return column.decimals and column.decimals + DECIMALS_MORE
        + (column.scale and math.ceil(math.log10(column.scale)) or 0)
end

local function packed_column(column, rows, i)
    local values, n = {}, #rows
    for r = 1, n do
        values[r] = rows[r][i]
    end
    local out
    if column.kind == "number" or column.kind == "time" then
        for r = 1, n do
            values[r] = values[r] or 0 / 0
        end
        local decimals = column.kind == "time" and 0 or exact_decimals(values, n,
            decimals_wanted(column))
        out = { v = pack.numbers(values, decimals), d = decimals, kind = column.kind,
            show = column.decimals, scale = column.scale, unit = column.unit,
            daily = column.daily }
    else
        out = text_column(values, n)
    end
    out.title = column.title
    return out
end

local function packed_table(block)
    local columns, rows = {}, block.part and block.part.rows or block.rows
    for i, column in ipairs(block.columns) do
        columns[i] = packed_column(column, rows, i)
    end
    return { n = #rows, columns = columns }
end

-- ---- charts ------------------------------------------------------------------------------------

local function decimals_of(line, n)
    return line.decimals or math.min(pack.decimals(pack.size(line.values, n)),
        exact_decimals(line.values, n))
end

local function packed_lines(lines, indexes, n)
    local out = {}
    for i, line in ipairs(lines) do
        local decimals = decimals_of(line, n)
        -- of a thinned line the browser may miss a peak
        local derived = not indexes and line.drawdown or nil
        out[i] = { name = require "backlua.text.width".valid(line.name), role = line.role,
            d = decimals, drawdown = derived,
            v = not derived and pack.numbers(line.values, decimals, indexes, n) or nil }
    end
    return out
end

local function columns_of(lines)
    local list = {}
    for i, line in ipairs(lines) do
        list[i] = line.values
    end
    return list
end

-- Charts on one time axis that are thinned share the points that any of them needs.
local function shared_indexes(document)
    local lines_at, indexes = {}, {}
    for _, section in ipairs(document.sections) do
        for _, block in ipairs(section.blocks) do
            if block.type == "chart" and block.time and block.lines then
                local list = lines_at[block.time] or {}
                lines_at[block.time] = list
                for _, values in ipairs(columns_of(block.lines)) do
                    list[#list + 1] = values
                end
            end
        end
    end
    for name, list in pairs(lines_at) do
        local axis = document.times[name]
        indexes[name] = pack.thin(list, axis.n, axis.points or POINTS)
    end
    return indexes
end

local function packed_marks(marks, daily)
    local decimals = pack.decimals(pack.size(marks.price))
    return { time = pack.times(marks.time, daily), side = pack.numbers(marks.side, 0),
        price = pack.numbers(marks.price, decimals), d = decimals }
end

local function packed_choice(choice, daily, points)
    local n = #choice.time
    local indexes = pack.thin(columns_of(choice.lines), n, points)
    return { name = require "backlua.text.width".valid(choice.name),
        time = pack.times(choice.time, daily, indexes, n),
        lines = packed_lines(choice.lines, indexes, n), thinned = indexes and n,
        marks = choice.marks and packed_marks(choice.marks, daily) }
end

local function packed_chart(block, document, indexes)
    local axis = block.time and document.times[block.time]
    local out = { time = block.time, unit = block.unit, log = block.log, fill = block.fill,
        height = block.height, stem = block.stem, x = block.x, zero = block.zero }
    if block.choices then
        out.choices = {}
        local points = math.max(CHOICE_MIN, math.min(CHOICE_MAX,
            math.floor(POINTS_OF_CHOICES / #block.choices)))
        for i, choice in ipairs(block.choices) do
            out.choices[i] = packed_choice(choice, block.daily, points)
        end
    else
        out.lines = packed_lines(block.lines, indexes[block.time], axis.n)
        out.thinned = indexes[block.time] and axis.n
    end
    return out
end

local function packed_times(document, indexes)
    local out = {}
    for name, axis in pairs(document.times) do
        out[name] = axis.plain and { plain = true, v = pack.numbers(axis.values, 0) }
            or pack.times(axis.values, axis.daily, indexes[name], axis.n)
        out[name].daily = axis.daily
    end
    return out
end

-- ---- blocks ------------------------------------------------------------------------------------

local draw = {}

function draw.text(block)
    local parts = {}
    for i, paragraph in ipairs(block.paragraphs) do
        parts[i] = (block.note and '<p class="note">' or "<p>") .. escape(paragraph) .. "</p>"
    end
    return table.concat(parts)
end

function draw.facts(block)
    local rows = {}
    for i, row in ipairs(block.rows) do
        rows[i] = ("<div><dt>%s</dt><dd%s>%s%s</dd></div>"):format(escape(row[1]),
            row.code and ' class="code"' or "", escape(row[2]),
            row[3] and " <small>" .. escape(row[3]) .. "</small>" or "")
    end
    return '<dl class="facts">' .. table.concat(rows) .. "</dl>"
end

function draw.cards(block)
    local items = {}
    for i, item in ipairs(block.items) do
        items[i] = ('<div class="card"><div class="label">%s</div><div class="value%s">%s</div>'
            .. '<div class="other">%s</div></div>'):format(escape(item[1]),
            item.words and " text" or item.tone and " " .. item.tone or "", escape(item[2]),
            escape(item[3] or ""))
    end
    return '<div class="cards">' .. table.concat(items) .. "</div>"
end

local function details(title, inner)
    return ("<details><summary>%s</summary>%s</details>"):format(escape(title), inner)
end

function draw.figure(block)
    local caption = block.caption and "<figcaption>" .. escape(block.caption) .. "</figcaption>"
        or ""
    return ('<figure class="drawn" id="%s">%s<div class="scroll">%s</div>%s</figure>'):format(
        block.id, caption, block.svg, block.table and details("As a table",
            static_table(block.table)) or "")
end

draw["table"] = function(block, data)
    local caption = block.caption and "<h3>" .. escape(block.caption) .. "</h3>" or ""
    if block.static or #block.rows <= ROWS_IN_PAGE and not block.csv then
        return caption .. static_table(block)
    end
    data.tables[block.id] = packed_table(block)
    return ('%s%s<div class="rows" data-table="%s"></div>'):format(caption, block.part
        and '<p class="lead">' .. escape(block.part.note) .. "</p>" or "", block.id)
end

function draw.chart(block, data, document, indexes)
    data.charts[block.id] = packed_chart(block, document, indexes)
    return ('<figure class="chart" id="%s"><figcaption>%s</figcaption><div class="tools"></div>'
        .. '<div class="legend" aria-live="off"></div><div class="plot" tabindex="0" role="group" '
        .. 'aria-label="%s: arrow keys move the cursor, + and - zoom, 0 shows all"></div>'
        .. '<details class="lazy"><summary>As a table</summary></details></figure>'):format(
        block.id, escape(block.caption), escape(block.caption))
end

function draw.custom(block, data)
    data.custom[block.id] = block.data
    return ('<figure class="custom" id="%s"><figcaption>%s</figcaption><div class="tools"></div>'
        .. '<div class="scroll"></div><details class="lazy"><summary>As a table</summary>'
        .. '</details></figure>'):format(block.id, escape(block.caption))
end

local function section_html(section, data, document, indexes)
    local parts = {}
    for i, block in ipairs(section.blocks) do
        parts[i] = draw[block.type](block, data, document, indexes)
    end
    local body = table.concat(parts, "\n")
    return ('<section id="%s"><h2>%s</h2>%s%s</section>\n'):format(section.id,
        escape(section.title), section.lead and '<p class="lead">' .. escape(section.lead)
        .. "</p>" or "", section.beside and '<div class="two">' .. body .. "</div>" or body)
end

local function contents(document)
    local links = {}
    for i, section in ipairs(document.sections) do
        links[i] = ('<a href="#%s">%s</a>'):format(section.id, escape(section.title))
    end
    return '<nav aria-label="Contents">' .. table.concat(links) .. "</nav>"
end

-- ---- the page ----------------------------------------------------------------------------------

local PAGE = [[
<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="%s">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="backlua %s">
<title>%s</title>
<style>%s</style></head>
<body><header><h1>%s</h1><p>%s</p></header>
%s
<main>
%s</main>
<footer>%s</footer>
<script type="application/json" id="data">%s</script>
<script>%s</script>
<script>%s</script>
</body></html>
]]

-- Our own sources without comments and indentation.
local function slim(text)
    return (text:gsub("/%*.-%*/", ""):gsub("\n%s+", "\n"))
end

local function style_of(texts, kind)
    return slim(texts.dygraphs_css .. texts.colors_css .. texts.figures_css .. texts.page_css
        .. (kind == "study" and texts.study_css or ""))
end

local function script_of(texts, kind)
    return "\"use strict\";\n" .. slim(texts.chart_js .. texts.squeeze_js .. texts.table_js
        .. (kind == "study" and texts.study_js or "") .. texts.main_js)
end

local function footer(texts)
    return "<p>Made by backlua, charts by dygraphs.</p>"
        .. details("Licence of dygraphs", "<pre>" .. escape(texts.dygraphs_licence) .. "</pre>")
end

--- HTML of a document.
return function(document)
    local texts = require "backlua.report.texts"
    local indexes = shared_indexes(document)
    local data = { charts = {}, tables = {}, custom = {}, times = packed_times(document, indexes) }
    local sections = {}
    for i, section in ipairs(document.sections) do
        sections[i] = section_html(section, data, document, indexes)
    end
    local style = style_of(texts, document.kind)
    local charts, own = texts.dygraphs_js, script_of(texts, document.kind)
    local encoded = json.encode(data):gsub("<", "\\u003c")
    return PAGE:format(escape(policy(style, { charts, own })), ffi.string(C.bt_version()),
        escape(document.title), style, escape(document.title), escape(document.subtitle),
        contents(document), table.concat(sections), footer(texts), encoded, charts, own)
end
