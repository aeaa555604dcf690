-- Keys of a table in order, as they read as text: what is shown or hashed never depends on the
-- order of pairs().

local function as_text(a, b)
    return tostring(a) < tostring(b)
end

-- sorted_keys(t): an array.
return function(t)
    local keys = {}
    for key in next, t do
        keys[#keys + 1] = key
    end
    table.sort(keys, as_text)
    return keys
end
