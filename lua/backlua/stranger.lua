-- The key of a small table of options that is none of the known ones.
--
-- A loop ends the trace it is met on, and options may be given on every bar; so keys are asked for
-- one by one, as many as there mostly are.

local next = next

--- A key of `given` that `known` (a set) has not, nil when it has all of them.
return function(known, given)
    local key = next(given)
    if key == nil or not known[key] then
        return key
    end
    key = next(given, key)
    if key == nil or not known[key] then
        return key
    end
    key = next(given, key)
    if key == nil or not known[key] then
        return key
    end
    key = next(given, key)
    if key == nil or not known[key] then
        return key
    end
    key = next(given, key)
    if key == nil or not known[key] then
        return key
    end
    for other in next, given, key do
        if not known[other] then
            return other
        end
    end
end
