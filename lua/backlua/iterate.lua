-- pairs and ipairs over our own kinds of things: views, frames and what else registers here.
--
-- LuaJIT asks no metamethod for these, so the functions that scripts get ask this module first.

local iterate = {}

local function nothing()
    return nil
end

local walk_of = nothing

--- Register a kind: find(value) gives the function that starts a walk over it (as pairs does), or
-- nil for anything else.
function iterate.add(find)
    local before = walk_of
    walk_of = function(value)
        return find(value) or before(value)
    end
end

-- The function that starts a walk over a value of a registered kind, or nil.
function iterate.of(value)
    return walk_of(value)
end

--- A function like base (pairs, ipairs) that also knows the registered kinds.
function iterate.wrap(base)
    return function(value)
        local walk = walk_of(value)
        if walk then
            return walk(value)
        end
        return base(value)
    end
end

return iterate
