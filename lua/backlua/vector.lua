-- Views over memory of our own, and plain arrays of numbers for C.

local ffi = require "ffi"
local native = require "backlua.ffi"

local vector = {}

local DATA = native.hidden.data
local view_type = ffi.typeof "bt_view"

-- Room for n doubles.
function vector.allocate(n)
    return ffi.new("double[?]", math.max(n, 1))
end

-- A view over n values of what vector.allocate gave, which it keeps alive.
function vector.view(data, n)
    local view = require "backlua.view".over(data, n)
    return view
end

-- A view over a copy of n doubles.
function vector.copy(from, n)
    local data = vector.allocate(n)
    ffi.copy(data, from, n * 8)
    return vector.view(data, n)
end

-- double * and length of a view or an array of numbers; nil and a message for anything else.
function vector.doubles(x)
    if ffi.istype(view_type, x) then
        return x[DATA], x.n
    elseif type(x) ~= "table" then
        return nil, "a view or an array of numbers is expected, got a " .. type(x)
    end
    local n = #x
    local data = vector.allocate(n)
    for i = 1, n do
        if type(x[i]) ~= "number" then
            return nil, ("element %d is no number but a %s"):format(i, type(x[i]))
        end
        data[i - 1] = x[i]
    end
    return data, n
end

return vector
