-- A heat map in the terminal: scores over two parameters.
--
--     local map = heat.grid(results.trials, "fast", "slow")
--     io.write(heat.draw(map, { fd = 1 }))
--
-- A map is { x =, y =, xs = values in order, ys = values in order, score = { [y][x] = number } };
-- of trials that differ in further parameters, a cell has the best. Where the terminal shows colour
-- a cell is coloured, elsewhere it is a digit 0 (worst) to 9 (best). What has no score is a dot;
-- the best cell is marked. A map that must fit a height takes neighbours together, and a cell has
-- the best of them.

local color = require "backlua.text.color"
local number = require "backlua.text.number"
local width_of = require "backlua.text.width".of
local C = require "backlua.ffi".C

local heat = {}

local COLUMNS = 80
-- Colours of the 256-colour palette from worst to best: dark blue over green to yellow.
local RAMP = { 17, 18, 24, 30, 29, 35, 71, 107, 143, 179, 220, 226 }

-- ---- a map from trials -------------------------------------------------------------------------

local function compare(a, b)
    if type(a) == type(b) and (type(a) == "number" or type(a) == "string") then
        return a < b
    end
    return tostring(a) < tostring(b)
end

local function sorted_keys(seen)
    local list = {}
    for value in pairs(seen) do
        list[#list + 1] = value
    end
    table.sort(list, compare)
    return list
end

--- An empty map over the values of two parameters, arrays in any order.
function heat.map(x, y, xs, ys)
    local map = { x = x, y = y, xs = xs or {}, ys = ys or {}, score = {}, seen_x = {}, seen_y = {},
        lower_is_better = false }
    for _, value in ipairs(map.xs) do
        map.seen_x[value] = true
    end
    for _, value in ipairs(map.ys) do
        map.seen_y[value] = true
    end
    map.xs, map.ys = sorted_keys(map.seen_x), sorted_keys(map.seen_y)
    return map
end

local function is_better(map, a, b)
    if map.lower_is_better then
        return a < b
    end
    return a > b
end

local function note(seen, value)
    local is_new = not seen[value]
    seen[value] = true
    return is_new
end

--- Put a score at a place; the better one stays. NaN and nil are no scores, but the place is
-- known then.
function heat.add(map, x, y, score)
    if x == nil or y == nil then
        return
    end
    if note(map.seen_x, x) then
        map.xs = sorted_keys(map.seen_x)
    end
    if note(map.seen_y, y) then
        map.ys = sorted_keys(map.seen_y)
    end
    local row = map.score[y] or {}
    map.score[y] = row
    if type(score) == "number" and score == score
        and (row[x] == nil or is_better(map, score, row[x])) then
        row[x] = score
    end
end

-- Names of the parameters of trials, sorted.
local function parameter_names(trials)
    local seen = {}
    for _, trial in ipairs(trials) do
        for name in pairs(trial.params) do
            seen[name] = true
        end
    end
    return sorted_keys(seen)
end

--- A map of trials, arrays of { params =, score = }: x to the right, y downwards.
-- @param options lower_is_better
-- @return a map, or nil and a message that names the parameters there are
function heat.grid(trials, x, y, options)
    local map = heat.map(x, y)
    map.lower_is_better = options and options.lower_is_better or false
    local names = parameter_names(trials)
    for _, name in ipairs { x, y } do
        local known = false
        for _, other in ipairs(names) do
            known = known or other == name
        end
        if not known then
            local hint = require "backlua.text.nearest".hint(tostring(name), names)
            return nil, ("no parameter %s%s"):format(require "backlua.text.quote"(name),
                hint ~= "" and hint or "; there are " .. table.concat(names, ", "))
        end
    end
    for _, trial in ipairs(trials) do
        heat.add(map, trial.params[x], trial.params[y], trial.score)
    end
    return map
end

-- ---- drawing -----------------------------------------------------------------------------------

local function shown(value)
    return type(value) == "number" and number.shortest(value) or tostring(value)
end

-- Least and greatest finite score, and where the best one is.
local function extremes(map)
    local low, high, best = math.huge, -math.huge, nil
    for _, y in ipairs(map.ys) do
        for _, x in ipairs(map.xs) do
            local s = map.score[y] and map.score[y][x]
            if s and s > -math.huge and s < math.huge then
                low, high = math.min(low, s), math.max(high, s)
                if not best or is_better(map, s, best.score) then
                    best = { x = x, y = y, score = s }
                end
            end
        end
    end
    return low, high, best
end

-- Place of a score between worst (0) and best (1).
local function rank(map, score, low, high)
    local at = high > low and (score - low) / (high - low) or 1
    at = math.max(0, math.min(1, at))
    return map.lower_is_better and 1 - at or at
end

local function step(at, count)
    return math.min(count - 1, math.floor(at * count))
end

-- Two characters of a cell.
local function cell(map, score, low, high, is_best, colored)
    if not score then
        return " ·"
    end
    local at = rank(map, score, low, high)
    if colored then
        return ("\27[48;5;%dm\27[30m%s\27[0m"):format(RAMP[step(at, #RAMP) + 1],
            is_best and "◆ " or "  ")
    end
    return (is_best and "*" or " ") .. step(at, 10)
end

-- A line of labels over the columns, as many as fit without touching.
local function column_labels(xs, first, last)
    local parts, used = {}, 0
    for i = first, last do
        local at, text = (i - first) * 2, shown(xs[i])
        if at > used or at == 0 then
            parts[#parts + 1] = (" "):rep(at - used) .. text
            used = at + width_of(text)
        end
    end
    return table.concat(parts)
end

local function scale_text(map, low, high, colored)
    local parts = {}
    for i = 1, #RAMP do
        parts[i] = colored and ("\27[48;5;%dm \27[0m"):format(RAMP[i]) or ""
    end
    local worst, best = low, high
    if map.lower_is_better then
        worst, best = high, low
    end
    if colored then
        return ("%s %s %s"):format(number.fixed(worst, 4), table.concat(parts),
            number.fixed(best, 4))
    end
    return ("0 is %s, 9 is %s"):format(number.fixed(worst, 4), number.fixed(best, 4))
end

-- ---- a height to fit ---------------------------------------------------------------------------

-- The values that stand for runs of neighbours, at most so many; that of each value; run length.
local function runs(values, most)
    local length = math.max(1, math.ceil(#values / math.max(1, most)))
    local firsts, of = {}, {}
    for i, value in ipairs(values) do
        if (i - 1) % length == 0 then
            firsts[#firsts + 1] = value
        end
        of[value] = firsts[#firsts]
    end
    return firsts, of, length
end

-- The map with neighbours taken together, so that it has so many columns and rows at most.
local function coarse(map, columns, rows)
    local xs, x_of, wide = runs(map.xs, columns)
    local ys, y_of, high = runs(map.ys, rows)
    local out = heat.map(map.x, map.y)
    out.xs, out.ys, out.lower_is_better = xs, ys, map.lower_is_better
    for y, row in pairs(map.score) do
        local to = out.score[y_of[y]] or {}
        out.score[y_of[y]] = to
        for x, score in pairs(row) do
            local at = x_of[x]
            if to[at] == nil or is_better(map, score, to[at]) then
                to[at] = score
            end
        end
    end
    return out, x_of, y_of, wide * high
end

local AROUND = 3 -- lines: the title, the columns' labels, the scale

-- What to draw of a map in so many lines: a map, where its best cell is, what to say of it.
local function fitted(map, best, columns, rows)
    local view, x_of, y_of, together = coarse(map, columns, rows - AROUND)
    if together == 1 then
        return map, best, ""
    end
    return view, best and { x = x_of[best.x], y = y_of[best.y] },
        (", a cell the best of up to %d"):format(together)
end

-- ---- the text ----------------------------------------------------------------------------------

local function add_block(lines, map, span, labels, low, high, best, colored)
    local margin = (" "):rep(labels + 2)
    lines[#lines + 1] = margin .. column_labels(map.xs, span.first, span.last)
    for _, y in ipairs(map.ys) do
        local label, cells = shown(y), {}
        for i = span.first, span.last do
            local x = map.xs[i]
            cells[#cells + 1] = cell(map, map.score[y] and map.score[y][x], low, high,
                best and best.x == x and best.y == y, colored)
        end
        lines[#lines + 1] = (" "):rep(labels - width_of(label)) .. label .. " "
            .. (colored and " " or "") .. table.concat(cells)
    end
end

--- Text of a map, each line ended by a newline; wider ones than the terminal come in blocks.
-- @param options columns (of the terminal, default what it says, else 80); rows: lines that it
--   must fit, as one block; fd: colours as that descriptor shows them, none when absent; name: of
--   the score, "score"
function heat.draw(map, options)
    options = options or {}
    local colored = options.fd ~= nil and color.wanted(options.fd)
    local columns = options.columns or C.bt_terminal_columns(options.fd or 1)
    columns = columns > 0 and columns or COLUMNS
    local low, high, best = extremes(map)
    local labels = 0
    for _, y in ipairs(map.ys) do
        labels = math.max(labels, width_of(shown(y)))
    end
    local each = math.max(1, math.floor((columns - labels - 3) / 2))
    local view, mark, said = map, best, ""
    if options.rows then
        view, mark, said = fitted(map, best, each, options.rows)
    end
    local lines = { ("%s: %s to the right, %s down%s"):format(options.name or "score", map.x, map.y,
        said) }
    for first = 1, math.max(#view.xs, 1), each do
        add_block(lines, view, { first = first, last = math.min(first + each - 1, #view.xs) },
            labels, low, high, mark, colored)
    end
    if best then
        lines[#lines + 1] = scale_text(map, low, high, colored)
            .. ("   best %s at %s=%s %s=%s"):format(number.fixed(best.score, 4), map.x,
                shown(best.x), map.y, shown(best.y))
    else
        lines[#lines + 1] = "no scores"
    end
    return table.concat(lines, "\n") .. "\n"
end

return heat
