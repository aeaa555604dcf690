-- Random markets for property specs: small, nasty, repeatable.
--
--     local m = market.random(seed)       symbols, rows, bars[symbol][row], dates[row]
--     market.ingest(m, name)              the same bars as a bundle of the program under test
--
-- Prices are multiples of 1/64 so that products with small powers of two stay exact; some bars are
-- missing, some volumes are tiny, some prices jump.

local child = require "spec.support.child"

local market = {}

-- Park and Miller's generator: small, portable, good enough to shake things.
function market.dice(seed)
    local state = (seed * 7919 + 12345) % 2147483647
    state = state == 0 and 1 or state
    return function(lo, hi)
        state = state * 16807 % 2147483647
        local unit = state / 2147483647
        return hi and lo + math.floor(unit * (hi - lo + 1)) or unit
    end
end

local function bar(dice, last)
    local function step(price)
        return math.max(1, math.floor(price * (0.94 + 0.12 * dice()) * 64) / 64)
    end
    local open = dice(1, 12) == 1 and step(last * (0.7 + 0.6 * dice())) or step(last)
    local close = step(open)
    local high, low = math.max(open, close, step(open)), math.min(open, close, step(close))
    local volume = dice(1, 10) == 1 and dice(0, 40) or dice(500, 90000)
    return { open = open, high = high, low = low, close = close, volume = volume }
end

-- Date of a row.
function market.day(row)
    return os.date("!%Y-%m-%d", 1262563200 + (row - 1) * 86400)
end

-- The last row of a row's session: one that is not told is a row.
function market.session_end(m, row)
    while m.session and m.session[row] and m.session[row + 1] == m.session[row] do
        row = row + 1
    end
    return row
end

-- A market of `assets` symbols (default 3) and `rows` days (default 40).
function market.random(seed, assets, rows)
    local dice = market.dice(seed)
    local m = { symbols = {}, rows = rows or 40, bars = {}, dates = {} }
    for row = 1, m.rows do
        m.dates[row] = market.day(row)
    end
    for i = 1, assets or 3 do
        local symbol = string.char(64 + i):rep(2)
        local bars, last, first = {}, dice(4, 200), i == 1 and 1 or dice(1, 6)
        for row = first, m.rows do
            -- the first asset trades every day, so that every row of the calendar exists; each of
            -- the others has a bar before the first day that it may end on
            if i == 1 or row == first or dice(1, 9) > 1 then
                bars[row] = bar(dice, last)
                last = bars[row].close
            end
        end
        m.symbols[i], m.bars[symbol] = symbol, bars
    end
    return m
end

-- Write it as CSV files and ingest them into the bundles folder of `home`.
function market.ingest(m, name, home)
    local folder = child.scratch()
    for _, symbol in ipairs(m.symbols) do
        local lines = { "Date,Open,High,Low,Close,Volume" }
        for row = 1, m.rows do
            local b = m.bars[symbol][row]
            if b then
                lines[#lines + 1] = ("%s,%.17g,%.17g,%.17g,%.17g,%d"):format(m.dates[row], b.open,
                    b.high, b.low, b.close, b.volume)
            end
        end
        child.write(("%s/%s.csv"):format(folder, symbol), table.concat(lines, "\n") .. "\n")
    end
    local r = child.run { "ingest", folder, "-b", name, "--quiet",
        env = { BACKLUA_BUNDLES = home } }
    assert(r.code == 0, r.err)
end

return market
