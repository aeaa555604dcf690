-- The reference's lots: amounts of an asset in whole numbers of its smallest unit.

local amounts = {}

function amounts.truncate(x, lot)
    local q = math.abs(x) / lot
    local nearest = math.floor(q + 0.5)
    local whole = math.abs(q - nearest) <= 1e-9 * math.max(1, q) and nearest or math.floor(q)
    return (x < 0 and -1 or 1) * whole * lot
end

--- What is within a billionth of a lot of a whole number of lots is that number, or within what
-- rounding makes of a sum in which `of` is the largest.
function amounts.dust(x, of, lot)
    local whole = math.floor(x / lot + 0.5) * lot
    return math.abs(x - whole) <= math.max(1e-9 * lot, 1e-15 * math.abs(of)) and whole or x
end

-- The smallest unit of an asset.
function amounts.lot_of(s, symbol)
    return s.lot_sizes and s.lot_sizes[symbol] or s.lot
end

--- What an order is still to trade: whole lots, whatever splits made of what has traded.
function amounts.rest(s, order)
    return amounts.dust(order.amount - order.filled, order.amount, amounts.lot_of(s, order.symbol))
end

return amounts
