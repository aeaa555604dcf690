-- The drawings of a document as one SVG, one below the other: for a README or a mail. Charts over
-- time are drawn as lines.

local figures = require "backlua.report.figures"
local pack = require "backlua.report.pack"
local svg = require "backlua.report.svg"

local WIDTH, MARGIN, TITLE = 800, 20, 24
local POINTS = 800

local SHOWN = { percent = figures.percent }

local function picked(values, indexes)
    if not indexes then
        return values
    end
    local out = {}
    for k, i in ipairs(indexes) do
        out[k] = values[i]
    end
    return out
end

local function drawn_chart(block, document)
    local axis = block.time and document.times[block.time]
    local source = block.choices and block.choices[1] or block
    local times, lines = axis and axis.values or source.time, {}
    for i, line in ipairs(source.lines) do
        lines[i] = line.values
    end
    local indexes = pack.thin(lines, #times, POINTS)
    for i, values in ipairs(lines) do
        lines[i] = picked(values, indexes)
    end
    return figures.lines(picked(times, indexes), lines, { label = block.caption,
        height = block.height, shown = SHOWN[block.unit], times = not (axis and axis.plain) })
end

local function drawing_of(block, document)
    if block.type == "figure" then
        return block.svg
    elseif block.type == "chart" then
        return drawn_chart(block, document)
    end
end

-- A drawing's own <svg> moved to its place.
local function placed(drawing, y)
    return (drawing:gsub('^<svg xmlns="[^"]*"', ('<svg x="%d" y="%d"'):format(MARGIN, y), 1))
end

local function height_of(drawing)
    return tonumber(drawing:match 'height="(%d+)"')
end

-- The colours, of light and dark.
local function style_of()
    local texts = require "backlua.report.texts"
    return "<style>" .. texts.colors_css:gsub(":root", "svg") .. texts.figures_css
        .. ".title { font-weight: 600; font-size: 14px; } .paper { fill: var(--paper); }</style>"
end

-- Drawings of a document in order: { caption, svg, id }.
local function drawings_of(document)
    local list = {}
    for _, section in ipairs(document.sections) do
        for _, block in ipairs(section.blocks) do
            local drawing = drawing_of(block, document)
            list[#list + 1] = drawing and { id = block.id, svg = drawing, lines = block.lines,
                caption = block.caption or section.title } or nil
        end
    end
    return list
end

-- Those that are asked for, in the order asked; nil, err when there is no such one.
local function chosen(list, names)
    local by_id, ids, found = {}, {}, {}
    for i, drawing in ipairs(list) do
        by_id[drawing.id], ids[i] = drawing, drawing.id
    end
    for i, name in ipairs(names) do
        found[i] = by_id[name]
        if not found[i] then
            local hint = require "backlua.text.nearest".hint(name, ids)
            return nil, require "backlua.errors".new("usage", ("--figures: there is no %s%s")
                :format(require "backlua.text.quote"(name), hint ~= "" and hint
                    or "; there are " .. table.concat(ids, ", ")))
        end
    end
    return found
end

local LEGEND_GAP, SWATCH, CHARACTER, BOLD = 24, 16, 6.2, 8 -- pixels; of 11 and 14 px letters
local CLASSES = { "curve", "curve2", "curve3" } -- as figures.lines gives them in turn

-- What the lines of a drawing stand for, beside its caption; nothing for one line.
local function add_legend(parts, drawing, y)
    local x = MARGIN + #drawing.caption * BOLD + LEGEND_GAP
    for i, line in ipairs(drawing.lines and drawing.lines[2] and drawing.lines or {}) do
        parts[#parts + 1] = svg.line(x, y - 4, x + SWATCH, y - 4, CLASSES[(i - 1) % #CLASSES + 1])
        parts[#parts + 1] = svg.text(x + SWATCH + 6, y, line.name, nil, "soft")
        x = x + SWATCH + 6 + #line.name * CHARACTER + LEGEND_GAP
    end
end

--- SVG text of a document; figures: array of the ids of its drawings, nil for all. nil, err
-- ("usage") when there is none of an id.
return function(document, figures_wanted)
    local list, err = drawings_of(document)
    if figures_wanted then
        list, err = chosen(list, figures_wanted)
    end
    if not list then
        return nil, err
    end
    local parts, y = {}, 64
    for _, drawing in ipairs(list) do
        parts[#parts + 1] = svg.text(MARGIN, y + 14, drawing.caption, nil, "title")
        add_legend(parts, drawing, y + 14)
        parts[#parts + 1] = placed(drawing.svg, y + TITLE)
        y = y + TITLE + height_of(drawing.svg) + 16
    end
    local head = { style_of(), svg.rect(0, 0, WIDTH, y, "paper"),
        svg.text(MARGIN, 30, document.title, nil, "title"),
        svg.text(MARGIN, 48, document.subtitle, nil, "soft") }
    return svg.drawing(WIDTH, y, document.title, { table.concat(head),
        table.concat(parts) })
end
