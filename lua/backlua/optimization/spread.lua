-- How numbers lie: mean, standard deviation, extremes, median.

local function mean_of(list)
    local sum = 0
    for _, x in ipairs(list) do
        sum = sum + x
    end
    return sum / #list
end

-- Sample standard deviation, 0 for one value.
local function std_of(list, mean)
    local sum = 0
    for _, x in ipairs(list) do
        sum = sum + (x - mean) ^ 2
    end
    return #list > 1 and math.sqrt(sum / (#list - 1)) or 0
end

-- { n =, mean =, std = (sample, 0 for one value), min =, max =, median = } of an array without
-- NaN; { n = 0 } of an empty one.
return function(list)
    if #list == 0 then
        return { n = 0 }
    end
    local sorted = {}
    for i, x in ipairs(list) do
        sorted[i] = x
    end
    table.sort(sorted)
    local mean, middle = mean_of(list), (#sorted + 1) / 2
    return {
        mean = mean, std = std_of(list, mean), min = sorted[1], max = sorted[#sorted], n = #list,
        median = (sorted[math.floor(middle)] + sorted[math.ceil(middle)]) / 2,
    }
end
