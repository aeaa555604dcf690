-- Paired measurements: A and B in turn, a ratio per pair, the median of the ratios.
--
-- A slow or busy machine slows both sides of a pair alike, so the ratio stands where
-- the times do not. Odd pairs run B first. `spread` is half the distance between the
-- quartiles, relative to the median: half of the pairs lie within +- spread.

local measure = {}

local function sorted(list)
    local copy = {}
    for i, v in ipairs(list) do
        copy[i] = v
    end
    table.sort(copy)
    return copy
end

-- Quantile q of a list, linear between neighbours.
function measure.quantile(list, q)
    local s = sorted(list)
    local place = 1 + q * (#s - 1)
    local low = math.floor(place)
    local high = math.min(low + 1, #s)
    return s[low] + (place - low) * (s[high] - s[low])
end

function measure.median(list)
    return measure.quantile(list, 0.5)
end

function measure.spread(list)
    local half = (measure.quantile(list, 0.75) - measure.quantile(list, 0.25)) / 2
    return half / math.abs(measure.median(list))
end

-- Summary of pairs: lists of equal length, values and references.
function measure.pairs(values, references)
    local ratios = {}
    for i = 1, #values do
        ratios[i] = values[i] / references[i]
    end
    return {
        value = measure.median(values),
        reference = measure.median(references),
        ratio = measure.median(ratios),
        spread = measure.spread(ratios),
        ratios = ratios, values = values, references = references,
    }
end

-- Call both in turn, `rounds` times after one round that does not count. Each
-- returns what it took.
function measure.alternate(rounds, value, reference)
    local values, references = {}, {}
    value()
    reference()
    for i = 1, rounds do
        if i % 2 == 0 then
            values[i] = value()
            references[i] = reference()
        else
            references[i] = reference()
            values[i] = value()
        end
    end
    return measure.pairs(values, references)
end

-- CPU seconds that a call takes.
function measure.cpu(call)
    collectgarbage()
    local start = os.clock()
    call()
    return os.clock() - start
end

-- Upper end of a 95 % interval of the median of a list, from order statistics.
function measure.upper(list)
    local n = #list
    local rank = math.ceil(n / 2 + 0.98 * math.sqrt(n))
    return sorted(list)[math.min(rank + 1, n)]
end

return measure
