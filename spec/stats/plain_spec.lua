-- The statistics of many trials against their formulas written plainly, on numbers of trials that
-- fill no whole group of lanes.

local stats = require "backlua.stats"

local function noise(seed, n, shift)
    local x, state = {}, seed
    for i = 1, n do
        state = (state * 16807) % 2147483647
        x[i] = state / 2147483647 - 0.5 + (shift or 0)
    end
    return x
end

local function many(trials, n)
    local columns = {}
    for k = 1, trials do
        columns[k] = noise(k * 7919 + 13, n, 0.03 * (k % 5 - 2))
    end
    return columns
end

local function mean(x)
    local sum = 0
    for i = 1, #x do
        sum = sum + x[i]
    end
    return sum / #x
end

local function sharpe(x)
    local m, square = mean(x), 0
    for i = 1, #x do
        square = square + (x[i] - m) ^ 2
    end
    return m / math.sqrt(square / (#x - 1))
end

local function near(expected, got)
    assert.is_true(math.abs(got - expected) <= 1e-9 * math.max(1, math.abs(expected)),
        ("expected %.17g, got %.17g"):format(expected, got))
end

-- ---- CSCV --------------------------------------------------------------------------------------

-- All choices of half of the blocks, in lexicographic order.
local function halves(blocks)
    local list = {}
    local function extend(chosen, from)
        if #chosen == blocks / 2 then
            list[#list + 1] = chosen
            return
        end
        for b = from, blocks do
            local more = { unpack(chosen) }
            more[#more + 1] = b
            extend(more, b + 1)
        end
    end
    extend({}, 1)
    return list
end

local function side_of(x, blocks, is_inside, wanted)
    local length = math.floor(#x / blocks)
    local dropped, rows = #x % blocks, {}
    for b = 1, blocks do
        if (is_inside[b] or false) == wanted then
            for i = dropped + (b - 1) * length + 1, dropped + b * length do
                rows[#rows + 1] = x[i]
            end
        end
    end
    return rows
end

local function plain_logit(columns, blocks, half)
    local is_inside, pick, most, outside = {}, nil, -math.huge, {}
    for _, b in ipairs(half) do
        is_inside[b] = true
    end
    for k, x in ipairs(columns) do
        local inside = sharpe(side_of(x, blocks, is_inside, true))
        outside[k] = sharpe(side_of(x, blocks, is_inside, false))
        if inside > most then
            pick, most = k, inside
        end
    end
    local rank = 0.5
    for _, s in ipairs(outside) do
        rank = rank + (s < outside[pick] and 1 or s == outside[pick] and 0.5 or 0)
    end
    local w = rank / (#columns + 1)
    return math.log(w / (1 - w)), outside[pick]
end

describe("the probability of overfitting", function()
    for _, case in ipairs { { 2, 33, 4 }, { 5, 50, 6 }, { 11, 83, 8 }, { 13, 40, 2 } } do
        local trials, n, blocks = case[1], case[2], case[3]
        it(("is that of the definition: %d trials, %d periods, %d blocks"):format(trials, n,
            blocks), function()
            local columns, list = many(trials, n), halves(blocks)
            local p, overfit, lost = stats.pbo(columns, blocks), 0, 0
            assert.equal(#list, #p.logits)
            for i, half in ipairs(list) do
                local logit, outside = plain_logit(columns, blocks, half)
                near(logit, p.logits[i])
                overfit = overfit + (logit <= 0 and 1 or 0)
                lost = lost + (outside < 0 and 1 or 0)
            end
            near(overfit / #list, p.pbo)
            near(lost / #list, p.loss)
        end)
    end
end)

-- ---- snooping ----------------------------------------------------------------------------------

local function resampled(x, row)
    local sum = 0
    for i = 1, #row do
        sum = sum + x[row[i]]
    end
    return sum / #row
end

local function plain_reality_check(columns, rows)
    local best, above = -math.huge, 0
    for _, x in ipairs(columns) do
        best = math.max(best, mean(x))
    end
    for _, row in ipairs(rows) do
        local most = -math.huge
        for _, x in ipairs(columns) do
            most = math.max(most, resampled(x, row) - mean(x))
        end
        above = above + (most > best and 1 or 0)
    end
    return above / #rows
end

local function long_run_deviation(x, q)
    local m, n, sum = mean(x), #x, 0
    for lag = 0, n - 1 do
        local g = 0
        for t = 1, n - lag do
            g = g + (x[t] - m) * (x[t + lag] - m) / n
        end
        local kappa = (1 - lag / n) * (1 - q) ^ lag + lag / n * (1 - q) ^ (n - lag)
        sum = sum + (lag == 0 and 1 or 2 * kappa) * g
    end
    return math.sqrt(math.max(0, sum))
end

-- Hansen 2005: { lower, consistent, upper }.
local function plain_spa(columns, rows, block)
    local n, most, above, marks = #columns[1], 0, { 0, 0, 0 }, {}
    for k, x in ipairs(columns) do
        local m, w = mean(x), long_run_deviation(x, 1 / block)
        local hopeless = -w / math.sqrt(n) * math.sqrt(2 * math.log(math.log(n)))
        marks[k] = { w = w, math.max(m, 0), m >= hopeless and m or 0, m }
        most = math.max(most, math.sqrt(n) * m / w)
    end
    for _, row in ipairs(rows) do
        local largest = { 0, 0, 0 }
        for k, x in ipairs(columns) do
            for i = 1, 3 do
                local z = math.sqrt(n) * (resampled(x, row) - marks[k][i]) / marks[k].w
                largest[i] = math.max(largest[i], z)
            end
        end
        for i = 1, 3 do
            above[i] = above[i] + (largest[i] > most and 1 or 0)
        end
    end
    for i = 1, 3 do -- P(T* >= 0) = 1
        above[i] = most > 0 and above[i] or #rows
    end
    return { lower = above[1] / #rows, consistent = above[2] / #rows, upper = above[3] / #rows }
end

describe("the tests of data snooping", function()
    for _, case in ipairs { { 1, 30, 5, 1 }, { 7, 61, 41, 4 }, { 8, 24, 30, 2.5 },
        { 19, 45, 102, 6 } } do
        local trials, n, count, block = unpack(case)
        it(("are those of the definitions: %d trials, %d periods, %d rows"):format(trials, n,
            count), function()
            local columns = many(trials, n)
            local rows = stats.bootstrap_rows(n, count, block, 3)
            near(plain_reality_check(columns, rows), stats.reality_check(columns, rows))
            assert.same(plain_spa(columns, rows, block), stats.spa(columns, rows, block))
        end)
    end
end)

describe("a series that does not vary", function()
    local flat = {}
    for i = 1, 60 do
        flat[i] = -0.1 / 252 -- the mean of which is another number
    end

    it("has a Sharpe ratio of 0, whatever its level", function()
        assert.equal(0, stats.moments(flat).sharpe)
    end)

    it("counts for nothing beside others", function()
        local columns, rows = many(6, 60), stats.bootstrap_rows(60, 200, 3, 1)
        local before, joined = stats.spa(columns, rows, 3), many(6, 60)
        joined[7] = flat
        assert.same(before, stats.spa(joined, rows, 3))
        local alone, beside = stats.luck(columns), stats.luck(joined)
        near(alone.sharpe, beside.sharpe)
        assert.is_true(beside.effective <= 7)
    end)
end)

describe("an argument that makes no sense", function()
    -- The message of f, raised at the caller's line, which is one of f's.
    local function raises(f, text)
        local ok, message = pcall(f)
        assert.is_false(ok)
        local info = debug.getinfo(f, "S")
        local at = tonumber(message:match "plain_spec%.lua:(%d+): ")
        assert.truthy(at and at >= info.linedefined and at <= info.lastlinedefined, message)
        assert.truthy(message:find(text, 1, true), message)
    end

    it("is refused at the caller's line", function()
        local x, columns = many(1, 60)[1], many(3, 60)
        local rows = stats.bootstrap_rows(60, 10, 3)
        raises(function() local _ = stats.psr() end, "psr: returns: a view or an array")
        raises(function() local _ = stats.psr({ 0.1, "x" }) end, "psr: returns: element 2 is no")
        raises(function() local _ = stats.psr { sharpe = 1 } end, "psr: n, the number of periods")
        raises(function() local _ = stats.psr { sharpe = 1, n = 9, skw = 0 } end, "'skew'?")
        raises(function() local _ = stats.psr(x, "0") end, "benchmark must be a number, got '0'")
        raises(function() local _ = stats.min_track_record(x, 0, 95) end, "at most 1, got 95")
        raises(function() local _ = stats.moments(7) end, "got a number")
        raises(function() local _ = stats.pbo {} end, "pbo: columns must be an array of return")
        raises(function() local _ = stats.pbo { x, 3 } end, "pbo: columns[2]: a view or an array")
        raises(function() local _ = stats.spa(columns) end, "spa: rows must be index rows")
        raises(function() local _ = stats.spa(columns, rows) end, "spa: mean_block must be")
        raises(function() local _ = stats.luck(columns, { bst = 1 }) end, "'best'?")
        raises(function() local _ = stats.bootstrap_rows(60) end, "count must be a number of at")
        raises(function() local _ = stats.prs end, "has no 'prs'; did you mean 'psr'?")
    end)

    -- A variance for the trials and the trials for a variance deflate nothing.
    it("is refused where two have changed places", function()
        raises(function() local _ = stats.dsr(many(1, 60)[1], 0.01, 100) end,
            "dsr: trials must be a number of at least 1, got 0.01")
    end)
end)
