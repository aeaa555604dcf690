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

--- SVG text of a document.
return function(document)
    local parts, y = {}, 64
    for _, section in ipairs(document.sections) do
        for _, block in ipairs(section.blocks) do
            local drawing = drawing_of(block, document)
            if drawing then
                parts[#parts + 1] = svg.text(MARGIN, y + 14, block.caption or section.title, nil,
                    "title")
                parts[#parts + 1] = placed(drawing, y + TITLE)
                y = y + TITLE + height_of(drawing) + 16
            end
        end
    end
    local head = { style_of(), svg.rect(0, 0, WIDTH, y, "paper"),
        svg.text(MARGIN, 30, document.title, nil, "title"),
        svg.text(MARGIN, 48, document.subtitle, nil, "soft") }
    return svg.drawing(WIDTH, y, document.title, { table.concat(head),
        table.concat(parts) })
end
