-- pairs and ipairs over our own kinds of things: views, frames and what else registers here.
--
-- LuaJIT asks no metamethod for these, so the functions that scripts get ask this module first.
-- All of our kinds are cdata or tables with a metatable; for plain tables the answer costs a type
-- check.

local iterate = {}

local getmetatable, type = getmetatable, type

local function nothing()
    return nil
end

-- Called one after the other without a loop, so that a compiled loop can hold the call.
local first, second, third = nothing, nothing, nothing

--- Register a kind: find(value) gives the function that starts a walk over it (as pairs does), or
-- nil for anything else; it must not raise.
function iterate.add(find)
    if third ~= nothing then
        error("iterate: there are three kinds already", 2)
    end
    first, second, third = find, first, second
end

-- The function that starts a walk over a value of a registered kind, or nil.
local function walk_of(value)
    local kind = type(value)
    if kind == "table" and getmetatable(value) == nil or kind ~= "table" and kind ~= "cdata" then
        return nil
    end
    return first(value) or second(value) or third(value)
end
iterate.of = walk_of

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
