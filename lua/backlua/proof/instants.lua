-- At which bars to ask whether a strategy knows what comes later.
--
-- A decision that changes is where knowledge of the next bar shows, so half of the bars are such
-- ones, spread evenly over all of them; the other half is spread evenly over the time between the
-- first and the last decision. No chance and no clock: the same bars every time.

-- Rows at which what was decided is not what was decided at the row before.
local function changes(trace)
    local rows, before, i = {}, nil, 1
    while i <= #trace do
        local row, texts = trace[i].row, {}
        while trace[i] and trace[i].row == row do
            texts[#texts + 1] = trace[i].text
            i = i + 1
        end
        local now = table.concat(texts, "\n")
        if now ~= before then
            rows[#rows + 1] = row
        end
        before = now
    end
    return rows
end

-- count of the values of at(i), i in 1..n, evenly spread.
local function spread(n, count, at, add)
    for k = 1, math.min(n, count) do
        add(at(math.floor((k - 0.5) * n / math.min(n, count)) + 1))
    end
end

-- Rows, ascending, at most `count`, each before `last` (the last row of the run).
return function(trace, count, last)
    if #trace == 0 then
        return {}
    end
    local chosen, rows = {}, {}
    local function add(row)
        if row < last and not chosen[row] then
            chosen[row] = true
            rows[#rows + 1] = row
        end
    end
    local changed, first = changes(trace), trace[1].row
    spread(#changed, math.ceil(count / 2), function(i) return changed[i] end, add)
    spread(trace[#trace].row - first, math.floor(count / 2), function(i)
        return first + i - 1
    end, add)
    table.sort(rows)
    return rows
end
