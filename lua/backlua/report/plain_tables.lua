-- The numbers of a document as tables, for those formats that have no drawings: every table, and
-- for each drawing and chart the table that is its equal.

local date = require "backlua.text.date"

local plain = {}

local function time_text(seconds, daily)
    return daily and date.day(seconds) or date.time(seconds)
end

local function line_rows(times, lines, show)
    local rows = {}
    for i = 1, #times do
        local row = { show(times[i]) }
        for k, line in ipairs(lines) do
            row[k + 1] = line.values[i]
        end
        rows[i] = row
    end
    return rows
end

local function line_columns(title, lines)
    local columns = { { title = title } }
    for k, line in ipairs(lines) do
        columns[k + 1] = { title = line.name, align = "right" }
    end
    return columns
end

local function chart_tables(block, document, add)
    local axis = block.time and document.times[block.time]
    for _, choice in ipairs(block.choices or { block }) do
        local daily = block.daily
        local times = axis and axis.values or choice.time
        if axis then
            daily = axis.daily
        end
        local plain_axis = axis and axis.plain
        add {
            id = block.id, caption = choice ~= block and block.caption .. ": " .. choice.name
                or block.caption, series = true,
            columns = line_columns(plain_axis and block.x or daily and "date" or "time",
                choice.lines),
            rows = line_rows(times, choice.lines, function(t)
                return plain_axis and t or time_text(t, daily)
            end),
        }
    end
end

local function figure_table(block)
    return { id = block.id, caption = block.caption, columns = block.table.columns,
        rows = block.table.rows }
end

-- Tables of a section in order: array of { id, caption, columns, rows, series }.
function plain.of(section, document)
    local list = {}
    local function add(t)
        list[#list + 1] = t
    end
    for _, block in ipairs(section.blocks) do
        if block.type == "table" then
            add(block)
        elseif block.type == "figure" and block.table then
            add(figure_table(block))
        elseif block.type == "chart" then
            chart_tables(block, document, add)
        elseif block.type == "custom" and block.table then
            add(figure_table(block))
        end
    end
    return list
end

-- The value of a cell for a machine: times as text, numbers as they are.
function plain.value(column, v)
    if column.kind == "time" and type(v) == "number" then
        return time_text(v, column.daily)
    end
    return v
end

return plain
